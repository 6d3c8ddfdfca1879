"""Shards are handed in to a pool, and come back. One loop serves every kind of pool.

Nothing here schedules or queues: a shard that failed is handed in again, and a pool whose workers died is opened again.
"""

from __future__ import annotations

import functools
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait

from sim.ensemble.pools import Pool, Threads, WorkersLost
from sim.ensemble.shards import Bench, Done, Job, Parcel, Shard, run_parcel
from sim.scenario.errors import ScenarioError

RETRIES = 2
"""How often a shard that failed is handed in again."""
LOST = "the workers died; what is finished is kept, the same command goes on"


def run_shards(
    job: Job,
    shards: Iterable[Shard],
    jobs: int,
    pool: Pool | None = None,
    in_order: bool = True,
    keep: Callable[[Done], object] = lambda done: None,
) -> Generator[Done, None, None]:
    """Compute shards on so many threads, or in a pool. They come back in their order, or each when it is there.

    `keep` takes each shard before anybody else sees it. A thread hands over what it has computed before it begins the
    next shard, so `keep` must bear to be called by several at once.
    """
    if pool is not None:
        for done in _computed(functools.partial(run_parcel, Parcel.of(job)), shards, pool, in_order):
            keep(done)
            yield done
        return
    bench = Bench(job)

    def compute(shard: Shard) -> Done:
        done = bench.run(shard)
        keep(done)
        return done

    # One more than there are threads, so that none waits; in order more, as one that takes long holds up others.
    yield from _computed(compute, shards, Threads(jobs, 2 * jobs if in_order else jobs + 1), in_order)


def _computed(
    function: Callable[[Shard], Done], shards: Iterable[Shard], pool: Pool, in_order: bool
) -> Generator[Done, None, None]:
    """The results of a function, computed in a pool."""
    left = iter(shards)
    executor = pool.open()
    waiting: deque[tuple[Shard, Future[Done], int]] = deque()
    try:
        while True:
            while len(waiting) < pool.ahead() and (shard := next(left, None)) is not None:
                waiting.append((shard, executor.submit(function, shard), 0))
            if not waiting:
                return
            if not in_order:  # the first that is there, or has failed, stands in front
                there, _ = wait([future for _, future, _ in waiting], return_when=FIRST_COMPLETED)
                waiting.rotate(-next(i for i, (_, future, _) in enumerate(waiting) if future in there))
            shard, future, failed = waiting[0]
            try:
                done = future.result()
            except ScenarioError:
                raise
            except BrokenExecutor:
                if not pool.opens_again or failed >= RETRIES:
                    raise WorkersLost(LOST) from None
                pool.close(executor, wait=False)
                executor = pool.open()
                first = shard
                waiting = deque(
                    (shard, executor.submit(function, shard), failed + (shard == first)) for shard, _, failed in waiting
                )
            except CancelledError:  # by nobody here: the scheduler is gone
                raise WorkersLost(LOST) from None
            except Exception as error:
                if failed >= RETRIES:
                    if _says_dask_of_workers(error):
                        raise WorkersLost(LOST) from None
                    raise
                waiting[0] = (shard, executor.submit(function, shard), failed + 1)
            else:
                waiting.popleft()
                yield done
    finally:
        for _, future, _ in waiting:
            future.cancel()
        pool.close(executor, wait=True)


def _says_dask_of_workers(error: Exception) -> bool:
    """Whether an error is Dask's own, of a worker or a connection that is gone, in whoever's executor."""
    dask = sys.modules.get("distributed")
    return dask is not None and isinstance(error, (dask.KilledWorker, dask.comm.CommClosedError))
