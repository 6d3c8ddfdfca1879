"""Ways over the network: lines of communication back to the rear bases, and routes forward to the objectives.

Both depend on who holds what, so they are worked out once per side, not per formation: a search outwards from the
sources that looks at a place again only when a shorter way to it has been found.
"""

from __future__ import annotations

from dataclasses import dataclass

from sim.kernel.compile import rule, step
from sim.scenario.parameters import Parameters, parameter

CUT_OFF = -1.0
FAR = 1e18


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
def enqueue(search, place, cost, head, tail):
    """Put a place into the ring of places to look at: in front if it is nearer than the first, otherwise at the end."""
    search[place].cost = cost
    if search[place].queued == 1:
        return head, tail
    search[place].queued = 1
    if head != tail and cost < search[search[head].queue].cost:
        head = head - 1 if head > 0 else len(search) - 1
        search[head].queue = place
    else:
        search[tail].queue = place
        tail = tail + 1 if tail + 1 < len(search) else 0
    return head, tail


@step
def trace_communications(row, view, world, atlas):
    """A side's lines of communication: from its rear bases through friendly places over uncontested roads.

    `row` is the side's, `view` its side_view by place. Kilometres are those of the best road: a poor road, or unrest
    along it, makes the way longer. Notes whom the lines were seen to depend on: all who were met at bases and on roads.
    """
    places, search = world.places, world.search
    hostile, friends = row.hostile_mask, row.friend_mask
    for i in range(len(places)):
        # No way is shorter than that into ground which is cut off for good.
        view[i].supply_km = FAR if (friends >> places[i].control) & 1 else CUT_OFF
        view[i].way_home = -1
        view[i].rear_base = -1
    head, tail = 0, 0
    met = 0
    for k in range(world.campaign[0].bases):
        i = world.bases[k]
        place = places[i]
        if (friends >> place.control) & 1:
            met |= place.inside_mask | place.gate_mask
            if not (place.inside_mask | place.gate_mask) & hostile:
                view[i].supply_km = 0.0
                view[i].way_home = i
                view[i].rear_base = i
                head, tail = enqueue(search, i, 0.0, head, tail)
    while head != tail:
        here = search[head].queue
        head = head + 1 if head + 1 < len(search) else 0
        search[here].queued = 0
        km = view[here].supply_km
        base = view[here].rear_base
        for n in range(places[here].first_neighbour, places[here].last_neighbour):
            there = atlas.neighbours[n].place
            road = world.roads[atlas.neighbours[n].road]
            # Unrest can only make the way longer.
            if km + road.supply_km >= view[there].supply_km:
                continue
            met |= road.traffic
            if road.traffic & hostile or road.cut == 1:
                continue
            way = km + road.supply_km
            if places[there].stability < 1.0:
                way = km + road.supply_km / max(0.2, places[there].stability)
            if way < view[there].supply_km:
                view[there].supply_km = way
                view[there].way_home = here
                view[there].rear_base = base
                head, tail = enqueue(search, there, way, head, tail)
    for i in range(len(places)):
        if view[i].supply_km == FAR:
            view[i].supply_km = CUT_OFF
    row.met = met


@step
def share_communications(row, view, other, known):
    """A side has the lines of another with the same friends and, of those whom that one met, the same enemies."""
    for i in range(len(view)):
        view[i].supply_km = known[i].supply_km
        view[i].way_home = known[i].way_home
        view[i].rear_base = known[i].rear_base
    row.met = other.met


@step
def quickest_way(row, here, target, places, roads, atlas, p):
    """How long the way that is the quickest on the map is to a side's columns; FAR if it is barred to them."""
    friends, hostile = row.friend_mask, row.hostile_mask
    length = 0.0
    while here != target:
        ahead = atlas.next_hop[here, target]
        if ahead < 0:
            return FAR
        road = roads[atlas.road[here, ahead]]
        holder = 1 << places[ahead].control
        if road.cut == 1 or not holder & (friends | hostile):
            return FAR
        length += road.march_km * (p.detour if holder & hostile and ahead != target else 1.0)
        here = ahead
    return length


@step
def plan_route(world, atlas, row, side, slot, p):
    """From each place the next one on the way to a target: round neutral ground, and round the enemy if not too far.

    The search ends where the way is longer than the farthest column's quickest on the map: it has no better one there.
    """
    places, roads, search, route = world.places, world.roads, world.search, world.route[side, slot]
    hostile, friends = row.hostile_mask, row.friend_mask
    target = world.route_target[side, slot]
    # Sums of the same kilometres in another order may differ in the last digit.
    limit = world.farthest[slot] * (1.0 + 1e-9)
    for i in range(len(places)):
        search[i].cost = limit
        route[i] = -1
    route[target] = target
    head, tail = enqueue(search, target, 0.0, 0, 0)
    while head != tail:
        here = search[head].queue
        head = head + 1 if head + 1 < len(search) else 0
        search[here].queued = 0
        holder = 1 << places[here].control
        if not holder & (friends | hostile):
            continue
        factor = p.detour if holder & hostile and here != target else 1.0
        cost = search[here].cost
        for n in range(places[here].first_neighbour, places[here].last_neighbour):
            there = atlas.neighbours[n].place
            road = roads[atlas.neighbours[n].road]
            if road.cut == 1:
                continue
            way = cost + road.march_km * factor
            if way < search[there].cost:
                route[there] = here
                head, tail = enqueue(search, there, way, head, tail)
