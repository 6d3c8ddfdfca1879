"""Combat: attrition wherever enemies meet, at the gates of places, inside them and on roads."""

from __future__ import annotations

from dataclasses import dataclass

from sim.bookkeeping.battle import STAGES, advance_battle, open_battle
from sim.bookkeeping.clock import is_ceasefire, is_new_day
from sim.bookkeeping.draws import draw, draw_pair
from sim.bookkeeping.losses import leave_if_destroyed
from sim.bookkeeping.march import has_just_come
from sim.bookkeeping.presence import (
    friendly_strikes,
    has_enemies_inside,
    hostile_assault_just_come,
    hostile_assault_power,
    hostile_power_inside,
    hostile_siege_power,
    hostile_strikes,
    is_assaulted,
    is_at_gate,
    is_contested,
    is_on_road,
    is_present,
    is_shared,
    place_of,
)
from sim.bookkeeping.relations import is_friendly
from sim.bookkeeping.roads import (
    busy_roads,
    enemy_power_in_meeting,
    first_on_road,
    has_enemy_within,
    is_road_shared,
    next_on_road,
)
from sim.bookkeeping.rosters import formations_in_field
from sim.kernel import random as draws
from sim.kernel.compile import formula, rule
from sim.kernel.maths import exp, power
from sim.rules import purposes
from sim.scenario.parameters import Parameters, parameter
from sim.world.tables import ACTIVE, ASSAULTED, AWAY, BESIEGED, MEETING, NONE

NOBODY = 0.5
"""Where casualties are expected numbers, a formation with fewer people left than this has none."""


