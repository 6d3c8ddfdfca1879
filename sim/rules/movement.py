"""Movement: formations follow their orders along the roads, and stop at the gate of a place the enemy holds."""

from __future__ import annotations

from dataclasses import dataclass

from sim.bookkeeping.forces import is_friendly, is_hostile, join_column
from sim.kernel.compile import rule, step
from sim.scenario.parameters import Parameters, parameter
from sim.world.tables import ACTIVE, FLANK, FREE, HOLD, MARCH, OPEN, UNTIL_ARRIVAL, WITHDRAW, WITHDRAWING


@dataclass(frozen=True)
class MovementParameters(Parameters):
    """How fast columns move."""

    march_hours: float = parameter(
        14,
        "h/day",
        "of marching in friendly country",
        bounds=(1, 24),
        basis="assumed; direction from article SF21 (convoys within a day)",
    )
    advance_share: float = parameter(
        0.2,
        "share",
        "of marching speed kept on an unopposed advance into enemy country",
        bounds=(0.01, 1),
        basis="reported RR04: 30-110 km/day",
    )
    low_supply: float = parameter(0.5, "share", "of speed kept without supply", bounds=(0, 1), basis="assumed")


@step
def march_speed(unit, road, p):
    """Kilometres a day on a road: kind, road class, supply and interdiction."""
    supply = p.low_supply + (1.0 - p.low_supply) * min(1.0, unit.supply)
    return unit.speed * p.march_hours * road.km / road.march_km * supply * (1.0 - road.interdiction)


@step
def room_ahead(units, road, row, at_km, direction, contact_km):
    """Kilometres until a column meets a hostile one on the same road, from where both stood as the phase began."""
    room = 1e9
    other = road.first_on_road
    while other >= 0:
        unit = units[other]
        if is_hostile(row, 1 << unit.side):
            gap = (unit.at_km - at_km) * direction
            if gap >= 0.0:
                room = min(room, gap * 0.5 if unit.bearing == -direction else gap - 0.5 * contact_km)
        other = unit.next_on_road
    return max(0.0, room)


@step
def may_enter(unit, row, place, ceasefire):
    """Whether a column may drive into a place: friendly, or hostile, undefended and to be taken now."""
    if is_hostile(row, place.inside_mask):
        return False
    takes = unit.passive == 0 and ceasefire <= 0.0
    return is_friendly(row, place.control) or (takes and is_hostile(row, 1 << place.control))


@rule
def next_place(unit, here, side_view, route, toward):
    """The place to which a formation's orders lead it from `here`; -1 if nowhere."""
    if unit.status == WITHDRAWING or unit.task == WITHDRAW:
        return side_view[unit.side, here].way_home
    if unit.task == MARCH and unit.slot >= 0:
        return route[unit.side, unit.slot, here]
    if unit.task == MARCH and unit.slot == OPEN:
        return toward[here, unit.target] if here != unit.target else here
    return -1


@step
def turn_round_if_ordered(unit, road, side_view, route, toward):
    """A formation on the road whose way now leads back the way it came turns round."""
    back = road.a if unit.heading == road.b else road.b
    ahead = next_place(unit, unit.heading, side_view, route, toward)
    if unit.status == WITHDRAWING or unit.task == WITHDRAW:
        # The line of communication may hold at one end of the road only.
        turn = side_view[unit.side, back].way_home >= 0 and (ahead < 0 or ahead == back)
    else:
        turn = ahead == back or unit.target == back
    if turn:
        unit.heading = back
        unit.km_left = road.km - unit.km_left


@step
def arrive(unit, way_home):
    """A column that is where it was sent waits for new orders."""
    marched = unit.task == MARCH and unit.place == unit.target
    if marched or (unit.task == WITHDRAW and unit.status == ACTIVE and way_home == unit.place):
        unit.task = HOLD
        if unit.bound == UNTIL_ARRIVAL:
            unit.bound = FREE


@step
def move_round(unit, roads, days):
    """A formation that encircles goes across country to another gate of the same place."""
    unit.flank_days -= days
    if unit.flank_days > 0.0:
        return
    unit.task = MARCH
    unit.target = unit.heading
    unit.slot = OPEN
    road = roads[unit.flank_road]
    if road.a == unit.heading or road.b == unit.heading:
        unit.road = unit.flank_road
        unit.km_left = 0.0
        unit.place = road.a if unit.heading == road.b else road.b


