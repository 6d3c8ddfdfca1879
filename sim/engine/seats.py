"""Seats: who chooses orders by number, in many campaigns that lie side by side, sits at one.

The numbers of a seat are, one after the other: no order; the stances of the staff; for each formation of the side hold,
withdraw, release, then march to each place and attack each place; for each air wing stand down, release, and strike
each place. What an order does is said here, for single orders too; what is possible, in `sim.engine.possible`. A seat
sees what its side knows (`sim.session.fog`), and nothing else.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from sim.bookkeeping.relations import is_friendly, is_hostile
from sim.bookkeeping.rosters import formations_of
from sim.engine.possible import (
    POSSIBLE,
    TO_ATTACK,
    TO_FLY_AS_NEEDED,
    TO_HOLD,
    TO_MARCH,
    TO_RELEASE,
    TO_STAND_DOWN,
    TO_STRIKE,
    TO_WITHDRAW,
    find_ways,
    note_holders,
    note_routes,
    refusal_of_place,
    refusal_of_side,
    refusal_of_unit,
    refusal_of_wing,
    refusal_to_strike,
)
from sim.kernel.compile import rule
from sim.kernel.random import uniform
from sim.rules import purposes
from sim.world.layout import ROUTE_SLOTS
from sim.world.tables import (
    ACTIVE,
    AS_NEEDED,
    AWAY,
    DOCTRINE,
    FREE,
    HOLD,
    MARCH,
    NONE,
    ORDERED,
    OUTSIDE,
    SHARED,
    STAND_DOWN,
    STRIKE,
    WITHDRAW,
)

NOTHING, STANCE, FORMATION, WING = range(4)
"""To whom a number is an order."""
AT_RANDOM = -1
"""Chosen for a seat: any of the orders that are possible."""

OF_SIDE = ("time gone", "will", "ceasefire")
OF_UNIT = ("active", "strength", "morale", "readiness", "supply", "on a road", "way left", "in contact", "ordered")
OF_PLACE = ("own", "hostile", "report", "age of report", "never seen")
"""What is observed of the side, of each of its formations (then of each place whether it is there), of each place."""
A_SIDE, A_UNIT, A_PLACE = len(OF_SIDE), len(OF_UNIT), len(OF_PLACE)
SUPPLY_DAYS, LARGE_POWER, OLD_DAYS = 5.0, 1000.0, 10.0
"""What supply, a reported power and the age of a report are compared with."""


class Seats(NamedTuple):
    """All seats, what has been chosen at them, and what is possible and seen there."""

    side: Any  # [seat] row of its side
    first_wing: Any  # [seat + 1] where its air wings begin in `wings`; likewise the others
    wings: Any  # rows of air wings
    first_number: Any
    kind: Any  # [number] code
    who: Any  # [number] row of the formation or wing
    task: Any  # [number] code, or number of the stance
    target: Any  # [number] place or -1
    first_seen: Any
    drives: Any  # [stance] factor
    strength: Any  # [formation] of the scenario file
    road_km: Any  # [road] of the scenario file
    last_tick: Any  # [1] of the scenario
    chosen: Any  # [campaign, seat, order] number, or AT_RANDOM; 0: none
    given: Any  # [campaign, seat, order] whether it was an order, and possible
    mask: Any  # [campaign, number] whether it is possible
    seen: Any  # [campaign, what is observed]
    reached: Any  # [place, place] scratch: whether a place can be reached from one
    known: Any  # [place] whether that has been found out; likewise the others
    waiting: Any
    friendly: Any  # whether a friend of the side holds a place, or it itself
    hostile: Any
    has_route: Any  # whether the staff has a route to a place left


# --- what is possible ------------------------------------------------------------------------------------------------


@rule
def look_for_ways(world, atlas, seats, start):
    """Find the places that roads lead to from one, if that is not known yet."""
    if not seats.known[start]:
        seats.known[start] = True
        find_ways(
            world.places.first_neighbour, world.places.last_neighbour, atlas.neighbours.place, atlas.neighbours.road,
            world.roads.cut, seats.friendly, seats.hostile, start, seats.reached[start], seats.waiting,
        )  # fmt: skip


@rule
def note_possible_of_unit(world, atlas, seats, k, at, side, u):
    """The mask of one formation's orders, which begin at a number."""
    places, units, unit = len(world.places), world.units, world.units[u]
    for order in range(TO_MARCH):
        seats.mask[k, at + order] = refusal_of_unit(world, unit, order) == POSSIBLE
    at += TO_MARCH
    for there in range(2 * places):
        seats.mask[k, at + there] = False
    if refusal_of_unit(world, unit, TO_MARCH) == POSSIBLE:
        attacks = refusal_of_unit(world, unit, TO_ATTACK) == POSSIBLE
        passive, inside = unit.passive == 1, unit.road < 0
        other = unit.place if inside else unit.heading
        look_for_ways(world, atlas, seats, unit.place)
        look_for_ways(world, atlas, seats, other)
        first, last = world.sides[side].first_unit, world.sides[side].last_unit
        note_routes(units.bound, units.task, units.target, first, last, u, seats.has_route)
        for there in range(places):
            is_there = inside and there == unit.place
            friendly, hostile, has_route = seats.friendly[there], seats.hostile[there], seats.has_route[there]
            reached = seats.reached[unit.place, there] or seats.reached[other, there]
            for order in range(TO_MARCH, TO_ATTACK + 1):
                if order == TO_MARCH or attacks:
                    refusal = refusal_of_place(order, passive, is_there, friendly, hostile, reached, has_route)
                    seats.mask[k, at + (order - TO_MARCH) * places + there] = refusal == POSSIBLE


