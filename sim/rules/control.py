"""Control: places change hands; prisoners go free, equipment left behind is taken, order has to be kept."""

from __future__ import annotations

from dataclasses import dataclass

from sim.bookkeeping.clock import is_ceasefire, was_taken
from sim.bookkeeping.communications import note_place_changed_hands
from sim.bookkeeping.draws import draw
from sim.bookkeeping.losses import leave_equipment, surrender
from sim.bookkeeping.presence import (
    claims_of,
    clear_claims,
    drive_in,
    friendly_people_inside,
    has_claims,
    has_enemies_inside,
    has_friends_inside,
    is_at_gate,
    is_guarded,
    is_in_place,
    is_inside,
    is_near,
)
from sim.bookkeeping.relations import is_friendly, is_hostile
from sim.bookkeeping.rosters import formations_of, formations_on_roads, neighbours_of
from sim.kernel import random as draws
from sim.kernel.compile import formula, rule
from sim.kernel.maths import exp
from sim.kernel.random import chance_within
from sim.rules import purposes
from sim.scenario.parameters import Parameters, parameter
from sim.world.tables import ACTIVE, NONE, ORDERED, SHATTERED


@dataclass(frozen=True)
class ControlParameters(Parameters):
    """What the fall of a place brings, and what holding it takes."""

    taken_share: float = parameter(
        0.5,
        "share",
        "of equipment left in a place that its captor takes into use",
        bounds=(0, 1),
        basis="assumed; article SF48",
    )
    stores_share: float = parameter(
        0.5, "share", "of stores that survive a change of hands", bounds=(0, 1), basis="assumed"
    )
    recruits: float = parameter(
        0.05, "share", "of freed prisoners who join the captor", bounds=(0, 1), basis="assumed; article SF14"
    )
    garrison: float = parameter(
        2,
        "people per 1000",
        "inhabitants needed to keep order in a captured place",
        bounds=(0, 50),
        basis="assumed; article SF57",
    )
    welcome: float = parameter(
        0.5,
        "share",
        "of that garrison saved where the people are wholly friendly, added where hostile",
        bounds=(0, 1),
        basis="assumed",
    )
    occupying: float = parameter(
        0.3,
        "1/day",
        "hazard that a place whose first garrison is gone is occupied by a side that takes what others abandon",
        bounds=(0, 10),
        basis="assumed; direction from reported RC24, RC30",
    )
    invested_days: float = parameter(
        2,
        "days",
        "before its fall within which a place counts as invested when it fell",
        bounds=(0.25, 30),
        basis="assumed; direction from article SF08, SF11",
    )
    disorder: float = parameter(
        4, "days", "time constant with which order follows the size of the garrison", bounds=(0.2, 60), basis="assumed"
    )


@rule
def enter_undefended(world):
    """Formations at the gate of a hostile place in which nobody resists any more drive in."""
    for i in formations_on_roads(world):
        unit = world.units[i]
        if unit.status != ACTIVE or unit.passive == 1 or not is_at_gate(unit):
            continue
        holder = world.places[unit.heading].control
        if is_hostile(world, unit.side, holder) and not has_enemies_inside(world, unit.heading, unit.side):
            drive_in(world, unit)
            if unit.bound != ORDERED:
                unit.assault = 0


@rule
def strongest_claim(world, here):
    """The hostile side with most people in a place that its holder does not defend; NONE if there is none."""
    holder = world.places[here].control
    best, most = NONE, 0.0
    if has_friends_inside(world, here, holder):
        return best
    for side in range(len(world.sides)):
        people = world.forces[here, side].people + claims_of(world, here, side)
        if is_hostile(world, holder, side) and people > most:
            best, most = side, people
    return best


@rule
def capture_stragglers(world, here, loser):
    """Broken formations of the loser that rest in a place which falls lay down their arms."""
    for i in formations_of(world, loser):
        unit = world.units[i]
        if unit.status == SHATTERED and is_in_place(unit, here):
            leave_equipment(unit, world.places[here], 1.0)
            surrender(world, unit, world.places[here])


@rule
def give_spoils(world, here, winner, p):
    """Those who took a place share its prisoners' recruits and the equipment left there."""
    place = world.places[here]
    people = 0.0
    for i in formations_of(world, winner):
        unit = world.units[i]
        if unit.status == ACTIVE and is_in_place(unit, here):
            people += unit.strength
    recruits = float(int(place.prison * p.recruits))
    pieces = place.store_equipment * p.taken_share
    place.prison = 0.0
    place.stores *= p.stores_share
    if people <= 0.0:
        return
    for i in formations_of(world, winner):
        unit = world.units[i]
        if unit.status == ACTIVE and is_in_place(unit, here):
            share = unit.strength / people
            joining = float(int(recruits * share))
            unit.strength += joining
            unit.joined += joining
            unit.equipment += pieces * share
            unit.equipment_taken += pieces * share
    place.store_equipment -= pieces


@rule
def note_fall(world, place, invested_days, dt):
    """A place has left its first holder for the first time; was it invested then?"""
    now = world.campaign[0].tick
    place.fell = now
    invested = place.invested_on >= 0 and (now - place.invested_on) * dt <= invested_days
    place.invested_when_fell = 1 if invested else 0


