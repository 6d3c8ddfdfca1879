"""What the command line says: the answer of a run as tables, and its cost beforehand."""

from __future__ import annotations

import math
import os
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

WIDTH = 80
HAPPENS = (7, 15, 8, 8, 8)
AMOUNTS = (10, 19, 8, 8, 8)
SPREAD = (11, 15, 8)
"""Widths of the columns behind the name; one whose cells need more is wider."""
NANOSECONDS = 190
"""Of one thread for a unit-tick: assumed when a run's cost is told beforehand."""
DISK, MEMORY = 2e6, 0.4e9
"""Bytes that any run takes: pictures and tables; Python with the compiled rules."""


def answer(results: Mapping[str, Any], title: str, days: float) -> Iterator[str]:
    """The lines that tell what an ensemble came to, from the object that `--json` prints."""
    count, seed = results["replicates"], results["seed"]
    yield title
    rate = results["campaigns_per_second"]
    speed = f" in {duration(results['seconds'])} ({number(rate)} a second)" if rate else ""
    shared = f" in {results['situations']:,} situations" if "situations" in results else ""
    yield f"{count:,} campaign{'s' if count != 1 else ''} of {days:g} days{shared}, seed {seed}, fought{speed}"
    if "until" in results:
        yield known(results["until"])
    if results["failed"]:
        yield f"{results['failed']:,} of them failed: they count in the shares, but have no amounts"
    outcomes = results["outcomes"]
    happens = [outcome for outcome in outcomes if outcome["kind"] != "quantity"]
    amounts = [outcome for outcome in outcomes if outcome["kind"] == "quantity"]
    if happens:
        yield ""
        head = ("Does it happen?", "share", "95 % interval", "day 5 %", "median", "95 %")
        yield from _table(head, HAPPENS, happens, _event)
    if amounts:
        yield ""
        head = ("How much?", "mean", "95 % interval", "5 %", "median", "95 %")
        yield from _table(head, AMOUNTS, amounts, _amount)
    if "spread" in results:
        yield ""
        sources = ("What its variance comes from", "not known", "95 % interval", "chance")
        yield from _table(sources, SPREAD, results["spread"], _spread)
    if not outcomes:
        yield "The scenario lists no outcomes. Ask for some: --outcome PLACE.fall_day --outcome deaths.total@day8"
    yield ""
    yield f"Results: {results['results_dir']}"


def _table(
    head: tuple[str, ...],
    least: tuple[int, ...],
    outcomes: list[Mapping[str, Any]],
    told: Callable[[Mapping[str, Any]], list[str]],
) -> Iterator[str]:
    """Rows of a table of 80 columns; a name too long for its column stands on a line of its own."""
    rows = [told(outcome) for outcome in outcomes]
    widths = [max([width, *(len(row[i]) + 1 for row in rows)]) for i, width in enumerate(least)]
    room = WIDTH - sum(widths)
    yield head[0].ljust(room) + "".join(map(str.rjust, head[1:], widths))
    for outcome, cells in zip(outcomes, rows, strict=True):
        name = outcome.get("name") or outcome["outcome"]
        if (defined := outcome.get("defined", 1.0)) < 1.0:
            name += f" (defined in {percent(defined)})"
        if len(name) > room:
            yield name
            name = ""
        yield (name.ljust(room) + "".join(map(str.rjust, cells, widths))).rstrip()


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


def evidence(trace: Mapping[str, Any], every: bool = False) -> Iterator[str]:
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


def verdicts(judged: Sequence[Mapping[str, Any]], fought: str) -> Iterator[str]:
    """Each target beside the ensemble: what it says with its interval, what it should say, and whether it does."""
    yield fought
    for verdict in judged:
        yield ""
        known = f" (defined in {percent(verdict['defined'])})" if verdict["defined"] < 1 else ""
        yield from textwrap.wrap(f"{verdict['id']:<6} {verdict['title']}{known}", WIDTH, subsequent_indent=" " * 7)
        yield from (f"       {_finding(finding)}" for finding in verdict["findings"])
    count = sum(verdict["met"] for verdict in judged)
    yield ""
    yield f"{count} of {len(judged)} targets met"


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


def _spread(outcome: Mapping[str, Any]) -> list[str]:
    if outcome["between"] is None:
        return ["-"] * 3
    low, high = (f"{100 * outcome[key]:.0f}" for key in ("between_low", "between_high"))
    return [f"{100 * outcome['between']:.0f} %", f"{low} - {high} %", f"{100 * outcome['within']:.0f} %"]


def known(until: Mapping[str, Any]) -> str:
    """Whether what was to be known is known, and how closely."""
    outcome, asked = until["outcome"], f"±{until['half_width']:g}"
    if until["reached"]:
        return f"Fought until {outcome} was known to {asked}"
    closely = "not known" if until["known_to"] is None else f"known to ±{until['known_to']:.3g} only"
    return f"{outcome} is {closely}, not to {asked}: these were the most campaigns that -n allows"


def percent(share: float) -> str:
    """A share in per cent, with a decimal where it matters: near never and near always."""
    decimals = 0 if 0.02 <= share <= 0.98 or share in (0.0, 1.0) else 1
    text = f"{share * 100:.{decimals}f}"
    if share > 0.0 and text == "0.0":
        return "<0.1 %"
    return ">99.9 %" if share < 1.0 and text == "100.0" else f"{text} %"


def number(value: float | None) -> str:
    """A number as people read it: three figures that count, thousands set apart."""
    if value is None or not math.isfinite(value):
        return "-"
    if value == 0:
        return "0"
    decimals = 2 - math.floor(math.log10(abs(value)))
    rounded = round(value, decimals)
    return f"{rounded:,.{max(0, min(decimals, 6))}f}"


def duration(seconds: float) -> str:
    """A stretch of time in the unit that suits it."""
    if seconds < 90:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.1f} hours" if seconds < 2 * 86_400 else f"{seconds / 86_400:.1f} days"


def size(count: float) -> str:
    """An amount of memory or disk in the unit that suits it."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if count >= 10 or unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:,.1f} TB"


def cost(replicates: int, units: int, ticks: int, outcomes: int, threads: int) -> str:
    """What an ensemble will take: time, disk and memory."""
    seconds = replicates * units * ticks * NANOSECONDS / 1e9 / threads
    # A campaign leaves a row, 8 bytes for its number and each outcome; one outcome at a time is sorted in memory.
    disk = DISK + replicates * 8 * (outcomes + 1)
    memory = MEMORY + replicates * 24
    return (
        f"{replicates:,} campaigns of {units} formations and air wings over {ticks} ticks: about {duration(seconds)}"
        f" on {threads} thread{'s' if threads != 1 else ''}, {size(disk)} on disk, {size(memory)} of memory"
    )


def say(*lines: str) -> None:
    """Messages to the user, beside the results: on stderr."""
    for line in lines:
        print(line, file=sys.stderr, flush=True)


def show(lines: Iterable[str]) -> None:
    """Results, on stdout; who reads them may stop reading."""
    try:
        for line in lines:
            print(line)
        sys.stdout.flush()
    except OSError as error:
        # What could not be written must not be tried again when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise
