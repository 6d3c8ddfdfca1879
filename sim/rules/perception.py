"""Perception: each side updates what it believes about the enemy's power, place by place."""

from __future__ import annotations

from dataclasses import dataclass

from sim.bookkeeping.clock import is_decision
from sim.bookkeeping.draws import draw_at
from sim.bookkeeping.presence import hostile_power_at, is_contested, note_borders, touches
from sim.bookkeeping.relations import has_enemies
from sim.kernel import random as draws
from sim.kernel.compile import rule, step
from sim.kernel.maths import exp
from sim.rules import purposes
from sim.scenario.parameters import Parameters, parameter
from sim.world.tables import DORMANT_POSTURE


@dataclass(frozen=True)
class PerceptionParameters(Parameters):
    """How well commanders see."""

    error: float = parameter(0.35, "log", "standard deviation of an estimate of power", bounds=(0, 2), basis="assumed")
    freshness: float = parameter(
        0.7, "share", "of a belief replaced by a new report", bounds=(0.01, 1), basis="assumed"
    )
    staleness: float = parameter(
        2, "days", "time constant with which a belief about an empty place fades", bounds=(0.1, 30), basis="assumed"
    )


@step
def watches(world, side):
    """Whether a side is in the war and has an enemy."""
    return world.sides[side].posture != DORMANT_POSTURE and has_enemies(world, side)


@step
def estimate(world, here, side, p):
    """What scouts report of the enemy's power in and before a place: the truth, times an error."""
    truth = hostile_power_at(world, here, side)
    stream, other = world.places[here].stream, world.sides[side].stream
    u = draw_at(world, world.campaign[0].tick, purposes.PERCEPTION, stream, other)
    return truth * exp(p.error * draws.normal_quantile(u))


@step
def updated(belief, seen, p):
    """A belief after a report."""
    return seen if belief <= 0.0 else belief + p.freshness * (seen - belief)


@step
def observe(world, here, side, fading, p):
    """A report comes in if the side's ground or forces touch a place. Where no enemy is, old beliefs fade."""
    view = world.side_view[side, here]
    touched = touches(world, here, side)
    if touched:
        view.reported_on = world.campaign[0].tick
    if not is_contested(world, here, side):
        view.belief *= fading
        if touched:
            view.report *= fading
    elif touched:
        seen = estimate(world, here, side, p)
        view.belief = updated(view.belief, seen, p)
        view.report = updated(view.report, seen, p)


@rule
def first_reports(world, rules):
    """Before the first tick each side has reports from the places that it touches.

    Players decide on them. A doctrine decides after the reports of the tick itself.
    """
    note_borders(world)
    for here in range(len(world.places)):
        for side in range(len(world.sides)):
            if watches(world, side) and touches(world, here, side):
                view = world.side_view[side, here]
                view.reported_on = world.campaign[0].tick
                if is_contested(world, here, side):
                    view.report = estimate(world, here, side, rules.perception)


@rule
def perception(world, rules):
    """Before commanders decide, reports of the enemy's power come in, with error, and old beliefs fade."""
    p, clock = rules.perception, rules.clock
    if not is_decision(world, clock):
        return
    note_borders(world)
    fading = exp(-clock.tick_days * clock.decision_ticks / p.staleness)
    for here in range(len(world.places)):
        for side in range(len(world.sides)):
            if watches(world, side):
                observe(world, here, side, fading, p)
