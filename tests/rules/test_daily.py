"""Who may change in a daily process, by status; and formations of hardly anybody."""

from __future__ import annotations

import numpy as np
import pytest

from sim.world.tables import ACTIVE, DISPERSED, DORMANT, SHATTERED, SURRENDERED, WITHDRAWING

TOWNS = {"a": {"control": "red", "rear_base": True}, "b": {"control": "blue", "rear_base": True}}
ROADS = [("a", "b", 400)]
EVERY = (DORMANT, ACTIVE, WITHDRAWING, SHATTERED, SURRENDERED, DISPERSED)
LEAVES = {"morale": {"daily_desertion": 0.5, "rest_days": 30}}
RETURNS = {"combat": {"return_rate": 1}, "morale": {"rest_days": 30}}


def war_by_status(tiny, rules):
    """One formation of 1,000 with 400 wounded for each status, in a quiet place."""
    formations = {f"r{status}": {"side": "red", "place": "a", "strength": 1000, "morale": 0.2} for status in EVERY}
    formations["b"] = {"side": "blue", "place": "b", "strength": 10}
    sides = {"red": {"name": "R", "stances": {"blue": "hostile"}, "hardship": 1.0}}
    war = tiny(TOWNS, ROADS, formations, rules, sides=sides)
    for status in EVERY:
        unit = war.unit(f"r{status}")
        unit["status"], unit["wounded"], unit["rest"] = status, 400.0, 90.0
    return war


def changed(war, column, before):
    return {status for status in EVERY if war.unit(f"r{status}")[column] != before}


def test_only_those_who_fight_desert_from_day_to_day(tiny):
    war = war_by_status(tiny, LEAVES)
    war.tick(4)
    assert changed(war, "strength", 1000.0) == {ACTIVE}
    assert changed(war, "deserted", 0.0) == {ACTIVE}


def test_the_wounded_come_back_to_formations_that_fight_only(tiny):
    war = war_by_status(tiny, RETURNS)
    war.tick(4)
    assert changed(war, "wounded", 400.0) == {ACTIVE}
    unit = war.unit(f"r{ACTIVE}")
    assert unit["strength"] + unit["wounded"] == 1400.0


def test_after_a_collapse_those_in_the_field_disband_and_no_others(tiny):
    war = war_by_status(tiny, {"politics": {"disbanding": 1, "collapse": -20}, "morale": {"rest_days": 30}})
    war.side("red")["collapsed"], war.side("red")["collapsed_on"] = 1, 0
    war.world.settings["yielding"]["takeover"] = 0
    war.tick(40)
    assert changed(war, "deserted", 0.0) == {ACTIVE, WITHDRAWING, SHATTERED}
    for status in (DORMANT, SURRENDERED, DISPERSED):
        assert war.unit(f"r{status}")["status"] == status


@pytest.mark.parametrize("people", [0, 1, 2, 3])
def test_a_formation_of_hardly_anybody_gives_what_it_can_and_no_number_breaks(tiny, people):
    formations = {
        "giver": {"side": "red", "place": "a", "strength": people, "equipment": 1},
        "other": {"side": "red", "place": "a", "strength": 100},
        "b": {"side": "blue", "place": "b", "strength": 10},
    }
    late = {"name": "L", "side": "red", "kind": "foot", "date": "2030-01-01T12:00", "origin": "a", "place": "a"}
    late |= {"draws_from": ["giver", "other"], "strength": 40}
    war = tiny(TOWNS, ROADS, formations, reinforcements={"late": late})
    war.tick(4)
    for column in war.world.units.dtype.names:
        assert np.isfinite(war.world.units[column].astype(float)).all(), column
    gave = people // 2
    assert war.unit("late")["strength"] == gave + 20
    assert war.unit("giver")["strength"] == people - gave
    assert war.unit("giver")["joined"] == -gave and war.unit("late")["joined"] == gave + 20


def test_the_ground_of_a_side_that_sleeps_is_not_looked_after(tiny):
    """Its lines are traced when it wakes, not before; its neighbours' are."""
    places = {
        "a": {"control": "red", "rear_base": True},
        "g": {"control": "green", "rear_base": True},
        "b": {"control": "blue", "rear_base": True},
    }
    formations = {
        "r": {"side": "red", "place": "a", "strength": 100},
        "g": {"side": "green", "place": "g", "strength": 100},
        "b": {"side": "blue", "place": "b", "strength": 100},
    }
    sides = {
        "red": {"name": "R", "stances": {"blue": "hostile"}},
        "green": {"name": "G", "posture": "dormant", "stances": {"blue": "hostile"}},
    }
    wakes = {"w": {"title": "W", "when": {"day": 1}, "effects": [{"activate": "formations.g"}]}}
    war = tiny(places, [("a", "g", 40), ("g", "b", 40)], formations, sides=sides, events=wakes)
    view = war.view("green", "g")
    view["way_home"] = view["rear_base"] = -1
    war.tick(4)
    assert war.view("green", "g")["rear_base"] == -1 and war.view("red", "a")["rear_base"] == war.names.places["a"]
    war.tick()
    assert war.view("green", "g")["rear_base"] == war.names.places["g"]
