"""Single numbers of a deployed scenario are set without reading the scenario again.

No list says which cells a path reaches: the scenario is deployed a few times with other numbers at the paths, and the
cells that took these numbers are found. A path whose number does more than fill cells (it changes the network or the
length of the campaign, or is one of several numbers that a cell is worked out from) needs a new deployment per value.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.scenario.errors import ScenarioError
from sim.scenario.leaves import Leaf, leaf_at
from sim.scenario.operate import SCALE, SET, Operation
from sim.scenario.paths import PathError
from sim.scenario.select import select
from sim.world.layout import Atlas

if TYPE_CHECKING:
    from sim.world.deploy import Deployment

Array = NDArray[np.float64]
TABLES = ("conditions", "effects", "uncertain_inputs")
"""Parts of the atlas whose cells may hold a number of the scenario."""
NETWORK = tuple(name for name in Atlas._fields if name not in TABLES)
"""The other parts, which are worked out from the whole network."""
PROBES = (0.0, 0.31, 0.83, "low", "high")
"""Numbers that are tried at each path: inside its bounds, and at them."""
GOLDEN = 0.6180339887498949


class Cells(NamedTuple):
    """The cells that a path reaches, by their numbers in the image, and what stands there when nothing is changed."""

    numbers: NDArray[np.int64]
    neutral: Array


class Input(NamedTuple):
    """A path with its operation, and what the values that it selects have in common."""

    operation: Operation
    leaf: Leaf

    def probe(self, where: float | str, turn: float) -> float:
        """A number to try; `turn` in 0-1 tells apart paths that are tried at the same time."""
        low, high, value = self.leaf.low, self.leaf.high, self.leaf.value or 0.0
        what = self.operation.what
        if what != SET:
            neutral, wide = (1.0, 4.0) if what == SCALE else (0.0, max(1.0, abs(value)))
            if where in ("low", "high"):
                return neutral - wide if where == "low" and what != SCALE else 0.0 if where == "low" else neutral + wide
            return neutral + (float(where) and (float(where) - 0.5 + 0.2 * turn) * 0.6)
        # Not farther from the value than its own size: bounds may be a thousand times as wide as what makes sense.
        near = 2.0 * max(1.0, abs(value))
        low, high = max(low, value - near), min(high, value + near)
        if where in ("low", "high"):
            return low if where == "low" else high
        return low + (high - low) * (0.05 + 0.9 * ((float(where) + turn) % 1.0))


class Filled(NamedTuple):
    """The cells that some inputs fill: their numbers in the image, the input of each, and how it enters there."""

    numbers: NDArray[np.int64]
    neutral: Array
    inputs: NDArray[np.int64]
    is_set: NDArray[np.bool_]
    is_scaled: NDArray[np.bool_]
    low: Array
    high: Array

    @classmethod
    def of(cls, inputs: Sequence[Input], cells: Sequence[Cells]) -> Filled:
        """The cells of all inputs, one after the other."""
        counts = [len(one.numbers) for one in cells]

        def of_each(values: Sequence[float]) -> NDArray:
            return np.repeat(np.asarray(values), counts)

        return cls(
            np.concatenate([np.empty(0, dtype=np.int64), *(one.numbers for one in cells)]),
            np.concatenate([np.empty(0), *(one.neutral for one in cells)]),
            np.repeat(np.arange(len(counts)), counts),
            of_each([one.operation.what == SET for one in inputs]).astype(bool),
            of_each([one.operation.what == SCALE for one in inputs]).astype(bool),
            of_each([one.leaf.low for one in inputs]),
            of_each([one.leaf.high for one in inputs]),
        )

    def held(self, numbers: ArrayLike) -> Array:
        """What the cells hold when the inputs have these numbers."""
        number = np.asarray(numbers, dtype=float)[self.inputs]
        moved = np.where(self.is_scaled, self.neutral * number, self.neutral + number)
        return np.where(self.is_set, number, np.minimum(self.high, np.maximum(self.low, moved)))


class Setter:
    """Sets the same paths again and again.

    `redeployed`: the paths that need a new deployment for each value. If there are none, `base` is a deployment in
    which the paths have been set once, and `filled` are the cells that they fill.
    """

    def __init__(self, deployment: Deployment, paths: Sequence[str], deploy: Callable[..., Deployment]) -> None:
        self.paths = tuple(str(Operation.of(path)) for path in paths)
        self.inputs = [_input(deployment, path) for path in self.paths]
        self._deploy = deploy
        self.base, self.filled = deployment, Filled.of([], [])
        self.redeployed: tuple[str, ...] = ()
        everything = range(len(self.paths))
        found = self._probe(everything)
        if found is not None:
            self.base, self.filled = found
        else:
            # Where halves do what the whole cannot, it is the paths together that do more than fill cells.
            self.redeployed = tuple(self.paths[i] for i in self._culprits(everything)) or self.paths

    def deployment(self, numbers: Sequence[float]) -> Deployment:
        """The deployment with a number at each path."""
        values = {path: float(number) for path, number in zip(self.paths, numbers, strict=True)}
        if not self.can_set(numbers):
            return self._deploy(values)
        return self.base.with_image(self.filled.numbers, self.filled.held(numbers), values=values)

    def can_set(self, numbers: Sequence[float]) -> bool:
        """Whether these numbers can be set in place."""
        return not self.redeployed and all(map(_fits, self.inputs, map(float, numbers)))

    def _culprits(self, chosen: Sequence[int]) -> list[int]:
        """Which of some paths, that cannot be set in place together, cannot be set in place at all."""
        if len(chosen) == 1:
            return list(chosen)
        halves = chosen[: len(chosen) // 2], chosen[len(chosen) // 2 :]
        return [i for half in halves if self._probe(half) is None for i in self._culprits(half)]

    def _probe(self, chosen: Sequence[int]) -> tuple[Deployment, Filled] | None:
        """The cells that some of the paths fill; None if their numbers do more than that."""
        inputs = [self.inputs[i] for i in chosen]
        deployed: list[tuple[list[float], Deployment]] = []
        for where in PROBES:
            numbers = [one.probe(where, GOLDEN * (k + 1) % 1.0) for k, one in enumerate(inputs)]
            if where in ("low", "high") and not all(map(_fits, inputs, numbers)):
                continue
            try:
                values = {self.paths[i]: number for i, number in zip(chosen, numbers, strict=True)}
                deployed.append((numbers, self._deploy(values)))
            except ScenarioError:
                if where not in ("low", "high"):
                    return None
        base = deployed[0][1]
        if not all(_is_like(base, other) for _, other in deployed[1:]):
            return None
        images = np.array([image_of(one) for _, one in deployed])
        bits = images.view(np.int64)
        left = (bits != bits[0]).any(axis=0)
        cells = []
        for k, one in enumerate(inputs):
            unexplained = np.flatnonzero(left)
            candidates = Cells(unexplained, images[0, unexplained])
            filled = Filled.of([one], [candidates])
            with np.errstate(all="ignore"):
                held = np.array([filled.held([probe[k]]) for probe, _ in deployed]).reshape(len(deployed), -1)
            follows = (held.view(np.int64) == bits[:, unexplained]).all(axis=0)
            cells.append(Cells(unexplained[follows], candidates.neutral[follows]))
            left[unexplained[follows]] = False
        return None if left.any() else (base, Filled.of(inputs, cells))


def _input(deployment: Deployment, path: str) -> Input:
    """A path of the scenario. Its bounds are not numbers if what it selects cannot be set in place."""
    operation = Operation.of(path)
    data = deployment.loaded.document
    try:
        leaves = [leaf_at(found, data, deployment.rulebook) for found in select(operation.path, data)]
    except PathError:
        leaves = []  # a new deployment says what is wrong with it
    bounds = {(leaf.low, leaf.high, leaf.is_open) for leaf in leaves if leaf is not None}
    if len(bounds) != 1 or None in leaves or leaves[0] is None:
        return Input(operation, Leaf(None, math.nan, math.nan))
    return Input(operation, leaves[0])


def _fits(one: Input, number: float) -> bool:
    """Whether a number can be set in place; what cannot is left to a new deployment, which says what is wrong."""
    low, high = one.leaf.low, one.leaf.high
    if one.operation.what != SET:
        return math.isfinite(number) and not one.leaf.is_open and not math.isnan(low)
    return low < number < high or (number in (low, high) and math.isfinite(number) and not one.leaf.is_open)


def _is_like(one: Deployment, other: Deployment) -> bool:
    """Whether two deployments differ in numbers only."""
    tables = [(getattr(one.atlas, name), getattr(other.atlas, name)) for name in (*NETWORK, *TABLES)]
    return (
        one.ticks == other.ticks
        and one.block.shape == other.block.shape
        and all(a.shape == b.shape for a, b in tables)
        and all(np.array_equal(a, b) for a, b in tables[: len(NETWORK)])
    )


def image_of(deployment: Deployment) -> Array:
    """All cells that may hold a number of the scenario: those of the block, then those of the tables of the atlas."""
    tables = [np.ascontiguousarray(getattr(deployment.atlas, name)).view(np.float64).ravel() for name in TABLES]
    return np.concatenate([deployment.block, *tables])
