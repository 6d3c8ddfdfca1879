"""Blocks of campaigns run on threads, each in a world of its own, and come back in order."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.entry import OWN_SITUATIONS, run_block
from sim.engine.play import STAGES
from sim.engine.record import Record, RecordSpec
from sim.world.deploy import Deployment

LARGEST_BLOCK = 256
BLOCKS = 50
"""A run is cut into about as many blocks: enough for a progress bar that moves."""


Part = tuple[NDArray[np.float64], int, int]
"""The block of a campaign that is under way, and the replicates that go on from it: first, last (not included)."""


class Block(NamedTuple):
    """Campaigns that have run: what was recorded of them. Valid until the next block is asked for."""

    campaigns: int
    record: Record
    seconds: float


class Worker:
    """A world in which one block runs at a time, with the arrays into which it is recorded."""

    def __init__(
        self,
        deployment: Deployment,
        spec: RecordSpec,
        size: int,
        draws: int = OWN_SITUATIONS,
        state: NDArray[np.float64] | None = None,
    ) -> None:
        """`size`: the most campaigns that are recorded together.

        `state`: the block of a campaign that is under way, from which all campaigns go on.
        """
        self.size, self.draws, self.begun = size, draws, int(state is not None)
        self.cells, self.world = deployment.new_world()
        self.whole_cells = self.cells.view(np.int64)
        self.last_tick = deployment.ticks
        self.record = spec.new_record(size)
        self.initial = np.empty(deployment.layout.restored)
        self.atlas = deployment.atlas
        self.place(deployment)
        if state is not None:
            self.go_on_from(state)

    def go_on_from(self, state: NDArray[np.float64]) -> None:
        """The campaigns that follow go on from this block of one that is under way."""
        self.initial[:] = state[: len(self.initial)]
        self.cells[:] = state
        self.begun = 1

    def place(self, deployment: Deployment) -> None:
        """The campaigns that follow start from this deployment, which has the layout of the last one."""
        self.initial[:] = deployment.block[: len(self.initial)]
        if deployment.atlas.km is not self.atlas.km:
            # What is worked out from the map once, and kept between campaigns, belongs to another map.
            self.cells[len(self.initial) :] = deployment.block[len(self.initial) :]
        self.atlas = deployment.atlas

    def run(self, seed: int, first: int, count: int, behind: Block | None = None) -> Block:
        """Run the campaigns from replicate `first` on.

        `behind`: the last block, behind which these campaigns are recorded; the block that comes back holds both.
        """
        if behind is None:
            self.record.control_counts[:] = 0
            self.record.fall_counts[:] = 0
        done, _, seconds = behind or (0, None, 0.0)
        rows, whole = slice(done, done + count), self.record
        record = whole._replace(samples=whole.samples[rows], watched=whole.watched[rows], inputs=whole.inputs[rows])
        views = self.initial, self.cells, self.whole_cells, self.world, self.atlas
        began = time.perf_counter()
        run_block(*views, seed, first, count, self.draws, self.begun, self.last_tick, record, STAGES)
        return Block(done + count, whole, seconds + time.perf_counter() - began)


def block_size(replicates: int, jobs: int) -> int:
    """Campaigns in a block: so many that handing it over costs little, so few that all threads have work."""
    return max(1, min(LARGEST_BLOCK, replicates // max(BLOCKS, 4 * jobs)))


def run_blocks(
    deployment: Deployment,
    spec: RecordSpec,
    seed: int,
    first: int,
    last: int,
    size: int,
    jobs: int,
    draws: int = OWN_SITUATIONS,
    state: NDArray[np.float64] | None = None,
    placed: Callable[[int], Deployment] | None = None,
    chosen: Sequence[int] | None = None,
) -> Generator[Block, None, None]:
    """Run replicates `first` to `last` (not included) on so many threads; the blocks come in order of replicate.

    They go on from `state`, the block of a campaign that is under way, if there is one. `placed`: the deployment of
    each replicate, if each has its own, all of one layout. `chosen`: run only these of them.
    """
    wanted = range(first, last) if chosen is None else chosen
    shares = (wanted[begin : begin + size] for begin in range(0, len(wanted), size))

    def go(worker: Worker, share: Sequence[int]) -> Block:
        if placed is None and chosen is None:
            return worker.run(seed, share[0], len(share))
        block = None
        for replicate in share:
            if placed is not None:
                worker.place(placed(replicate))
            block = worker.run(seed, replicate, 1, block)
        assert block is not None
        return block

    if jobs == 1:
        worker = Worker(deployment, spec, size, draws, state)
        for share in shares:
            yield go(worker, share)
        return
    workers = [Worker(deployment, spec, size, draws, state) for _ in range(min(2 * jobs, -(-len(wanted) // size)))]
    with ThreadPoolExecutor(jobs, thread_name_prefix="campaigns") as threads:
        under_way: deque[tuple[Worker, Future[Block]]] = deque()

        def send(worker: Worker) -> None:
            share = next(shares, None)
            if share is not None:
                under_way.append((worker, threads.submit(go, worker, share)))

        try:
            for worker in workers:
                send(worker)
            while under_way:
                worker, future = under_way.popleft()
                yield future.result()
                send(worker)
        finally:
            threads.shutdown(wait=True, cancel_futures=True)


def run_states(
    deployment: Deployment, spec: RecordSpec, seed: int, parts: Sequence[Part], jobs: int
) -> Generator[Block, None, None]:
    """Run campaigns that go on from several states; each block holds those of some neighbouring ones, in order."""
    wanted = min(len(parts), jobs if jobs == 1 else 2 * jobs)
    shares = [parts[i * len(parts) // wanted : (i + 1) * len(parts) // wanted] for i in range(wanted)]

    def go(share: Sequence[Part]) -> Block:
        worker, block = Worker(deployment, spec, sum(last - first for _, first, last in share)), None
        for state, first, last in share:
            worker.go_on_from(state)
            block = worker.run(seed, first, last - first, block)
        assert block is not None
        return block

    if jobs == 1:
        yield from map(go, shares)
        return
    with ThreadPoolExecutor(jobs, thread_name_prefix="campaigns") as threads:
        yield from threads.map(go, shares)
