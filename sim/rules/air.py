"""Air: wings fly what sponsor, readiness and weather allow, and strike where their side is pressed."""

from __future__ import annotations

from dataclasses import dataclass

from sim.bookkeeping.draws import clear_draws, draw_for_all, request_draw
from sim.bookkeeping.forces import is_friendly, is_hostile
from sim.kernel import random as draws
from sim.kernel.compile import rule, step
from sim.rules import purposes
from sim.scenario.parameters import Parameters, parameter
from sim.world.tables import STAND_DOWN, STRIKE


@dataclass(frozen=True)
class AirParameters(Parameters):
    """What aircraft can do. Effects on people and on morale stand with combat, morale and civilians."""

    flying: float = parameter(
        1.0, "share", "of planned sorties that fly; 0 grounds all aircraft", bounds=(0, 1), basis="definition"
    )
    worst_weather: float = parameter(
        0.5, "share", "of sorties that fly on the worst day", bounds=(0, 1), basis="assumed"
    )
    commitment_full: float = parameter(
        0.7,
        "0-1",
        "commitment, after distraction, from which a sponsor flies all it can",
        bounds=(0.05, 1),
        basis="assumed",
    )
    deep_share: float = parameter(
        0.25,
        "share",
        "of strikes that go to places behind the enemy's front, not to his forces",
        bounds=(0, 1),
        basis="assumed",
    )
    interdiction: float = parameter(
        0.02, "1/strike", "march speed lost on each road next to a place struck", bounds=(0, 1), basis="assumed"
    )
    interdiction_most: float = parameter(
        0.8, "share", "of march speed that strikes can take at most", bounds=(0, 1), basis="assumed"
    )
    base_threatened: float = parameter(
        0.5, "share", "of sorties that a base with the enemy at its gates still flies", bounds=(0, 1), basis="assumed"
    )
    base_lost: float = parameter(
        0.5,
        "share",
        "of aircraft caught on the ground when their base falls",
        bounds=(0, 1),
        basis="assumed; reported RC06",
    )


@step
def sorties_flown(wing, commitment, weather, days, p):
    """Sorties that a wing is expected to fly: aircraft, rate, readiness, weather, and the sponsor's will."""
    return (
        p.flying
        * wing.aircraft
        * wing.sorties
        * wing.readiness
        * weather
        * min(1.0, commitment / p.commitment_full)
        * days
    )


@step
def pull(row, place, forces, i):
    """How much a place asks for a side's aircraft: hostile forces before it or in it where own troops stand."""
    present = place.gate_mask | place.inside_mask
    if not row.hostile_mask & present or not row.friend_mask & present:
        return 0.0
    foe = 0.0
    for other in range(forces.shape[1]):
        if (row.hostile_mask & present) >> other & 1:
            foe += forces[i, other].gate_power + forces[i, other].power
    return foe


@step
def rear_pull(row, side, i, places, forces, ways):
    """How much a place behind the enemy's front draws deep strikes: his power next to one's own ground."""
    if not (row.hostile_mask >> places[i].control) & 1:
        return 0.0
    for n in range(places[i].first_neighbour, places[i].last_neighbour):
        if places[ways[n].place].control == side:
            return 100.0 + forces[i, places[i].control].power
    return 0.0


@step
def is_base_held(world, wing, p):
    """Whether a wing's airfield is still its side's; aircraft move to another airfield, or are lost on the ground."""
    row = world.sides[wing.side]
    if is_friendly(row, world.places[wing.airfield].control):
        return True
    for i in range(len(world.places)):
        place = world.places[i]
        if place.airfield == 1 and place.control == wing.side and not place.gate_mask & row.hostile_mask:
            wing.airfield = i
            wing.lost += p.base_lost * wing.aircraft
            wing.aircraft *= 1.0 - p.base_lost
            return True
    wing.lost += wing.aircraft
    wing.aircraft = 0.0
    return False


