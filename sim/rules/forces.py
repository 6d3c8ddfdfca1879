"""Forces: what makes a formation strong, and what each side learns of the hostile forces near its places."""

from __future__ import annotations

from dataclasses import dataclass

from sim.bookkeeping.counting import clear_list, count_forces, list_in_field
from sim.bookkeeping.presence import has_enemies_near, hostile_power_near, is_inside, note_who_is_near
from sim.bookkeeping.relations import follows_doctrine, is_friendly, is_hostile
from sim.bookkeeping.roads import is_closed_to
from sim.bookkeeping.rosters import formations_on_roads, is_in_field, neighbours_of
from sim.kernel.compile import rule
from sim.scenario.parameters import Parameters, parameter
from sim.world.tables import AWAY, DORMANT_POSTURE, NONE, SHATTERED


@dataclass(frozen=True)
class ForcesParameters(Parameters):
    """What makes a formation strong, and what counts as closing a road."""

    morale_floor: float = parameter(0.5, "share", "of power kept without morale", bounds=(0, 1), basis="assumed")
    readiness_floor: float = parameter(
        0.4, "share", "of power kept when unready", bounds=(0, 1), basis="assumed; direction from article SF50"
    )
    supply_floor: float = parameter(0.4, "share", "of power kept without supply", bounds=(0, 1), basis="assumed")
    supply_enough: float = parameter(2, "days", "of supply that keep up full power", bounds=(0.1, 10), basis="assumed")
    closing_force: float = parameter(150, "people", "that close a road", bounds=(1, 5000), basis="assumed (prototype)")
    investing_roads: float = parameter(
        3,
        "roads",
        "closed, with a way out left, for a place to count as invested",
        bounds=(1, 12),
        basis="assumed; direction from article SF08, SF10",
    )
    contact_km: float = parameter(
        5, "km", "within which enemies on one road fight", bounds=(0.5, 20), basis="assumed (prototype)"
    )
    near_km: float = parameter(
        100,
        "km",
        "of road within which the next place is near: what stands there threatens, and what breaks there is heard of",
        bounds=(1, 1000),
        basis="assumed: about a day's advance; RR04: 30-110 km/day",
    )


@rule
def fighting_power(unit, p):
    """What a formation can bring to bear: people and equipment, times quality, morale, supply and readiness."""
    morale = p.morale_floor + (1.0 - p.morale_floor) * unit.morale
    readiness = p.readiness_floor + (1.0 - p.readiness_floor) * unit.readiness
    supply = 1.0
    if unit.supply < p.supply_enough:
        supply = p.supply_floor + (1.0 - p.supply_floor) * unit.supply / p.supply_enough
    return (unit.strength + unit.equipment_weight * unit.equipment) * unit.quality * morale * readiness * supply


@rule
def update_units(world, rules):
    """List the formations in the field, compute their power for this tick, and count them where they are.

    The doctrine orders assaults anew in each tick. An order from outside to assault stands.
    """
    clear_list(world)
    for i in range(len(world.units)):
        unit = world.units[i]
        if follows_doctrine(world.sides[unit.side], unit):
            unit.assault = 0
        if is_in_field(unit):
            list_in_field(world, i)
            if unit.status != SHATTERED:
                # A side that has collapsed does not fight.
                is_over = world.sides[unit.side].collapsed == 1
                unit.power = 0.0 if is_over else fighting_power(unit, rules.forces)
        else:
            unit.contact = AWAY
    count_forces(world, rules.forces.closing_force)


@rule
def assess_threat(world, atlas, side, here, near_km):
    """A side learns what hostile power is at a place or near it. A dormant side learns nothing."""
    threat = 0.0
    if world.sides[side].posture != DORMANT_POSTURE and has_enemies_near(world, here, side):
        threat = hostile_power_near(world, atlas, here, side, near_km)
    world.threat[side, here] = threat
    return threat > 0.0


@rule
def look_round_from(world, atlas, side, here, p):
    """A side learns how many roads of a place are closed to it, and whether its place is invested.

    Roads to its own and its friends' places count, and roads to enemy places, which are closed. A place is invested if
    enough roads are closed and yet a line of communication leaves it.
    """
    view = world.side_view[side, here]
    roads = 0.0
    closed = 0.0
    for n in neighbours_of(world, here):
        neighbour = atlas.neighbours[n]
        holder = world.places[neighbour.place].control
        if is_hostile(world, side, holder):
            roads += 1.0
            closed += 1.0
        elif is_friendly(world, side, holder):
            roads += 1.0
            if is_closed_to(world, neighbour.road, side):
                closed += 1.0
    view.closed = closed / roads if roads > 0.0 else 1.0
    place = world.places[here]
    if place.control == side and closed >= p.investing_roads and view.way_home != NONE:
        place.invested_on = world.campaign[0].tick


@rule
def watches(world, here, side):
    """Whether a side watches a place: its friends hold it, it has formations inside, or somebody has just driven in."""
    place = world.places[here]
    return is_friendly(world, side, place.control) or is_inside(world, here, side) or place.claimed == 1


@rule
def look_round(world, atlas, rules):
    """After movement each side learns which enemies are near the places that it watches.

    A side also watches the places to which its columns are on the way.
    """
    near_km = rules.forces.near_km
    note_who_is_near(world, near_km)
    for here in range(len(world.places)):
        for side in range(len(world.sides)):
            world.threat[side, here] = 0.0
            if watches(world, here, side) and assess_threat(world, atlas, side, here, near_km):
                if is_inside(world, here, side):
                    look_round_from(world, atlas, side, here, rules.forces)
    for i in formations_on_roads(world):
        unit = world.units[i]
        if world.threat[unit.side, unit.heading] == 0.0:
            assess_threat(world, atlas, unit.side, unit.heading, near_km)
