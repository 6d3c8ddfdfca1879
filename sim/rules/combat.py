"""Combat: attrition wherever hostile formations meet, at the gates of places, inside them and on roads."""

from __future__ import annotations

from dataclasses import dataclass

from sim.bookkeeping.draws import clear_draws, draw_for_all, drawn, request_draw
from sim.bookkeeping.forces import is_friendly, is_hostile, leave_ranks
from sim.kernel import random as draws
from sim.kernel.compile import formula, rule, step
from sim.kernel.maths import exp, log, power
from sim.rules import purposes
from sim.scenario.parameters import Parameters, parameter
from sim.world.tables import ACTIVE, ASSAULTED, AWAY, BESIEGED, DISPERSED, MEETING, NONE

NOBODY = 0.5
"""Where casualties are expected numbers, a unit with fewer people left than this has none."""


@dataclass(frozen=True)
class CombatParameters(Parameters):
    """Lanchester's family: casualties a day = rate x foe^own_exponent... of power, split by fate."""

    rate: float = parameter(
        0.008,
        "1/day",
        "casualties per unit of power in a battle of equals (exponents that sum to 1)",
        bounds=(0, 10),
        basis="assumed (prototype)",
    )
    foe_exponent: float = parameter(
        0.5,
        "1",
        "exponent of the power that fires (1 square law, 1 linear law, 1/2 mixed)",
        bounds=(0, 2),
        basis="literature: Deitchman 1962; Helmbold 1965",
    )
    own_exponent: float = parameter(
        0.5,
        "1",
        "exponent of the power under fire (0 square law, 1 linear law)",
        bounds=(0, 2),
        basis="literature: Deitchman 1962",
    )
    open_exponent: float = parameter(
        0.5,
        "1",
        "the same for attackers in the open (0: all fire is aimed)",
        bounds=(0, 2),
        basis="literature: Deitchman 1962",
    )
    chance: float = parameter(
        1, "0/1", "1: casualties are drawn; 0: their expected number is taken", bounds=(0, 1), basis="by definition"
    )
    attack_cost: float = parameter(
        1.6, "factor", "on the losses of attackers", bounds=(0.1, 10), basis="reported RD08: deaths 27 Nov to 4 Dec"
    )
    siege: float = parameter(
        0.12, "share", "of an assault's casualties where both sides hold off", bounds=(0, 1), basis="assumed"
    )
    killed_share: float = parameter(
        0.25, "share", "of casualties who die", bounds=(0, 1), basis="reported RR08: 2-4.5 wounded per killed"
    )
    missing_share: float = parameter(
        0.08, "share", "of the other casualties who stay missing", bounds=(0, 1), basis="assumed"
    )
    return_rate: float = parameter(0.03, "1/day", "of the wounded who return to duty", bounds=(0, 1), basis="assumed")
    equipment_rate: float = parameter(
        1.5, "factor", "on the hazard for people, for heavy equipment", bounds=(0, 20), basis="assumed"
    )
    strike_hits: float = parameter(
        0.35, "people", "hit by one strike on forces in the open", bounds=(0, 20), basis="assumed"
    )
    suppression: float = parameter(
        0.012,
        "1/strike",
        "of an assault's power lost per strike in a day",
        bounds=(0, 1),
        basis="assumed; direction from article SF28",
    )
    memory: float = parameter(
        3,
        "days",
        "time constant with which recent losses stop affecting a unit",
        bounds=(0.1, 30),
        basis="assumed (prototype)",
    )


@formula
def casualties_per_day(rate, foe, own, foe_exponent, own_exponent):
    """Lanchester's family: dB/dt = -rate A^p B^q. Returns people hit a day on the side whose power is `own`."""
    if foe <= 0.0 or own <= 0.0:
        return 0.0
    return rate * power(foe, foe_exponent) * power(own, own_exponent)


