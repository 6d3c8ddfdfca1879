"""Politics: will, sponsors, uprisings, and the collapse of a side whose will is spent."""

from __future__ import annotations

from dataclasses import dataclass

from sim.bookkeeping.clock import is_ceasefire, is_just_taken, is_new_day, was_taken
from sim.bookkeeping.draws import draw
from sim.bookkeeping.losses import disperse, leave_equipment, surrender
from sim.bookkeeping.presence import is_guarded
from sim.bookkeeping.relations import is_hostile
from sim.bookkeeping.rosters import formations_of, is_in_field
from sim.kernel import random as draws
from sim.kernel.compile import rule
from sim.kernel.maths import exp
from sim.rules import purposes
from sim.rules.control import change_hands
from sim.rules.events import end_rule, take_up_arms
from sim.rules.forces import assess_threat
from sim.scenario.parameters import Parameters, parameter
from sim.world.tables import ACTIVE, AWAY, DORMANT, DORMANT_POSTURE, NONE, PASSIVE_POSTURE

FAR = 1e9
"""More kilometres than any way has."""


@dataclass(frozen=True)
class PoliticsParameters(Parameters):
    """What wears a side down, and what follows."""

    place_lost: float = parameter(
        0.18, "will", "lost with a place of full symbolic weight", bounds=(0, 1), basis="assumed; article SF35"
    )
    place_won: float = parameter(
        0.08, "will", "gained with a place of full symbolic weight", bounds=(0, 1), basis="assumed"
    )
    capital_lost: float = parameter(0.5, "will", "lost with the capital", bounds=(0, 1), basis="assumed")
    strength_lost: float = parameter(
        0.5,
        "will",
        "lost when all of a side's initial strength is lost, in proportion",
        bounds=(0, 10),
        basis="assumed",
    )
    recovery: float = parameter(
        0.02, "1/day", "of the gap to its base that will recovers", bounds=(0, 1), basis="assumed"
    )
    legitimacy: float = parameter(
        0.2, "will", "that full legitimacy adds to the base", bounds=(0, 1), basis="assumed; article SF38"
    )
    hardship: float = parameter(
        0.1, "will", "that full hardship takes from the base", bounds=(0, 1), basis="assumed; article SF40, SF41"
    )
    pay: float = parameter(
        0.03, "will", "that doubled pay adds to the base", bounds=(0, 1), basis="assumed; article SF52"
    )
    hub_lost: float = parameter(
        0.15,
        "hardship",
        "added when a place with all of the commerce is lost",
        bounds=(0, 1),
        basis="assumed; article SF36",
    )
    standing_lost: float = parameter(
        0.15, "legitimacy", "lost with a place of full symbolic weight", bounds=(0, 1), basis="assumed; article SF35"
    )
    friction: float = parameter(
        0.5,
        "share",
        "of a sponsor's help lost to full distrust of another sponsor",
        bounds=(0, 1),
        basis="assumed; article SF62, SF64",
    )
    uprising: float = parameter(
        0.15,
        "1/day",
        "hazard of an uprising in an ungarrisoned place wholly against its holder",
        bounds=(0, 5),
        basis="assumed; article SF35, SF57",
    )
    local_km: float = parameter(
        0,
        "km",
        "over which a side's ground and people draw a rising to it (e-folding distance); 0: from anywhere",
        bounds=(0, 1000),
        basis="assumed",
    )
    pay_level: float = parameter(
        0,
        "will",
        "that pay which keeps a household gives over none, by the share who serve for it; none at half of it",
        bounds=(0, 1),
        basis="assumed; direction from article SF45",
    )
    legitimacy_level: float = parameter(
        0,
        "will",
        "that full legitimacy gives over none; none at half of it",
        bounds=(0, 1),
        basis="assumed; direction from article SF40, SF41",
    )
    hardship_level: float = parameter(
        0,
        "will",
        "that full hardship takes against none; none at half of it",
        bounds=(0, 1),
        basis="assumed; direction from article SF40, SF41",
    )
    authority: float = parameter(
        0.35,
        "will",
        "below which a side's own places may rise against it",
        bounds=(0, 1),
        basis="assumed; article SF38",
    )
    unrest: float = parameter(0.4, "share", "of order lost when a place changes hands", bounds=(0, 1), basis="assumed")
    collapse: float = parameter(
        -5.0, "log 1/day", "hazard of collapse at a will of 0.35", bounds=(-20, 5), basis="assumed"
    )
    brittleness: float = parameter(
        18, "1", "weight of will below 0.35 in that log hazard", bounds=(0, 100), basis="assumed; article SF38"
    )
    disbanding: float = parameter(
        0.5, "1/day", "hazard that a formation of a collapsed side disbands", bounds=(0, 10), basis="assumed"
    )
    backing_loss: float = parameter(
        0.02,
        "1/day",
        "of a sponsor's commitment that fades while its side's will is below half",
        bounds=(0, 1),
        basis="assumed; article SF60",
    )


@rule
def update_will(row, recovering, p):
    """A side's will falls with the places and people lost, and recovers towards what pay and legitimacy sustain."""
    if row.initial_strength > 0.0:
        row.will -= p.strength_lost * row.pending_losses / row.initial_strength
    row.will -= row.shock
    row.shock = 0.0
    row.losses += row.pending_losses
    row.pending_losses = 0.0
    goal = row.will_base + p.pay * row.career * (row.pay / max(row.pay_base, 0.01) - 1.0)
    goal += p.legitimacy * (row.legitimacy - row.legitimacy_base) - p.hardship * (row.hardship - row.hardship_base)
    if goal > row.will:
        row.will += (goal - row.will) * recovering
    row.will = min(1.0, max(0.0, row.will))