@rule
def note_possible(world, atlas, seats, k, s):
    """The mask of a seat in campaign k."""
    side, places = seats.side[s], len(world.places)
    at = seats.first_number[s]
    seats.mask[k, at] = True
    at += 1
    for _ in range(len(seats.drives)):
        seats.mask[k, at] = refusal_of_side(world.sides[side]) == POSSIBLE
        at += 1
    row = world.relations[side]
    note_holders(world.places.control, row.friend_mask, row.hostile_mask, seats.friendly, seats.hostile)
    for here in range(places):
        seats.known[here] = False
    for u in formations_of(world, side):
        note_possible_of_unit(world, atlas, seats, k, at, side, u)
        at += TO_MARCH + 2 * places
    for w in range(seats.first_wing[s], seats.first_wing[s + 1]):
        flies = refusal_of_wing(world.sides[side], world.wings[seats.wings[w]]) == POSSIBLE
        seats.mask[k, at + TO_STAND_DOWN] = flies
        seats.mask[k, at + TO_FLY_AS_NEEDED] = flies
        at += TO_STRIKE
        for there in range(places):
            refusal = refusal_to_strike(seats.hostile[there], world.side_view[side, there].report)
            seats.mask[k, at + there] = flies and refusal == POSSIBLE
        at += places


# --- what is seen ----------------------------------------------------------------------------------------------------


@rule
def note_seen(world, seats, k, s):
    """What a seat sees of campaign k."""
    side, places, now, seen = seats.side[s], len(world.places), world.campaign[0], seats.seen
    at = seats.first_seen[s]
    seen[k, at] = now.tick / seats.last_tick[0]
    seen[k, at + 1] = world.sides[side].will
    seen[k, at + 2] = 1.0 if now.ceasefire > 0 else 0.0
    at += A_SIDE
    for i in formations_of(world, side):
        unit = world.units[i]
        inside = unit.road < 0
        seen[k, at] = 1.0 if unit.status == ACTIVE else 0.0
        seen[k, at + 1] = unit.strength / seats.strength[i]
        seen[k, at + 2] = unit.morale
        seen[k, at + 3] = unit.readiness
        seen[k, at + 4] = unit.supply / SUPPLY_DAYS
        seen[k, at + 5] = 0.0 if inside else 1.0
        seen[k, at + 6] = 0.0 if inside else unit.km_left / seats.road_km[max(0, unit.road)]
        seen[k, at + 7] = 1.0 if unit.contact != AWAY else 0.0
        seen[k, at + 8] = 1.0 if unit.bound == ORDERED else 0.0
        at += A_UNIT
        where = unit.place if inside else unit.heading
        for here in range(places):
            seen[k, at + here] = 1.0 if here == where else 0.0
        at += places
    tick_days = world.settings[0].clock.tick_days
    for here in range(places):
        told = world.side_view[side, here]
        never = told.reported_on < 0
        seen[k, at] = 1.0 if is_friendly(world, side, world.places[here].control) else 0.0
        seen[k, at + 1] = 1.0 if is_hostile(world, side, world.places[here].control) else 0.0
        seen[k, at + 2] = 0.0 if never else math.log1p(told.report / LARGE_POWER)
        seen[k, at + 3] = 1.0 if never else min((now.tick - told.reported_on) * tick_days, OLD_DAYS) / OLD_DAYS
        seen[k, at + 4] = 1.0 if never else 0.0
        at += A_PLACE


