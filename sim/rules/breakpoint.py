"""Break point: why a formation near the enemy breaks, as a row of named terms that add up to a log hazard per day.

A term is a cause times its weight, the parameter of `morale` of the same name. Breaking has several causes, not
casualties alone: published break-point studies find that most breaks come from manoeuvre, isolation and neighbours
leaving (McQuie 1987; Helmbold 1971).
"""

from __future__ import annotations

from sim.bookkeeping.presence import (
    friendly_strikes,
    is_assaulted,
    is_at_gate,
    is_contested,
    is_on_road,
    people_near,
    place_of,
)
from sim.bookkeeping.relations import is_hostile
from sim.bookkeeping.roads import enemy_power_in_meeting
from sim.kernel.compile import formula, rule
from sim.kernel.maths import exp, log
from sim.rules.combat import cover
from sim.world.tables import ASSAULTED, AWAY, BESIEGED, MEETING, NONE


@formula
def bent(x, bound):
    """A term of the log hazard, bent towards a bound: up to half of it as it is, beyond that less and less."""
    half = 0.5 * bound
    if abs(x) <= half:
        return x
    size = half * (2.0 - exp((half - abs(x)) / half))
    return size if x > 0.0 else -size


@formula
def log_odds(odds):
    """Log of the enemy's power to own power. More than ten to one is no worse."""
    return log(min(10.0, max(0.1, odds)))


@rule
def set_place_terms(terms, contact, odds, closed, news, broken, strikes, ground, is_cut_off, p):
    """The terms that all who stand in a place share. `contact` is AWAY where the enemy is near, one road away.

    `odds`: enemy to own power. `closed`: share of roads closed. `news`: of places that fell. `broken`: share of
    neighbours that broke. `strikes`: own, per day. `ground`: factor of ground and defences.
    """
    shut = min(1.0, closed / 0.8)
    terms.baseline = p.baseline
    terms.encirclement = p.encirclement * shut * shut * shut
    terms.neighbours = p.neighbours * broken
    terms.isolation = p.isolation if is_cut_off else 0.0
    terms.air_support = -p.air_support * min(1.0, strikes / 60.0)
    terms.terrain = -bent(p.terrain * (ground - 1.1), p.bound)
    terms.ratio = 0.0
    terms.besieged = 0.0
    terms.threatened = 0.0
    terms.contagion = 0.0
    if contact == AWAY:
        terms.contagion = bent(p.contagion * p.threatened_news * news, p.bound)
        terms.threatened = p.threatened
        terms.ratio = p.threatened_ratio * p.ratio * log_odds(odds)
    else:
        terms.contagion = bent(p.contagion * news, p.bound)
        terms.ratio = p.ratio * log_odds(odds)
        if contact == BESIEGED:
            # Besiegers who are stronger frighten no more than equals do.
            terms.ratio = min(0.0, terms.ratio)
            terms.besieged = p.besieged


@rule
def set_own_terms(terms, unit, at_home, p):
    """The terms of the formation itself: losses, readiness, morale, who leads it, whether it defends its home."""
    terms.losses = bent(p.losses * unit.loss_recent / 0.04, p.bound)
    terms.unready = p.unready * (1.0 - unit.readiness)
    terms.morale = -p.morale * (unit.morale - 0.45)
    terms.officers = -p.officers * unit.officers
    terms.home = -p.home * at_home
    terms.cohesion = -unit.cohesion


@rule
def set_political_terms(terms, world, unit, p):
    """The terms of politics: the will that its side has lost, and what the sponsor gives."""
    side = world.sides[unit.side]
    terms.despair = p.despair * max(0.0, side.will_base - side.will)
    terms.backing = 0.0
    if unit.backing != NONE:
        terms.backing = -p.backing * world.backings[unit.backing].weight


@formula
def log_hazard(terms):
    """Log hazard per day of breaking: the sum of the terms."""
    place = terms.baseline + terms.encirclement + terms.neighbours + terms.isolation
    place += terms.air_support + terms.terrain
    place += terms.ratio + terms.contagion + (terms.besieged + terms.threatened)
    own = terms.losses + terms.unready + terms.morale + terms.officers + terms.home + terms.cohesion
    return place + own + terms.attacker + (terms.despair + terms.backing)


