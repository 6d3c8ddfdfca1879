"""Muster: before the first tick, what is uncertain is drawn, and the forces that are really there are counted."""

from __future__ import annotations

import math

from sim.bookkeeping.communications import read_ground
from sim.kernel import random as draws
from sim.kernel.compile import step
from sim.kernel.maths import exp
from sim.rules import purposes
from sim.rules.civilians import crowding
from sim.rules.command import reckon_look_ahead, reckon_worth
from sim.rules.politics import weigh_backing
from sim.world.tables import ACTIVE, DISPERSED, DORMANT


@step
def quantile_of(uncertain, u):
    """The value of one uncertain input at the share u of its distribution."""
    if uncertain.law == 0:
        return uncertain.a + (uncertain.b - uncertain.a) * u
    if uncertain.law == 1:
        width = uncertain.c - uncertain.a
        if width <= 0.0:
            return uncertain.a
        turn = (uncertain.b - uncertain.a) / width
        if u < turn:
            return uncertain.a + math.sqrt(u * width * (uncertain.b - uncertain.a))
        return uncertain.c - math.sqrt((1.0 - u) * width * (uncertain.c - uncertain.b))
    z = draws.normal_quantile(u)
    if uncertain.law == 2:
        return uncertain.a + uncertain.b * z
    return uncertain.a * exp(uncertain.b * z)


@step
def draw_input(campaign, uncertain):
    """The number that an uncertain input has in a campaign, before it is applied to the value."""
    u = draws.uniform(campaign.seed, campaign.input_draw, 0, purposes.UNCERTAINTY, uncertain.stream, 0)
    return quantile_of(uncertain, u)


@step
def draw_uncertain_inputs(world, atlas, cells):
    """What we do not know of the situation takes one of its possible values; campaigns may share one situation."""
    campaign = world.campaign[0]
    drawn = 0.0
    for uncertain in atlas.uncertain_inputs:
        if uncertain.shared == 0:
            drawn = draw_input(campaign, uncertain)
        value = drawn
        if uncertain.applies == 1:
            value *= cells[uncertain.cell]
        elif uncertain.applies == 2:
            value += cells[uncertain.cell]
        cells[uncertain.cell] = min(uncertain.high, max(uncertain.low, value))


@step
def initialise(world, atlas, cells, p):
    """The campaign begins: people present, equipment that runs, what each side wants and whom it fights."""
    draw_uncertain_inputs(world, atlas, cells)
    read_ground(world)
    weigh_backing(world, p.politics)
    for side in world.sides:
        side.will = side.will_base
        side.pay = side.pay_base
        side.legitimacy = side.legitimacy_base
        side.hardship = side.hardship_base
        side.initial_strength = 0.0
    for unit in world.units:
        side = world.sides[unit.side]
        unit.morale = unit.morale_base
        unit.equipment = unit.equipment_listed * side.serviceable
        if unit.draws_people == 1:
            # People come on the day they set out; the roll is how many are asked for.
            unit.strength = 0.0
            unit.equipment = 0.0
            continue
        unit.strength = float(int(unit.roll * unit.manning + 0.5))
        if unit.strength == 0.0 and unit.status == ACTIVE:
            # A formation of nobody would still count as present where it stands.
            unit.status = DISPERSED
        if unit.status != DORMANT:
            side.initial_strength += unit.strength
    for place in world.places:
        place.stores = place.stores_full
        place.crowding = crowding(place.population, p.civilians.crowding)
    reckon_worth(world)
    reckon_look_ahead(world, atlas, p.command)
