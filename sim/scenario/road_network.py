"""A road network from a map extract, thinned to the roads between given places.

Each point of the network belongs to the place that is quickest to reach from it. Two places are joined by a road where
the network leads from the area of one into that of the other; its length is that of the quickest such way. A road that
is hardly shorter than a way through a third place is left out.

The areas are those of a network Voronoi diagram: Okabe, Boots, Sugihara and Chiu (2000), Spatial Tessellations, 3.8.
"""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from sim.scenario.errors import Mark, Problem, ScenarioError
from sim.scenario.geography import SHORTEST_ROAD, straight_km

CLASSES = {
    "motorway": "motorway", "trunk": "primary", "primary": "primary", "secondary": "secondary", "tertiary": "secondary",
    "unclassified": "track", "residential": "track", "living_street": "track", "road": "track", "track": "track",
}  # fmt: skip
"""Classes of the generic roads for values of the key `highway` in OpenStreetMap; a link has the class of its road."""
SPEED = {"motorway": 1.0, "primary": 0.8, "secondary": 0.6, "track": 0.35}
"""Marching speeds by class, as in `defaults.yaml`."""
LINES = ("LineString", "MultiLineString")
DIGITS = 6
"""Coordinates that agree in so many decimals are one point: about 0.1 m."""
DOMINATED = 1.05
"""A road is left out if a way through other places is at most so many times as long."""


class Way(NamedTuple):
    """A piece of road between two points of the network, by their numbers."""

    a: int
    b: int
    km: float
    road_class: str


class Network(NamedTuple):
    """Points (latitude, longitude) and the ways between them; `left_out` counts lines by the reason."""

    points: list[tuple[float, float]]
    ways: list[Way]
    left_out: Counter[str]


def read_network(text: str, file: str) -> Network:
    """The roads of a GeoJSON file with lines that have the property `highway`."""
    try:
        data = json.loads(text.removeprefix("\ufeff"))
    except (json.JSONDecodeError, RecursionError) as error:
        line, column = getattr(error, "lineno", 0), getattr(error, "colno", 0)
        raise ScenarioError([Problem(file, line, column, "", "cannot be read as GeoJSON")]) from None
    features = data.get("features") if isinstance(data, dict) else None
    if not isinstance(features, list):
        raise ScenarioError([Problem(file, 0, 0, "", "should be a FeatureCollection with `features`")])
    numbers: dict[tuple[float, float], int] = {}
    ways, left_out = [], Counter[str]()
    for feature in features:
        geometry, properties = _part(feature, "geometry"), _part(feature, "properties")
        highway = str(properties.get("highway", "none")).removesuffix("_link")
        if geometry.get("type") not in LINES:
            left_out[str(geometry.get("type"))] += 1
            continue
        if highway not in CLASSES:
            left_out[f"highway={highway}"] += 1
            continue
        lines = geometry.get("coordinates") or []
        for line in [lines] if geometry["type"] == "LineString" else lines:
            try:
                points = [(round(float(lat), DIGITS), round(float(lon), DIGITS)) for lon, lat, *_ in line]
            except (TypeError, ValueError):
                left_out["coordinates that are no numbers"] += 1
                continue
            for one, other in pairwise(points):
                a, b = (numbers.setdefault(point, len(numbers)) for point in (one, other))
                if a != b:
                    ways.append(Way(a, b, max(1e-6, straight_km(*one, *other)), CLASSES[highway]))
    if not ways:
        counted = ", ".join(f"{count} with {what}" for what, count in left_out.most_common(5))
        message = "has no line with a property `highway` that is a road" + (f"; it has {counted}" if counted else "")
        raise ScenarioError([Problem(file, 0, 0, "", message)])
    return Network(list(numbers), ways, left_out)


def _part(feature: Any, key: str) -> dict[str, Any]:
    part = feature.get(key) if isinstance(feature, dict) else None
    return part if isinstance(part, dict) else {}


