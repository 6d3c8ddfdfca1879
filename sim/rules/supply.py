"""Supply: formations consume, and draw on the stores where they stand and on the base behind them."""

from __future__ import annotations

from dataclasses import dataclass

from sim.bookkeeping.clock import is_new_day
from sim.bookkeeping.presence import is_fighting, is_on_road
from sim.bookkeeping.relations import is_friendly
from sim.bookkeeping.rosters import formations_in_field, rear_bases
from sim.kernel.compile import rule
from sim.scenario.parameters import Parameters, parameter
from sim.world.tables import MARCH, NONE, SHATTERED

PERSON_DAYS = 70_000.0
"""In a division-week of fighting supply: 10,000 people for 7 days."""


@dataclass(frozen=True)
class SupplyParameters(Parameters):
    """What formations burn and fire, and what reaches them. Those that neither fight nor march live off the land."""

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


@rule
def draw_supply(unit, place, wanted):
    """A formation draws days of supply from the stores of a place. Returns what it got."""
    got = min(wanted, place.stores * PERSON_DAYS / unit.strength)
    if got > 0.0:
        place.stores = max(0.0, place.stores - got * unit.strength / PERSON_DAYS)
        unit.supply += got
        return got
    return 0.0


@rule
def consume(unit, p, dt):
    """Supply is used in combat and on the march."""
    if is_fighting(unit):
        unit.supply = max(0.0, unit.supply - p.fighting * dt)
    elif unit.task == MARCH and is_on_road(unit):
        unit.supply = max(0.0, unit.supply - p.marching * dt)


@rule
def resupply(world, unit, p):
    """A day's supply comes from the depot where a formation stands, and then from the base behind it."""
    here, side = unit.place, unit.side
    if is_on_road(unit) and not is_friendly(world, side, world.places[here].control):
        here = unit.heading
    place, view = world.places[here], world.side_view[side, here]
    if not is_friendly(world, side, place.control):
        return
    wanted = p.carried - unit.supply
    if place.stores > 0.0:
        wanted -= draw_supply(unit, place, min(wanted, p.delivery))
    if view.rear_base != NONE and view.rear_base != here and wanted > 0.0:
        share = p.reach_km / (p.reach_km + view.supply_km)
        draw_supply(unit, world.places[view.rear_base], min(wanted, p.delivery * share))


@rule
def refill_bases(world, p):
    """A day's supply comes to the rear bases from outside."""
    for base in rear_bases(world):
        place = world.places[base]
        if place.stores < place.stores_full:
            place.stores = min(place.stores_full, place.stores + p.refill * place.stores_full)


@rule
def supply(world, rules):
    """Formations use supply by what they do. Once a day they draw on the depot where they stand and the base behind."""
    p, new_day = rules.supply, is_new_day(world, rules.clock)
    if new_day:
        refill_bases(world, p)
    for i in formations_in_field(world):
        unit = world.units[i]
        if unit.status != SHATTERED:
            consume(unit, p, rules.clock.tick_days)
            if new_day and unit.strength > 0.0 and unit.supply < p.carried:
                resupply(world, unit, p)
