"""Stories of an ensemble: the commonest chains of causes that led to an outcome, with their shares.

A chain leads from the outcome back over ground that was lost, risings, collapses and events of the scenario, each time
by the first told of the causes that lead further back. Which formations broke, and why, differs from campaign to
campaign: chains with the same events count together, and the commonest reason is told with each event.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.engine.arguments import whole_number
from sim.ensemble.results import Results
from sim.outcomes.values import happened
from sim.scenario.messages import escaped, printable
from sim.scenario.names import nearest
from sim.session.log import LEAST_SHARE, Cause, Event, Log, UnknownEvent
from sim.session.replayed import campaign_of
from sim.session.trace import log_of
from sim.statistics.intervals import wilson

STEPS = 3
"""Events of a chain, the outcome itself included."""
GROUND = ("fell", "rose", "collapsed", "happened", "began")
"""Kinds of events that a chain is made of; others are followed through."""
ENDS = ("broke", "surrendered", "dispersed", "crumbled")
EVENTS = {"fall_day": ("fell", "rose"), "collapse_day": ("collapsed",), "collapsed": ("collapsed",), "day": ("began",)}
"""By last part of an outcome's name: the kinds of events that it is about."""
THEN = "; then "
SHOWN = 8


class Told(NamedTuple):
    """How the outcome came about in one campaign."""

    campaign: int
    day: float
    reasons: list[str]
    """Of each step."""


@dataclass(frozen=True)
class Stories:
    """A row for each chain of causes, the commonest first.

    Columns: `campaigns` and `share` of all that were looked at, with a 95 % interval (Wilson); `example`, the number of
    a campaign that went so; `day`, the median day of the outcome in them; `story`, its steps, the earliest first.
    """

    outcome: str
    campaigns: int
    """That were looked at."""
    came: int
    """In which the outcome happened."""
    table: pd.DataFrame

    def lines(self) -> Iterator[str]:
        """In words."""
        yield f"{self.outcome} happened in {self.came} of {self.campaigns} campaigns. How it came about:"
        for row in self.table.head(SHOWN).to_dict("records"):
            yield ""
            interval = f"{100 * row['low']:.0f} to {100 * row['high']:.0f} %"
            share, day, k = 100 * row["share"], row["day"], row["example"]
            yield f"{share:.0f} % of all ({interval}), day {day:g}, as in campaign {k}:"
            yield from (f"  {step}" for step in row["story"].split(THEN))
        rest = self.table.iloc[SHOWN:]
        if len(rest):
            yield ""
            ways = "one other way" if len(rest) == 1 else f"{len(rest)} other ways"
            yield f"{100 * rest['share'].sum():.0f} % went in {ways}."

    def to_json(self) -> dict[str, Any]:
        """The same as plain data."""
        rows = self.table.to_dict("records")
        return {"outcome": self.outcome, "campaigns": self.campaigns, "came": self.came, "stories": rows}

    def __repr__(self) -> str:
        return printable("\n".join(self.lines()))

    def _repr_html_(self) -> str:
        head = f"<p><b>{escaped(self.outcome)}</b>: in {self.came} of {self.campaigns} campaigns</p>"
        with pd.option_context("display.max_colwidth", None):
            return head + str(self.table.head(SHOWN).to_html(index=False, float_format="{:.2f}".format))


