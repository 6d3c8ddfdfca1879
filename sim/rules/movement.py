"""Movement: formations follow their orders along the roads, and stop at the gate of a place the enemy holds."""

from __future__ import annotations

from dataclasses import dataclass

from sim.bookkeeping.clock import is_ceasefire
from sim.bookkeeping.march import clear_march, is_anybody_marching, join_march, marching
from sim.bookkeeping.presence import has_enemies_inside, is_on_road, moves_round
from sim.bookkeeping.relations import is_friendly, is_hostile
from sim.bookkeeping.roads import (
    ROUNDING_KM,
    clear_movers,
    first_on_road,
    has_enemies_on_road,
    has_moving_enemies,
    join_road,
    next_on_road,
    note_mover,
    other_end,
)
from sim.bookkeeping.rosters import formations_in_field
from sim.kernel.compile import rule
from sim.scenario.parameters import Parameters, parameter
from sim.world.tables import (
    ACTIVE,
    FLANK,
    FREE,
    HOLD,
    MARCH,
    NONE,
    OPEN,
    UNTIL_ARRIVAL,
    WITHDRAW,
    WITHDRAWING,
)

FAR = 1e9
"""More kilometres than any road has."""


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
        basis="assumed; direction from reported RR04: 30-110 km/day",
    )
    low_supply: float = parameter(0.5, "share", "of speed kept without supply", bounds=(0, 1), basis="assumed")


@rule
def goes_back(unit):
    """Whether a formation goes home along its line of communication."""
    return unit.status == WITHDRAWING or unit.task == WITHDRAW


@rule
def is_on_the_move(unit):
    """Whether its orders, or its flight, move a formation along the roads."""
    if unit.status == ACTIVE:
        return unit.task == MARCH or unit.task == WITHDRAW
    return unit.status == WITHDRAWING


@rule
def next_place(world, atlas, unit, here):
    """The place to which a formation's orders lead it from `here`; NONE if nowhere."""
    if goes_back(unit):
        return world.side_view[unit.side, here].way_home
    if unit.task == MARCH and unit.slot == OPEN:
        return atlas.next_hop[here, unit.target] if here != unit.target else here
    if unit.task == MARCH and unit.slot != NONE:
        return world.route[unit.side, unit.slot, here]
    return NONE


@rule
def turn_round_if_ordered(world, atlas, unit):
    """A formation on a road whose way now leads back the way it came turns round."""
    road = world.roads[unit.road]
    back = other_end(road, unit.heading)
    ahead = next_place(world, atlas, unit, unit.heading)
    if goes_back(unit):
        # The line of communication may hold at one end of the road only.
        turns = world.side_view[unit.side, back].way_home != NONE and ahead in (NONE, back)
    else:
        turns = ahead == back or unit.target == back
    if turns:
        unit.heading = back
        unit.km_left = road.km - unit.km_left


@rule
def arrive(world, unit):
    """A column that is where it was sent waits for new orders."""
    is_there = unit.task == MARCH and unit.place == unit.target
    is_back = unit.task == WITHDRAW and unit.status == ACTIVE
    if is_there or (is_back and world.side_view[unit.side, unit.place].way_home == unit.place):
        unit.task = HOLD
        if unit.bound == UNTIL_ARRIVAL:
            unit.bound = FREE


@rule
def show_way(world, unit):
    """Others see that an active column marches along its road, and in which direction."""
    if unit.status == ACTIVE:
        unit.bearing = 1.0 if unit.heading == world.roads[unit.road].b else -1.0
        note_mover(world, unit)


@rule
def take_next_road(world, atlas, unit):
    """A column in a place comes onto the next road of its way, and others see it there. Returns whether it does."""
    there = next_place(world, atlas, unit, unit.place)
    if there == NONE or there == unit.place:
        return False
    way = atlas.road[unit.place, there]
    if way == NONE or world.roads[way].cut == 1:
        return False
    road = world.roads[way]
    unit.road = way
    # The alarm in the place that it leaves stays behind.
    unit.alarm = 0.0
    unit.heading = there
    unit.km_left = road.km
    unit.at_km = 0.0 if there == road.b else road.km
    show_way(world, unit)
    return True


@rule
def sets_out(world, atlas, i):
    """A formation comes onto the first road of its march, or turns round on its road; whether it is on one.

    One that assembles for the march stays where it is. It marches for the rest of the tick in which it is done.
    """
    unit = world.units[i]
    assembles = 0.0 if goes_back(unit) else unit.assembly
    if assembles > 0.0 and (is_on_road(unit) or assembles >= unit.march_days):
        return is_on_road(unit)
    if is_on_road(unit):
        turn_round_if_ordered(world, atlas, unit)
        show_way(world, unit)
        return True
    if take_next_road(world, atlas, unit):
        unit.march_days -= assembles
        if unit.status == ACTIVE:
            join_road(world, i)
        return True
    arrive(world, unit)
    return False


@rule
def go_on(unit):
    """A formation has come round a place, or need not any more: it marches for the place again."""
    unit.task = MARCH
    unit.target = unit.heading
    unit.slot = OPEN


