"""Designs of sensitivity studies: points in the space of the uncertain inputs, each along its own distribution.

A design has rows. A row has the base point A; then, for each group of inputs, A with that group moved; and at last, for
Sobol indices, the point B from which the moved numbers come. A group is one input, or many that are moved together.
"""

from __future__ import annotations

import dataclasses
import re
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.engine.arguments import MOST_POINTS
from sim.ensemble.inputs import InputSpace, input_rows
from sim.scenario.names import nearest
from sim.scenario.operate import Operation
from sim.scenario.schema import Scenario
from sim.statistics.elementary_effects import STEP
from sim.study.design import said_by_vary, wrong
from sim.world.deploy import Deployment

Array = NDArray[np.float64]
SALTELLI, RADIAL, SAMPLE = "saltelli", "radial", "sample"
"""Kinds: for Sobol indices; for elementary effects; and no more than a sample of the space."""
EACH = " (each)"
"""The end of the name of a group whose inputs are drawn independently of each other."""
TOO_MANY = 100
"""Inputs that are each varied alone, unless something else is asked for; more are put in groups."""
SIDED = ("formations", "reinforcements", "air")
ENTITY = re.compile(rf"({'|'.join(SIDED)}|kinds|places|roads|terrains)\.([^.\[\]*]+)\.(.+)")
EDGE = 2.0**-31
"""No share of a distribution nearer to 0 or 1 is taken: a normal distribution has no number there."""


@dataclasses.dataclass(frozen=True)
class SpaceDesign:
    """`base` and `moved` [row, input] are numbers; `groups` are the columns of each group, by its name."""

    kind: str
    inputs: tuple[str, ...]
    groups: Mapping[str, tuple[int, ...]]
    base: Array
    moved: Array

    @property
    def block(self) -> int:
        """Points of a row."""
        return {SALTELLI: len(self.groups) + 2, RADIAL: len(self.groups) + 1, SAMPLE: 1}[self.kind]

    def __len__(self) -> int:
        return len(self.base) * self.block

    def numbers(self, index: int) -> Array:
        """The number of each input at one point."""
        row, group = divmod(index, self.block)
        if group == 0:
            return self.base[row]
        if group > len(self.groups):
            return self.moved[row]
        numbers = self.base[row].copy()
        columns = list(tuple(self.groups.values())[group - 1])
        numbers[columns] = self.moved[row, columns]
        return numbers

    def columns(self) -> dict[str, NDArray[Any]]:
        """For each point: the row that it belongs to, and which group was moved there (`B`: all of them)."""
        labels = np.array(["", *self.groups, "B"], dtype=object)[: self.block]
        return {"row": np.repeat(np.arange(len(self.base)), self.block), "moved": np.tile(labels, len(self.base))}

    def independent(self) -> NDArray[np.int64]:
        """The points that are an independent sample of the space."""
        first = np.arange(len(self.base)) * self.block
        return np.sort(np.concatenate([first, first + self.block - 1])) if self.kind == SALTELLI else first

    def table(self) -> pd.DataFrame:
        """The base points, then the moved ones, as a table: a column for each input."""
        names = np.repeat(["A", "B"], [len(self.base), len(self.moved)])
        return pd.DataFrame(np.concatenate([self.base, self.moved]), columns=list(self.inputs)).assign(at=names)

    @classmethod
    def read(cls, manifest: Mapping[str, Any], table: pd.DataFrame) -> SpaceDesign:
        """The design of a study, from its manifest and its table of base points."""
        inputs = tuple(manifest["paths"])
        base, moved = (table.loc[table["at"] == at, list(inputs)].to_numpy(float) for at in ("A", "B"))
        groups = {name: tuple(columns) for name, columns in manifest["groups"].items()}
        return cls(manifest["design"], inputs, groups, base, moved)


class SpacePoints:
    """The points of such a design: paths of the scenario that are set, and uncertain inputs that are fixed."""

    def __init__(self, deployment: Deployment, design: SpaceDesign, ranges: Sequence[str]) -> None:
        """`ranges`: the first inputs of the design, which are paths of the scenario."""
        self.design, self.ranges = design, len(ranges)
        self.setter = deployment.setter(ranges)
        self.base = self.setter.deployment(design.base[0, : len(ranges)].tolist()) if ranges else deployment
        self.space = InputSpace(self.base, design.inputs[len(ranges) :])

    def __len__(self) -> int:
        return len(self.design)

    def deployment(self, index: int) -> Deployment:
        numbers = self.design.numbers(index)
        start = self.setter.deployment(numbers[: self.ranges].tolist()) if self.ranges else self.base
        return self.space.fixed(start, numbers[self.ranges :])


