"""Politics: will, sponsors, and the collapse of a side whose will is spent."""

from __future__ import annotations

from dataclasses import dataclass

from sim.rules import draws
from sim.rules.compiler import rule, step
from sim.rules.maths import exp
from sim.scenario.parameters import Parameters, parameter
from sim.world.tables import ACTIVE, DISPERSED, WITHDRAWING


@dataclass(frozen=True)
class PoliticsParameters(Parameters):
    """What wears a side down, and what follows."""

    place_lost: float = parameter(
        0.18, 0, 1, "will", "lost with a place of full symbolic weight", "assumed; article SF35"
    )
    place_won: float = parameter(0.08, 0, 1, "will", "gained with one", "assumed")
    capital_lost: float = parameter(0.5, 0, 1, "will", "lost with the capital", "assumed")
    bleeding: float = parameter(0.5, 0, 10, "will", "lost with all of a side's strength, pro rata", "assumed")
    recovery: float = parameter(0.02, 0, 1, "1/day", "of the gap to its base that will makes up", "assumed")
    legitimacy: float = parameter(0.2, 0, 1, "will", "that full legitimacy adds to the base", "assumed; article SF38")
    hardship: float = parameter(
        0.1, 0, 1, "will", "that full hardship takes from the base", "assumed; article SF40, SF41"
    )
    pay: float = parameter(0.03, 0, 1, "will", "that doubled pay adds to the base", "assumed; article SF52")
    unrest: float = parameter(0.4, 0, 1, "share", "of order lost when a place changes hands", "assumed")
    collapse: float = parameter(-5.0, -20, 5, "log 1/day", "hazard of collapse at a will of 0.35", "assumed")
    brittleness: float = parameter(
        18, 0, 100, "1", "weight of will below 0.35 in that log hazard", "assumed; article SF38"
    )
    melting: float = parameter(0.5, 0, 1, "share", "of formations that melt away each day after a collapse", "assumed")
    backing_loss: float = parameter(
        0.02,
        0,
        1,
        "1/day",
        "of a sponsor's commitment that fades while its side's will is below half",
        "assumed; article SF60",
    )


@step
def hazard_of_collapse(will, p):
    """Hazard per day that a side's rule ends, by its will."""
    return exp(p.collapse + p.brittleness * (0.35 - will))


@step
def losses_of(row, units):
    """People a side has lost for good so far: dead, missing, deserted, captured."""
    lost = 0.0
    for i in range(row.first_unit, row.last_unit):
        unit = units[i]
        lost += unit.killed + unit.missing + unit.deserted + unit.captured
    return lost


@step
def weigh_will(row, lost, p):
    """A side's will falls with the places and people lost, and drifts back to what pay and legitimacy hold up."""
    q = p.politics
    if row.muster_strength > 0.0:
        row.will -= q.bleeding * (lost - row.losses) / row.muster_strength
    row.will -= row.shock
    row.shock = 0.0
    row.losses = lost
    base = row.will_base + q.pay * (row.pay / max(row.pay_base, 0.01) - 1.0)
    base += q.legitimacy * (row.legitimacy - row.legitimacy_base) - q.hardship * (row.hardship - row.hardship_base)
    if base > row.will:
        row.will += (base - row.will) * (1.0 - exp(-q.recovery * p.clock.tick_days))
    row.will = min(1.0, max(0.0, row.will))


@step
def melt_away(row, world, p):
    """After a collapse a side's formations disband, a share each day."""
    campaign = world.campaign[0]
    chance = draws.happens_within(p.clock.tick_days, p.politics.melting)
    for i in range(row.first_unit, row.last_unit):
        unit = world.units[i]
        if unit.status == ACTIVE or unit.status == WITHDRAWING:
            u = draws.uniform(campaign.seed, campaign.replicate, campaign.tick, draws.COLLAPSE, unit.key, 0)
            if u < chance:
                unit.status = DISPERSED
                unit.deserted += unit.strength
                world.places[unit.place].store_heavy += unit.heavy
                unit.heavy_left += unit.heavy
                unit.heavy = 0.0
                unit.strength = 0.0


@rule
def politics(world, p):
    """Will is weighed, sponsors think again, and a side whose will is spent may collapse."""
    q = p.politics
    campaign = world.campaign[0]
    days = p.clock.tick_days
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
        weigh_will(row, losses_of(row, world.units), p)
        u = draws.uniform(campaign.seed, campaign.replicate, campaign.tick, draws.COLLAPSE, row.key, 0)
        if draws.happens(u, days, hazard_of_collapse(row.will, q)):
            row.collapsed = 1
            row.collapsed_on = campaign.tick
    fading = exp(-q.backing_loss * days)
    for backing in world.backings:
        if world.sides[backing.side].will < 0.5 * world.sides[backing.side].will_base:
            backing.commitment *= fading
