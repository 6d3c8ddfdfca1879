"""Which sides have to trace their lines of communication anew, because what the lines depend on has changed.

Lines depend on who holds what, on which enemies close roads between friendly places, and on which enemies are in or
before friendly rear bases.
"""

from __future__ import annotations

from sim.bookkeeping.clock import was_taken
from sim.bookkeeping.relations import is_friendly, read_stances
from sim.bookkeeping.roads import count_cuts
from sim.bookkeeping.rosters import list_bases, rear_bases
from sim.kernel.compile import rule
from sim.world.tables import EVERYBODY


@rule
def note_all_changed(world):
    """All sides trace their lines anew."""
    world.counts[0].changed = EVERYBODY


@rule
def read_ground(world):
    """Events have changed rows: stances, cut roads and rear bases are noted, and all sides trace their lines anew."""
    read_stances(world)
    count_cuts(world)
    list_bases(world)
    note_all_changed(world)


@rule
def note_place_changed_hands(world, winner, loser):
    """The friends of the winner and of the loser trace their lines anew."""
    for side in range(len(world.sides)):
        friends = world.relations[side].friend_mask
        if (friends >> winner | friends >> loser) & 1:
            world.counts[0].changed |= 1 << side


@rule
def note_change(world, who, holders):
    """Enemies of those who came or went trace their lines anew if they and their friends hold the ground."""
    for side in range(len(world.sides)):
        row = world.relations[side]
        if row.hostile_mask & who and not holders & ~row.friend_mask:
            world.counts[0].changed |= 1 << side


@rule
def note_road_closed(world, road, who):
    """Sides have closed or opened a road. A road between own and enemy ground is no line of communication."""
    ends = world.roads[road]
    note_change(world, who, 1 << world.places[ends.a].control | 1 << world.places[ends.b].control)


@rule
def note_base_contested(world):
    """Who is in and before the rear bases is compared with the last count."""
    for i in rear_bases(world):
        place = world.presence[i]
        present = place.inside_mask | place.gate_mask
        if place.seen_mask != present:
            note_change(world, place.seen_mask ^ present, 1 << world.places[i].control)
            place.seen_mask = present


@rule
def holds_captured_ground(world, side):
    """Whether a side or its allies hold a place that has changed hands in the campaign."""
    for place in world.places:
        if was_taken(place) and is_friendly(world, side, place.control):
            return True
    return False


@rule
def must_trace(world, side):
    """Whether what a side's lines depend on has changed since it traced them."""
    return (world.counts[0].changed >> side) & 1 != 0


@rule
def note_traced(world):
    """All lines have been traced."""
    world.counts[0].changed = 0
