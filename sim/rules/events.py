"""Events: dated, conditional and random happenings of the scenario take effect (injects)."""

from __future__ import annotations

import math

from sim.bookkeeping.clock import today
from sim.bookkeeping.communications import read_ground
from sim.bookkeeping.draws import draw, draw_at
from sim.bookkeeping.losses import leave_equipment
from sim.bookkeeping.presence import place_of
from sim.kernel import random as draws
from sim.kernel.compile import rule
from sim.rules import purposes
from sim.world.tables import (
    ABOVE,
    ACTIVATE,
    ACTIVE,
    ACTIVE_POSTURE,
    ADD,
    CEASEFIRE,
    COLLAPSE_SIDE,
    DISPERSED,
    DORMANT,
    EQUAL,
    NEVER,
    NONE,
    NOT_YET,
    PASSIVE_POSTURE,
    SCALE,
    SURRENDERED,
    TRANSFER_FROM,
    UNEQUAL,
    UNTIL_ARRIVAL,
    WITHDRAW,
    WITHDRAW_UNIT,
)


@rule
def holds(condition, cells, whole_cells):
    """Whether one condition on the state holds."""
    value = cells[condition.cell] if condition.is_real == 1 else float(whole_cells[condition.cell])
    if condition.test == EQUAL:
        return value == condition.value
    if condition.test == UNEQUAL:
        return value != condition.value
    if condition.test == ABOVE:
        return value > condition.value
    return value < condition.value


@rule
def all_hold(event, atlas, cells, whole_cells):
    """Whether all conditions of an event hold, and one of those of which one is enough."""
    all_of = True
    any_of = False
    is_choice = False
    for c in range(event.first_condition, event.last_condition):
        held = holds(atlas.conditions[c], cells, whole_cells)
        if atlas.conditions[c].either == 1:
            is_choice = True
            any_of = any_of or held
        else:
            all_of = all_of and held
    return all_of and (any_of or not is_choice)


@rule
def is_due(world, event, dt):
    """Whether an event may happen now: by its dates, and by the event that has to happen before."""
    day = today(world, dt)
    if event.fired_on != NOT_YET or day < event.day or day > event.until:
        return False
    if event.after == NONE:
        return True
    before = world.events[event.after].fired_on
    return before >= 0 and day >= before * dt + event.delay


@rule
def take_up_arms(world, unit):
    """A formation enters the war, and its side with it."""
    if unit.status == DORMANT:
        # A reinforcement for which nobody was left to give never sets out.
        unit.status = ACTIVE if unit.strength > 0.0 else DISPERSED
    side = world.sides[unit.side]
    side.posture = max(side.posture, PASSIVE_POSTURE if unit.passive == 1 else ACTIVE_POSTURE)


@rule
def end_rule(world, side):
    """The rule of a side ends."""
    row = world.sides[side]
    if row.collapsed == 0:
        row.collapsed = 1
        row.collapsed_on = world.campaign[0].tick


@rule
def transfer(giver, taker, people):
    """People with their share of equipment leave one formation for another; never more than half of it."""
    going = float(int(min(people, giver.strength * 0.5)))
    if going <= 0.0 or giver.status != ACTIVE:
        return
    share = going / giver.strength
    pieces = giver.equipment * share
    taker.supply = (taker.supply * taker.strength + giver.supply * going) / (taker.strength + going)
    giver.strength -= going
    giver.joined -= going
    giver.equipment -= pieces
    taker.strength += going
    taker.joined += going
    taker.equipment += pieces


@rule
def set_count(world, effect, unit, value, cells):
    """An event changes how many people or pieces a formation has. Formations that are gone stay gone.

    The people that it gives or takes are booked as having joined or left. With nobody left a formation disbands.
    """
    if unit.status == SURRENDERED or unit.status == DISPERSED:
        return
    before = unit.strength
    cells[effect.cell] = value
    unit.joined += unit.strength - before
    if unit.strength == 0.0 and before > 0.0 and unit.status != DORMANT:
        unit.status = DISPERSED
        leave_equipment(unit, world.places[place_of(unit)], 1.0)


@rule
def change_value(world, effect, cells, whole_cells):
    """A value is set, added to or scaled, within what it can mean."""
    if effect.is_real == 0:
        whole_cells[effect.cell] = int(effect.value)
        return
    value = effect.value
    if effect.act == ADD:
        value += cells[effect.cell]
    elif effect.act == SCALE:
        value *= cells[effect.cell]
    value = min(effect.high, max(effect.low, value))
    if effect.is_people == 1:
        value = math.floor(value + 0.5)
    if effect.unit != NONE:
        set_count(world, effect, world.units[effect.unit], value, cells)
    else:
        cells[effect.cell] = value


@rule
def apply_effect(world, effect, cells, whole_cells):
    """One change that an event makes."""
    if effect.act == ACTIVATE:
        unit = world.units[effect.cell]
        if effect.value > 0.0:
            # Called to arms, not only sent somewhere: who was passive is so no longer.
            unit.passive = 0
        take_up_arms(world, unit)
    elif effect.act == WITHDRAW_UNIT:
        unit = world.units[effect.cell]
        if unit.status == ACTIVE:
            unit.task = WITHDRAW
            unit.bound = UNTIL_ARRIVAL
    elif effect.act == TRANSFER_FROM:
        taker = world.units[effect.cell]
        transfer(world.units[int(effect.value)], taker, taker.roll * effect.share)
    elif effect.act == CEASEFIRE:
        campaign = world.campaign[0]
        campaign.ceasefire = max(campaign.ceasefire, effect.value)
        if campaign.ceasefire_on < 0:
            campaign.ceasefire_on = campaign.tick
    elif effect.act == COLLAPSE_SIDE:
        end_rule(world, effect.cell)
    else:
        change_value(world, effect, cells, whole_cells)


@rule
def happens(world, event, dt):
    """Whether an event that is due happens in this tick: at once or by its hazard, and if it happens at all."""
    if event.hazard >= 0.0 and not draws.happens(draw(world, purposes.HAZARD, event.stream), dt, event.hazard):
        return False
    if draw_at(world, 0, purposes.EVENT, event.stream, 0) >= event.probability:
        event.fired_on = NEVER
        return False
    return True


@rule
def events(world, atlas, cells, whole_cells, rules):
    """Each event that is due and whose conditions hold happens, at once or by its hazard, at most once."""
    dt = rules.clock.tick_days
    # A ceasefire that begins now counts down from the next tick on.
    world.campaign[0].ceasefire = max(0.0, world.campaign[0].ceasefire - dt)
    is_changed = False
    for event in world.events:
        if is_due(world, event, dt) and all_hold(event, atlas, cells, whole_cells) and happens(world, event, dt):
            event.fired_on = world.campaign[0].tick
            for e in range(event.first_effect, event.last_effect):
                apply_effect(world, atlas.effects[e], cells, whole_cells)
            is_changed = True
    if is_changed:
        read_ground(world)
