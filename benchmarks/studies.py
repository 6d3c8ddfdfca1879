"""What a study costs beside one plain run of as many campaigns, and where it is computed, in turns.

Seconds are those of the clock on the wall. Beside them stands the processor time of the process: on a machine with
other work, its ratio is the one to look at.
"""

from __future__ import annotations

import functools
import json
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np

import sim
from sim.scenario.read import LoadedScenario

SCENARIOS = Path(__file__).parents[1] / "scenarios"
CROSSROADS, HAMA = SCENARIOS / "crossroads.yaml", SCENARIOS / "hama-2024.yaml"
QUIET: dict[str, Any] = {"results": None, "progress": False}
VARY = {"sides.lowlands.will": (0.599, 0.601), "formations[side=highlands].strength *": (0.999, 1.001)}
"""The points hardly differ, so that a campaign takes as long as in the plain run."""
VARY_HAMA = {"sides.regime.will *": (0.999, 1.001), "formations[side=opposition].strength *": (0.999, 1.001)}
OUTCOME = "ottersby.fall_day"
POOL, FEW = 2, 8
"""Processes, and campaigns of a point."""


class Taken(NamedTuple):
    """Seconds of an act: by the clock on the wall, and of the processor."""

    wall: float
    processor: float


class Race(NamedTuple):
    """What each round took: of a study, and of what it is compared with."""

    points: int
    campaigns: int
    study: list[Taken]
    other: list[Taken]

    @property
    def ratio(self) -> float:
        """Campaigns a second of the study, to those of the other: the median of the rounds."""
        return median(other.wall / study.wall for study, other in zip(self.study, self.other, strict=True))

    @property
    def processor_ratio(self) -> float:
        """The same by processor time."""
        return median(other.processor / study.processor for study, other in zip(self.study, self.other, strict=True))

    @property
    def milliseconds_a_point(self) -> float:
        """Processor time of a point beyond its campaigns."""
        pairs = zip(self.study, self.other, strict=True)
        return 1000 * median(study.processor - other.processor for study, other in pairs) / self.points

    def a_second(self, taken: list[Taken]) -> float:
        """Campaigns a second."""
        return self.campaigns / median(one.wall for one in taken)


Clock = Callable[[], float]


def taken(act: Callable[[], object], processor: Clock = time.process_time) -> Taken:
    """What an act takes."""
    began = time.perf_counter(), processor()
    act()
    return Taken(time.perf_counter() - began[0], processor() - began[1])


def race(
    points: int,
    campaigns: int,
    rounds: int,
    study: Callable[[], object],
    other: Callable[[], object],
    processor: Clock = time.process_time,
) -> Race:
    """A study and what it is compared with, in turns. processor: seconds of the processor so far, all processes."""
    found = Race(points, campaigns, [], [])
    for _ in range(rounds):
        found.study.append(taken(study, processor))
        found.other.append(taken(other, processor))
    return found


def sweep_race(levels: int, replicates: int, rounds: int) -> Race:
    """A grid of `levels` x `levels` points, against one run of as many campaigns."""
    loaded: LoadedScenario = sim.load(CROSSROADS)
    points = levels * levels
    sim.run(loaded, 10, **QUIET)
    study = functools.partial(sim.sweep, loaded, VARY, points=levels, replicates=replicates, **QUIET)
    return race(points, points * replicates, rounds, study, lambda: sim.run(loaded, points * replicates, **QUIET))


CHILD = """
import json, sys, time, sim
said = json.loads(sys.argv[1])
sim.run(said["scenario"], 10, results=None, progress=False)
began = time.perf_counter(), time.process_time()
if said["vary"]:
    vary = {path: tuple(ends) for path, ends in said["vary"].items()}
    how = {"design": "sobol", "points": said["points"], "replicates": said["replicates"]}
    sim.sweep(said["scenario"], vary, results=said["folder"], progress=False, **how)
else:
    count = said["points"] * said["replicates"]
    sim.run(said["scenario"], count, results=said["folder"], progress=False, figures=False)
seconds = time.perf_counter() - began[0], time.process_time() - began[1]
peak = [int(line.split()[1]) / 1024 for line in open("/proc/self/status") if line.startswith("VmHWM")]
print(json.dumps([*seconds, *peak]))
"""


class OnDisk(NamedTuple):
    """A study, and a run of as many campaigns, each in a process of its own with results on disk; `peak` in MB."""

    race: Race
    peak: float


