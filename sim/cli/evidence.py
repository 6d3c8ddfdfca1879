"""`sim evidence`: what each value rests on, what each fact is used for, and whether the targets are met."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.console import WIDTH, number, percent
from sim.cli.messages import FAILED, clear_messages, results_errors, show, show_json
from sim.cli.options import (
    AsJson,
    CheckReplicates,
    Folder,
    Jobs,
    PosteriorFile,
    Quiet,
    ScenarioFile,
    Seed,
    Settings,
    Variant,
)

if TYPE_CHECKING:
    from sim.scenario.read import LoadedScenario
    from sim.study.targets import AtOnce


def evidence(
    scenario: ScenarioFile,
    fact: Annotated[str | None, typer.Option(metavar="ID", help="Only this row, with every value it feeds.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every value by its path, not counts.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Hold the targets against the ensemble.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="With --check: exit 1 when a target is not met.")] = False,
    replicates: CheckReplicates = 2000,
    seed: Seed = 1,
    jobs: Jobs = None,
    posterior: PosteriorFile = None,
    settings: Settings = None,
    variant: Variant = None,
    folder: Folder = Path("results"),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Show what each value rests on and what each fact is used for; with --check, whether the targets are met."""
    with clear_messages(), results_errors():
        from sim.engine.load import load
        from sim.scenario.settings import parse_settings
        from sim.study.targets import at_once, check_targets

        loaded = load(scenario, variant=variant, set=parse_settings(settings or ()))
        if not check:
            trace = _trace(loaded, fact)
            show_json(trace) if as_json else show(_chain(trace, every or bool(fact)))
            return
        how = {"jobs": jobs, "posterior": posterior, "results": folder, "progress": False if quiet else None}
        verdicts, results = check_targets(loaded, replicates, seed, **how)
        judged = [verdict.to_json() for verdict in verdicts]
        together = at_once(loaded, results.runs)
        if as_json:
            said = asdict(together) if together else None
            show_json({"replicates": replicates, "seed": seed, "targets": judged, "at_once": said})
        else:
            title = f"{loaded.scenario.title}: {replicates:,} campaigns, seed {seed}, in {results.path}"
            show([title, *_verdicts(judged), *_together(together)])
        if strict and not all(verdict["met"] for verdict in judged):
            raise typer.Exit(FAILED)


def _trace(loaded: LoadedScenario, fact: str | None) -> dict[str, Any]:
    """The evidence chain as plain data; of one fact, if one is asked for."""
    from sim.rules.rulebook import RULEBOOK
    from sim.scenario.errors import Mark, Problem, ScenarioError
    from sim.scenario.names import nearest
    from sim.study.evidence import Evidence

    chain = Evidence(loaded, RULEBOOK)
    if fact is not None and fact not in chain.uses:
        mark = Mark(f"--fact {fact}")
        raise ScenarioError([Problem(*mark, "", f"no source has a row '{fact}'", nearest(fact, chain.uses))])
    return chain.to_json(fact)


def _chain(trace: Mapping[str, Any], every: bool = False) -> Iterator[str]:
    """What the values of a scenario rest on, and what each fact is used for, from the object that `--json` prints."""
    if "values" not in trace:
        for fact in trace["facts"]:
            yield from _fact(fact, every)
        return
    yield trace["scenario"]
    yield f"{trace['values']:,} values, of which"
    yield from (f"{count:>7,}  {trace['meaning'][kind]}" for kind, count in trace["kinds"].items() if count)
    yield ""
    yield "Facts, the values that they feed, and the targets that check these"
    for fact in trace["facts"]:
        yield from _fact(fact, every)
    if trace["targets"]:
        yield ""
        yield "Targets, and the facts that they rest on"
    for name, target in trace["targets"].items():
        facts = ", ".join(target["facts"]) or "a check of our own"
        yield from textwrap.wrap(f"{name:<6}{target['title']}: {facts}", WIDTH, subsequent_indent="      ")
    yield ""
    yield "Rests on nothing but assumption" + ("" if every else " (--all: each value)")
    if every:
        yield from (f"  {value['path']}  ({value['basis']})" for value in trace["assumed"])
    else:
        yield from _wrapped([f"{group} ({count})" for group, count in trace["assumed_groups"].items()], 2)
    yield ""
    yield "Rows that no value cites and no target checks"
    yield from _wrapped(trace["unused"] or ["none"], 2)


def _fact(fact: Mapping[str, Any], every: bool) -> Iterator[str]:
    """One fact: what it says, who says so, what it feeds, and what checks it."""
    doubts = ["contested"] if fact.get("contested") else []
    said = [fact[key] for key in ("source", "slant", "reliability") if fact.get(key)]
    yield from textwrap.wrap(f"{fact['id']}  {fact['says']}", WIDTH, subsequent_indent="      ")
    if said or doubts:
        yield from textwrap.wrap(
            f"({'; '.join([*doubts, *said])})", WIDTH, initial_indent="      ", subsequent_indent="      "
        )
    fed = fact["values"] if every else [f"{group} ({count})" for group, count in fact["groups"].items()]
    for head, names in (("feeds", fed), ("checked by", fact["targets"]), ("model:", [fact.get("model")])):
        if names and names[0]:
            yield from _wrapped([f"{head} {names[0]}", *names[1:]], 6)


def _wrapped(words: list[str], indent: int) -> list[str]:
    space = " " * indent
    return textwrap.wrap(", ".join(words), WIDTH, initial_indent=space, subsequent_indent=space + "  ")


def _verdicts(judged: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Each target beside the ensemble: what it says with its interval, what it should say, and whether it does."""
    for verdict in judged:
        yield ""
        known = f" (defined in {percent(verdict['defined'])})" if verdict["defined"] < 1 else ""
        yield from textwrap.wrap(f"{verdict['id']:<6} {verdict['title']}{known}", WIDTH, subsequent_indent=" " * 7)
        yield from (f"       {_finding(finding)}" for finding in verdict["findings"])
    count = sum(verdict["met"] for verdict in judged)
    yield ""
    yield f"{count} of {len(judged)} targets met"


def _together(together: AtOnce | None) -> Iterator[str]:
    """The share of the campaigns that meet all targets that one campaign can meet."""
    if together and len(together.targets) > 1:
        share, low, high = (percent(part) for part in (together.share, together.low, together.high))
        yield f"{share} of the campaigns ({low} to {high}) meet all {len(together.targets)} that one campaign can meet"


def _finding(finding: Mapping[str, Any]) -> str:
    """One number of the ensemble beside what it should be."""
    what = finding["what"]
    is_share = what.startswith(("share", "probability"))
    say = _points if what == "difference of shares" else percent if is_share else number
    # What lies beyond all numbers is a time after the campaign's end, or what too few campaigns leave open.
    numbers = ["beyond" if finding[key] is None else say(finding[key]) for key in ("estimate", "low", "high")]
    unit = f" {finding['unit']}" if finding["unit"] else ""
    least, most = finding["wanted"]
    wanted = f"at least {percent(least)}" if is_share else f"{_bound(least, what)} to {_bound(most, what)}"
    met = ("met" if finding["met"] else "NOT met") + ("" if finding["sure"] else ", not surely")
    return f"{what} {numbers[0]} ({numbers[1]} to {numbers[2]}){unit}; wanted {wanted}: {met}"


def _bound(value: float, what: str) -> str:
    return _points(value) if what == "difference of shares" else f"{value:,g}"


def _points(difference: float) -> str:
    return f"{difference * 100:+.3g} points"
