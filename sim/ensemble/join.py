"""A run in several parts, and how they come together."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim.engine.arguments import thread_count
from sim.engine.record import RecordSpec
from sim.ensemble import store
from sim.ensemble.aggregates import Aggregates
from sim.ensemble.folder import RUN
from sim.ensemble.parts import PARTS, Part, bounds, common_to_parts, describe, part_folder, require_all
from sim.ensemble.posterior import Posterior
from sim.ensemble.progress import tell
from sim.ensemble.results import Results
from sim.ensemble.run import How, draw, found_in, in_folder, mend, ready, run_campaigns
from sim.ensemble.signals import Stopped, StopSignal
from sim.ensemble.spec import RunSpec, specify
from sim.scenario.file_paths import absolute, folder_name


def run_part(spec: RunSpec, results: str | Path, part: tuple[int, int], how: How, resume: bool = True) -> Path:
    """Run the campaigns of one of several parts, in a folder of its own, which is returned; ResultsError if it fails.

    Parts may be computed at the same time and anywhere; `merge` brings them together.
    """
    home = absolute(results) / folder_name(spec.loaded.name) / spec.run_id
    folder = part_folder(home, part)
    first, last = bounds(spec.replicates, part)
    ready(spec)
    aggregates = Aggregates(RecordSpec(spec.deployment, spec.outcomes), first)
    with StopSignal() as stop:
        bench = store.Workbench(folder, len(spec.outcomes), afresh=not resume)
        try:
            table = spec.posterior.table() if spec.posterior else None
            describe(folder, part, _said(spec), spec.loaded.as_yaml(), table)
            if wrong := bench.resume(aggregates):
                tell(wrong)
            mend(spec, how, bench, aggregates)
            complete = run_campaigns(spec, how, aggregates, bench, stop, last - first)
            bench.checkpoint(aggregates)
        finally:
            bench.close(remove=False)
    if not complete:
        message = f"interrupted after {aggregates.replicates:,} of {last - first:,} campaigns, kept in {folder}"
        tell(message)
        raise Stopped(message, stop.asked)
    return folder


def merge(parts: Sequence[Part], results: str | Path, jobs: int | None = None) -> Results:
    """Bring the parts of a run together: the results are those of a run in one place, to the byte."""
    said = parts[0].said
    loaded = parts[0].scenario()
    drawn = said["posterior"]
    posterior = None if drawn is None else Posterior.of_table(drawn["file"], drawn["names"], parts[0].design())
    shared = said["situations"]
    spec = specify(loaded, said["replicates"], said["seed"], said["outcomes"], situations=shared, posterior=posterior)
    parts[0].require_id(spec.run_id)
    numbers = {part.number for part in parts}
    require_all([f"{i}/{parts[0].count}" for i in range(1, parts[0].count + 1) if i not in numbers])
    folder = absolute(results) / folder_name(spec.loaded.name) / spec.run_id
    found = found_in(folder)
    if found is None:
        found = in_folder(spec, folder, How(thread_count(jobs)), True, functools.partial(_take, spec, parts))
        shutil.rmtree(folder / PARTS, ignore_errors=True)
        draw(found)
    return found


def _said(spec: RunSpec) -> dict[str, Any]:
    """What a part says of the run that it belongs to."""
    common = common_to_parts(RUN, spec.run_id, spec.loaded, spec.replicates, spec.seed, spec.outcomes)
    drawn = spec.posterior
    said = None if drawn is None else {"file": drawn.file, "names": list(drawn.names)}
    return common | {"situations": spec.situations, "posterior": said}


def _take(spec: RunSpec, parts: Sequence[Part], bench: store.Workbench, aggregates: Aggregates) -> None:
    """Take over the campaigns of parts that are done, in their order, behind those that are there."""
    for part in sorted(parts, key=lambda part: part.number):
        first, last = bounds(spec.replicates, (part.number, part.count))
        if first != aggregates.replicates:
            continue  # taken before the process was ended
        counted = Aggregates(aggregates.spec, first)
        done = store.Workbench(part.folder, len(spec.outcomes), afresh=False)
        try:
            if wrong := done.resume(counted):
                raise store.Damaged(f"{wrong.split(':')[0]}: run --shard {part.name} again")
            require_all([part.name] if counted.replicates < last - first else [])
            for rows in done.chunks():
                bench.append(rows)
            aggregates.merge(counted)
        finally:
            done.close(remove=False)
