"""`sim backtest`: what a scenario's ensemble says, scored against dated outcomes, beside naive forecasts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.console import number, percent
from sim.cli.cost import cost, ends_with_cost
from sim.cli.messages import clear_messages, results_errors, show, show_json
from sim.cli.options import (
    AsJson,
    DryRun,
    Folder,
    Jobs,
    PlainReplicates,
    Quiet,
    ScenarioFile,
    Seed,
    Settings,
    Variant,
    Yes,
    plotted,
)
from sim.cli.pictures import draw

if TYPE_CHECKING:
    from sim.plots.theme import PlotFigure
    from sim.study.backtest import Backtest


def backtest(
    scenario: ScenarioFile,
    outcomes: Annotated[
        Path, typer.Argument(metavar="OUTCOMES", help="File of what was observed (YAML).", show_default=False)
    ],
    replicates: PlainReplicates = None,
    seed: Seed = 1,
    jobs: Jobs = None,
    settings: Settings = None,
    variant: Variant = None,
    folder: Folder = Path("results"),
    picture: Annotated[Path | None, plotted("forecasts and observations")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Score the ensemble against dated outcomes: Brier, log, CRPS and ranked probability, beside naive forecasts."""
    with clear_messages(), results_errors():
        from sim.engine.load import load
        from sim.ensemble.cost import cost_of
        from sim.ensemble.spec import REPLICATES
        from sim.outcomes.catalogue import TIME
        from sim.scenario.settings import parse_settings
        from sim.study.backtest import backtest as back_test
        from sim.study.backtest import read_observations

        loaded = load(scenario, variant=variant, set=parse_settings(settings or ()))
        progress = False if quiet else None
        observations = read_observations(outcomes, loaded)
        if picture is not None and not any(each.outcome.kind == TIME for each in observations.observed):
            message = f"draws times such as PLACE.fall_day, and {outcomes} has none"
            raise typer.BadParameter(message, param_hint="--plot")
        count = REPLICATES if replicates is None else replicates
        asked = [each.outcome.said for each in observations.observed]
        if ends_with_cost(count, lambda: cost(cost_of(loaded, count, jobs, asked)), dry_run, yes):
            return
        tested = back_test(loaded, observations, count, seed, jobs, folder, progress)
        show_json(tested.to_json()) if as_json else show(_lines(tested, loaded.scenario.title))

        def figure() -> PlotFigure:
            from sim.plots.backtest import backtest as drawn

            return drawn(tested.table, tested.horizon, loaded.scenario)

        draw(figure, picture)


def _lines(tested: Backtest, title: str) -> Iterator[str]:
    """The back-test as tables."""
    yield f"{title}: {tested.replicates:,} campaigns, seed {tested.seed}"
    yield ""
    yield f"{'What was observed, and what was said':<38}{'observed':>9}{'share':>8}{'median':>8}{'90 % interval':>16}"
    answer = tested.to_json()
    for row in answer["outcomes"]:
        if row["forecast"] == "ensemble":
            interval = "" if row["low"] is None else f"{_day(row, 'low', tested)} - {_day(row, 'high', tested)}"
            share = "" if row["probability"] is None else percent(row["probability"])
            median = "" if row["median"] is None else _day(row, "median", tested)
            outside = "" if row["inside"] in (None, True) else "  outside"
            yield f"{row['outcome']:<38}{_value(row['observed']):>9}{share:>8}{median:>8}{interval:>16}{outside}"
    covered = answer["coverage"]
    yield ""
    yield f"{covered['inside']} of {covered['of']} lie inside the 90 % interval"
    if answer["means"]:
        yield ""
        head = "".join(f"{name:>8}" for name in ("Brier", "log", "CRPS", "RPS", "skill"))
        yield f"{'Mean score of the times (lower is better)':<44}{head}"
        for row in answer["means"]:
            skill = "" if row["skill"] is None else f"{row['skill']:+.2f}"
            yield (
                f"{row['forecast']:<44}{row['brier']:>8.3f}{row['log']:>8.3f}{row['crps']:>8.2f}{row['rps']:>8.3f}"
                f"{skill:>8}"
            )
        yield ""
        yield "Skill: 1 - CRPS of the ensemble / CRPS of that forecast. CRPS is in days; a time that did not come"
        yield "counts as the end of the campaign. Outcomes of one war depend on each other: few of them prove little."


def _day(row: dict[str, Any], key: str, tested: Backtest) -> str:
    """A time at the end of the campaign has not come."""
    return "later" if row["kind"] == "time" and row[key] >= tested.horizon else number(row[key])


def _value(value: Any) -> str:
    return value if isinstance(value, str) else number(value)