@rule
def hazard_of_collapse(will, p):
    """Hazard per day that a side's rule ends, by its will."""
    return exp(p.collapse + p.brittleness * (0.35 - will))


@rule
def disband(world, side, p, dt):
    """After a collapse a side's formations disband: before the enemy they lay down their arms, the others go home."""
    chance = draws.happens_within(dt, p.disbanding)
    for i in formations_of(world, side):
        unit = world.units[i]
        if is_in_field(unit) and draw(world, purposes.COLLAPSE, unit.stream) < chance:
            place = world.places[unit.place]
            yields = unit.contact != AWAY
            leave_equipment(unit, place, 1.0)
            if yields:
                surrender(world, unit, place)
            else:
                disperse(world, unit, place)


@rule
def weigh_up(world, side, recovering, p, dt):
    """A side's will changes, and at a low will its rule may collapse."""
    row = world.sides[side]
    if row.capital != NONE:
        capital = world.places[row.capital]
        if is_just_taken(world, capital) and capital.control != side:
            row.shock += p.capital_lost
    update_will(row, recovering, p)
    if draws.happens(draw(world, purposes.COLLAPSE, row.stream), dt, hazard_of_collapse(row.will, p)):
        end_rule(world, side)


@rule
def weigh_backing(world, p):
    """What each sponsor's commitment comes to, after other wars and its distrust of the side's other sponsors."""
    for backing in world.backings:
        backing.weight = backing.commitment * (1.0 - backing.distraction) * (1.0 - p.friction * backing.friction)


@rule
def fade_backing(world, p, dt):
    """Commitment fades while the side that it backs has lost half its will."""
    fading = exp(-p.backing_loss * dt)
    for backing in world.backings:
        side = world.sides[backing.side]
        if side.will < 0.5 * side.will_base:
            backing.commitment *= fading


@rule
def nearness_of(world, atlas, side, here, p):
    """How near a side is to a place, 0-1, by its nearest ground, and its nearest people, in the war or waiting."""
    if p.local_km <= 0.0:
        return 1.0
    nearest = FAR
    for there in range(len(world.places)):
        if world.places[there].control == side:
            nearest = min(nearest, atlas.km[here, there])
    for i in formations_of(world, side):
        unit = world.units[i]
        if (unit.status == DORMANT or unit.status == ACTIVE) and unit.draws_people == 0:
            nearest = min(nearest, atlas.km[here, unit.place])
    return exp(-nearest / p.local_km)


@rule
def pull_of(world, atlas, side, here, p):
    """How much the people of a place would rather have a side than its holder, 0-1; the less, the farther it is."""
    view, holder = world.side_view[side, here], world.places[here].control
    gap = 0.5 * (view.affinity - world.side_view[holder, here].affinity)
    if not is_hostile(world, holder, side) or world.sides[side].collapsed == 1 or view.in_area == 0 or gap <= 0.0:
        return 0.0
    return gap * nearness_of(world, atlas, side, here, p)


@rule
def champion_of(world, atlas, here, p):
    """The side to which the people of a place would turn: an enemy of its holder, in the war or not; NONE if none."""
    best, most = NONE, 0.0
    for side in range(len(world.sides)):
        pull = pull_of(world, atlas, side, here, p)
        if pull > most:
            best, most = side, pull
    return best


@rule
def wake(world, here, champion):
    """Those of a side who have waited in a place, or call it home, take up arms."""
    row = world.sides[champion]
    row.posture = max(row.posture, PASSIVE_POSTURE)
    for i in formations_of(world, champion):
        unit = world.units[i]
        if unit.status == DORMANT and unit.draws_people == 0 and (unit.place == here or unit.home == here):
            take_up_arms(world, unit)


@rule
def weakness_of_rule(world, place, p):
    """How weak the holder of a place is there, 0-1: by the order in captured ground, by its will in its own."""
    if world.sides[place.control].collapsed == 1:
        return 1.0
    if was_taken(place):
        return 1.0 - place.stability
    if p.authority <= 0.0:
        return 0.0
    return max(0.0, 1.0 - world.sides[place.control].will / p.authority)


@rule
def rise(world, atlas, here, rules):
    """Where nobody keeps order, people who are against the holder may rise for another side."""
    p, place = rules.politics, world.places[here]
    holder = place.control
    # Those who have just taken a place are not counted inside yet.
    if place.population <= 0.0 or is_guarded(world, here, holder) or is_just_taken(world, place):
        return
    weakness = weakness_of_rule(world, place, p)
    if weakness <= 0.0:
        return
    champion = champion_of(world, atlas, here, p)
    if champion == NONE:
        return
    pull = pull_of(world, atlas, champion, here, p)
    if draws.happens(draw(world, purposes.UPRISING, place.stream), 1.0, p.uprising * pull * weakness):
        assess_threat(world, atlas, champion, here, rules.forces.near_km)
        wake(world, here, champion)
        change_hands(world, atlas, here, champion, rules)


@rule
def politics(world, atlas, rules):
    """Places rise, will is weighed, sponsors think again, and a side whose will is spent may collapse."""
    p, dt = rules.politics, rules.clock.tick_days
    if is_new_day(world, rules.clock) and not is_ceasefire(world):
        for here in range(len(world.places)):
            rise(world, atlas, here, rules)
    recovering = draws.happens_within(dt, p.recovery)
    for side in range(len(world.sides)):
        if world.sides[side].posture == DORMANT_POSTURE:
            continue
        if world.sides[side].collapsed == 1:
            disband(world, side, p, dt)
        else:
            weigh_up(world, side, recovering, p, dt)
    fade_backing(world, p, dt)
    weigh_backing(world, p)
