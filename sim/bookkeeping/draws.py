"""Random draws for the entities of a campaign. Each is a function of seed, replicate, tick, purpose and entity."""

from __future__ import annotations

from sim.kernel.compile import rule
from sim.kernel.random import uniform, uniforms


@rule
def draw_at(world, tick, purpose, stream, other):
    """A uniform number in (0, 1) for an entity and another one it deals with, fixed for the tick that is named.

    Drawn for tick 0, it stays the same for the whole campaign.
    """
    campaign = world.campaign[0]
    return uniform(campaign.seed, campaign.replicate, tick, purpose, stream, other)


@rule
def second_draw_at(world, tick, purpose, stream):
    """A second uniform number that goes with `draw_at` for the same tick, purpose and stream."""
    campaign = world.campaign[0]
    _, second = uniforms(campaign.seed, campaign.replicate, tick, purpose, stream, 0)
    return second


@rule
def draw(world, purpose, stream):
    """A uniform number in (0, 1) for an entity in this tick."""
    return draw_at(world, world.campaign[0].tick, purpose, stream, 0)


@rule
def draw_pair(world, purpose, stream):
    """Two uniform numbers in (0, 1) for an entity in this tick."""
    campaign = world.campaign[0]
    return uniforms(campaign.seed, campaign.replicate, campaign.tick, purpose, stream, 0)
