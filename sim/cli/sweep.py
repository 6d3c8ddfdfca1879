"""`sim sweep`: the ensemble at each point of a design."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.console import WIDTH, duration, number, size
from sim.cli.messages import WRONG_INPUT, clear_messages, results_errors, say, show, show_json
from sim.cli.options import (
    MANY,
    AsJson,
    Cluster,
    DryRun,
    Folder,
    Jobs,
    Outcomes,
    PointReplicates,
    Quiet,
    Resume,
    ScenarioFile,
    Seed,
    Settings,
    ShardOf,
    Variant,
    Yes,
)
from sim.cli.run import part_done

if TYPE_CHECKING:
    from sim.study.study import Study
    from sim.study.sweep import StudySpec

SHOWN = 20
"""Points that the terminal shows."""


def sweep(
    scenario: ScenarioFile,
    vary: Annotated[
        list[str] | None,
        typer.Option(metavar="PATH=A:B[:N]", help="Vary a value (PATH*= scales, PATH+= shifts). Repeatable."),
    ] = None,
    design: Annotated[
        str, typer.Option(metavar="grid|lhs|sobol|FILE.csv", help="Which points.", show_default="grid")
    ] = "grid",
    points: Annotated[
        int | None,
        typer.Option(metavar="N", help="Points of lhs and sobol; levels of a grid.", show_default="5 levels"),
    ] = None,
    replicates: PointReplicates = 100,
    seed: Seed = 1,
    jobs: Jobs = None,
    settings: Settings = None,
    variant: Variant = None,
    outcomes: Outcomes = None,
    folder: Folder = Path("results"),
    cluster: Cluster = None,
    shard: ShardOf = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    dry_run: DryRun = False,
    resume: Resume = True,
    yes: Yes = False,
) -> None:
    """Run the ensemble at each point of a design; or what a study file (YAML with `scenario` and `vary`) says."""
    with clear_messages(), results_errors():
        from sim.ensemble.blocks import all_cores
        from sim.ensemble.executors import cluster as executor_of
        from sim.scenario.settings import parse_settings
        from sim.study.study_file import read_study
        from sim.study.sweep import run_study

        arguments = read_study(
            scenario,
            vary or (),
            design,
            points,
            replicates,
            seed,
            outcomes or (),
            variant,
            parse_settings(settings or ()),
        )
        spec = arguments.spec()
        where = executor_of(cluster) if cluster else None
        campaigns = len(spec.points) * spec.replicates
        if dry_run or (campaigns > MANY and not yes):
            told = cost_of_study(spec, jobs or all_cores())
            if dry_run:
                show([told])
                return
            say(told, f"that is a lot: add --yes to run more than {MANY:,} campaigns")
            raise typer.Exit(WRONG_INPUT)
        progress = False if quiet else None
        study = run_study(spec, jobs or all_cores(), folder, progress, resume, where, shard)
        if shard is not None and study.path is not None and not study.found:
            show(part_done(study.path, shard))
        elif as_json:
            show_json(study.to_json())
        else:
            show(answer(study, spec.loaded.scenario.title))
        if study.found and not quiet:
            say("this study had been made before, and was found again (--no-resume runs it anew)")


def cost_of_study(spec: StudySpec, jobs: int) -> str:
    """What a study costs, as a sentence."""
    from sim.ensemble.cost import cost_of

    count = len(spec.points) * spec.replicates
    found = cost_of(spec.loaded, count, jobs, [outcome.said for outcome in spec.outcomes])
    table = 8.0 * len(spec.points) * spec.replicates
    return (
        f"{len(spec.points):,} points x {spec.replicates:,} campaigns = {count:,} campaigns of {found.units} formations"
        f" and air wings over {found.ticks} ticks: about {duration(found.seconds)} on {jobs} threads,"
        f" {size(2 * found.disk)} on disk, {size(found.memory + table)} of memory"
    )


def answer(study: Study, title: str) -> Iterator[str]:
    """The first points as a table, and where all of them are."""
    manifest, table = study.manifest, study.points
    yield " ".join(title.split())
    yield (
        f"{manifest['points']:,} points ({manifest['design']}), {manifest['replicates']:,} campaigns each, seed"
        f" {manifest['seed']}"
    )
    yield ""
    labels = [*study.paths, *study.outcome_names]
    keys = [chr(ord("A") + i) if i < 26 else f"c{i}" for i in range(len(labels))]
    yield from (f"  {key}  {label}" for key, label in zip(keys, labels, strict=True))
    yield ""
    room = max(1, (WIDTH - 6) // 10)
    shown = list(zip(keys, labels, strict=True))[:room]
    yield " point" + "".join(f"{key:>10}" for key, _ in shown)
    for row in table.head(SHOWN).to_dict("records"):
        yield f"{row['point']:>6}" + "".join(f"{_cell(row[label]):>10}" for _, label in shown)
    if len(table) > SHOWN:
        yield f"... ({len(table) - SHOWN:,} more points)"
    if len(labels) > room:
        yield f"... ({len(labels) - room} more columns, and intervals, in points.parquet)"
    yield ""
    yield f"Results: {study.path}"


def _cell(value: Any) -> str:
    return number(float(value))
