"""Events and reinforcements that never come, or not when their author thinks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sim.scenario.messages import number
from sim.scenario.operate import Operation
from sim.scenario.paths import PathError
from sim.scenario.schema import Event, Scenario
from sim.scenario.select import select
from sim.scenario.yaml_reader import Path

Told = tuple[Path, str]
EARLIEST_YEAR = 1000
"""A year before it is probably one of two digits."""


def strange_times(scenario: Scenario, data: Any) -> Iterator[Told]:
    """What can never happen in the days of the campaign."""
    if scenario.start.year < EARLIEST_YEAR:
        yield ("start",), f"is in the year {scenario.start.year}"
    if scenario.clock.decision_hours > scenario.clock.days * 24:
        yield ("clock", "decision_hours"), "is longer than the campaign, so commanders give orders once"
    changed = changed_by_variants(scenario, data)
    yield from _events(scenario, changed)
    for name, convoy in scenario.reinforcements.items():
        day = _day(scenario, convoy.date)
        if day >= scenario.clock.days:
            yield ("reinforcements", name, "date"), "lies after the end of the campaign, so it never sets out"
        elif day < 0:
            yield ("reinforcements", name, "date"), f"lies {number(-day)} days before the start; it sets out at once"
        path: Path = ("reinforcements", name, "probability")
        if convoy.probability == 0 and path not in changed:
            yield path, "is 0, and no variant changes it, so it never sets out"


def changed_by_variants(scenario: Scenario, data: Any) -> set[Path]:
    """The paths of all values that some variant changes."""
    found: set[Path] = set()
    for variant in scenario.variants.values():
        for text in variant.set:
            try:
                found.update(select(Operation.of(text).path, data))
            except PathError:
                continue  # reported where the variant is checked
    return found


def _day(scenario: Scenario, moment: datetime) -> float:
    return (moment - scenario.start).total_seconds() / 86_400


def _events(scenario: Scenario, changed: set[Path]) -> Iterator[Told]:
    """Events that can never happen."""
    days = scenario.clock.days
    earliest: dict[str, float] = {}
    for name, event in scenario.events.items():
        at = _earliest(scenario, name, earliest)
        path: Path = ("events", name, "when")
        until = event.when.until
        if at >= days:
            chain = f" (after '{event.when.after}')" if event.when.after else ""
            end = f"after the end of the campaign, day {number(days)}"
            yield path, f"can never happen: day {number(at)}{chain} lies {end}"
        elif until is not None and until < at:
            yield path, f"can never happen: not before day {number(at)}, and not after day {number(until)}"
        elif event.when.hazard == 0:
            yield (*path, "hazard"), "can never happen: its hazard is 0"
        elif event.probability == 0 and ("events", name, "probability") not in changed:
            yield ("events", name, "probability"), "can never happen: it is 0, and no variant changes it"
        if event.when.date and _day(scenario, event.when.date) < 0:
            yield (*path, "date"), "lies before the start of the campaign; it counts as the first day"


def _earliest(scenario: Scenario, name: str, known: dict[str, float]) -> float:
    """The first day on which an event can happen."""
    trail: list[tuple[str, Event]] = []
    while name not in known and name in scenario.events:
        trail.append((name, scenario.events[name]))
        name = scenario.events[name].when.after or ""
    before = known.get(name, 0.0)
    for each, event in reversed(trail):
        own = _day(scenario, event.when.date) if event.when.date else event.when.day or 0.0
        before = known[each] = max(own, before + event.when.delay)
    return before
