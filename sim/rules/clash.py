"""Clash: the share of a tick for which formations fight that arrive, or go over to the assault, during it.

Defenders break by a hazard, and those who break in a tick fight to its end. A fight that has its full first tick would
last too long: by half a tick where few break in it, by more where most do. So its first tick counts in part.
"""

from __future__ import annotations

from sim.bookkeeping.march import has_just_come
from sim.bookkeeping.presence import hostile_assault_power, is_in_place, is_inside, is_shared, place_of
from sim.bookkeeping.rosters import formations_in_field
from sim.kernel.compile import formula, rule
from sim.kernel.maths import exp
from sim.rules.breakpoint import assess_defence, log_hazard, set_break_terms
from sim.world.tables import ACTIVE, WITHDRAW


@formula
def first_share(expected):
    """Share of its first tick after which a fight lasts, in the mean, as long as it would without ticks.

    `expected`: how often a defender would break in a tick, x. Without ticks it stands for 1/x ticks in the mean. With
    ticks it leaves at the end of one, so it stands for 1/(1 - exp(-x)) of them: the first has to count less by the
    difference.
    """
    if expected < 0.01:
        return 0.5 - expected / 12.0
    if expected > 30.0:
        return 1.0 / expected
    return 1.0 / expected - 1.0 / (exp(expected) - 1.0)


@rule
def assess_defenders(world, atlas, here, rules):
    """What those share who defend a place against an assault. Returns whether there are any."""
    found = False
    for side in range(len(world.sides)):
        if is_inside(world, here, side) and hostile_assault_power(world, here, side) > 0.0:
            assess_defence(world, atlas, side, here, rules)
            found = True
    return found


@rule
def share_of_first_tick(world, atlas, here, rules):
    """The share of its first tick that a fight for a place counts, in the mean of the defenders' power."""
    dt, power, share = rules.clock.tick_days, 0.0, 0.0
    for i in formations_in_field(world):
        unit = world.units[i]
        if unit.status != ACTIVE or not is_in_place(unit, here) or unit.task == WITHDRAW:
            continue
        if hostile_assault_power(world, here, unit.side) > 0.0:
            set_break_terms(world, atlas, i, False, rules)
            power += unit.power
            share += unit.power * first_share(exp(log_hazard(world.break_terms[i])) * dt)
    return share / power if power > 0.0 else 0.5


@rule
def clash(world, atlas, rules):
    """Before combat: the share of this tick for which formations that arrived during it fight, by place."""
    for place in world.presence:
        place.clash = 1.0
    for i in formations_in_field(world):
        unit = world.units[i]
        here = place_of(unit)
        if has_just_come(unit, rules.clock.tick_days) and world.presence[here].clash == 1.0:
            world.presence[here].clash = 0.5
            if is_shared(world, here) and assess_defenders(world, atlas, here, rules):
                world.presence[here].clash = share_of_first_tick(world, atlas, here, rules)