def thinned(
    network: Network, places: dict[str, Any], marks: dict[str, Mark], source: str, within: float
) -> list[dict[str, Any]]:
    """The roads between places, as a scenario writes them; ScenarioError for places with no road `within` km."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import dijkstra

    names, starts = list(places), _starts(network, places, marks, within)
    count = len(network.points)
    shortest: dict[tuple[int, int], Way] = {}
    for way in network.ways:
        pair = min(way.a, way.b), max(way.a, way.b)
        if pair not in shortest or _hours(way) < _hours(shortest[pair]):
            shortest[pair] = way
    hours = [_hours(way) for way in shortest.values()]
    ends = np.array(list(shortest)).T
    graph = csr_matrix((hours, (ends[0], ends[1])), shape=(count, count))
    time, before, owner = dijkstra(graph, directed=False, indices=starts, return_predecessors=True, min_only=True)
    place_of = {start: number for number, start in enumerate(starts)}
    best: dict[tuple[int, int], tuple[float, Way]] = {}
    for way in shortest.values():
        if not np.isfinite(time[way.a]) or owner[way.a] == owner[way.b]:
            continue
        one, other = place_of[int(owner[way.a])], place_of[int(owner[way.b])]
        pair = min(one, other), max(one, other)
        total = float(time[way.a] + time[way.b]) + _hours(way)
        if pair not in best or total < best[pair][0]:
            best[pair] = total, way
    roads = []
    for (one, other), (_, way) in best.items():
        passed = [way, *_back(way.a, before, shortest), *_back(way.b, before, shortest)]
        by_class = Counter[str]()
        for piece in passed:
            by_class[piece.road_class] += piece.km  # type: ignore[assignment]
        km = max(SHORTEST_ROAD, round(sum(piece.km for piece in passed), 1))
        roads.append((names[one], names[other], km, by_class.most_common(1)[0][0]))
    return [
        {"between": f"{one} {other}", "km": km, "class": road_class, "basis": f"assumed: from {source}"}
        for one, other, km, road_class in _undominated(roads)
    ]


def _hours(way: Way) -> float:
    """Time on a way, relative to the best road."""
    return way.km / SPEED[way.road_class]


def _starts(network: Network, places: dict[str, Any], marks: dict[str, Mark], within: float) -> list[int]:
    """For each place the nearest point of the network."""
    from scipy.spatial import cKDTree

    points = np.array(network.points)
    shrink = float(np.cos(np.radians(points[:, 0].mean())))
    index = cKDTree(points * (1.0, shrink))
    starts: dict[int, str] = {}
    problems = []
    for name, place in places.items():
        found = int(index.query((place["lat"], place["lon"] * shrink))[1])
        far = straight_km(place["lat"], place["lon"], *network.points[found])
        if far > within:
            message = f"the nearest road of the extract is {far:.1f} km away, more than {within:g} km"
            problems.append(Problem(*marks[name], f"places.{name}", message))
        elif starts.setdefault(found, name) != name:
            message = f"has the same nearest point of a road as {starts[found]}"
            problems.append(Problem(*marks[name], f"places.{name}", message))
    if problems:
        raise ScenarioError(problems)
    return list(starts)


def _back(point: int, before: np.ndarray, shortest: dict[tuple[int, int], Way]) -> list[Way]:
    """The ways from a point back to the place that it belongs to."""
    ways = []
    while before[point] >= 0:
        previous = int(before[point])
        ways.append(shortest[min(point, previous), max(point, previous)])
        point = previous
    return ways


def _undominated(roads: list[tuple[str, str, float, str]]) -> list[tuple[str, str, float, str]]:
    """The roads that are worth having: the shorter ones first, each unless a way through places is about as short."""
    kept: list[tuple[str, str, float, str]] = []
    near: dict[str, dict[str, float]] = {}
    for road in sorted(roads, key=lambda road: road[2]):
        one, other, km, _ = road
        if _way(near, one, other, DOMINATED * km) > DOMINATED * km:
            kept.append(road)
            near.setdefault(one, {})[other] = near.setdefault(other, {})[one] = km
    return sorted(kept)


def _way(near: dict[str, dict[str, float]], start: str, goal: str, most: float) -> float:
    """Length of the shortest way between two places; infinite if it is longer than `most`."""
    import heapq

    ahead, done = [(0.0, start)], set[str]()
    while ahead:
        km, place = heapq.heappop(ahead)
        if place == goal:
            return km
        if place not in done:
            done.add(place)
            for other, more in near.get(place, {}).items():
                if km + more <= most:
                    heapq.heappush(ahead, (km + more, other))
    return float("inf")
