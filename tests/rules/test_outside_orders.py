"""Orders from outside: the doctrine leaves those formations alone and commands the others; what ends an order."""

from __future__ import annotations

import pytest

from sim.world.tables import (
    ACTIVE,
    AS_NEEDED,
    DORMANT,
    FREE,
    HOLD,
    MARCH,
    ORDERED,
    SHARED,
    STAND_DOWN,
    STRIKE,
)

PLACES = {
    "a": {"control": "red", "rear_base": True},
    "b": {"control": "blue", "symbol": 0.4},
    "c": {"control": "blue", "symbol": 0.8},
    "d": {"control": "blue", "rear_base": True, "airfield": True},
}
ROADS = [("a", "b", 40), ("a", "c", 40), ("b", "d", 40), ("c", "d", 40)]
FORMATIONS = {f"r{i}": {"side": "red", "place": "a", "strength": 1000} for i in range(3)} | {
    f"b_{place}": {"side": "blue", "place": place, "strength": 50, "mobile": False} for place in "bc"
}
DOCTRINE = {"mass": 1.0, "reserve": 0, "objectives": 1}


def shared(tiny, rules=None, **more):
    """A war of two doctrines, in which red's formations may be ordered about."""
    war = tiny(PLACES, ROADS, FORMATIONS, rules, doctrine=DOCTRINE, by_hand=False, **more)
    war.side("red")["commander"] = SHARED
    return war


def ordered(war, name, task, target, assault=0):
    unit = war.unit(name)
    unit["task"], unit["target"] = task, war.names.places[target]
    unit["assault"], unit["bound"] = assault, ORDERED
    return unit


def test_the_doctrine_commands_those_without_orders(tiny):
    war = shared(tiny)
    ordered(war, "r0", HOLD, "a")
    ordered(war, "r1", MARCH, "b")
    war.tick()
    units = [war.unit(f"r{i}") for i in range(3)]
    assert [unit["task"] for unit in units] == [HOLD, MARCH, MARCH]
    assert [war.names.places[place] for place in "bc"] == [units[1]["target"], units[2]["target"]]


def test_an_ordered_march_does_not_assault_and_an_ordered_assault_stands(tiny):
    for assault in (0, 1):
        war = shared(tiny)
        war.unit("r2")["mobile"] = war.unit("r1")["mobile"] = 0
        ordered(war, "r0", MARCH, "b", assault)
        seen = set()
        for _ in range(8):
            war.tick()
            seen.add(int(war.unit("r0")["assault"]))
        assert seen == {assault}
        assert war.unit("r0")["km_left"] == 0 and war.unit("r0")["bound"] == ORDERED


def test_who_has_arrived_waits_for_the_next_order(tiny):
    war = shared(tiny)
    war.place("b")["control"] = war.names.sides["red"]
    war.unit("b_b")["place"] = war.names.places["d"]
    unit = ordered(war, "r0", MARCH, "b")
    war.tick(10)
    assert (war.place_of("r0"), unit["task"], unit["bound"], unit["road"]) == ("b", HOLD, ORDERED, -1)


def test_who_breaks_is_free_of_orders(tiny):
    war = shared(tiny, {"morale": {"baseline": 5}, "combat": {"rate": 0.1}})
    unit = ordered(war, "r0", HOLD, "a")
    war.put("b_c", "c", "a", 0.0, assault=1, bound=ORDERED, task=MARCH, target="a", strength=900)
    war.side("blue")["commander"] = SHARED
    war.tick(2)
    assert unit["status"] not in (DORMANT, ACTIVE)
    assert unit["bound"] == FREE


@pytest.mark.parametrize("mission", [AS_NEEDED, STRIKE, STAND_DOWN])
def test_a_wing_flies_its_mission(tiny, mission):
    """Red stands before b; a is red's base, next to blue's ground."""
    wing = {"name": "Wing", "side": "blue", "base": "d", "aircraft": 50, "sorties": 4, "strikes": 1}
    rules = {"air": {"worst_weather": 1, "deep_share": 0.25}, "civilians": {"per_strike": 0}}
    war = tiny(PLACES, ROADS, FORMATIONS, rules, air={"wing": wing})
    war.put("r0", "a", "b", 0.0, task=MARCH, target="b")
    war.world.wings["mission"], war.world.wings["target"] = mission, war.names.places["a"]
    war.tick(2)
    struck = {name: float(war.place(name)["struck"]) for name in "abcd"}
    flown = float(war.world.wings["flown"][0])
    if mission == STAND_DOWN:
        assert flown == 0 and not any(struck.values())
    elif mission == STRIKE:
        assert struck["a"] > 0 and struck["b"] == 0
        assert war.world.forces["strikes"][war.names.places["a"], war.names.sides["blue"]] == struck["a"]
    else:
        assert struck["a"] > 0 and struck["b"] == pytest.approx(3 * struck["a"])


def test_a_wing_whose_target_is_gone_flies_where_it_is_needed(tiny):
    wing = {"name": "Wing", "side": "blue", "base": "d", "aircraft": 50, "sorties": 4, "strikes": 1}
    war = tiny(PLACES, ROADS, FORMATIONS, {"air": {"worst_weather": 1}}, air={"wing": wing})
    war.put("r0", "a", "b", 0.0, task=MARCH, target="b")
    war.world.wings["mission"], war.world.wings["target"] = STRIKE, war.names.places["c"]
    war.tick(2)
    assert war.place("c")["struck"] == 0 and war.place("b")["struck"] > 0


def test_reports_are_in_before_the_first_tick_and_keep_while_nobody_looks(tiny):
    war = shared(tiny)
    red = {name: war.view("red", name) for name in "abcd"}
    assert [float(red[name]["report"]) for name in "abcd"] == [0, 50, 50, 0]
    assert [int(red[name]["reported_on"]) for name in "abcd"] == [0, 0, 0, -1]
    war.side("red")["posture"] = 1
    war.tick(2)
    assert [int(red[name]["reported_on"]) for name in "abcd"] == [1, 1, 1, -1]
    # Blue now holds a as well, and red stands in d only: b is out of its sight. Nobody is left there.
    report = float(red["b"]["report"])
    war.place("a")["control"] = war.names.sides["blue"]
    for i in range(3):
        war.unit(f"r{i}")["place"] = war.names.places["d"]
    war.unit("b_b")["place"] = war.names.places["d"]
    war.unit("b_b")["passive"] = 1  # or it would go back to b when it has broken and rested
    war.tick(4)
    assert (float(red["b"]["report"]), int(red["b"]["reported_on"])) == (report, 1)
    assert red["b"]["belief"] < 0.9 * report
