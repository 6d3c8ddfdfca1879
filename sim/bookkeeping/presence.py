"""Who is inside a place and at its gates, as the forces were last counted.

Only active formations count: who is dormant, withdrawing, shattered or gone is nowhere.
"""

from __future__ import annotations

from sim.bookkeeping.relations import is_hostile, sum_of_enemies, sum_of_friends, sum_over
from sim.bookkeeping.rosters import formations_on_roads, neighbours_of
from sim.kernel.compile import rule, step
from sim.world.tables import ACTIVE, ASSAULTED, FLANK, MEETING, NONE


@rule
def is_on_road(unit):
    """Whether a formation is on a road, which includes the gates of places."""
    return unit.road >= 0


@rule
def is_at_gate(unit):
    """Whether a formation stands at the gate of the place that it faces."""
    return unit.road >= 0 and unit.km_left <= 0.0


@rule
def moves_round(world, unit):
    """Whether a formation moves round a place: ordered to, it stands before it, and an enemy holds it."""
    hostile = is_hostile(world, unit.side, world.places[unit.heading].control)
    return unit.task == FLANK and is_at_gate(unit) and hostile


@rule
def place_of(unit):
    """The place where a formation is, or the place that it faces on its road."""
    return unit.place if unit.road < 0 else unit.heading


@rule
def is_in_place(unit, here):
    """Whether a formation is inside a certain place."""
    return unit.place == here and unit.road < 0


@rule
def is_fighting(unit):
    """Whether a formation is in an assault, on either side, or in a meeting engagement."""
    return unit.contact == ASSAULTED or unit.contact == MEETING


@rule
def is_inside(world, here, side):
    """Whether a side has formations inside a place."""
    return (world.presence[here].inside_mask >> side) & 1 != 0


@rule
def is_present(world, here, side):
    """Whether a side has formations inside a place or at its gates."""
    return ((world.presence[here].inside_mask | world.presence[here].gate_mask) >> side) & 1 != 0


@rule
def is_shared(world, here):
    """Whether two or more sides have formations inside a place or at its gates."""
    present = world.presence[here].inside_mask | world.presence[here].gate_mask
    return present & (present - 1) != 0


@rule
def has_enemies_inside(world, here, side):
    """Whether enemies of a side are inside a place."""
    return world.presence[here].inside_mask & world.relations[side].hostile_mask != 0


@rule
def has_enemies_at_gates(world, here, side):
    """Whether enemies of a side are at the gates of a place."""
    return world.presence[here].gate_mask & world.relations[side].hostile_mask != 0


@rule
def is_contested(world, here, side):
    """Whether enemies of a side are inside a place or at its gates."""
    place = world.presence[here]
    return (place.inside_mask | place.gate_mask) & world.relations[side].hostile_mask != 0


@rule
def has_friends_inside(world, here, side):
    """Whether a side or its allies have formations inside a place."""
    return world.presence[here].inside_mask & world.relations[side].friend_mask != 0


@rule
def is_faced(world, here, sides):
    """Whether formations of the sides in a bit mask face a place on a road, at its gates or on their way to it."""
    for i in formations_on_roads(world):
        unit = world.units[i]
        if unit.heading == here and unit.status == ACTIVE and (sides >> unit.side) & 1 != 0:
            return True
    return False


@rule
def is_guarded(world, here, side):
    """Whether formations of a side or its allies are inside a place, or face it on a road as its posts do."""
    return has_friends_inside(world, here, side) or is_faced(world, here, world.relations[side].friend_mask)


@rule
def has_enemies_before(world, here, side):
    """Whether enemies of a side face a place on a road, at its gates or on their way to it."""
    return is_faced(world, here, world.relations[side].hostile_mask)


@rule
def has_friends_present(world, here, side):
    """Whether a side or its allies have formations inside a place or at its gates."""
    place = world.presence[here]
    return (place.inside_mask | place.gate_mask) & world.relations[side].friend_mask != 0


@rule
def is_assaulted(world, here, side):
    """Whether enemies of a side assault a place, or fight inside it."""
    place, forces = world.presence[here], world.forces
    hostile = world.relations[side].hostile_mask & (place.inside_mask | place.gate_mask)
    other = 0
    while hostile >> other != 0:
        if (hostile >> other) & 1 and forces[here, other].assault_power + forces[here, other].power > 0.0:
            return True
        other += 1
    return False


@rule
def note_borders(world):
    """Note for each place which sides hold it or one next to it, and whose front it is on."""
    places, presence = world.places, world.presence
    for here in range(len(places)):
        place = presence[here]
        place.round_mask = 1 << places[here].control
        place.front_mask = place.gate_mask | place.inside_mask
    for road in world.roads:
        a, b = presence[road.a], presence[road.b]
        side_a, side_b = 1 << places[road.a].control, 1 << places[road.b].control
        a.round_mask |= side_b
        b.round_mask |= side_a
        a.front_mask |= side_b | b.inside_mask
        b.front_mask |= side_a | a.inside_mask


@rule
def touches(world, here, side):
    """Whether a side or its allies hold a place or one next to it, or have formations inside it or at its gates.

    Who holds the neighbours is known as of the last `note_borders`.
    """
    place = world.presence[here]
    return (place.round_mask | place.gate_mask | place.inside_mask) & world.relations[side].friend_mask != 0


@rule
def is_on_front_of(world, here, side):
    """Whether a place is on the front of a side: of the side itself, not of an ally, as of the last `note_borders`.

    The side has formations inside it or at its gates, or holds a place next to it, or has formations inside one.
    """
    return (world.presence[here].front_mask >> side) & 1 != 0


@rule
def is_near(road, near_km):
    """Whether the places at the two ends of a road are near each other."""
    return road.km <= near_km


