"""An ensemble is fought: many campaigns of one scenario, kept in a folder, found again, resumed."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import functools
import platform
import shlex
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.entry import OWN_SITUATIONS, make_ready
from sim.engine.load import load
from sim.engine.record import Plan
from sim.ensemble import store
from sim.ensemble.aggregates import Aggregates
from sim.ensemble.blocks import all_cores, block_size, fight_blocks
from sim.ensemble.results import Results, declared
from sim.outcomes.catalogue import Outcome, outcomes_of
from sim.rules.rulebook import RULEBOOK
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.read import LoadedScenario
from sim.statistics.stopping import Until, looks, read_until
from sim.world.deploy import Deployment, deploy

CHECKPOINT_SECONDS = 20.0
"""What a crash may cost."""
MOST_REPLICATES = 2**32
"""So many have random draws of their own."""
REPLICATES, MOST_UNTIL = 1000, 200_000
"""Fought when nothing else is said; and at most, when campaigns are fought until something is known."""


Rows = store.MemoryRows | store.Workbench


class Interrupted(KeyboardInterrupt):
    """A run that was interrupted; `results` are those of the campaigns that were finished."""

    def __init__(self, message: str, results: Results) -> None:
        super().__init__(message)
        self.results = results


def run(
    scenario: LoadedScenario | str | Path,
    replicates: int | None = None,
    seed: int = 1,
    jobs: int | None = None,
    block: int | None = None,
    outcomes: Iterable[str] = (),
    results: str | Path | None = "results",
    variant: str | None = None,
    set: Mapping[str, Any] | None = None,
    progress: bool | None = None,
    resume: bool = True,
    figures: bool = True,
    until: str | None = None,
    situations: int | None = None,
) -> Results:
    """Fight so many campaigns of a scenario (1,000 if nothing is said) and sum them up.

    `jobs` threads (default: all cores) fight blocks of `block` campaigns; neither changes the results. They are kept
    in a folder under `results` (None: in memory only), and found there when the same run is asked for again; a run
    that was interrupted goes on where it stopped (`resume` False: it is made anew). `outcomes` are reported besides
    those that the scenario lists. `progress` None shows a bar where a person can see it.

    `until="place.fall_day±0.01"`: campaigns are fought until the 95 % interval of that outcome is so narrow; the first
    k of them are those of a run of k, and `replicates` is then the most (200,000 if nothing is said).
    `situations=50`: the campaigns are fought in 50 draws of what we do not know of the situation (replicate k in
    situation k modulo 50) instead of each in its own: `Results.spread` then tells what we do not know from chance.
    """
    jobs = all_cores() if jobs is None else jobs
    loaded = _loaded(scenario, variant, set)
    replicates = most_replicates(loaded, replicates, until)
    _check_counts(replicates=replicates, jobs=jobs, block=1 if block is None else block, seed=seed)
    _check_situations(replicates, situations, until)
    goal = None if until is None else read_until(until, loaded)
    chosen = outcomes_of(loaded, [*outcomes, *([goal.outcome.name] if goal else [])])
    task = Task(loaded, deploy(loaded, RULEBOOK), chosen, replicates, seed, jobs, block, goal, situations)
    if results is None:
        return _in_memory(task, progress)
    folder = Path(results) / loaded.name / task.run_id
    if resume and store.is_complete(folder):
        found = Results.open(folder)
        found.found = True
    else:
        found = _in_folder(task, folder, progress, resume)
    if figures and not (folder / "figures").is_dir():
        _draw(found, folder)
    return found


def most_replicates(loaded: LoadedScenario, replicates: int | None, until: str | None = None) -> int:
    """How many campaigns a run fights, or with `until` the most."""
    if until is None:
        return REPLICATES if replicates is None else replicates
    most = MOST_UNTIL if replicates is None else replicates
    return min(most, read_until(until, loaded).suffices or most)


@dataclasses.dataclass(frozen=True)
class Task:
    """What is to be fought, and how."""

    loaded: LoadedScenario
    deployment: Deployment
    outcomes: list[Outcome]
    replicates: int
    seed: int
    jobs: int
    block: int | None
    until: Until | None = None
    situations: int | None = None

    @functools.cached_property
    def run_id(self) -> str:
        """What has no default enters the name only when it is asked for."""
        goal = (("until", self.until.outcome.name, self.until.half_width),) if self.until else ()
        shared = (("situations", self.situations),) if self.situations else ()
        return store.run_id(self.loaded, self.seed, self.replicates, self.outcomes, *goal, *shared)

    def looks(self) -> Iterator[int]:
        """After how many campaigns it may end."""
        return looks(self.replicates) if self.until else iter((self.replicates,))

    def ends_with(self, rows: Rows, count: int) -> bool:
        """Whether the `count` campaigns of these rows are all that it takes."""
        return count >= self.replicates or (self.until is not None and self.until.is_met(self.goal_values(rows)))

    def goal_values(self, rows: Rows) -> NDArray[np.float64]:
        """What the outcome that is to be known came to in the campaigns so far."""
        assert self.until is not None
        column = [outcome.name for outcome in self.outcomes].index(self.until.outcome.name)
        return np.concatenate([np.empty(0), *(chunk[:, column] for chunk in rows.chunks())])


def _in_memory(task: Task, progress: bool | None) -> Results:
    aggregates = Aggregates(Plan(task.deployment, task.outcomes))
    rows = store.MemoryRows(len(task.outcomes))
    complete = _fight(task, aggregates, rows, progress)
    manifest = _manifest(task, aggregates, rows, complete)
    found = Results.of(task.loaded.scenario, manifest, aggregates, None, rows.all())
    if not complete:
        message = f"interrupted after {_how_far(task, found)}"
        print(message, file=sys.stderr)
        raise Interrupted(message, found)
    return found


def _in_folder(task: Task, folder: Path, progress: bool | None, resume: bool) -> Results:
    """Fight a run that is kept in a folder, from where it stopped if it did."""
    aggregates = Aggregates(Plan(task.deployment, task.outcomes))
    bench = store.Workbench(folder, len(task.outcomes), afresh=not resume)
    filed = False
    try:
        bench.resume(aggregates)
        text = task.loaded.as_yaml()
        store.replace(folder / store.SCENARIO, lambda path: path.write_text(text, "utf-8"))
        complete = _fight(task, aggregates, bench, progress)
        store.write_runs(folder / store.RUNS, task.outcomes, bench.chunks())
        names = task.deployment.names
        store.write_tables(folder, aggregates, list(names.places), list(names.sides))
        manifest = _manifest(task, aggregates, bench, complete)
        store.write_manifest(folder, manifest)
        filed = complete
    finally:
        bench.close(remove=filed)
    found = Results.of(task.loaded.scenario, manifest, aggregates, folder, None)
    if not complete:
        kept = f"which are kept in {folder}; the same command goes on from there"
        message = f"interrupted after {_how_far(task, found)}, {kept}"
        print(message, file=sys.stderr)
        raise Interrupted(message, found)
    return found


def _how_far(task: Task, found: Results) -> str:
    most = "" if task.until else f" of {task.replicates:,}"
    return f"{found.replicates:,}{most} campaigns"


def _fight(task: Task, aggregates: Aggregates, rows: Rows, progress: bool | None) -> bool:
    """Fight the replicates that are missing; False if it was interrupted before the end."""
    from tqdm.auto import tqdm

    deployment, plan = task.deployment, aggregates.plan
    cells, world = deployment.new_world()
    make_ready(world, deployment.atlas, cells)
    before, began = aggregates.elapsed, time.perf_counter()
    saved = began
    complete = False
    bar = tqdm(
        total=None if task.until else task.replicates,
        initial=aggregates.replicates,
        unit=" campaigns",
        disable=not (_is_watched() if progress is None else progress),
        delay=0.0 if progress else 0.5,
    )
    with StopSignal() as stop, bar:
        for look in task.looks():
            first = aggregates.replicates
            if first > look:
                continue  # an earlier run looked here, and went on
            size = task.block or block_size(look - first, task.jobs)
            situations = task.situations or OWN_SITUATIONS
            blocks = fight_blocks(deployment, plan, task.seed, first, look, size, task.jobs, situations)
            with contextlib.closing(blocks):
                for done in blocks:
                    rows.append(plan.values(done.record, done.fought))
                    aggregates.add(done.record, done.fought, done.seconds)
                    now = time.perf_counter()
                    aggregates.elapsed = before + now - began
                    bar.update(done.fought)
                    if stop.asked:
                        break
                    if now - saved > CHECKPOINT_SECONDS:
                        rows.checkpoint(aggregates)
                        saved = now
            complete = aggregates.replicates == look and task.ends_with(rows, look)
            if complete or stop.asked:
                break
        if not complete:
            rows.checkpoint(aggregates)
    return complete


class StopSignal:
    """While it is open, Ctrl-C is noted instead of breaking off what is being written; a second one breaks off."""

    def __init__(self) -> None:
        self.asked = False
        self._before: Any = None

    def __enter__(self) -> StopSignal:
        in_main = threading.current_thread() is threading.main_thread()
        if in_main and signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *error: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _note(self, *_: object) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True


def _is_watched() -> bool:
    """Whether a person looks on: at a terminal or in a notebook."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return sys.stderr.isatty() or (shell is not None and "IPKernelApp" in shell.config)


