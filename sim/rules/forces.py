"""Where everybody stands: the power of each formation, and the sums by place, gate and road that the phases read."""

from __future__ import annotations

from dataclasses import dataclass

from sim.rules.compiler import rule, step
from sim.scenario.parameters import Parameters, parameter
from sim.world.tables import ACTIVE, SHATTERED, WITHDRAWING


@dataclass(frozen=True)
class ForcesParameters(Parameters):
    """What makes a formation strong, and what counts as closing a road."""

    morale_floor: float = parameter(0.5, 0, 1, "share", "of its power that a unit without any morale keeps", "assumed")
    readiness_floor: float = parameter(
        0.4, 0, 1, "share", "of its power that a unit caught unready keeps", "assumed; direction from article SF50"
    )
    supply_floor: float = parameter(0.4, 0, 1, "share", "of its power that a unit without supply keeps", "assumed")
    supply_enough: float = parameter(2, 0.1, 10, "days", "of supply above which power does not suffer", "assumed")
    closing_force: float = parameter(150, 1, 5000, "people", "from which a force closes a road", "assumed (prototype)")
    ring: float = parameter(
        3, 1, 12, "roads", "closed, with a way out left, for a place to count as ringed", "article SF08, SF10"
    )
    contact_km: float = parameter(5, 0.5, 20, "km", "within which forces on one road fight", "assumed (prototype)")


@step
def fighting_power(unit, p):
    """What a formation can bring to bear: people and equipment, times quality, morale, supply and readiness."""
    morale = p.morale_floor + (1.0 - p.morale_floor) * unit.morale
    readiness = p.readiness_floor + (1.0 - p.readiness_floor) * unit.readiness
    supply = 1.0
    if unit.supply < p.supply_enough:
        supply = p.supply_floor + (1.0 - p.supply_floor) * unit.supply / p.supply_enough
    return (unit.strength + unit.heavy_weight * unit.heavy) * unit.quality * morale * readiness * supply


@rule
def is_hostile(side, mask):
    """Whether a side (its row) has an enemy among those in a bit mask."""
    return (side.hostile_mask & mask) != 0


@rule
def is_friendly(side, other):
    """Whether `other` (its number) is the side itself or its ally."""
    return (side.friend_mask >> other) & 1 != 0


@step
def clear_sums(places, roads, forces, lanes):
    """The sums of the last count are wiped where there were any."""
    for i in range(len(places)):
        place = places[i]
        present = place.inside_mask | place.gate_mask
        if present != 0:
            for side in range(forces.shape[1]):
                if not (present >> side) & 1:
                    continue
                sums = forces[i, side]
                sums.men = 0.0
                sums.power = 0.0
                sums.formations = 0.0
                sums.gate_power = 0.0
                sums.assault_power = 0.0
            place.inside_mask = 0
            place.gate_mask = 0
    for i in range(len(roads)):
        if roads[i].first_on_road >= 0:
            for side in range(lanes.shape[1]):
                sums = lanes[i, side]
                sums.men = 0.0
                sums.gate_a_men = 0.0
                sums.gate_b_men = 0.0
            roads[i].first_on_road = -1
            roads[i].columns = 0


@step
def join_chain(unit, i, road):
    """A formation is chained to the others on a road."""
    unit.next_on_road = road.first_on_road
    road.first_on_road = i
    road.columns |= 1 << unit.side


@step
def count_on_road(unit, i, road, places, forces, lanes):
    """A formation on a road is chained to the others there, and counted on the way or at a gate."""
    forward = unit.heading == road.b
    unit.at_km = road.km - unit.km_left if forward else unit.km_left
    unit.bearing = 0.0
    unit.meets = 0
    if unit.status != ACTIVE:
        return
    join_chain(unit, i, road)
    sums = lanes[unit.road, unit.side]
    if unit.km_left > 0.0:
        sums.men += unit.strength
        return
    if forward:
        sums.gate_b_men += unit.strength
    else:
        sums.gate_a_men += unit.strength
    before = forces[unit.heading, unit.side]
    before.gate_power += unit.power
    places[unit.heading].gate_mask |= 1 << unit.side


@rule
def note_change(campaign, sides, who, ground):
    """Sides hostile to those who came or went, who with their friends hold the ground, look at their lines again."""
    for side in range(len(sides)):
        if sides[side].hostile_mask & who and not ground & ~sides[side].friend_mask:
            campaign.changed |= 1 << side


@step
def see_traffic(campaign, sides, places, roads, lanes, p):
    """Which sides close which roads or press which bases; whose ground that touches must trace its communications."""
    for place in places:
        if place.rally == 1 and place.seen_mask != place.inside_mask | place.gate_mask:
            note_change(campaign, sides, place.seen_mask ^ (place.inside_mask | place.gate_mask), 1 << place.control)
            place.seen_mask = place.inside_mask | place.gate_mask
    for i in range(len(roads)):
        road = roads[i]
        traffic = 0
        if road.first_on_road < 0 and road.traffic == 0:
            continue
        if road.first_on_road >= 0:
            for side in range(len(sides)):
                sums = lanes[i, side]
                if sums.men + sums.gate_a_men + sums.gate_b_men >= p.closing_force:
                    traffic |= 1 << side
        if traffic != road.traffic:
            # A road between own and enemy ground is no line of communication: its traffic changes none.
            ends = 1 << places[road.a].control | 1 << places[road.b].control
            note_change(campaign, sides, traffic ^ road.traffic, ends)
            road.traffic = traffic


