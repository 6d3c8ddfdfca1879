"""Command: one parametric doctrine turns each side's beliefs into orders for its formations.

The orders are the columns `task`, `target` and `assault` of the formations. Whoever else commands a side (a human, a
Python function, a learning agent) writes the same columns; the routes to all targets are planned afterwards.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from sim.bookkeeping.forces import is_touched
from sim.kernel.compile import rule, step
from sim.kernel.maths import exp
from sim.rules.breakpoint import has_way_out
from sim.rules.control import garrison_needed
from sim.rules.routes import plan_route, quickest_way
from sim.scenario.parameters import Parameters, parameter
from sim.world.layout import OBJECTIVE_SLOTS, ROUTE_SLOTS
from sim.world.tables import (
    ACTIVE,
    ATTACK,
    DEFEND,
    DOCTRINE,
    FLANK,
    FREE,
    HOLD,
    MARCH,
    OPEN,
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


@step
def reckon_worth(world):
    """What each side's commander sees in each place."""
    for i in range(len(world.places)):
        place = world.places[i]
        people = math.sqrt(place.population / 1e6)
        roads = max(0, place.last_neighbour - place.first_neighbour - 2)
        seats = 0
        for side in world.sides:
            seats += side.capital == i
        for side in range(len(world.sides)):
            d, view = world.doctrines[side], world.side_view[side, i]
            worth = d.symbol * place.symbol + d.population * people
            worth += d.junction * roads + d.airfield * place.airfield
            if place.stores_full > 0.0:
                worth += d.depot
            for _ in range(seats):
                worth += d.capital
            # Until now the array holds the scenario's factor on the place's worth (the side's aims).
            world.worth[side, i] *= worth * (1.0 + d.community * min(0.0, view.affinity))


@step
def reckon_look_ahead(world, atlas, p):
    """How far what lies behind a place counts towards it; known already if the campaign before was fought with it."""
    look_ahead, count = world.look_ahead, len(world.places)
    if look_ahead[count, 0] == p.look_ahead_km:
        return
    look_ahead[count, 0] = p.look_ahead_km
    for i in range(count):
        for j in range(i + 1):
            look_ahead[i, j] = exp(-atlas.km[i, j] / p.look_ahead_km)
            look_ahead[j, i] = look_ahead[i, j]


@step
def look_over(world, row, side):
    """A side's own places are listed, hostile ones that its ground does not touch, and those to attack or defend."""
    places, threat, own, behind, at_stake = world.places, world.threat[side], world.own, world.behind, world.at_stake
    hostile, truce = row.hostile_mask, world.campaign[0].ceasefire > 0.0
    owned, hidden, staked = 0, 0, 0
    # Each is written down on all lists; a list goes on where it belongs there. So nothing has to be guessed.
    for i in range(len(places)):
        place = places[i]
        mine = place.control == side
        foe = (hostile >> place.control) & 1
        near = is_touched(row, place)
        own[owned] = i
        owned += mine
        behind[hidden] = i
        hidden += foe & (not near)
        at_stake[staked] = i
        staked += (mine & (threat[i] > 0.0)) | (foe & near & (not truce))
        world.command_scratch[i].hysteresis = 1.0
    return owned, hidden, staked


@step
def best_behind(worth, look_ahead, listed, count, best):
    """What a place is worth with what it opens (in enemy hands) or shields (in its own): the best of all."""
    for n in range(count):
        best = max(best, worth[listed[n]] * look_ahead[listed[n]])
    return best


@step
def note_objective(objectives, first, noted, slots, target, purpose, score, need):
    """Put an objective into the list of the best, kept in falling order of score; returns how many are in it."""
    k = noted
    while k > 0 and objectives[first + k - 1].score < score:
        k -= 1
    if k == slots:
        return noted
    noted = min(noted + 1, slots)
    for j in range(noted - 1, k, -1):
        above, here = objectives[first + j - 1], objectives[first + j]
        here.target = above.target
        here.purpose = above.purpose
        here.score = above.score
        here.need = above.need
    row = objectives[first + k]
    row.target = target
    row.purpose = purpose
    row.score = score
    row.need = need
    return noted


