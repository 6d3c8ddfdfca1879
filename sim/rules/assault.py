"""Assault and encirclement: what those who stand before a place do, decided on the spot in every tick."""

from __future__ import annotations

from sim.bookkeeping.clock import is_ceasefire
from sim.bookkeeping.commanding import objectives_of_side
from sim.bookkeeping.march import has_just_come
from sim.bookkeeping.presence import is_at_gate
from sim.bookkeeping.relations import follows_doctrine, is_friendly
from sim.bookkeeping.roads import is_closed_to, is_open_to, people_at_gate
from sim.bookkeeping.rosters import formations_of, formations_on_roads, neighbours_of
from sim.kernel.compile import rule
from sim.rules.combat import cover
from sim.world.tables import ACTIVE, ACTIVE_POSTURE, ATTACK, BESIEGED, FLANK, NONE, ORDERED, OUTSIDE


@rule
def plans(row):
    """Whether a side plans operations at all."""
    return row.posture == ACTIVE_POSTURE and row.collapsed == 0


@rule
def open_road(world, atlas, side, here):
    """A road that the defenders of a place could still use and the besieger may close; NONE if there is none."""
    holder, leaves_exit = world.places[here].control, world.doctrines[side].leave_exit >= 0.5
    way_out = world.side_view[holder, here].way_home
    for n in neighbours_of(world, here):
        there, road = atlas.neighbours[n].place, atlas.neighbours[n].road
        if not is_friendly(world, holder, world.places[there].control) or not is_open_to(world, road, holder):
            continue
        if not is_closed_to(world, road, side) and not (leaves_exit and there == way_out):
            return road
    return NONE


@rule
def is_moving_round(world, side, here):
    """Whether a formation of a side is already on its way round a place: the next one waits for it."""
    for i in formations_of(world, side):
        unit = world.units[i]
        if unit.task == FLANK and unit.heading == here and unit.status == ACTIVE:
            return True
    return False


@rule
def can_move_round(world, unit, here, closing_force):
    """Whether a formation before a place may leave its gate, and enough people stay there to close the road."""
    if unit.status != ACTIVE or not is_at_gate(unit) or unit.heading != here:
        return False
    if unit.mobile == 0 or unit.pause > 0.0 or unit.task == FLANK or unit.bound == ORDERED:
        return False
    return people_at_gate(world, unit.road, here, unit.side) - unit.strength >= closing_force


@rule
def encircle_place(world, atlas, side, here, flank_days, closing_force):
    """Before a place attacked, one formation that its gate can spare moves round to an open road."""
    road = open_road(world, atlas, side, here)
    if road == NONE or is_moving_round(world, side, here):
        return
    for i in formations_of(world, side):
        unit = world.units[i]
        if can_move_round(world, unit, here, closing_force):
            unit.task = FLANK
            unit.flank_road = road
            unit.flank_days = flank_days
            return


@rule
def encircle(world, atlas, rules):
    """Each side whose doctrine says so closes the roads of the places that it attacks."""
    # Formations come before a place in the course of the tick: in the mean half of it is over.
    flank_days = rules.command.flank_days - 0.5 * rules.clock.tick_days
    for side in range(len(world.sides)):
        row = world.sides[side]
        if not plans(row) or row.commander == OUTSIDE or world.doctrines[side].encirclement < 0.5:
            continue
        for k in objectives_of_side(world, side):
            objective = world.objectives[k]
            here = objective.target
            if here != NONE and objective.purpose == ATTACK and world.forces[here, side].gate_power > 0.0:
                encircle_place(world, atlas, side, here, flank_days, rules.forces.closing_force)


@rule
def has_ratio_for_assault(world, unit):
    """Whether those of a side before a place together have the ratio of power for an assault."""
    here, side = unit.heading, unit.side
    against = 1.0 + world.side_view[side, here].belief * cover(world.places[here])
    power = world.forces[here, side].gate_power * world.sides[side].drive
    return power >= world.doctrines[side].assault_ratio * against


@rule
def join_assault(world, unit, dt):
    """A formation is among those who assault. One that has besieged until now goes over to it in the tick's course."""
    if unit.contact == BESIEGED:
        unit.march_days = 0.0
    force = world.forces[unit.heading, unit.side]
    force.assault_power += unit.power
    if has_just_come(unit, dt):
        force.assault_new += unit.power


@rule
def assault(world, rules):
    """Formations at a gate assault if those before the place together have the ratio for it."""
    dt = rules.clock.tick_days
    for i in formations_on_roads(world):
        unit = world.units[i]
        row = world.sides[unit.side]
        if not plans(row):
            # Nobody is left to give the order.
            unit.assault = 0
            continue
        if unit.status != ACTIVE or not is_at_gate(unit) or unit.task == FLANK:
            continue
        may_order = follows_doctrine(row, unit) and unit.passive == 0 and unit.pause <= 0.0 and not is_ceasefire(world)
        if may_order and has_ratio_for_assault(world, unit):
            unit.assault = 1
        if unit.assault == 1:
            join_assault(world, unit, dt)
