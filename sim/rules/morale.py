"""Morale: shocks and recovery; formations that break withdraw, surrender or melt away. Why they break: `nerve`."""

from __future__ import annotations

from dataclasses import dataclass

from sim.bookkeeping.draws import clear_draws, draw_for_all, request_draw
from sim.bookkeeping.forces import is_hostile, leave_ranks
from sim.kernel import random as draws
from sim.kernel.compile import rule, step
from sim.kernel.maths import exp
from sim.rules import purposes
from sim.rules.breakpoint import has_way_out, is_attacker, nerve_of, weigh_pressure
from sim.scenario.parameters import Parameters, parameter
from sim.world.tables import (
    ACTIVE,
    ASSAULTED,
    AWAY,
    DISPERSED,
    FREE,
    HOLD,
    SHATTERED,
    SURRENDERED,
    UNTIL_ARRIVAL,
    WITHDRAW,
    WITHDRAWING,
)

PROTOTYPE = "assumed (prototype, medians of its best designs)"


@dataclass(frozen=True)
class MoraleParameters(Parameters):
    """The log hazard of breaking per day is a sum: base, and a weight for each cause."""

    baseline: float = parameter(
        -2.1, "log 1/day", "of a defender under assault, with no other term", bounds=(-10, 5), basis=PROTOTYPE
    )
    ratio: float = parameter(0.8, "1", "weight of the log of enemy to own power", bounds=(0, 5), basis=PROTOTYPE)
    encirclement: float = parameter(
        1.6, "1", "weight of closed roads (share over 0.8, cubed)", bounds=(0, 10), basis=PROTOTYPE
    )
    losses: float = parameter(1.4, "1", "weight of recent losses, per 4 % of strength", bounds=(0, 10), basis=PROTOTYPE)
    contagion: float = parameter(
        0.75, "1", "weight of news that places fell, by symbol and distance", bounds=(0, 10), basis=PROTOTYPE
    )
    neighbours: float = parameter(
        2.7, "1", "weight of the share of neighbours that broke", bounds=(0, 10), basis=PROTOTYPE
    )
    unready: float = parameter(1.3, "1", "weight of lack of readiness", bounds=(0, 10), basis=PROTOTYPE)
    morale: float = parameter(3.0, "1", "weight of morale above 0.45", bounds=(0, 10), basis=PROTOTYPE)
    air_support: float = parameter(
        0.5, "1", "weight of own strikes seen (full at 60 a day)", bounds=(0, 5), basis=PROTOTYPE
    )
    officers: float = parameter(1.0, "1", "weight of the share of foreign officers", bounds=(0, 5), basis=PROTOTYPE)
    home: float = parameter(0.7, "1", "weight of defending the home community", bounds=(0, 5), basis=PROTOTYPE)
    terrain: float = parameter(
        1.0, "1", "weight of defensible ground (factor above 1.1)", bounds=(0, 5), basis=PROTOTYPE
    )
    isolation: float = parameter(0.6, "1", "weight of being cut off from supply", bounds=(0, 5), basis="assumed")
    besieged: float = parameter(-0.7, "log", "term where the attackers hold off", bounds=(-5, 2), basis=PROTOTYPE)
    threatened: float = parameter(-1.4, "log", "term where the enemy is one road away", bounds=(-8, 2), basis=PROTOTYPE)
    threatened_news: float = parameter(
        0.35, "share", "of contagion that counts where the enemy is one road away", bounds=(0, 1), basis=PROTOTYPE
    )
    attacker: float = parameter(
        -1.3, "log", "term for attackers, whose break is a repulse", bounds=(-8, 2), basis="assumed"
    )
    repulse_days: float = parameter(1.25, "days", "of rest after a repulse", bounds=(0, 10), basis=PROTOTYPE)
    repulse_morale: float = parameter(0.05, "morale", "lost in a repulse", bounds=(0, 1), basis="assumed")
    repulse_km: float = parameter(
        4, "km", "that a repulsed formation falls back", bounds=(0, 20), basis="assumed; article SF17"
    )
    news_km: float = parameter(
        50, "km", "over which the fall of a place is felt (e-folding distance)", bounds=(5, 500), basis=PROTOTYPE
    )
    news_delay: float = parameter(
        0.3, "days", "time constant with which news arrives", bounds=(0.02, 5), basis=PROTOTYPE
    )
    news_memory: float = parameter(
        3.5, "days", "time constant with which news fades", bounds=(0.1, 30), basis=PROTOTYPE
    )
    example_delay: float = parameter(
        0.3, "days", "time constant with which a neighbour's break becomes known", bounds=(0.02, 5), basis=PROTOTYPE
    )
    example_memory: float = parameter(
        0.75, "days", "time constant with which that example fades", bounds=(0.05, 10), basis=PROTOTYPE
    )
    wear: float = parameter(0.09, "1/day", "morale lost to bad news, at most", bounds=(0, 1), basis=PROTOTYPE)
    recovery: float = parameter(
        0.17, "1/day", "of the gap to its base that morale recovers", bounds=(0, 2), basis=PROTOTYPE
    )
    backing: float = parameter(
        1.0, "1", "weight of what a formation's sponsor gives", bounds=(0, 10), basis="assumed; article SF60"
    )
    despair: float = parameter(
        2.0,
        "1",
        "weight of the political will that its side has lost (mass defection)",
        bounds=(0, 20),
        basis="assumed; article SF38, SF48",
    )
    daily_desertion: float = parameter(
        0.006,
        "1/day",
        "desertion from a unit without morale, in full hardship",
        bounds=(0, 1),
        basis="assumed; article SF45, SF46",
    )
    pay: float = parameter(
        0.04, "morale", "gained when pay is doubled", bounds=(0, 1), basis="reported RR16: 0-0.1 for half as much again"
    )
    alert_days: float = parameter(
        2.5,
        "days",
        "until all units are alerted; a unit in contact is alerted at once",
        bounds=(0, 30),
        basis=PROTOTYPE,
    )
    ready_days: float = parameter(
        3.0, "days", "time constant with which an alerted unit becomes ready", bounds=(0.1, 60), basis=PROTOTYPE
    )
    desertion: float = parameter(
        0.3, "share", "that deserts when a unit breaks", bounds=(0, 1), basis="assumed; article SF46, SF47"
    )
    abandoned: float = parameter(
        0.6, "share", "of heavy equipment left behind when a unit breaks", bounds=(0, 1), basis="assumed; article SF48"
    )
    common_cause_share: float = parameter(
        0.3, "share", "of the hazard of breaking that all formations in a place share", bounds=(0, 1), basis="assumed"
    )
    surrender: float = parameter(
        0.6, "share", "of broken formations without a way out that surrender", bounds=(0, 1), basis="assumed"
    )
    rest_days: float = parameter(3, "days", "until a broken formation is fit again", bounds=(0, 30), basis="assumed")