@rule
def move_round(world, unit, dt):
    """A formation that encircles goes across country to another gate of the same place."""
    unit.flank_days -= dt
    if unit.flank_days > 0.0:
        return
    go_on(unit)
    road = world.roads[unit.flank_road]
    if road.a == unit.heading or road.b == unit.heading:
        unit.road = unit.flank_road
        unit.place = other_end(road, unit.heading)
        unit.km_left = 0.0


@rule
def pass_time(world, unit, dt):
    """A rest after a repulse comes to its end, and so does the way round a place."""
    if unit.status == ACTIVE:
        unit.pause = max(0.0, unit.pause - dt)
        unit.assembly = max(0.0, unit.assembly - dt)
        if moves_round(world, unit):
            move_round(world, unit, dt)
        elif unit.task == FLANK:
            go_on(unit)


@rule
def march_speed(world, unit, p):
    """Kilometres a day: kind of formation, class of the road, supply, interdiction, and whose country lies ahead."""
    road = world.roads[unit.road]
    supply = p.low_supply + (1.0 - p.low_supply) * min(1.0, unit.supply)
    speed = unit.speed * p.march_hours * road.km / road.march_km * supply * (1.0 - road.interdiction)
    return speed if is_friendly(world, unit.side, world.places[unit.heading].control) else speed * p.advance_share


@rule
def is_ahead(unit, other, gap):
    """Whether another formation, so many kilometres on in a column's direction, is before it.

    Columns that meet keep apart; only at the gate of a place do enemies stand at one point. There besiegers are before
    those who come out, but those who come out are behind besiegers who go back, and beside all others who come out.
    """
    if gap <= ROUNDING_KM and (unit.heading == unit.place or unit.place == other.place):
        return False
    return gap >= -ROUNDING_KM


@rule
def room_ahead(world, unit, contact_km):
    """Kilometres until a column meets an enemy on its road, from where both stood as the phase began."""
    room = FAR
    if has_enemies_on_road(world, unit.road, unit.side):
        direction = 1.0 if unit.heading == world.roads[unit.road].b else -1.0
        i = first_on_road(world, unit.road)
        while i != NONE:
            other = world.units[i]
            gap = (other.at_km - unit.at_km) * direction
            if is_hostile(world, unit.side, other.side) and is_ahead(unit, other, gap):
                free = gap - 0.5 * contact_km
                room = min(room, 0.5 * free if other.bearing == -direction else free)
            i = next_on_road(world, i)
    return max(0.0, room)


@rule
def may_enter(world, unit, here):
    """Whether a column may drive into a place: it is friendly, or hostile and undefended, and no ceasefire holds."""
    holder = world.places[here].control
    if has_enemies_inside(world, here, unit.side):
        return False
    if is_friendly(world, unit.side, holder):
        return True
    return is_hostile(world, unit.side, holder) and unit.passive == 0 and not is_ceasefire(world)


@rule
def drives(world, unit, p, contact_km):
    """A column goes along its road until its time or the enemy ends the march. Returns whether it came into a place."""
    if unit.km_left > 0.0:
        speed = march_speed(world, unit, p)
        step = min(speed * unit.march_days, unit.km_left)
        advance = min(step, room_ahead(world, unit, contact_km))
        unit.km_left -= advance
        if advance < step or unit.km_left > 1e-9:
            return False
        unit.km_left = 0.0
        unit.march_days -= advance / speed
    if not may_enter(world, unit, unit.heading):
        return False
    unit.place = unit.heading
    unit.road = NONE
    # A broken formation on its way to the rear takes nothing.
    if unit.status == ACTIVE and not is_friendly(world, unit.side, world.places[unit.place].control):
        world.places[unit.place].claimed = 1
    arrive(world, unit)
    return True


@rule
def leaves_place(world, unit):
    """A column drives out of a place onto its next road, unless enemies move there: then it stays in the place."""
    if has_moving_enemies(world, unit.road, unit.side):
        unit.road = NONE
        unit.heading = unit.place
        unit.km_left = 0.0
        return False
    here = world.places[unit.place]
    if here.claimed == 1 and unit.status == ACTIVE and not is_friendly(world, unit.side, here.control):
        # A formation that drives on is not counted inside the place that it took.
        world.forces[unit.place, unit.side].claims += unit.strength
    return True


@rule
def movement(world, atlas, rules):
    """Everybody under marching orders moves round by round, one road in each round.

    Formations that enter a place go on in the next round. All come to their roads before any of them moves on.
    """
    p, dt, contact_km = rules.movement, rules.clock.tick_days, rules.forces.contact_km
    clear_movers(world)
    clear_march(world)
    for i in formations_in_field(world):
        unit = world.units[i]
        unit.march_days = dt
        if is_on_the_move(unit) and sets_out(world, atlas, i):
            join_march(world, i)
        pass_time(world, unit, dt)
    for i in marching(world):
        if drives(world, world.units[i], p, contact_km):
            join_march(world, i)
    while is_anybody_marching(world):
        for i in marching(world):
            if take_next_road(world, atlas, world.units[i]):
                join_march(world, i)
        for i in marching(world):
            if leaves_place(world, world.units[i]) and drives(world, world.units[i], p, contact_km):
                join_march(world, i)
