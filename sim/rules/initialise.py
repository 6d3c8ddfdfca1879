"""Initialisation: before the first tick the uncertain inputs are drawn, and what is really there is counted."""

from __future__ import annotations

import math

from sim.bookkeeping.communications import read_ground
from sim.kernel import random as draws
from sim.kernel.compile import formula, rule
from sim.kernel.maths import exp
from sim.rules import purposes
from sim.rules.civilians import crowding
from sim.rules.objectives import survey
from sim.rules.politics import weigh_backing
from sim.world.tables import ACTIVE, AS_FACTOR, AS_OFFSET, DISPERSED, DORMANT, NORMAL, TRIANGULAR, UNIFORM


@rule
def quantile_of(uncertain, u):
    """The value of an uncertain input below which a share u of its distribution lies."""
    if uncertain.law == UNIFORM:
        return uncertain.a + (uncertain.b - uncertain.a) * u
    if uncertain.law == TRIANGULAR:
        width = uncertain.c - uncertain.a
        if width <= 0.0:
            return uncertain.a
        turn = (uncertain.b - uncertain.a) / width
        if u < turn:
            return uncertain.a + math.sqrt(u * width * (uncertain.b - uncertain.a))
        return uncertain.c - math.sqrt((1.0 - u) * width * (uncertain.c - uncertain.b))
    z = draws.normal_quantile(u)
    if uncertain.law == NORMAL:
        return uncertain.a + uncertain.b * z
    return uncertain.a * exp(uncertain.b * z)


@rule
def draw_input(campaign, uncertain):
    """The number that an uncertain input has in a campaign, before it is applied to the value."""
    u = draws.uniform(campaign.seed, campaign.input_draw, 0, purposes.UNCERTAINTY, uncertain.stream, 0)
    return quantile_of(uncertain, u)


@rule
def draw_uncertain_inputs(world, atlas, cells):
    """Each uncertain input takes one of its possible values. Campaigns may share one draw of the inputs."""
    campaign = world.campaign[0]
    drawn = 0.0
    for uncertain in atlas.uncertain_inputs:
        if uncertain.shared == 0:
            drawn = draw_input(campaign, uncertain)
        value = drawn
        if uncertain.applies == AS_FACTOR:
            value *= cells[uncertain.cell]
        elif uncertain.applies == AS_OFFSET:
            value += cells[uncertain.cell]
        cells[uncertain.cell] = min(uncertain.high, max(uncertain.low, value))


@formula
def worth_of_service(side, pay_level, legitimacy_level, hardship_level):
    """What the levels of pay, legitimacy and hardship give, or take: nothing where each of them is a half."""
    pay = side.career * (min(1.0, side.pay_base) - 0.5)
    return (
        pay_level * pay + legitimacy_level * (side.legitimacy_base - 0.5) - hardship_level * (side.hardship_base - 0.5)
    )


@rule
def initialise_sides(world, p):
    """Sides begin with the values of the scenario, and with the will that their levels make of them."""
    for side in world.sides:
        lift = worth_of_service(side, p.pay_level, p.legitimacy_level, p.hardship_level)
        side.will_base = min(1.0, max(0.0, side.will_base + lift))
        side.will = side.will_base
        side.pay = side.pay_base
        side.legitimacy = side.legitimacy_base
        side.hardship = side.hardship_base
        side.initial_strength = 0.0


@rule
def initialise_units(world, p):
    """Formations begin with the people who are present, the equipment that runs, and the morale of their side's men."""
    for unit in world.units:
        side = world.sides[unit.side]
        lift = worth_of_service(side, p.pay_level, p.legitimacy_level, p.hardship_level)
        unit.morale_base = min(1.0, max(0.0, unit.morale_base + lift))
        unit.morale = unit.morale_base
        unit.equipment = unit.equipment_listed * side.serviceable
        if unit.draws_people == 1:
            # Its people come from other formations on the day it sets out; the roll is how many are asked for.
            unit.strength = 0.0
            unit.equipment = 0.0
            continue
        unit.strength = float(int(unit.roll * unit.manning + 0.5))
        if unit.strength == 0.0 and unit.status == ACTIVE:
            # A formation of nobody would still count as present where it stands.
            unit.status = DISPERSED
        if unit.status != DORMANT:
            side.initial_strength += unit.strength


@rule
def initialise(world, atlas, cells, rules):
    """The campaign begins: uncertain inputs, ground, sides, formations, places, and what each side wants."""
    draw_uncertain_inputs(world, atlas, cells)
    read_ground(world)
    weigh_backing(world, rules.politics)
    initialise_sides(world, rules.politics)
    initialise_units(world, rules.morale)
    for place in world.places:
        place.stores = place.stores_full
        place.crowding = crowding(place.population, rules.civilians.crowding)
    survey(world)
