"""How long a formation marches, as its side reckons: by the fastest roads that are open, if nothing delays it."""

from __future__ import annotations

import heapq
from collections.abc import Collection
from typing import Any

from sim.rules.movement import march_speed
from sim.world.deploy import Deployment
from sim.world.layout import World, plain_row, readable


def march_days(deployment: Deployment, world: World, row: int, places: Collection[int]) -> dict[int, float]:
    """Days of march to each of these places, by way of these places alone; one that no road leads to is left out."""
    p = readable(world, "settings").settings[0].movement
    tables: Any = {
        name: [plain_row(each) for each in getattr(world, name)] for name in ("places", "relations", "roads")
    }
    known, atlas, unit = world._replace(**tables), deployment.atlas, plain_row(world.units[row])

    def days_along(road: int, to: int, km: float) -> float:
        unit.road, unit.heading = road, to
        return km / max(1e-9, float(march_speed(known, unit, p)))

    waiting = [(0.0, unit.place)]
    if unit.road >= 0:
        road, ahead, behind = unit.road, unit.heading, unit.place
        left = [(ahead, unit.km_left), (behind, known.roads[road].km - unit.km_left)]
        waiting = sorted((days_along(road, end, km), end) for end, km in left)
    found: dict[int, float] = {}
    while waiting:
        days, here = heapq.heappop(waiting)
        if here in found:
            continue
        found[here] = days
        for way in range(known.places[here].first_neighbour, known.places[here].last_neighbour):
            there, road = int(atlas.neighbours["place"][way]), int(atlas.neighbours["road"][way])
            if there in places and not known.roads[road].cut:
                heapq.heappush(waiting, (days + days_along(road, there, known.roads[road].km), there))
    return {place: days for place, days in found.items() if place in places}
