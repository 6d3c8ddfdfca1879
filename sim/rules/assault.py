"""Engage: those who have come before a place assault it at once, or move round it to close its roads."""

from __future__ import annotations

from sim.bookkeeping.forces import is_friendly, people_at_gate
from sim.bookkeeping.relations import follows_doctrine
from sim.kernel.compile import rule, step
from sim.world.layout import OBJECTIVE_SLOTS
from sim.world.tables import ACTIVE, ATTACK, FLANK, ORDERED, OUTSIDE


@step
def order_assaults(world):
    """Formations at a gate assault if those before the place together have the ratio for it."""
    truce = world.campaign[0].ceasefire > 0.0
    for n in range(world.campaign[0].columns):
        unit = world.units[world.columns[n]]
        row, d = world.sides[unit.side], world.doctrines[unit.side]
        if row.posture != 2 or row.collapsed == 1:
            # Nobody is left to give the order.
            unit.assault = 0
            continue
        if unit.status != ACTIVE or unit.km_left > 0.0 or unit.task == FLANK:
            continue
        before = world.forces[unit.heading, unit.side]
        if follows_doctrine(row, unit) and not truce and unit.pause <= 0.0 and unit.passive == 0:
            place = world.places[unit.heading]
            cover = place.terrain * (1.0 + place.fortification)
            against = 1.0 + world.side_view[unit.side, unit.heading].belief * cover
            if before.gate_power * row.drive >= d.assault_ratio * against:
                unit.assault = 1
        if unit.assault == 1:
            before.assault_power += unit.power


@step
def open_road(world, atlas, side, here, leave_exit):
    """A road of a place that its defenders could still use and the besieger may close; -1 if there is none."""
    places = world.places
    holder = places[here].control
    keeper, row = world.sides[holder], world.sides[side]
    way_out = world.side_view[holder, here].way_home
    for n in range(places[here].first_neighbour, places[here].last_neighbour):
        there = atlas.neighbours[n].place
        if world.roads[atlas.neighbours[n].road].cut == 1:
            continue
        traffic = world.roads[atlas.neighbours[n].road].traffic
        usable = is_friendly(keeper, places[there].control) and not traffic & keeper.hostile_mask
        if usable and not traffic & row.hostile_mask and not (leave_exit and there == way_out):
            return atlas.neighbours[n].road
    return -1


@step
def is_moving_round(row, here, units):
    """Whether a formation of a side is already on its way round a place: the next one waits for it."""
    for i in range(row.first_unit, row.last_unit):
        if units[i].task == FLANK and units[i].heading == here and units[i].status == ACTIVE:
            return True
    return False


@step
def encircle(world, atlas, side, p):
    """Before each place attacked, one formation at a time that its gate can spare moves round to an open road."""
    row, d = world.sides[side], world.doctrines[side]
    first = side * OBJECTIVE_SLOTS
    for k in range(OBJECTIVE_SLOTS):
        objective = world.objectives[first + k]
        here = objective.target
        if here < 0 or objective.purpose != ATTACK or world.forces[here, side].gate_power <= 0.0:
            continue
        way = open_road(world, atlas, side, here, d.leave_exit >= 0.5)
        if way < 0 or is_moving_round(row, here, world.units):
            continue
        for i in range(row.first_unit, row.last_unit):
            unit = world.units[i]
            if unit.status != ACTIVE or unit.road < 0 or unit.heading != here or unit.km_left > 0.0:
                continue
            if unit.mobile == 0 or unit.pause > 0.0 or unit.task == FLANK or unit.bound == ORDERED:
                continue
            there = people_at_gate(world.roads[unit.road], side, here, world.units)
            if there - unit.strength >= p.forces.closing_force:
                unit.task = FLANK
                unit.flank_road = way
                # It came here in the course of the tick: in the mean half of it is over.
                unit.flank_days = p.command.flank_days - 0.5 * p.clock.tick_days
                break


@rule
def engage(world, atlas, p):
    """Those who have come before a place assault it, or move round it to close its roads."""
    for side in range(len(world.sides)):
        row = world.sides[side]
        if row.posture == 2 and row.collapsed == 0 and row.commander != OUTSIDE:
            if world.doctrines[side].encirclement >= 0.5:
                encircle(world, atlas, side, p)
    order_assaults(world)
