"""Seats: who chooses orders by number, in many campaigns that lie side by side, sits at one.

The numbers of a seat are, one after the other: no order; the stances of the staff; for each formation of the side hold,
withdraw, release, then march to each place and attack each place; for each air wing stand down, release, and strike
each place. What an order does is said here, for single orders too; what is possible is what `sim.session.checks` says
with its reasons, and a test compares both. A seat sees what its side knows (`sim.session.fog`), and nothing else.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from sim.bookkeeping.relations import is_friendly, is_hostile
from sim.kernel.compile import rule, step
from sim.kernel.random import uniform
from sim.rules import purposes
from sim.world.layout import ROUTE_SLOTS
from sim.world.tables import (
    ACTIVE,
    ACTIVE_POSTURE,
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
    UNTIL_ARRIVAL,
    WITHDRAW,
)

NOTHING, STANCE, FORMATION, WING = range(4)
"""To whom a number is an order."""
TO_HOLD, TO_WITHDRAW, TO_RELEASE, TO_MARCH, TO_ATTACK = range(5)
"""What it orders a formation."""
TO_STAND_DOWN, TO_FLY_AS_NEEDED, TO_STRIKE = range(3)
"""What it orders an air wing."""
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
    first_unit: Any  # [seat + 1] where its formations begin in `units`; likewise the others
    units: Any  # rows of formations
    first_wing: Any
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
    reached: Any  # [place, place] scratch: which places can be reached from one; likewise the others
    known: Any  # [place] whether that has been found out
    waiting: Any  # [place]
    marches: Any  # [place] formations of the side under orders to march there


@rule
def friends_hold(world, side, here):
    """Whether a friend of the side, or it itself, holds a place."""
    return is_friendly(world, side, world.places[here].control)


@rule
def enemies_hold(world, side, here):
    """Whether an enemy of the side holds a place."""
    return is_hostile(world, side, world.places[here].control)


# --- what is possible ------------------------------------------------------------------------------------------------


@step
def look_for_ways(world, atlas, seats, side, start):
    """Find the places that roads lead to from one, if that is not known yet: roads that are not cut, round neutrals."""
    if seats.known[start] == 0:
        seats.known[start] = 1
        for here in range(len(world.places)):
            seats.reached[start, here] = 0
        seats.reached[start, start] = 1
        seats.waiting[0] = start
        last = 1
        while last > 0:
            last -= 1
            place = world.places[seats.waiting[last]]
            for way in range(place.first_neighbour, place.last_neighbour):
                there = atlas.neighbours[way].place
                if (
                    seats.reached[start, there] == 0
                    and world.roads[atlas.neighbours[way].road].cut == 0
                    and (friends_hold(world, side, there) or enemies_hold(world, side, there))
                ):
                    seats.reached[start, there] = 1
                    seats.waiting[last] = there
                    last += 1


@step
def count_marches(world, seats, s):
    """Which places formations under orders march to, and how many places these are."""
    for here in range(len(world.places)):
        seats.marches[here] = 0
    targets = 0
    for u in range(seats.first_unit[s], seats.first_unit[s + 1]):
        unit = world.units[seats.units[u]]
        if unit.bound == ORDERED and unit.task == MARCH:
            if seats.marches[unit.target] == 0:
                targets += 1
            seats.marches[unit.target] += 1
    return targets


@rule
def has_route(seats, unit, targets, there):
    """Whether the staff has a route left to a place for a formation, besides those of the others."""
    own = 1 if unit.bound == ORDERED and unit.task == MARCH else 0
    alone = own == 1 and seats.marches[unit.target] == 1
    others_go_there = seats.marches[there] - (1 if own == 1 and unit.target == there else 0) > 0
    return targets - (1 if alone else 0) < ROUTE_SLOTS or others_go_there


@rule
def has_way_back(world, side, unit):
    """Whether a line of communication leads away from where a formation is."""
    if unit.road < 0:
        back = world.side_view[side, unit.place].way_home
        return back >= 0 and back != unit.place
    # A formation that has turned round heads for the place that it came from.
    road = world.roads[unit.road]
    return world.side_view[side, road.a].way_home >= 0 or world.side_view[side, road.b].way_home >= 0


@step
def note_possible_of_unit(world, atlas, seats, k, at, side, plans, unit, targets):
    """The mask of one formation's orders, which begin at a number."""
    places = len(world.places)
    obeys = plans and unit.status == ACTIVE and unit.bound != UNTIL_ARRIVAL
    moves = obeys and unit.mobile == 1 and unit.readiness >= world.settings[0].command.ready_to_march
    attacks = moves and unit.passive == 0 and unit.pause <= 0.0 and world.campaign[0].ceasefire <= 0.0
    inside = unit.road < 0
    seats.mask[k, at + TO_HOLD] = obeys
    seats.mask[k, at + TO_WITHDRAW] = obeys and has_way_back(world, side, unit)
    seats.mask[k, at + TO_RELEASE] = obeys
    at += TO_MARCH
    for there in range(2 * places):
        seats.mask[k, at + there] = False
    if moves:
        other = unit.place if inside else unit.heading
        look_for_ways(world, atlas, seats, side, unit.place)
        look_for_ways(world, atlas, seats, side, other)
        for there in range(places):
            hostile = enemies_hold(world, side, there)
            if (
                (hostile or friends_hold(world, side, there))
                and (seats.reached[unit.place, there] == 1 or seats.reached[other, there] == 1)
                and has_route(seats, unit, targets, there)
            ):
                stays = inside and there == unit.place
                seats.mask[k, at + there] = not stays and (unit.passive == 0 or friends_hold(world, side, there))
                seats.mask[k, at + places + there] = attacks and hostile


