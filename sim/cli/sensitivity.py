"""`sim sensitivity`: which inputs an outcome depends on."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.console import WIDTH, wrapped
from sim.cli.cost import FEWER_POINTS, cost_of_study, ends_with_cost
from sim.cli.messages import WRONG_INPUT, clear_messages, results_errors, say, show, show_json
from sim.cli.options import (
    AsJson,
    Cluster,
    DryRun,
    Each,
    Folder,
    Jobs,
    Outcomes,
    Quiet,
    Resume,
    ScenarioFile,
    Seed,
    Settings,
    Variant,
    VaryInputs,
    Yes,
    campaigns_of,
    plotted,
    points_of,
)
from sim.cli.pictures import draw

if TYPE_CHECKING:
    from sim.study.indices import Sensitivity

SHOWN = 15
"""Inputs that the terminal shows."""
HEADS = {"sobol": "total", "morris": "mu*", "pawn": "PAWN", "regression": "coeff."}
"""What stands above the index by which each method ranks."""


def sensitivity(
    scenario: ScenarioFile,
    outcomes: Outcomes = None,
    method: Annotated[
        str, typer.Option(metavar="sobol|morris|pawn|regression", help="How.", show_default="sobol")
    ] = "sobol",
    points: Annotated[int | None, points_of("Rows of the design.", "by method")] = None,
    replicates: Annotated[int | None, campaigns_of("Campaigns at each point.", "by method")] = None,
    vary: VaryInputs = None,
    each: Each = None,
    picture: Annotated[Path | None, plotted("the first outcome's indices")] = None,
    seed: Seed = 1,
    jobs: Jobs = None,
    settings: Settings = None,
    variant: Variant = None,
    folder: Folder = Path("results"),
    cluster: Cluster = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    dry_run: DryRun = False,
    resume: Resume = True,
    yes: Yes = False,
) -> None:
    """Which inputs an outcome depends on: all that the scenario calls uncertain, or those that --vary names."""
    with clear_messages(), results_errors():
        from sim.engine.arguments import thread_count
        from sim.ensemble.pools import pool_of
        from sim.ensemble.spec import loaded_scenario
        from sim.scenario.settings import parse_settings
        from sim.study.design import wrong
        from sim.study.sensitivity import name_of, read_vary_inputs, specify_sensitivity
        from sim.study.sweep import run_study

        loaded = loaded_scenario(scenario, variant, parse_settings(settings or ()))
        if not outcomes:
            listed = ", ".join(loaded.scenario.outcomes) or "PLACE.fall_day"
            raise wrong("--outcome", f"says of which outcome: --outcome NAME; the scenario lists {listed}")
        varied = read_vary_inputs(vary) if vary else None
        spec = specify_sensitivity(loaded, outcomes, method, points, replicates, varied, each, seed)
        names = list(dict.fromkeys(name_of(loaded, outcome) for outcome in outcomes))
        if ends_with_cost(spec.campaigns, lambda: cost_of_study(spec, jobs), dry_run, yes, FEWER_POINTS):
            return
        where = pool_of(cluster)
        study = run_study(spec, thread_count(jobs), folder, False if quiet else None, resume, where)
        found, silent = [], []
        for name in names:
            try:
                found.append(study.sensitivity(name, method))
            except ValueError as error:
                silent.append(f"no answer on {name}: {error}")
        if not found:
            say(*silent)
            raise typer.Exit(WRONG_INPUT)
        if as_json:
            where_kept = None if study.path is None else str(study.path)
            plain = {name: study.manifest[name] for name in ("scenario", "study_id", "seed", "points", "replicates")}
            show_json(plain | {"results_dir": where_kept, "sensitivities": [one.to_json() for one in found]})
        else:
            show(_answer(found, loaded.scenario.title))
        draw(lambda: found[0].plot.tornado(), picture)
        if study.found and not quiet:
            say("these campaigns had been run before, and were found again (--no-resume runs them anew)")
        if silent:
            say(*silent)
            raise typer.Exit(WRONG_INPUT)


def _answer(found: Iterable[Sensitivity], title: str) -> Iterator[str]:
    """The most important inputs of each outcome as a table, and what that can and cannot tell."""
    yield " ".join(title.split())
    for one in found:
        manifest = one.study.manifest
        rows = len(one.study.space.base) if one.study.space is not None else manifest["points"]
        yield (
            f"{manifest['points']:,} points ({one.method}, {rows:,} rows), {manifest['replicates']:,} campaigns each,"
            f" seed {manifest['seed']}"
        )
        yield ""
        if one.table[one.main].notna().all():
            yield from table_of(one)
        else:
            yield f"What {one.outcome} depends on: the campaigns do not tell"
        yield ""
        for note in one.notes:
            yield from wrapped(note, "  ")
        yield ""
        yield f"Results: {one.study.path}"


def table_of(one: Sensitivity) -> Iterator[str]:
    """The most important inputs: index with interval, bounds of the rank, how sure each is ahead of the next."""
    alone = one.method == "sobol"
    unit = f", {one.unit}" if one.method == "morris" and one.unit else ""
    head = f"{'alone':>8}" if alone else ""
    room = WIDTH - len(head) - 38
    yield f"What {one.outcome} depends on{unit}"
    yield f"{'':<{room}}{head}{HEADS[one.method]:>8}{'95 % interval':>16}{'rank':>8}{'ahead':>6}"
    for name, row in one.table.head(SHOWN).iterrows():
        shown = str(name)
        if len(shown) >= room:
            yield shown
            shown = ""
        low, high = (_cell(row[f"{one.main}_{end}"]) for end in ("low", "high"))
        cells = (f"{_cell(row['first']):>8}" if alone else "") + f"{_cell(row[one.main]):>8}{f'{low} to {high}':>16}"
        rank = f"{row['rank_low']:.0f} - {row['rank_high']:.0f}"
        ahead = "" if math.isnan(row["ahead"]) else f"{row['ahead']:.0%}"
        yield f"{shown:<{room}}{cells}{rank:>8}{ahead:>6}".rstrip()
    if len(one.table) > SHOWN:
        yield f"... ({len(one.table) - SHOWN} more)"


def _cell(value: Any) -> str:
    number = float(value)
    return f"{number:.2f}" if abs(number) < 100 else f"{number:,.0f}"
