"""Supreme command: what a side with several commands decides above them.

It gives up places whose garrison would do more good elsewhere, and sends formations that one command can spare to
places that another has to keep, as long as they can still be kept when the formation comes. A side with one command has
no use for the second.
"""

from __future__ import annotations

from sim.bookkeeping.commanding import (
    clear_given_up,
    commands_of,
    is_in_area,
    note_given_up,
    objectives_of,
    own_places,
)
from sim.bookkeeping.presence import is_on_road
from sim.bookkeeping.rosters import formations_of
from sim.kernel.compile import formula, rule
from sim.kernel.maths import exp, log
from sim.rules.at_hand import is_needed, takes_orders
from sim.rules.combat import cover
from sim.rules.objectives import feared, shielded
from sim.rules.perception import fresh_threat
from sim.rules.routes import is_way_blocked
from sim.world.tables import DEFEND, HOLD, MARCH, NONE

# --- withdrawal ------------------------------------------------------------------------------------------------------


@formula
def hold(power, ground, foe):
    """How far a garrison holds a place, 0-1: its power on that ground, to that of all."""
    return power * ground / (power * ground + foe) if foe > 0.0 else 1.0


@rule
def gain_at(world, command, there, power, foe, own):
    """What power adds to that of its own in the keeping of a place against a foe, times what the place shields."""
    ground = cover(world.places[there])
    return shielded(world, command, there) * (hold(own + power, ground, foe) - hold(own, ground, foe))


@rule
def gain_elsewhere(world, command, here, foe, rules):
    """The most that the garrison of a place could add elsewhere; the foe before it may come there, the less far, the
    more of him.
    """
    side = world.commands[command].side
    power, gain = world.forces[here, side].power, 0.0
    for there in own_places(world):
        if there != here:
            comes = max(feared(world, side, there, rules), foe * world.look_ahead[here, there])
            own = world.forces[there, side].power
            gain = max(gain, gain_at(world, command, there, power, comes, own))
    return gain


@rule
def is_dispensable(world, command, here, rules):
    """Whether the garrison of a place keeps less there than it would add elsewhere, and has a way to go."""
    side = world.commands[command].side
    place, power = world.places[here], world.forces[here, side].power
    if place.rear_base == 1 or world.sides[side].capital == here or power <= 0.0:
        return False
    foe = feared(world, side, here, rules)
    if foe <= 0.0 or world.side_view[side, here].way_home == NONE:
        return False
    keeps = shielded(world, command, here) * hold(power, cover(place), foe)
    return world.doctrines[side].redeployment * gain_elsewhere(world, command, here, foe, rules) > keeps


@rule
def order_withdrawals(world, side, rules):
    """The supreme command orders places given up whose garrisons would do more good elsewhere."""
    clear_given_up(world)
    if world.doctrines[side].redeployment <= 0.0:
        return
    command = world.sides[side].first_command
    for here in own_places(world):
        if is_dispensable(world, command, here, rules):
            note_given_up(world, here)


# --- reserves --------------------------------------------------------------------------------------------------------


@rule
def command_in_area(world, side, here):
    """The first command of a side in whose area a place lies; NONE if there is none."""
    for command in commands_of(world, side):
        if is_in_area(world, command, here):
            return command
    return NONE


@rule
def place_under_local_command(world, side):
    """Formations without a task in the area of another command come under that command."""
    row = world.sides[side]
    if row.last_command - row.first_command < 2:
        return
    for i in formations_of(world, side):
        unit = world.units[i]
        if is_on_road(unit) or unit.task != HOLD or is_in_area(world, unit.command, unit.place):
            continue
        local = command_in_area(world, side, unit.place)
        if local != NONE:
            unit.command = local


@rule
def can_be_spared(world, unit, rules):
    """Whether a formation stands idle where nothing new threatens, and its command can spare it."""
    if unit.mobile == 0 or unit.readiness < rules.command.ready_to_march or not takes_orders(world, unit):
        return False
    if unit.task != HOLD or is_on_road(unit) or is_needed(world, unit, rules.control):
        return False
    if fresh_threat(world, unit.side, unit.place, rules.perception) > 0.0:
        return False
    command = world.commands[unit.command]
    return command.lent + unit.power <= command.spare * (command.force + command.lent)


@rule
def days_of_march(atlas, unit, there, movement):
    """Days until a formation that is ordered to a distant place comes there: it assembles, then it marches."""
    return unit.assembly_days + atlas.km[unit.place, there] / (unit.speed * movement.march_hours)


@rule
def gain_of_sending(world, atlas, command, objective, unit, rules):
    """What a formation would add to the keeping of a place, times what that shields, if the place holds until it comes.

    How far a place is held is taken as the chance that it stands for another day.
    """
    there = objective.target
    foe = feared(world, unit.side, there, rules)
    power = max(world.forces[there, unit.side].power, objective.sent)
    held = hold(power, cover(world.places[there]), foe)
    if held <= 0.0:
        return 0.0
    stands = exp(days_of_march(atlas, unit, there, rules.movement) * log(held))
    return stands * gain_at(world, command, there, unit.power, foe, power)


@rule
def loss_of_sending(world, command, unit, foe):
    """What the keeping of the place where a formation stands would lose against a foe, times what that shields."""
    rest = world.forces[unit.place, unit.side].power - unit.power
    return gain_at(world, command, unit.place, unit.power, foe, max(0.0, rest))


@rule
def best_served(world, atlas, unit, rules):
    """Row of the place to be kept by another command where a formation is missed most; NONE if nowhere.

    The enemy before that place may come here instead, the less far, the more of him: it must gain more there than is
    lost here.
    """
    best, most, first = NONE, 0.0, world.sides[unit.side].first_command
    for command in commands_of(world, unit.side):
        if command == unit.command:
            continue
        for k in objectives_of(world, command):
            objective = world.objectives[k]
            if objective.target == NONE or objective.purpose != DEFEND or objective.sent >= objective.need:
                continue
            if is_way_blocked(world, atlas, unit, objective.target):
                continue
            gain = gain_of_sending(world, atlas, command, objective, unit, rules)
            nearness = world.look_ahead[objective.target, unit.place]
            foe = nearness * feared(world, unit.side, objective.target, rules)
            if gain > most and gain > loss_of_sending(world, first, unit, foe):
                best, most = k, gain
    return best


@rule
def release_reserves(world, atlas, side, rules):
    """Formations that one command can spare go where another would gain by them; they assemble before they march."""
    row = world.sides[side]
    if row.last_command - row.first_command < 2:
        return
    for i in formations_of(world, side):
        unit = world.units[i]
        if not can_be_spared(world, unit, rules):
            continue
        best = best_served(world, atlas, unit, rules)
        if best == NONE:
            continue
        objective = world.objectives[best]
        objective.sent += unit.power
        world.commands[unit.command].lent += unit.power
        for command in commands_of(world, side):
            if best in objectives_of(world, command):
                unit.command = command
        unit.target = objective.target
        unit.task = MARCH
        unit.assembly = unit.assembly_days