@step
def note_possible(world, atlas, seats, k, s):
    """The mask of a seat in campaign k."""
    side, places = seats.side[s], len(world.places)
    plans = world.sides[side].collapsed == 0 and world.sides[side].posture == ACTIVE_POSTURE
    at = seats.first_number[s]
    seats.mask[k, at] = True
    at += 1
    for _ in range(len(seats.drives)):
        seats.mask[k, at] = plans
        at += 1
    for here in range(places):
        seats.known[here] = 0
    targets = count_marches(world, seats, s)
    for u in range(seats.first_unit[s], seats.first_unit[s + 1]):
        note_possible_of_unit(world, atlas, seats, k, at, side, plans, world.units[seats.units[u]], targets)
        at += TO_MARCH + 2 * places
    for w in range(seats.first_wing[s], seats.first_wing[s + 1]):
        flies = plans and world.wings[seats.wings[w]].aircraft > 0
        seats.mask[k, at + TO_STAND_DOWN] = flies
        seats.mask[k, at + TO_FLY_AS_NEEDED] = flies
        at += TO_STRIKE
        for there in range(places):
            known = enemies_hold(world, side, there) or world.side_view[side, there].report >= 1.0
            seats.mask[k, at + there] = flies and known
        at += places


# --- what is seen ----------------------------------------------------------------------------------------------------


@step
def note_seen(world, seats, k, s):
    """What a seat sees of campaign k."""
    side, places, now, seen = seats.side[s], len(world.places), world.campaign[0], seats.seen
    at = seats.first_seen[s]
    seen[k, at] = now.tick / seats.last_tick[0]
    seen[k, at + 1] = world.sides[side].will
    seen[k, at + 2] = 1.0 if now.ceasefire > 0 else 0.0
    at += A_SIDE
    for u in range(seats.first_unit[s], seats.first_unit[s + 1]):
        i = seats.units[u]
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
        seen[k, at] = 1.0 if friends_hold(world, side, here) else 0.0
        seen[k, at + 1] = 1.0 if enemies_hold(world, side, here) else 0.0
        seen[k, at + 2] = 0.0 if never else math.log1p(told.report / LARGE_POWER)
        seen[k, at + 3] = 1.0 if never else min((now.tick - told.reported_on) * tick_days, OLD_DAYS) / OLD_DAYS
        seen[k, at + 4] = 1.0 if never else 0.0
        at += A_PLACE


@step
def look(world, atlas, seats, k):
    """What is possible and seen at each seat in campaign k."""
    for s in range(len(seats.side)):
        note_possible(world, atlas, seats, k, s)
        note_seen(world, seats, k, s)


# --- what an order does ----------------------------------------------------------------------------------------------


@step
def order_unit(world, seats, s, unit, order, target):
    """A formation gets an order; so does its side's staff, which goes on commanding the others."""
    side = seats.side[s]
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
        for u in range(seats.first_unit[s], seats.first_unit[s + 1]):
            if world.units[seats.units[u]].bound == ORDERED:
                staff.commander = SHARED


@step
def order_wing(wing, order, target):
    """An air wing gets an order."""
    wing.mission = STAND_DOWN if order == TO_STAND_DOWN else STRIKE if order == TO_STRIKE else AS_NEEDED
    wing.target = target


@step
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


@step
def give_one(world, seats, k, s, number):
    """One order, by number; returns whether it was one, and possible."""
    number += seats.first_number[s]
    kind = seats.kind[number] if seats.mask[k, number] else NOTHING
    if kind == STANCE:
        world.sides[seats.side[s]].drive = seats.drives[seats.task[number]]
    elif kind == WING:
        order_wing(world.wings[seats.who[number]], seats.task[number], seats.target[number])
    elif kind == FORMATION:
        order_unit(world, seats, s, world.units[seats.who[number]], seats.task[number], seats.target[number])
    return kind != NOTHING


@step
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
