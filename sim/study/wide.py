"""The space in which a calibration searches: each uncertain input anywhere in its range, all alike.

The range is that of the input's distribution, or that which `vary` gives a path. Many inputs are moved in groups: all
of a group stand at the same place of their ranges. That is wider than the scenario, which draws each by itself: what
all of a group have in common averages out there, but not here.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.ensemble.inputs import InputSpace, input_rows
from sim.scenario.operate import SET, Operation
from sim.scenario.read import LoadedScenario
from sim.scenario.select import select
from sim.study.design import wrong
from sim.study.space import (
    EACH,
    SAMPLE,
    TOO_MANY,
    SpaceDesign,
    SpacePoints,
    asked,
    columns_of,
    groups_of,
    place_points,
)  # fmt: skip
from sim.world.deploy import Deployment

Array = NDArray[np.float64]
TOGETHER = " (together)"
"""The end of the name of a group whose inputs are moved together."""


def sets(loaded: LoadedScenario, variant: str, path: str) -> str | None:
    """The path with which a variant changes a value that another path leads to; None if it does not."""
    tree = loaded.origin.tree.data
    ours = select(Operation.of(path).path, tree)
    for said in loaded.scenario.variants[variant].set:
        for theirs in select(Operation.of(said).path, tree):
            if any(theirs[: len(one)] == one or one[: len(theirs)] == theirs for one in ours):
                return said
    return None


class WideSpace:
    """The unit cube, a direction for each input or group, and the numbers of the inputs at its points."""

    def __init__(self, deployment: Deployment, vary: Mapping[str, Any] | None = None, each: bool | None = None) -> None:
        """`vary` and `each` as in `sim.calibrate`; ScenarioError says what cannot be."""
        self.deployment = deployment
        names = input_rows(deployment)
        grouped = groups_of(list(names), deployment.scenario)
        self._ranges, chosen = asked(vary, list(names), grouped)
        self._space = InputSpace(deployment, chosen)
        fixed = self._space.ranges[0] == self._space.ranges[1]
        if fixed.any():
            chosen = [name for name, one in zip(chosen, fixed, strict=True) if not one]
            self._space = InputSpace(deployment, chosen)
        self.inputs: tuple[str, ...] = (*self._ranges, *chosen)
        if not self.inputs:
            raise wrong(
                "vary", "the scenario calls nothing uncertain: say what is varied, like sides.NAME.will=0.2:0.8"
            )
        alone = len(chosen) <= TOO_MANY if each is None else each
        columns = columns_of(self.inputs, {} if alone else grouped)
        self.groups = {name.replace(EACH, TOGETHER): part for name, part in columns.items()}
        self._direction = np.empty(len(self.inputs), dtype=np.int64)
        for direction, part in enumerate(self.groups.values()):
            self._direction[list(part)] = direction

    def of_variant(self, name: str, deployment: Deployment) -> WideSpace:
        """The same directions in a variant: each input at the same place of the range that it has there.

        What the variant itself sets is not moved there. ScenarioError if it sets a path that is varied over a range.
        """
        known = input_rows(deployment)
        places = [i for i, one in enumerate(self.inputs) if i < len(self._ranges) or one in known]
        scenario = self.deployment.loaded
        for path in self._ranges:
            if Operation.of(path).what == SET and (said := sets(scenario, name, path)):
                message = f"a target compares with the variant {name}, which changes this ({said})"
                raise wrong(
                    f"vary {path}",
                    f"{message}: leave one of them out, or the variants (--no-variants, variants=False)",
                )
        other = copy.copy(self)
        other.deployment = deployment
        other.inputs = tuple(self.inputs[i] for i in places)
        other._space = InputSpace(deployment, other.inputs[len(self._ranges) :])
        other._direction = self._direction[places]
        return other

    @property
    def names(self) -> list[str]:
        """The inputs and groups, one for each direction."""
        return list(self.groups)

    def numbers(self, places: Array) -> Array:
        """[point, input]: what the inputs are at points [point, direction] of the unit cube."""
        at = places[:, self._direction]
        low, high = (np.array([bounds[end] for bounds in self._ranges.values()]) for end in (0, 1))
        paths = low + (high - low) * at[:, : len(self._ranges)]
        return np.concatenate([paths, self._space.spread(at[:, len(self._ranges) :])], axis=1)

    def shown(self, places: Array) -> Array:
        """[point, direction]: the number of each input; of a group, the place in its members' ranges."""
        numbers = self.numbers(places)
        found = places.copy()
        for direction, part in enumerate(self.groups.values()):
            if len(part) == 1:
                found[:, direction] = numbers[:, part[0]]
        return found

    def points(self, places: Array) -> tuple[SpaceDesign, SpacePoints]:
        """The points of a study at points of the unit cube."""
        numbers = self.numbers(places)
        alone = {name: (column,) for column, name in enumerate(self.inputs)}
        design = SpaceDesign(SAMPLE, self.inputs, alone, numbers, numbers[:0])
        return design, place_points(self.deployment, design, tuple(self._ranges))
