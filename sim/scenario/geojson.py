"""Reads GeoJSON as a part of a scenario: points are places, lines are roads, properties are named as columns are.

https://datatracker.ietf.org/doc/html/rfc7946: a FeatureCollection, with coordinates in the order longitude, latitude.
"""

from __future__ import annotations

import pathlib
from itertools import pairwise
from typing import Any, TypeGuard

from sim.scenario.basis import is_number
from sim.scenario.errors import Mark, Problem
from sim.scenario.geography import SHORTEST_ROAD, straight_km
from sim.scenario.messages import describe
from sim.scenario.rows import Cell, Column, Rows
from sim.scenario.yaml_reader import Tree, parse

SUFFIX = ".geojson"
GEOMETRY = {"places": "Point", "roads": "LineString"}


def parse_geojson(text: str, file: str, section: str, problems: list[Problem]) -> Tree:
    """The part of a scenario that a FeatureCollection holds."""
    source, rows = parse(text, file, problems), Rows(section, file, problems)
    features = source.data.get("features") if isinstance(source.data, dict) else None
    if section not in GEOMETRY or not isinstance(features, list):
        wanted = "a FeatureCollection with `features`" if section in GEOMETRY else "named places.geojson, roads.geojson"
        problems.append(Problem(file, 0, 0, "", f"should be {wanted}"))
        return rows.tree
    columns: dict[str, Column | None] = {}
    for at, feature in enumerate(features):
        here = source.where(("features", at))
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if not isinstance(properties, dict):
            rows.problem(here, (section,), "should be a feature with `properties`")
            continue
        if "id" not in properties and isinstance(feature.get("id"), str) and section == "places":
            properties = {**properties, "id": feature["id"]}
        cells = []
        for name, value in properties.items():
            mark = source.where(("features", at, "properties", name))
            if name not in columns:
                columns[name] = rows.column(name, mark)
            column = columns[name]
            if column is not None and not column.names_the_row and value is not None:
                cells.append(Cell(column, value, mark))
        cells += _located(rows, feature.get("geometry"), source.where(("features", at, "geometry")), properties, file)
        rows.add([(_text(properties.get(key)), here) for key in rows.keys], cells)
    return rows.tree


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _located(rows: Rows, geometry: Any, mark: Mark, properties: dict[str, Any], file: str) -> list[Cell]:
    """What the geometry of a feature says: latitude and longitude of a place, the length of a road."""
    wanted = GEOMETRY[rows.section]
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    points = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if wanted == "Point" and kind == wanted and _is_point(points):
        lon, lat = points[:2]
        return [Cell(Column("lat", ("lat",)), lat, mark), Cell(Column("lon", ("lon",)), lon, mark)]
    if wanted == "LineString" and kind == wanted and isinstance(points, list) and all(map(_is_point, points)):
        if "km" in properties:
            return []
        length = sum(straight_km(a[1], a[0], b[1], b[0]) for a, b in pairwise(points))
        basis = f"assumed: length of the line in {pathlib.Path(file).name}"
        return [
            Cell(Column("km", ("km",)), max(SHORTEST_ROAD, round(length, 1)), mark),
            Cell(Column("km.basis", ("km",), "basis"), basis, mark),
        ]
    what = describe(kind) if isinstance(kind, str) else "something else"
    rows.problem(mark, (rows.section,), f"a feature should be a {wanted} with numbers, but is {what}")
    return []


def _is_point(value: Any) -> TypeGuard[list[float]]:
    return isinstance(value, list) and len(value) >= 2 and all(map(is_number, value[:2]))
