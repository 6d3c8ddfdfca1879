"""Routes: by which roads the marching formations of a side go to their targets."""

from __future__ import annotations

from dataclasses import dataclass

from sim.bookkeeping.presence import place_of
from sim.bookkeeping.relations import is_friendly, is_hostile
from sim.bookkeeping.roads import has_cut_roads
from sim.bookkeeping.rosters import formations_of, neighbours_of
from sim.bookkeeping.routes import clear_routes, limit_of, note_way, slot_of, slots
from sim.bookkeeping.search import clear_queue, put_in_queue, take_from_queue
from sim.kernel.compile import rule
from sim.scenario.parameters import Parameters, parameter
from sim.world.tables import ACTIVE, MARCH, NONE, OPEN, ORDERED, SHARED

FAR = 1e18
"""More kilometres than any route has."""


@dataclass(frozen=True)
class RoutesParameters(Parameters):
    """How columns choose their roads."""

    detour: float = parameter(
        3,
        "factor",
        "on the length of a road into an enemy-held place when a route is planned",
        bounds=(1, 20),
        basis="assumed",
    )


@rule
def way_on_the_map(world, atlas, side, here, target, p):
    """Kilometres of the quickest way on the map, as a route would count them; FAR if it is barred to the side."""
    km = 0.0
    while here != target:
        ahead = atlas.next_hop[here, target]
        if ahead == NONE:
            return FAR
        road, holder = world.roads[atlas.road[here, ahead]], world.places[ahead].control
        if road.cut == 1 or not (is_hostile(world, side, holder) or is_friendly(world, side, holder)):
            return FAR
        km += road.march_km * (p.detour if is_hostile(world, side, holder) and ahead != target else 1.0)
        here = ahead
    return km


@rule
def plan_route(world, atlas, side, slot, target, p):
    """From each place the next one to a target: round neutral ground, and round the enemy if that is not too far.

    Ways longer than the longest that any column has on the map are left out: no column would take one.
    """
    route = world.route[side, slot]
    for here in range(len(route)):
        world.search[here].cost = limit_of(world, slot)
        route[here] = NONE
    route[target] = target
    clear_queue(world)
    put_in_queue(world, target, 0.0)
    here = take_from_queue(world)
    while here != NONE:
        holder = world.places[here].control
        if is_hostile(world, side, holder) or is_friendly(world, side, holder):
            factor = p.detour if is_hostile(world, side, holder) and here != target else 1.0
            for n in neighbours_of(world, here):
                there, road = atlas.neighbours[n].place, world.roads[atlas.neighbours[n].road]
                cost = world.search[here].cost + road.march_km * factor
                if road.cut == 0 and cost < world.search[there].cost:
                    route[there] = here
                    put_in_queue(world, there, cost)
        here = take_from_queue(world)


@rule
def is_way_open(world, atlas, side, here, target):
    """Whether the quickest way on the map to a target leads through friendly places only, and no road at all is cut."""
    if has_cut_roads(world):
        return False
    while here != target:
        here = atlas.next_hop[here, target]
        if here == NONE:
            return False
        if here != target and not is_friendly(world, side, world.places[here].control):
            return False
    return True


@rule
def is_way_blocked(world, atlas, unit, target):
    """Whether the quickest way on the map to a target leads through an enemy place stronger than a formation.

    The strength of the place is the one that the side of the formation believes. The target does not count.
    """
    here = place_of(unit)
    while here != target:
        here = atlas.next_hop[here, target]
        if here == NONE:
            return True
        if here != target and is_hostile(world, unit.side, world.places[here].control):
            if world.side_view[unit.side, here].belief > unit.power:
                return True
    return False


@rule
def request_route(world, atlas, unit, p):
    """A formation takes the quickest way on the map if it is open; else it asks for a route, if a slot is left."""
    here, side = place_of(unit), unit.side
    if is_way_open(world, atlas, side, here, unit.target):
        unit.slot = OPEN
        return
    unit.slot = slot_of(world, side, unit.target)
    if unit.slot != NONE:
        note_way(world, unit.slot, way_on_the_map(world, atlas, side, here, unit.target, p))


@rule
def comes_first(world, unit):
    """Whether a formation under orders from outside goes before those that the doctrine of its side sends."""
    return unit.bound == ORDERED and world.sides[unit.side].commander == SHARED


@rule
def plan_routes(world, atlas, side, p):
    """Everybody takes the quickest way on the map if it is open; else the way of least cost round or through the enemy.

    A side keeps routes to a limited number of targets at once. A formation with a target beyond them stays where it is.
    """
    clear_routes(world, side)
    for i in formations_of(world, side):
        unit = world.units[i]
        if unit.task == MARCH and unit.status == ACTIVE and comes_first(world, unit):
            request_route(world, atlas, unit, p)
    for i in formations_of(world, side):
        unit = world.units[i]
        if unit.task == MARCH and unit.status == ACTIVE and not comes_first(world, unit):
            request_route(world, atlas, unit, p)
    for slot in slots():
        if world.route_target[side, slot] != NONE:
            plan_route(world, atlas, side, slot, world.route_target[side, slot], p)
