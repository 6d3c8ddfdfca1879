"""Where everybody stands: the power of each formation, and the sums by place, gate and road that the phases read."""

from __future__ import annotations

from dataclasses import dataclass

from sim.bookkeeping.relations import follows_doctrine
from sim.kernel.compile import rule, step
from sim.scenario.parameters import Parameters, parameter
from sim.world.tables import ACTIVE, SHATTERED, WITHDRAWING


@dataclass(frozen=True)
class ForcesParameters(Parameters):
    """What makes a formation strong, and what counts as closing a road."""

    morale_floor: float = parameter(0.5, "share", "of power kept without morale", bounds=(0, 1), basis="assumed")
    readiness_floor: float = parameter(
        0.4, "share", "of power kept when unready", bounds=(0, 1), basis="assumed; direction from article SF50"
    )
    supply_floor: float = parameter(0.4, "share", "of power kept without supply", bounds=(0, 1), basis="assumed")
    supply_enough: float = parameter(2, "days", "of supply that keep up full power", bounds=(0.1, 10), basis="assumed")
    closing_force: float = parameter(150, "people", "that close a road", bounds=(1, 5000), basis="assumed (prototype)")
    investing_roads: float = parameter(
        3,
        "roads",
        "closed, with a way out left, for a place to count as invested",
        bounds=(1, 12),
        basis="article SF08, SF10",
    )
    contact_km: float = parameter(
        5, "km", "within which enemies on one road fight", bounds=(0.5, 20), basis="assumed (prototype)"
    )


@step
def fighting_power(unit, p):
    """What a formation can bring to bear: people and equipment, times quality, morale, supply and readiness."""
    morale = p.morale_floor + (1.0 - p.morale_floor) * unit.morale
    readiness = p.readiness_floor + (1.0 - p.readiness_floor) * unit.readiness
    supply = 1.0
    if unit.supply < p.supply_enough:
        supply = p.supply_floor + (1.0 - p.supply_floor) * unit.supply / p.supply_enough
    return (unit.strength + unit.equipment_weight * unit.equipment) * unit.quality * morale * readiness * supply


@rule
def is_hostile(side, mask):
    """Whether a side (its row) has an enemy among those in a bit mask."""
    return (side.hostile_mask & mask) != 0


@rule
def is_friendly(side, other):
    """Whether `other` (its number) is the side itself or its ally."""
    return (side.friend_mask >> other) & 1 != 0


@step
def clear_sums(campaign, occupied, busy, places, roads, forces):
    """A count begins: the sums of the last one are wiped where there were any."""
    for k in range(campaign.occupied):
        stack = occupied[k]
        sums = forces[stack.place, stack.side]
        sums.people = 0.0
        sums.power = 0.0
        sums.formations = 0.0
        sums.gate_power = 0.0
        sums.assault_power = 0.0
        places[stack.place].inside_mask = 0
        places[stack.place].gate_mask = 0
    campaign.occupied = 0
    for k in range(campaign.busy):
        road = roads[busy[k]]
        road.first_on_road = -1
        road.columns = 0
    campaign.columns = 0


@step
def note_stack(campaign, occupied, place, i, side):
    """The first formation of a side that is counted in or before a place begins a stack there.

    Each is written down as if it were the first; what is not begins no new line of the list.
    """
    stack = occupied[campaign.occupied]
    stack.place = i
    stack.side = side
    campaign.occupied += 1 - (((place.inside_mask | place.gate_mask) >> side) & 1)


@step
def count_inside(unit, world):
    """A formation in a place adds to the people and the power inside."""
    place, side = world.places[unit.place], unit.side
    note_stack(world.campaign[0], world.occupied, place, unit.place, side)
    place.inside_mask |= 1 << side
    sums = world.forces[unit.place, side]
    sums.people += unit.strength
    sums.power += unit.power
    sums.formations += 1.0


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


@step
def count_on_road(unit, i, world):
    """A formation on a road is chained to the others there, and counted at the gate if it has come to one."""
    road = world.roads[unit.road]
    unit.at_km = road.km - unit.km_left if unit.heading == road.b else unit.km_left
    unit.bearing = 0.0
    unit.meets = 0
    if unit.status != ACTIVE:
        return
    join_column(world, unit, i)
    if unit.km_left <= 0.0:
        before = world.places[unit.heading]
        note_stack(world.campaign[0], world.occupied, before, unit.heading, unit.side)
        before.gate_mask |= 1 << unit.side
        world.forces[unit.heading, unit.side].gate_power += unit.power


@step
def closed_by(road, units, p):
    """Bit per side with people enough on a road and at its gates to close it. Its formations are next in the chain."""
    traffic = 0
    side = -1
    people = 0.0
    j = road.first_on_road
    while j >= 0:
        unit = units[j]
        if unit.side != side:
            side = unit.side
            people = 0.0
        people += unit.strength
        if people >= p.closing_force:
            traffic |= 1 << side
        j = unit.next_on_road
    return traffic


@rule
def note_change(campaign, sides, who, ground):
    """Sides hostile to those who came or went, who with their friends hold the ground, look at their lines again."""
    for side in range(len(sides)):
        if sides[side].hostile_mask & who and not ground & ~sides[side].friend_mask:
            campaign.changed |= 1 << side


