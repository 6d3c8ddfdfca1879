"""`sim run`: many campaigns of one scenario, and how likely each outcome was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from sim.cli.console import duration, number, percent, table, wrapped
from sim.cli.cost import cost, ends_with_cost
from sim.cli.messages import WRONG_INPUT, clear_messages, results_errors, say, show, show_json, warn
from sim.cli.options import (
    AsJson,
    Cluster,
    Conditions,
    DryRun,
    Folder,
    Jobs,
    Outcomes,
    Pages,
    PosteriorFile,
    Quiet,
    Replicates,
    Resume,
    ScenarioFile,
    Seed,
    Settings,
    ShardOf,
    Situations,
    Until,
    Variant,
    Yes,
)

if TYPE_CHECKING:
    from sim.ensemble.results import Results

HAPPENS = (7, 15, 8, 8, 8)
AMOUNTS = (10, 19, 8, 8, 8)
COMPONENTS = (11, 15, 8)
"""Widths of the columns behind the name; one whose cells need more is wider."""


def run(
    scenario: ScenarioFile,
    replicates: Replicates = None,
    seed: Seed = 1,
    jobs: Jobs = None,
    settings: Settings = None,
    variant: Variant = None,
    outcomes: Outcomes = None,
    until: Until = None,
    situations: Situations = None,
    posterior: PosteriorFile = None,
    given: Conditions = None,
    folder: Folder = Path("results"),
    cluster: Cluster = None,
    shard: ShardOf = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    dry_run: DryRun = False,
    resume: Resume = True,
    yes: Yes = False,
    pages: Pages = True,
) -> None:
    """Run a scenario many times. Prints how likely each outcome was; the results folder keeps the rest."""
    with clear_messages(), results_errors():
        from sim.engine.load import load
        from sim.ensemble import run as ensemble
        from sim.ensemble.cost import cost_of
        from sim.ensemble.given import ENOUGH
        from sim.ensemble.spec import most_replicates
        from sim.scenario.settings import parse_settings

        loaded = load(scenario, variant=variant, set=parse_settings(settings or ()))
        if not quiet:
            warn(loaded.warnings, most=5)
        most = most_replicates(loaded, replicates, until, given or ())

        if given and most < ENOUGH:
            message = f"--given needs at least {ENOUGH} campaigns that agree: take more than {most:,}"
            raise typer.BadParameter(message, param_hint=f"-n {most}")

        def told_cost() -> str:
            return ("at most " if until else "") + cost(cost_of(loaded, most, jobs, outcomes or ()))

        if ends_with_cost(most, told_cost, dry_run, yes):
            return
        progress = False if quiet else None
        if shard is not None:
            if until:
                message = "does not go with --until, which looks at all campaigns"
                raise typer.BadParameter(message, param_hint="--shard")
            from sim.engine.arguments import thread_count
            from sim.ensemble.join import run_part
            from sim.ensemble.pools import pool_of
            from sim.ensemble.spec import specify

            spec = specify(
                loaded,
                replicates,
                seed,
                outcomes or (),
                situations=situations,
                posterior=posterior,
                given=given or (),
            )
            how = ensemble.How(thread_count(jobs), None, progress, pool_of(cluster))
            show(part_done(run_part(spec, folder, shard, how, resume), shard))
            return
        results = ensemble.run(
            loaded,
            replicates=replicates,
            seed=seed,
            jobs=jobs,
            outcomes=outcomes or (),
            results=folder,
            progress=progress,
            resume=resume,
            until=until,
            situations=situations,
            posterior=posterior,
            executor=cluster,
            given=given or (),
        )
        if not quiet:
            say(*(str(change) for change in loaded.changes if change.is_worth_saying))
        try:
            told = results.given(given).to_json() if given else results.to_json()
        except ValueError as error:
            say(f"no answer: {error}")
            raise typer.Exit(WRONG_INPUT) from None
        if as_json:
            show_json(told)
        else:
            show(answer(told, loaded.scenario.title, loaded.scenario.clock.days))
        if results.found and not quiet:
            say("this run had been made before, and was found again (--no-resume runs it anew)")
        if pages:
            write_pages(results, quiet)


def write_pages(results: Results, quiet: bool) -> None:
    """Write report and replay beside the answer, unless they are there. The answer stands without them."""
    from sim.ensemble.folder import REPLAY, REPORT, ResultsError
    from sim.web.shared.single_page import write_page

    assert results.path is not None
    made = {REPORT: lambda: results.report().page, REPLAY: lambda: results.replay().page}
    try:
        written = [results.path / name for name in made if not (results.found and (results.path / name).is_file())]
        for path in written:
            write_page(path, made[path.name]())
    except (ResultsError, ValueError) as error:
        say(f"the run is complete, but its pages could not be written: {error}")
        return
    if not quiet:
        say(f"Look at it: {from_here(str(results.path))}/report.html and replay.html open in a browser")


def part_done(folder: Path, part: tuple[int, int]) -> Iterator[str]:
    """What is said when one part of a run or study is there."""
    yield f"Part {part[0]} of {part[1]} is done: {from_here(str(folder))}"
    yield f"When all are: sim results merge {from_here(str(folder.parents[1]))}"


def answer(results: Mapping[str, Any], title: str, days: float) -> Iterator[str]:
    """The answer of a run as lines of text, from the object that `--json` prints."""
    count, seed = results["replicates"], results["seed"]
    yield " ".join(title.split())
    rate = results["campaigns_per_second"]
    speed = f" in {duration(results['seconds'])} ({number(rate)} a second)" if rate else ""
    shared = f" in {results['situations']:,} situations" if "situations" in results else ""
    yield f"{count:,} campaign{'s' if count != 1 else ''} of {days:g} days{shared}, seed {seed}, run{speed}"
    if "given" in results:
        yield from agreement(results["given"])
    if "until" in results:
        yield known(results["until"])
    if "posterior" in results:
        drawn = results["posterior"]
        source = drawn["file"] or "a table"
        yield from wrapped(
            f"Inputs drawn from {source}: {drawn['rows']:,} points, worth {drawn['worth']:,.0f} equal ones."
            " Intervals hold chance, not how coarse that file is.",
            "  ",
        )
    if results["failed"]:
        named = ", ".join(map(str, results["failed_replicates"][:5])) + (", ..." if results["failed"] > 5 else "")
        yield f"{results['failed']:,} of them failed (replicates {named}): counted in the shares, without amounts"
    outcomes = results["outcomes"]
    happens = [outcome for outcome in outcomes if outcome["kind"] != "quantity"]
    amounts = [outcome for outcome in outcomes if outcome["kind"] == "quantity"]
    if happens:
        yield ""
        head = ("Does it happen?", "share", "95 % interval", "day 5 %", "median", "95 %")
        yield from table(head, HAPPENS, happens, _event)
    if amounts:
        yield ""
        head = ("How much?", "mean", "95 % interval", "5 %", "median", "95 %")
        yield from table(head, AMOUNTS, amounts, _amount)
    if "variance_components" in results:
        yield ""
        sources = ("Share of variance from", "inputs", "95 % interval", "chance")
        yield from table(sources, COMPONENTS, results["variance_components"], _components)
    if not outcomes:
        yield "The scenario lists no outcomes. Ask for some: --outcome PLACE.fall_day --outcome deaths.total@day8"
    yield ""
    yield f"Results: {from_here(results['results_dir'])}" + (" (of all campaigns)" if "given" in results else "")


def agreement(given: Mapping[str, Any]) -> Iterator[str]:
    """How many campaigns agree with what is known; the tables below are theirs."""
    low, high = (percent(given[key]) for key in ("share_low", "share_high"))
    agree = f"{given['kept']:,} of {given['of']:,} campaigns agree, {percent(given['share'])} ({low} to {high})"
    yield from wrapped(f"Given {given['condition']}: {agree}. All that follows is about these.", "  ")
    for note in given["notes"]:
        yield from wrapped(note, "  ")


def from_here(folder: str | None) -> str:
    """A folder as one types it here: relative when it lies below the working directory."""
    if folder is None:
        return "in memory"
    path = Path(folder)
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _event(outcome: Mapping[str, Any]) -> list[str]:
    """Share of campaigns in which something happens, and when; `later`: after the campaign's end."""
    chance, low, high = (outcome[key] for key in ("probability", "probability_low", "probability_high"))
    if chance is None:
        return ["-"] * 5
    interval = f"{percent(low).removesuffix(' %')} - {percent(high)}"
    days = ["", "", ""]
    if outcome["kind"] == "time":
        quantiles = (outcome[key] for key in ("p05", "median", "p95"))
        days = ["later" if day is None else f"{day:.1f}" for day in quantiles] if chance > 0 else days
    return [percent(chance), interval, *days]


