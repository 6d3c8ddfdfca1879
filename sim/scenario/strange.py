"""Finds what a scenario may say but hardly means: such values are told, and do not stop a run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sim.scenario.errors import Problem
from sim.scenario.geography import straight_km
from sim.scenario.messages import number
from sim.scenario.paths import Locator
from sim.scenario.schema import Event, Place, Scenario
from sim.scenario.yaml_reader import Path

SHORTER_THAN_STRAIGHT = 0.9
"""A road of less than this share of the straight line is told: coordinates are those of centres, and rounded."""
FAR_KM = 1000.0
"""A place so far from the middle of the others that comes five times nearer with its coordinates exchanged is told."""


def strange_values(scenario: Scenario, locator: Locator) -> list[Problem]:
    """One warning for each value that is possible but strange."""
    parts = (*_events(scenario), *_arrivals(scenario), *_roads(scenario), *_coordinates(scenario), *_sides(scenario))
    return [locator.problem(path, message) for path, message in parts]


def _day(scenario: Scenario, moment: datetime) -> float:
    return (moment - scenario.start).total_seconds() / 86_400


def _events(scenario: Scenario) -> Iterator[tuple[Path, str]]:
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


def _arrivals(scenario: Scenario) -> Iterator[tuple[Path, str]]:
    """Reinforcements that come too late."""
    for name, convoy in scenario.reinforcements.items():
        if _day(scenario, convoy.date) >= scenario.clock.days:
            yield ("reinforcements", name, "date"), "lies after the end of the campaign, so it never sets out"


def _roads(scenario: Scenario) -> Iterator[tuple[Path, str]]:
    """Roads that are shorter than the straight line between their ends."""
    for at, road in enumerate(scenario.roads):
        straight = _km(*(scenario.places[end] for end in road.between))
        if road.km < SHORTER_THAN_STRAIGHT * straight:
            yield ("roads", at, "km"), f"is {number(road.km)} km, but the straight line is {straight:.0f} km"


def _km(a: Place, b: Place) -> float:
    """Great-circle distance."""
    return straight_km(a.lat, a.lon, b.lat, b.lon)


def _coordinates(scenario: Scenario) -> Iterator[tuple[Path, str]]:
    """Places whose latitude and longitude seem to be exchanged."""
    places = list(scenario.places.values())
    lat, lon = (sorted(values)[len(places) // 2] for values in ([p.lat for p in places], [p.lon for p in places]))
    for name, place in scenario.places.items():
        far = straight_km(place.lat, place.lon, lat, lon)
        exchanged = straight_km(max(-90.0, min(90.0, place.lon)), place.lat, lat, lon)
        if far > FAR_KM and exchanged < far / 5:
            yield ("places", name, "lat"), f"lies {far:,.0f} km from the other places: are lat and lon exchanged?"


def _sides(scenario: Scenario) -> Iterator[tuple[Path, str]]:
    """Sides that fight without a base to be supplied from, while others have one."""
    bases = {place.control for place in scenario.places.values() if place.rear_base}
    fielded = {unit.side for unit in scenario.formations.values()}
    for name, side in scenario.sides.items():
        if bases and name in fielded and name not in bases and side.posture != "dormant":
            yield ("sides", name), "holds no place with `rear_base: true`, so its formations get no supply"