@step
def hits(u, people, hazard_in_time):
    """How many of `people` are hit when each of them is with probability 1 - exp(-hazard_in_time)."""
    expected = hazard_in_time * people
    if u <= 1.0 - expected:
        # Nobody: exp(-x) is never below 1 - x.
        return 0.0
    mass = exp(-expected)
    if u <= mass:
        return 0.0
    spared = exp(-hazard_in_time)
    if spared < 0.5 or people * (1.0 - spared) > draws.LARGE_MEAN:
        return draws.binomial_quantile(u, people, 1.0 - spared)
    return draws.count_up(u, people, (1.0 - spared) / spared, mass)


@step
def expected_hits(people, hazard_in_time):
    """How many of `people` are hit in the mean, as a real number."""
    hit = people * (1.0 - exp(-hazard_in_time))
    return people if people - hit < NOBODY else hit


@step
def fight_for_place(forces, side_view, sides, place, i, p):
    """Assaults and sieges of one place, all at once: hazards of those inside and of those at its gates."""
    q = p.combat
    aim, area = q.foe_exponent, q.own_exponent
    cover = place.terrain * (1.0 + place.fortification)
    per_day = 1.0 / p.clock.tick_days
    present = place.inside_mask | place.gate_mask
    for side in range(len(sides)):
        own = forces[i, side]
        view = side_view[side, i]
        own.hit_inside = 0.0
        view.hit_gate = 0.0
        hostile = sides[side].hostile_mask
        if not (present >> side) & 1 or not hostile & present:
            continue
        inside = 0.0
        assault = 0.0
        siege = 0.0
        against = 0.0
        support = 0.0
        for other in range(len(sides)):
            sums = forces[i, other]
            if (hostile >> other) & 1:
                against += sums.strikes
                if (present >> other) & 1:
                    inside += sums.power
                    assault += sums.assault_power
                    siege += sums.gate_power - sums.assault_power
            elif (sides[side].friend_mask >> other) & 1:
                support += sums.strikes
        # What the defenders' aircraft keep down does not take part in the assault.
        assault /= 1.0 + q.suppression * support * per_day
        if own.power > 0.0 and inside + assault + siege > 0.0:
            # Prepared ground is for those who hold the place, not for those who have broken into it.
            shield = cover if is_friendly(sides[place.control], side) else 1.0
            hit = casualties_per_day(q.rate, inside + assault, own.power, aim, area) / shield
            hit += q.siege * casualties_per_day(q.rate, siege, own.power, aim, area) / shield
            hit += 0.5 * against * per_day * q.strike_hits
            own.hit_inside = hit / max(1.0, own.people)
        if own.gate_power > 0.0 and inside > 0.0:
            hit = q.attack_cost * casualties_per_day(q.rate, inside * cover, own.assault_power, aim, q.open_exponent)
            hit += q.siege * casualties_per_day(q.rate, inside, own.gate_power - own.assault_power, aim, area)
            hit += against * per_day * q.strike_hits
            # Those before a place are counted by power, not by head.
            view.hit_gate = hit / own.gate_power


@step
def open_fray(units, forces, battle_scratch, i):
    """The powers at the start of the tick are kept, and what a hit per power costs each side's force at the gates."""
    for side in range(len(battle_scratch)):
        sums, start = forces[i, side], battle_scratch[side]
        start.power = sums.power
        start.gate_power = sums.gate_power
        start.assault_power = sums.assault_power
        start.gate_weight = 0.0
        start.mean_inside = 0.0
        start.mean_gate = 0.0
    for unit in units:
        if unit.status == ACTIVE and unit.road >= 0 and unit.km_left <= 0.0 and unit.heading == i:
            battle_scratch[unit.side].gate_weight += unit.power * unit.power / unit.strength


