"""The recorder: what is written down of each campaign as it runs, and where.

At every tick: who holds each place. At each day, and at the ticks that outcomes ask for: the quantities (sums over
formations and places) and the watched cells (single values). Nothing here grows with the number of campaigns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.kernel.compile import rule
from sim.outcomes.catalogue import QUANTITY, TIME, Outcome, recorded, values_of
from sim.rules.initialise import draw_input
from sim.world.deploy import Deployment
from sim.world.layout import Atlas, World
from sim.world.names import Names
from sim.world.tables import ACTIVE, SHATTERED, WITHDRAWING

OF_A_SIDE = (
    "strength",
    "will",
    "equipment",
    "equipment_taken",
    "captured",
    "deserted",
    "deaths",
    "morale",
    "places",
    "regained",
)
STRENGTH, WILL, EQUIPMENT, TAKEN, CAPTURED, DESERTED, KILLED, MORALE, PLACES, REGAINED = range(len(OF_A_SIDE))
"""Quantities of each side, in the order in which they are sampled."""
OF_ALL = 4
"""Quantities of the campaign: deaths in all, of civilians, of combatants; people displaced. Then those by region."""


class Record(NamedTuple):
    """The arrays into which one block of campaigns is written."""

    control_counts: Any  # [tick, place, side] campaigns in which the side holds the place
    fall_counts: Any  # [place, tick] campaigns in which the place first left its first holder
    sample_at: Any  # [tick] which sample is taken, or -1
    samples: Any  # [replicate, sample, quantity]
    watched_cells: Any  # [watch] cell
    watched_at: Any  # [watch] the sample with which it is read
    watched: Any  # [replicate, watch]
    inputs: Any  # [replicate, row] the draw of each row of the uncertain inputs; no columns: not recorded


@rule
def sum_up(world: World, samples: Any, k: int, s: int) -> None:
    """The quantities of this moment, in the order of `quantity_names`."""
    total = len(OF_A_SIDE) * len(world.sides)
    combatants = 0.0
    for j in range(len(world.sides)):
        side = world.sides[j]
        strength = 0.0
        morale = 0.0
        equipment = 0.0
        taken = 0.0
        captured = 0.0
        deserted = 0.0
        killed = 0.0
        for i in range(side.first_unit, side.last_unit):
            unit = world.units[i]
            if unit.status == ACTIVE or unit.status == WITHDRAWING or unit.status == SHATTERED:
                strength += unit.strength + unit.scattered
                morale += (unit.strength + unit.scattered) * unit.morale
            equipment += unit.equipment
            taken += unit.equipment_taken
            captured += unit.captured
            deserted += unit.deserted
            killed += unit.killed
        first = len(OF_A_SIDE) * j
        samples[k, s, first + STRENGTH] = strength
        samples[k, s, first + WILL] = side.will
        samples[k, s, first + EQUIPMENT] = equipment
        samples[k, s, first + TAKEN] = taken
        samples[k, s, first + CAPTURED] = captured
        samples[k, s, first + DESERTED] = deserted
        samples[k, s, first + KILLED] = killed
        samples[k, s, first + MORALE] = morale / max(1.0, strength)
        samples[k, s, first + PLACES] = 0.0
        samples[k, s, first + REGAINED] = 0.0
        combatants += killed
    for q in range(total + OF_ALL, samples.shape[2]):
        samples[k, s, q] = 0.0
    civilians = 0.0
    displaced = 0.0
    for i in range(len(world.places)):
        place = world.places[i]
        civilians += place.civilian_dead
        displaced += place.displaced
        held = len(OF_A_SIDE) * place.control
        samples[k, s, held + PLACES] += 1.0
        if place.fell >= 0 and place.control == place.first_holder:
            samples[k, s, held + REGAINED] += 1.0
        if place.region >= 0:
            samples[k, s, total + OF_ALL + place.region] += place.displaced
    samples[k, s, total] = civilians + combatants
    samples[k, s, total + 1] = civilians
    samples[k, s, total + 2] = combatants
    samples[k, s, total + 3] = displaced


@rule
def note_tick(world: World, whole_cells: Any, record: Record, k: int) -> None:
    """What is written down of campaign k of the block after each tick, and before the first."""
    tick = world.campaign[0].tick
    for i in range(len(world.places)):
        record.control_counts[tick, i, world.places[i].control] += 1
    s = record.sample_at[tick]
    if s >= 0:
        sum_up(world, record.samples, k, s)
        for w in range(len(record.watched_cells)):
            if record.watched_at[w] == s:
                record.watched[k, w] = whole_cells[record.watched_cells[w]]


@rule
def note_inputs(world: World, atlas: Atlas, record: Record, k: int) -> None:
    """The number that is drawn for each row of the uncertain inputs, before it is applied."""
    for i in range(len(atlas.uncertain_inputs)):
        record.inputs[k, i] = draw_input(world.campaign[0], atlas.uncertain_inputs[i])


@rule
def note_falls(world: World, record: Record) -> None:
    """At the end of a campaign: when each place first left its first holder, seen after the tick in which it did."""
    for i in range(len(world.places)):
        fell = world.places[i].fell
        if fell >= 0:
            record.fall_counts[i, fell + 1] += 1


def quantity_names(names: Names) -> list[str]:
    """The quantities in the order in which they are sampled, named as outcomes are."""
    sides = [f"{side}.{what}" if what != "deaths" else f"deaths.{side}" for side in names.sides for what in OF_A_SIDE]
    of_all = ["deaths.total", "deaths.civilian", "deaths.combatant", "displaced.total"]
    return [*sides, *of_all, *(f"displaced.{region}" for region in names.regions)]


class RecordSpec:
    """What is recorded of the campaigns of a deployment, so that the outcomes can be worked out."""

    def __init__(
        self, deployment: Deployment, outcomes: Sequence[Outcome], with_inputs: bool = False, first_tick: int = 0
    ) -> None:
        """`first_tick`: where campaigns that are under way go on. Days before it are not recorded."""
        scenario, names, layout = deployment.scenario, deployment.names, deployment.layout
        self.outcomes = list(outcomes)
        self.recorded = recorded(outcomes)
        self.quantities = quantity_names(names)
        self.tick_days = scenario.clock.tick_hours / 24
        self.ticks = deployment.ticks
        self.shape = (self.ticks + 1, len(names.places), len(names.sides))
        day_ticks = {round(day / self.tick_days) for day in range(int(self.ticks * self.tick_days) + 1)} | {self.ticks}
        day_ticks = {tick for tick in day_ticks if tick >= first_tick}
        sampled = sorted(day_ticks | {outcome.tick for outcome in self.recorded})
        self.sample_at = np.full(self.ticks + 1, -1, dtype=np.int64)
        self.sample_at[sampled] = np.arange(len(sampled))
        self.day_samples = np.array([s for s, tick in enumerate(sampled) if tick in day_ticks])
        self.series_days = np.array(sorted(day_ticks)) * self.tick_days
        watching = [outcome for outcome in self.recorded if outcome.form.cell]
        self.watch = {outcome.name: w for w, outcome in enumerate(watching)}
        cells = []
        for outcome in watching:
            table, column = outcome.form.cell.split(".")
            cells.append(layout.cell(table, outcome.rows[0] if outcome.rows else 0, column))
        self.watched_cells = np.array([cell for cell, _ in cells], dtype=np.int64)
        self.watched_real = [is_real for _, is_real in cells]
        self.watched_at = np.array([self.sample_at[outcome.tick] for outcome in watching], dtype=np.int64)
        self.samples = len(sampled)
        self.inputs = len(deployment.inputs) if with_inputs else 0

    def new_record(self, count: int) -> Record:
        """Arrays for blocks of at most `count` campaigns."""
        ticks, places, sides = self.shape
        return Record(
            np.zeros((ticks, places, sides), dtype=np.int64),
            np.zeros((places, ticks), dtype=np.int64),
            self.sample_at,
            np.zeros((count, self.samples, len(self.quantities))),
            self.watched_cells,
            self.watched_at,
            np.zeros((count, len(self.watched_cells)), dtype=np.int64),
            np.zeros((count, self.inputs)),
        )

    def values(self, record: Record, count: int) -> NDArray[np.float64]:
        """[replicate, outcome]: what the outcomes came to in each campaign of a block; NaN: not within the horizon."""
        known = {outcome.name: self._recorded(outcome, record, count) for outcome in self.recorded}
        values = np.empty((count, len(self.outcomes)))
        for column, outcome in enumerate(self.outcomes):
            values[:, column] = values_of(outcome, known)
        return values

    def _recorded(self, outcome: Outcome, record: Record, count: int) -> NDArray[np.float64]:
        """What one outcome came to in each campaign, as it was written down."""
        if not outcome.form.cell:
            quantity = self.quantities.index(outcome.base)
            return record.samples[:count, self.sample_at[outcome.tick], quantity].astype(float)
        seen = record.watched[:count, self.watch[outcome.name]]
        if outcome.kind == QUANTITY:
            real = self.watched_real[self.watch[outcome.name]]
            return seen.view(np.float64) if real else np.where(seen >= 0, seen, np.nan)
        if outcome.kind == TIME:
            return np.where(seen >= 0, (seen + 1) * self.tick_days, np.nan)
        holder = outcome.rows[1:]
        return np.asarray(seen == holder[0] if holder else seen >= 0, dtype=float)
