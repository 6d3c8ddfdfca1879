"""Civilians: flight from fighting along the roads to safer places, and harm from combat and from the air."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sim.bookkeeping.clock import days_since_taken, was_taken
from sim.bookkeeping.draws import draw
from sim.bookkeeping.presence import is_contested
from sim.bookkeeping.rosters import neighbours_of
from sim.kernel import random as draws
from sim.kernel.compile import formula, rule
from sim.kernel.maths import power
from sim.kernel.random import chance_within
from sim.rules import purposes
from sim.rules.perception import fresh_threat
from sim.scenario.parameters import Parameters, parameter


@dataclass(frozen=True)
class CiviliansParameters(Parameters):
    """How many leave, and how many die."""

    flight_fighting: float = parameter(
        0.02,
        "1/day",
        "of the people who leave a place with fighting in it",
        bounds=(0, 2),
        basis="assumed; article SF26, SF32",
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
    flight_delay: float = parameter(
        0,
        "days",
        "time constant with which flight follows what drives people away, and ends after it; 0: at once",
        bounds=(0, 30),
        basis="assumed: off",
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
        0.06,
        "people",
        "civilians killed per strike, on a place of 100,000",
        bounds=(0, 10),
        basis="assumed; direction from article SF27",
    )
    crowding: float = parameter(0.25, "1", "exponent of population in both", bounds=(0, 1), basis="assumed")


@rule
def is_safe(world, here):
    """Whether nobody fights in or before a place."""
    place = world.places[here]
    return place.casualties <= 0.0 and not is_contested(world, here, place.control)


@rule
def cause_of_flight(world, here, rules):
    """Share of its people per day whom what happens in a place, or comes near, drives away."""
    p, place = rules.civilians, world.places[here]
    if place.casualties > 0.0:
        return p.flight_fighting
    if was_taken(place) and days_since_taken(world, place, rules.clock.tick_days) < p.fear_days:
        welcome = max(0.0, world.side_view[place.control, here].affinity)
        return p.flight_taken * (1.0 - 0.5 * welcome)
    if fresh_threat(world, place.control, here, rules.perception) > 0.0:
        return p.flight_near
    return 0.0


@rule
def flight_in_tick(place, cause, followed, p, dt):
    """Share of the people of a place who would leave in a tick, if all could; flight follows its cause with a delay.

    `followed`: the share of the gap between cause and flight that a tick closes.
    """
    if p.flight_delay <= 0.0:
        return cause * dt
    gap = cause - place.flight
    place.flight += gap * followed
    return cause * dt - gap * followed * p.flight_delay


@rule
def pull(world, atlas, n):
    """How much a next place draws those who flee: the more, the larger and nearer it is (gravity)."""
    next_one = atlas.neighbours[n]
    if not is_safe(world, next_one.place):
        return 0.0
    return (1000.0 + world.places[next_one.place].population) / world.roads[next_one.road].km


@rule
def flee(world, atlas, here, share, p):
    """People leave a place for the safe ones of the next places."""
    place = world.places[here]
    able = min(place.population * (1.0 - p.stay), place.population - place.civilian_dead) - place.displaced
    pulls = 0.0
    for n in neighbours_of(world, here):
        pulls += pull(world, atlas, n)
    if able <= 0.0 or pulls <= 0.0:
        return
    going = able * share
    place.displaced += going
    per_pull = going / pulls
    for n in neighbours_of(world, here):
        world.places[atlas.neighbours[n].place].sheltered += per_pull * pull(world, atlas, n)


@formula
def crowding(population, exponent):
    """Factor for how crowded a place is, against one of 100,000 people."""
    return power((1000.0 + population) / 100_000.0, exponent)


@rule
def suffer(world, place, p):
    """Civilians die in the fighting of a place and under the strikes on it."""
    mean = p.per_casualty * place.casualties + p.per_strike * place.struck
    if mean > 0.0:
        u = draw(world, purposes.CIVILIANS, place.stream)
        there = math.floor(place.population - place.displaced - place.civilian_dead)
        place.civilian_dead += min(max(0.0, there), draws.poisson_quantile(u, mean * place.crowding))


@rule
def civilians(world, atlas, rules):
    """Flight and harm, place by place: from fighting, from a change of hands, and from enemies nearby."""
    p, dt = rules.civilians, rules.clock.tick_days
    followed = chance_within(dt / p.flight_delay) if p.flight_delay > 0.0 else 1.0
    for here in range(len(world.places)):
        leaving = flight_in_tick(world.places[here], cause_of_flight(world, here, rules), followed, p, dt)
        if leaving > 0.0 and p.stay < 1.0:
            flee(world, atlas, here, chance_within(leaving / (1.0 - p.stay)), p)
        suffer(world, world.places[here], p)
