"""Sides, formations, reinforcements and air wings that cannot do what their author seems to expect."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim.scenario.messages import number
from sim.scenario.paths import PathError
from sim.scenario.schema import Formation, Scenario
from sim.scenario.select import select
from sim.scenario.strange_times import changed_by_variants
from sim.scenario.yaml_reader import Path

Told = tuple[Path, str]
MOST_STRENGTH = 150_000
"""A formation with more people is told: it fights and moves as one body."""
PEOPLE_A_PIECE = 3
"""A formation with fewer people for each piece of heavy equipment could hardly crew it."""
MOST_SORTIES = 6
"""Of an aircraft in a day."""
WITHOUT_EFFECT = {"strength": "it has nobody", "manning": "nobody is present", "quality": "it has no combat power"}


def strange_forces(scenario: Scenario, data: Any) -> Iterator[Told]:
    """Warnings about sides and their forces."""
    hostile = {
        pair
        for name, side in scenario.sides.items()
        for other, stance in side.stances.items()
        if stance == "hostile"
        for pair in ((name, other), (other, name))
    }
    changed = changed_by_variants(scenario, data)
    yield from _sides(scenario, hostile)
    yield from _formations(scenario, hostile, changed)
    yield from _dormant(scenario, data, changed)
    yield from _reinforcements(scenario, hostile)
    yield from _wings(scenario, hostile, changed)


def _sides(scenario: Scenario, hostile: set[tuple[str, str]]) -> Iterator[Told]:
    holders = {place.control for place in scenario.places.values()}
    bases = {place.control for place in scenario.places.values() if place.rear_base}
    regions = {place.region for place in scenario.places.values()}
    by_side: dict[str, list[Formation]] = {}
    for unit in scenario.formations.values():
        by_side.setdefault(unit.side, []).append(unit)
    for name, side in scenario.sides.items():
        own = by_side.get(name, [])
        if bases and own and name not in bases and side.posture != "dormant":
            yield ("sides", name), "holds no place with `rear_base: true`, so its formations get no supply"
        capital = scenario.places[side.capital].control if side.capital else name
        if (name, capital) in hostile:
            yield ("sides", name, "capital"), f"is held by {capital}, an enemy, at the start"
        for at, region in enumerate(side.regions):
            if region not in regions:
                yield ("sides", name, "regions", at), f"no place lies in a region '{region}'"
        if side.posture == "active" and own and not any(unit.mobile for unit in own):
            yield ("sides", name, "posture"), "is active, but none of its formations is mobile, so it never attacks"
        if side.will == 0:
            yield ("sides", name, "will"), "is 0: the side has given up before the campaign begins"
        if name in holders and not any(name in pair for pair in hostile) and side.posture == "active":
            yield ("sides", name, "posture"), "is active, but no other side is hostile to it"
    for name, sponsor in scenario.sponsors.items():
        if not any(sponsor.backs.values()):
            yield ("sponsors", name, "backs"), "has no commitment above 0, so it backs nobody"


def _formations(scenario: Scenario, hostile: set[tuple[str, str]], changed: set[Path]) -> Iterator[Told]:
    lengths = {frozenset(road.between): road.km for road in scenario.roads}
    holders = {place.control for place in scenario.places.values()}
    for name, unit in scenario.formations.items():
        path: Path = ("formations", name)
        for field, why in WITHOUT_EFFECT.items():
            if getattr(unit, field) == 0 and (*path, field) not in changed:
                yield (*path, field), f"is 0, so {why}"
        if 0 < unit.strength < 10:
            yield (*path, "strength"), f"is {number(unit.strength)}: it counts people, not thousands or battalions"
        elif unit.strength > MOST_STRENGTH:
            yield (*path, "strength"), f"is {number(unit.strength)}: a formation moves and fights as one body"
        if unit.equipment * PEOPLE_A_PIECE > unit.strength > 0:
            people = f"{number(unit.equipment)} pieces of heavy equipment for {number(unit.strength)} people"
            yield (*path, "equipment"), f"is too much to crew: {people}"
        holder = scenario.places[unit.place].control
        dormant = "dormant" in (unit.posture, scenario.sides[unit.side].posture)
        if (unit.side, holder) in hostile and not dormant and unit.side in holders:
            yield (*path, "place"), f"{unit.place} is held by {holder}, an enemy: it fights there from the first tick"
        if unit.toward and unit.km >= lengths.get(frozenset((unit.place, unit.toward)), unit.km + 1):
            yield (*path, "km"), f"its posts stand at the other end of the road, in {unit.toward}"
        elif unit.toward and unit.km and unit.mobile and unit.kind == "garrison":
            yield (*path, "mobile"), "is true for a garrison with posts on a road: commanders may send it elsewhere"


def _dormant(scenario: Scenario, data: Any, changed: set[Path]) -> Iterator[Told]:
    """Formations that wait for an event which does not exist."""
    woken: set[str] = set()
    for event in scenario.events.values():
        for effect in event.effects:
            try:
                found = select(f"{effect.activate}.posture", data) if effect.activate else []
            except PathError:
                found = []  # reported where the effect is checked
            woken.update(str(path[1]) for path in found)
    for name, unit in scenario.formations.items():
        if unit.posture == "dormant" and name not in woken and ("formations", name, "posture") not in changed:
            yield ("formations", name, "posture"), "is dormant, and no event activates it"


def _reinforcements(scenario: Scenario, hostile: set[tuple[str, str]]) -> Iterator[Told]:
    holders = {place.control for place in scenario.places.values()}
    for name, convoy in scenario.reinforcements.items():
        path: Path = ("reinforcements", name)
        holder = scenario.places[convoy.origin].control
        if (convoy.side, holder) in hostile and convoy.side in holders:
            yield (*path, "origin"), f"{convoy.origin} is held by {holder}, an enemy, at the start"
        givers = [scenario.formations[giver] for giver in convoy.draws_from if giver in scenario.formations]
        people = sum(giver.strength * giver.manning for giver in givers)
        if givers and convoy.strength > people:
            yield (*path, "strength"), f"is {number(convoy.strength)}, but those it draws from have {number(people)}"
        if convoy.origin == convoy.place and len(scenario.places) > 1:
            yield (*path, "place"), "is where it sets out"


def _wings(scenario: Scenario, hostile: set[tuple[str, str]], changed: set[Path]) -> Iterator[Told]:
    for name, wing in scenario.air.items():
        path: Path = ("air", name)
        base = scenario.places[wing.base]
        if (wing.side, base.control) in hostile:
            yield (*path, "base"), f"{wing.base} is held by {base.control}, an enemy, at the start"
        if not base.airfield:
            yield (*path, "base"), f"{wing.base} is no airfield: say `airfield: true` there, or name another base"
        for field in ("aircraft", "sorties", "strikes"):
            if getattr(wing, field) == 0 and (*path, field) not in changed:
                yield (*path, field), "is 0, so the wing does nothing"
        if wing.sorties > MOST_SORTIES:
            yield (*path, "sorties"), f"is {number(wing.sorties)} a day for each aircraft"
