"""The planned routes of a side: one slot for each target, and how far a search for the route has to go."""

from __future__ import annotations

from sim.kernel.compile import rule
from sim.world.layout import ROUTE_SLOTS
from sim.world.tables import NONE

ROUNDING = 1.0 + 1e-9
"""Sums of the same kilometres in another order may differ in the last digit."""


@rule
def slots():
    """Numbers of the slots."""
    return range(ROUTE_SLOTS)


@rule
def clear_routes(world, side):
    """A side has no planned route."""
    for slot in range(ROUTE_SLOTS):
        world.route_target[side, slot] = NONE
        world.farthest[slot] = 0.0


@rule
def slot_of(world, side, target):
    """The slot of a side's route to a target, which takes the first free one if it has none; NONE if all are taken."""
    for slot in range(ROUTE_SLOTS):
        if world.route_target[side, slot] == target:
            return slot
        if world.route_target[side, slot] == NONE:
            world.route_target[side, slot] = target
            return slot
    return NONE


@rule
def note_way(world, slot, km):
    """A column has a way of so many kilometres to the target of a slot."""
    world.farthest[slot] = max(world.farthest[slot], km)


@rule
def limit_of(world, slot):
    """Kilometres of the longest way that any column has to the target of a slot, and a hair more."""
    return world.farthest[slot] * ROUNDING