@step
def see_traffic(world, p):
    """Which sides close which roads or press which bases; whose ground that touches must trace its communications."""
    campaign, places, sides = world.campaign[0], world.places, world.sides
    for k in range(campaign.bases):
        place = places[world.bases[k]]
        present = place.inside_mask | place.gate_mask
        if place.seen_mask != present:
            note_change(campaign, sides, place.seen_mask ^ present, 1 << place.control)
            place.seen_mask = present
    busy = campaign.busy
    campaign.busy = 0
    for k in range(busy):
        i = world.busy[k]
        road = world.roads[i]
        # From a road that everybody has left it is seen once more whether that opens it.
        road.is_busy = 1 if road.first_on_road >= 0 else 0
        world.busy[campaign.busy] = i
        campaign.busy += road.is_busy
        traffic = closed_by(road, world.units, p)
        if traffic != road.traffic:
            # A road between own and enemy ground is no line of communication: its traffic changes none.
            ends = 1 << places[road.a].control | 1 << places[road.b].control
            note_change(campaign, sides, traffic ^ road.traffic, ends)
            road.traffic = traffic


@rule
def count_in(world, unit, i):
    """A formation that is not broken is listed if it is on a road; who fights is counted where it is."""
    if unit.road >= 0:
        campaign = world.campaign[0]
        world.columns[campaign.columns] = i
        campaign.columns += 1
        count_on_road(unit, i, world)
    elif unit.status == ACTIVE:
        count_inside(unit, world)


@rule
def update_units(world, p):
    """The formations in the field are listed; who is not broken has its power reckoned and is counted where it is.

    The doctrine orders assaults anew each tick. An order from outside to assault stands.
    """
    campaign, units = world.campaign[0], world.units
    clear_sums(campaign, world.occupied, world.busy, world.places, world.roads, world.forces)
    campaign.present = 0
    for i in range(len(units)):
        unit = units[i]
        if follows_doctrine(world.sides[unit.side], unit):
            unit.assault = 0
        if unit.status != ACTIVE and unit.status != WITHDRAWING and unit.status != SHATTERED:
            # Who has left the field faces nobody; the phases no longer look at it.
            unit.contact = 0
            continue
        world.present[campaign.present] = i
        campaign.present += 1
        if unit.status != SHATTERED:
            unit.power = fighting_power(unit, p.forces)
            count_in(world, unit, i)
    see_traffic(world, p.forces)


@rule
def count_forces(world, p):
    """After everybody has moved, people and power are summed anew by place, gate and road."""
    campaign = world.campaign[0]
    clear_sums(campaign, world.occupied, world.busy, world.places, world.roads, world.forces)
    for k in range(campaign.present):
        i = world.present[k]
        unit = world.units[i]
        if unit.status != SHATTERED:
            count_in(world, unit, i)
    see_traffic(world, p.forces)


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


@step
def see_who_is_near(places, roads):
    """Whose formations are in or before each place, or in a next one."""
    for place in places:
        place.near_mask = place.inside_mask | place.gate_mask
    for road in roads:
        a, b = places[road.a], places[road.b]
        a.near_mask |= b.inside_mask
        b.near_mask |= a.inside_mask


@step
def power_near(world, atlas, i, hostile):
    """Power of all sides in a bit mask in a place, before it, and in the next ones."""
    place, forces = world.places[i], world.forces
    power = power_inside(forces, i, hostile & place.inside_mask)
    power += power_at_gates(forces, i, hostile & place.gate_mask)
    for n in range(place.first_neighbour, place.last_neighbour):
        there = atlas.neighbours[n].place
        power += power_inside(forces, there, hostile & world.places[there].inside_mask)
    return power


@rule
def feel_threat(world, atlas, side, i):
    """A side that is not dormant learns what hostile power is near a place; returns whether there is any."""
    row = world.sides[side]
    world.threat[side, i] = 0.0
    if row.posture == 0 or not row.hostile_mask & world.places[i].near_mask:
        return False
    world.threat[side, i] = power_near(world, atlas, i, row.hostile_mask)
    return world.threat[side, i] > 0.0


@step
def look_round(place, side, row, view, world, atlas, p):
    """How many of a place's roads to a side's own and its enemies' ground are closed to it, and whether it is invested.

    Invested: enough roads are closed, and yet a line of communication leaves the place.
    """
    places = world.places
    closed = 0.0
    count = 0.0
    for n in range(place.first_neighbour, place.last_neighbour):
        control = places[atlas.neighbours[n].place].control
        if (row.hostile_mask >> control) & 1:
            closed += 1.0
            count += 1.0
        elif (row.friend_mask >> control) & 1:
            count += 1.0
            if world.roads[atlas.neighbours[n].road].traffic & row.hostile_mask:
                closed += 1.0
    view.closed = closed / count if count > 0.0 else 1.0
    if place.control == side and closed >= p.investing_roads and view.way_home >= 0:
        place.invested_on = world.campaign[0].tick


@rule
def feel_enemies(world, atlas, p):
    """Each side learns how near hostile forces are to its places, and which roads they close where it stands.

    Its places are those that it or its friends hold, where it stands and to which it is on its way.
    """
    places, sides, threat = world.places, world.sides, world.threat
    see_who_is_near(places, world.roads)
    for side in range(len(sides)):
        for i in range(len(places)):
            threat[side, i] = 0.0
    for i in range(len(places)):
        place = places[i]
        eyes = place.inside_mask | sides[place.control].friend_mask
        if place.claimed == 1:
            # Who drove through, and is to take the place, is nowhere near it any more.
            eyes = (1 << len(sides)) - 1
        elif place.near_mask & ~(1 << place.control) == 0:
            # Nobody is near but the holder.
            continue
        side = 0
        while eyes >> side != 0:
            if (eyes >> side) & 1 and feel_threat(world, atlas, side, i) and (place.inside_mask >> side) & 1:
                look_round(place, side, sides[side], world.side_view[side, i], world, atlas, p.forces)
            side += 1
    for k in range(world.campaign[0].columns):
        unit = world.units[world.columns[k]]
        if threat[unit.side, unit.heading] == 0.0:
            feel_threat(world, atlas, unit.side, unit.heading)
