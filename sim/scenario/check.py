"""Finds what the schema cannot see: names that lead nowhere, and parts of the scenario that contradict each other.

It reads the composed data as it is, so that it finds its problems beside those of the schema; what has the wrong type
is passed over here, because the schema reports it.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import get_args

from sim.scenario.basis import is_number
from sim.scenario.check_events import STANCES, check_events, check_targets, check_uncertainty, effects
from sim.scenario.check_exercise import check_exercise
from sim.scenario.errors import Problem
from sim.scenario.messages import describe, number
from sim.scenario.names import nearest
from sim.scenario.network import all_roads_join_places, check_network, neighbours
from sim.scenario.parameters import Rulebook
from sim.scenario.paths import Locator
from sim.scenario.references import check_basis_fields, check_ids, check_parameters, check_references
from sim.scenario.schema import Clock
from sim.scenario.schema_base import LAST_MOMENT, moment
from sim.scenario.sources import Fact, check_bases
from sim.scenario.view import TROOPS, View, listed, text_of
from sim.scenario.yaml_reader import Path

TICKS = get_args(Clock.model_fields["tick_hours"].annotation)
MOST_DAYS = 1e6
"""Beyond this a number of days is wrong in any case, as the schema says."""


def check(locator: Locator, rulebook: Rulebook, facts: Mapping[str, Fact], problems: list[Problem]) -> None:
    """Adds every contradiction in the scenario to the problems."""
    view = View(locator, problems)
    check_references(view, view.data)
    check_ids(view)
    check_basis_fields(view)
    _check_clock(view)
    _check_sides(view)
    _check_communities(view)
    _check_troops(view)
    _check_commands(view)
    check_events(view)
    check_uncertainty(view, rulebook)
    check_parameters(view, rulebook, view.data)
    check_targets(view, facts)
    check_exercise(view)
    check_bases(locator.tree, facts, problems)
    check_network(locator, problems)


def _check_clock(view: View) -> None:
    clock = view.section("clock")
    tick, days, decision = clock.get("tick_hours", 6), clock.get("days", 16), clock.get("decision_hours", 12)
    if isinstance(tick, bool):
        view.problem(("clock", "tick_hours"), f"should be a number, but is {describe(tick)}")
    if is_number(days) and 0 < days < MOST_DAYS:
        start = moment(view.data.get("start"))
        if start is not None and start > LAST_MOMENT - datetime.timedelta(days=days):
            view.problem(("start",), f"the campaign of {number(days)} days would end after the year {LAST_MOMENT.year}")
    if tick not in TICKS:
        return
    if is_number(days) and abs(days) < MOST_DAYS and not _whole(days * 24 / tick):
        message = f"{number(days)} days do not come to a whole number of ticks of {tick} hours"
        view.problem(("clock", "days"), message)
    if is_number(decision) and abs(decision) < MOST_DAYS and not (_whole(decision / tick) and decision >= tick):
        message = f"commanders decide at the start of a tick, so {number(decision)} must be a multiple of {tick}"
        view.problem(("clock", "decision_hours"), f"{message} (tick_hours)")


def _whole(value: float) -> bool:
    return abs(value - round(value)) < 1e-9


def _check_sides(view: View) -> None:
    sides = view.section("sides")
    manned = {text_of(entity, "side") for _, entity in view.entities(*TROOPS)}
    for name in sides if manned <= sides.keys() else ():
        if name not in manned:
            view.problem(("sides", name), "the side has no formation, no reinforcement and no air wing")
    said: dict[frozenset[str], tuple[Path, str]] = {}
    for path, side in view.entities("sides"):
        stances = side.get("stances")
        for other, stance in stances.items() if isinstance(stances, dict) else ():
            here = (*path, "stances", other)
            if other == path[1]:
                view.problem(here, "a side has no stance towards itself")
                continue
            before, first = said.setdefault(frozenset((str(path[1]), other)), (here, stance))
            if first != stance:
                where = f"{view.locator.dotted(before)} ({view.locator.where(before)})"
                view.problem(here, f"is {stance}, but {where} says {first}; a stance counts both ways")
    hostile = any(stance == "hostile" for _, stance in said.values())
    later = any(effect.get("to") == "hostile" for _, effect in effects(view))
    doubtful = any(stance not in STANCES for _, stance in said.values())
    if len(sides) > 1 and not (hostile or later or doubtful):
        view.problem(("sides",), "no two sides are hostile to each other, so there is no combat; give one a stance")


def _check_communities(view: View) -> None:
    """Communities are shares of the people of a place."""
    for path, place in view.entities("places"):
        shares = place.get("communities")
        if isinstance(shares, dict) and shares and all(map(is_number, shares.values())):
            whole = sum(shares.values())
            if whole > 1 + 1e-9:
                view.problem((*path, "communities"), f"shares of the people come to {number(whole)}, which is over 1")


def _check_commands(view: View) -> None:
    """A command leads formations of its own side, each of which has one command, in regions that there are."""
    regions = {text_of(place, "region") for _, place in view.entities("places")} - {""}
    leaders: dict[str, str] = {}
    for path, command in view.entities("commands"):
        for position, region in enumerate(listed(command.get("regions"))):
            if isinstance(region, str) and region not in regions:
                view.problem(
                    (*path, "regions", position), f"no place lies in a region '{region}'", nearest(region, regions)
                )
        for position, name in enumerate(listed(command.get("formations"))):
            if not isinstance(name, str):
                continue
            here = (*path, "formations", position)
            troops = {**view.section("formations"), **view.section("reinforcements")}
            owner = text_of(troops.get(name), "side")
            if name not in troops:
                view.problem(here, f"there is no formation '{name}'", nearest(name, troops))
            elif owner and owner != text_of(command, "side"):
                view.problem(here, f"'{name}' belongs to {owner}, not to {text_of(command, 'side')}")
            elif leaders.setdefault(name, str(path[1])) != path[1]:
                view.problem(here, f"'{name}' belongs to the command {leaders[name]} already")


def _check_troops(view: View) -> None:
    near, is_whole = neighbours(view.data), all_roads_join_places(view.data)
    formations, places = view.section("formations"), view.section("places")
    for path, unit in view.entities(*TROOPS):
        side, sponsor = text_of(unit, "side"), view.section("sponsors").get(text_of(unit, "sponsor"))
        if isinstance(sponsor, dict) and side in view.section("sides"):
            backs = sponsor.get("backs")
            if isinstance(backs, dict) and side not in backs:
                listing = ", ".join(backs) or "nobody"
                view.problem((*path, "sponsor"), f"{unit['sponsor']} does not back {side}; it backs {listing}")
        givers = listed(unit.get("draws_from"))
        for position, name in enumerate(givers):
            owner = text_of(formations.get(name) if isinstance(name, str) else None, "side")
            if owner and owner != side:
                view.problem((*path, "draws_from", position), f"'{name}' belongs to {owner}, not to {side}")
            if name in givers[:position]:
                view.problem((*path, "draws_from", position), f"'{name}' is named twice")
        if path[0] != "formations":
            continue
        place, toward, km = text_of(unit, "place"), text_of(unit, "toward"), unit.get("km", 0)
        if not toward:
            if is_number(km) and km > 0:
                view.problem((*path, "km"), "says how far out on a road, but no `toward` says which road")
        elif place in places and toward in places and is_whole:
            roads = near.get(place, {})
            if toward not in roads:
                joined = f"{place} is joined to {', '.join(roads) or 'no place'}"
                view.problem((*path, "toward"), f"no road joins {place} and {toward}; {joined}")
            elif is_number(km) and km > roads[toward]:
                length = f"the road to {toward} is {number(roads[toward])} km long"
                view.problem((*path, "km"), f"{length}, but km is {number(km)}")