@step
def choose_objectives(world, side, force, p):
    """The commander picks what to attack and what to defend, by worth, by what it opens, and by what it would take.

    What a side's ground touches needs no opening: such a place counts for itself, and for what lies behind the front.
    Returns how many there are.
    """
    row, d, worth = world.sides[side], world.doctrines[side], world.worth[side]
    owned, hidden, staked = look_over(world, row, side)
    first = side * OBJECTIVE_SLOTS
    for k in range(OBJECTIVE_SLOTS):
        objective = world.objectives[first + k]
        if objective.target >= 0:
            world.command_scratch[objective.target].hysteresis = d.hysteresis
        objective.target = -1
        objective.sent = 0.0
    slots = min(OBJECTIVE_SLOTS, max(1, int(d.objectives)))
    now = world.campaign[0].tick
    noted = 0
    for n in range(staked):
        i = world.at_stake[n]
        place, view = world.places[i], world.side_view[side, i]
        if place.control == side:
            purpose = DEFEND
            threat = believed_threat(world, side, i, p)
            need = threat / place.terrain
            score = d.defence * best_behind(worth, world.look_ahead[i], world.own, owned, 0.0)
            score *= threat / (threat + world.forces[i, side].power)
        else:
            purpose = ATTACK
            need = p.command.least_need + d.wanted_ratio * view.belief * place.terrain * (1.0 + place.fortification)
            score = d.offence * best_behind(worth, world.look_ahead[i], world.behind, hidden, max(0.0, worth[i]))
            # A hostile people makes a place worth less, and makes it a worse road to what lies behind.
            score *= 1.0 + d.community * min(0.0, view.affinity)
            score *= min(1.0, math.sqrt(d.mass * force / need))
            score *= row.drive
            if place.first_holder == side and (now - place.taken_on) * p.clock.tick_days <= p.command.recent_days:
                score *= d.counter_attack
        score *= world.command_scratch[i].hysteresis
        if score > 0.0 and (purpose == DEFEND or score >= d.least_worth):
            noted = note_objective(world.objectives, first, noted, slots, i, purpose, score, need)
    return noted


@step
def mobile_force(row, units):
    """Power of the formations that a side's commander may send about."""
    power = 0.0
    for i in range(row.first_unit, row.last_unit):
        if units[i].mobile == 1 and units[i].status == ACTIVE and units[i].bound != ORDERED:
            power += units[i].power
    return power


@step
def believed_threat(world, side, here, p):
    """The enemy's power against a place: as reported there, or as heard of from the next places."""
    return max(world.side_view[side, here].belief, p.command.hearsay * world.threat[side, here])


@step
def is_given_up(world, side, here, d, p):
    """Whether a place is left for a shorter line: hopeless odds, while there is a way home."""
    if believed_threat(world, side, here, p) <= d.withdraw_ratio * world.forces[here, side].power:
        return False
    is_base = world.places[here].rear_base == 1 or world.sides[side].capital == here
    return not is_base and world.side_view[side, here].way_home >= 0


@step
def choose_task(unit, here, objectives, first, noted, force, d, km, p):
    """The objective that a formation can serve best, by worth, distance and what is already sent there; -1 if none."""
    best = -1
    utility = 0.0
    power, most = unit.power, d.mass * force
    pursued = unit.target if unit.task == MARCH else -1
    for k in range(first, first + noted):
        objective = objectives[k]
        if objective.sent + power > most and objective.sent > 0.0:
            continue
        value = objective.score * p.reach_km / (p.reach_km + km[here, objective.target])
        if objective.sent > objective.need:
            value *= p.surplus * objective.need / objective.sent
        if objective.target == pursued:
            value *= d.hysteresis
        if value > utility:
            utility = value
            best = k
    return best


@step
def is_bound_to_garrison(world, side, here, people, d, p):
    """Whether a captured place would be left with too few to keep order if so many people more went.

    A formation goes or stays whole: it stays if more than half of it is needed.
    """
    place = world.places[here]
    if place.taken_on < 0 or place.control != side:
        return False
    kept = world.forces[here, side].people - world.command_scratch[here].leaving - people
    return kept + 0.5 * people < d.garrison * garrison_needed(place, world.side_view[side, here].affinity, p.control)


@step
def count_ordered(row, units, objectives, first, noted):
    """What formations under orders from outside are sent to counts as sent there."""
    for i in range(row.first_unit, row.last_unit):
        if units[i].bound == ORDERED and units[i].status == ACTIVE:
            for k in range(first, first + noted):
                if objectives[k].target == units[i].target:
                    objectives[k].sent += units[i].power