@step
def travel(world, p, days):
    """News on the way becomes news heard, and news heard fades; both by rates, so that ticks do not matter."""
    news_arriving = 1.0 - exp(-days / p.news_delay)
    news_fading = exp(-days / p.news_memory)
    example_arriving = 1.0 - exp(-days / p.example_delay)
    example_fading = exp(-days / p.example_memory)
    for side in range(len(world.sides)):
        if world.sides[side].shaken == 0:
            continue
        for i in range(len(world.places)):
            arriving = world.news_coming[side, i] * news_arriving
            world.news[side, i] = world.news[side, i] * news_fading + arriving
            world.news_coming[side, i] -= arriving
        for i in range(len(world.places)):
            arriving = world.example_coming[side, i] * example_arriving
            world.example[side, i] = world.example[side, i] * example_fading + arriving
            world.example_coming[side, i] -= arriving


@step
def press_on(world, atlas, side, i, p):
    """What all of a side's formations inside a place near hostile forces feel, and when they will panic."""
    campaign = world.campaign[0]
    place = world.places[i]
    hostile = world.sides[side].hostile_mask & (place.gate_mask | place.inside_mask)
    assaulted = 0
    if hostile != 0:
        assaulted = 1
        for other in range(len(world.sides)):
            sums = world.forces[i, other]
            if (hostile >> other) & 1 and sums.assault_power + sums.power > 0.0:
                assaulted = 2
    odds = world.threat[side, i] / max(1.0, world.forces[i, side].power)
    view = world.side_view[side, i]
    view.pressure = weigh_pressure(world, atlas, side, i, assaulted, odds, p)
    if view.panic_point == 0.0:
        u = draws.uniform(campaign.seed, campaign.replicate, 0, purposes.PANIC, place.stream, world.sides[side].stream)
        view.panic_point = draws.exponential_quantile(u)


