"""Where shards are computed: on threads of this process, or on any executor of `concurrent.futures`.

Nothing here schedules or queues: a shard that failed is handed in again, and a pool whose worker died is opened again.
"""

from __future__ import annotations

import functools
import math
import os
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from typing import Any

from sim.ensemble.blocks import LARGEST_BLOCK
from sim.ensemble.folder import ResultsError
from sim.ensemble.shards import Bench, Done, Job, Parcel, Shard, run_parcel
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.messages import describe

RETRIES = 2
"""How often a shard that failed is handed in again."""
AHEAD = 64
"""Shards that are handed in to an executor whose size is not known, before the first comes back."""
CONNECT_SECONDS = 8
LOST = "the workers died; what is finished is kept, the same command goes on"


class WorkersLost(ResultsError):
    """Shards could not be computed where they were sent; says what to do."""


Open = Callable[[], Executor]


def processes(count: int) -> Open:
    """A pool of processes on this machine."""
    import multiprocessing

    return lambda: ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"))


def cluster(address: str) -> Open:
    """The executor that an address names: `processes:4`, `dask://host:port` (also `dask+tls://`)."""
    kind, _, rest = address.partition(":")
    if kind == "processes":
        count = rest.lstrip("/") or str(os.cpu_count() or 1)
        if not count.isdecimal() or not 1 <= int(count) <= 4096:
            raise _wrong(address, "should be processes:N with N from 1 to 4096")
        return processes(int(count))
    if kind == "dask" and rest.strip("/"):
        return lambda: _dask(rest.strip("/"))
    raise _wrong(address, "should be dask://HOST:PORT or processes:N")


def executor_of(said: Executor | Open | str | None) -> Executor | Open | None:
    """Where to compute, as an argument or an option says it; None: on threads. ScenarioError for a wrong address."""
    if isinstance(said, str):
        return cluster(said)
    if not (said is None or isinstance(said, Executor) or callable(said)):
        raise TypeError(f"executor should be an address like processes:4, or an executor, but is {describe(said)}")
    return said


def _wrong(address: str, message: str) -> ScenarioError:
    return ScenarioError([Problem(f"--cluster {address}", 0, 0, "", message)])


def _dask(where: str) -> Executor:
    try:
        from dask.distributed import Client
    except ImportError:
        raise WorkersLost("a Dask cluster needs the extra packages: pip install 'orontes[cluster]'") from None
    try:
        client = Client(f"tcp://{where}", timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, TimeoutError) as error:
        raise WorkersLost(
            f"no Dask scheduler answers at {where} ({type(error).__name__}); what is done is kept"
        ) from None
    executor: Executor = client.get_executor(retries=2)
    end = executor.shutdown

    def shutdown(*how: Any, **more: Any) -> None:
        end(*how, **more)
        client.close()

    executor.shutdown = shutdown  # type: ignore[method-assign]
    executor.ahead = _twice_the_threads(client)  # type: ignore[attr-defined]
    return executor


def _twice_the_threads(client: Any) -> Callable[[], int]:
    """How many shards to hand in to a Dask cluster: results that wait on a worker are lost with it.

    Workers come and go, so they are counted again, once a second.
    """
    known, counted = 0, -math.inf

    def count() -> int:
        nonlocal known, counted
        if time.monotonic() - counted > 1.0:
            known, counted = 2 * max(1, sum(client.nthreads().values())), time.monotonic()
        return known

    return count


def run_shards(
    job: Job,
    shards: Iterable[Shard],
    jobs: int,
    executor: Executor | Open | None = None,
    size: int = LARGEST_BLOCK,
    in_order: bool = True,
) -> Generator[Done, None, None]:
    """Compute shards on so many threads, or on an executor. They come back in their order, or each when it is there.

    `size`: the most campaigns that a thread records at once.
    """
    if executor is None:
        threads = functools.partial(ThreadPoolExecutor, jobs, thread_name_prefix="campaigns")
        # One more than there are threads, so that none waits; in order more, as one that takes long holds up others.
        yield from _computed(Bench(job, size).run, shards, threads, 2 * jobs if in_order else jobs + 1, True, in_order)
    else:
        opened = isinstance(executor, Executor)
        open_again = (lambda: executor) if isinstance(executor, Executor) else executor
        send = functools.partial(run_parcel, Parcel.of(job))
        yield from _computed(send, shards, open_again, AHEAD, not opened, in_order)


def _computed(
    function: Callable[[Shard], Done],
    shards: Iterable[Shard],
    open_pool: Open,
    ahead: int,
    owned: bool,
    in_order: bool,
) -> Generator[Done, None, None]:
    """The results of a function; `ahead` of them are handed in at once."""
    left = iter(shards)
    pool = open_pool()
    waiting: deque[tuple[Shard, Future[Done], int]] = deque()
    try:
        while True:
            most = getattr(pool, "ahead", lambda: ahead)
            while len(waiting) < most() and (shard := next(left, None)) is not None:
                waiting.append((shard, pool.submit(function, shard), 0))
            if not waiting:
                return
            if not in_order:  # the first that is there, or has failed, stands in front
                there, _ = wait([future for _, future, _ in waiting], return_when=FIRST_COMPLETED)
                waiting.rotate(-next(i for i, (_, future, _) in enumerate(waiting) if future in there))
            shard, future, failed = waiting[0]
            try:
                done = future.result()
            except BrokenExecutor:
                if not owned or failed >= RETRIES:
                    raise WorkersLost(LOST) from None
                pool.shutdown(wait=False)
                pool = open_pool()
                first = shard
                waiting = deque(
                    (shard, pool.submit(function, shard), failed + (shard == first)) for shard, _, failed in waiting
                )
                continue
            except ScenarioError:
                raise
            except CancelledError:  # by nobody here: the scheduler is gone
                raise WorkersLost(LOST) from None
            except Exception as error:
                if failed >= RETRIES:
                    if type(error).__module__.startswith("distributed"):  # what Dask says of its workers
                        raise WorkersLost(LOST) from None
                    raise
                waiting[0] = (shard, pool.submit(function, shard), failed + 1)
                continue
            waiting.popleft()
            yield done
    finally:
        for _, future, _ in waiting:
            future.cancel()
        if owned:
            pool.shutdown(wait=True)  # not every executor takes `cancel_futures`