def sweep_on_disk(points: int, replicates: int, folder: Path, scenario: Path = HAMA) -> OnDisk:
    """A sweep of a whole scenario, against one run of as many campaigns; and the most memory that the sweep had."""
    vary = VARY_HAMA if scenario == HAMA else VARY
    said = {"scenario": str(scenario), "points": points, "replicates": replicates}
    found = []
    for name, varied in (("sweep", vary), ("run", None)):
        words = json.dumps(said | {"vary": varied, "folder": str(folder / name)})
        done = subprocess.run([sys.executable, "-c", CHILD, words], check=True, capture_output=True, text=True)
        found.append(json.loads(done.stdout))
    (wall, processor, *peak), (other_wall, other_processor, *_) = found
    measured = Race(points, points * replicates, [Taken(wall, processor)], [Taken(other_wall, other_processor)])
    return OnDisk(measured, peak[0] if peak else float("nan"))


class Overhead(NamedTuple):
    """A sensitivity analysis: its campaigns, all seconds that it took, and those in which campaigns were run."""

    inputs: int
    campaigns: int
    whole: Taken
    running: float

    @property
    def beyond(self) -> float:
        """Processor seconds beyond the campaigns: the design, the points, the files and the indices."""
        return self.whole.processor - self.running


def sobol_overhead(rows: int, days: float | None = None, scenario: Path = HAMA) -> Overhead:
    """Sobol indices over all uncertain inputs of a scenario. `days`: of its campaigns; what is beyond them stays."""
    from sim.ensemble.blocks import Block, Worker

    run, spent = Worker.run, list[float]()

    def measured(worker: Worker, *campaigns: Any) -> Block:
        began = time.thread_time()
        block = run(worker, *campaigns)
        spent.append(time.thread_time() - began)
        return block

    cut = {} if days is None else {"clock.days": days, "outcomes": []}
    loaded = sim.load(scenario, set=cut)
    outcome = f"{next(iter(loaded.scenario.sides))}.strength@day{1 if days is None else min(1.0, days):g}"
    sim.run(loaded, 10, **QUIET)
    Worker.run = measured  # type: ignore[assignment, method-assign]
    try:
        found: list[Any] = []
        whole = taken(lambda: found.append(sim.sensitivity(loaded, outcome, points=rows, **QUIET)))
    finally:
        Worker.run = run  # type: ignore[method-assign]
    study = found[0].study
    return Overhead(len(study.paths), study.manifest["points"] * study.manifest["replicates"], whole, sum(spent))


def by_hand(**varied: float) -> dict[str, Any]:
    """One point, as a user of the EMA Workbench writes it."""
    numbers = dict(zip(VARY, varied.values(), strict=True))
    results = sim.run(CROSSROADS, FEW, set=numbers, jobs=1, **QUIET)
    return {"day": np.nan_to_num(results.runs[OUTCOME].to_numpy(float), nan=results.days[-1])}


def workbench_race(points: int, rounds: int) -> Race | None:
    """A sweep on two processes, against the process pool of the EMA Workbench around `sim.run`; None without it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from ema_workbench import ArrayOutcome, Model, MultiprocessingEvaluator, RealParameter
    except ImportError:
        return None
    model = Model("orontes", function=by_hand)
    model.uncertainties = [RealParameter(f"v{i}", *ends) for i, ends in enumerate(VARY.values())]
    model.outcomes = [ArrayOutcome("day")]
    sim.run(CROSSROADS, FEW, **QUIET)

    def pool() -> None:
        with MultiprocessingEvaluator(model, n_processes=POOL) as evaluator:
            evaluator.perform_experiments(scenarios=points)

    how: Mapping[str, Any] = {"design": "lhs", "points": points, "replicates": FEW}
    study = functools.partial(sim.sweep, CROSSROADS, VARY, executor=f"processes:{POOL}", **how, **QUIET)
    return race(points, points * FEW, rounds, study, pool)


def dask_race(campaigns: int, rounds: int, scenario: Path = CROSSROADS) -> Race:
    """A run on two Dask workers of one thread, against one on two threads."""
    import psutil  # Dask needs it

    from tests.torture.studies import dask_cluster

    loaded = sim.load(scenario)
    with dask_cluster() as (pids, address):

        def far(count: int = campaigns) -> None:
            sim.run(loaded, count, executor=address, **QUIET)

        def near(count: int = campaigns) -> None:
            sim.run(loaded, count, jobs=POOL, **QUIET)

        far(1000)
        near(1000)
        workers = [psutil.Process(pid) for pid in pids]

        def processor() -> float:
            return time.process_time() + sum(sum(worker.cpu_times()[:2]) for worker in workers)

        return race(1, campaigns, rounds, far, near, processor)
