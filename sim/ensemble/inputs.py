"""What was drawn for the uncertain inputs of each campaign.

The draws are a function of the seed and the replicate, so they are worked out again, by the engine, when they are asked
for: a run pays nothing for them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from sim.engine.entry import OWN_SITUATIONS
from sim.engine.record import RecordSpec
from sim.ensemble.blocks import LARGEST_BLOCK, Worker
from sim.scenario.names import nearest
from sim.statistics.intervals import NORMAL_95
from sim.world.compile_uncertain import LOGNORMAL, UNIFORM
from sim.world.deploy import Deployment
from sim.world.layout import as_rows


def input_rows(deployment: Deployment) -> dict[str, int]:
    """The uncertain inputs by name, and the first row of each in the atlas. Rows of one stream have the same draw."""
    streams = deployment.atlas.uncertain_inputs["stream"]
    rows: dict[str, int] = {}
    seen: set[int] = set()
    for row, (name, stream) in enumerate(zip(deployment.inputs, streams.tolist(), strict=True)):
        if stream not in seen:
            seen.add(stream)
            # A value may have a range and a distribution besides.
            rows[name if name not in rows else f"{name} (uncertainty)"] = row
    return rows


def draw_inputs(
    deployment: Deployment, seed: int, first: int, last: int, draws: int = OWN_SITUATIONS
) -> NDArray[np.float64]:
    """[replicate, input]: what was drawn for replicates `first` to `last` (not included), before it was applied."""
    columns = list(input_rows(deployment).values())
    worker = Worker(deployment, RecordSpec(deployment, [], with_inputs=True), LARGEST_BLOCK, draws)
    worker.last_tick = 0  # the campaigns are only set up
    drawn = np.empty((last - first, len(columns)))
    for begin in range(first, last, LARGEST_BLOCK):
        block = worker.run(seed, begin, min(LARGEST_BLOCK, last - begin))
        drawn[begin - first :][: block.campaigns] = block.record.inputs[: block.campaigns, columns]
    return drawn


def inputs_table(deployment: Deployment, seed: int, replicates: int, draws: int | None = None) -> pd.DataFrame:
    """A row per replicate: replicate, and a column for each uncertain input, named as in `input_rows`."""
    drawn = draw_inputs(deployment, seed, 0, replicates, draws or OWN_SITUATIONS)
    columns = {"replicate": np.arange(replicates)} | dict(zip(input_rows(deployment), drawn.T, strict=True))
    return pd.DataFrame(columns)


class InputSpace:
    """Some of the uncertain inputs of a scenario, by name: where their distributions lie, and how they are fixed."""

    def __init__(self, deployment: Deployment, names: Sequence[str] | None = None) -> None:
        rows = deployment.atlas.uncertain_inputs
        known = input_rows(deployment)
        self.names = tuple(known if names is None else names)
        for name in self.names:
            if name not in known:
                near = nearest(name, known)
                hint = f"; did you mean {near}?" if near else ""
                raise ValueError(f"the scenario has no uncertain input '{name}'{hint}")
        self.first = np.array([known[name] for name in self.names], dtype=np.int64)
        stream, high = rows["stream"], rows["high"]
        parts = [np.flatnonzero(stream == stream[first]) for first in self.first]
        self._rows = np.concatenate([np.empty(0, dtype=np.int64), *parts])
        self._input = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
        # Values that follow from an uncertain one have its draw, times a constant.
        self._scale = high[self._rows] / high[self.first[self._input]]
        # Where the rows have their bounds, in cells; and a table in which these rows are uniform already.
        width = rows.dtype.itemsize // 8
        self._ends = [self._rows * width + rows.dtype.fields[column][1] // 8 for column in ("a", "b")]
        self._template: tuple[np.ndarray, NDArray[np.float64]] | None = None
        self._laws = {column: np.array(rows[column][self.first]) for column in ("law", "a", "b", "c")}

    def numbers(self, shares: ArrayLike) -> NDArray[np.float64]:
        """[..., input]: the number of each input at a share of its distribution in 0-1."""
        from scipy.special import ndtri

        u = np.asarray(shares, dtype=float)
        law, a, b, c = (self._laws[column] for column in ("law", "a", "b", "c"))
        with np.errstate(all="ignore"):
            width = np.where(c > a, c - a, 1.0)
            turn = (b - a) / width
            left, right = a + np.sqrt(u * width * (b - a)), c - np.sqrt((1.0 - u) * width * (c - b))
            triangle = np.where(c > a, np.where(u < turn, left, right), a)
            z = ndtri(u)
            laws = [a + (b - a) * u, triangle, a + b * z, a * np.exp(b * z)]
        found: NDArray[np.float64] = np.choose(np.broadcast_to(law, u.shape), laws)
        return found

    @property
    def ranges(self) -> NDArray[np.float64]:
        """[2, input]: between which numbers each input lies: the ends of its distribution, or of 95 % of it."""
        law, a, b, c = (self._laws[column] for column in ("law", "a", "b", "c"))
        with np.errstate(over="ignore"):
            low = [a, a, a - NORMAL_95 * b, a * np.exp(-NORMAL_95 * b)]
            high = [b, c, a + NORMAL_95 * b, a * np.exp(NORMAL_95 * b)]
        return np.array([np.choose(law, low), np.choose(law, high)])

    def spread(self, places: ArrayLike) -> NDArray[np.float64]:
        """[..., input]: the number at a place from 0 to 1 of each input's range; of a lognormal, by factors."""
        t = np.asarray(places, dtype=float)
        low, high = self.ranges
        with np.errstate(divide="ignore", invalid="ignore"):
            by_factors = low * (high / low) ** t
        return np.where(self._laws["law"] == LOGNORMAL, by_factors, low + (high - low) * t)

    def fixed(self, deployment: Deployment, numbers: ArrayLike) -> Deployment:
        """The deployment in which these inputs have these numbers in every campaign."""
        held = np.asarray(numbers, dtype=float)[self._input] * self._scale
        table = deployment.atlas.uncertain_inputs
        if self._template is None or self._template[0] is not table:
            uniform = np.array(table.view(np.float64)).reshape(-1).view(table.dtype)
            uniform["law"][self._rows] = UNIFORM
            self._template = table, uniform.view(np.float64)
        cells = self._template[1].copy()
        for end in self._ends:
            cells[end] = held
        fixed = as_rows(cells.view(table.dtype).reshape(table.shape))
        return dataclasses.replace(deployment, atlas=deployment.atlas._replace(uncertain_inputs=fixed))
