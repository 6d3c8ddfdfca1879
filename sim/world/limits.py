"""What the engine can hold: a scenario that would need more is refused before it is run."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

import numpy as np

from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.messages import number
from sim.scenario.read import LoadedScenario
from sim.world import tables
from sim.world.compile_uncertain import extremes
from sim.world.layout import Layout
from sim.world.names import Names

MOST_PEOPLE = 2e9
"""In all. Sums over 2**32 campaigns are kept in 64 bits, and distributions in bins up to 2**32."""
MOST_PIECES = 1e7
"""Of heavy equipment in all; a piece may be captured more than once."""
MOST_CELLS = 3e7
"""Values of one campaign at one moment, of 8 bytes each. Each thread keeps them twice."""
MOST_COUNTS = 3e7
"""Ticks times places times sides: counts of campaigns in which a side holds a place, of 8 bytes in each thread."""
MOST_DISTRIBUTIONS = 40_000
"""Days times sides and regions, each of which has a distribution of some 10 kB for each of its quantities."""


def check_size(loaded: LoadedScenario, names: Names, layout: Layout, ticks: int) -> None:
    """Refuses a scenario whose tables would not fit into memory."""
    places, sides = len(names.places), len(names.sides)
    counts = (ticks + 1) * places * sides
    days = int(loaded.scenario.clock.days) + 1
    distributions = days * (10 * sides + len(names.regions))
    if layout.cells > MOST_CELLS:
        asked = f"{places:,} places, {sides} sides and {len(names.units):,} formations need {layout.cells:,} values"
        _refuse(loaded, "places", f"{asked}, more than the {MOST_CELLS:,.0f} that a campaign can have")
    if counts > MOST_COUNTS:
        asked = f"{ticks:,} ticks, {places:,} places and {sides} sides make {counts:,} counts of who holds what"
        _refuse(loaded, "clock", f"{asked}, more than the {MOST_COUNTS:,.0f} that can be kept")
    if distributions > MOST_DISTRIBUTIONS:
        asked = f"{days} days, {sides} sides and {len(names.regions):,} regions make {distributions:,} distributions"
        _refuse(loaded, "clock", f"{asked}, more than the {MOST_DISTRIBUTIONS:,} that can be kept")


def _refuse(loaded: LoadedScenario, section: str, message: str) -> None:
    raise ScenarioError([Problem(*loaded.where((section,)), section, message)])


def check_amounts(
    loaded: LoadedScenario, names: Names, layout: Layout, block: np.ndarray, uncertain: np.ndarray, effects: np.ndarray
) -> None:
    """Refuses a scenario that may come to have more people or equipment than can be counted, or in which a formation
    stands farther out on a road than the road may be long.
    """
    amounts = _Amounts(layout, block, uncertain, effects)
    problems = []
    for what, limit, kinds in (("people", MOST_PEOPLE, PEOPLE), ("pieces of heavy equipment", MOST_PIECES, PIECES)):
        arriving = loaded.scenario.reinforcements
        most = {path: amount for kind in kinds for path, amount in amounts.of(kind, names, arriving)}
        total = sum(most.values())
        if total > limit:
            path = max(most, key=lambda path: most[path])
            message = f"of {number(total)} {what} that there may be in all, these are the most; {number(limit)} can be"
            problems.append(Problem(*loaded.where(tuple(path.split("."))), path, f"{message} counted"))
    roads = layout.carve(block).units["road"]
    for name, unit in loaded.scenario.formations.items():
        row = int(roads[names.units[name]])
        shortest = amounts.least(layout.cell("roads", row, "km")[0]) if row >= 0 else np.inf
        if unit.km > shortest:
            message = f"the road to {unit.toward} may be as short as {number(shortest)} km, but km is {number(unit.km)}"
            path = f"formations.{name}.km"
            problems.append(Problem(*loaded.where(path), path, message))
    if problems:
        raise ScenarioError(problems)


class Amount(NamedTuple):
    """A column that counts: at the start, and the one that events change."""

    table: str
    at_start: str
    later: str
    field: str


PEOPLE = (
    Amount("units", "roll", "strength", "strength"),
    Amount("places", "population", "population", "population"),
    Amount("places", "prison", "prison", "prison"),
)
PIECES = (
    Amount("units", "equipment_listed", "equipment", "equipment"),
    Amount("places", "store_equipment", "store_equipment", "depot.equipment"),
)


class _Amounts:
    """Between which numbers values lie, whatever is drawn and whatever happens."""

    def __init__(self, layout: Layout, block: np.ndarray, uncertain: np.ndarray, effects: np.ndarray) -> None:
        self.layout, self.block = layout, block
        self.drawn: dict[int, tuple[float, float]] = {}
        for row in uncertain:
            cell = int(row["cell"])
            self.drawn[cell] = extremes(row, *self.between(cell))
        self.changes: dict[int, list[tuple[int, float]]] = {}
        for row in effects[np.isin(effects["act"], (tables.SET, tables.ADD, tables.SCALE))]:
            self.changes.setdefault(int(row["cell"]), []).append((int(row["act"]), float(row["value"])))

    def between(self, cell: int) -> tuple[float, float]:
        """Between which numbers a value lies when the campaign begins."""
        value = float(self.block[cell])
        return self.drawn.get(cell, (value, value))

    def least(self, cell: int) -> float:
        """The least that a value may be when the campaign begins."""
        return self.between(cell)[0]

    def of(self, amount: Amount, names: Names, arriving: Collection[str]) -> Iterator[tuple[str, float]]:
        """For each entity, how much there may be of it in all, counting what events take away and bring anew."""
        for name, row in (names.units if amount.table == "units" else names.places).items():
            most = self.between(self.layout.cell(amount.table, row, amount.at_start)[0])[1]
            changes = self.changes.get(self.layout.cell(amount.table, row, amount.later)[0], ())
            for act, value in sorted(changes):
                most = most * max(1.0, value) if act == tables.SCALE else most + max(0.0, value)
            section = "places" if amount.table == "places" else "formations"
            section = "reinforcements" if section == "formations" and name in arriving else section
            yield f"{section}.{name}.{amount.field}", most
