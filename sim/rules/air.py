"""Air: wings fly what sponsor, readiness and weather allow, and strike where their side is pressed."""

from __future__ import annotations

from dataclasses import dataclass

from sim.bookkeeping.clock import is_ceasefire, today
from sim.bookkeeping.draws import draw, draw_at
from sim.bookkeeping.presence import (
    clear_strikes,
    has_enemies_at_gates,
    has_friends_present,
    hostile_power_at,
    is_contested,
    note_strikes,
)
from sim.bookkeeping.relations import is_friendly, is_hostile
from sim.bookkeeping.rosters import neighbours_of
from sim.kernel import random as draws
from sim.kernel.compile import rule
from sim.rules import purposes
from sim.scenario.parameters import Parameters, parameter
from sim.world.tables import NONE, STAND_DOWN, STRIKE


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
        0.005,
        "share per strike/day",
        "of march speed lost on each road next to a place struck",
        bounds=(0, 1),
        basis="assumed",
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


@rule
def sorties_flown(wing, commitment, weather, dt, p):
    """Sorties that a wing is expected to fly: aircraft, rate, readiness, weather, and the sponsor's commitment."""
    given = min(1.0, commitment / p.commitment_full)
    return p.flying * wing.aircraft * wing.sorties * wing.readiness * weather * given * dt


@rule
def has_base(world, wing, p):
    """Whether a wing's airfield is still friendly. Its aircraft move to another one, or are lost on the ground."""
    if is_friendly(world, wing.side, world.places[wing.airfield].control):
        return True
    for here in range(len(world.places)):
        place = world.places[here]
        if place.airfield == 1 and place.control == wing.side and not has_enemies_at_gates(world, here, wing.side):
            wing.airfield = here
            wing.lost += p.base_lost * wing.aircraft
            wing.aircraft *= 1.0 - p.base_lost
            return True
    wing.lost += wing.aircraft
    wing.aircraft = 0.0
    return False


@rule
def strike(world, atlas, side, here, strikes, p, dt):
    """Strikes on one place. On the roads to the enemy's next places they slow his columns, by strikes a day."""
    note_strikes(world, here, side, strikes)
    slowed = p.interdiction * (strikes * (1.0 / dt))
    for n in neighbours_of(world, here):
        next_one = atlas.neighbours[n]
        if is_hostile(world, side, world.places[next_one.place].control):
            road = world.roads[next_one.road]
            road.interdiction = min(p.interdiction_most, road.interdiction + slowed)


@rule
def has_target(world, wing):
    """Whether a wing is ordered to strike a place that enemies hold, or in or before which they stand."""
    if wing.mission != STRIKE:
        return False
    holder = world.places[wing.target].control
    return is_hostile(world, wing.side, holder) or is_contested(world, wing.target, wing.side)


@rule
def fly(world, wing, p, dt):
    """A wing flies; returns its strikes, weighted by quality."""
    commitment = world.backings[wing.backing].weight if wing.backing != NONE else 1.0
    mean = sorties_flown(wing, commitment, world.campaign[0].weather, dt, p)
    if has_enemies_at_gates(world, wing.airfield, wing.side):
        mean *= p.base_threatened
    sorties = draws.poisson_quantile(draw(world, purposes.SORTIES, wing.stream), mean)
    wing.flown += sorties
    return sorties * wing.strikes * wing.quality


@rule
def near_pull(world, here, side):
    """How much a place draws a side's aircraft: the enemy's power where friends fight."""
    if not (is_contested(world, here, side) and has_friends_present(world, here, side)):
        return 0.0
    return hostile_power_at(world, here, side)


@rule
def rear_pull(world, atlas, here, side):
    """How much a place behind the enemy's front draws deep strikes: its holder's power next to own ground."""
    holder = world.places[here].control
    if is_hostile(world, side, holder):
        for n in neighbours_of(world, here):
            if world.places[atlas.neighbours[n].place].control == side:
                return 100.0 + world.forces[here, holder].power
    return 0.0


@rule
def share_strikes(world, atlas, side, strikes, p, dt):
    """A side's strikes are shared out over the places where it is pressed and those behind the enemy's front."""
    front = 0.0
    rear = 0.0
    for here in range(len(world.places)):
        front += near_pull(world, here, side)
        rear += rear_pull(world, atlas, here, side)
    deep = 0.0
    if rear > 0.0:
        deep = strikes * (p.deep_share if front > 0.0 else 1.0)
    for here in range(len(world.places)):
        strikes_here = 0.0
        if front > 0.0:
            strikes_here += (strikes - deep) * near_pull(world, here, side) / front
        if rear > 0.0:
            strikes_here += deep * rear_pull(world, atlas, here, side) / rear
        if strikes_here > 0.0:
            strike(world, atlas, side, here, strikes_here, p, dt)


@rule
def fly_all(world, atlas, side, p, dt):
    """The wings of a side strike what they are ordered to; the others' strikes are shared out."""
    strikes = 0.0
    for wing in world.wings:
        if wing.side == side and wing.aircraft > 0.0 and has_base(world, wing, p) and wing.mission != STAND_DOWN:
            flown = fly(world, wing, p, dt)
            if has_target(world, wing):
                strike(world, atlas, side, wing.target, flown, p, dt)
            else:
                strikes += flown
    if strikes > 0.0:
        share_strikes(world, atlas, side, strikes, p, dt)


@rule
def air(world, atlas, rules):
    """The wings of each side fly, and strike."""
    p, dt = rules.air, rules.clock.tick_days
    u = draw_at(world, int(today(world, dt)), purposes.WEATHER, 0, 0)
    world.campaign[0].weather = p.worst_weather + (1.0 - p.worst_weather) * u
    clear_strikes(world)
    for road in world.roads:
        road.interdiction = 0.0
    if is_ceasefire(world):
        return
    for side in range(len(world.sides)):
        if world.sides[side].wings > 0:
            fly_all(world, atlas, side, p, dt)