@step
def press_on_defenders(world, atlas, p):
    """Who is inside a place near hostile forces feels them."""
    for k in range(world.campaign[0].occupied):
        i, side = world.occupied[k].place, world.occupied[k].side
        if (world.places[i].inside_mask >> side) & 1 and world.threat[side, i] > 0.0:
            press_on(world, atlas, side, i, p)


@step
def set_example(coming, side, people, here, places, ways):
    """That a formation broke becomes known in its place and the next ones."""
    coming[side, here] += people
    for n in range(places[here].first_neighbour, places[here].last_neighbour):
        coming[side, ways[n].place] += people


@rule
def give_up(unit, side, place, u, p):
    """A formation without a way out lays down its arms, or melts away; its equipment stays."""
    place.store_equipment += unit.equipment
    unit.equipment_left += unit.equipment
    unit.equipment = 0.0
    side.pending_losses += unit.strength
    stood = place.first_holder == unit.side and unit.status == ACTIVE
    if u < p.surrender:
        unit.status = SURRENDERED
        unit.captured += unit.strength
        if stood:
            place.garrison_surrendered += unit.strength
    else:
        unit.status = DISPERSED
        unit.deserted += unit.strength
        if stood:
            place.garrison_deserted += unit.strength
    unit.strength = 0.0


@step
def break_up(world, atlas, unit, here, u, p):
    """A broken formation leaves people and equipment, then withdraws if there is a way out, or gives up."""
    leave_ranks(unit, world.places, world.forces)
    set_example(world.example_coming, unit.side, unit.strength, here, world.places, atlas.neighbours)
    world.sides[unit.side].shaken = 1
    place = world.places[here]
    left = unit.equipment * p.abandoned
    unit.equipment -= left
    unit.equipment_left += left
    place.store_equipment += left
    gone = float(int(unit.strength * min(1.0, p.desertion * (1.3 - unit.morale))))
    unit.deserted += gone
    unit.strength -= gone
    world.sides[unit.side].pending_losses += gone
    stood = place.first_holder == unit.side
    if stood:
        place.garrison_deserted += gone
    unit.assault = 0
    unit.task = HOLD
    unit.bound = FREE
    if has_way_out(unit, world.roads, world.side_view):
        unit.status = WITHDRAWING
        if stood:
            place.garrison_left += unit.strength
    else:
        give_up(unit, world.sides[unit.side], place, u, p)


@step
def slip_off(world, unit, side, place, u, p):
    """Once a day some desert, the more the worse the morale and the harder life is at home."""
    # The expected number, rounded up or down by chance: so few go that a binomial draw would hardly differ.
    wanting = unit.strength * p.daily_desertion * side.hardship * (1.0 - unit.morale)
    gone = min(unit.strength, float(int(wanting + u)))
    unit.strength -= gone
    unit.deserted += gone
    side.pending_losses += gone
    if place.first_holder == unit.side:
        place.garrison_deserted += gone
    if unit.strength <= 0.0:
        leave_ranks(unit, world.places, world.forces)
        unit.status = DISPERSED
        place.store_equipment += unit.equipment
        unit.equipment_left += unit.equipment
        unit.equipment = 0.0


@step
def room_behind(unit, row, road, units):
    """Kilometres that a column can go back before it comes among enemies behind it, who may come to meet it."""
    back = -1.0 if unit.heading == road.b else 1.0
    room = road.km
    other = road.first_on_road
    while other >= 0:
        gap = (units[other].at_km - unit.at_km) * back
        if gap >= 0.0 and is_hostile(row, 1 << units[other].side):
            room = min(room, 0.5 * gap)
        other = units[other].next_on_road
    return room


@step
def fall_back(unit, row, road, units, days, p):
    """Attackers whose assault fails go back a few kilometres and rest.

    What happens in a tick of so many days happens in the mean in the middle of it: half a tick of the rest is over.
    """
    unit.pause = max(0.0, p.repulse_days - 0.5 * days)
    unit.assault = 0
    unit.task = HOLD
    if unit.bound == UNTIL_ARRIVAL:
        unit.bound = FREE
    unit.km_left = min(road.km, unit.km_left + min(p.repulse_km, room_behind(unit, row, road, units)))
    unit.morale = max(0.0, unit.morale - p.repulse_morale)