@step
def assign_formations(world, atlas, side, force, noted, p):
    """Each mobile formation is sent where it serves best, holds, or leaves a place that is lost."""
    row, d = world.sides[side], world.doctrines[side]
    objectives = world.objectives
    first = side * OBJECTIVE_SLOTS
    sent = 0.0
    for i in range(len(world.places)):
        # People whom this round of orders takes away.
        world.command_scratch[i].leaving = 0.0
    for i in range(row.first_unit, row.last_unit):
        unit = world.units[i]
        if unit.status != ACTIVE or unit.bound != FREE or unit.task == FLANK or unit.pause > 0.0 or unit.passive == 1:
            continue
        if unit.task == WITHDRAW and unit.road >= 0 and has_way_out(world, unit):
            continue
        here = unit.place if unit.road < 0 else unit.heading
        if unit.road < 0 and unit.home != here and is_given_up(world, side, here, d, p):
            if unit.task != WITHDRAW and world.places[here].first_holder == side:
                world.places[here].garrison_left += unit.strength
            unit.task = WITHDRAW
            continue
        if unit.mobile == 0 or unit.readiness < p.command.ready_to_march:
            continue
        best = choose_task(unit, here, objectives, first, noted, force, d, atlas.km, p.command)
        if best < 0 or sent > (1.0 - d.reserve) * force:
            unit.task = HOLD
            continue
        objective = objectives[best]
        stays = unit.road < 0 and (
            here == objective.target or is_bound_to_garrison(world, side, here, unit.strength, d, p)
        )
        if stays and here != objective.target:
            unit.task = HOLD
            continue
        objective.sent += unit.power
        sent += unit.power
        unit.target = objective.target
        unit.task = HOLD if stays else MARCH
        if unit.road < 0 and not stays:
            world.command_scratch[here].leaving += unit.strength


@step
def is_way_open(here, target, friends, cuts, places, toward):
    """Whether the quickest way to a place leads through friendly ground only, and no road anywhere is cut."""
    if cuts > 0:
        return False
    while here != target:
        here = toward[here, target]
        if here < 0:
            return False
        if here != target and not (friends >> places[here].control) & 1:
            return False
    return True


@step
def request_route(world, atlas, row, side, unit, p):
    """A marching formation finds its way: the quickest on the map, a route of a slot, or none if no slot is left."""
    targets, farthest = world.route_target[side], world.farthest
    here = unit.place if unit.road < 0 else unit.heading
    if is_way_open(here, unit.target, row.friend_mask, world.campaign[0].cuts, world.places, atlas.next_hop):
        unit.slot = OPEN
        return
    slot = 0
    while slot < ROUTE_SLOTS and targets[slot] != -1 and targets[slot] != unit.target:
        slot += 1
    if slot == ROUTE_SLOTS:
        unit.slot = -1
        return
    unit.slot = slot
    targets[slot] = unit.target
    way = quickest_way(row, here, unit.target, world.places, world.roads, atlas, p.routes)
    farthest[slot] = max(farthest[slot], way)


@step
def plan_routes(world, atlas, side, p):
    """A route for each target that a side's marching formations cannot reach by the quickest way over friendly ground.

    Who finds no slot for its target keeps where it is. Those under orders from outside find theirs first.
    """
    row = world.sides[side]
    targets, farthest = world.route_target[side], world.farthest
    for slot in range(ROUTE_SLOTS):
        targets[slot] = -1
        farthest[slot] = 0.0
    if row.commander == SHARED:
        for i in range(row.first_unit, row.last_unit):
            unit = world.units[i]
            if unit.task == MARCH and unit.status == ACTIVE and unit.bound == ORDERED:
                request_route(world, atlas, row, side, unit, p)
    for i in range(row.first_unit, row.last_unit):
        unit = world.units[i]
        if unit.task == MARCH and unit.status == ACTIVE and not (row.commander == SHARED and unit.bound == ORDERED):
            request_route(world, atlas, row, side, unit, p)
    for slot in range(ROUTE_SLOTS):
        if targets[slot] != -1:
            plan_route(world, atlas, row, side, slot, p.routes)


@rule
def command(world, atlas, p):
    """Every `decision_hours` each commander turns beliefs into orders; then the routes of all columns are planned.

    Whether to assault and whether to move round a place is decided on the spot, every tick: see `engage`.
    """
    deciding = world.campaign[0].tick % int(p.clock.decision_ticks) == 0
    for side in range(len(world.sides)):
        row = world.sides[side]
        if row.posture == 0 or row.collapsed == 1:
            continue
        if row.posture == 2 and row.commander != OUTSIDE and deciding:
            force = mobile_force(row, world.units)
            noted = choose_objectives(world, side, force, p)
            if row.commander == SHARED:
                count_ordered(row, world.units, world.objectives, side * OBJECTIVE_SLOTS, noted)
            assign_formations(world, atlas, side, force, noted, p)
        if deciding or row.commander != DOCTRINE:
            plan_routes(world, atlas, side, p)