@step
def strike(world, atlas, side, i, strikes, p):
    """Strikes on one place, and the roads before it that they make dangerous for the enemy's columns."""
    places = world.places
    world.forces[i, side].strikes += strikes
    places[i].struck += strikes
    for n in range(places[i].first_neighbour, places[i].last_neighbour):
        if (world.sides[side].hostile_mask >> places[atlas.neighbours[n].place].control) & 1:
            road = world.roads[atlas.neighbours[n].road]
            road.interdiction = min(p.air.interdiction_most, road.interdiction + p.air.interdiction * strikes)


@step
def has_target(world, wing):
    """Whether a wing is ordered to strike a place that hostile forces hold, stand in or stand before."""
    if wing.mission != STRIKE:
        return False
    place = world.places[wing.target]
    return is_hostile(world.sides[wing.side], 1 << place.control | place.inside_mask | place.gate_mask)


@step
def fly(world, atlas, side, p):
    """All wings of a side fly; returns their strikes this tick that have no target yet, weighted by quality."""
    strikes = 0.0
    for w in range(len(world.wings)):
        wing = world.wings[w]
        if wing.side != side or wing.aircraft <= 0.0 or not is_base_held(world, wing, p.air):
            continue
        if wing.mission == STAND_DOWN:
            continue
        commitment = 1.0
        if wing.backing >= 0:
            commitment = world.backings[wing.backing].weight
        mean = sorties_flown(wing, commitment, world.campaign[0].weather, p.clock.tick_days, p.air)
        if world.sides[side].hostile_mask & world.places[wing.airfield].gate_mask:
            mean *= p.air.base_threatened
        sorties = draws.poisson_quantile(world.draw_buffer[w].first, mean)
        wing.flown += sorties
        flown = sorties * wing.strikes * wing.quality
        if has_target(world, wing):
            strike(world, atlas, side, wing.target, flown, p)
        else:
            strikes += flown
    return strikes


@step
def share_out(world, atlas, side, strikes, p):
    """A side's strikes go to the places where its forces are pressed, and to those just behind the enemy's front."""
    row, places, forces, targets = world.sides[side], world.places, world.forces, world.air_targets
    count = 0
    front = 0.0
    rear = 0.0
    for i in range(len(places)):
        near = pull(row, places[i], forces, i)
        far = rear_pull(row, side, i, places, forces, atlas.neighbours)
        if near > 0.0 or far > 0.0:
            targets[count].place = i
            targets[count].near = near
            targets[count].far = far
            count += 1
            front += near
            rear += far
    deep = strikes * (p.air.deep_share if front > 0.0 else 1.0) if rear > 0.0 else 0.0
    close = strikes - deep if front > 0.0 else 0.0
    for n in range(count):
        here = 0.0
        if targets[n].near > 0.0:
            here += close * targets[n].near / front
        if targets[n].far > 0.0:
            here += deep * targets[n].far / rear
        if here > 0.0:
            strike(world, atlas, side, targets[n].place, here, p)


@rule
def air(world, atlas, p):
    """The wings of each side fly, and their strikes are shared out."""
    campaign = world.campaign[0]
    today = int(campaign.tick * p.clock.tick_days)
    u = draws.uniform(campaign.seed, campaign.replicate, today, purposes.WEATHER, 0, 0)
    campaign.weather = p.air.worst_weather + (1.0 - p.air.worst_weather) * u
    for road in world.roads:
        road.interdiction = 0.0
    for i in range(len(world.places)):
        if world.places[i].struck > 0.0:
            world.places[i].struck = 0.0
            for side in range(len(world.sides)):
                world.forces[i, side].strikes = 0.0
    if campaign.ceasefire > 0.0:
        return
    clear_draws(world)
    for w in range(len(world.wings)):
        request_draw(world, w, world.wings[w].stream, 0.0)
    draw_for_all(world, purposes.SORTIES)
    for side in range(len(world.sides)):
        if world.sides[side].wings > 0:
            strikes = fly(world, atlas, side, p)
            if strikes > 0.0:
                share_out(world, atlas, side, strikes, p)
