"""An ensemble: many campaigns of one scenario, kept in a folder, found again, resumed."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.engine.arguments import mapping, thread_count, whole_number
from sim.engine.entry import OWN_SITUATIONS, make_ready
from sim.engine.record import RecordSpec
from sim.ensemble import store
from sim.ensemble.aggregates import Aggregates
from sim.ensemble.blocks import Block, block_size, run_blocks
from sim.ensemble.executors import run_shards
from sim.ensemble.folder import file_run, find_complete, new_draft
from sim.ensemble.given import agreeing
from sim.ensemble.inputs import input_rows, inputs_table
from sim.ensemble.manifest import manifest_of
from sim.ensemble.points import OnePoint
from sim.ensemble.pools import Pool, pool_of
from sim.ensemble.posterior import Posterior, PosteriorPoints, posterior_inputs
from sim.ensemble.progress import progress_bar, tell
from sim.ensemble.results import Results
from sim.ensemble.shards import Job, Shard
from sim.ensemble.signals import Stopped, StopSignal
from sim.ensemble.spec import RunSpec, specify
from sim.ensemble.workbench import sweep
from sim.scenario.file_paths import absolute, folder_name
from sim.scenario.read import LoadedScenario
from sim.statistics.stopping import interim_analyses

CHECKPOINT_SECONDS = 20.0
"""What a crash may cost."""
SHARDS, LEAST, MOST = 32, 64, 1024
"""Into how many shards a run is cut that is sent to other processes, and the bounds of their campaigns: so many that
sending them costs little beside short campaigns, so few that a worker that dies costs little."""
KEPT_INPUTS = 10_000_000
"""Draws that are filed: 80 MB."""

Rows = store.MemoryRows | store.Workbench
Take = Callable[[store.Workbench, Aggregates], None]


class Interrupted(Stopped):
    """A run that was interrupted by a signal; `results` are those of the campaigns that were finished."""

    def __init__(self, message: str, results: Results, number: int) -> None:
        super().__init__(message, number)
        self.results = results


class How(NamedTuple):
    """How a run is carried out; none of it changes the result."""

    jobs: int
    block: int | None = None
    progress: bool | None = None
    pool: Pool | None = None


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
    posterior: str | Path | pd.DataFrame | None = None,
    given: str | Iterable[str] = (),
    commander: Mapping[str, Any] | None = None,
    executor: Executor | str | None = None,
) -> Results:
    """Run so many campaigns of a scenario (1,000 if nothing is said) and summarise them.

    `jobs` threads (default: all cores) run blocks of `block` campaigns; neither changes the results. They are kept
    in a folder under `results` (None: in memory only), and found there when the same run is asked for again; a run
    that was interrupted goes on where it stopped (`resume` False: it is made anew). `outcomes` are reported besides
    those that the scenario lists. `progress` None shows a bar where a person can see it.

    `until="place.fall_day±0.01"`: campaigns are added until the 95 % interval of that outcome is so narrow; the first
    k of them are those of a run of k, and `replicates` is then the most (200,000 if nothing is said).
    `situations=50`: the campaigns share 50 draws of the uncertain inputs (replicate k has draw k modulo 50) instead of
    each having its own: `Results.variance_components` then tells uncertain inputs from chance.
    `posterior`: a file or DataFrame of weighted points, as `sim.calibrate` leaves it; each campaign, or each of the
    `situations`, draws its inputs from there.

    `given`: conditions on outcomes, as `Results.given` takes them. Their outcomes are reported, and with `until` only
    the campaigns that meet them count.

    `commander={"north": function}`: a function from a `View` to orders commands that side, one campaign at a time, or,
    marked with `sim.batched`, from `Views` to an array of orders, many campaigns at once. The results stay in memory.
    One that fails is named, and the doctrine takes over.

    `executor`: where campaigns are run if not on threads: `processes:4`, `dask://host:port`, or any executor of
    concurrent.futures.
    """
    size = None if block is None else whole_number("block", block, 1, 2**20)
    how = How(thread_count(jobs), size, progress, pool_of(executor))
    spec = specify(scenario, replicates, seed, outcomes, variant, set, until, situations, posterior, given)
    if commander:
        from sim.session.commanders import run_commanded

        ready(spec)
        return run_commanded(spec, mapping("commander", commander, "{'SIDE': commander}"), progress)
    if results is None:
        ready(spec)
        return _in_memory(spec, how)
    folder = absolute(results) / folder_name(spec.loaded.name) / spec.run_id
    found = found_in(folder) if resume else None
    if found is None:
        ready(spec)
        found = in_folder(spec, folder, how, resume)
    if figures:
        draw(found)
    return found


def draw(results: Results) -> None:
    """Save the plots of a run. The campaigns are kept, and nobody runs them again for the sake of a plot."""
    try:
        results.draw_figures()
    except store.ResultsError as error:
        tell(f"the run is complete, but its plots could not be saved: {error}")


def found_in(folder: Path, quiet: bool = False) -> Results | None:
    """The complete run that a folder holds, every file of it as it was written; says what is damaged."""
    found = find_complete(folder, Results.open, _say_nothing if quiet else tell)
    if found is not None:
        sweep(folder)
    return found


def _say_nothing(message: str) -> None:
    """For whoever knows already what is wrong."""


def ready(spec: RunSpec) -> None:
    """Compile the rules before anything is begun that a signal must not break off: Ctrl-C ends this at once."""
    cells, world = spec.deployment.new_world()
    make_ready(world, spec.deployment.atlas, cells)


def _in_memory(spec: RunSpec, how: How) -> Results:
    aggregates = Aggregates(RecordSpec(spec.deployment, spec.outcomes))
    rows = store.MemoryRows(len(spec.outcomes))
    with StopSignal() as stop:
        complete = run_campaigns(spec, how, aggregates, rows, stop)
    manifest = manifest_of(spec, aggregates, how.jobs, complete, _goal_values(spec, rows))
    found = Results.of(spec.loaded, manifest, aggregates, None, rows.all())
    if spec.posterior is not None:
        found.inputs = _inputs_of_posterior(spec, spec.posterior, aggregates.replicates)
    if not complete:
        raise _interrupted(spec, found, "", stop.asked)
    return found


def in_folder(spec: RunSpec, folder: Path, how: How, resume: bool, take: Take | None = None) -> Results:
    """Run what is kept in a folder, from where it stopped if it did. `take` may bring in what was run elsewhere."""
    aggregates = Aggregates(RecordSpec(spec.deployment, spec.outcomes))
    with StopSignal() as stop:
        bench = store.Workbench(folder, len(spec.outcomes), afresh=not resume)
        remove = False
        try:
            if resume and (found := found_in(folder, quiet=True)):  # filed by another process just now
                remove = True
                return found
            if wrong := bench.resume(aggregates):
                tell(wrong)
            mend(spec, how, bench, aggregates)
            if take is not None:
                take(bench, aggregates)
            complete = run_campaigns(spec, how, aggregates, bench, stop)
            if not complete and not resume and (found := found_in(folder, quiet=True)):
                raise _interrupted(spec, found, f"; the complete run in {folder} stays as it was", stop.asked)
            mend(spec, how, bench, aggregates)
            manifest = manifest_of(spec, aggregates, how.jobs, complete, _goal_values(spec, bench))
            manifest = _file(spec, bench, aggregates, manifest)
            remove = complete
        finally:
            bench.close(remove)
    found = Results.of(spec.loaded, manifest, aggregates, folder, None)
    if stop.asked:
        on = "" if complete else "; the same command goes on from there"
        raise _interrupted(spec, found, f", which are kept in {folder}{on}", stop.asked)
    return found


def _inputs_of_posterior(spec: RunSpec, posterior: Posterior, replicates: int) -> pd.DataFrame:
    """What the inputs of each campaign were."""
    return posterior_inputs(spec.deployment, posterior, spec.seed, replicates, spec.situations)


def _keep_inputs(spec: RunSpec, path: Path, replicates: int) -> None:
    """What was drawn is filed if it is not too much, or if only a file had it; else it is drawn again when somebody
    asks for it."""
    if spec.posterior is not None:
        table = _inputs_of_posterior(spec, spec.posterior, replicates)
        table.to_parquet(path, index=False, compression="zstd")
    elif replicates * len(input_rows(spec.deployment)) <= KEPT_INPUTS:
        table = inputs_table(spec.deployment, spec.seed, replicates, spec.situations)
        table.to_parquet(path, index=False, compression="zstd")


def _file(spec: RunSpec, bench: store.Workbench, aggregates: Aggregates, manifest: dict[str, Any]) -> dict[str, Any]:
    """File the run so far in its folder, as one; returns the manifest with all checksums."""
    bench.require_in_place()
    with bench.writing():
        draft = new_draft(bench.home)
        (draft / store.SCENARIO).write_text(spec.loaded.as_yaml(), "utf-8")
        store.write_runs(draft / store.RUNS, spec.outcomes, bench.chunks())
        _keep_inputs(spec, draft / store.INPUTS, aggregates.replicates)
        names = spec.deployment.names
        store.write_tables(draft, aggregates, list(names.places), list(names.sides))
        manifest = file_run(bench.home, draft, manifest)
    bench.require_in_place()
    return manifest


def mend(spec: RunSpec, how: How, bench: store.Workbench, aggregates: Aggregates) -> None:
    """Run the campaigns again whose rows are damaged; what they came to in sum is known."""
    damaged = bench.damaged()
    for first, last in damaged:
        again = Aggregates(aggregates.spec)
        begin = aggregates.first
        with contextlib.closing(_computed(spec, how, again, begin + first, begin + last)) as computed:
            for rows in computed:
                bench.put(first, rows)
                first += len(rows)
    if damaged:
        bench.mended()


def _blocks(spec: RunSpec, how: How, record_spec: RecordSpec, first: int, last: int) -> Generator[Block, None, None]:
    """The campaigns of replicates `first` to `last` (not included), in order."""
    size, draws = how.block or block_size(last - first, how.jobs), spec.situations or OWN_SITUATIONS
    placed = _drawn(spec, spec.posterior).deployment if spec.posterior else None
    return run_blocks(spec.deployment, record_spec, spec.seed, first, last, size, how.jobs, draws, None, placed)


def _drawn(spec: RunSpec, posterior: Posterior) -> PosteriorPoints:
    """The deployments of the campaigns of a run from a posterior."""
    return PosteriorPoints(spec.deployment, posterior, spec.seed, spec.situations)


def _sent(spec: RunSpec, record_spec: RecordSpec, first: int, last: int) -> tuple[Job, list[Shard]]:
    """The replicates `first` to `last` (not included), as they are sent to other processes."""
    draws = spec.situations or OWN_SITUATIONS
    size = max(LEAST, min(MOST, -(-(last - first) // SHARDS)))
    parts = [(begin, min(begin + size, last)) for begin in range(first, last, size)]
    if spec.posterior is None:
        job = Job(OnePoint(spec.deployment), record_spec, spec.seed, draws, aggregated=True)
        return job, [Shard(0, 1, begin, end) for begin, end in parts]
    # Each replicate is a point of its own, with one campaign.
    job = Job(_drawn(spec, spec.posterior), record_spec, spec.seed, draws, apart=1, aggregated=True)
    return job, [Shard(begin, end, 0, 1) for begin, end in parts]


def _interrupted(spec: RunSpec, found: Results, kept: str, number: int) -> Interrupted:
    """Says how far the run came, and what is kept of it."""
    most = "" if spec.until else f" of {spec.replicates:,}"
    message = f"interrupted after {found.replicates:,}{most} campaigns{kept}"
    tell(message)
    return Interrupted(message, found, number)


def _computed(
    spec: RunSpec, how: How, aggregates: Aggregates, first: int, last: int
) -> Generator[NDArray[np.float64], None, None]:
    """Run replicates `first` to `last` (not included); rows come in order, and are in the aggregates when they come."""
    record_spec = aggregates.spec
    if how.pool is None:
        with contextlib.closing(_blocks(spec, how, record_spec, first, last)) as blocks:
            for block in blocks:
                aggregates.add(block.record, block.campaigns, block.seconds)
                yield record_spec.values(block.record, block.campaigns)
        return
    job, shards = _sent(spec, record_spec, first, last)
    with contextlib.closing(run_shards(job, shards, how.jobs, how.pool)) as parts:
        for part in parts:
            assert part.aggregates is not None
            aggregates.merge(part.aggregates)
            yield part.rows


def _safe(computed: Iterator[NDArray[np.float64]], aggregates: Aggregates, rows: Rows) -> Iterator[int]:
    """Keep what is computed, and say how many campaigns came; if one crashes, what was finished is made safe first."""
    while True:
        try:
            done = next(computed, None)
        except Exception:
            with contextlib.suppress(store.ResultsError):
                rows.checkpoint(aggregates)
            raise
        if done is None:
            return
        rows.append(done)
        yield len(done)


def run_campaigns(
    spec: RunSpec, how: How, aggregates: Aggregates, rows: Rows, stop: StopSignal, end: int | None = None
) -> bool:
    """Run the replicates that are missing; False if it was interrupted before the end.

    end: after how many campaigns a part of the run ends; None: where the run itself does.
    """
    before, began = aggregates.elapsed, time.perf_counter()
    saved = began
    complete = False
    total = end if end is not None else None if spec.until else spec.replicates
    with progress_bar(total, aggregates.replicates, how.progress) as bar:
        for last in _analyses(spec) if end is None else (end,):
            count = aggregates.replicates
            if count > last:
                continue  # an earlier run was analysed here, and went on
            begin = aggregates.first
            with contextlib.closing(_computed(spec, how, aggregates, begin + count, begin + last)) as computed:
                for done in _safe(computed, aggregates, rows):
                    now = time.perf_counter()
                    aggregates.elapsed = before + now - began
                    bar.update(done)
                    if stop.asked:
                        break
                    if now - saved > CHECKPOINT_SECONDS:
                        rows.checkpoint(aggregates)
                        saved = now
            complete = aggregates.replicates == last and _ends_with(spec, rows, last)
            if complete or stop.asked:
                break
        if not complete:
            rows.checkpoint(aggregates)
    return complete


def _analyses(spec: RunSpec) -> Iterator[int]:
    """After how many campaigns the run may end."""
    return interim_analyses(spec.replicates) if spec.until else iter((spec.replicates,))


def _ends_with(spec: RunSpec, rows: Rows, count: int) -> bool:
    """Whether the `count` campaigns of these rows are enough."""
    if spec.until is None:
        return True
    values = _goal_values(spec, rows) if count < spec.replicates else None
    return values is None or spec.until.is_met(values)


def _goal_values(spec: RunSpec, rows: Rows) -> NDArray[np.float64] | None:
    """The values, so far, of the outcome that `until` names, in the campaigns that agree with what is given."""
    if spec.until is None:
        return None
    names = [outcome.name for outcome in spec.outcomes]
    wanted = [spec.until.outcome.name, *(spec.given.operands if spec.given else ())]
    columns = [names.index(name) for name in wanted]
    found = np.concatenate([np.empty((0, len(columns))), *(chunk[:, columns] for chunk in rows.chunks())])
    if spec.given is None:
        return found[:, 0]
    kinds = {outcome.name: outcome.kind for outcome in spec.outcomes}
    return found[agreeing(spec.given, dict(zip(wanted, found.T, strict=True)), kinds), 0]
