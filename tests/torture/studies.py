"""Studies tried hard: the whole study, or a worker of a Dask cluster, killed at random moments and run on.

    python -m tests.torture.studies --kills 50 --workers 50 --seed 1

What the files should hold is what a study that nothing disturbed writes. Every shard that is begun or computed is noted
in a log: a kill may cost the shards that were under way, one a thread or worker, and those that had just been computed
and were not kept yet. Prints a table, and exits 1 if bytes differ or more was redone.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import sim
import sim.ensemble.shards as shards
import sim.study.sweep as sweeping
from sim.ensemble import store
from sim.study.study import POINTS
from tests.torture.folders import CROSSROADS, child

FILES = (store.RUNS, POINTS, store.SCENARIO)
VARY = {"sides.lowlands.will": (0.3, 0.9), "formations[side=highlands].strength *": (0.8, 1.2)}
LEVELS, REPLICATES = [8, 5], 48
SHARDS = 120
"""40 points in three batches of 16 replicates, a point a shard."""
THREADS = WORKERS = 2
HANDED_IN = 2
"""Shards that a Dask worker has at a time: one under way, and one that waits, or is done and not fetched."""
BEGUN, DONE = "begun", "done"


def note_shards(log: str) -> None:
    """From now on, each shard that this process begins or completes is a line of a file."""
    compute = shards.run_shard

    def noted(job: Any, shard: Any, worker: Any) -> Any:
        _note(log, BEGUN, shard)
        done = compute(job, shard, worker)
        _note(log, DONE, shard)
        return done

    shards.run_shard = noted


def _note(log: str, what: str, shard: Any) -> None:
    line = f"{what} {shard.first_point} {shard.first}\n".encode()
    handle = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        os.write(handle, line)  # one write: lines of several processes do not mix
    finally:
        os.close(handle)


def redone(log: Path) -> dict[str, int]:
    """How many shards were begun, and completed, more often than once is needed."""
    lines = log.read_text().splitlines() if log.exists() else []
    counts = Counter(lines)
    return {what: sum(n - 1 for line, n in counts.items() if line.startswith(what)) for what in (BEGUN, DONE)}


def study(home: Path, executor: Any = None) -> dict[str, bytes]:
    """Run the study as a user does; its files."""
    sweeping.SHARD = sweeping.BATCH
    how = {"points": LEVELS, "replicates": REPLICATES, "jobs": THREADS, "results": home, "progress": False}
    made = sim.sweep(CROSSROADS, VARY, executor=executor, **how)  # type: ignore[arg-type]
    assert made.path is not None
    return {name: (made.path / name).read_bytes() for name in FILES}


class Trial:
    """The files of the undisturbed study, how long it takes, and the tally."""

    def __init__(self, work: Path) -> None:
        self.work, self.home, self.log = work, work / "try", work / "log"
        began = time.monotonic()
        status, self.whole = child(lambda: study(work / "whole"))
        assert status == "ok", self.whole
        self.seconds = time.monotonic() - began
        self.tally: Counter[str] = Counter()

    def fresh(self) -> None:
        shutil.rmtree(self.home, ignore_errors=True)
        self.log.unlink(missing_ok=True)

    def count(self, trial: str, files: Any, most: int) -> None:
        """Note whether the files are those of the undisturbed study, and how much was redone: `most` may be."""
        again = redone(self.log)
        seen = f"{again[DONE]} computed twice, {again[BEGUN] - again[DONE]} broken off"
        if files != self.whole:
            self.tally[f"{trial}: WRONG: other bytes, {seen}"] += 1
        elif again[DONE] > most or again[BEGUN] > 2 * most:
            self.tally[f"{trial}: WRONG: {seen}"] += 1
        else:
            self.tally[f"{trial}: the same bytes; {seen}"] += 1


def kill_studies(trial: Trial, count: int, chance: random.Random) -> None:
    """The whole study killed at a random moment, and run again."""

    def noted() -> dict[str, bytes]:
        note_shards(str(trial.log))
        return study(trial.home)

    for _ in range(count):
        trial.fresh()
        child(noted, [(chance.uniform(0.0, trial.seconds), signal.SIGKILL)])
        status, files = child(noted)
        trial.count("study", files if status == "ok" else status, THREADS)


def kill_workers(trial: Trial, count: int, chance: random.Random) -> None:
    """One of two Dask workers killed at a random moment of a study, which goes on."""
    for number in range(count):
        with dask_cluster(note_shards, str(trial.log)) as (pids, address):
            for name in ("warm", "timed"):  # the workers load the rules in the first
                home = trial.work / f"{name}-{number}"
                began = time.monotonic()
                study(home, address)
                seconds = time.monotonic() - began
            trial.fresh()
            killer = threading.Timer(chance.uniform(0.0, seconds), _kill, [chance.choice(pids)])
            killer.start()
            files = study(trial.home, address)
            killer.join()
            trial.count("worker", files, HANDED_IN)


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


@contextlib.contextmanager
def dask_cluster(prepare: Callable[[str], None] | None = None, said: str = "") -> Iterator[tuple[list[int], str]]:
    """Two worker processes of one thread each: their numbers, and the address for `--cluster`.

    prepare: called with `said` in each worker when it starts.
    """
    from dask.distributed import Client, LocalCluster, WorkerPlugin

    class Prepared(WorkerPlugin):
        def setup(self, worker: Any) -> None:
            if prepare is not None:
                prepare(said)

    silent = {"silence_logs": 60, "dashboard_address": None}
    local = LocalCluster(n_workers=WORKERS, threads_per_worker=1, processes=True, **silent)
    with local as cluster, Client(cluster) as client:
        client.register_plugin(Prepared())
        pids = [worker.pid for worker in cluster.workers.values()]
        yield pids, f"dask://{cluster.scheduler_address.removeprefix('tcp://')}"


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in {"kills": 50, "workers": 50, "seed": 1}.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args(words)
    sim.run(CROSSROADS, 20, results=None, progress=False)  # all is compiled, and imported, before children are forked
    with tempfile.TemporaryDirectory(prefix="torture-") as work:
        trial, chance = Trial(Path(work)), random.Random(asked.seed)
        kill_studies(trial, asked.kills, chance)
        if asked.workers:
            kill_workers(trial, asked.workers, chance)
    for what, count in sorted(trial.tally.items()):
        print(f"{count:6,}  {what}")
    wrong = sum(count for what, count in trial.tally.items() if "WRONG" in what)
    print(f"{wrong} of {sum(trial.tally.values()):,} wrong")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
