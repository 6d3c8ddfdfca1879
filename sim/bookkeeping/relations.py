"""Who is whose enemy and friend, and sums over the enemies or friends of a side."""

from __future__ import annotations

from sim.kernel.compile import rule
from sim.world.tables import ALLIED, DOCTRINE, HOSTILE, ORDERED, SHARED


@rule
def read_stances(world):
    """Note who is whose enemy and friend, by the stances of the sides."""
    for side in range(len(world.sides)):
        row = world.relations[side]
        row.hostile_mask = 0
        row.friend_mask = 1 << side
        for other in range(len(world.sides)):
            if other != side and world.stance[side, other] == HOSTILE:
                row.hostile_mask |= 1 << other
            elif other != side and world.stance[side, other] == ALLIED:
                row.friend_mask |= 1 << other


@rule
def is_hostile(world, side, other):
    """Whether `other` is an enemy of the side."""
    return (world.relations[side].hostile_mask >> other) & 1 != 0


@rule
def is_friendly(world, side, other):
    """Whether `other` is the side itself or its ally."""
    return (world.relations[side].friend_mask >> other) & 1 != 0


@rule
def follows_doctrine(side, unit):
    """Whether a formation takes its orders from the doctrine of its side (a row), not from outside."""
    return side.commander == DOCTRINE or (side.commander == SHARED and unit.bound != ORDERED)


@rule
def has_enemies(world, side):
    """Whether the side has an enemy at all."""
    return world.relations[side].hostile_mask != 0


@rule
def sum_over(values, sides):
    """The sum of an array with one value a side, over the sides in a bit mask, in the order of the sides."""
    total = 0.0
    side = 0
    while sides >> side != 0:
        if (sides >> side) & 1:
            total += values[side]
        side += 1
    return total


@rule
def sum_of_enemies(world, side, values):
    """The sum of an array with one value a side, over the enemies of a side."""
    return sum_over(values, world.relations[side].hostile_mask)


@rule
def sum_of_friends(world, side, values):
    """The sum of an array with one value a side, over the side itself and its allies."""
    return sum_over(values, world.relations[side].friend_mask)
