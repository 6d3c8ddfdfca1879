"""Yielding: places pass to another side by agreement, without an assault, and so do those of a side that collapsed."""

from __future__ import annotations

from dataclasses import dataclass

from sim.bookkeeping.clock import is_ceasefire
from sim.bookkeeping.draws import draw
from sim.bookkeeping.losses import disperse, leave_equipment, note_withdrawal, surrender
from sim.bookkeeping.presence import friendly_people_inside, has_friends_inside, is_in_place, is_near, strike_off
from sim.bookkeeping.relations import is_hostile
from sim.bookkeeping.rosters import formations_of, neighbours_of
from sim.kernel import random as draws
from sim.kernel.compile import rule
from sim.kernel.maths import exp
from sim.rules import purposes
from sim.rules.breakpoint import has_way_out, log_odds
from sim.rules.control import change_hands
from sim.rules.perception import fresh_threat
from sim.scenario.parameters import Parameters, parameter
from sim.world.tables import ACTIVE, FREE, HOLD, NONE, WITHDRAWING


@dataclass(frozen=True)
class YieldingParameters(Parameters):
    """When those who hold a place come to terms with the enemy before it. The log hazard is a sum of causes."""

    rate: float = parameter(
        0,
        "1/day",
        "hazard that a place with the enemy before it yields, with no cause for it or against",
        bounds=(0, 10),
        basis="assumed; direction from article SF47, SF48",
    )
    odds: float = parameter(
        0.5, "1", "weight of the log of enemy to own power", bounds=(0, 5), basis="assumed; direction from article SF48"
    )
    closed: float = parameter(1.0, "1", "weight of the share of closed roads", bounds=(0, 5), basis="assumed")
    despair: float = parameter(
        3.0,
        "1",
        "weight of the political will that its side has lost",
        bounds=(0, 20),
        basis="assumed; direction from article SF38",
    )
    community: float = parameter(
        1.0,
        "1",
        "weight of how much rather the people would have the other side",
        bounds=(0, 5),
        basis="assumed; direction from reported RC29",
    )
    abandoned: float = parameter(
        0.6,
        "share",
        "of heavy equipment that a garrison leaves behind when it is let go",
        bounds=(0, 1),
        basis="assumed; direction from article SF48",
    )
    takeover: float = parameter(
        0.7, "1/day", "hazard that a place of a collapsed side passes to who is near", bounds=(0, 10), basis="assumed"
    )


@rule
def power_near(world, atlas, here, side, near_km):
    """Power of a side inside a place, at its gates and inside the next places that are near."""
    force = world.forces[here, side]
    power = force.power + force.gate_power
    for n in neighbours_of(world, here):
        if is_near(world.roads[atlas.neighbours[n].road], near_km):
            power += world.forces[atlas.neighbours[n].place, side].power
    return power


@rule
def strongest_near(world, atlas, here, near_km):
    """The enemy of the holder of a place who has most power near it; NONE if there is none."""
    holder = world.places[here].control
    best, most = NONE, 0.0
    for side in range(len(world.sides)):
        if is_hostile(world, holder, side) and world.sides[side].collapsed == 0:
            power = power_near(world, atlas, here, side, near_km)
            if power > most:
                best, most = side, power
    return best


@rule
def heir_of(world, atlas, here, near_km):
    """Who is near a place of a collapsed side: its strongest enemy there, or else one who holds a near place."""
    strongest = strongest_near(world, atlas, here, near_km)
    if strongest != NONE:
        return strongest
    holder = world.places[here].control
    best, most = NONE, -2.0
    for n in neighbours_of(world, here):
        if not is_near(world.roads[atlas.neighbours[n].road], near_km):
            continue
        side = world.places[atlas.neighbours[n].place].control
        affinity = world.side_view[side, here].affinity
        is_heir = is_hostile(world, holder, side) or world.sides[side].occupies == 1
        if (
            is_heir
            and world.sides[side].collapsed == 0
            and world.side_view[side, here].in_area == 1
            and affinity > most
        ):
            best, most = side, affinity
    return best


@rule
def hazard_of_yielding(world, here, taker, p):
    """Hazard per day that a place comes to terms with the enemy before it; none if he is not the stronger."""
    holder = world.places[here].control
    side, view = world.sides[holder], world.side_view[holder, here]
    odds = world.threat[holder, here] / max(1.0, world.forces[here, holder].power)
    if odds <= 1.0:
        return 0.0
    cause = p.odds * log_odds(odds) + p.closed * view.closed
    cause += p.despair * max(0.0, side.will_base - side.will)
    cause += p.community * (world.side_view[taker, here].affinity - view.affinity)
    return p.rate * exp(cause)


@rule
def let_go(world, unit, place, p):
    """What becomes of a formation in a place that yields: its own people go home, others leave or lay down arms."""
    strike_off(world, unit)
    unit.assault = 0
    if unit.home == unit.place or world.sides[unit.side].collapsed == 1:
        leave_equipment(unit, place, 1.0)
        disperse(world, unit, place)
    elif has_way_out(world, unit):
        note_withdrawal(unit, place)
        leave_equipment(unit, place, p.abandoned)
        unit.status = WITHDRAWING
        unit.task = HOLD
        unit.bound = FREE
    else:
        leave_equipment(unit, place, 1.0)
        surrender(world, unit, place)


@rule
def hand_over(world, atlas, here, taker, rules):
    """A place passes to a side, with all that follows a change of hands; its garrison is let go."""
    for i in formations_of(world, world.places[here].control):
        unit = world.units[i]
        if unit.status == ACTIVE and is_in_place(unit, here):
            let_go(world, unit, world.places[here], rules.yielding)
    change_hands(world, atlas, here, taker, rules)


@rule
def has_allies_inside(world, here):
    """Whether formations of the holder's allies, who would not come to terms for him, are inside a place."""
    holder = world.places[here].control
    return has_friends_inside(world, here, holder) and friendly_people_inside(world, here, holder) > (
        world.forces[here, holder].people
    )


@rule
def is_in_danger(world, here, rules):
    """Whether an enemy who is news is near a place that is not the capital: a stand-off of years yields nothing."""
    holder = world.places[here].control
    return world.sides[holder].capital != here and fresh_threat(world, holder, here, rules.perception) > 0.0


@rule
def taker_of(world, atlas, here, rules):
    """To whom a place passes in this tick, by terms or because its side has collapsed; NONE: to nobody."""
    p, place, near_km = rules.yielding, world.places[here], rules.forces.near_km
    holder = place.control
    taker, hazard = NONE, 0.0
    if world.sides[holder].collapsed == 1:
        taker = heir_of(world, atlas, here, near_km)
        hazard = p.takeover
    elif p.rate > 0.0 and is_in_danger(world, here, rules):
        taker = strongest_near(world, atlas, here, near_km)
        hazard = hazard_of_yielding(world, here, taker, p) if taker != NONE else 0.0
    if taker == NONE or has_allies_inside(world, here):
        return NONE
    return taker if draws.happens(draw(world, purposes.YIELDING, place.stream), rules.clock.tick_days, hazard) else NONE


@rule
def yielding(world, atlas, rules):
    """Places with the enemy before them may come to terms, and those of a collapsed side pass to who is near.

    All places are weighed before any changes hands, so that their order does not matter.
    """
    if is_ceasefire(world):
        return
    for here in range(len(world.places)):
        world.presence[here].taker = taker_of(world, atlas, here, rules)
    for here in range(len(world.places)):
        if world.presence[here].taker != NONE:
            hand_over(world, atlas, here, world.presence[here].taker, rules)
