"""Draws for the entities of a campaign: one by one, or for a whole list at once."""

from __future__ import annotations

from sim.kernel.compile import rule, step
from sim.kernel.random import uniform, uniforms
from sim.world.layout import DRAWN_AT_ONCE


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
def clear_draws(world):
    """Empty the draw buffer."""
    world.counts[0].draws = 0


@rule
def request_draw(world, entity, stream, hazard):
    """Put an entity into the draw buffer; its hazard stays with it."""
    count = world.counts[0].draws
    waiting = world.draw_buffer[count]
    waiting.entity = entity
    waiting.stream = stream
    waiting.hazard = hazard
    world.counts[0].draws = count + 1


@rule
def draw_for_all(world, purpose):
    """Two uniform numbers in (0, 1) for each entity in the draw buffer, in this tick.

    One straight loop over whole groups lets the processor compute several draws at once.
    """
    campaign, buffer = world.campaign[0], world.draw_buffer
    seed, replicate, tick = campaign.seed, campaign.replicate, campaign.tick
    groups = (world.counts[0].draws + DRAWN_AT_ONCE - 1) // DRAWN_AT_ONCE
    for n in range(groups * DRAWN_AT_ONCE):
        first, second = uniforms(seed, replicate, tick, purpose, buffer[n].stream, 0)
        buffer[n].first = first
        buffer[n].second = second


@step
def drawn(world):
    """The rows of the draw buffer that are in use."""
    return world.draw_buffer[: world.counts[0].draws]
