"""Politics: will, sponsors, and the collapse of a side whose will is spent."""

from __future__ import annotations

from dataclasses import dataclass

from sim.kernel import random as draws
from sim.kernel.compile import rule, step
from sim.kernel.maths import exp
from sim.rules import purposes
from sim.rules.control import change_hands
from sim.rules.forces import assess_threat
from sim.scenario.parameters import Parameters, parameter
from sim.world.tables import ACTIVE, DISPERSED, DORMANT, WITHDRAWING


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
        0.5, "share", "of formations that disband each day after a collapse", bounds=(0, 1), basis="assumed"
    )
    backing_loss: float = parameter(
        0.02,
        "1/day",
        "of a sponsor's commitment that fades while its side's will is below half",
        bounds=(0, 1),
        basis="assumed; article SF60",
    )


@step
def hazard_of_collapse(will, p):
    """Hazard per day that a side's rule ends, by its will."""
    return exp(p.collapse + p.brittleness * (0.35 - will))


@step
def weigh_will(row, recovering, p):
    """A side's will falls with the places and people lost, and drifts back to what pay and legitimacy hold up."""
    q = p.politics
    if row.initial_strength > 0.0:
        row.will -= q.strength_lost * row.pending_losses / row.initial_strength
    row.will -= row.shock
    row.shock = 0.0
    row.losses += row.pending_losses
    row.pending_losses = 0.0
    base = row.will_base + q.pay * row.career * (row.pay / max(row.pay_base, 0.01) - 1.0)
    base += q.legitimacy * (row.legitimacy - row.legitimacy_base) - q.hardship * (row.hardship - row.hardship_base)
    if base > row.will:
        row.will += (base - row.will) * recovering
    row.will = min(1.0, max(0.0, row.will))


@step
def melt_away(row, world, p):
    """After a collapse a side's formations disband, a share each day."""
    campaign = world.campaign[0]
    chance = draws.happens_within(p.clock.tick_days, p.politics.disbanding)
    for i in range(row.first_unit, row.last_unit):
        unit = world.units[i]
        if unit.status == ACTIVE or unit.status == WITHDRAWING:
            u = draws.uniform(campaign.seed, campaign.replicate, campaign.tick, purposes.COLLAPSE, unit.stream, 0)
            if u < chance:
                place = world.places[unit.place]
                if unit.status == ACTIVE and place.first_holder == unit.side:
                    place.garrison_deserted += unit.strength
                unit.status = DISPERSED
                unit.deserted += unit.strength
                row.pending_losses += unit.strength
                place.store_equipment += unit.equipment
                unit.equipment_left += unit.equipment
                unit.equipment = 0.0
                unit.strength = 0.0


@rule
def weigh_backing(world, p):
    """What each sponsor's commitment comes to, after other wars and its distrust of the side's other sponsors."""
    for backing in world.backings:
        backing.weight = backing.commitment * (1.0 - backing.distraction) * (1.0 - p.friction * backing.friction)


@step
def champion_of(world, i):
    """The side to which the people of a place would turn: an enemy of its holder, whether awake or not; -1 none."""
    holder = world.sides[world.places[i].control]
    best = -1
    most = world.side_view[world.places[i].control, i].affinity
    for side in range(len(world.sides)):
        if (holder.hostile_mask >> side) & 1 and world.sides[side].collapsed == 0:
            if world.side_view[side, i].affinity > most:
                most = world.side_view[side, i].affinity
                best = side
    return best


@step
def awake(world, side, i):
    """Those of a side who waited in a place or call it home take up arms."""
    row = world.sides[side]
    row.posture = max(row.posture, 1)
    for n in range(row.first_unit, row.last_unit):
        unit = world.units[n]
        if unit.status == DORMANT and unit.draws_people == 0 and (unit.place == i or unit.home == i):
            unit.status = ACTIVE
            if unit.passive == 0:
                row.posture = 2


@step
def rise(world, atlas, p):
    """Once a day: places without a garrison, whose people are against their holder and feel him weak, may slip away."""
    campaign = world.campaign[0]
    for i in range(len(world.places)):
        place = world.places[i]
        holder = world.sides[place.control]
        if place.inside_mask & holder.friend_mask or place.population <= 0.0:
            continue
        if place.taken_on == campaign.tick:
            # Those who have just taken it are not counted inside yet.
            continue
        weakness = 1.0 - place.stability
        if place.taken_on < 0:
            weakness = max(0.0, 1.0 - holder.will / p.politics.authority) if p.politics.authority > 0.0 else 0.0
        if weakness <= 0.0:
            continue
        side = champion_of(world, i)
        if side < 0:
            continue
        gap = 0.5 * (world.side_view[side, i].affinity - world.side_view[place.control, i].affinity)
        u = draws.uniform(campaign.seed, campaign.replicate, campaign.tick, purposes.UPRISING, place.stream, 0)
        if draws.happens(u, 1.0, p.politics.uprising * gap * weakness):
            assess_threat(world, atlas, side, i)
            awake(world, side, i)
            change_hands(world, atlas, i, side, p)


@rule
def politics(world, atlas, p):
    """Will is weighed, sponsors think again, and a side whose will is spent may collapse."""
    q = p.politics
    campaign = world.campaign[0]
    if campaign.ceasefire <= 0.0 and campaign.tick % int(p.clock.ticks_a_day) == 0:
        rise(world, atlas, p)
    days = p.clock.tick_days
    recovering = 1.0 - exp(-q.recovery * days)
    for side in range(len(world.sides)):
        row = world.sides[side]
        if row.posture == 0:
            continue
        if row.collapsed == 1:
            melt_away(row, world, p)
            continue
        if row.capital >= 0 and world.places[row.capital].taken_on == campaign.tick:
            if world.places[row.capital].control != side:
                row.shock += q.capital_lost
        weigh_will(row, recovering, p)
        u = draws.uniform(campaign.seed, campaign.replicate, campaign.tick, purposes.COLLAPSE, row.stream, 0)
        if draws.happens(u, days, hazard_of_collapse(row.will, q)):
            row.collapsed = 1
            row.collapsed_on = campaign.tick
    fading = exp(-q.backing_loss * days)
    for backing in world.backings:
        if world.sides[backing.side].will < 0.5 * world.sides[backing.side].will_base:
            backing.commitment *= fading
    weigh_backing(world, q)