def _amount(outcome: Mapping[str, Any]) -> list[str]:
    low, high = outcome.get("mean_low"), outcome.get("mean_high")
    interval = "-" if low is None or high is None else f"{number(low)} - {number(high)}"
    return [number(outcome["mean"]), interval, *(number(outcome[key]) for key in ("p05", "median", "p95"))]


def _components(outcome: Mapping[str, Any]) -> list[str]:
    if outcome["between"] is None:
        return ["-"] * 3
    low, high = (f"{100 * outcome[key]:.0f}" for key in ("between_low", "between_high"))
    return [f"{100 * outcome['between']:.0f} %", f"{low} - {high} %", f"{100 * outcome['within']:.0f} %"]


def known(until: Mapping[str, Any]) -> str:
    """Whether the outcome that `--until` names is known, and how closely."""
    outcome, asked = until["outcome"], f"±{until['half_width']:g}"
    if (defined := until.get("defined", 1.0)) < 1.0:
        outcome += f" (defined in {percent(defined)} of the campaigns)"
    if until["reached"]:
        return f"Run until {outcome} was known to {asked}"
    closely = "not known" if until["known_to"] is None else f"known to ±{until['known_to']:.3g} only"
    return f"{outcome} is {closely}, not to {asked}: these were the most campaigns that -n allows"