@step
def wear_down(forces, side_view, battle_scratch, i, stage, days):
    """One of the four stages of Runge and Kutta: the powers left in a part of the tick, with which the fight goes on.

    Equipment counts as lost with the people. After the last stage powers are what they were, and hazards are those by
    which everybody loses in a tick what the differential equation takes.
    """
    weight = 1.0 / 6.0 if stage == 0 or stage == 3 else 1.0 / 3.0
    ahead = 0.5 * days if stage < 2 else days
    if stage == 3:
        ahead = 0.0
    for side in range(len(battle_scratch)):
        sums, view, start = forces[i, side], side_view[side, i], battle_scratch[side]
        at_gate = 0.0
        if view.hit_gate > 0.0:
            at_gate = view.hit_gate * sums.gate_power * start.gate_weight / (start.gate_power * start.gate_power)
        start.mean_inside += weight * sums.hit_inside
        start.mean_gate += weight * at_gate
        inside_left = max(0.0, 1.0 - sums.hit_inside * ahead)
        gate_left = max(0.0, 1.0 - at_gate * ahead)
        sums.power = start.power * inside_left
        sums.gate_power = start.gate_power * gate_left
        sums.assault_power = start.assault_power * gate_left
        if stage == 3:
            sums.hit_inside = -log(1.0 - start.mean_inside * days) / days
            view.hit_gate = 0.0
            if start.mean_gate > 0.0:
                view.hit_gate = -log(1.0 - start.mean_gate * days) / days * start.gate_power / start.gate_weight


@step
def find_meetings(units, road, i, road_combat, sides, contact_km):
    """Who on one road is within reach of a hostile formation; returns whether anybody is."""
    mask = 0
    j = road.first_on_road
    while j >= 0:
        mask |= 1 << units[j].side
        j = units[j].next_on_road
    met = False
    if not mask & (mask - 1):
        return met
    j = road.first_on_road
    while j >= 0:
        unit = units[j]
        if is_hostile(sides[unit.side], mask):
            k = road.first_on_road
            while k >= 0:
                other = units[k]
                near = abs(other.at_km - unit.at_km) <= contact_km
                if near and is_hostile(sides[unit.side], 1 << other.side):
                    if not met:
                        for side in range(len(sides)):
                            road_combat[i, side].meeting_power = 0.0
                            road_combat[i, side].hit = 0.0
                    met = True
                    unit.meets = 1
                    road_combat[i, unit.side].meeting_power += unit.power
                    break
                k = other.next_on_road
        j = unit.next_on_road
    return met


@step
def fight_on_road(road_combat, sides, i, p):
    """The hazard of each side in the meeting fights on one road, per power."""
    for side in range(len(sides)):
        foe = 0.0
        for other in range(len(sides)):
            if (sides[side].hostile_mask >> other) & 1:
                foe += road_combat[i, other].meeting_power
        own = road_combat[i, side].meeting_power
        if own > 0.0 and foe > 0.0:
            road_combat[i, side].hit = casualties_per_day(p.rate, foe, own, p.foe_exponent, p.own_exponent) / own


@step
def find_contact(unit, row, places, forces, side_view, road_combat):
    """Whether hostile forces stand before a formation, and whether either assaults; returns its hazard per person."""
    if unit.road < 0:
        place = places[unit.place]
        hostile = row.hostile_mask & (place.gate_mask | place.inside_mask)
        if hostile == 0:
            return 0.0
        unit.contact = BESIEGED
        for other in range(forces.shape[1]):
            sums = forces[unit.place, other]
            if (hostile >> other) & 1 and sums.assault_power + sums.power > 0.0:
                unit.contact = ASSAULTED
        return forces[unit.place, unit.side].hit_inside
    if unit.meets == 1:
        unit.contact = MEETING
        return road_combat[unit.road, unit.side].hit * unit.power / unit.strength
    if unit.km_left <= 0.0 and is_hostile(row, places[unit.heading].inside_mask):
        unit.contact = ASSAULTED if unit.assault == 1 else BESIEGED
        return side_view[unit.side, unit.heading].hit_gate * unit.power / unit.strength
    return 0.0


