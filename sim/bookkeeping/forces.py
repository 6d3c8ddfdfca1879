"""Where everybody stands: the power of each formation, and the sums by place, gate and road that the phases read."""

from __future__ import annotations

from sim.kernel.compile import rule, step


@rule
def is_hostile(side, mask):
    """Whether a side (its row) has an enemy among those in a bit mask."""
    return (side.hostile_mask & mask) != 0


@rule
def is_friendly(side, other):
    """Whether `other` (its number) is the side itself or its ally."""
    return (side.friend_mask >> other) & 1 != 0


@rule
def join_column(world, unit, i):
    """An active formation is chained to the others on its road."""
    road, campaign = world.roads[unit.road], world.campaign[0]
    if road.is_busy == 0:
        road.is_busy = 1
        world.busy[campaign.busy] = unit.road
        campaign.busy += 1
    unit.next_on_road = road.first_on_road
    road.first_on_road = i
    road.columns |= 1 << unit.side


@rule
def people_at_gate(road, side, here, units):
    """How many people of a side stand on a road at the gate of a place."""
    people = 0.0
    j = road.first_on_road
    while j >= 0:
        unit = units[j]
        if unit.side == side and unit.heading == here and unit.km_left <= 0.0:
            people += unit.strength
        j = unit.next_on_road
    return people


@step
def is_touched(row, place):
    """Whether a side's ground or forces are in or next to a place."""
    return (place.round_mask | place.gate_mask | place.inside_mask) & row.friend_mask != 0


@rule
def people_inside(forces, here, mask):
    """People inside a place of all sides in a bit mask."""
    people = 0.0
    side = 0
    while mask >> side != 0:
        if (mask >> side) & 1:
            people += forces[here, side].people
        side += 1
    return people


@rule
def power_inside(forces, here, mask):
    """Power inside a place of all sides in a bit mask."""
    power = 0.0
    side = 0
    while mask >> side != 0:
        if (mask >> side) & 1:
            power += forces[here, side].power
        side += 1
    return power


@rule
def power_at_gates(forces, here, mask):
    """Power at the gates of a place of all sides in a bit mask."""
    power = 0.0
    side = 0
    while mask >> side != 0:
        if (mask >> side) & 1:
            power += forces[here, side].gate_power
        side += 1
    return power


@rule
def leave_ranks(unit, places, forces):
    """A formation inside a place no longer fights: those who are left are counted without it."""
    if unit.road >= 0:
        return
    sums = forces[unit.place, unit.side]
    sums.people -= unit.strength
    sums.formations -= 1.0
    if sums.formations <= 0.0:
        sums.people = 0.0
        sums.power = 0.0
        places[unit.place].inside_mask &= ~(1 << unit.side)
