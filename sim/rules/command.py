"""Command: one parametric doctrine turns each side's beliefs into orders for its formations.

The orders are the columns `task`, `target` and `assault` of the formations. Whoever else commands a side (a human, a
Python function, a learning agent) writes the same columns; the routes to all targets are planned afterwards.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from sim.bookkeeping.clock import days_since_taken, is_ceasefire, is_decision, was_taken
from sim.bookkeeping.commanding import (
    add_objective,
    clear_leaving,
    clear_objectives,
    enemy_places_behind_front,
    is_pursued,
    list_places,
    note_leaving,
    objectives_of,
    own_places,
    people_leaving,
)
from sim.bookkeeping.losses import note_withdrawal
from sim.bookkeeping.presence import is_on_road, place_of, touches
from sim.bookkeeping.relations import is_hostile
from sim.bookkeeping.rosters import formations_of, neighbours_of
from sim.kernel.compile import rule, step
from sim.kernel.maths import exp
from sim.rules.breakpoint import has_way_out
from sim.rules.control import garrison_needed
from sim.rules.routes import plan_routes
from sim.scenario.parameters import Parameters, parameter
from sim.world.layout import OBJECTIVE_SLOTS
from sim.world.tables import (
    ACTIVE,
    ACTIVE_POSTURE,
    ATTACK,
    DEFEND,
    DOCTRINE,
    DORMANT_POSTURE,
    FLANK,
    FREE,
    HOLD,
    MARCH,
    NONE,
    ORDERED,
    OUTSIDE,
    SHARED,
    WITHDRAW,
)


@dataclass(frozen=True)
class CommandParameters(Parameters):
    """What all commanders have in common."""

    look_ahead_km: float = parameter(
        120,
        "km",
        "over which a place's value counts towards the place in front of it (e-folding distance)",
        bounds=(10, 500),
        basis="assumed (prototype)",
    )
    reach_km: float = parameter(
        60,
        "km",
        "at which a formation is half as suitable for a task as one on the spot",
        bounds=(5, 500),
        basis="assumed",
    )
    flank_days: float = parameter(
        0.5, "days", "to move to another gate of a place", bounds=(0.05, 5), basis="assumed (prototype)"
    )
    least_need: float = parameter(150, "power", "sent even against an empty place", bounds=(0, 5000), basis="assumed")
    ready_to_march: float = parameter(
        0.5,
        "0-1",
        "readiness from which a formation may be sent elsewhere",
        bounds=(0, 1),
        basis="assumed; article SF50, SF53",
    )
    surplus: float = parameter(
        0.2, "factor", "on the value of sending more than an objective needs", bounds=(0, 1), basis="assumed"
    )
    hearsay: float = parameter(
        0.5, "share", "of the hostile power nearby that counts before it is reported", bounds=(0, 1), basis="assumed"
    )
    recent_days: float = parameter(
        5, "days", "after its loss during which a place calls for a counter-attack", bounds=(0, 60), basis="assumed"
    )


# --- before the first tick -------------------------------------------------------------------------------------------


@step
def appeal(view, d):
    """Factor on the worth of a place whose people are against the side."""
    return 1.0 + d.community * min(0.0, view.affinity)


@step
def survey(world):
    """What each place is worth to each side. Until now `worth` holds the factors of the side's aims."""
    for here in range(len(world.places)):
        place = world.places[here]
        roads = len(neighbours_of(world, here))
        for side in range(len(world.sides)):
            d = world.doctrines[side]
            worth = d.symbol * place.symbol + d.population * math.sqrt(place.population / 1e6)
            worth += d.junction * max(0, roads - 2) + d.airfield * place.airfield
            if place.stores_full > 0.0:
                worth += d.depot
            for other in world.sides:
                if other.capital == here:
                    worth += d.capital
            world.worth[side, here] *= worth * appeal(world.side_view[side, here], d)


