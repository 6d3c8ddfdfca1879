"""Breaking: formations near the enemy that break, whole or by parts; they withdraw, surrender or disperse."""

from __future__ import annotations

from sim.bookkeeping.draws import draw_at, second_draw_at
from sim.bookkeeping.losses import (
    capture,
    desert,
    disperse,
    gather,
    leave_equipment,
    note_withdrawal,
    scatter,
    surrender,
)
from sim.bookkeeping.presence import (
    has_enemies_inside,
    is_fighting,
    is_near,
    is_on_road,
    place_of,
    strike_off,
    strike_off_part,
)
from sim.bookkeeping.relations import is_hostile
from sim.bookkeeping.roads import ROUNDING_KM, first_on_road, next_on_road
from sim.bookkeeping.rosters import formations_in_field, neighbours_of
from sim.kernel import random as draws
from sim.kernel.compile import rule
from sim.kernel.maths import exp
from sim.rules import purposes
from sim.rules.breakpoint import has_risen, has_way_out, is_attacker, log_hazard, set_break_terms
from sim.world.tables import (
    ACTIVE,
    ASSAULTED,
    FREE,
    HOLD,
    MEETING,
    NONE,
    SHATTERED,
    UNTIL_ARRIVAL,
    WITHDRAW,
    WITHDRAWING,
)


@rule
def set_example(world, atlas, unit, here, people, near_km):
    """That people of a formation broke becomes known in its place and in the next ones that are near."""
    world.sides[unit.side].shaken = 1
    world.example_coming[unit.side, here] += people
    for n in neighbours_of(world, here):
        if is_near(world.roads[atlas.neighbours[n].road], near_km):
            world.example_coming[unit.side, atlas.neighbours[n].place] += people


@rule
def give_up(world, unit, place, surrenders):
    """A formation without a way out: its equipment stays, and its people surrender or go home.

    Formations that rose in their own town are at home already.
    """
    leave_equipment(unit, place, 1.0)
    if surrenders and not has_risen(world, unit):
        surrender(world, unit, place)
    else:
        disperse(world, unit, place)


@rule
def deserters(unit, people, p):
    """How many of the people of a formation who break desert."""
    return float(int(people * min(1.0, p.desertion * (1.3 - unit.morale))))


@rule
def break_off(world, atlas, unit, fate, people, rules):
    """A part of a formation breaks as a formation would: what is left of it goes to the rear, or gives up."""
    p, here = rules.morale, place_of(unit)
    place = world.places[here]
    strike_off_part(world, unit, people)
    set_example(world, atlas, unit, here, people, rules.forces.near_km)
    leave_equipment(unit, place, p.abandoned * people / unit.strength)
    gone = deserters(unit, people, p)
    desert(world, unit, place, gone)
    if has_way_out(world, unit):
        scatter(unit, place, people - gone)
    elif fate < p.surrender and not has_risen(world, unit):
        capture(world, unit, place, people - gone)
    else:
        desert(world, unit, place, people - gone)


@rule
def break_up(world, atlas, unit, fate, rules):
    """A broken formation leaves people and equipment behind, then withdraws if there is a way out, or gives up."""
    p, here = rules.morale, place_of(unit)
    place = world.places[here]
    strike_off(world, unit)
    set_example(world, atlas, unit, here, unit.strength, rules.forces.near_km)
    leave_equipment(unit, place, p.abandoned)
    desert(world, unit, place, deserters(unit, unit.strength, p))
    unit.assault = 0
    unit.task = HOLD
    unit.bound = FREE
    if has_way_out(world, unit):
        unit.status = WITHDRAWING
        note_withdrawal(unit, place)
    else:
        give_up(world, unit, place, fate < p.surrender)


@rule
def room_behind(world, unit):
    """Kilometres that a formation can go back before it comes among enemies behind it, who may come to meet it."""
    road = world.roads[unit.road]
    back = -1.0 if unit.heading == road.b else 1.0
    room = road.km
    j = first_on_road(world, unit.road)
    while j != NONE:
        gap = (world.units[j].at_km - unit.at_km) * back
        if gap >= -ROUNDING_KM and is_hostile(world, unit.side, world.units[j].side):
            room = min(room, 0.5 * max(0.0, gap))
        j = next_on_road(world, j)
    return room