@step
def steel(unit, campaign):
    """A formation is given what strain it will bear.

    It is drawn once and not from tick to tick: a what-if that changes little breaks the same formations at nearly the
    same times.
    """
    u = draws.uniform(campaign.seed, campaign.replicate, unit.broken, purposes.BREAKING, unit.stream, 0)
    unit.breaking_point = draws.exponential_quantile(u)
    unit.strain = 0.0


@step
def test_nerve(world, atlas, unit, here, p):
    """Whether a formation near the enemy breaks this tick, and what follows."""
    campaign = world.campaign[0]
    attacks = is_attacker(world, unit, here)
    if attacks and unit.contact < ASSAULTED:
        return
    hazard = exp(nerve_of(world, atlas, unit, here, attacks, p)) * p.clock.tick_days
    # A share of the hazard is common to a place, so that it does not matter how its people are grouped.
    together = p.morale.common_cause_share * hazard if unit.road < 0 else 0.0
    if unit.breaking_point == 0.0:
        steel(unit, campaign)
    unit.strain += hazard - together
    unit.alarm += together
    panics = unit.road < 0 and unit.alarm > world.side_view[unit.side, here].panic_point
    if panics or unit.strain > unit.breaking_point:
        _, fate = draws.uniforms(campaign.seed, campaign.replicate, unit.broken, purposes.BREAKING, unit.stream, 0)
        unit.broken += 1
        unit.breaking_point = 0.0
        if attacks:
            world.places[here].repulses += 1
        if attacks and unit.contact == ASSAULTED:
            fall_back(unit, world.sides[unit.side], world.roads[unit.road], world.units, p.clock.tick_days, p.morale)
        else:
            break_up(world, atlas, unit, here, fate, p.morale)


@rule
def morale(world, atlas, p):
    """News travels; formations near the enemy may break; the broken gather in the rear; the rest recover.

    Morale drifts to its base, worn by bad news and lifted by pay; readiness comes once a unit is alerted.
    """
    q = p.morale
    days = p.clock.tick_days
    side_view, sides = world.side_view, world.sides
    travel(world, q, days)
    press_on_defenders(world, atlas, p)
    drift = 1.0 - exp(-q.recovery * days)
    waking = 1.0 - exp(-days / q.ready_days)
    for side in sides:
        side.lift = q.pay * side.career * (side.pay / max(side.pay_base, 0.01) - 1.0)
    campaign = world.campaign[0]
    alert = campaign.tick * days >= q.alert_days
    new_day = campaign.tick % int(p.clock.ticks_a_day) == 0
    if new_day:
        clear_draws(world)
        for k in range(campaign.present):
            request_draw(world, world.present[k], world.units[world.present[k]].stream, 0.0)
        draw_for_all(world, purposes.DESERTION)
    for k in range(campaign.present):
        unit = world.units[world.present[k]]
        here = unit.place if unit.road < 0 else unit.heading
        if unit.status == ACTIVE:
            side = sides[unit.side]
            change = (unit.morale_base + side.lift - unit.morale) * drift
            if side.shaken == 1:
                change -= q.wear * min(1.0, world.news[unit.side, here]) * days
            unit.morale = min(1.0, max(0.0, unit.morale + change))
            if new_day and unit.strength > 0.0:
                slip_off(world, unit, side, world.places[here], world.draw_buffer[k].first, q)
                if unit.status == DISPERSED:
                    continue
            if alert or unit.contact != AWAY:
                unit.readiness += (1.0 - unit.readiness) * waking
            if unit.task != WITHDRAW and (unit.contact != AWAY or world.threat[unit.side, here] > 0.0):
                test_nerve(world, atlas, unit, here, p)
        elif unit.status == WITHDRAWING:
            if not has_way_out(unit, world.roads, side_view):
                give_up(unit, sides[unit.side], world.places[here], 0.0, q)
            elif unit.road < 0 and side_view[unit.side, here].way_home == here:
                unit.status = SHATTERED
                unit.rest = max(0.0, q.rest_days - 0.5 * days)
        elif unit.status == SHATTERED:
            unit.rest -= days
            if unit.rest <= 0.0:
                unit.status = ACTIVE
                unit.task = HOLD