@rule
def share_of_neighbours_broken(world, atlas, side, here, near_km):
    """Of the people who stood in a place and near it, the share whose formations broke, as far as that is known."""
    broke = world.example[side, here]
    if broke <= 0.01:
        return 0.0
    return broke / (broke + people_near(world, atlas, here, side, near_km))


@rule
def assess_place(world, atlas, terms, side, here, contact, odds, rules):
    """The terms of a place for a side's formations there."""
    view = world.side_view[side, here]
    set_place_terms(
        terms,
        contact,
        odds,
        view.closed,
        world.news[side, here],
        share_of_neighbours_broken(world, atlas, side, here, rules.forces.near_km),
        friendly_strikes(world, here, side) / rules.clock.tick_days,
        cover(world.places[here]),
        view.way_home == NONE,
        rules.morale,
    )


@rule
def assess_defence(world, atlas, side, here, rules):
    """What all of a side's formations inside a place near the enemy share."""
    contact = AWAY
    if is_contested(world, here, side):
        contact = ASSAULTED if is_assaulted(world, here, side) else BESIEGED
    odds = world.threat[side, here] / max(1.0, world.forces[here, side].power)
    assess_place(world, atlas, world.place_terms[side, here], side, here, contact, odds, rules)


@rule
def has_way_out(world, unit):
    """Whether a line of communication begins where a formation stands, or at either end of its road."""
    if not is_on_road(unit):
        return world.side_view[unit.side, unit.place].way_home != NONE
    road, view = world.roads[unit.road], world.side_view
    return view[unit.side, road.a].way_home != NONE or view[unit.side, road.b].way_home != NONE


@rule
def is_attacker(world, unit):
    """Whether a formation stands before a hostile place and could go back; who cannot is itself besieged."""
    if not is_on_road(unit) or not is_hostile(world, unit.side, world.places[unit.heading].control):
        return False
    return has_way_out(world, unit)


@rule
def has_risen(world, unit):
    """Whether a formation stands in its own town, which an enemy holds."""
    return unit.home == unit.place and not is_on_road(unit) and is_hostile(world, unit.side, holder_of(world, unit))


@rule
def holder_of(world, unit):
    """The side that holds the place of a formation."""
    return world.places[unit.place].control


@rule
def odds_on_road(world, unit):
    """The enemy's power before a formation on a road, to the power of those who stand with it."""
    here, side = unit.heading, unit.side
    if unit.contact == MEETING:
        own = world.road_combat[unit.road, side].meeting_power
        return enemy_power_in_meeting(world, unit.road, side) / max(1.0, own)
    if is_at_gate(unit) and is_hostile(world, side, world.places[here].control):
        own = world.forces[here, side].gate_power
    else:
        # Posts out on a road face what stands before them by themselves.
        own = max(unit.power, world.forces[here, side].power)
    return world.threat[side, here] / max(1.0, own)


@rule
def set_break_terms(world, atlas, i, attacks, rules):
    """Why formation `i` near the enemy may break, as the fighting of this tick has left it."""
    unit, p = world.units[i], rules.morale
    here = place_of(unit)
    if not is_on_road(unit):
        world.break_terms[i] = world.place_terms[unit.side, here]
    terms = world.break_terms[i]
    at_home = 1.0 if unit.home == here else max(0.0, world.side_view[unit.side, here].affinity)
    terms.attacker = 0.0
    if attacks:
        # Of the place only the odds count: the attacker has chosen to be there.
        set_place_terms(terms, ASSAULTED, odds_on_road(world, unit), 0.0, 0.0, 0.0, 0.0, 1.1, False, p)
        terms.attacker = 0.0 if unit.contact == MEETING else p.attacker
        at_home = 0.0
    elif is_on_road(unit):
        contact = AWAY if unit.contact == AWAY else ASSAULTED
        assess_place(world, atlas, terms, unit.side, here, contact, odds_on_road(world, unit), rules)
    elif has_risen(world, unit):
        # Formations that rose in their own town need no road out of it.
        terms.encirclement *= p.risen
        terms.isolation *= p.risen
    set_own_terms(terms, unit, at_home, p)
    set_political_terms(terms, world, unit, p)