@rule
def fall_back(world, unit, p, dt):
    """Attackers whose assault fails go back a few kilometres and rest.

    What happens in a tick happens, in the mean, in its middle: half a tick of the rest is over.
    """
    unit.pause = max(0.0, p.repulse_days - 0.5 * dt)
    unit.assault = 0
    unit.task = HOLD
    if unit.bound == UNTIL_ARRIVAL:
        unit.bound = FREE
    back = min(p.repulse_km, room_behind(world, unit))
    unit.km_left = min(world.roads[unit.road].km, unit.km_left + back)
    unit.morale = max(0.0, unit.morale - p.repulse_morale)


@rule
def draw_breakpoint(world, unit):
    """A formation draws how much strain it will bear.

    It is drawn once and not in each tick: a what-if that changes little breaks the same formations at nearly the same
    times.
    """
    u = draw_at(world, unit.broken, purposes.BREAKING, unit.stream, 0)
    unit.breakpoint = draws.exponential_quantile(u)
    unit.strain = 0.0


@rule
def check_break(world, atlas, i, attacks, rules):
    """Whether formation `i` near the enemy breaks in this tick, and what follows."""
    unit, p, dt = world.units[i], rules.morale, rules.clock.tick_days
    here = place_of(unit)
    set_break_terms(world, atlas, i, attacks, rules)
    hazard = exp(log_hazard(world.break_terms[i])) * dt
    # A share of the hazard is common to a place, so that it does not matter how its people are grouped.
    common = 0.0 if is_on_road(unit) else p.common_cause_share * hazard
    unit.alarm += common
    panics = not is_on_road(unit) and unit.alarm > world.side_view[unit.side, here].panic_point
    left = hazard - common
    while True:
        if unit.breakpoint == 0.0:
            draw_breakpoint(world, unit)
        # Attackers go back together.
        parts = 1.0 if attacks else max(1.0, unit.strength / p.part)
        if not panics and unit.strain + left * parts <= unit.breakpoint:
            unit.strain += left * parts
            return
        left -= (unit.breakpoint - unit.strain) / parts
        fate = second_draw_at(world, unit.broken, purposes.BREAKING, unit.stream)
        unit.broken += 1
        unit.breakpoint = 0.0
        if panics or parts < 1.5:
            break
        break_off(world, atlas, unit, fate, float(int(p.part)), rules)
    if attacks and unit.contact == ASSAULTED:
        world.places[here].repulses += 1
        fall_back(world, unit, p, dt)
    else:
        break_up(world, atlas, unit, fate, rules)


@rule
def check_attackers(world, atlas, rules):
    """Attackers waver after those whom they attack: an assault that has just driven out all defenders does not fail."""
    for i in formations_in_field(world):
        unit = world.units[i]
        if unit.status == ACTIVE and unit.task != WITHDRAW and is_fighting(unit) and is_attacker(world, unit):
            if unit.contact == MEETING or has_enemies_inside(world, unit.heading, unit.side):
                check_break(world, atlas, i, True, rules)


@rule
def withdraw(world, unit, p, dt):
    """A broken formation gives up if its way out is closed, and rests when it has come to its rear base."""
    here = place_of(unit)
    if not has_way_out(world, unit):
        give_up(world, unit, world.places[here], p.surrender > 0.0)
    elif not is_on_road(unit) and world.side_view[unit.side, here].way_home == here:
        unit.status = SHATTERED
        unit.rest = max(0.0, p.rest_days - 0.5 * dt)


@rule
def rest(unit, dt):
    """A shattered formation is fit for orders again after its rest, with those of its parts that broke before it."""
    unit.rest -= dt
    if unit.rest <= 0.0:
        unit.status = ACTIVE
        unit.task = HOLD
        gather(unit, unit.scattered)
