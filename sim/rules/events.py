"""Events: dated, conditional and random happenings of the scenario take effect (injects)."""

from __future__ import annotations

import math

from sim.bookkeeping.rosters import list_bases
from sim.kernel import random as draws
from sim.kernel.compile import rule, step
from sim.rules import purposes
from sim.world.tables import (
    ACTIVATE,
    ACTIVE,
    ADD,
    ALLIED,
    CEASEFIRE,
    COLLAPSE_SIDE,
    DISPERSED,
    DORMANT,
    EVERYBODY,
    HOSTILE,
    SCALE,
    SURRENDERED,
    TRANSFER_FROM,
    UNTIL_ARRIVAL,
    WITHDRAW,
    WITHDRAW_UNIT,
)


@step
def holds(condition, cells, whole_cells):
    """Whether one condition on the state holds."""
    value = cells[condition.cell] if condition.is_real == 1 else float(whole_cells[condition.cell])
    if condition.test == 0:
        return value == condition.value
    if condition.test == 1:
        return value != condition.value
    if condition.test == 2:
        return value > condition.value
    return value < condition.value


@step
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


@step
def set_count(effect, unit, place, value, cells):
    """An event changes how many people or pieces a formation has. Formations that are gone stay gone.

    The people that it gives or takes are in the books as having joined or left. With nobody left a formation disbands.
    """
    if unit.status == SURRENDERED or unit.status == DISPERSED:
        return
    before = unit.strength
    cells[effect.cell] = value
    unit.joined += unit.strength - before
    if unit.strength == 0.0 and before > 0.0 and unit.status != DORMANT:
        unit.status = DISPERSED
        place.store_equipment += unit.equipment
        unit.equipment_left += unit.equipment
        unit.equipment = 0.0


@step
def apply_effect(world, effect, cells, whole_cells):
    """One change that an event makes."""
    act = effect.act
    if act == ACTIVATE:
        unit = world.units[effect.cell]
        if unit.status == DORMANT:
            # A reinforcement for which nobody was left to give never sets out.
            unit.status = ACTIVE if unit.strength > 0.0 else DISPERSED
        side = world.sides[unit.side]
        if effect.value > 0.0:
            # Called to arms, not only sent somewhere: who was passive is so no longer.
            unit.passive = 0
        side.posture = max(side.posture, 1) if unit.passive == 1 else 2
    elif act == WITHDRAW_UNIT:
        unit = world.units[effect.cell]
        if unit.status == ACTIVE:
            unit.task = WITHDRAW
            unit.bound = UNTIL_ARRIVAL
    elif act == TRANSFER_FROM:
        taker = world.units[effect.cell]
        transfer(world.units[int(effect.value)], taker, taker.roll * effect.share)
    elif act == CEASEFIRE:
        campaign = world.campaign[0]
        campaign.ceasefire = max(campaign.ceasefire, effect.value)
        if campaign.ceasefire_on < 0:
            campaign.ceasefire_on = campaign.tick
    elif act == COLLAPSE_SIDE:
        side = world.sides[effect.cell]
        if side.collapsed == 0:
            side.collapsed = 1
            side.collapsed_on = world.campaign[0].tick
    elif effect.is_real == 0:
        whole_cells[effect.cell] = int(effect.value)
    else:
        value = effect.value
        if act == ADD:
            value += cells[effect.cell]
        elif act == SCALE:
            value *= cells[effect.cell]
        value = min(effect.high, max(effect.low, value))
        if effect.is_people == 1:
            value = math.floor(value + 0.5)
        if effect.unit >= 0:
            unit = world.units[effect.unit]
            set_count(effect, unit, world.places[unit.place if unit.road < 0 else unit.heading], value, cells)
        else:
            cells[effect.cell] = value


@step
def is_due(event, world, atlas, cells, whole_cells, day, tick_days):
    """Whether an event's time has come, the event before it has happened, and its conditions hold."""
    if event.fired_on != -1 or day < event.day or day > event.until:
        return False
    if event.after >= 0:
        before = world.events[event.after].fired_on
        if before < 0 or day < before * tick_days + event.delay:
            return False
    all_hold = True
    choice = False
    one_holds = False
    for c in range(event.first_condition, event.last_condition):
        held = holds(atlas.conditions[c], cells, whole_cells)
        if atlas.conditions[c].either == 1:
            choice = True
            one_holds = one_holds or held
        else:
            all_hold = all_hold and held
    return all_hold and (one_holds or not choice)


@rule
def count_cuts(world):
    """How many roads are cut; a road cut or mended changes everybody's lines of communication."""
    cuts = 0
    for road in world.roads:
        cuts += road.cut
    if cuts != world.campaign[0].cuts:
        world.campaign[0].cuts = cuts
        world.campaign[0].changed = EVERYBODY


@rule
def read_stances(world):
    """Who is whose enemy and ally, as bit masks."""
    for side in range(len(world.sides)):
        row = world.sides[side]
        hostile = 0
        friends = 1 << side
        for other in range(len(world.sides)):
            if other != side and world.stance[side, other] == HOSTILE:
                hostile |= 1 << other
            elif other != side and world.stance[side, other] == ALLIED:
                friends |= 1 << other
        if hostile != row.hostile_mask or friends != row.friend_mask:
            row.hostile_mask = hostile
            row.friend_mask = friends
            world.campaign[0].changed = EVERYBODY


@rule
def events(world, atlas, cells, whole_cells, p):
    """Each event whose time has come and whose conditions hold happens, at once or by its hazard, at most once."""
    campaign = world.campaign[0]
    day = campaign.tick * p.clock.tick_days
    # A ceasefire that begins now counts down from the next tick on.
    campaign.ceasefire = max(0.0, campaign.ceasefire - p.clock.tick_days)
    happened = False
    for event in world.events:
        if not is_due(event, world, atlas, cells, whole_cells, day, p.clock.tick_days):
            continue
        if event.hazard >= 0.0:
            u = draws.uniform(campaign.seed, campaign.replicate, campaign.tick, purposes.HAZARD, event.stream, 0)
            if not draws.happens(u, p.clock.tick_days, event.hazard):
                continue
        if draws.uniform(campaign.seed, campaign.replicate, 0, purposes.EVENT, event.stream, 0) >= event.probability:
            event.fired_on = -2
            continue
        event.fired_on = campaign.tick
        for e in range(event.first_effect, event.last_effect):
            apply_effect(world, atlas.effects[e], cells, whole_cells)
        happened = True
    if happened:
        # What an event sets may be ground: everybody looks at its lines of communication again.
        campaign.changed = EVERYBODY
        read_stances(world)
        count_cuts(world)
        list_bases(world)