@rule
def change_hands(world, atlas, here, winner, rules):
    """The place falls: news near and far, a shock to the loser's will, and a prize for the winner."""
    politics, place = rules.politics, world.places[here]
    loser = place.control
    capture_stragglers(world, here, loser)
    give_spoils(world, here, winner, rules.control)
    for there in range(len(world.places)):
        world.news_coming[loser, there] += place.symbol * exp(-atlas.km[here, there] / rules.morale.news_km)
    side = world.sides[loser]
    side.shaken = 1
    side.shock += politics.place_lost * place.symbol
    side.hardship = min(1.0, side.hardship + politics.hub_lost * place.commerce)
    side.legitimacy = max(0.0, side.legitimacy - politics.standing_lost * place.symbol)
    world.sides[winner].shock -= politics.place_won * place.symbol
    place.control = winner
    place.taken_on = world.campaign[0].tick
    place.stability = 1.0 - politics.unrest * 0.5 * (1.0 - world.side_view[winner, here].affinity)
    note_place_changed_hands(world, winner, loser)
    if place.fell == NONE and winner != place.first_holder:
        note_fall(world, place, rules.control.invested_days, rules.clock.tick_days)


@formula
def garrison_needed(place, affinity, p):
    """People that it takes to keep order in a captured place: the more, the more its people are against the holder."""
    return p.garrison * place.population / 1000.0 * (1.0 - p.welcome * affinity)


@rule
def keep_order(world, here, p, dt):
    """Order follows the garrison there is against the garrison that the people take."""
    place = world.places[here]
    needed = garrison_needed(place, world.side_view[place.control, here].affinity, p)
    there = friendly_people_inside(world, here, place.control)
    goal = 1.0 if there >= needed else there / needed
    place.stability += (goal - place.stability) * chance_within(dt / p.disorder)


@rule
def has_opportunists(world):
    """Whether any side takes what others abandon."""
    for side in world.sides:
        if side.occupies == 1:
            return True
    return False


@rule
def is_abandoned(world, here):
    """Whether the first holder of a place still holds it in name only: its first garrison has left or given up.

    A rear base whose people have marched off is not abandoned.
    """
    place = world.places[here]
    if place.rear_base == 1:
        return False
    gone = place.garrison_left + place.garrison_deserted + place.garrison_surrendered
    return place.control == place.first_holder and gone > 0.0 and not is_guarded(world, here, place.control)


@rule
def has_mobile_inside(world, here, side):
    """Whether a side has formations inside a place that may go elsewhere."""
    if is_inside(world, here, side):
        for i in formations_of(world, side):
            unit = world.units[i]
            if unit.status == ACTIVE and unit.mobile == 1 and is_in_place(unit, here):
                return True
    return False


@rule
def may_move_in(world, atlas, here, side, near_km):
    """Whether a side has mobile formations inside a place or inside a next one that is near."""
    if has_mobile_inside(world, here, side):
        return True
    for n in neighbours_of(world, here):
        near = is_near(world.roads[atlas.neighbours[n].road], near_km)
        if near and has_mobile_inside(world, atlas.neighbours[n].place, side):
            return True
    return False


@rule
def occupant_of(world, atlas, here, near_km):
    """The side nearby that would occupy an abandoned place in its area, the people's favourite first; NONE if none."""
    holder = world.places[here].control
    best, most = NONE, -2.0
    for side in range(len(world.sides)):
        view = world.side_view[side, here]
        if world.sides[side].occupies == 0 or view.in_area == 0 or is_friendly(world, holder, side):
            continue
        if view.affinity <= most or world.sides[side].collapsed == 1:
            continue
        if may_move_in(world, atlas, here, side, near_km):
            best, most = side, view.affinity
    return best


@rule
def occupy(world, atlas, here, rules):
    """A side that takes what others abandon may move into a place."""
    place = world.places[here]
    if not is_abandoned(world, here) or has_enemies_inside(world, here, place.control):
        return
    u = draw(world, purposes.OCCUPYING, place.stream)
    if draws.happens(u, rules.clock.tick_days, rules.control.occupying):
        occupant = occupant_of(world, atlas, here, rules.forces.near_km)
        if occupant != NONE:
            change_hands(world, atlas, here, occupant, rules)


@rule
def control(world, atlas, rules):
    """Formations inside a place that nobody defends take it; then its garrison keeps order, or fails to."""
    p, dt = rules.control, rules.clock.tick_days
    if not is_ceasefire(world):
        enter_undefended(world)
        for here in range(len(world.places)):
            if has_claims(world, here) or has_enemies_inside(world, here, world.places[here].control):
                winner = strongest_claim(world, here)
                if winner != NONE:
                    change_hands(world, atlas, here, winner, rules)
                clear_claims(world, here)
        if has_opportunists(world):
            for here in range(len(world.places)):
                occupy(world, atlas, here, rules)
    for here in range(len(world.places)):
        if was_taken(world.places[here]):
            keep_order(world, here, p, dt)
