"""The clock of a campaign, and the ceasefire that runs on it. `clock` are its settings, `dt` the days per tick."""

from __future__ import annotations

from sim.kernel.compile import rule


@rule
def today(world, dt):
    """Days since the start of the campaign."""
    return world.campaign[0].tick * dt


@rule
def is_new_day(world, clock):
    """Whether a day begins with this tick."""
    return world.campaign[0].tick % int(clock.ticks_a_day) == 0


@rule
def is_decision(world, clock):
    """Whether commanders decide in this tick."""
    return world.campaign[0].tick % int(clock.decision_ticks) == 0


@rule
def is_ceasefire(world):
    """Whether a ceasefire is in force."""
    return world.campaign[0].ceasefire > 0.0


@rule
def was_taken(place):
    """Whether a place has changed hands in the campaign."""
    return place.taken_on >= 0


@rule
def days_since_taken(world, place, dt):
    """Days since a place last changed hands. Call it for places that have."""
    return (world.campaign[0].tick - place.taken_on) * dt


@rule
def is_taken_last_tick(world, place):
    """Whether a place has changed hands in the tick before this one."""
    return place.taken_on >= 0 and place.taken_on == world.campaign[0].tick - 1


@rule
def is_just_taken(world, place):
    """Whether a place has changed hands in this tick."""
    return place.taken_on == world.campaign[0].tick
