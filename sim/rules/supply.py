"""Supply: lines of communication are traced, stores are drawn, formations consume."""

from __future__ import annotations

from dataclasses import dataclass

from sim.kernel.compile import rule, step
from sim.rules.routes import share_communications, trace_communications
from sim.scenario.parameters import Parameters, parameter
from sim.world.tables import ACTIVE, EVERYBODY, MARCH, WITHDRAWING

PERSON_DAYS = 70_000.0
"""In a division-week of fighting supply: 10,000 people for 7 days."""


@dataclass(frozen=True)
class SupplyParameters(Parameters):
    """What formations burn and fire, and what reaches them. Who neither fights nor marches lives off the land."""

    fighting: float = parameter(
        1.0, "days/day", "used in combat", bounds=(0, 5), basis="by definition: a day of fighting supply"
    )
    marching: float = parameter(0.4, "days/day", "used on the march", bounds=(0, 5), basis="assumed")
    carried: float = parameter(5, "days", "that a formation can carry", bounds=(0.5, 30), basis="assumed")
    delivery: float = parameter(1.5, "days/day", "brought up next to the base", bounds=(0, 10), basis="assumed")
    reach_km: float = parameter(
        120,
        "km",
        "of best road at which half of a delivery arrives",
        bounds=(10, 1000),
        basis="assumed (prototype: at most 0.8 % a km)",
    )
    refill: float = parameter(
        0.08, "1/day", "of a rear base's full stores brought in from outside", bounds=(0, 1), basis="assumed"
    )


@step
def draw_supply(unit, place, wanted):
    """A formation draws days of supply from the stores of a place; returns what it got."""
    got = min(wanted, place.stores * PERSON_DAYS / unit.strength)
    if got > 0.0:
        place.stores = max(0.0, place.stores - got * unit.strength / PERSON_DAYS)
        unit.supply += got
        return got
    return 0.0


@step
def twin_of(row, side, traced, sides):
    """Who, of those who have just traced theirs, has the same friends and the same enemies among those met; or -1."""
    for twin in range(side):
        other = sides[twin]
        if (traced >> twin) & 1 and other.friend_mask == row.friend_mask:
            if not (other.hostile_mask ^ row.hostile_mask) & other.met:
                return twin
    return -1


@rule
def trace_all(world, atlas, p):
    """Sides whose ground or roads have changed trace their lines of communication anew.

    Once a day so do those with captured ground, where order and so the length of the lines changes slowly.
    """
    campaign = world.campaign[0]
    unsettled = 0
    if campaign.tick == 0:
        campaign.changed = EVERYBODY
    elif campaign.tick % int(p.clock.ticks_a_day) == 0:
        for place in world.places:
            if place.taken_on >= 0:
                unsettled |= 1 << place.control
    traced = 0
    for side in range(len(world.sides)):
        row = world.sides[side]
        if row.posture == 0 or not (row.friend_mask & unsettled or (campaign.changed >> side) & 1):
            continue
        view = world.side_view[side]
        twin = twin_of(row, side, traced, world.sides)
        if twin >= 0:
            share_communications(row, view, world.sides[twin], world.side_view[twin])
        else:
            trace_communications(row, view, world, atlas)
        traced |= 1 << side
    campaign.changed = 0


@step
def resupply(world, unit, p):
    """A day's supply comes up: from the depot where a formation stands, then from the base behind it."""
    friends = world.sides[unit.side].friend_mask
    here = unit.place
    if unit.road >= 0 and not (friends >> world.places[here].control) & 1:
        here = unit.heading
    place = world.places[here]
    if not (friends >> place.control) & 1:
        return
    wanted = p.carried - unit.supply
    if place.stores > 0.0:
        wanted -= draw_supply(unit, place, min(wanted, p.delivery))
    view = world.side_view[unit.side, here]
    if view.rear_base >= 0 and view.rear_base != here and wanted > 0.0:
        share = p.reach_km / (p.reach_km + view.supply_km)
        draw_supply(unit, world.places[view.rear_base], min(wanted, p.delivery * share))


@rule
def supply(world, atlas, p):
    """Formations use supply by what they do; once a day they draw on the depot where they stand and the base behind."""
    q = p.supply
    days = p.clock.tick_days
    new_day = world.campaign[0].tick % int(p.clock.ticks_a_day) == 0
    trace_all(world, atlas, p)
    if new_day:
        for k in range(world.campaign[0].bases):
            place = world.places[world.bases[k]]
            if place.stores < place.stores_full:
                place.stores = min(place.stores_full, place.stores + q.refill * place.stores_full)
    for k in range(world.campaign[0].present):
        unit = world.units[world.present[k]]
        if unit.status != ACTIVE and unit.status != WITHDRAWING:
            continue
        if unit.contact >= 2:
            unit.supply = max(0.0, unit.supply - q.fighting * days)
        elif unit.task == MARCH and unit.road >= 0:
            unit.supply = max(0.0, unit.supply - q.marching * days)
        if new_day and unit.strength > 0.0 and unit.supply < q.carried:
            resupply(world, unit, q)
