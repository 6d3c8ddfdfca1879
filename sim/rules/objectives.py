"""Objectives: what places are worth to a side, and which of them its commands set out to take or to keep."""

from __future__ import annotations

import math

from sim.bookkeeping.clock import days_since_taken, is_ceasefire
from sim.bookkeeping.commanding import (
    add_objective,
    clear_objectives,
    enemy_places_behind_front,
    is_in_area,
    is_pursued,
    own_places,
)
from sim.bookkeeping.presence import is_on_front_of
from sim.bookkeeping.relations import is_hostile
from sim.bookkeeping.rosters import neighbours_of
from sim.kernel.compile import rule
from sim.kernel.maths import exp
from sim.rules.at_hand import force_within_reach
from sim.rules.perception import fresh_threat
from sim.world.layout import OBJECTIVE_SLOTS
from sim.world.tables import ATTACK, DEFEND

# --- before the first tick -------------------------------------------------------------------------------------------


@rule
def appeal(view, d):
    """Factor on the worth of a place whose people are against the side."""
    return 1.0 + d.community * min(0.0, view.affinity)


@rule
def survey(world):
    """What each place is worth to each side. Until now `worth` holds the factors of the side's aims."""
    for here in range(len(world.places)):
        place = world.places[here]
        roads = len(neighbours_of(world, here))
        for side in range(len(world.sides)):
            d = world.doctrines[side]
            worth = d.symbol * place.symbol + d.population * math.sqrt(place.population / 1e6)
            worth += d.junction * max(0, roads - 2) + d.airfield * place.airfield
            if place.stores_full > 0.0:
                worth += d.depot
            for other in world.sides:
                if other.capital == here:
                    worth += d.capital
            world.worth[side, here] *= worth * appeal(world.side_view[side, here], d)


# --- objectives ------------------------------------------------------------------------------------------------------


@rule
def measure_nearness(world, atlas, p):
    """How much what lies behind a place counts towards it.

    It is kept until a campaign with another distance is played in the same world.
    """
    nearness, count = world.look_ahead, len(world.places)
    if nearness[count, 0] == p.look_ahead_km:
        return
    nearness[count, 0] = p.look_ahead_km
    for here in range(count):
        for there in range(here + 1):
            nearness[here, there] = exp(-atlas.km[here, there] / p.look_ahead_km)
            nearness[there, here] = nearness[here, there]


@rule
def feared(world, side, here, rules):
    """Hostile power that the commander reckons with at a place: as reported there, or as heard of nearby."""
    heard = rules.command.hearsay * fresh_threat(world, side, here, rules.perception)
    return max(world.side_view[side, here].belief, heard)


@rule
def shielded(world, command, here):
    """The greatest worth in own hands that a place shields, in the plans of a command, itself among them."""
    worth, aims = world.worth[world.commands[command].side], world.aims[command]
    shields = 0.0
    for there in own_places(world):
        shields = max(shields, worth[there] * aims[there] * world.look_ahead[here, there])
    return shields


@rule
def weigh_attack(world, command, here, force, p, dt):
    """An attack: worth with what it opens, less where the force does not suffice, more where it was lost lately.

    A place that a command does not want (an aim below 1) is no way to others either. Returns its score and the power
    that it needs.
    """
    side = world.commands[command].side
    d, place, view = world.doctrines[side], world.places[here], world.side_view[side, here]
    worth, aims = world.worth[side], world.aims[command]
    opens = max(0.0, worth[here] * aims[here])
    for there in enemy_places_behind_front(world):
        opens = max(opens, worth[there] * aims[there] * world.look_ahead[here, there])
    need = p.least_need + d.wanted_ratio * view.belief * place.terrain * (1.0 + place.fortification)
    score = d.offence * opens * appeal(view, d) * min(1.0, aims[here])
    score *= min(1.0, math.sqrt(d.mass * force / need))
    score *= world.sides[side].drive
    if place.first_holder == side and days_since_taken(world, place, dt) <= p.recent_days:
        score *= d.counter_attack
    return score, need


@rule
def weigh_defence(world, command, here, rules):
    """A defence: worth with what it shields, the more the greater the threat. Returns its score and what it needs."""
    side = world.commands[command].side
    threat = feared(world, side, here, rules)
    score = world.doctrines[side].defence * shielded(world, command, here)
    score *= threat / (threat + world.forces[here, side].power)
    return score, threat / world.places[here].terrain


@rule
def choose_objectives(world, atlas, command, force, rules):
    """What to attack and what to defend: by worth, by what it opens or shields, and by what it would take."""
    side, dt = world.commands[command].side, rules.clock.tick_days
    d = world.doctrines[side]
    most = min(OBJECTIVE_SLOTS, max(1, int(d.objectives)))
    clear_objectives(world, command)
    for here in range(len(world.places)):
        if not is_in_area(world, command, here):
            continue
        holder = world.places[here].control
        score, need, least, purpose = 0.0, 0.0, 0.0, DEFEND
        if is_hostile(world, side, holder):
            if not is_ceasefire(world) and is_on_front_of(world, here, side):
                near = force_within_reach(world, atlas, command, here, force, rules.command)
                score, need = weigh_attack(world, command, here, near, rules.command, dt)
                least, purpose = d.least_worth, ATTACK
        elif holder == side and fresh_threat(world, side, here, rules.perception) > 0.0:
            score, need = weigh_defence(world, command, here, rules)
        if is_pursued(world, here):
            score *= d.hysteresis
        if score > 0.0 and score >= least:
            add_objective(world, command, most, here, purpose, score, need)