@rule
def note_who_is_near(world, near_km):
    """Note whose formations are inside each place or at its gates, or inside a next place that is near."""
    presence = world.presence
    for place in presence:
        place.near_mask = place.inside_mask | place.gate_mask
    for road in world.roads:
        if is_near(road, near_km):
            a, b = presence[road.a], presence[road.b]
            a.near_mask |= b.inside_mask
            b.near_mask |= a.inside_mask


@rule
def has_enemies_near(world, here, side):
    """Whether enemies of a side are at a place or inside a near one, as of the last `note_who_is_near`."""
    return world.presence[here].near_mask & world.relations[side].hostile_mask != 0


@rule
def friendly_people_inside(world, here, side):
    """People of a side and its allies inside a place."""
    inside = world.presence[here].inside_mask & world.relations[side].friend_mask
    return sum_over(world.forces.people[here], inside)


@rule
def people_near(world, atlas, here, side, near_km):
    """People of a side's active formations inside a place and inside the next ones that are near."""
    people = world.forces[here, side].people
    for n in neighbours_of(world, here):
        if is_near(world.roads[atlas.neighbours[n].road], near_km):
            people += world.forces[atlas.neighbours[n].place, side].people
    return people


@rule
def hostile_power_inside(world, here, side):
    """Power inside a place that is hostile to a side."""
    inside = world.presence[here].inside_mask & world.relations[side].hostile_mask
    return sum_over(world.forces.power[here], inside)


@rule
def hostile_power_at_gates(world, here, side):
    """Power at the gates of a place that is hostile to a side."""
    at_gates = world.presence[here].gate_mask & world.relations[side].hostile_mask
    return sum_over(world.forces.gate_power[here], at_gates)


@rule
def hostile_power_at(world, here, side):
    """Power inside a place and at its gates that is hostile to a side."""
    return hostile_power_inside(world, here, side) + hostile_power_at_gates(world, here, side)


@rule
def hostile_power_near(world, atlas, here, side, near_km):
    """Power that is hostile to a side: inside a place, at its gates, and inside the next places that are near."""
    power = hostile_power_at(world, here, side)
    for n in neighbours_of(world, here):
        if is_near(world.roads[atlas.neighbours[n].road], near_km):
            power += hostile_power_inside(world, atlas.neighbours[n].place, side)
    return power


@rule
def hostile_assault_power(world, here, side):
    """Power of the enemies of a side that assault a place from its gates."""
    at_gates = world.presence[here].gate_mask & world.relations[side].hostile_mask
    return sum_over(world.forces.assault_power[here], at_gates)


@rule
def hostile_assault_just_come(world, here, side):
    """Power of those enemies of a side who assault a place since some moment of this tick."""
    at_gates = world.presence[here].gate_mask & world.relations[side].hostile_mask
    return sum_over(world.forces.assault_new[here], at_gates)


@rule
def hostile_siege_power(world, here, side):
    """Power of the enemies of a side at the gates of a place that do not assault it."""
    hostile = world.presence[here].gate_mask & world.relations[side].hostile_mask
    power = 0.0
    other = 0
    while hostile >> other != 0:
        if (hostile >> other) & 1:
            power += world.forces[here, other].gate_power - world.forces[here, other].assault_power
        other += 1
    return power


@rule
def clear_strikes(world):
    """No place has been struck in this tick yet."""
    for here in range(len(world.places)):
        if world.places[here].struck > 0.0:
            world.places[here].struck = 0.0
            for side in range(len(world.sides)):
                world.forces[here, side].strikes = 0.0


@rule
def note_strikes(world, here, side, strikes):
    """A side has struck a place."""
    world.places[here].struck += strikes
    world.forces[here, side].strikes += strikes


@rule
def hostile_strikes(world, here, side):
    """Strikes on a place in this tick for the enemies of a side."""
    if world.places[here].struck <= 0.0:
        return 0.0
    return sum_of_enemies(world, side, world.forces.strikes[here])


@rule
def friendly_strikes(world, here, side):
    """Strikes on a place in this tick for a side and its allies."""
    if world.places[here].struck <= 0.0:
        return 0.0
    return sum_of_friends(world, side, world.forces.strikes[here])


@step
def occupied_cells(world):
    """Rows (`place`, `side`) of all sides with formations inside a place or at its gates, as last counted."""
    return world.occupied[: world.counts[0].occupied]


@rule
def drive_in(world, unit):
    """A formation drives into the place that it faces. Until the next count it has a claim, and is not counted."""
    unit.place = unit.heading
    unit.road = NONE
    world.forces[unit.place, unit.side].claims += unit.strength
    world.places[unit.place].claimed = 1


@rule
def has_claims(world, here):
    """Whether formations drove into a place that is not their side's, in this tick."""
    return world.places[here].claimed == 1


@rule
def claims_of(world, here, side):
    """People of a side who drove into a place in this tick."""
    return world.forces[here, side].claims


@rule
def clear_claims(world, here):
    """The claims at a place are settled: formations that drove in are counted inside from the next count on."""
    world.places[here].claimed = 0
    for side in range(len(world.sides)):
        world.forces[here, side].claims = 0.0


@rule
def strike_off_part(world, unit, people):
    """Some people of a formation inside a place no longer fight there."""
    if unit.road < 0:
        world.forces[unit.place, unit.side].people -= people


@rule
def strike_off(world, unit):
    """A formation inside a place no longer fights there: those who are left are counted without it."""
    if unit.road >= 0:
        return
    sums = world.forces[unit.place, unit.side]
    sums.people -= unit.strength
    sums.formations -= 1.0
    if sums.formations <= 0.0:
        sums.people = 0.0
        sums.power = 0.0
        world.presence[unit.place].inside_mask &= ~(1 << unit.side)
