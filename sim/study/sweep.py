"""Sweeps: the ensemble at each point of a design.

Replicate k of all points has the same random numbers, so points differ by what is varied. Points take turns: after the
first batches all points have equally many campaigns, and what is there is balanced.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.engine.arguments import MOST_REPLICATES, MOST_SEED, mapping, texts, thread_count, whole_number
from sim.engine.entry import make_ready
from sim.engine.record import RecordSpec
from sim.ensemble import store
from sim.ensemble.executors import run_shards
from sim.ensemble.folder import STUDY, file_run, find_complete, new_draft
from sim.ensemble.manifest import declared, versions
from sim.ensemble.parts import PARTS, Part, common_to_parts, describe, part_folder, require_all
from sim.ensemble.points import Points, SetPoints
from sim.ensemble.pools import Pool, pool_of
from sim.ensemble.progress import progress_bar, tell
from sim.ensemble.shards import Done, Job, Shard
from sim.ensemble.signals import StopSignal
from sim.ensemble.spec import loaded_scenario
from sim.outcomes.catalogue import Outcome, outcomes_of
from sim.rules.rulebook import RULEBOOK
from sim.scenario.file_paths import absolute, folder_name
from sim.scenario.read import LoadedScenario
from sim.study.design import Design, design_of_table, make_design, said_by_vary, wrong
from sim.study.slots import MemorySlots, Slots
from sim.study.space import SpaceDesign
from sim.study.study import BASE, POINTS, Study, study_of
from sim.world.deploy import Deployment, deploy

BATCH = 16
"""Replicates of a point that are run together."""
SHARD = 512
"""Campaigns of a shard, about."""
REPLICATES = 100


@dataclasses.dataclass(frozen=True)
class StudySpec:
    """A study: all that determines its result."""

    loaded: LoadedScenario
    deployment: Deployment
    outcomes: list[Outcome]
    paths: tuple[str, ...]
    points: Points
    numbers: np.ndarray
    kind: str
    replicates: int
    seed: int
    apart: bool = False
    """Whether each point has random numbers of its own."""
    space: SpaceDesign | None = None
    """The design of a sensitivity study; `numbers` are then those of its base points and of what is moved."""

    @functools.cached_property
    def study_id(self) -> str:
        """The name of the study: a hash of all that determines its result."""
        points = hashlib.sha256(np.ascontiguousarray(self.numbers).tobytes()).hexdigest()
        space = () if self.space is None else (self.kind, list(self.space.groups.items()))
        return store.run_id(
            self.loaded, self.seed, self.replicates, self.outcomes, "study", self.paths, points, self.apart, *space
        )

    @property
    def campaigns(self) -> int:
        return len(self.points) * self.replicates

    def columns(self) -> dict[str, np.ndarray]:
        """What stands in the table of points before the estimates: what is varied, or where in the design it is."""
        if self.space is not None:
            return self.space.columns()
        return {path: self.numbers[:, i] for i, path in enumerate(self.paths)}

    def shards(self) -> list[Shard]:
        """The parts of the study, the same on every machine: batches of replicates, over all points."""
        batch = min(BATCH, self.replicates)
        together = max(1, SHARD // batch)
        return [
            Shard(point, min(len(self.points), point + together), first, min(self.replicates, first + batch))
            for first in range(0, self.replicates, batch)
            for point in range(0, len(self.points), together)
        ]

    def job(self) -> Job:
        spec = RecordSpec(self.deployment, self.outcomes)
        return Job(self.points, spec, self.seed, apart=self.replicates if self.apart else 0)


class Interrupted(KeyboardInterrupt):
    """A study that was interrupted; what is finished is kept."""


def sweep(
    scenario: LoadedScenario | str | Path,
    vary: Mapping[str, Any] | None = None,
    design: str | Any = "grid",
    points: int | Sequence[int] | None = None,
    replicates: int = REPLICATES,
    seed: int = 1,
    jobs: int | None = None,
    outcomes: Iterable[str] = (),
    results: str | Path | None = "results",
    variant: str | None = None,
    set: Mapping[str, Any] | None = None,
    progress: bool | None = None,
    resume: bool = True,
    executor: Executor | str | None = None,
) -> Study:
    """Run the ensemble at each point of a design, with `replicates` campaigns a point.

    `vary`: for each path a range (low, high), or in a grid a list of levels; `path *` scales and `path +` shifts what
    the scenario says. `design`: grid, lhs, sobol, a DataFrame or a .csv file with a column for each path. `executor`:
    `processes:4`, `dask://host:port`, or any executor of concurrent.futures; threads if nothing is said. Everything
    else as in `sim.run`. ScenarioError says what cannot be.
    """
    loaded = loaded_scenario(scenario, variant, set)
    varied = mapping("vary", {} if vary is None else vary, "{'sides.NAME.will': (0.2, 0.8)}")
    spec = specify_sweep(loaded, varied, design, points, replicates, seed, outcomes)
    return run_study(spec, thread_count(jobs), results, progress, resume, pool_of(executor))


def specify_sweep(
    loaded: LoadedScenario,
    vary: Mapping[str, Any],
    design: str | Any,
    points: int | Sequence[int] | None,
    replicates: int,
    seed: int,
    outcomes: Iterable[str],
) -> StudySpec:
    """The study that these arguments describe; ScenarioError or ValueError if there is none."""
    seed = whole_number("seed", seed, 0, MOST_SEED)
    replicates = whole_number("replicates", replicates, 1, MOST_REPLICATES)
    if isinstance(design, str) and not design.lower().endswith(".csv"):
        made = make_design(vary, design, points, seed)
    elif vary:
        raise wrong("vary", "the file of points says what is varied; leave vary out")
    else:
        made = design_of_table(design)
    deployment = deploy(loaded, RULEBOOK)
    chosen = outcomes_of(loaded, texts("outcomes", outcomes))
    with said_by_vary():
        placed = SetPoints(deployment, made.paths, made.numbers)
        _check_extremes(placed, made)
    return StudySpec(
        loaded, placed.deployment(0), chosen, made.paths, placed, made.numbers, made.kind, replicates, seed
    )


def _check_extremes(points: SetPoints, design: Design) -> None:
    """Each path at its least and its greatest number must be possible; a study does not stop in the middle."""
    ticks = points.deployment(0).ticks
    for column, path in enumerate(design.paths):
        for row in (int(design.numbers[:, column].argmin()), int(design.numbers[:, column].argmax())):
            if points.deployment(row).ticks != ticks:
                raise wrong(f"vary {path}", "campaigns of different length cannot be put side by side in one study")


def run_study(
    spec: StudySpec,
    jobs: int,
    results: str | Path | None,
    progress: bool | None = None,
    resume: bool = True,
    pool: Pool | None = None,
    part: tuple[int, int] | None = None,
) -> Study:
    """Run the shards that are missing, and file the study.

    part: (i, n) runs each n-th shard from the i-th on, in a folder of its own. Parts may be computed at the same time
    and anywhere; `merge` brings them together.
    """
    shards = spec.shards()
    if results is None:
        slots = MemorySlots(shards, len(spec.outcomes))
        if not _fill(spec, slots, range(len(shards)), jobs, progress, pool):
            raise Interrupted("interrupted")
        return study_of(spec, slots, _manifest(spec))
    folder = absolute(results) / folder_name(spec.loaded.name) / spec.study_id
    if resume and (found := find_complete(folder, Study.open, tell)):
        return found
    home = folder if part is None else part_folder(folder, part)
    on_disk = Slots(home, shards, len(spec.outcomes), afresh=not resume)
    complete = False
    try:
        if part is not None:
            describe(home, part, _said(spec), spec.loaded.as_yaml(), spec.numbers)
        wanted = range(len(shards)) if part is None else _shards_of(len(shards), part)
        if not _fill(spec, on_disk, wanted, jobs, progress, pool):
            done = sum(shards[number].campaigns for number in on_disk.full)
            total = sum(shards[number].campaigns for number in wanted)
            message = f"interrupted after {done:,} of {total:,} campaigns, kept in {home}; the same command goes on"
            tell(message)
            raise Interrupted(message)
        if part is not None:
            return study_of(spec, on_disk, _manifest(spec), home, only_manifest=True)
        complete = True
        return _filed(spec, on_disk, folder)
    finally:
        on_disk.close(remove=complete)


def merge(parts: Sequence[Part], results: str | Path) -> Study:
    """Bring the parts of a sweep together: the study is that of a sweep in one place, to the byte."""
    said = parts[0].said
    loaded = parts[0].scenario()
    table = pd.DataFrame(parts[0].design(), columns=list(said["paths"]))
    spec = specify_sweep(loaded, {}, table, None, said["replicates"], said["seed"], said["outcomes"])
    spec = dataclasses.replace(spec, kind=said["design"])
    parts[0].require_id(spec.study_id)
    shards = spec.shards()
    folder = absolute(results) / folder_name(spec.loaded.name) / spec.study_id
    if found := find_complete(folder, Study.open, tell):
        return found
    on_disk = Slots(folder, shards, len(spec.outcomes), afresh=False)
    complete = False
    try:
        for part in parts:
            _take(on_disk, part, len(spec.outcomes))
        missing = set(range(len(shards))) - on_disk.full
        count = parts[0].count
        require_all([f"{i}/{count}" for i in range(1, count + 1) if missing & set(_shards_of(len(shards), (i, count)))])
        complete = True
        study = _filed(spec, on_disk, folder)
    finally:
        on_disk.close(remove=complete)
    shutil.rmtree(folder / PARTS, ignore_errors=True)
    return study


def _shards_of(count: int, part: tuple[int, int]) -> range:
    """The numbers of the shards of a part: each n-th, from its own on."""
    return range(part[0] - 1, count, part[1])


def _take(slots: Slots, part: Part, columns: int) -> None:
    """Take over the rows of a part; those that are damaged count as missing."""
    done = Slots(part.folder, slots.shards, columns, afresh=False)
    try:
        for number in sorted(done.full - slots.full):
            slots.put(number, done.rows(number))
    finally:
        done.close(remove=False)


def _said(spec: StudySpec) -> dict[str, Any]:
    """What a part says of the study that it belongs to."""
    common = common_to_parts(STUDY, spec.study_id, spec.loaded, spec.replicates, spec.seed, spec.outcomes)
    return common | {"design": spec.kind, "paths": list(spec.paths)}


def _filed(spec: StudySpec, slots: Slots, folder: Path) -> Study:
    """The study of slots that are all full, filed in its folder."""
    _file(spec, study_of(spec, slots, _manifest(spec), folder), slots, folder)
    return Study.open(folder)


def _fill(
    spec: StudySpec,
    slots: MemorySlots,
    wanted: Iterable[int],
    jobs: int,
    progress: bool | None,
    pool: Pool | None,
) -> bool:
    """Run the wanted shards that are not there; False if it was interrupted."""
    missing = [number for number in wanted if number not in slots.full]
    if pool is None and missing:
        cells, world = spec.deployment.new_world()
        make_ready(world, spec.deployment.atlas, cells)
    done = sum(slots.shards[number].campaigns for number in slots.full)
    total = done + sum(slots.shards[number].campaigns for number in missing)
    shards = (slots.shards[number] for number in missing)
    with StopSignal() as stop, progress_bar(total, done, progress) as bar:
        # Each is kept as soon as it is there, so that a crash costs as little as can be.
        number_of = {slots.shards[number]: number for number in missing}

        def keep(part: Done) -> None:
            slots.put(number_of[part.shard], part.rows)

        with contextlib.closing(run_shards(spec.job(), shards, jobs, pool, in_order=False, keep=keep)) as computed:
            for part in computed:
                bar.update(part.shard.campaigns)
                if stop.asked:
                    break
    return all(number in slots.full for number in missing)


def _file(spec: StudySpec, study: Study, slots: Slots, folder: Path) -> None:
    """File the study as one: points, runs, the scenario and the manifest."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    slots.bench.require_in_place()
    with slots.bench.writing():
        draft = new_draft(folder)
        (draft / store.SCENARIO).write_text(spec.loaded.as_yaml(), "utf-8")
        study.points.to_parquet(draft / POINTS, index=False, compression="zstd")
        if spec.space is not None:
            spec.space.table().to_parquet(draft / BASE, index=False, compression="zstd")
        names = [outcome.name for outcome in spec.outcomes]
        schema = pa.schema(
            [("point", pa.int32()), ("replicate", pa.int64()), *((name, pa.float64()) for name in names)]
        )
        with pq.ParquetWriter(draft / store.RUNS, schema, compression="zstd") as writer:
            for columns in _run_columns(slots):
                writer.write_table(pa.Table.from_arrays([pa.array(column) for column in columns], schema=schema))
        file_run(folder, draft, _manifest(spec))


