"""Shards: the parts in which a run or a study is computed. A shard is a pure function of its job and its numbers.

So it does not matter where it is computed, in what order, or how often.
"""

from __future__ import annotations

import dataclasses
import hashlib
import pickle
import threading
import zlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.entry import OWN_SITUATIONS, make_ready
from sim.engine.record import RecordSpec
from sim.ensemble.aggregates import Aggregates
from sim.ensemble.blocks import Worker
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
    """Compute a shard in a worker of the job's layout, in whose record all its campaigns fit."""
    block = None
    for point in range(shard.first_point, shard.last_point):
        worker.place(job.points.deployment(point))
        first = point * job.apart + shard.first
        block = worker.run(job.seed, first, shard.last - shard.first, block)
    assert block is not None
    aggregates = None
    if job.aggregated:
        aggregates = Aggregates(job.spec, shard.first_point * job.apart + shard.first)
        aggregates.add(block.record, block.campaigns, block.seconds)
    return Done(shard, job.spec.values(block.record, block.campaigns), aggregates)


class Bench:
    """Computes the shards of one job on any thread: each thread has a worker of its own."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._of_thread = threading.local()

    def run(self, shard: Shard) -> Done:
        """Compute a shard."""
        worker: Worker | None = getattr(self._of_thread, "worker", None)
        if worker is None or worker.size < shard.campaigns:
            start = self.job.points.deployment(shard.first_point)
            worker = Worker(start, self.job.spec, shard.campaigns, self.job.draws)
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
