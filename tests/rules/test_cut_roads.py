"""Roads that are cut carry no march and no supply: columns and supply go round, until they are mended."""

from __future__ import annotations

import pytest

from sim.world.tables import HOLD, MARCH, WITHDRAW

RED, BLUE = {"control": "red"}, {"control": "blue"}
PLACES = {"a": RED | {"rear_base": True, "depot": {"stock": 1.0}}, "b": RED, "c": RED, "x": BLUE}
ROADS = [("a", "b", 30), ("a", "c", 60), ("c", "b", 60), ("x", "b", 400)]
CUT = {"set": "roads.a-b.cut", "to": 1}
MENDED = {"set": "roads.a-b.cut", "to": 0}


def bridge(tiny, at="a", roads=ROADS, events=None, **more):
    formations = {
        "r": {"side": "red", "place": at, "strength": 700, "supply": 0},
        "foe": {"side": "blue", "place": "x", "strength": 10, "mobile": False},
    }
    rules = {"supply": {"delivery": 1.2, "reach_km": 120, "carried": 5, "refill": 0, "marching": 0}}
    rules |= {"movement": {"low_supply": 1}}
    said = {name: {"title": name, "when": when, "effects": [effect]} for name, (when, effect) in (events or {}).items()}
    return tiny(PLACES, roads, formations, rules, events=said, **more)


def send(war, target):
    unit = war.unit("r")
    unit["task"], unit["target"] = MARCH, war.names.places[target]
    return unit


def test_a_column_goes_round_a_road_that_is_cut(tiny):
    war = bridge(tiny, events={"blown": ({"day": 0}, CUT)})
    unit = send(war, "b")
    war.tick(3)
    assert (war.place_of("r"), unit["road"]) == ("c", war.names.roads["c-b"])
    war.tick()
    assert (war.place_of("r"), unit["task"]) == ("b", HOLD)
    assert war.world.counts["cuts"][0] == 1


def test_a_road_may_be_cut_from_the_start(tiny):
    cut = {"between": ["a", "b"], "km": 30, "class": "motorway", "cut": True}
    war = bridge(tiny, roads=[cut, *ROADS[1:]])
    assert war.world.counts["cuts"][0] == 1
    assert war.view("red", "b")["supply_km"] == pytest.approx(120)
    send(war, "b")
    war.tick(4)
    assert war.place_of("r") == "b"


def test_where_there_is_no_way_round_a_column_waits_until_the_road_is_mended(tiny):
    only = [ROADS[0], ("b", "c", 60), ROADS[3]]
    war = bridge(tiny, roads=only, events={"blown": ({"day": 0}, CUT), "mended": ({"day": 1}, MENDED)})
    unit = send(war, "b")
    war.tick(4)
    assert (war.place_of("r"), unit["road"], unit["task"]) == ("a", -1, MARCH)
    war.tick()
    assert (war.place_of("r"), unit["task"]) == ("b", HOLD)
    assert war.world.counts["cuts"][0] == 0


def test_supply_goes_round_and_comes_the_direct_way_again_when_mended(tiny):
    war = bridge(tiny, at="b", events={"blown": ({"day": 1}, CUT), "mended": ({"day": 2}, MENDED)})
    gained, km = [], []
    for _ in range(3):
        before = float(war.unit("r")["supply"])
        war.tick(4)
        gained.append(float(war.unit("r")["supply"]) - before)
        km.append(float(war.view("red", "b")["supply_km"]))
    assert km == pytest.approx([30, 120, 30])
    assert gained == pytest.approx([1.2 * 120 / 150, 1.2 * 120 / 240, 1.2 * 120 / 150])


def test_who_is_behind_the_only_bridge_is_cut_off(tiny):
    only = [ROADS[0], ("b", "c", 60), ROADS[3]]
    war = bridge(tiny, at="b", roads=only, events={"blown": ({"day": 0}, CUT), "mended": ({"day": 1}, MENDED)})
    unit = war.unit("r")
    unit["task"] = WITHDRAW
    war.tick(4)
    assert (war.place_of("r"), unit["road"], unit["supply"]) == ("b", -1, 0)
    assert war.view("red", "b")["way_home"] == -1
    war.tick(2)
    assert war.place_of("r") == "a"


def test_a_withdrawal_goes_round_too(tiny):
    war = bridge(tiny, at="b", events={"blown": ({"day": 0}, CUT)})
    war.tick()
    unit = war.unit("r")
    unit["task"] = WITHDRAW
    war.tick(2)
    assert war.place_of("r") == "c" or unit["heading"] == war.names.places["c"]
    war.tick(2)
    assert (war.place_of("r"), unit["road"], unit["task"]) == ("a", -1, HOLD)
