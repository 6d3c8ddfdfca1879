"""`sim sweep`: the ensemble at each point of a design."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.console import WIDTH, number
from sim.cli.cost import cost_of_study, ends_with_cost
from sim.cli.messages import clear_messages, results_errors, say, show, show_json
from sim.cli.options import (
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
    points_of,
)
from sim.cli.run import part_done

if TYPE_CHECKING:
    from sim.study.study import Study

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
        points_of("Points of lhs and sobol; levels of a grid.", "5 levels"),
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
        from sim.engine.arguments import thread_count
        from sim.ensemble.pools import pool_of
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
        where = pool_of(cluster)
        if ends_with_cost(spec.campaigns, lambda: cost_of_study(spec, jobs), dry_run, yes):
            return
        progress = False if quiet else None
        study = run_study(spec, thread_count(jobs), folder, progress, resume, where, shard)
        if shard is not None and study.path is not None and not study.found:
            show(part_done(study.path, shard))
        elif as_json:
            show_json(study.to_json())
        else:
            show(answer(study, spec.loaded.scenario.title))
        if study.found and not quiet:
            say("this study had been made before, and was found again (--no-resume runs it anew)")


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
