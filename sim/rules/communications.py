"""Lines of communication: from each place the way back to the nearest rear base of a side, and how long it is."""

from __future__ import annotations

from sim.bookkeeping.clock import is_new_day
from sim.bookkeeping.communications import holds_captured_ground, must_trace, note_traced
from sim.bookkeeping.presence import is_contested
from sim.bookkeeping.relations import is_friendly
from sim.bookkeeping.roads import is_open_to
from sim.bookkeeping.rosters import neighbours_of, rear_bases
from sim.bookkeeping.search import clear_queue, put_in_queue, take_from_queue
from sim.kernel.compile import formula, rule
from sim.world.tables import DORMANT_POSTURE, NONE

CUT_OFF = -1.0
"""Kilometres of the line of a place from which no line leads to a rear base."""
FAR = 1e18
"""More kilometres than any line has."""


@formula
def order(place):
    """Factor of unrest on the traffic through a place: without order a fifth of it gets through."""
    return max(0.2, place.stability)


@rule
def find_ways_home(world, atlas, side):
    """From the rear bases outwards, through friendly places over roads that are neither cut nor closed by an enemy.

    Kilometres are those of the best road: a poor road, or unrest along it, makes the way longer.
    """
    view = world.side_view[side]
    for here in range(len(view)):
        view[here].supply_km = FAR if is_friendly(world, side, world.places[here].control) else CUT_OFF
        view[here].way_home = NONE
        view[here].rear_base = NONE
    clear_queue(world)
    for base in rear_bases(world):
        if is_friendly(world, side, world.places[base].control) and not is_contested(world, base, side):
            view[base].supply_km = 0.0
            view[base].way_home = base
            view[base].rear_base = base
            put_in_queue(world, base, 0.0)
    here = take_from_queue(world)
    while here != NONE:
        for n in neighbours_of(world, here):
            there, road = atlas.neighbours[n].place, atlas.neighbours[n].road
            km = view[here].supply_km + world.roads[road].supply_km / order(world.places[there])
            if km < view[there].supply_km and is_open_to(world, road, side):
                view[there].supply_km = km
                view[there].way_home = here
                view[there].rear_base = view[here].rear_base
                put_in_queue(world, there, km)
        here = take_from_queue(world)
    for here in range(len(view)):
        if view[here].supply_km == FAR:
            view[here].supply_km = CUT_OFF


@rule
def trace_communications(world, atlas, rules):
    """Each side whose ground or roads have changed traces its lines anew.

    Once a day so does each side with captured ground, where order, and so the length of the lines, changes slowly.
    """
    new_day = is_new_day(world, rules.clock)
    is_first_tick = world.campaign[0].tick == 0
    for side in range(len(world.sides)):
        if world.sides[side].posture != DORMANT_POSTURE:
            if is_first_tick or must_trace(world, side) or (new_day and holds_captured_ground(world, side)):
                find_ways_home(world, atlas, side)
    note_traced(world)
