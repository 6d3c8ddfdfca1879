"""Perception: each side updates what it believes about the enemy's power, place by place."""

from __future__ import annotations

from dataclasses import dataclass

from sim.bookkeeping.draws import draw_at
from sim.bookkeeping.forces import is_touched, power_at_gates, power_inside
from sim.kernel import random as draws
from sim.kernel.compile import rule, step
from sim.kernel.maths import exp
from sim.rules import purposes
from sim.scenario.parameters import Parameters, parameter


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
def look_at_borders(places, roads):
    """Which sides hold each place or one next to it."""
    for place in places:
        place.round_mask = 1 << place.control
    for road in roads:
        a, b = places[road.a], places[road.b]
        a.round_mask |= 1 << b.control
        b.round_mask |= 1 << a.control


@step
def awake_sides(sides):
    """Bit per side that has woken and has an enemy."""
    awake = 0
    for side in range(len(sides)):
        if sides[side].posture != 0 and sides[side].hostile_mask != 0:
            awake |= 1 << side
    return awake


@step
def estimate(world, i, row, hostile, p):
    """What scouts report of the hostile power in and before a place: the truth, times an error."""
    place = world.places[i]
    truth = power_inside(world.forces, i, hostile & place.inside_mask)
    truth += power_at_gates(world.forces, i, hostile & place.gate_mask)
    u = draw_at(world, world.campaign[0].tick, purposes.PERCEPTION, place.stream, row.stream)
    return truth * exp(p.error * draws.normal_quantile(u))


@step
def updated(belief, seen, p):
    """A belief after a report."""
    return seen if belief <= 0.0 else belief + p.freshness * (seen - belief)


@rule
def first_reports(world, p):
    """Before the first tick each side has reports from the places that its ground touches.

    Players decide on them. A doctrine decides after the reports of the tick itself.
    """
    look_at_borders(world.places, world.roads)
    awake = awake_sides(world.sides)
    for i in range(len(world.places)):
        place = world.places[i]
        for side in range(len(world.sides)):
            row = world.sides[side]
            if (awake >> side) & 1 and is_touched(row, place):
                view = world.side_view[side, i]
                view.reported_on = world.campaign[0].tick
                hostile = row.hostile_mask & (place.inside_mask | place.gate_mask)
                if hostile != 0:
                    view.report = estimate(world, i, row, hostile, p.perception)


@rule
def perception(world, p):
    """Reports of enemy power come in, with error, from each place that a side's ground touches; old beliefs fade."""
    q = p.perception
    campaign = world.campaign[0]
    if campaign.tick % int(p.clock.decision_ticks) != 0:
        return
    look_at_borders(world.places, world.roads)
    fading = exp(-p.clock.tick_days * p.clock.decision_ticks / q.staleness)
    awake = awake_sides(world.sides)
    for i in range(len(world.places)):
        place = world.places[i]
        present = place.inside_mask | place.gate_mask
        for side in range(len(world.sides)):
            if not (awake >> side) & 1:
                continue
            row = world.sides[side]
            view = world.side_view[side, i]
            hostile = row.hostile_mask & present
            touched = is_touched(row, place)
            if touched:
                view.reported_on = campaign.tick
            if hostile == 0:
                view.belief *= fading
                if touched:
                    view.report *= fading
            elif touched:
                seen = estimate(world, i, row, hostile, q)
                view.belief = updated(view.belief, seen, q)
                view.report = updated(view.report, seen, q)
