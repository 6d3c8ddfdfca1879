"""Contiguous ground: which places are linked with each other over friendly ground.

It is that of one side at a time, while its commanders give orders. Each stretch of it is known by the first of its
places; a place that is not friendly is a stretch of its own.
"""

from __future__ import annotations

from sim.bookkeeping.relations import is_friendly
from sim.bookkeeping.rosters import formations_of, neighbours_of
from sim.bookkeeping.search import clear_queue, put_in_queue, take_from_queue
from sim.kernel.compile import rule
from sim.world.tables import ACTIVE, NONE


@rule
def note_contiguous_ground(world, atlas, side):
    """Note of which stretch of ground each place is part, for a side and its allies."""
    scratch = world.command_scratch
    for here in range(len(world.places)):
        scratch[here].ground = NONE if is_friendly(world, side, world.places[here].control) else here
    for here in range(len(world.places)):
        if scratch[here].ground == NONE:
            note_stretch(world, atlas, here)


@rule
def note_stretch(world, atlas, first):
    """Note the places that are linked with a friendly one."""
    scratch = world.command_scratch
    scratch[first].ground = first
    clear_queue(world)
    put_in_queue(world, first, 0.0)
    here = take_from_queue(world)
    while here != NONE:
        for n in neighbours_of(world, here):
            there = atlas.neighbours[n].place
            if scratch[there].ground == NONE and world.roads[atlas.neighbours[n].road].cut == 0:
                scratch[there].ground = first
                put_in_queue(world, there, 0.0)
        here = take_from_queue(world)


@rule
def note_manned_ground(world, command):
    """Note on which stretches of ground formations of a command stand."""
    scratch = world.command_scratch
    for here in range(len(world.places)):
        scratch[here].manned = 0
    for i in formations_of(world, world.commands[command].side):
        unit = world.units[i]
        if unit.command == command and unit.status == ACTIVE:
            scratch[scratch[unit.place].ground].manned = 1


@rule
def is_in_reach(world, atlas, here):
    """Whether formations of the command stand on the ground of a place, or on ground next to it."""
    scratch = world.command_scratch
    if scratch[scratch[here].ground].manned == 1:
        return True
    for n in neighbours_of(world, here):
        beside = scratch[atlas.neighbours[n].place].ground
        if scratch[beside].manned == 1 and world.roads[atlas.neighbours[n].road].cut == 0:
            return True
    return False


@rule
def can_reach(world, atlas, unit, there):
    """Whether a formation comes to a place, or next to it, over friendly ground."""
    scratch = world.command_scratch
    ground = scratch[unit.place].ground
    if scratch[there].ground == ground:
        return True
    for n in neighbours_of(world, there):
        if scratch[atlas.neighbours[n].place].ground == ground and world.roads[atlas.neighbours[n].road].cut == 0:
            return True
    return False
