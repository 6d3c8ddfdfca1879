"""Many campaigns side by side: their states as arrays with a campaign axis in front, played a step at a time.

Campaign k with a seed and replicate is the campaign that a `Session` of these is, to the last bit.
"""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from sim.engine import entry
from sim.engine.play import STAGES
from sim.world.columns import CACHE_LINE
from sim.world.deploy import Deployment
from sim.world.layout import World


class Batch:
    """So many campaigns of one deployment. `world` has a row of each table for each campaign: `units["morale"][k]`."""

    def __init__(self, deployment: Deployment, count: int, jobs: int = 1) -> None:
        self.deployment, self.count = deployment, count
        self.width = deployment.layout.restored
        spare = np.zeros(count * self.width + CACHE_LINE)
        skip = -(spare.ctypes.data // 8) % CACHE_LINE
        self.blocks: NDArray[np.float64] = spare[skip : skip + count * self.width].reshape(count, self.width)
        self.world = _side_by_side(deployment, self.blocks)
        self.initial = deployment.block[: self.width].copy()
        shares = np.linspace(0, count, min(jobs, count) + 1).astype(int)
        self._parts = [slice(a, b) for a, b in itertools.pairwise(shares)]
        self._places = [deployment.new_world() for _ in self._parts]
        self._threads = ThreadPoolExecutor(len(self._parts)) if len(self._parts) > 1 else None
        cells, world = self._places[0]
        entry.make_ready(world, deployment.atlas, cells)

    def play(
        self,
        ticks: NDArray[np.int64],
        fresh: NDArray[np.int64],
        seed: int,
        replicates: NDArray[np.int64],
    ) -> None:
        """Each campaign is played on for so many ticks; one that is `fresh` begins anew first."""

        def part(i: int) -> None:
            cells, world = self._places[i]
            rows = self._parts[i]
            entry.play_many(
                self.blocks[rows], self.initial, cells, cells.view(np.int64), world, self.deployment.atlas, seed,
                replicates[rows], ticks[rows], fresh[rows], STAGES,
            )  # fmt: skip

        if self._threads is None:
            part(0)
        else:
            list(self._threads.map(part, range(len(self._parts))))

    def close(self) -> None:
        """End the threads."""
        if self._threads is not None:
            self._threads.shutdown()


def _side_by_side(deployment: Deployment, blocks: NDArray[np.float64]) -> World:
    """The tables of all campaigns, as views of their blocks; what lies behind the restored cells is left out."""
    layout, count = deployment.layout, len(blocks)
    views = []
    for name, (dtype, shape) in layout.fields.items():
        if layout.offset[name] >= layout.restored:
            views.append(np.zeros((count, 0), dtype))
            continue
        inner = np.ndarray(shape, dtype).strides
        views.append(np.ndarray((count, *shape), dtype, blocks, layout.offset[name] * 8, (blocks.strides[0], *inner)))
    return World(*views)
