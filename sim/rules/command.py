"""Command: one parametric doctrine turns each side's beliefs into orders, command by command, for its formations.

The orders are the columns `task`, `target` and `assault` of the formations. Whoever else commands a side (a human, a
Python function, a learning agent) writes the same columns; the routes to all targets are planned afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass

from sim.bookkeeping.clock import is_decision
from sim.bookkeeping.commanding import (
    clear_leaving,
    commands_of,
    is_ordered_given_up,
    list_places,
    note_leaving,
    objectives_of,
)
from sim.bookkeeping.losses import note_withdrawal
from sim.bookkeeping.presence import has_enemies_before, is_in_place, is_on_road, place_of
from sim.bookkeeping.rosters import formations_of
from sim.kernel.compile import rule
from sim.rules.at_hand import is_needed, mobile_force, takes_orders
from sim.rules.objectives import choose_objectives, feared, measure_nearness
from sim.rules.routes import is_way_blocked, plan_routes
from sim.rules.supreme import order_withdrawals, place_under_local_command, release_reserves
from sim.scenario.parameters import Parameters, parameter
from sim.world.tables import (
    ACTIVE,
    ACTIVE_POSTURE,
    DOCTRINE,
    DORMANT_POSTURE,
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
    ease_km: float = parameter(
        0,
        "km",
        "at which a formation counts half towards the force available for an attack; 0: all count in full",
        bounds=(0, 500),
        basis="assumed: off",
    )
    at_hand_km: float = parameter(
        50, "km", "within which a formation sets out without assembling first", bounds=(0, 500), basis="assumed"
    )
    recent_days: float = parameter(
        5, "days", "after its loss during which a place calls for a counter-attack", bounds=(0, 60), basis="assumed"
    )


# --- tasks -----------------------------------------------------------------------------------------------------------


@rule
def count_ordered(world, command):
    """What formations under orders from outside are sent to counts as sent there."""
    for i in formations_of(world, world.commands[command].side):
        unit = world.units[i]
        if unit.command == command and unit.bound == ORDERED and unit.status == ACTIVE:
            for k in objectives_of(world, command):
                if world.objectives[k].target == unit.target:
                    world.objectives[k].sent += unit.power


@rule
def is_given_up(world, side, here, rules):
    """Whether the supreme command orders a place given up, or the odds there are hopeless while there is a way home."""
    if is_ordered_given_up(world, here):
        return True
    if world.places[here].rear_base == 1 or world.sides[side].capital == here:
        return False
    odds = world.doctrines[side].withdraw_ratio * world.forces[here, side].power
    return feared(world, side, here, rules) > odds and world.side_view[side, here].way_home != NONE


@rule
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


@rule
def best_objective(world, atlas, unit, force, p):
    """Row of the objective that a formation can serve best: by worth, distance, and what is already sent there.

    It is not sent past an enemy place that is stronger than it is: that place would have to be taken first.
    """
    best, most = NONE, 0.0
    for k in objectives_of(world, unit.command):
        objective = world.objectives[k]
        if objective.target != NONE and not is_way_blocked(world, atlas, unit, objective.target):
            km = atlas.km[place_of(unit), objective.target]
            value = value_for(unit, objective, km, force, world.doctrines[unit.side], p)
            if value > most:
                best, most = k, value
    return best


@rule
def send(world, atlas, unit, objective, p):
    """A formation is sent to an objective. One that stands, and has far to go, assembles for the march first."""
    objective.sent += unit.power
    unit.target = objective.target
    if is_on_road(unit) or unit.place != objective.target:
        if unit.task == HOLD and not is_on_road(unit) and atlas.km[unit.place, objective.target] > p.at_hand_km:
            unit.assembly = unit.assembly_days
        unit.task = MARCH
    else:
        unit.task = HOLD


@rule
def assign_formations(world, atlas, command, force, rules):
    """Each formation gets the objective that it can serve best, holds, or leaves a place that is lost."""
    p, side = rules.command, world.commands[command].side
    sent = 0.0
    for i in formations_of(world, side):
        unit = world.units[i]
        if unit.command != command or not takes_orders(world, unit):
            continue
        if not is_on_road(unit) and unit.place != unit.home and is_given_up(world, side, unit.place, rules):
            if unit.task != WITHDRAW:
                note_withdrawal(unit, world.places[unit.place])
            unit.task = WITHDRAW
            continue
        if unit.mobile == 0 or unit.readiness < p.ready_to_march:
            continue
        best = best_objective(world, atlas, unit, force, p)
        if best == NONE or sent > (1.0 - world.doctrines[side].reserve) * force:
            unit.task = HOLD
            continue
        objective = world.objectives[best]
        if not is_on_road(unit) and unit.place != objective.target:
            if is_needed(world, unit, rules.control):
                unit.task = HOLD
                continue
            note_leaving(world, unit.place, unit.strength)
        sent += unit.power
        send(world, atlas, unit, objective, p)


@rule
def decide(world, atlas, side, rules):
    """The supreme command of a side and its commands give their orders."""
    list_places(world, side)
    clear_leaving(world)
    place_under_local_command(world, side)
    order_withdrawals(world, side, rules)
    for command in commands_of(world, side):
        force = mobile_force(world, command)
        world.commands[command].force = force
        choose_objectives(world, atlas, command, force, rules)
        if world.sides[side].commander == SHARED:
            count_ordered(world, command)
        assign_formations(world, atlas, command, force, rules)
    release_reserves(world, atlas, side, rules)


@rule
def is_last_inside(world, unit):
    """Whether all others of its side who are inside the place of a formation march off."""
    for i in formations_of(world, unit.side):
        other = world.units[i]
        if other.status == ACTIVE and other.task != MARCH and is_in_place(other, unit.place):
            return False
    return True


@rule
def keep_last(world, side):
    """Between decisions the last formation to leave a place stays, if the enemy has come before the place since."""
    for i in formations_of(world, side):
        unit = world.units[i]
        if unit.status != ACTIVE or unit.task != MARCH or unit.bound != FREE or is_on_road(unit):
            continue
        if world.places[unit.place].control == side and is_last_inside(world, unit):
            if has_enemies_before(world, unit.place, side):
                unit.task = HOLD


@rule
def command(world, atlas, rules):
    """When it is time to decide, each command turns beliefs into orders, and the routes of all columns are planned.

    Whether to assault a place or to move round it is decided on the spot, in every tick: see `assault`.
    """
    deciding = is_decision(world, rules.clock)
    if deciding:
        measure_nearness(world, atlas, rules.command)
    for side in range(len(world.sides)):
        row = world.sides[side]
        if row.posture == DORMANT_POSTURE or row.collapsed == 1:
            continue
        if row.posture == ACTIVE_POSTURE and row.commander != OUTSIDE:
            if deciding:
                decide(world, atlas, side, rules)
            elif world.doctrines[side].last_stays >= 0.5:
                keep_last(world, side)
        if deciding or row.commander != DOCTRINE:
            plan_routes(world, atlas, side, rules.routes)
