"""Supply: lines of communication are traced, stores are drawn, formations consume."""

from __future__ import annotations

from dataclasses import dataclass

from sim.rules.compiler import rule, step
from sim.rules.ways import trace_communications
from sim.scenario.parameters import Parameters, parameter
from sim.world.tables import ACTIVE, MARCH, WITHDRAWING

PERSON_DAYS = 70_000.0
"""In a division-week of fighting supply: 10,000 people for 7 days."""


@dataclass(frozen=True)
class SupplyParameters(Parameters):
    """What formations burn and fire, and what reaches them. Who neither fights nor marches lives off the land."""

    fighting: float = parameter(1.0, 0, 5, "days/day", "used in combat", "by definition: a day of fighting supply")
    marching: float = parameter(0.4, 0, 5, "days/day", "used on the march", "assumed")
    carried: float = parameter(5, 0.5, 30, "days", "that a formation can carry", "assumed")
    delivery: float = parameter(1.5, 0, 10, "days/day", "brought up next to the base", "assumed")
    reach_km: float = parameter(
        120, 10, 1000, "km", "of best road at which half of that arrives", "assumed (prototype: at most 0.8 % a km)"
    )
    refill: float = parameter(0.08, 0, 1, "1/day", "of a rear base's stores brought in from outside", "assumed")


@step
def draw_supply(unit, place, wanted):
    """A formation draws days of supply from the stores of a place; returns what it got."""
    got = min(wanted, place.stores * PERSON_DAYS / unit.strength)
    if got > 0.0:
        place.stores -= got * unit.strength / PERSON_DAYS
        unit.supply += got
        return got
    return 0.0


@rule
def trace_all(world, atlas, p):
    """Sides whose ground or roads have changed trace their lines of communication anew; all do once a day."""
    campaign = world.campaign[0]
    daily = campaign.tick % int(p.clock.ticks_a_day) == 0
    for side in range(len(world.sides)):
        row = world.sides[side]
        if row.posture > 0 and (daily or (campaign.changed >> side) & 1):
            trace_communications(row, world.outlook[side], world.places, world.roads, world.search, atlas)
    campaign.changed = 0


@rule
def supply(world, atlas, p):
    """Formations use supply by what they do, and draw on the depot where they stand and on the base behind them."""
    q = p.supply
    days = p.clock.tick_days
    trace_all(world, atlas, p)
    for place in world.places:
        if place.rally == 1 and place.stores < place.stores_full:
            place.stores = min(place.stores_full, place.stores + q.refill * place.stores_full * days)
    sides, places = world.sides, world.places
    for unit in world.units:
        if (unit.status != ACTIVE and unit.status != WITHDRAWING) or unit.strength <= 0.0:
            continue
        if unit.contact >= 2:
            unit.supply = max(0.0, unit.supply - q.fighting * days)
        elif unit.task == MARCH and unit.road >= 0:
            unit.supply = max(0.0, unit.supply - q.marching * days)
        wanted = q.carried - unit.supply
        if wanted <= 0.0:
            continue
        friends = sides[unit.side].friend_mask
        here = unit.place
        if unit.road >= 0 and not (friends >> places[here].control) & 1:
            here = unit.heading
        place = places[here]
        if not (friends >> place.control) & 1:
            continue
        if place.stores > 0.0:
            wanted -= draw_supply(unit, place, min(wanted, q.delivery * days))
        view = world.outlook[unit.side, here]
        if view.rear_base >= 0 and view.rear_base != here and wanted > 0.0:
            share = q.reach_km / (q.reach_km + view.supply_km)
            draw_supply(unit, places[view.rear_base], min(wanted, q.delivery * share * days))
