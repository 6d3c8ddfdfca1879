"""Engage: who comes before a place assaults it at once; one formation at a time moves round it."""

from __future__ import annotations

import pytest

from sim.world.tables import ASSAULTED, BESIEGED, FLANK, HOLD, MARCH

PLACES = {"a": {"control": "red", "rear_base": True}, "b": {"control": "blue", "symbol": 1.0}}
FLANKS = {name: {"control": "blue", "rear_base": True} for name in "cde"}
ORDERS = {"mass": 1.0, "reserve": 0, "assault_ratio": 0.8, "encirclement": 1, "leave_exit": 0}


def advance(tiny, others=None, blue=500, **doctrine):
    """Red marches 60 km to b, 30 km a tick, under a commander who gives orders once a day."""
    formations = {
        "r": {"side": "red", "place": "a", "strength": 1000},
        "b": {"side": "blue", "place": "b", "strength": blue, "mobile": False},
    }
    rules = {"combat": {"rate": 0.02}, "supply": {"marching": 0}}
    said = {"doctrine": ORDERS | doctrine, "clock": {"decision_hours": 24}, "by_hand": False}
    return tiny(PLACES, [("a", "b", 60)], formations | (others or {}), rules, **said)


def test_who_comes_to_the_gate_assaults_in_the_same_tick_without_new_orders(tiny):
    war = advance(tiny)
    unit = war.unit("r")
    war.tick()
    assert (unit["task"], unit["km_left"], unit["assault"]) == (MARCH, 30, 0)
    assert war.unit("b")["strength"] == 500
    war.tick()
    assert (unit["km_left"], unit["assault"], unit["contact"]) == (0, 1, ASSAULTED)
    assert (war.unit("b")["contact"], war.unit("b")["strength"] < 500) == (ASSAULTED, True)


def test_those_who_are_too_few_wait_for_the_next_to_come(tiny):
    late = {"late": {"side": "red", "place": "a", "strength": 600}}
    war = advance(tiny, late, blue=1500)
    war.world.settings["combat"]["rate"] = 0
    war.put("late", "a", "b", 60.0, task=HOLD)
    assert war.world.doctrines["wanted_ratio"][0] * 1500 > 1600  # both are wanted, so both are sent
    war.tick()
    war.unit("late")["km_left"] = 40.0
    war.tick()
    # 1000 before 1500 are fewer than 0.8 to one; 1600 are more.
    assert (war.unit("r")["km_left"], war.unit("r")["assault"]) == (0, 0)
    war.tick()
    assert [war.unit(name)["assault"] for name in ("r", "late")] == [1, 1]


@pytest.mark.parametrize("change", [{"pause": 1.0}, {"passive": 1}])
def test_the_repulsed_and_the_passive_do_not_assault(tiny, change):
    war = advance(tiny)
    war.put("r", "a", "b", 0.0, task=MARCH, target="b", **change)
    war.tick()
    assert war.unit("r")["assault"] == 0


def test_nobody_assaults_for_a_side_that_has_collapsed(tiny):
    war = advance(tiny)
    war.put("r", "a", "b", 0.0, task=MARCH, target="b")
    war.world.settings["politics"]["disbanding"] = 0
    war.world.settings["morale"]["attacker"] = -8
    war.tick()
    assert (war.unit("r")["assault"], war.unit("r")["contact"]) == (1, ASSAULTED)
    war.world.sides["collapsed"][0] = 1
    war.tick()
    assert (war.unit("r")["assault"], war.unit("r")["contact"]) == (0, BESIEGED)


def test_nobody_assaults_in_a_ceasefire(tiny):
    war = advance(tiny)
    war.put("r", "a", "b", 0.0, task=MARCH, target="b")
    war.world.campaign["ceasefire"] = 0.5
    war.tick()
    assert war.unit("r")["assault"] == 0
    war.tick(2)
    assert war.unit("r")["assault"] == 1


def test_a_side_commanded_from_outside_assaults_as_it_is_told(tiny):
    war = advance(tiny)
    war.side("red")["commander"] = 1
    unit = war.put("r", "a", "b", 0.0, task=MARCH, target="b")
    war.tick()
    assert unit["assault"] == 0
    unit["assault"] = 1
    war.tick(2)
    assert (unit["assault"], unit["contact"]) == (1, ASSAULTED)


def two_before(tiny, cut=()):
    """Two formations of red, 400 each, before 900 of blue, whose place has two roads to the rear."""
    formations = {f"r{i}": {"side": "red", "place": "a", "strength": 400} for i in range(2)}
    formations["b"] = {"side": "blue", "place": "b", "strength": 900, "mobile": False}
    roads = [("a", "b", 60), ("b", "c", 40), ("b", "d", 40)]
    war = tiny(PLACES | FLANKS, roads + [("d", "e", 40)], formations, doctrine=ORDERS, by_hand=False)
    for name in ("r0", "r1"):
        war.put(name, "a", "b", 0.0, task=MARCH, target="b")
    for road in cut:
        war.world.roads["cut"][war.names.roads[road]] = 1
    return war


def test_who_moves_round_takes_no_part_in_the_assault_but_counts_for_the_odds(tiny):
    war = two_before(tiny)
    war.tick()
    # 800 before the place are 0.8 to one of 901; the 400 who assault would not be.
    assert [war.unit(name)["task"] for name in ("r0", "r1")] == [FLANK, MARCH]
    assert [war.unit(name)["assault"] for name in ("r0", "r1")] == [0, 1]
    assert [war.unit(name)["contact"] for name in ("r0", "r1")] == [BESIEGED, ASSAULTED]
    before = war.world.forces[war.names.places["b"], war.names.sides["red"]]
    assert (before["gate_power"], before["assault_power"]) == (800, 400)


@pytest.mark.parametrize(("cut", "way"), [((), "b-c"), (("b-c",), "b-d"), (("b-c", "b-d"), None)])
def test_nobody_moves_round_to_a_road_that_is_cut(tiny, cut, way):
    war = two_before(tiny, cut)
    war.tick()
    moving = [unit for unit in (war.unit("r0"), war.unit("r1")) if unit["task"] == FLANK]
    assert [list(war.names.roads)[unit["flank_road"]] for unit in moving] == ([way] if way else [])


def test_one_formation_at_a_time_moves_round_while_the_gate_stays_closed(tiny):
    formations = {f"r{i}": {"side": "red", "place": "a", "strength": 400} for i in range(3)}
    formations["b"] = {"side": "blue", "place": "b", "strength": 5000, "mobile": False}
    roads = [("a", "b", 60), *(("b", name, 40) for name in "cde")]
    rules = {"command": {"flank_days": 0.5}, "forces": {"closing_force": 150}}
    war = tiny(PLACES | FLANKS, roads, formations, rules, doctrine=ORDERS, by_hand=False)
    for name in ("r0", "r1", "r2"):
        war.put(name, "a", "b", 0.0, task=MARCH, target="b")
    roads_of, moving = [], []
    for _ in range(8):
        war.tick()
        moving.append([i for i in range(3) if war.unit(f"r{i}")["task"] == FLANK])
        roads_of.append([list(war.names.roads)[war.unit(f"r{i}")["road"]] for i in range(3)])
    # Half a day for each; the last one keeps the gate that they came by.
    assert moving == [[0], [0], [1], [1], [], [], [], []]
    assert roads_of[1] == ["a-b", "a-b", "a-b"]
    assert roads_of[2] == ["b-c", "a-b", "a-b"]
    assert roads_of[4:] == [["b-c", "b-d", "a-b"]] * 4
    assert all(war.unit(f"r{i}")["km_left"] == 0 for i in range(3))