def make_space(
    deployment: Deployment, kind: str, points: int, seed: int, vary: Mapping[str, Any] | None, each: bool | None
) -> tuple[SpaceDesign, SpacePoints]:
    """The design over all uncertain inputs of a scenario, or over what `vary` names, and its points.

    vary: a range (low, high) for a path; None for an uncertain input, or a group of them, in its own distribution.
    `each`: whether inputs are varied one by one (True) or by groups (False); None: by groups if there are many.
    ScenarioError says what cannot be.
    """
    names = input_rows(deployment)
    grouped = groups_of(list(names), deployment.scenario)
    ranges, chosen = asked(vary, list(names), grouped)
    if not ranges and not chosen:
        raise wrong("vary", "the scenario calls nothing uncertain: say what is varied, like sides.NAME.will=0.2:0.8")
    inputs = (*ranges, *chosen)
    alone = len(chosen) <= TOO_MANY if each is None else each
    groups = columns_of(inputs, {} if alone else grouped)
    block = SpaceDesign(kind, inputs, groups, np.empty((0, 0)), np.empty((0, 0))).block
    if not 1 <= points * block <= MOST_POINTS:
        raise wrong(
            "points", f"{points:,} rows of {block:,} points are {points * block:,}; at most {MOST_POINTS:,} can be"
        )
    shares = _shares(kind, len(inputs), points, seed)
    space = InputSpace(deployment, chosen)
    low, high = (np.array([bounds[end] for bounds in ranges.values()]) for end in (0, 1))

    def numbers(part: Array) -> Array:
        return np.concatenate([low + (high - low) * part[:, : len(ranges)], space.numbers(part[:, len(ranges) :])], 1)

    design = SpaceDesign(kind, inputs, groups, *map(numbers, shares))
    return design, place_points(deployment, design, tuple(ranges))


def place_points(deployment: Deployment, design: SpaceDesign, ranges: Sequence[str]) -> SpacePoints:
    """The points of a design whose first inputs are paths of the scenario; ScenarioError if they cannot be."""
    with said_by_vary():
        placed = SpacePoints(deployment, design, ranges)
        _check_extremes(placed, design, ranges)
    return placed


def groups_of(names: Sequence[str], scenario: Scenario) -> dict[str, list[str]]:
    """Inputs that different places, formations and so on have alike: by section, side and attribute."""
    found: dict[str, list[str]] = {}
    for name in names:
        match = ENTITY.match(name)
        if match is None:
            continue
        section, entity, attribute = match.groups()
        side = getattr(getattr(scenario, section).get(entity), "side", None) if section in SIDED else None
        which = f"{section}[side={side}]" if side else f"{section}.*"
        found.setdefault(f"{which}.{attribute}{EACH}", []).append(name)
    return {label: members for label, members in found.items() if len(members) > 1}


def columns_of(inputs: Sequence[str], grouped: Mapping[str, Sequence[str]]) -> dict[str, tuple[int, ...]]:
    """The columns of each group, in the order of the inputs; an input of no group is one by itself."""
    group_of = {name: label for label, members in grouped.items() for name in members if name in inputs}
    columns: dict[str, tuple[int, ...]] = {}
    for column, name in enumerate(inputs):
        label = group_of.get(name, name)
        columns[label] = (*columns.get(label, ()), column)
    return columns


def asked(
    vary: Mapping[str, Any] | None, names: Sequence[str], grouped: Mapping[str, Sequence[str]]
) -> tuple[dict[str, tuple[float, float]], list[str]]:
    """What is varied: paths with their ranges, and uncertain inputs."""
    if vary is None:
        return {}, list(names)
    ranges: dict[str, tuple[float, float]] = {}
    chosen: dict[str, None] = {}
    for said, bounds in vary.items():
        if bounds is None:
            known = [*names, *grouped]
            if said not in known:
                raise wrong(f"vary {said}", "is no uncertain input, and has no range low:high", nearest(said, known))
            chosen |= dict.fromkeys(grouped.get(said, [said]))
            continue
        try:
            low, high = (float(end) for end in bounds)
        except (TypeError, ValueError):
            raise wrong(f"vary {said}", "needs a range low:high; a list of levels is for sim sweep") from None
        if not low < high or not np.isfinite([low, high]).all():
            raise wrong(f"vary {said}", f"is an empty range: {low:g} is not below {high:g}")
        path = str(Operation.of(said))
        if path in ranges:
            raise wrong(f"vary {said}", f"{path} is varied twice")
        ranges[path] = (low, high)
    return ranges, list(chosen)


def _shares(kind: str, inputs: int, rows: int, seed: int) -> tuple[Array, Array]:
    """Base points and moved ones, as shares of the distributions, from a scrambled Sobol sequence."""
    from scipy.stats import qmc

    both = kind == SALTELLI
    with warnings.catch_warnings():
        # A number of rows that is no power of 2 is not as even as it could be, and may be wanted all the same.
        warnings.simplefilter("ignore", UserWarning)
        drawn = qmc.Sobol(inputs * (1 + both), rng=np.random.default_rng(seed)).random(rows)
    base = drawn[:, :inputs]
    moved = drawn[:, inputs:] if both else (base + STEP) % 1.0 if kind == RADIAL else base[:0]
    return np.clip(base, EDGE, 1.0 - EDGE), np.clip(moved, EDGE, 1.0 - EDGE)


def _check_extremes(points: SpacePoints, design: SpaceDesign, ranges: Sequence[str]) -> None:
    """Each path at its least and its greatest number must be possible; a study does not stop in the middle."""
    rows = np.concatenate([design.base, design.moved])[:, : len(ranges)]
    for column, path in enumerate(ranges):
        for row in (rows[:, column].argmin(), rows[:, column].argmax()):
            if points.setter.deployment(rows[row].tolist()).ticks != points.base.ticks:
                raise wrong(f"vary {path}", "campaigns of different length cannot be put side by side in one study")
