"""Morale: news and recovery, readiness and desertion. Why formations break: `breakpoint`; what follows: `breaking`."""

from __future__ import annotations

from dataclasses import dataclass

from sim.bookkeeping.clock import is_new_day, today
from sim.bookkeeping.draws import draw, draw_at
from sim.bookkeeping.losses import desert, gather, leave_if_destroyed
from sim.bookkeeping.presence import is_contested, is_inside, occupied_cells, place_of
from sim.bookkeeping.rosters import formations_in_field
from sim.kernel import random as draws
from sim.kernel.compile import rule
from sim.kernel.maths import exp
from sim.rules import purposes
from sim.rules.breaking import check_attackers, check_break, rest, withdraw
from sim.rules.breakpoint import assess_defence, has_way_out, is_attacker
from sim.rules.perception import fresh_threat
from sim.scenario.parameters import Parameters, parameter
from sim.world.tables import ACTIVE, AWAY, SHATTERED, WITHDRAW, WITHDRAWING

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
    threatened_ratio: float = parameter(
        0, "share", "of the weight of odds that counts where the enemy is one road away", bounds=(0, 5), basis="assumed"
    )
    bound: float = parameter(
        20,
        "log",
        "that losses, news or ground alone move the hazard at most: up to half of it as they are, then less and less",
        bounds=(0.1, 20),
        basis="assumed",
    )
    part: float = parameter(
        100_000,
        "people",
        "of a formation who break at a time; a smaller formation breaks whole",
        bounds=(1, 100_000),
        basis="assumed",
    )
    risen: float = parameter(
        0,
        "share",
        "of the fear of closed roads and isolation that those feel who have risen in their own town",
        bounds=(0, 1),
        basis="assumed",
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
        0.04, "morale", "gained when pay is doubled", bounds=(0, 1), basis="assumed; RR16: 0-0.1 for half as much again"
    )
    pay_level: float = parameter(
        0,
        "morale",
        "that pay which keeps a household gives over none, for those who serve for pay; none at half of it",
        bounds=(0, 1),
        basis="assumed; direction from article SF45",
    )
    legitimacy_level: float = parameter(
        0,
        "morale",
        "that full legitimacy gives over none; none at half of it",
        bounds=(0, 1),
        basis="assumed; direction from article SF40, SF41",
    )
    hardship_level: float = parameter(
        0,
        "morale",
        "that full hardship takes against none; none at half of it",
        bounds=(0, 1),
        basis="assumed; direction from article SF40, SF41",
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


@rule
def spread_news(world, p, dt):
    """News on the way is heard, and news heard fades; so does the example of those who broke.

    Both go by rates, so that the length of a tick does not matter.
    """
    news_arriving = draws.chance_within(dt / p.news_delay)
    news_fading = exp(-dt / p.news_memory)
    example_arriving = draws.chance_within(dt / p.example_delay)
    example_fading = exp(-dt / p.example_memory)
    for side in range(len(world.sides)):
        if world.sides[side].shaken == 0:
            continue
        for here in range(len(world.places)):
            arriving = world.news_coming[side, here] * news_arriving
            world.news[side, here] = world.news[side, here] * news_fading + arriving
            world.news_coming[side, here] -= arriving
        for here in range(len(world.places)):
            arriving = world.example_coming[side, here] * example_arriving
            world.example[side, here] = world.example[side, here] * example_fading + arriving
            world.example_coming[side, here] -= arriving


@rule
def draw_panic_point(world, side, here):
    """How much alarm all of a side's formations in a place will bear. It is drawn once a campaign."""
    view = world.side_view[side, here]
    if view.panic_point == 0.0:
        stream, other = world.places[here].stream, world.sides[side].stream
        view.panic_point = draws.exponential_quantile(draw_at(world, 0, purposes.PANIC, stream, other))


@rule
def assess_defences(world, atlas, rules):
    """What all who stand in a place near the enemy share, before any of them breaks."""
    for cell in occupied_cells(world):
        here, side = cell.place, cell.side
        if is_inside(world, here, side) and (world.threat[side, here] > 0.0 or is_contested(world, here, side)):
            assess_defence(world, atlas, side, here, rules)
            draw_panic_point(world, side, here)


@rule
def recover(world, unit, drift, p, dt):
    """Morale drifts to its base, lifted by pay, and bad news wears it."""
    side = world.sides[unit.side]
    change = (unit.morale_base + side.lift - unit.morale) * drift
    if side.shaken == 1:
        change -= p.wear * min(1.0, world.news[unit.side, place_of(unit)]) * dt
    unit.morale = min(1.0, max(0.0, unit.morale + change))


@rule
def desert_daily(world, unit, p):
    """Once a day some desert: the more, the worse the morale and the harder life is at home."""
    place = world.places[place_of(unit)]
    wanting = unit.strength * p.daily_desertion * world.sides[unit.side].hardship * (1.0 - unit.morale)
    # Chance rounds the expected number up or down. So few desert that a binomial draw would hardly differ.
    u = draw(world, purposes.DESERTION, unit.stream)
    desert(world, unit, place, min(unit.strength, float(int(wanting + u))))
    leave_if_destroyed(world, unit, place)


@rule
def hears_of_threat(world, unit, p):
    """Whether an enemy that is news stands near a formation."""
    return fresh_threat(world, unit.side, place_of(unit), p) > 0.0


@rule
def morale(world, atlas, rules):
    """News travels; formations near the enemy may break; the broken gather in the rear; the others recover.

    Readiness comes once a formation is alerted.
    """
    p, dt = rules.morale, rules.clock.tick_days
    spread_news(world, p, dt)
    assess_defences(world, atlas, rules)
    drift = draws.happens_within(dt, p.recovery)
    alerting = draws.chance_within(dt / p.ready_days)
    for side in world.sides:
        side.lift = p.pay * side.career * (side.pay / max(side.pay_base, 0.01) - 1.0)
    begins_day = is_new_day(world, rules.clock)
    is_alerted = today(world, dt) >= p.alert_days
    coming_back = draws.chance_within(1.0 / p.rest_days) if p.rest_days > 0.0 else 1.0
    for i in formations_in_field(world):
        unit = world.units[i]
        if unit.status == ACTIVE:
            recover(world, unit, drift, p, dt)
            if begins_day and unit.strength > 0.0:
                desert_daily(world, unit, p)
                if unit.status != ACTIVE:
                    continue
                if unit.scattered > 0.0 and unit.contact == AWAY and has_way_out(world, unit):
                    gather(unit, min(unit.scattered, float(int(unit.scattered * coming_back)) + 1.0))
            if is_alerted or unit.contact != AWAY:
                unit.readiness += (1.0 - unit.readiness) * alerting
            near = unit.contact != AWAY or hears_of_threat(world, unit, rules.perception)
            if near and unit.task != WITHDRAW and not is_attacker(world, unit):
                check_break(world, atlas, i, False, rules)
        elif unit.status == WITHDRAWING:
            withdraw(world, unit, p, dt)
        elif unit.status == SHATTERED:
            rest(unit, dt)
    check_attackers(world, atlas, rules)
