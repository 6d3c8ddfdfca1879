"""Who is on a road: the chain of its formations, who closes it, who marches on it."""

from __future__ import annotations

from sim.bookkeeping.relations import is_hostile, sum_of_enemies
from sim.kernel.compile import rule, step

ROUNDING_KM = 1e-6
"""Columns that have met may stand this far on the wrong side of each other: rounding must not let them pass."""


@rule
def first_on_road(world, road):
    """Number of the first active formation on a road; NONE if there is none. The others follow by `next_on_road`."""
    return world.road_use[road].first_on_road


@rule
def next_on_road(world, i):
    """Number of the active formation that follows formation `i` on its road; NONE after the last."""
    return world.next_on_road[i]


@step
def busy_roads(world):
    """Numbers of the roads with formations on them or at their gates, as last counted."""
    return world.busy[: world.counts[0].busy]


@rule
def is_road_shared(world, road):
    """Whether two or more sides have active formations on a road."""
    sides = world.road_use[road].columns
    return sides & (sides - 1) != 0


@rule
def count_cuts(world):
    """Note how many roads are cut."""
    cuts = 0
    for road in world.roads:
        cuts += road.cut
    world.counts[0].cuts = cuts


@rule
def has_cut_roads(world):
    """Whether any road is cut."""
    return world.counts[0].cuts > 0


@rule
def join_road(world, i):
    """Active formation `i` becomes the first in the chain of its road."""
    unit, counts = world.units[i], world.counts[0]
    road = world.road_use[unit.road]
    if road.is_busy == 0:
        road.is_busy = 1
        world.busy[counts.busy] = unit.road
        counts.busy += 1
    world.next_on_road[i] = road.first_on_road
    road.first_on_road = i
    road.columns |= 1 << unit.side


@rule
def other_end(road, place):
    """The end of a road (its row) that is not `place`."""
    return road.a if road.b == place else road.b


@rule
def clear_movers(world):
    """Nobody marches on any road yet in this tick."""
    for road in world.road_use:
        road.movers = 0


@rule
def note_mover(world, unit):
    """A formation is seen to march on its road, or to come to it, in this tick."""
    world.road_use[unit.road].movers |= 1 << unit.side


@rule
def has_enemies_on_road(world, road, side):
    """Whether enemies of a side have active formations on a road."""
    return world.road_use[road].columns & world.relations[side].hostile_mask != 0


@rule
def has_moving_enemies(world, road, side):
    """Whether enemies of a side march on a road, or come to it, in this tick."""
    return world.road_use[road].movers & world.relations[side].hostile_mask != 0


@rule
def is_closed_to(world, road, side):
    """Whether enough people of an enemy of the side are on a road or at its gates to close it."""
    return world.road_use[road].traffic & world.relations[side].hostile_mask != 0


@rule
def is_open_to(world, road, side):
    """Whether a road is not cut and not closed by an enemy of the side."""
    return world.roads[road].cut == 0 and not is_closed_to(world, road, side)


@rule
def people_at_gate(world, road, here, side):
    """People of a side who stand on a road at the gate of a place."""
    people = 0.0
    j = first_on_road(world, road)
    while j >= 0:
        unit = world.units[j]
        if unit.side == side and unit.heading == here and unit.km_left <= 0.0:
            people += unit.strength
        j = next_on_road(world, j)
    return people


@rule
def has_enemy_within(world, unit, km):
    """Whether an active enemy stands on the same road as a formation, not farther away than so many kilometres."""
    j = first_on_road(world, unit.road)
    while j >= 0:
        other = world.units[j]
        if abs(other.at_km - unit.at_km) <= km and is_hostile(world, unit.side, other.side):
            return True
        j = next_on_road(world, j)
    return False


@rule
def enemy_power_in_meeting(world, road, side):
    """Power of the enemies of a side in the meeting engagements on a road."""
    return sum_of_enemies(world, side, world.road_combat.meeting_power[road])
