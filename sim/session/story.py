"""The story of a campaign: its log told day by day, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from sim.scenario.schema import Scenario
from sim.session.log import Event, Log

FIRST = ("happened", "began", "collapsed", "rose", "fell")
"""Kinds that are told in full, in this order, before the others; an assault before the fall that followed on it."""
GROUND = ("rose", "fell")
TOLD = ("order", "assaulted", "cut_off", "caught", "posture")
COUNTED = {
    "broke": ("broke", "broke"),
    "surrendered": ("surrendered", "surrendered"),
    "let_go": ("was let go", "were let go"),
    "dispersed": ("dissolved or was destroyed", "dissolved or were destroyed"),
    "crumbled": ("lost a part that broke", "lost parts that broke"),
    "repulsed": ("was thrown back", "were thrown back"),
    "arrived": ("took the field", "took the field"),
    "sent": ("was sent", "were sent"),
    "ordered_back": ("was ordered back", "were ordered back"),
}
"""Kinds that are told side by side: one sentence for all formations of a side."""
MOST_NAMED = 3


def story(log: Log, scenario: Scenario) -> str:
    """The campaign as text: a paragraph for each day on which something happened."""
    return "\n".join(_lines(log, scenario))


def _lines(log: Log, scenario: Scenario) -> Iterator[str]:
    yield scenario.title
    days: dict[int, list[Event]] = {}
    for event in log:
        days.setdefault(int(event.tick * scenario.clock.tick_hours // 24), []).append(event)
    for day, events in days.items():
        sentences = [*_in_full(events), *_counted(events, scenario)]
        if sentences:
            date = scenario.start + timedelta(days=day)
            yield ""
            yield f"Day {day + 1}, {date:%d %B %Y}"
            yield from (f"  {sentence}" for sentence in sentences)
    yield ""
    yield from _end(log, scenario)


def _in_full(events: Sequence[Event]) -> Iterator[str]:
    waiting = [event for event in events if event.kind in TOLD]
    for kind in FIRST:
        for event in (event for event in events if event.kind == kind):
            for assault in [before for before in waiting if kind in GROUND and _leads_to(before, event)]:
                waiting.remove(assault)
                yield f"{assault.text}."
            reason = f": {event.causes[0].text}" if kind in (*GROUND, "collapsed") and event.causes else ""
            yield f"{event.text}{reason}."
    for event in waiting:
        yield f"{event.text}."


def _leads_to(earlier: Event, change: Event) -> bool:
    """Whether an event is an assault on a place before it changed hands."""
    return earlier.kind == "assaulted" and earlier.place == change.place and earlier.number < change.number


def _counted(events: Sequence[Event], scenario: Scenario) -> Iterator[str]:
    """One sentence for all formations of a side that met the same fate."""
    named: dict[str, Any] = {**scenario.formations, **scenario.reinforcements}
    for kind, (one, many) in COUNTED.items():
        for side, said in scenario.sides.items():
            found = [event for event in events if event.kind == kind and event.side == side and event.place]
            if not found:
                continue
            # A formation that met it more than once in a day is named once, with the last place.
            last = sorted({event.what: event for event in found}.values(), key=lambda event: -event.strength)
            to = "to " if kind == "sent" else ""
            names = [f"{named[e.what].name} ({to}{scenario.places[e.place or ''].name})" for e in last]
            more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
            people = sum(event.people for event in found)
            lost = f", {people:,.0f} people" if kind in ("surrendered", "arrived", "crumbled") else ""
            verb = one if len(names) == 1 else many
            yield f"{said.name}: {len(names)} {verb}{lost}: {'; '.join(names[:MOST_NAMED])}{more}."


def _end(log: Log, scenario: Scenario) -> Iterator[str]:
    """Losses of each side in the end."""
    losses = log.losses
    for side, said in scenario.sides.items():
        of = losses[losses["side"] == side]
        parts = []
        for word in ("killed", "missing", "deserted", "surrendered"):
            people = float(of.loc[of["cause"].str.startswith(word), "people"].sum())
            if people >= 1:
                parts.append(f"{people:,.0f} {word}")
        if parts:
            yield f"{said.name} lost {', '.join(parts)}."
