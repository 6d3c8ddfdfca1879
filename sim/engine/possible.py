"""What is possible: whether an order can be carried out now, or the first reason why not, as a code.

It is said here once, for orders by number (`sim.engine.seats`) and for single ones (`sim.session.checks`, which has
the words for each code). Only what the side itself knows decides: its own formations, who holds which place, which
roads are cut. Python passes lists where the compiled code passes columns of tables.
"""

from __future__ import annotations

from sim.kernel.compile import formula, rule
from sim.world.layout import ROUTE_SLOTS
from sim.world.tables import ACTIVE, ACTIVE_POSTURE, MARCH, ORDERED, UNTIL_ARRIVAL

TO_HOLD, TO_WITHDRAW, TO_RELEASE, TO_MARCH, TO_ATTACK, TO_RESERVE = range(6)
"""What a formation is ordered. A reserve marches to a place of friends, or stays there."""
TO_STAND_DOWN, TO_FLY_AS_NEEDED, TO_STRIKE = range(3)
"""What an air wing is ordered."""

(
    POSSIBLE,
    SIDE_COLLAPSED,
    SIDE_INACTIVE,
    NO_AIRCRAFT,
    NOT_ACTIVE,
    BOUND,
    AT_REAR_BASE,
    CUT_OFF,
    IMMOBILE,
    NOT_READY,
    PASSIVE,
    CEASEFIRE,
    THROWN_BACK,
    NOT_REPORTED,
    NEUTRAL,
    NO_ROAD,
    NO_ENEMY,
    NO_FRIEND,
    PASSIVE_THERE,
    IS_THERE,
    NO_ROUTE,
) = range(21)
"""Why an order is refused."""


@rule
def refusal_of_side(side):
    """Why a side (a row) takes no orders."""
    if side.collapsed != 0:
        return SIDE_COLLAPSED
    return POSSIBLE if side.posture == ACTIVE_POSTURE else SIDE_INACTIVE


@rule
def refusal_of_wing(side, wing):
    """Why an air wing takes no orders."""
    refusal = refusal_of_side(side)
    return NO_AIRCRAFT if refusal == POSSIBLE and wing.aircraft <= 0 else refusal


@formula
def refusal_to_strike(hostile, report):
    """Why a place is not struck: by whether enemies hold it, and the power of the enemy that is reported there."""
    return POSSIBLE if hostile or report >= 1.0 else NOT_REPORTED


@rule
def refusal_of_unit(world, unit, order):
    """Why a formation does not take an order, wherever it leads."""
    refusal = refusal_of_side(world.sides[unit.side])
    if refusal == POSSIBLE and unit.status != ACTIVE:
        refusal = NOT_ACTIVE
    elif refusal == POSSIBLE and unit.bound == UNTIL_ARRIVAL:
        refusal = BOUND
    if refusal != POSSIBLE or order in (TO_HOLD, TO_RELEASE):
        return refusal
    if order == TO_WITHDRAW:
        return refusal_to_withdraw(world, unit)
    if unit.mobile != 1:
        return IMMOBILE
    if unit.readiness < world.settings[0].command.ready_to_march:
        return NOT_READY
    return refusal_to_attack(world.campaign[0], unit) if order == TO_ATTACK else POSSIBLE


@rule
def refusal_to_withdraw(world, unit):
    """Why a formation cannot withdraw: no line of communication leads away from where it is."""
    if unit.road < 0:
        back = world.side_view[unit.side, unit.place].way_home
        if back == unit.place:
            return AT_REAR_BASE
        return CUT_OFF if back < 0 else POSSIBLE
    # A formation that has turned round heads for the place that it came from.
    road = world.roads[unit.road]
    open_end = world.side_view[unit.side, road.a].way_home >= 0 or world.side_view[unit.side, road.b].way_home >= 0
    return POSSIBLE if open_end else CUT_OFF


@rule
def refusal_to_attack(campaign, unit):
    """Why a formation that can march does not attack."""
    if unit.passive != 0:
        return PASSIVE
    if campaign.ceasefire > 0.0:
        return CEASEFIRE
    return THROWN_BACK if unit.pause > 0.0 else POSSIBLE


@formula
def refusal_of_place(order, passive, is_there, friendly, hostile, reached, has_route):
    """Why a formation that takes an order cannot be sent to a place."""
    if not friendly and not hostile:
        return NEUTRAL
    if not reached:
        return NO_ROAD
    if order == TO_ATTACK and not hostile:
        return NO_ENEMY
    if order == TO_RESERVE and not friendly:
        return NO_FRIEND
    if passive and not friendly:
        return PASSIVE_THERE
    if order == TO_MARCH and is_there:
        return IS_THERE
    return POSSIBLE if has_route else NO_ROUTE


@rule
def note_holders(control, friends, enemies, friendly, hostile):
    """Mark the places that friends of a side hold (or it itself), and those that enemies do, by bit masks of both."""
    for here in range(len(friendly)):
        friendly[here] = (friends >> control[here]) & 1 != 0
        hostile[here] = (enemies >> control[here]) & 1 != 0


@rule
def find_ways(first, last, neighbours, roads, cut, friendly, hostile, start, reached, waiting):
    """Mark the places that roads lead to from one: roads that are not cut, round neutral ground.

    The ways from a place lie from `first` to `last` in `neighbours` and `roads`; `waiting` is scratch.
    """
    for here in range(len(first)):
        reached[here] = False
    reached[start] = True
    waiting[0] = start
    count = 1
    while count > 0:
        count -= 1
        here = waiting[count]
        for way in range(first[here], last[here]):
            there = neighbours[way]
            if not reached[there] and cut[roads[way]] == 0 and (friendly[there] or hostile[there]):
                reached[there] = True
                waiting[count] = there
                count += 1


@rule
def note_routes(bound, task, target, first, last, row, has_route):
    """Mark the places to which the staff has a route left for a formation, besides those of the side's others.

    `first` to `last` are the formations of its side.
    """
    for here in range(len(has_route)):
        has_route[here] = False
    targets = 0
    for u in range(first, last):
        if u != row and bound[u] == ORDERED and task[u] == MARCH and not has_route[target[u]]:
            has_route[target[u]] = True
            targets += 1
    if targets < ROUTE_SLOTS:
        for here in range(len(has_route)):
            has_route[here] = True
