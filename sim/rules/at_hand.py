"""Forces at hand: which formations a command leads, what they amount to, and who may be sent where."""

from __future__ import annotations

from sim.bookkeeping.clock import was_taken
from sim.bookkeeping.commanding import people_leaving
from sim.bookkeeping.presence import has_enemies_before, is_on_road, moves_round, place_of
from sim.bookkeeping.rosters import formations_of
from sim.kernel.compile import rule
from sim.rules.breakpoint import has_way_out
from sim.rules.control import garrison_needed
from sim.world.tables import ACTIVE, FREE, ORDERED, WITHDRAW


@rule
def may_send(world, unit, command):
    """Whether a formation is one that a command may send elsewhere."""
    return unit.command == command and unit.mobile == 1 and unit.status == ACTIVE and unit.bound != ORDERED


@rule
def mobile_force(world, command):
    """Power of the formations that a command may send elsewhere."""
    power = 0.0
    for i in formations_of(world, world.commands[command].side):
        if may_send(world, world.units[i], command):
            power += world.units[i].power
    return power


@rule
def force_within_reach(world, atlas, command, here, force, p):
    """Of that power, what counts for an attack on a place: the less, the farther away it is, if distance counts."""
    if p.ease_km <= 0.0:
        return force
    power = 0.0
    for i in formations_of(world, world.commands[command].side):
        unit = world.units[i]
        if may_send(world, unit, command):
            power += unit.power * p.ease_km / (p.ease_km + atlas.km[place_of(unit), here])
    return power


@rule
def is_needed(world, unit, control):
    """Whether a place needs a formation as garrison, which goes or stays whole.

    It stays if it is the last one there while the enemy stands before the place, if its doctrine says so; and in a
    captured place if more than half of it is needed.
    """
    here, side = unit.place, unit.side
    place, d = world.places[here], world.doctrines[side]
    if place.control != side:
        return False
    staying = world.forces[here, side].people - people_leaving(world, here) - unit.strength
    if d.last_stays >= 0.5 and staying < 1.0 and has_enemies_before(world, here, side):
        return True
    if not was_taken(place):
        return False
    needed = garrison_needed(place, world.side_view[side, here].affinity, control)
    return staying + 0.5 * unit.strength < d.garrison * needed


@rule
def takes_orders(world, unit):
    """Whether the commander may give a formation new orders."""
    if unit.status != ACTIVE or unit.bound != FREE or unit.passive == 1 or unit.pause > 0.0:
        return False
    if moves_round(world, unit):
        return False
    # A formation that withdraws along a road goes on, as long as there is a way.
    return not (unit.task == WITHDRAW and is_on_road(unit) and has_way_out(world, unit))