def _manifest(task: Task, aggregates: Aggregates, rows: Rows, complete: bool) -> dict[str, Any]:
    """What a results folder says of its run."""
    import numba
    import numpy
    import pyarrow

    import sim

    unit_ticks = task.deployment.unit_rows * task.deployment.ticks * aggregates.replicates
    return {
        "scenario": task.loaded.name,
        "run_id": task.run_id,
        "complete": complete,
        "replicates": aggregates.replicates,
        "replicates_asked": task.replicates,
        "failed": aggregates.failures,
        "situations": task.situations,
        "until": _goal(task, rows),
        "seed": task.seed,
        "variant": task.loaded.variant,
        "set": task.loaded.overrides,
        "outcomes": declared(task.outcomes),
        "scenario_hash": store.scenario_hash(task.loaded),
        "engine_hash": store.engine_hash(),
        "versions": {
            "orontes": sim.__version__,
            "python": platform.python_version(),
            "numpy": numpy.__version__,
            "numba": numba.__version__,
            "pyarrow": pyarrow.__version__,
        },
        "machine": f"{platform.system()} {platform.machine()}",
        "command": shlex.join(sys.argv),
        "finished": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "threads": task.jobs,
        "seconds": aggregates.elapsed,
        "seconds_fighting": aggregates.fighting,
        "unit_ticks": unit_ticks,
        "campaigns_per_second": aggregates.replicates / aggregates.elapsed if aggregates.elapsed else None,
        "ns_per_unit_tick": 1e9 * aggregates.fighting / unit_ticks if unit_ticks else None,
    }


