"""Pools: what the loop of `executors` needs to know of threads, processes, a Dask cluster, and an executor of the user.

A new kind of place to compute is one small class here, and its form in `pool_of`.
"""

from __future__ import annotations

import math
import multiprocessing
import time
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any, Protocol

from sim.engine.arguments import thread_count
from sim.ensemble.folder import ResultsError
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.messages import describe

AHEAD = 64
"""Shards that are handed in to an executor whose size is not known, before the first comes back."""
CONNECT_SECONDS = 8


class WorkersLost(ResultsError):
    """Shards could not be computed where they were sent; says what to do."""


class Pool(Protocol):
    """Where shards are computed."""

    opens_again: bool
    """Whether it can be opened again when its workers died."""

    def open(self) -> Executor:
        """Its executor; WorkersLost if it cannot be reached."""
        ...

    def ahead(self) -> int:
        """How many shards to hand in before the first comes back."""
        ...

    def close(self, executor: Executor, wait: bool) -> None:
        """Done with its executor. wait: for the shards under way."""
        ...


class Threads:
    """Threads of this process."""

    opens_again = True

    def __init__(self, count: int, ahead: int) -> None:
        self._count, self._ahead = count, ahead

    def open(self) -> Executor:
        return ThreadPoolExecutor(self._count, thread_name_prefix="campaigns")

    def ahead(self) -> int:
        return self._ahead

    def close(self, executor: Executor, wait: bool) -> None:
        executor.shutdown(wait)


class Processes:
    """Processes on this machine."""

    opens_again = True

    def __init__(self, count: int) -> None:
        self._count = count

    def open(self) -> Executor:
        return ProcessPoolExecutor(self._count, mp_context=multiprocessing.get_context("spawn"))

    def ahead(self) -> int:
        return max(AHEAD, 2 * self._count)

    def close(self, executor: Executor, wait: bool) -> None:
        executor.shutdown(wait)


class Dask:
    """The workers of a Dask scheduler at `host:port`."""

    opens_again = True

    def __init__(self, where: str) -> None:
        self._where = where
        self._client: Any = None
        self._threads, self._counted = 1, -math.inf

    def open(self) -> Executor:
        try:
            from dask.distributed import Client
        except ImportError:
            raise WorkersLost("a Dask cluster needs the extra packages: pip install 'orontes[cluster]'") from None
        try:
            self._client = Client(f"tcp://{self._where}", timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, TimeoutError) as error:
            raise WorkersLost(
                f"no Dask scheduler answers at {self._where} ({type(error).__name__}); what is done is kept"
            ) from None
        # Not pure: a shard that is handed in again is computed again, and no hash of it is needed.
        executor: Executor = self._client.get_executor(retries=2, pure=False)
        return executor

    def ahead(self) -> int:
        """Two for each thread: results that wait on a worker are lost with it.

        Workers come and go, so they are counted again, once a second.
        """
        if time.monotonic() - self._counted > 1.0:
            self._threads, self._counted = sum(self._client.nthreads().values()), time.monotonic()
        return 2 * max(1, self._threads)

    def close(self, executor: Executor, wait: bool) -> None:
        executor.shutdown(wait)
        self._client.close()


class Borrowed:
    """An executor that the user has opened, and closes."""

    opens_again = False

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def open(self) -> Executor:
        return self._executor

    def ahead(self) -> int:
        return AHEAD

    def close(self, executor: Executor, wait: bool) -> None:
        """It stays open."""


def pool_of(said: Executor | str | None) -> Pool | None:
    """Where to compute: `processes:4`, `dask://host:port`, or an executor; None: on threads.

    ScenarioError for a wrong address.
    """
    if said is None:
        return None
    if isinstance(said, Executor):
        return Borrowed(said)
    if not isinstance(said, str):
        raise TypeError(f"executor should be an address like processes:4, or an executor, but is {describe(said)}")
    kind, _, rest = said.partition(":")
    if kind == "processes":
        count = rest.lstrip("/") or str(thread_count(None))
        if not count.isdecimal() or not 1 <= int(count) <= 4096:
            raise _wrong(said, "should be processes:N with N from 1 to 4096")
        return Processes(int(count))
    if kind == "dask" and rest.strip("/"):
        return Dask(rest.strip("/"))
    raise _wrong(said, "should be dask://HOST:PORT or processes:N")


def _wrong(address: str, message: str) -> ScenarioError:
    return ScenarioError([Problem(f"executor {address}", 0, 0, "", message)])
