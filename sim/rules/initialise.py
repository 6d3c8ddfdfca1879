"""Muster: before the first tick, what is uncertain is drawn, and the forces that are really there are counted."""

from __future__ import annotations

import math

from sim.kernel import random as draws
from sim.kernel.compile import step
from sim.kernel.maths import exp
from sim.rules.civilians import crowding
from sim.rules.command import reckon_look_ahead, reckon_worth
from sim.rules.events import count_cuts, read_stances
from sim.rules.politics import weigh_backing
from sim.rules.routes import list_bases
from sim.world.tables import ACTIVE, DISPERSED, DORMANT


@step
def draw_unknown(unknown, u):
    """The value of one uncertain input at the share u of its distribution."""
    if unknown.law == 0:
        return unknown.a + (unknown.b - unknown.a) * u
    if unknown.law == 1:
        width = unknown.c - unknown.a
        if width <= 0.0:
            return unknown.a
        turn = (unknown.b - unknown.a) / width
        if u < turn:
            return unknown.a + math.sqrt(u * width * (unknown.b - unknown.a))
        return unknown.c - math.sqrt((1.0 - u) * width * (unknown.c - unknown.b))
    z = draws.normal_quantile(u)
    if unknown.law == 2:
        return unknown.a + unknown.b * z
    return unknown.a * exp(unknown.b * z)


@step
def draw_unknowns(world, atlas, cells):
    """What we do not know of the situation takes one of its possible values; campaigns may share one situation."""
    campaign = world.campaign[0]
    drawn = 0.0
    for unknown in atlas.unknowns:
        if unknown.shared == 0:
            u = draws.uniform(campaign.seed, campaign.situation, 0, draws.UNCERTAINTY, unknown.key, 0)
            drawn = draw_unknown(unknown, u)
        value = drawn
        if unknown.applies == 1:
            value *= cells[unknown.cell]
        elif unknown.applies == 2:
            value += cells[unknown.cell]
        cells[unknown.cell] = min(unknown.high, max(unknown.low, value))


@step
def muster(world, atlas, cells, p):
    """The campaign begins: people present, equipment that runs, what each side wants and whom it fights."""
    draw_unknowns(world, atlas, cells)
    read_stances(world)
    count_cuts(world)
    list_bases(world)
    weigh_backing(world, p.politics)
    for side in world.sides:
        side.will = side.will_base
        side.pay = side.pay_base
        side.legitimacy = side.legitimacy_base
        side.hardship = side.hardship_base
        side.muster_strength = 0.0
    for unit in world.units:
        side = world.sides[unit.side]
        unit.morale = unit.morale_base
        unit.heavy = unit.heavy_listed * side.serviceable
        if unit.draws_people == 1:
            # People come on the day they set out; the roll is how many are asked for.
            unit.strength = 0.0
            unit.heavy = 0.0
            continue
        unit.strength = float(int(unit.roll * unit.manning + 0.5))
        if unit.strength == 0.0 and unit.status == ACTIVE:
            # A formation of nobody would still count as present where it stands.
            unit.status = DISPERSED
        if unit.status != DORMANT:
            side.muster_strength += unit.strength
    for place in world.places:
        place.stores = place.stores_full
        place.crowding = crowding(place.population, p.civilians.crowding)
    reckon_worth(world)
    reckon_look_ahead(world, atlas, p.command)