def _goal(task: Task, rows: Rows) -> dict[str, Any] | None:
    """What was to be known, and how closely it is."""
    if task.until is None:
        return None
    known_to = task.until.known_to(task.goal_values(rows))
    asked = task.until.half_width
    said = known_to if np.isfinite(known_to) else None
    return {"outcome": task.until.outcome.name, "half_width": asked, "known_to": said, "reached": known_to <= asked}


def _loaded(
    scenario: LoadedScenario | str | Path, variant: str | None, set: Mapping[str, Any] | None
) -> LoadedScenario:
    """The scenario to fight: as it was loaded, or from its file with a variant and values of the user's."""
    if not isinstance(scenario, LoadedScenario):
        return load(scenario, variant, set)
    if variant is None and not set:
        return scenario
    return load(scenario.files[0], variant or scenario.variant, {**scenario.overrides, **(set or {})})


def _check_counts(replicates: int, jobs: int, block: int, seed: int) -> None:
    counts = (("replicates", replicates, MOST_REPLICATES), ("jobs", jobs, 4096), ("block", block, 2**20))
    for name, value, most in counts:
        if not 1 <= value <= most:
            raise ValueError(f"{name} should lie between 1 and {most:,}, but is {value:,}")
    if not 0 <= seed < 2**63:
        raise ValueError(f"seed should lie between 0 and 2**63 - 1, but is {seed}")


def _check_situations(replicates: int, situations: int | None, until: str | None) -> None:
    """Each situation is fought equally often, and more than once: else chance and ignorance cannot be told apart."""
    if situations is None:
        return
    message = ""
    if situations < 2:
        message = "there should be 2 or more"
    elif until:
        message = "does not go with --until: campaigns of one situation are alike, and its rule expects separate ones"
    elif replicates % situations or replicates < 2 * situations:
        fair = max(2, round(replicates / situations)) * situations
        message = (
            f"{replicates:,} campaigns cannot be shared out among {situations:,} situations, equally many to each and"
            f" two at least; {fair:,} can"
        )
    if message:
        raise ScenarioError([Problem(f"--situations {situations}", 0, 0, "", message)])


def _draw(results: Results, folder: Path) -> None:
    """The pictures are added to a results folder."""
    from sim.plots import save_all

    with store.writing(folder / "figures"):
        save_all(results, folder)
