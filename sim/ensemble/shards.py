"""Shards: the parts in which a run or a study is computed. A shard is a pure function of its job and its numbers.

So it does not matter where it is computed, in what order, or how often.
"""

from __future__ import annotations

import dataclasses
import hashlib
import pickle
import threading
import time
import zlib
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.entry import OWN_SITUATIONS, make_ready
from sim.engine.record import RecordSpec
from sim.ensemble.aggregates import Aggregates
from sim.ensemble.blocks import LARGEST_BLOCK, Worker
from sim.ensemble.points import Points

Array = NDArray[np.float64]


class Shard(NamedTuple):
    """Replicates `first` to `last` (not included) of each point from `first_point` to `last_point` (not included)."""

    first_point: int
    last_point: int
    first: int
    last: int

    @property
    def campaigns(self) -> int:
        return (self.last_point - self.first_point) * (self.last - self.first)


class Done(NamedTuple):
    """A shard that was computed: `rows` [point x replicate, outcome]; `aggregates` if the job asked for them."""

    shard: Shard
    rows: Array
    aggregates: Aggregates | None
    seconds: float


@dataclasses.dataclass(frozen=True)
class Job:
    """What the shards of a run or study have in common."""

    points: Points
    spec: RecordSpec
    seed: int
    draws: int = OWN_SITUATIONS
    apart: int = 0
    """0: replicate k of all points has the same random numbers. Else each point has so many replicates of its own."""
    aggregated: bool = False


def run_shard(job: Job, shard: Shard, worker: Worker) -> Done:
    """Compute a shard in a worker of the job's layout; all its campaigns fit the worker's record, unless aggregated."""
    if not job.aggregated:
        done, began = 0, time.perf_counter()
        for first, count in _blocks(job, shard, worker):
            worker.run_behind(job.seed, first, count, done)
            done += count
        return Done(shard, job.spec.values(worker.record, done), None, time.perf_counter() - began)
    rows = np.empty((shard.campaigns, len(job.spec.outcomes)))
    aggregates = Aggregates(job.spec, shard.first_point * job.apart + shard.first)
    done, seconds = 0, 0.0
    for first, count in _blocks(job, shard, worker):
        block = worker.run(job.seed, first, count)
        rows[done : done + count] = job.spec.values(block.record, count)
        done += count
        seconds += block.seconds
        aggregates.add(block.record, count, block.seconds)
    return Done(shard, rows, aggregates, seconds)


def _blocks(job: Job, shard: Shard, worker: Worker) -> Iterator[tuple[int, int]]:
    """The first replicate of each block of a shard, and how many it has; the worker stands at its point then."""
    for point in range(shard.first_point, shard.last_point):
        worker.place(job.points.deployment(point))
        base = point * job.apart
        for first in range(base + shard.first, base + shard.last, worker.size):
            yield first, min(worker.size, base + shard.last - first)


class Bench:
    """Computes the shards of one job on any thread: each thread has a worker of its own."""

    def __init__(self, job: Job, size: int = LARGEST_BLOCK) -> None:
        self.job, self.size = job, size
        self._of_thread = threading.local()

    def run(self, shard: Shard) -> Done:
        """Compute a shard."""
        worker: Worker | None = getattr(self._of_thread, "worker", None)
        rows = None if self.job.aggregated else shard.campaigns
        if worker is None or worker.rows < (rows or 0):
            size = min(self.size, shard.last - shard.first)
            start = self.job.points.deployment(shard.first_point)
            worker = Worker(start, self.job.spec, size, self.job.draws, rows=rows)
            self._of_thread.worker = worker
        return run_shard(self.job, shard, worker)


class Parcel(NamedTuple):
    """A job on its way to other processes: its name and its bytes."""

    name: str
    content: bytes

    @classmethod
    def of(cls, job: Job) -> Parcel:
        content = zlib.compress(pickle.dumps(job, protocol=pickle.HIGHEST_PROTOCOL), level=1)
        return cls(hashlib.sha256(content).hexdigest(), content)


_BENCHES: dict[str, Bench] = {}
_UNPACKING = threading.Lock()


def run_parcel(parcel: Parcel, shard: Shard) -> Done:
    """Compute a shard in another process, which keeps the last job that it was sent."""
    with _UNPACKING:
        bench = _BENCHES.get(parcel.name)
        if bench is None:
            _BENCHES.clear()
            bench = _BENCHES[parcel.name] = Bench(pickle.loads(zlib.decompress(parcel.content)))
            cells, world = bench.job.points.deployment(shard.first_point).new_world()
            make_ready(world, bench.job.points.deployment(shard.first_point).atlas, cells)
    return bench.run(shard)
