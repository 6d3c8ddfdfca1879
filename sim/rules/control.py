"""Control: places change hands; prisoners go free, equipment left behind is taken, order has to be kept."""

from __future__ import annotations

from dataclasses import dataclass

from sim.bookkeeping.forces import is_hostile, people_inside
from sim.kernel.compile import formula, rule, step
from sim.kernel.maths import exp
from sim.scenario.parameters import Parameters, parameter
from sim.world.tables import ACTIVE, ORDERED, SHATTERED, SURRENDERED


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
    invested_days: float = parameter(
        2,
        "days",
        "before its fall within which a place counts as invested when it fell",
        bounds=(0.25, 30),
        basis="article SF08, SF11",
    )
    disorder: float = parameter(
        4, "days", "time constant with which order follows the size of the garrison", bounds=(0.2, 60), basis="assumed"
    )


@step
def enter_undefended(world):
    """Formations at the gate of a hostile place in which nobody resists any more drive in."""
    units, places, sides, forces = world.units, world.places, world.sides, world.forces
    for n in range(world.campaign[0].columns):
        unit = units[world.columns[n]]
        if unit.status != ACTIVE or unit.road < 0 or unit.km_left > 0.0 or unit.passive == 1:
            continue
        place, side = places[unit.heading], sides[unit.side]
        if is_hostile(side, 1 << place.control) and not is_hostile(side, place.inside_mask):
            unit.place = unit.heading
            unit.road = -1
            if unit.bound != ORDERED:
                unit.assault = 0
            forces[unit.place, unit.side].claims += unit.strength
            place.claimed = 1


@step
def strongest_claim(places, i, sides, forces):
    """The hostile side with most people in a place that its holder does not defend; -1 if there is none."""
    place = places[i]
    holder = sides[place.control]
    if place.inside_mask & holder.friend_mask:
        return -1
    best = -1
    most = 0.0
    for side in range(len(sides)):
        if is_hostile(holder, 1 << side):
            people = forces[i, side].people + forces[i, side].claims
            if people > most:
                most = people
                best = side
    return best


@step
def capture_stragglers(units, loser, place, i):
    """Broken formations of the loser that gather in a place which falls lay down their arms."""
    for n in range(loser.first_unit, loser.last_unit):
        unit = units[n]
        if unit.place == i and unit.status == SHATTERED and unit.road < 0:
            unit.status = SURRENDERED
            unit.captured += unit.strength
            loser.pending_losses += unit.strength
            unit.strength = 0.0
            place.store_equipment += unit.equipment
            unit.equipment_left += unit.equipment
            unit.equipment = 0.0


@step
def take_spoils(units, winner, place, i, p):
    """Those who took a place share its prisoners' recruits and the equipment left there."""
    people = 0.0
    for n in range(winner.first_unit, winner.last_unit):
        unit = units[n]
        if unit.place == i and unit.status == ACTIVE and unit.road < 0:
            people += unit.strength
    recruits = float(int(place.prison * p.recruits))
    pieces = place.store_equipment * p.taken_share
    place.prison = 0.0
    if people > 0.0:
        for n in range(winner.first_unit, winner.last_unit):
            unit = units[n]
            if unit.place == i and unit.status == ACTIVE and unit.road < 0:
                share = unit.strength / people
                joining = float(int(recruits * share))
                unit.strength += joining
                unit.joined += joining
                unit.equipment += pieces * share
                unit.equipment_taken += pieces * share
        place.store_equipment -= pieces
    place.stores *= p.stores_share


@rule
def change_hands(world, atlas, i, winner, p):
    """A place falls: its loss is news near and far, a shock to the loser's will, and a prize for the winner."""
    place = world.places[i]
    loser = place.control
    campaign = world.campaign[0]
    capture_stragglers(world.units, world.sides[loser], place, i)
    take_spoils(world.units, world.sides[winner], place, i, p.control)
    for j in range(len(world.places)):
        world.news_coming[loser, j] += place.symbol * exp(-atlas.km[i, j] / p.morale.news_km)
    q = p.politics
    poorer = world.sides[loser]
    poorer.shaken = 1
    poorer.shock += q.place_lost * place.symbol
    poorer.hardship = min(1.0, poorer.hardship + q.hub_lost * place.commerce)
    poorer.legitimacy = max(0.0, poorer.legitimacy - q.standing_lost * place.symbol)
    world.sides[winner].shock -= q.place_won * place.symbol
    place.control = winner
    place.taken_on = campaign.tick
    place.stability = 1.0 - q.unrest * 0.5 * (1.0 - world.side_view[winner, i].affinity)
    for side in range(len(world.sides)):
        friends = world.sides[side].friend_mask
        if (friends >> winner | friends >> loser) & 1:
            campaign.changed |= 1 << side
    if place.fell < 0 and winner != place.first_holder:
        place.fell = campaign.tick
        place.invested_when_fell = 0
        if (
            place.invested_on >= 0
            and (campaign.tick - place.invested_on) * p.clock.tick_days <= p.control.invested_days
        ):
            place.invested_when_fell = 1


@formula
def garrison_needed(place, affinity, p):
    """People that it takes to keep order in a captured place, more of them where the people are against its holder."""
    return p.garrison * place.population / 1000.0 * (1.0 - p.welcome * affinity)


@rule
def grip(place, holder, affinity, i, forces, p):
    """How far the troops in a place are enough to keep order there, 0-1."""
    needed = garrison_needed(place, affinity, p)
    there = people_inside(forces, i, place.inside_mask & holder.friend_mask)
    return 1.0 if there >= needed else there / needed


@rule
def control(world, atlas, p):
    """Who stands in a place that nobody defends takes it; then order is kept, or is not."""
    places, sides, forces = world.places, world.sides, world.forces
    if world.campaign[0].ceasefire <= 0.0:
        enter_undefended(world)
        for i in range(len(places)):
            if places[i].claimed == 1 or is_hostile(sides[places[i].control], places[i].inside_mask):
                winner = strongest_claim(places, i, sides, forces)
                if winner >= 0:
                    change_hands(world, atlas, i, winner, p)
                places[i].claimed = 0
                for side in range(len(sides)):
                    forces[i, side].claims = 0.0
    step = 1.0 - exp(-p.clock.tick_days / p.control.disorder)
    for i in range(len(places)):
        place = places[i]
        if place.taken_on >= 0:
            affinity = world.side_view[place.control, i].affinity
            goal = grip(place, sides[place.control], affinity, i, forces, p.control)
            place.stability += (goal - place.stability) * step
