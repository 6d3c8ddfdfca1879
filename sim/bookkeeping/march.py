"""The formations that march in a tick, round by round."""

from __future__ import annotations

from sim.kernel.compile import rule, step


@rule
def clear_march(world):
    """Nobody marches yet."""
    world.counts[0].marching = 0


@rule
def join_march(world, i):
    """Formation `i` marches in the next round."""
    world.marching[world.counts[0].marching] = i
    world.counts[0].marching += 1


@rule
def is_anybody_marching(world):
    """Whether the next round has any formation."""
    return world.counts[0].marching > 0


@rule
def has_just_come(unit, dt):
    """Whether a formation has come where it stands in the course of the tick."""
    return unit.march_days < dt


@step
def marching(world):
    """Numbers of the formations of this round. Formations that join the march from now on belong to the next round."""
    count = world.counts[0].marching
    world.counts[0].marching = 0
    return world.marching[:count]
