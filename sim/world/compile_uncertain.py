"""Uncertainty, from the words of a scenario to rows of cells and distributions."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from sim.scenario.errors import ScenarioError
from sim.scenario.messages import number
from sim.scenario.names import former_path, nearest
from sim.scenario.parameters import Rulebook
from sim.scenario.paths import resolve, value_at
from sim.scenario.read import LoadedScenario
from sim.scenario.schema import Distribution
from sim.world import tables
from sim.world.address import START, Target
from sim.world.compile_events import EventCompiler, table_of
from sim.world.layout import Layout
from sim.world.names import Names, stream_id

UNIFORM, TRIANGULAR, NORMAL, LOGNORMAL = range(4)
LAWS = ("uniform", "triangular", "normal", "lognormal")
VALUE, FACTOR, OFFSET = range(3)
APPLIES = ("value", "factor", "offset")


SIGNS = {"value": "", "factor": " *", "offset": " +"}
"""What the name of an input adds to its path: nothing if its draw is the value itself."""


def compile_uncertain_inputs(
    loaded: LoadedScenario, names: Names, layout: Layout, rulebook: Rulebook
) -> tuple[np.ndarray, tuple[str, ...]]:
    """What is uncertain, as rows: the ranges beside single values first, then what is common to many; and their names.

    An input is named by its path, with ` *` if its draw is a factor and ` +` if it is an offset. Rows with the name
    and the stream of another one have its draw.
    """
    compiler = EventCompiler(loaded, names, layout, rulebook)
    rows = [*_ranges(compiler), *_distributions(compiler)]
    if compiler.problems:
        raise ScenarioError(compiler.problems)
    for before, row in pairwise(rows):
        row["shared"] = all(row[column] == before[column] for column in ("stream", "law", "a", "b", "c"))
    labels = tuple(row.pop("name") for row in rows)
    return table_of(tables.UNCERTAIN_INPUTS, rows), labels


def _ranges(compiler: EventCompiler) -> Iterator[dict[str, Any]]:
    """Each range, as a triangular distribution with the value as its mode."""
    loaded = compiler.loaded
    for path, (low, high) in loaded.ranges.items():
        where = resolve(path, loaded.document)
        for target in compiler.targets(where, path, START):
            if not target.is_real:
                compiler.problem(where, "is a code or a count of the map: it cannot be uncertain")
                continue
            if not target.low <= low <= high <= target.high:
                bounds = f"from {number(target.low)} to {number(target.high)}"
                compiler.problem(where, f"has a range from {number(low)} to {number(high)}, but must be {bounds}")
            numbers = (low, float(value_at(where, loaded.document)), high)
            yield from _rows(compiler, target, path, f"range {former_path(path)}", TRIANGULAR, VALUE, numbers)


def _distributions(compiler: EventCompiler) -> Iterator[dict[str, Any]]:
    """The entries of `uncertainty`, one row for each value that they cover."""
    for path, said in compiler.loaded.scenario.uncertainty.items():
        law = next(i for i, name in enumerate(LAWS) if getattr(said, name) is not None)
        targets = compiler.targets(("uncertainty", path), path, START)
        for i, spared in enumerate(said.except_):
            if targets and spared not in {target.path for target in targets}:
                near = nearest(spared, (target.path for target in targets))
                compiler.problem(("uncertainty", path, "except", i), f"'{spared}' is not one of its values", near)
        for target in targets:
            if target.path in said.except_:
                continue
            if not target.is_real:
                compiler.problem(("uncertainty", path), "is a code or a count: it cannot be uncertain")
                continue
            key = " ".join(map(former_path, [path] if said.common else [path, target.path]))
            name = (path if said.common else target.path) + SIGNS[said.applies]
            yield from _rows(compiler, target, name, key, law, APPLIES.index(said.applies), _numbers(said, law))


def _numbers(said: Distribution, law: int) -> tuple[float, ...]:
    numbers = getattr(said, LAWS[law])
    return tuple(float(n) for n in numbers)


def _rows(
    compiler: EventCompiler, target: Target, name: str, key: str, law: int, applies: int, numbers: tuple[float, ...]
) -> Iterator[dict[str, Any]]:
    """The row of one uncertain value, and those of the values that are worked out from it, with the same draw."""
    for one, scale in ((target, 1.0), *_followers(compiler, target)):
        a, b, c = (*numbers, 0.0)[:3]
        if applies != FACTOR:
            a, c = a * scale, c * scale
            b = b if law == LOGNORMAL else b * scale
        yield {
            "name": name,
            "stream": stream_id(f"uncertainty {key}"),
            "cell": one.cell,
            "law": law,
            "applies": applies,
            "a": a,
            "b": b,
            "c": c,
            "low": one.low * scale,
            "high": one.high * scale,
        }


def _followers(compiler: EventCompiler, target: Target) -> Iterator[tuple[Target, float]]:
    """Values that are proportional to an uncertain one, with their factors: a longer road takes longer."""
    if not target.path.startswith("roads.") or not target.path.endswith(".km"):
        return
    row = compiler.addresses.row("roads", target.path.split(".")[1])
    scenario = compiler.loaded.scenario
    road_class = scenario.road_classes[scenario.roads[row].road_class]
    for column, factor in (("march_km", road_class.speed), ("supply_km", road_class.throughput)):
        cell, _ = compiler.layout.cell("roads", row, column)
        yield replace(target, cell=cell), 1.0 / factor


def extremes(row: np.void, least: float, most: float) -> tuple[float, float]:
    """Between which numbers a value lies after an uncertain input has been drawn, if it lay between these before."""
    a, b, c = float(row["a"]), float(row["b"]), float(row["c"])
    low, high = a, b
    if row["law"] == TRIANGULAR:
        high = c
    elif row["law"] == NORMAL:
        low, high = a - FARTHEST * b, a + FARTHEST * b
    elif row["law"] == LOGNORMAL:
        low, high = a * math.exp(-FARTHEST * b), a * math.exp(FARTHEST * b)
    if row["applies"] == FACTOR:
        corners = [x * y for x in (low, high) for y in (least, most)]
        low, high = min(corners), max(corners)
    elif row["applies"] == OFFSET:
        low, high = low + least, high + most
    return max(float(row["low"]), low), min(float(row["high"]), high)


FARTHEST = 8.3
"""Standard deviations beyond which no draw lies: a uniform number has 53 bits."""
