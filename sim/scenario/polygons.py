"""Regions as polygons: which places lie in which, from a GeoJSON file."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from sim.scenario.basis import is_number
from sim.scenario.errors import Mark, Problem, ScenarioError
from sim.scenario.yaml_reader import parse

Ring = list[tuple[float, float]]
KINDS = ("Polygon", "MultiPolygon")


def read_regions(text: str, file: str) -> dict[str, list[Ring]]:
    """The rings (latitude, longitude) of each region of a FeatureCollection, by the property `id`."""
    problems: list[Problem] = []
    tree = parse(text, file, problems)
    features = tree.data.get("features") if isinstance(tree.data, dict) else None
    if not isinstance(features, list):
        raise ScenarioError([*problems, Problem(file, 0, 0, "", "should be a FeatureCollection with `features`")])
    regions: dict[str, list[Ring]] = {}
    for at, feature in enumerate(features):
        mark = tree.where(("features", at))
        properties = feature.get("properties") if isinstance(feature, dict) else None
        id = properties.get("id") if isinstance(properties, dict) else None
        rings = list(_rings(feature.get("geometry") if isinstance(feature, dict) else None))
        if not isinstance(id, str) or not rings:
            problems.append(_problem(mark, "should be a Polygon or MultiPolygon with a text `id` among its properties"))
        elif id in regions:
            problems.append(_problem(mark, f"the id '{id}' stands twice"))
        else:
            regions[id] = rings
    if problems:
        raise ScenarioError(problems)
    return regions


def region_at(lat: float, lon: float, regions: dict[str, list[Ring]]) -> str | None:
    """The first region that a point lies in, by the even-odd rule: a ring inside another one is a hole."""
    return next((id for id, rings in regions.items() if sum(_crossings(lat, lon, ring) for ring in rings) % 2), None)


def _problem(mark: Mark, message: str) -> Problem:
    return Problem(*mark, "", message)


def _rings(geometry: Any) -> Iterator[Ring]:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    parts = geometry.get("coordinates") if kind in KINDS else None
    for polygon in parts if kind == "MultiPolygon" and isinstance(parts, list) else [parts]:
        for ring in polygon if isinstance(polygon, list) else ():
            points = ring if isinstance(ring, list) else []
            if len(points) > 3 and all(map(_is_point, points)):
                yield [(float(point[1]), float(point[0])) for point in points]


def _is_point(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 1 and all(map(is_number, value[:2]))


def _crossings(lat: float, lon: float, ring: Ring) -> int:
    """How often a line from a point to the east crosses a ring."""
    return sum(
        (one[0] > lat) != (other[0] > lat) and lon < one[1] + (lat - one[0]) / (other[0] - one[0]) * (other[1] - one[1])
        for one, other in pairwise(ring)
    )