def stories(results: Results, outcome: str, campaigns: int = 100, chosen: NDArray[np.int64] | None = None) -> Stories:
    """The commonest chains of causes in the first campaigns of an ensemble, or of those that are `chosen` from it."""
    numbers = np.arange(results.replicates) if chosen is None else chosen
    numbers = numbers[: whole_number("campaigns", campaigns, 1, 1_000_000)]
    count = len(numbers)
    kinds = {row["name"]: row["kind"] for row in results.manifest["outcomes"]}
    known = [name for name in kinds if name.rpartition(".")[2] in EVENTS]
    if outcome not in known:
        near = nearest(outcome, known)
        hint = f"; did you mean {near}?" if near else f"; those that are: {', '.join(known)}"
        raise ValueError(f"'{outcome}' is no event that these results report{hint}")
    came = numbers[happened(kinds[outcome], results.values(outcome)[numbers])]
    found: dict[tuple[str, ...], list[Told]] = {}
    for k in map(int, came):
        log = log_of(campaign_of(results, k))
        event = event_of(log, outcome)
        steps = chain(log, event)
        found.setdefault(tuple(step for step, _ in steps), []).append(Told(k, event.day, [why for _, why in steps]))
    rows = []
    for story, told in sorted(found.items(), key=lambda item: (-len(item[1]), item[0])):
        low, high = wilson(len(told), count)
        share = {"campaigns": len(told), "share": len(told) / count, "low": float(low), "high": float(high)}
        reasons = (Counter(whys).most_common(1)[0] for whys in zip(*(one.reasons for one in told), strict=True))
        texts = [_with_reason(step, *reason, len(told)) for step, reason in zip(story, reasons, strict=True)]
        day = float(np.median([one.day for one in told]))
        rows.append({**share, "example": told[0].campaign, "day": day, "story": THEN.join(texts)})
    columns = ["campaigns", "share", "low", "high", "example", "day", "story"]
    return Stories(outcome, count, len(came), pd.DataFrame(rows, columns=columns))


def event_of(log: Log, outcome: str) -> Event:
    """The event of a campaign that an outcome is about: its first."""
    what, _, form = outcome.rpartition(".")
    for event in log:
        if event.what == what and event.kind in EVENTS[form]:
            return event
    raise UnknownEvent(f"{outcome} did not happen in this campaign")


def chain(log: Log, event: Event) -> list[tuple[str, str]]:
    """The steps that led to an event, the earliest first: what happened, and the main reason ("" if there is none)."""
    steps: list[tuple[str, str]] = []
    now: Event | None = event
    while now is not None and len(steps) < STEPS:
        steps.append(_step(log, now))
        now = _ground_before(log, now, {now.number})
    return steps[::-1]


def _ground_before(log: Log, event: Event, seen: set[int]) -> Event | None:
    """The earlier event of ground, rule or scenario to which the main causes lead."""
    for cause in _main_first(event):
        for number in sorted(cause.events, reverse=True):
            if number not in seen:
                seen.add(number)
                earlier = log[number]
                found = earlier if earlier.kind in GROUND else _ground_before(log, earlier, seen)
                if found is not None:
                    return found
    return None


def _main_first(event: Event) -> list[Cause]:
    """The causes that count, in the order in which they are told."""
    return [cause for cause in event.causes if cause.share >= LEAST_SHARE]


def _step(log: Log, event: Event) -> tuple[str, str]:
    """An event without what differs from campaign to campaign, and its main reason."""
    what = event.text.partition(" (from ")[0].partition(" at a will of")[0].partition(", against")[0]
    causes = _main_first(event)
    if not causes:
        return what, ""
    main = causes[0]
    ends = [log[number] for number in main.events if log[number].kind in ENDS] if main.name in ENDS else []
    if ends:
        return f"{what}: its defenders gave way", "".join(_plain(why) for why in _main_first(ends[0])[:1])
    return (what, _plain(main)) if event.kind == "collapsed" else (f"{what}: {_plain(main)}", "")


def _plain(cause: Cause) -> str:
    """The text of a cause without numbers."""
    if cause.name == "terms":
        return "it was handed over on terms"
    if cause.name == "sent away":
        return "its last defenders had been sent away"
    return re.sub(r"^[\d,]+ people", "people", cause.text.partition(" (")[0])


def _with_reason(step: str, reason: str, times: int, campaigns: int) -> str:
    """A step with its commonest reason, and how common that is."""
    return f"{step} ({reason}, in {100 * times / campaigns:.0f} %)" if reason else step
