"""Checks the road network of a scenario: each road joins two places, once, and every place can be reached."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim.scenario.basis import is_number
from sim.scenario.errors import Problem
from sim.scenario.paths import Locator

MAX_NAMED = 8
"""How many places a message names."""


def roads_between_places(data: dict[str, Any]) -> Iterator[tuple[int, str, str, float]]:
    """The roads that join places of the scenario: number, both places, km."""
    roads, places = data.get("roads"), data.get("places")
    for position, road in enumerate(roads if isinstance(roads, list) else []):
        between = road.get("between") if isinstance(road, dict) else None
        if isinstance(between, list) and len(between) == 2 and isinstance(places, dict):
            here, there = between
            if isinstance(here, str) and isinstance(there, str) and here in places and there in places:
                km = road.get("km")
                yield position, here, there, float(km) if is_number(km) else float("inf")


def neighbours(data: dict[str, Any]) -> dict[str, dict[str, float]]:
    """For each place, the places that roads join it to, with the km."""
    near: dict[str, dict[str, float]] = {}
    for _, here, there, km in roads_between_places(data):
        near.setdefault(here, {})[there] = km
        near.setdefault(there, {})[here] = km
    return near


def all_roads_join_places(data: dict[str, Any]) -> bool:
    """Tells whether every road can be used; else what seems cut off may only be joined by a road with a mistake."""
    roads = data.get("roads", [])
    return isinstance(roads, list) and len(roads) == sum(
        here != there for _, here, there, _ in roads_between_places(data)
    )


def check_network(locator: Locator, problems: list[Problem]) -> None:
    """Adds roads that lead back to where they start, roads given twice, and places cut off to the problems."""
    data = locator.tree.data
    first: dict[frozenset[str], int] = {}
    for position, here, there, _ in roads_between_places(data):
        path = ("roads", position)
        if here == there:
            problems.append(locator.problem(path, f"the road leads from {here} back to {here}"))
            continue
        before = first.setdefault(frozenset((here, there)), position)
        if before != position:
            where = locator.where(("roads", before))
            problems.append(locator.problem(path, f"a road between {here} and {there} is given already, at {where}"))
    places = data.get("places")
    beyond = [name for name, place in places.items() if is_off_map(place)] if isinstance(places, dict) else []
    if beyond:
        _check_off_map(beyond, locator, problems)
    if isinstance(places, dict) and len(places) - len(beyond) > 1 and all_roads_join_places(data):
        _check_connected([name for name in places if name not in beyond], locator, problems)


def is_off_map(place: Any) -> bool:
    """Whether a place lies beyond the map: no road leads to it, and only air wings stand there."""
    return isinstance(place, dict) and place.get("off_map") is True


def _check_off_map(beyond: list[str], locator: Locator, problems: list[Problem]) -> None:
    """Nobody comes to a base beyond the map, or leaves it by road."""
    data = locator.tree.data
    if len(beyond) == len(data["places"]):
        problems.append(locator.problem(("places",), "all places are off the map, so there is nothing to fight for"))
    for position, here, there, _ in roads_between_places(data):
        for name in {here, there}.intersection(beyond):
            problems.append(locator.problem(("roads", position), f"{name} is off the map, so no road leads there"))
    fields = {"formations": ("place",), "reinforcements": ("origin", "place"), "sides": ("capital",)}
    for section, named in fields.items():
        entities = data.get(section)
        for id, entity in entities.items() if isinstance(entities, dict) else ():
            for field in named:
                stands = entity.get(field) if isinstance(entity, dict) else None
                if isinstance(stands, str) and stands in beyond:
                    message = f"{stands} is off the map, where only air wings stand"
                    problems.append(locator.problem((section, id, field), message))


def _check_connected(places: list[str], locator: Locator, problems: list[Problem]) -> None:
    data = locator.tree.data
    near = neighbours(data)
    for name, unit in data["formations"].items() if isinstance(data.get("formations"), dict) else ():
        place = unit.get("place") if isinstance(unit, dict) else None
        if isinstance(place, str) and place in data["places"] and set(near.get(place, ())) <= {place}:
            message = f"the formation is disconnected: no road leads to {place}"
            problems.append(locator.problem(("formations", name, "place"), message))
    parts = _parts(places, near)
    main = max(parts, key=len)
    for part in parts:
        if part is not main:
            more = f" and {len(part) - MAX_NAMED} more" if len(part) > MAX_NAMED else ""
            rest = f"the rest of the network ({main[0]} and {len(main) - 1} more)"
            message = f"no road joins {', '.join(part[:MAX_NAMED])}{more} to {rest}"
            problems.append(locator.problem(("places", part[0]), message))


def _parts(places: list[str], near: dict[str, dict[str, float]]) -> list[list[str]]:
    """The places in groups between which no road leads, each in the order of the file."""
    group: dict[str, int] = {}
    for number, start in enumerate(places):
        ahead = [start]
        while ahead:
            place = ahead.pop()
            if place not in group:
                group[place] = number
                ahead.extend(near.get(place, ()))
    parts: dict[int, list[str]] = {}
    for place in places:
        parts.setdefault(group[place], []).append(place)
    return list(parts.values())