@rule
def take_road(world, atlas, unit):
    """A column in a place comes onto the next road of its way; returns whether there is one that can be passed."""
    there = next_place(unit, unit.place, world.side_view, world.route, atlas.next_hop)
    if there < 0 or there == unit.place:
        return False
    way = atlas.road[unit.place, there]
    if way < 0 or world.roads[way].cut == 1:
        return False
    road = world.roads[way]
    # What frightened it in the place does not go with it.
    unit.alarm = 0.0
    unit.road = way
    unit.heading = there
    unit.km_left = road.km
    unit.at_km = 0.0 if there == road.b else road.km
    return True


@step
def show_way(unit, road):
    """Others see that an active column's way leads along a road, and in which direction."""
    if unit.status == ACTIVE:
        unit.bearing = 1.0 if unit.heading == road.b else -1.0
        road.movers |= 1 << unit.side


@step
def set_out(world, atlas, i):
    """A column comes onto the first road of its march, or turns round on the way; returns whether it is on a road."""
    unit = world.units[i]
    if unit.road >= 0:
        turn_round_if_ordered(unit, world.roads[unit.road], world.side_view, world.route, atlas.next_hop)
    elif not take_road(world, atlas, unit):
        arrive(unit, world.side_view[unit.side, unit.place].way_home)
        return False
    elif unit.status == ACTIVE:
        join_column(world, unit, i)
    show_way(unit, world.roads[unit.road])
    return True


@step
def drive(world, unit, p):
    """A column goes along its road as far as its time and the enemy let it; returns whether it came into a place."""
    road, ahead, row = world.roads[unit.road], world.places[unit.heading], world.sides[unit.side]
    welcome = is_friendly(row, ahead.control)
    if unit.km_left > 0.0:
        speed = march_speed(unit, road, p.movement)
        if not welcome:
            speed *= p.movement.advance_share
        step = min(speed * unit.march_days, unit.km_left)
        room = step
        if is_hostile(row, road.columns):
            direction = 1.0 if unit.heading == road.b else -1.0
            room = min(step, room_ahead(world.units, road, row, unit.at_km, direction, p.forces.contact_km))
        unit.km_left -= room
        if room < step or unit.km_left > 1e-9:
            return False
        unit.km_left = 0.0
        unit.march_days -= room / speed
    if not may_enter(unit, row, ahead, world.campaign[0].ceasefire):
        return False
    unit.place = unit.heading
    unit.road = -1
    if not welcome:
        ahead.claimed = 1
    arrive(unit, world.side_view[unit.side, unit.place].way_home)
    return True


@step
def drives_on(world, unit):
    """Whether a column that came into a place leaves it again; not onto a road where it might pass enemies unseen."""
    row, here = world.sides[unit.side], world.places[unit.place]
    if unit.road < 0:
        return False
    if is_hostile(row, world.roads[unit.road].movers):
        unit.road = -1
        unit.heading = unit.place
        unit.km_left = 0.0
        return False
    if here.claimed == 1 and not is_friendly(row, here.control):
        # Who drives on is not counted in the place that he took.
        world.forces[unit.place, unit.side].claims += unit.strength
    return True


@step
def march(world, atlas, first, p):
    """Round by round columns go along one road each; those who come into a place go on in the next round.

    All come to their roads before any of them moves. `first` begins the chain of those who are on their first roads.
    """
    units = world.units
    sets_out = True
    while first >= 0:
        i = first
        first = -1
        while i >= 0:
            following = units[i].next_marching
            if (sets_out or drives_on(world, units[i])) and drive(world, units[i], p):
                units[i].next_marching = first
                first = i
            i = following
        sets_out = False
        i = first
        while i >= 0:
            if take_road(world, atlas, units[i]):
                show_way(units[i], world.roads[units[i].road])
            i = units[i].next_marching


@rule
def movement(world, atlas, p):
    """Everybody under marching orders moves, by positions as they were at the start of the tick."""
    for road in world.roads:
        road.movers = 0
    first = -1
    for k in range(world.campaign[0].present):
        i = world.present[k]
        unit = world.units[i]
        if unit.status == ACTIVE:
            if unit.pause > 0.0:
                unit.pause = max(0.0, unit.pause - p.clock.tick_days)
            if unit.task == HOLD:
                continue
            if unit.task == FLANK:
                move_round(unit, world.roads, p.clock.tick_days)
                continue
        elif unit.status != WITHDRAWING:
            continue
        if set_out(world, atlas, i):
            unit.march_days = p.clock.tick_days
            unit.next_marching = first
            first = i
    march(world, atlas, first, p)
