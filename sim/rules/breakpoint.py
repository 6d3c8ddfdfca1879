"""Nerve: what speaks for and against a formation's breaking, as the log of a hazard per day.

The weights are parameters of `morale`. Breaking has several causes, not casualties alone: published break-point studies
find that most breaks come from manoeuvre, isolation and neighbours leaving (McQuie 1987; Helmbold 1971).
"""

from __future__ import annotations

from sim.bookkeeping.forces import is_hostile
from sim.kernel.compile import formula, rule, step
from sim.kernel.maths import log
from sim.world.tables import AWAY, MEETING


@step
def common_pressure(odds, closed, news, neighbours, strikes, terrain, cut_off, assaulted, p):
    """The part of the log hazard of breaking that all defenders of a place share.

    `assaulted`: 2 under assault, 1 besieged, 0 the enemy is near. `odds`: attackers' to own power. `closed`: share of
    roads closed. `news`: fall of places. `neighbours`: share of those nearby that broke. `strikes`: own, per day.
    """
    bite = min(1.0, closed / 0.8)
    x = p.baseline + p.encirclement * bite * bite * bite + p.neighbours * neighbours + p.isolation * cut_off
    x -= p.air_support * min(1.0, strikes / 60.0) + p.terrain * (terrain - 1.1)
    if assaulted == 0:
        return x + (p.contagion * p.threatened_news * news + p.threatened)
    ratio = 0.0
    if assaulted == 2 or odds < 1.0:
        # Besiegers who are stronger frighten no more than their equals.
        ratio = p.ratio * log(min(10.0, max(0.1, odds)))
    return x + (ratio + p.contagion * news + (p.besieged if assaulted == 1 else 0.0))


@formula
def own_pressure(unit, at_home, p):
    """The part of the log hazard of breaking that is a formation's own: losses, readiness, morale, who leads, home."""
    x = p.losses * unit.loss_recent / 0.04 + p.unready * (1.0 - unit.readiness) - p.morale * (unit.morale - 0.45)
    return x - p.officers * unit.officers - p.home * at_home - unit.cohesion


@step
def share_of_neighbours_broken(example, forces, side, here, places, ways):
    """Of the people who stood in and round a place, the share whose formations broke and whose example is known."""
    if example <= 0.01:
        return 0.0
    stand = forces[here, side].people
    for n in range(places[here].first_neighbour, places[here].last_neighbour):
        stand += forces[ways[n].place, side].people
    return example / (example + stand)


@rule
def weigh_pressure(world, atlas, side, here, assaulted, odds, p):
    """What speaks for breaking, for all of a side's formations at a place, at these odds."""
    view, place, row = world.side_view[side, here], world.places[here], world.sides[side]
    strikes = 0.0
    if place.struck > 0.0:
        for friend in range(len(world.sides)):
            if (row.friend_mask >> friend) & 1:
                strikes += world.forces[here, friend].strikes
    return common_pressure(
        odds,
        view.closed,
        world.news[side, here],
        share_of_neighbours_broken(world.example[side, here], world.forces, side, here, world.places, atlas.neighbours),
        strikes / p.clock.tick_days,
        place.terrain * (1.0 + place.fortification),
        1.0 if view.way_home < 0 else 0.0,
        assaulted,
        p.morale,
    )


@rule
def has_way_out(unit, roads, side_view):
    """Whether a line of communication begins where a formation stands, or at either end of its road."""
    if unit.road < 0:
        return side_view[unit.side, unit.place].way_home >= 0
    road = roads[unit.road]
    return side_view[unit.side, road.a].way_home >= 0 or side_view[unit.side, road.b].way_home >= 0


@rule
def is_attacker(world, unit, here):
    """Whether a formation on the road presses on the enemy; with no way back it is itself besieged."""
    if unit.road < 0 or not is_hostile(world.sides[unit.side], 1 << world.places[here].control):
        return False
    return has_way_out(unit, world.roads, world.side_view)


@step
def meeting_odds(world, unit):
    """The enemy's power to that of the formation's own side, in a fight on the road."""
    foe = 0.0
    for other in range(len(world.sides)):
        if (world.sides[unit.side].hostile_mask >> other) & 1:
            foe += world.road_combat[unit.road, other].meeting_power
    return foe / max(1.0, world.road_combat[unit.road, unit.side].meeting_power)


@step
def doubt(world, unit, p):
    """The part of the log hazard of breaking that comes from politics: will lost, and what the sponsor gives."""
    side = world.sides[unit.side]
    x = p.despair * max(0.0, side.will_base - side.will)
    if unit.backing >= 0:
        x -= p.backing * world.backings[unit.backing].weight
    return x


@step
def nerve_under_fire(world, atlas, unit, here, attacks, p):
    """The part that comes from the field: the enemy, the ground, the news, and the formation itself."""
    view = world.side_view[unit.side, here]
    at_home = 1.0 if unit.home == here else max(0.0, view.affinity)
    if unit.road < 0:
        return view.pressure + own_pressure(unit, at_home, p.morale)
    q = p.morale
    if unit.contact == MEETING:
        odds = meeting_odds(world, unit)
    elif unit.km_left <= 0.0 and is_hostile(world.sides[unit.side], 1 << world.places[here].control):
        odds = world.threat[unit.side, here] / max(1.0, world.forces[here, unit.side].gate_power)
    else:
        # Posts out on a road feel what stands before them.
        odds = world.threat[unit.side, here] / max(1.0, unit.power, world.forces[here, unit.side].power)
    if attacks:
        x = q.baseline + q.ratio * log(min(10.0, max(0.1, odds))) + own_pressure(unit, 0.0, q)
        return x if unit.contact == MEETING else x + q.attacker
    assaulted = 2 if unit.contact != AWAY else 0
    return weigh_pressure(world, atlas, unit.side, here, assaulted, odds, p) + own_pressure(unit, at_home, q)


@step
def nerve_of(world, atlas, unit, here, attacks, p):
    """Log hazard per day that a formation near the enemy breaks."""
    return nerve_under_fire(world, atlas, unit, here, attacks, p) + doubt(world, unit, p.morale)