def _run_columns(slots: MemorySlots) -> Iterator[list[np.ndarray]]:
    """The rows of each shard as columns: point, replicate, outcomes."""
    for number, shard in enumerate(slots.shards):
        points = np.arange(shard.first_point, shard.last_point, dtype=np.int32)
        replicates = np.arange(shard.first, shard.last)
        rows = slots.rows(number)
        yield [
            np.repeat(points, len(replicates)),
            np.tile(replicates, len(points)),
            *(np.ascontiguousarray(rows[:, column]) for column in range(rows.shape[1])),
        ]


def _manifest(spec: StudySpec) -> dict[str, Any]:
    """What a folder says of its study."""
    space = {} if spec.space is None else {"groups": {name: list(part) for name, part in spec.space.groups.items()}}
    return {
        "kind": STUDY,
        "scenario": spec.loaded.name,
        "study_id": spec.study_id,
        "design": spec.kind,
        "paths": list(spec.paths),
        "points": len(spec.points),
        "replicates": spec.replicates,
        "apart": spec.apart,
        "seed": spec.seed,
        "variant": spec.loaded.variant,
        "set": json.loads(json.dumps(spec.loaded.overrides, default=str)),
        "outcomes": declared(spec.outcomes),
        "days": spec.deployment.ticks * spec.loaded.scenario.clock.tick_hours / 24,
        "scenario_hash": store.scenario_hash(spec.loaded),
        "engine_hash": store.engine_hash(),
        "versions": versions(),
        **space,
    }
