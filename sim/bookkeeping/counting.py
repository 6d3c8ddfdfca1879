"""The count of the forces: who is in the field, inside each place, at its gates and on each road.

A count wipes the last one where there was anything, and then adds formation by formation in the order of their numbers.
"""

from __future__ import annotations

from sim.bookkeeping.communications import note_base_contested, note_road_closed
from sim.bookkeeping.roads import first_on_road, join_road, next_on_road
from sim.bookkeeping.rosters import formations_in_field
from sim.kernel.compile import rule, step
from sim.world.tables import ACTIVE, NONE, SHATTERED


@rule
def clear_list(world):
    """Nobody is listed in the field yet."""
    world.counts[0].present = 0


@rule
def list_in_field(world, i):
    """List a formation in the field."""
    counts = world.counts[0]
    world.present[counts.present] = i
    counts.present += 1


@rule
def clear_count(world):
    """Wipe the last count."""
    counts = world.counts[0]
    for k in range(counts.occupied):
        cell = world.occupied[k]
        force = world.forces[cell.place, cell.side]
        force.people = 0.0
        force.power = 0.0
        force.formations = 0.0
        force.gate_power = 0.0
        force.assault_power = 0.0
        force.assault_new = 0.0
        world.presence[cell.place].inside_mask = 0
        world.presence[cell.place].gate_mask = 0
    counts.occupied = 0
    for k in range(counts.busy):
        road = world.road_use[world.busy[k]]
        road.first_on_road = NONE
        road.columns = 0
    counts.columns = 0


@rule
def list_cell(world, here, side):
    """The first formation of a side that is counted at a place puts the place and the side on the list."""
    counts, place = world.counts[0], world.presence[here]
    if not ((place.inside_mask | place.gate_mask) >> side) & 1:
        cell = world.occupied[counts.occupied]
        cell.place = here
        cell.side = side
        counts.occupied += 1


@rule
def count_inside(world, unit):
    """A formation in a place adds to the people and the power inside."""
    list_cell(world, unit.place, unit.side)
    world.presence[unit.place].inside_mask |= 1 << unit.side
    force = world.forces[unit.place, unit.side]
    force.people += unit.strength
    force.power += unit.power
    force.formations += 1.0


@rule
def count_at_gate(world, unit):
    """A formation at the end of a road adds to the power at the gates of the place before it."""
    list_cell(world, unit.heading, unit.side)
    world.presence[unit.heading].gate_mask |= 1 << unit.side
    world.forces[unit.heading, unit.side].gate_power += unit.power


@rule
def count_on_road(world, unit, i):
    """A formation on a road is listed; if it is active, it joins the others there, and may stand at a gate."""
    counts, road = world.counts[0], world.roads[unit.road]
    world.columns[counts.columns] = i
    counts.columns += 1
    unit.at_km = road.km - unit.km_left if unit.heading == road.b else unit.km_left
    unit.bearing = 0.0
    unit.meets = 0
    if unit.status == ACTIVE:
        join_road(world, i)
        if unit.km_left <= 0.0:
            count_at_gate(world, unit)


@step
def closers_of(world, road, closing_force):
    """The sides with people enough on a road and at its gates to close it. A side's formations follow each other."""
    closers = 0
    side = NONE
    people = 0.0
    i = first_on_road(world, road)
    while i != NONE:
        unit = world.units[i]
        if unit.side != side:
            side = unit.side
            people = 0.0
        people += unit.strength
        if people >= closing_force:
            closers |= 1 << side
        i = next_on_road(world, i)
    return closers


@rule
def note_closed_roads(world, closing_force):
    """Which sides close which roads; a road that everybody has left is looked at once more."""
    counts = world.counts[0]
    busy = counts.busy
    counts.busy = 0
    for k in range(busy):
        i = world.busy[k]
        road = world.road_use[i]
        road.is_busy = 0
        if road.first_on_road != NONE:
            road.is_busy = 1
            world.busy[counts.busy] = i
            counts.busy += 1
        closers = closers_of(world, i, closing_force)
        if closers != road.traffic:
            note_road_closed(world, i, closers ^ road.traffic)
            road.traffic = closers


@rule
def count_forces(world, closing_force):
    """Count everybody in the field who is not shattered, by place, gate and road."""
    clear_count(world)
    for i in formations_in_field(world):
        unit = world.units[i]
        if unit.status == SHATTERED:
            continue
        if unit.road >= 0:
            count_on_road(world, unit, i)
        elif unit.status == ACTIVE:
            count_inside(world, unit)
    note_base_contested(world)
    note_closed_roads(world, closing_force)
