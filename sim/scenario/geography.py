"""Distances on the globe, and lengths of roads whose file does not give one."""

from __future__ import annotations

import math
from typing import Any

from sim.scenario.basis import ASSUMED, is_number
from sim.scenario.yaml_reader import Tree

EARTH_KM = 6371.0
ROAD_FACTOR = 1.2
"""How much longer a road is than the straight line, where its file does not say.

literature: about 1.2 between random points of a street network (Newell 1980)
"""
SHORTEST_ROAD, LONGEST_ROAD = 0.1, 20_000.0
"""Bounds of the length of a road, km."""


def straight_km(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Great-circle distance between two points in degrees, km."""
    one, other = math.radians(lat_a), math.radians(lat_b)
    half = math.sin((other - one) / 2) ** 2
    half += math.cos(one) * math.cos(other) * math.sin(math.radians(lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


def road_km(straight: float) -> tuple[float, str]:
    """The assumed length of a road between places so far apart, km, and what it rests on."""
    km = min(LONGEST_ROAD, max(SHORTEST_ROAD, round(straight * ROAD_FACTOR, 1)))
    return km, f"assumed: straight line of {straight:.1f} km x {ROAD_FACTOR:g}"


def fill_lengths(tree: Tree) -> None:
    """Give each road without `km` the length of the straight line times ROAD_FACTOR, with that as its basis.

    A road whose ends are not known is reported elsewhere; until then it counts as long as a road may be.
    """
    roads, places = tree.data.get("roads"), tree.data.get("places")
    if not isinstance(roads, list):
        return
    filled = list(roads)
    for at, road in enumerate(roads):
        if not isinstance(road, dict) or "km" in road:
            continue
        ends = _ends(road.get("between"), places if isinstance(places, dict) else {})
        km, basis = road_km(straight_km(*ends)) if ends else (LONGEST_ROAD, ASSUMED)
        filled[at] = {**road, "km": km}
        tree.basis["roads", at, "km"] = basis
    tree.data = {**tree.data, "roads": filled}


def _ends(between: Any, places: dict[str, Any]) -> tuple[float, float, float, float] | None:
    """Latitude and longitude of both ends of a road; None where they are not known."""
    if not (isinstance(between, list) and len(between) == 2):
        return None
    numbers = []
    for name in between:
        place = places.get(name) if isinstance(name, str) else None
        for key, most in (("lat", 90), ("lon", 180)):
            value = place.get(key) if isinstance(place, dict) else None
            if not is_number(value) or abs(value) > most:
                return None
            numbers.append(float(value))
    return numbers[0], numbers[1], numbers[2], numbers[3]
