"""Perception: each side updates what it believes about the enemy's power, place by place."""

from __future__ import annotations

from dataclasses import dataclass

from sim.bookkeeping.clock import is_decision, is_taken_last_tick
from sim.bookkeeping.draws import draw_at
from sim.bookkeeping.presence import (
    hostile_power_at,
    is_contested,
    is_fighting,
    is_near,
    note_borders,
    place_of,
    touches,
)
from sim.bookkeeping.relations import has_enemies, is_hostile
from sim.bookkeeping.rosters import formations_in_field, neighbours_of
from sim.kernel import random as draws
from sim.kernel.compile import rule
from sim.kernel.maths import exp
from sim.kernel.random import chance_within
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
    habit: float = parameter(
        0,
        "share",
        "of the hostile power near a place that is no news, once it has been there for long; 0: all is news",
        bounds=(0, 1),
        basis="assumed: off",
    )
    habit_days: float = parameter(
        30, "days", "time constant with which a side gets used to what stands near", bounds=(0.1, 1000), basis="assumed"
    )
    alarm_km: float = parameter(
        30,
        "km",
        "of road within which fighting alarms the next place; that a place falls alarms all that are near",
        bounds=(1, 1000),
        basis="assumed: guns are heard over 20 to 30 km",
    )
    notice: float = parameter(
        0.5, "share", "by which what stands near must grow before it is news", bounds=(0, 10), basis="assumed"
    )


@rule
def fresh_threat(world, side, here, p):
    """Hostile power near a place that is news to a side: what it is not used to, if that is enough to be noticed."""
    threat, habit = world.threat[side, here], world.habit[side, here]
    return threat - habit if threat > habit * (1.0 + p.notice) else 0.0


@rule
def first_habits(world, rules):
    """What stands near on the first day has stood there for long: it is habit."""
    for side in range(len(world.sides)):
        for here in range(len(world.places)):
            world.habit[side, here] = rules.perception.habit * world.threat[side, here]


@rule
def be_alarmed(world, atlas, side, here, reach_km):
    """A side is used to nothing any more at a place and at the next ones within reach."""
    world.habit[side, here] = 0.0
    for n in neighbours_of(world, here):
        if is_near(world.roads[atlas.neighbours[n].road], reach_km):
            world.habit[side, atlas.neighbours[n].place] = 0.0


@rule
def habituate(world, atlas, rules):
    """Sides get used to what stands near; where somebody fights or a place has fallen, they are used to nothing."""
    p, near_km = rules.perception, rules.forces.near_km
    if p.habit <= 0.0:
        return
    share = chance_within(rules.clock.tick_days / p.habit_days)
    for side in range(len(world.sides)):
        for here in range(len(world.places)):
            world.habit[side, here] += (p.habit * world.threat[side, here] - world.habit[side, here]) * share
    for i in formations_in_field(world):
        if is_fighting(world.units[i]):
            be_alarmed(world, atlas, world.units[i].side, place_of(world.units[i]), min(p.alarm_km, near_km))
    for here in range(len(world.places)):
        if is_taken_last_tick(world, world.places[here]):
            for side in range(len(world.sides)):
                if is_hostile(world, side, world.places[here].control):
                    be_alarmed(world, atlas, side, here, near_km)


@rule
def watches(world, side):
    """Whether a side is in the war and has an enemy."""
    return world.sides[side].posture != DORMANT_POSTURE and has_enemies(world, side)


@rule
def estimate(world, here, side, p):
    """What scouts report of the enemy's power in and before a place: the truth, times an error."""
    truth = hostile_power_at(world, here, side)
    stream, other = world.places[here].stream, world.sides[side].stream
    u = draw_at(world, world.campaign[0].tick, purposes.PERCEPTION, stream, other)
    return truth * exp(p.error * draws.normal_quantile(u))


@rule
def updated(belief, seen, p):
    """A belief after a report."""
    return seen if belief <= 0.0 else belief + p.freshness * (seen - belief)


@rule
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