@step
def measure_nearness(world, atlas, p):
    """How much what lies behind a place counts towards it. It is kept while campaigns go on with the same distance."""
    nearness, count = world.look_ahead, len(world.places)
    if nearness[count, 0] == p.look_ahead_km:
        return
    nearness[count, 0] = p.look_ahead_km
    for here in range(count):
        for there in range(here + 1):
            nearness[here, there] = exp(-atlas.km[here, there] / p.look_ahead_km)
            nearness[there, here] = nearness[here, there]


# --- objectives ------------------------------------------------------------------------------------------------------


@step
def feared(world, side, here, p):
    """Hostile power that the commander reckons with at a place: as reported there, or as heard of nearby."""
    return max(world.side_view[side, here].belief, p.hearsay * world.threat[side, here])


@step
def weigh_attack(world, side, here, force, p, dt):
    """An attack: worth with what it opens, less where the force does not suffice, more where it was lost lately.

    Returns its score and the power that it needs.
    """
    d, place, view, worth = world.doctrines[side], world.places[here], world.side_view[side, here], world.worth[side]
    opens = max(0.0, worth[here])
    for there in enemy_places_behind_front(world):
        opens = max(opens, worth[there] * world.look_ahead[here, there])
    need = p.least_need + d.wanted_ratio * view.belief * place.terrain * (1.0 + place.fortification)
    score = d.offence * opens * appeal(view, d)
    score *= min(1.0, math.sqrt(d.mass * force / need))
    score *= world.sides[side].drive
    if place.first_holder == side and days_since_taken(world, place, dt) <= p.recent_days:
        score *= d.counter_attack
    return score, need


@step
def weigh_defence(world, side, here, p):
    """A defence: worth with what it shields, the more the greater the threat. Returns its score and what it needs."""
    d, worth = world.doctrines[side], world.worth[side]
    shields = 0.0
    for there in own_places(world):
        shields = max(shields, worth[there] * world.look_ahead[here, there])
    threat = feared(world, side, here, p)
    score = d.defence * shields * (threat / (threat + world.forces[here, side].power))
    return score, threat / world.places[here].terrain


@step
def choose_objectives(world, side, force, p, dt):
    """What to attack and what to defend: by worth, by what it opens or shields, and by what it would take."""
    d = world.doctrines[side]
    most = min(OBJECTIVE_SLOTS, max(1, int(d.objectives)))
    list_places(world, side)
    clear_objectives(world, side)
    for here in range(len(world.places)):
        holder = world.places[here].control
        score, need, least, purpose = 0.0, 0.0, 0.0, DEFEND
        if is_hostile(world, side, holder):
            if not is_ceasefire(world) and touches(world, here, side):
                score, need = weigh_attack(world, side, here, force, p, dt)
                least, purpose = d.least_worth, ATTACK
        elif holder == side and world.threat[side, here] > 0.0:
            score, need = weigh_defence(world, side, here, p)
        if is_pursued(world, here):
            score *= d.hysteresis
        if score > 0.0 and score >= least:
            add_objective(world, side, most, here, purpose, score, need)


# --- tasks -----------------------------------------------------------------------------------------------------------


@step
def mobile_force(world, side):
    """Power of the formations that a side's commander may send elsewhere."""
    power = 0.0
    for i in formations_of(world, side):
        unit = world.units[i]
        if unit.mobile == 1 and unit.status == ACTIVE and unit.bound != ORDERED:
            power += unit.power
    return power


@step
def count_ordered(world, side):
    """What formations under orders from outside are sent to counts as sent there."""
    for i in formations_of(world, side):
        unit = world.units[i]
        if unit.bound == ORDERED and unit.status == ACTIVE:
            for k in objectives_of(world, side):
                if world.objectives[k].target == unit.target:
                    world.objectives[k].sent += unit.power


@step
def is_given_up(world, side, here, p):
    """Whether the odds at a place are hopeless while there is a way home."""
    if world.places[here].rear_base == 1 or world.sides[side].capital == here:
        return False
    is_hopeless = feared(world, side, here, p) > world.doctrines[side].withdraw_ratio * world.forces[here, side].power
    return is_hopeless and world.side_view[side, here].way_home != NONE