@step
def take_casualties(unit, side, places, forces, hazard, u, v, p):
    """Those hit are drawn, and of them the dead; the other are wounded or stay missing. Equipment goes with them."""
    q = p.combat
    days = p.clock.tick_days
    place = places[unit.place if unit.road < 0 else unit.heading]
    drawn = q.chance > 0.0
    hit = hits(u, unit.strength, hazard * days) if drawn else expected_hits(unit.strength, hazard * days)
    if hit > 0.0:
        killed = draws.binomial_quantile(v, hit, q.killed_share) if drawn else hit * q.killed_share
        missing = (hit - killed) * q.missing_share
        if drawn:
            missing = float(int(missing + 0.5))
        unit.killed += killed
        unit.missing += missing
        side.pending_losses += killed + missing
        unit.wounded += hit - killed - missing
        unit.loss_recent += hit / unit.strength
        unit.strength -= hit
        place.casualties += hit
        if place.first_holder == unit.side:
            place.garrison_died += killed
    pieces = unit.equipment * min(1.0, q.equipment_rate * hazard * days)
    unit.equipment -= pieces
    unit.equipment_lost += pieces
    if unit.strength <= 0.0:
        leave_ranks(unit, places, forces)
        unit.status = DISPERSED
        place.store_equipment += unit.equipment
        unit.equipment_left += unit.equipment
        unit.equipment = 0.0


@step
def return_wounded(world, p):
    """Once a day some of the wounded come back to their units."""
    clear_draws(world)
    for k in range(world.campaign[0].present):
        unit = world.units[world.present[k]]
        if unit.status == ACTIVE and unit.wounded > 0.0:
            request_draw(world, world.present[k], unit.stream, 0.0)
    draw_for_all(world, purposes.FATE)
    share = draws.happens_within(1.0, p.return_rate)
    for draw in drawn(world):
        unit = world.units[draw.entity]
        back = unit.wounded * share
        if p.chance > 0.0:
            back = draws.binomial_quantile(draw.first, unit.wounded, share)
        unit.wounded -= back
        unit.strength += back


@rule
def combat(world, p):
    """Everybody fires at once: hazards from the power at the start of the phase, then each formation's casualties.

    In a ceasefire nobody fires.
    """
    units, places, sides = world.units, world.places, world.sides
    campaign = world.campaign[0]
    # Drawn casualties tell from the next tick on; expected ones at once, in four stages of the tick.
    stages = 4 if p.combat.chance == 0.0 else 1
    for i in range(len(places)):
        place = places[i]
        place.casualties = 0.0
        present = place.inside_mask | place.gate_mask
        if present & (present - 1):
            if stages > 1:
                open_fray(units, world.forces, world.battle_scratch, i)
            for stage in range(stages):
                fight_for_place(world.forces, world.side_view, sides, place, i, p)
                if stages > 1:
                    wear_down(world.forces, world.side_view, world.battle_scratch, i, stage, p.clock.tick_days)
    for n in range(campaign.columns):
        first = world.columns[n]
        i = units[first].road
        if units[first].next_on_road != NONE and world.roads[i].first_on_road == first:
            if find_meetings(units, world.roads[i], i, world.road_combat, sides, p.forces.contact_km):
                fight_on_road(world.road_combat, sides, i, p.combat)
    if campaign.tick % int(p.clock.ticks_a_day) == 0:
        return_wounded(world, p.combat)
    fading = exp(-p.clock.tick_days / p.combat.memory)
    clear_draws(world)
    for k in range(campaign.present):
        unit = units[world.present[k]]
        unit.contact = AWAY
        if unit.status != ACTIVE:
            continue
        unit.loss_recent *= fading
        if campaign.ceasefire > 0.0:
            continue
        hazard = find_contact(unit, sides[unit.side], places, world.forces, world.side_view, world.road_combat)
        if hazard > 0.0:
            request_draw(world, world.present[k], unit.stream, hazard)
    draw_for_all(world, purposes.CASUALTIES)
    for draw in drawn(world):
        unit = units[draw.entity]
        take_casualties(unit, sides[unit.side], places, world.forces, draw.hazard, draw.first, draw.second, p)
