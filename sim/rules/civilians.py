"""Civilians: flight from fighting along the roads to safer places, and harm from combat and from the air."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sim.bookkeeping.forces import is_hostile
from sim.kernel import random as draws
from sim.kernel.compile import formula, rule, step
from sim.kernel.maths import exp, power
from sim.rules import purposes
from sim.scenario.parameters import Parameters, parameter


@dataclass(frozen=True)
class CiviliansParameters(Parameters):
    """How many leave, and how many die."""

    flight_fighting: float = parameter(
        0.02,
        "1/day",
        "of the people who leave a place with fighting in it",
        bounds=(0, 2),
        basis="assumed; article SF32",
    )
    flight_near: float = parameter(
        0.006,
        "1/day",
        "of the people who leave when hostile forces are in the next place",
        bounds=(0, 2),
        basis="assumed",
    )
    flight_taken: float = parameter(
        0.015, "1/day", "of the people who leave in the days after a place is taken", bounds=(0, 2), basis="assumed"
    )
    fear_days: float = parameter(
        3, "days", "for which the taking of a place drives people away", bounds=(0.1, 30), basis="assumed"
    )
    stay: float = parameter(
        0.5, "share", "of the people who will not or cannot leave", bounds=(0, 1), basis="assumed; article SF33"
    )
    per_casualty: float = parameter(
        0.05,
        "people",
        "civilians killed per combatant hit, in a place of 100,000",
        bounds=(0, 5),
        basis="assumed; direction from reported RD08",
    )
    per_strike: float = parameter(
        0.06, "people", "civilians killed per strike, on a place of 100,000", bounds=(0, 10), basis="assumed"
    )
    crowding: float = parameter(0.25, "1", "exponent of population in both", bounds=(0, 1), basis="assumed")


@step
def is_safe(place, sides):
    """Whether nobody fights in or before a place."""
    return place.casualties <= 0.0 and not is_hostile(sides[place.control], place.inside_mask | place.gate_mask)


@rule
def flee(places, i, roads, refuge, ways, share, stay):
    """People leave a place and go to the safer of the next places, the larger and nearer the more (gravity)."""
    place = places[i]
    able = min(place.population * (1.0 - stay), place.population - place.civilian_dead) - place.displaced
    if able <= 0.0:
        return
    pull = 0.0
    for n in range(places[i].first_neighbour, places[i].last_neighbour):
        there = refuge[ways[n].place]
        there.pull = there.room / roads[ways[n].road].km
        pull += there.pull
    if pull <= 0.0:
        return
    going = able * share
    place.displaced += going
    per_pull = going / pull
    for n in range(places[i].first_neighbour, places[i].last_neighbour):
        places[ways[n].place].sheltered += per_pull * refuge[ways[n].place].pull


@formula
def crowding(population, exponent):
    """Factor for how crowded a place is, against one of 100,000 people."""
    return power((1000.0 + population) / 100_000.0, exponent)


@step
def suffer(place, campaign, p):
    """Civilians die in the fighting of a place and under the strikes on it."""
    mean = p.per_casualty * place.casualties + p.per_strike * place.struck
    if mean > 0.0:
        u = draws.uniform(campaign.seed, campaign.replicate, campaign.tick, purposes.CIVILIANS, place.stream, 0)
        there = math.floor(place.population - place.displaced - place.civilian_dead)
        place.civilian_dead += min(max(0.0, there), draws.poisson_quantile(u, mean * place.crowding))


@rule
def civilians(world, atlas, p):
    """Flight and harm, place by place: from fighting, from a change of hands, and from hostile forces nearby."""
    q = p.civilians
    places, sides = world.places, world.sides
    campaign = world.campaign[0]
    # Shares of those who are able to leave, in one tick.
    days = p.clock.tick_days / (1.0 - q.stay) if q.stay < 1.0 else 0.0
    fighting = 1.0 - exp(-q.flight_fighting * days)
    taken = 1.0 - exp(-q.flight_taken * days)
    near = 1.0 - exp(-q.flight_near * days)
    for i in range(len(places)):
        world.refuge[i].room = 1000.0 + places[i].population if is_safe(places[i], sides) else 0.0
    for i in range(len(places)):
        place = places[i]
        leaving = 0.0
        if place.casualties > 0.0:
            leaving = fighting
        elif place.taken_on >= 0 and (campaign.tick - place.taken_on) * p.clock.tick_days < q.fear_days:
            leaving = taken * (1.0 - 0.5 * max(0.0, world.side_view[place.control, i].affinity))
        elif world.threat[place.control, i] > 0.0:
            leaving = near
        if leaving > 0.0:
            flee(places, i, world.roads, world.refuge, atlas.neighbours, leaving, q.stay)
        if place.casualties > 0.0 or place.struck > 0.0:
            suffer(place, campaign, q)