@dataclass(frozen=True)
class CombatParameters(Parameters):
    """Lanchester's family: casualties a day = rate x foe^foe_exponent x own^own_exponent, split by fate."""

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
        "exponent of the power that fires",
        bounds=(0, 2),
        basis="assumed; between the laws of Lanchester 1916, as in Helmbold 1965",
    )
    own_exponent: float = parameter(
        0.5,
        "1",
        "exponent of the power under fire; 1 + foe_exponent - own_exponent is the power of the state law",
        bounds=(0, 2),
        basis="assumed; between the laws of Lanchester 1916, as in Helmbold 1965",
    )
    open_exponent: float = parameter(
        0.5,
        "1",
        "the same for attackers in the open (0: all fire is aimed)",
        bounds=(0, 2),
        basis="assumed; Deitchman 1962 has 0 for those in the open and 1 for those in cover",
    )
    chance: float = parameter(
        1, "0/1", "1: casualties are drawn; 0: their expected number is taken", bounds=(0, 1), basis="by definition"
    )
    attack_cost: float = parameter(
        1.6,
        "factor",
        "on the losses of attackers",
        bounds=(0.1, 10),
        basis="assumed; direction from reported RD08: deaths 27 Nov to 4 Dec",
    )
    siege: float = parameter(
        0.12, "share", "of an assault's casualties where both sides hold off", bounds=(0, 1), basis="assumed"
    )
    killed_share: float = parameter(
        0.25,
        "share",
        "of casualties who die",
        bounds=(0, 1),
        basis="assumed; RR08: 2-4.5 wounded a death, unsourced",
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
    """People hit a day on the side whose power is `own`, by Lanchester's family: dB/dt = -rate A^p B^q."""
    if foe <= 0.0 or own <= 0.0:
        return 0.0
    return rate * power(foe, foe_exponent) * power(own, own_exponent)


@rule
def hits(u, people, hazard_in_time):
    """How many of `people` are hit, if each of them is hit with probability 1 - exp(-hazard_in_time)."""
    expected = hazard_in_time * people
    if u <= 1.0 - expected:
        # Nobody is hit: exp(-x) is never below 1 - x.
        return 0.0
    mass = exp(-expected)
    if u <= mass:
        return 0.0
    spared = exp(-hazard_in_time)
    if spared < 0.5 or people * (1.0 - spared) > draws.LARGE_MEAN:
        return draws.binomial_quantile(u, people, 1.0 - spared)
    return draws.count_up(u, people, (1.0 - spared) / spared, mass)


@rule
def expected_hits(people, hazard_in_time):
    """The mean number of `people` who are hit, a real number."""
    hit = people * (1.0 - exp(-hazard_in_time))
    return people if people - hit < NOBODY else hit


@formula
def cover(place):
    """Factor of ground and prepared defences on the defender's power."""
    return place.terrain * (1.0 + place.fortification)


@rule
def casualties(foe, own, own_exponent, p):
    """People hit a day on the side whose power is `own`, at the rate of the scenario."""
    return casualties_per_day(p.rate, foe, own, p.foe_exponent, own_exponent)


@rule
def fire_on(world, here, side, p, dt):
    """The hazards of being hit for a side's formations inside a place and at its gates."""
    place, force, view = world.places[here], world.forces[here, side], world.side_view[side, here]
    force.hit_inside = 0.0
    view.hit_gate = 0.0
    if not (is_present(world, here, side) and is_contested(world, here, side)):
        return
    per_day = 1.0 / dt
    foes_inside = hostile_power_inside(world, here, side)
    assaulting = hostile_assault_power(world, here, side)
    holding_off = hostile_siege_power(world, here, side)
    strikes = hostile_strikes(world, here, side) * per_day
    # Formations that arrive during the tick assault for a part of it.
    coming = hostile_assault_just_come(world, here, side)
    absent = 0.0
    if coming > 0.0:
        absent = (1.0 - world.presence[here].clash) * coming / (foes_inside + assaulting)
    # What the defenders' aircraft suppress does not take part in the assault.
    assaulting /= 1.0 + p.suppression * friendly_strikes(world, here, side) * per_day
    if force.power > 0.0 and foes_inside + assaulting + holding_off > 0.0:
        # Prepared ground protects those who hold the place, not those who have broken into it.
        shield = cover(place) if is_friendly(world, side, place.control) else 1.0
        hit = casualties(foes_inside + assaulting, force.power, p.own_exponent, p) / shield
        hit *= 1.0 - absent
        hit += p.siege * casualties(holding_off, force.power, p.own_exponent, p) / shield
        hit += 0.5 * p.strike_hits * strikes
        force.hit_inside = hit / max(1.0, force.people)
    if force.gate_power > 0.0 and foes_inside > 0.0:
        hit = p.attack_cost * casualties(foes_inside * cover(place), force.assault_power, p.open_exponent, p)
        hit += p.siege * casualties(foes_inside, force.gate_power - force.assault_power, p.own_exponent, p)
        hit += p.strike_hits * strikes
        # At the gates hits go by power, not by head.
        view.hit_gate = hit / force.gate_power


@rule
def fight_for_place(world, here, p, dt):
    """Assaults and sieges of a place: all sides fire at once. Expected casualties take effect within the tick."""
    is_expected = p.chance == 0.0
    if is_expected:
        open_battle(world, here)
    for stage in range(STAGES if is_expected else 1):
        for side in range(len(world.sides)):
            fire_on(world, here, side, p, dt)
        if is_expected:
            advance_battle(world, here, stage, dt)


@rule
def fight_on_road(world, road, p, contact_km):
    """Formations on a road within reach of an enemy meet in combat: the hazard of each side, per power."""
    for side in range(len(world.sides)):
        world.road_combat[road, side].meeting_power = 0.0
    i = first_on_road(world, road)
    while i != NONE:
        unit = world.units[i]
        if has_enemy_within(world, unit, contact_km):
            unit.meets = 1
            world.road_combat[road, unit.side].meeting_power += unit.power
        i = next_on_road(world, i)
    for side in range(len(world.sides)):
        fight = world.road_combat[road, side]
        foes = enemy_power_in_meeting(world, road, side)
        fight.hit = 0.0
        if fight.meeting_power > 0.0 and foes > 0.0:
            fight.hit = casualties(foes, fight.meeting_power, p.own_exponent, p) / fight.meeting_power


@rule
def find_contact(world, unit, dt):
    """Whether the enemy stands before a formation, and whether either assaults. Returns the hazard per person.

    A formation that arrives during the tick fights for a part of it.
    """
    here = place_of(unit)
    there = world.presence[here].clash if has_just_come(unit, dt) else 1.0
    if not is_on_road(unit):
        if is_contested(world, here, unit.side):
            unit.contact = ASSAULTED if is_assaulted(world, here, unit.side) else BESIEGED
            return world.forces[here, unit.side].hit_inside * there
    elif unit.meets == 1:
        unit.contact = MEETING
        return world.road_combat[unit.road, unit.side].hit * unit.power / unit.strength
    elif is_at_gate(unit) and has_enemies_inside(world, here, unit.side):
        unit.contact = ASSAULTED if unit.assault == 1 else BESIEGED
        return world.side_view[unit.side, here].hit_gate * unit.power / unit.strength * there
    return 0.0


@rule
def take_casualties(world, unit, p, dt):
    """Those hit are drawn, and of them the dead. The others are wounded or missing. Equipment is lost with them."""
    place = world.places[place_of(unit)]
    hazard = unit.hazard
    is_drawn = p.chance > 0.0
    u, v = draw_pair(world, purposes.CASUALTIES, unit.stream)
    hit = hits(u, unit.strength, hazard * dt) if is_drawn else expected_hits(unit.strength, hazard * dt)
    if hit > 0.0:
        killed = draws.binomial_quantile(v, hit, p.killed_share) if is_drawn else hit * p.killed_share
        missing = (hit - killed) * p.missing_share
        if is_drawn:
            missing = float(int(missing + 0.5))
        unit.killed += killed
        unit.missing += missing
        world.sides[unit.side].pending_losses += killed + missing
        unit.wounded += hit - killed - missing
        unit.loss_recent += hit / unit.strength
        unit.strength -= hit
        place.casualties += hit
        if place.first_holder == unit.side:
            place.garrison_died += killed
    pieces = unit.equipment * min(1.0, p.equipment_rate * hazard * dt)
    unit.equipment -= pieces
    unit.equipment_lost += pieces
    leave_if_destroyed(world, unit, place)


@rule
def return_wounded(world, p):
    """Once a day some of the wounded return to their formations."""
    share = draws.happens_within(1.0, p.return_rate)
    for i in formations_in_field(world):
        unit = world.units[i]
        if unit.status != ACTIVE or unit.wounded <= 0.0:
            continue
        back = unit.wounded * share
        if p.chance > 0.0:
            back = draws.binomial_quantile(draw(world, purposes.FATE, unit.stream), unit.wounded, share)
        unit.wounded -= back
        unit.strength += back


@rule
def combat(world, rules):
    """Everybody fires at once: first the hazards, from the power at the start of the phase, then the casualties.

    Nobody fires in a ceasefire.
    """
    p, dt = rules.combat, rules.clock.tick_days
    for here in range(len(world.places)):
        world.places[here].casualties = 0.0
        if is_shared(world, here):
            fight_for_place(world, here, p, dt)
    for road in busy_roads(world):
        if is_road_shared(world, road):
            fight_on_road(world, road, p, rules.forces.contact_km)
    if is_new_day(world, rules.clock):
        return_wounded(world, p)
    fading = exp(-dt / p.memory)
    for i in formations_in_field(world):
        unit = world.units[i]
        unit.contact = AWAY
        unit.hazard = 0.0
        if unit.status == ACTIVE:
            unit.loss_recent *= fading
            if not is_ceasefire(world):
                unit.hazard = find_contact(world, unit, dt)
    for i in formations_in_field(world):
        if world.units[i].hazard > 0.0:
            take_casualties(world, world.units[i], p, dt)