@step
def value_for(unit, objective, km, force, d, p):
    """How much a formation would serve by going for an objective so many kilometres away."""
    if objective.sent > 0.0 and objective.sent + unit.power > d.mass * force:
        return 0.0
    value = objective.score * p.reach_km / (p.reach_km + km)
    if objective.sent > objective.need:
        value *= p.surplus * objective.need / objective.sent
    if unit.task == MARCH and unit.target == objective.target:
        value *= d.hysteresis
    return value


@step
def best_objective(world, atlas, unit, force, p):
    """Row of the objective that a formation can serve best: by worth, distance, and what is already sent there."""
    best, most = NONE, 0.0
    for k in objectives_of(world, unit.side):
        objective = world.objectives[k]
        if objective.target != NONE:
            km = atlas.km[place_of(unit), objective.target]
            value = value_for(unit, objective, km, force, world.doctrines[unit.side], p)
            if value > most:
                best, most = k, value
    return best


@step
def is_needed(world, unit, control):
    """Whether a captured place needs a formation as garrison, which goes or stays whole.

    It stays if more than half of it is needed.
    """
    here, side = unit.place, unit.side
    place = world.places[here]
    if place.control != side or not was_taken(place):
        return False
    staying = world.forces[here, side].people - people_leaving(world, here) - unit.strength
    needed = garrison_needed(place, world.side_view[side, here].affinity, control)
    return staying + 0.5 * unit.strength < world.doctrines[side].garrison * needed


@step
def takes_orders(world, unit):
    """Whether the commander may give a formation new orders."""
    if unit.status != ACTIVE or unit.bound != FREE or unit.passive == 1 or unit.task == FLANK or unit.pause > 0.0:
        return False
    # Who withdraws along a road goes on, as long as there is a way.
    return not (unit.task == WITHDRAW and is_on_road(unit) and has_way_out(world, unit))


@step
def assign_formations(world, atlas, side, force, p, control):
    """Each formation gets the objective that it can serve best, holds, or leaves a place that is lost."""
    sent = 0.0
    clear_leaving(world)
    for i in formations_of(world, side):
        unit = world.units[i]
        if not takes_orders(world, unit):
            continue
        if not is_on_road(unit) and unit.place != unit.home and is_given_up(world, side, unit.place, p):
            if unit.task != WITHDRAW:
                note_withdrawal(unit, world.places[unit.place])
            unit.task = WITHDRAW
            continue
        if unit.mobile == 0 or unit.readiness < p.ready_to_march:
            continue
        best = best_objective(world, atlas, unit, force, p)
        unit.task = HOLD
        if best == NONE or sent > (1.0 - world.doctrines[side].reserve) * force:
            continue
        objective = world.objectives[best]
        is_there = not is_on_road(unit) and unit.place == objective.target
        leaves = not is_on_road(unit) and not is_there
        if leaves and is_needed(world, unit, control):
            continue
        if leaves:
            note_leaving(world, unit.place, unit.strength)
        objective.sent += unit.power
        sent += unit.power
        unit.target = objective.target
        if not is_there:
            unit.task = MARCH


@rule
def command(world, atlas, rules):
    """When it is time to decide, each commander turns beliefs into orders, and the routes of all columns are planned.

    Whether to assault a place or to move round it is decided on the spot, in every tick: see `assault`.
    """
    p, deciding = rules.command, is_decision(world, rules.clock)
    for side in range(len(world.sides)):
        row = world.sides[side]
        if row.posture == DORMANT_POSTURE or row.collapsed == 1:
            continue
        if row.posture == ACTIVE_POSTURE and row.commander != OUTSIDE and deciding:
            force = mobile_force(world, side)
            choose_objectives(world, side, force, p, rules.clock.tick_days)
            if row.commander == SHARED:
                count_ordered(world, side)
            assign_formations(world, atlas, side, force, p, rules.control)
        if deciding or row.commander != DOCTRINE:
            plan_routes(world, atlas, side, rules.routes)