@rule
def call_the_roll(world, p):
    """The formations in the field are listed, and the power of each that is not broken is reckoned.

    The doctrine gives the order to assault anew each tick; who commands from outside takes it back himself.
    """
    campaign, units = world.campaign[0], world.units
    campaign.present = 0
    for i in range(len(units)):
        unit = units[i]
        if world.sides[unit.side].commander == 0:
            unit.assault = 0
        if unit.status != ACTIVE and unit.status != WITHDRAWING and unit.status != SHATTERED:
            # Who has left the field faces nobody; the phases no longer look at it.
            unit.contact = 0
            continue
        world.present[campaign.present] = i
        campaign.present += 1
        if unit.status != SHATTERED:
            unit.power = fighting_power(unit, p)


@rule
def count_forces(world, p):
    """Everybody's position is noted, and people and power are summed by place, gate and road."""
    units, places, roads, forces, lanes = world.units, world.places, world.roads, world.forces, world.lanes
    clear_sums(places, roads, forces, lanes)
    campaign = world.campaign[0]
    campaign.columns = 0
    for k in range(campaign.present):
        i = world.present[k]
        unit = units[i]
        if unit.status != ACTIVE and unit.status != WITHDRAWING:
            continue
        if unit.road >= 0:
            world.columns[campaign.columns] = i
            campaign.columns += 1
            count_on_road(unit, i, roads[unit.road], places, forces, lanes)
        elif unit.status == ACTIVE:
            sums = forces[unit.place, unit.side]
            sums.men += unit.strength
            sums.power += unit.power
            sums.formations += 1.0
            places[unit.place].inside_mask |= 1 << unit.side
    see_traffic(campaign, world.sides, places, roads, lanes, p.forces)


@step
def is_touched(row, place):
    """Whether a side's ground or forces are in or next to a place."""
    return (place.round_mask | place.gate_mask | place.inside_mask) & row.friend_mask != 0


@rule
def power_inside(forces, here, mask):
    """Power inside a place of all sides in a bit mask."""
    power = 0.0
    for side in range(forces.shape[1]):
        if (mask >> side) & 1:
            power += forces[here, side].power
    return power


@rule
def power_at_gates(forces, here, mask):
    """Power at the gates of a place of all sides in a bit mask."""
    power = 0.0
    for side in range(forces.shape[1]):
        if (mask >> side) & 1:
            power += forces[here, side].gate_power
    return power


@rule
def leave_ranks(unit, places, forces):
    """A formation inside a place no longer fights: those who are left are counted without it."""
    if unit.road >= 0:
        return
    sums = forces[unit.place, unit.side]
    sums.men -= unit.strength
    sums.formations -= 1.0
    if sums.formations <= 0.0:
        sums.men = 0.0
        sums.power = 0.0
        places[unit.place].inside_mask &= ~(1 << unit.side)


@step
def spread_threat(world, atlas):
    """The power of each force inside or before a place threatens that place, and if inside the next ones too."""
    places, threat, forces = world.places, world.threat, world.forces
    for i in range(len(places)):
        place = places[i]
        present = place.inside_mask | place.gate_mask
        if present == 0:
            continue
        for other in range(forces.shape[1]):
            if not (present >> other) & 1:
                continue
            inside = forces[i, other].power
            here = inside + forces[i, other].gate_power
            for side in range(len(world.sides)):
                row = world.sides[side]
                if not (row.hostile_mask >> other) & 1 or row.posture == 0:
                    continue
                threat[side, i] += here
                if inside > 0.0:
                    for n in range(place.first_way, place.last_way):
                        threat[side, atlas.ways[n].place] += inside


@step
def look_round(place, side, row, view, world, atlas, p):
    """How many of a place's roads to a side's own and its enemies' ground are closed to it, and whether it is ringed.

    Ringed: enough roads are closed, and yet a line of communication leaves the place.
    """
    places = world.places
    closed = 0.0
    count = 0.0
    for n in range(place.first_way, place.last_way):
        control = places[atlas.ways[n].place].control
        if (row.hostile_mask >> control) & 1:
            closed += 1.0
            count += 1.0
        elif (row.friend_mask >> control) & 1:
            count += 1.0
            if world.roads[atlas.ways[n].road].traffic & row.hostile_mask:
                closed += 1.0
    view.closed = closed / count if count > 0.0 else 1.0
    if place.control == side and closed >= p.ring and view.way_home >= 0:
        place.ringed_on = world.campaign[0].tick


@rule
def feel_enemies(world, atlas, p):
    """Each side learns how near hostile forces are to each place, and which roads they close where it stands."""
    places, outlook, threat = world.places, world.outlook, world.threat
    for side in range(len(world.sides)):
        for i in range(len(places)):
            threat[side, i] = 0.0
    spread_threat(world, atlas)
    for i in range(len(places)):
        if places[i].inside_mask == 0:
            continue
        for side in range(len(world.sides)):
            if (places[i].inside_mask >> side) & 1 and threat[side, i] > 0.0:
                look_round(places[i], side, world.sides[side], outlook[side, i], world, atlas, p.forces)