@rule
def look(world, atlas, seats, k):
    """What is possible and seen at each seat in campaign k."""
    for s in range(len(seats.side)):
        note_possible(world, atlas, seats, k, s)
        note_seen(world, seats, k, s)


# --- what an order does ----------------------------------------------------------------------------------------------


@rule
def order_unit(world, side, unit, order, target):
    """A formation of a side gets an order; so does the side's staff, which goes on commanding the others."""
    inside = unit.road < 0
    here = unit.place if inside else unit.heading
    if order == TO_RELEASE:
        unit.bound = FREE
    else:
        unit.bound = ORDERED
        to = here if target == NONE else target
        task = HOLD if order == TO_HOLD else WITHDRAW if order == TO_WITHDRAW else MARCH
        if task == WITHDRAW and inside and unit.task != WITHDRAW and world.places[here].first_holder == side:
            world.places[here].garrison_left += unit.strength
        if task == MARCH and inside and to == here:
            task = HOLD
        unit.task = task
        unit.target = to
        unit.assault = 1 if order == TO_ATTACK else 0
    staff = world.sides[side]
    if staff.commander != OUTSIDE:
        staff.commander = DOCTRINE
        for u in formations_of(world, side):
            if world.units[u].bound == ORDERED:
                staff.commander = SHARED


@rule
def order_wing(wing, order, target):
    """An air wing gets an order."""
    wing.mission = STAND_DOWN if order == TO_STAND_DOWN else STRIKE if order == TO_STRIKE else AS_NEEDED
    wing.target = target


@rule
def choose_at_random(world, seats, k, s):
    """One of the numbers that are possible, each as likely as the others."""
    first, last = seats.first_number[s], seats.first_number[s + 1]
    possible = 0
    for number in range(first, last):
        if seats.mask[k, number]:
            possible += 1
    now = world.campaign[0]
    left = int(uniform(now.seed, now.replicate, now.tick, purposes.CHOICE, seats.side[s], 0) * possible)
    number = first
    while left > 0 or not seats.mask[k, number]:
        if seats.mask[k, number]:
            left -= 1
        number += 1
    return number - first


@rule
def give_one(world, seats, k, s, number):
    """One order, by number; returns whether it was one, and possible."""
    number += seats.first_number[s]
    kind = seats.kind[number] if seats.mask[k, number] else NOTHING
    if kind == STANCE:
        world.sides[seats.side[s]].drive = seats.drives[seats.task[number]]
    elif kind == WING:
        order_wing(world.wings[seats.who[number]], seats.task[number], seats.target[number])
    elif kind == FORMATION:
        order_unit(world, seats.side[s], world.units[seats.who[number]], seats.task[number], seats.target[number])
    return kind != NOTHING


@rule
def give(world, atlas, seats, k):
    """The orders that were chosen for campaign k, one after the other; those that are not possible are not given."""
    for s in range(len(seats.side)):
        before = False
        for j in range(seats.chosen.shape[2]):
            number = seats.chosen[k, s, j]
            seats.given[k, s, j] = False
            if number != 0:
                if before and len(world.places) > ROUTE_SLOTS:
                    # An order takes a route, which another may then lack.
                    note_possible(world, atlas, seats, k, s)
                if number == AT_RANDOM:
                    number = choose_at_random(world, seats, k, s)
                seats.given[k, s, j] = before = give_one(world, seats, k, s, number)
