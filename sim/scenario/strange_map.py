"""Places and roads that can hardly be where, or what, they are said to be."""

from __future__ import annotations

from collections.abc import Iterator

from sim.scenario.geography import straight_km
from sim.scenario.messages import number
from sim.scenario.schema import Place, Scenario
from sim.scenario.yaml_reader import Path

Told = tuple[Path, str]
SHORTER_THAN_STRAIGHT = 0.9
"""A road of less than this share of the straight line is told: coordinates are those of centres, and rounded."""
LONGER_THAN_STRAIGHT, LEAST_KM = 4.0, 20.0
"""A road of so many times the straight line is told, if it is longer than LEAST_KM: country averages are 1.2 to 2.1."""
FAR_KM = 1000.0
"""A place so far from the middle of the others that comes five times nearer with its coordinates exchanged is told."""
MOST_IN_A_CITY = 4e7


def strange_map(scenario: Scenario) -> Iterator[Told]:
    """Warnings about places and roads."""
    yield from _roads(scenario)
    yield from _coordinates(scenario)
    yield from _people(scenario)
    yield from _names(scenario)


def _roads(scenario: Scenario) -> Iterator[Told]:
    open_ends: dict[str, int] = {}
    for at, road in enumerate(scenario.roads):
        straight = _km(*(scenario.places[end] for end in road.between))
        said = f"is {number(road.km)} km, but the straight line is {straight:.0f} km"
        most = max(LEAST_KM, LONGER_THAN_STRAIGHT * straight) if straight > 0 else road.km
        if not SHORTER_THAN_STRAIGHT * straight <= road.km <= most:
            yield ("roads", at, "km"), said
        for end in road.between:
            open_ends[end] = open_ends.get(end, 0) + (not road.cut)
    for name, count in open_ends.items():
        if count == 0:
            yield ("places", name), "all roads to it are cut, so nothing comes or goes"


def _km(a: Place, b: Place) -> float:
    """Great-circle distance."""
    return straight_km(a.lat, a.lon, b.lat, b.lon)


def _coordinates(scenario: Scenario) -> Iterator[Told]:
    """Places whose latitude and longitude seem to be exchanged, missing, or those of another place."""
    places = list(scenario.places.values())
    lat, lon = (sorted(values)[len(places) // 2] for values in ([p.lat for p in places], [p.lon for p in places]))
    first: dict[tuple[float, float], str] = {}
    for name, place in scenario.places.items():
        far = straight_km(place.lat, place.lon, lat, lon)
        exchanged = straight_km(max(-90.0, min(90.0, place.lon)), place.lat, lat, lon)
        if far > FAR_KM and exchanged < far / 5:
            yield ("places", name, "lat"), f"lies {far:,.0f} km from the other places: are lat and lon exchanged?"
        elif far > FAR_KM and place.lat == place.lon == 0:
            yield ("places", name, "lat"), "lat and lon are 0: a point in the Gulf of Guinea"
        other = first.setdefault((place.lat, place.lon), name)
        if other != name:
            yield ("places", name, "lat"), f"has the coordinates of {other}"


def _people(scenario: Scenario) -> Iterator[Told]:
    for name, place in scenario.places.items():
        if 0 < place.population < 10:
            yield ("places", name, "population"), f"is {number(place.population)}: it counts people, not thousands"
        elif place.population > MOST_IN_A_CITY:
            yield ("places", name, "population"), f"is {number(place.population)}, more than any city has"
        if place.prison > max(1.0, place.population) and place.population > 0:
            yield ("places", name, "prison"), "holds more inmates than the place has people"
        if place.depot and place.depot.stock == 0 and place.depot.equipment == 0:
            yield ("places", name, "depot"), "is empty"


def _names(scenario: Scenario) -> Iterator[Told]:
    """Entities that readers of the results could not tell apart."""
    for section in ("sides", "places", "formations"):
        first: dict[str, str] = {}
        for id, entity in getattr(scenario, section).items():
            other = first.setdefault(entity.name, id)
            if other != id and not (section == "formations" and entity.side != scenario.formations[other].side):
                yield (section, id, "name"), f"'{entity.name}' is the name of {other} too"
    colours: dict[str, str] = {}
    for id, side in scenario.sides.items():
        other = colours.setdefault(side.colour.lower(), id)
        if other != id:
            yield ("sides", id, "colour"), f"{side.colour} is the colour of {other} too, so maps do not tell them apart"
