"""Garrisons: what order takes, who stays for it, whether a place was invested, and what became of its garrison."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from sim.rules.control import garrison_needed
from sim.world.tables import ACTIVE, DISPERSED, FLANK, FREE, HOLD, MARCH, SURRENDERED, UNTIL_ARRIVAL, WITHDRAWING

RED, BLUE = {"control": "red"}, {"control": "blue"}
CITY = {"population": 100_000, "communities": {"folk": 1.0}}


@pytest.mark.parametrize(("affinity", "people"), [(0.0, 200), (1.0, 100), (-1.0, 300), (0.5, 150)])
def test_who_are_welcome_need_fewer_to_keep_order(plain, affinity, people):
    p = SimpleNamespace(garrison=2.0, welcome=0.5)
    assert plain(garrison_needed)(SimpleNamespace(population=100_000.0), affinity, p) == pytest.approx(people)


@pytest.mark.parametrize(
    ("affinity", "here", "allies", "goal"),
    [(0.0, 50, 0, 0.25), (1.0, 50, 0, 0.5), (-1.0, 60, 0, 0.2), (0.0, 50, 100, 0.75), (0.0, 150, 100, 1.0)],
)
def test_order_follows_the_garrison_of_a_side_and_its_allies(tiny, affinity, here, allies, goal):
    sides = {
        "red": {"name": "R", "stances": {"blue": "hostile", "green": "allied"}, "communities": {"folk": affinity}},
        "green": {"name": "G"},
    }
    formations = {
        "r": {"side": "red", "place": "b", "strength": here},
        "g": {"side": "green", "place": "b", "strength": allies},
    }
    rules = {"control": {"garrison": 2, "welcome": 0.5, "disorder": 4}}
    war = tiny({"a": BLUE, "b": RED | CITY}, [("a", "b", 40)], formations, rules, sides=sides)
    war.place("b")["taken_on"], war.place("b")["stability"] = 0, 0.6
    war.tick(4)
    assert war.place("b")["stability"] == pytest.approx(goal + (0.6 - goal) * np.exp(-1 / 4), rel=1e-12)


@pytest.mark.parametrize(
    ("garrison", "taken_on", "affinity", "leave"),
    [
        (1.0, 0, 0.0, 1),  # 200 are needed: of three hundreds one may go
        (1.0, 0, 1.0, 2),  # friends need 100
        (1.0, 0, -1.0, 0),  # enemies 300
        (0.5, 0, 0.0, 2),  # half of it is left behind
        (0.0, 0, 0.0, 3),
        (0.74, 0, 0.0, 2),  # of 148 the first hundred are needed, of the second less than half
        (1.0, -1, 0.0, 3),  # its own places bind nobody
    ],
)
def test_a_captured_place_binds_a_garrison(tiny, garrison, taken_on, affinity, leave):
    places = {"a": RED | {"rear_base": True}, "b": RED | CITY, "c": BLUE | {"symbol": 1.0}}
    formations = {f"r{i}": {"side": "red", "place": "b", "strength": 100} for i in range(3)}
    doctrine = {"garrison": garrison, "mass": 1, "reserve": 0}
    sides = {"red": {"name": "R", "stances": {"blue": "hostile"}, "communities": {"folk": affinity}}}
    rules = {"control": {"garrison": 2, "welcome": 0.5}}
    more = {"sides": sides, "doctrine": doctrine, "by_hand": False}
    war = tiny(places, [("a", "b", 40), ("b", "c", 400)], formations, rules, **more)
    war.place("b")["taken_on"] = taken_on
    war.tick()
    left = [war.unit(f"r{i}")["road"] >= 0 for i in range(3)]
    assert left == [i < leave for i in range(3)]
    tasks = [int(war.unit(f"r{i}")["task"]) for i in range(3)]
    assert tasks == [MARCH if i < leave else HOLD for i in range(3)]


@pytest.mark.parametrize(
    ("enemy", "many", "doctrine", "leave"),
    [
        (("d", "b", 0), 3, 1, 2),  # at the gate: the last stays
        (("d", "b", 0), 1, 1, 0),
        (("d", "b", 15), 3, 1, 2),  # on its way to the place
        (("b", "d", 15), 3, 1, 3),  # on its way from it
        (("e", "d", 0), 3, 1, 3),  # before another place
        (None, 3, 1, 3),
        (("d", "b", 0), 3, 0, 3),
    ],
)
@pytest.mark.parametrize("taken_on", [-1, 0])
def test_the_last_formation_does_not_leave_a_place_to_an_enemy_before_it(tiny, taken_on, enemy, many, doctrine, leave):
    places = {"a": RED | {"rear_base": True}, "b": RED, "c": BLUE | {"symbol": 1.0}, "d": BLUE, "e": BLUE}
    formations = {f"r{i}": {"side": "red", "place": "b", "strength": 100} for i in range(many)}
    formations |= {"x": {"side": "blue", "place": "e", "strength": 10, "posture": "passive"}}
    roads = [("a", "b", 40), ("b", "c", 400), ("b", "d", 40), ("d", "e", 400)]
    more = {
        "doctrine": {"garrison": 0, "mass": 1, "reserve": 0, "defence": 0, "last_stays": doctrine},
        "by_hand": False,
    }
    war = tiny(places, roads, formations, **more)
    war.place("b")["taken_on"] = taken_on
    if enemy:
        war.put("x", *enemy)
    war.tick()
    left = [war.unit(f"r{i}")["road"] >= 0 for i in range(many)]
    assert left == [i < leave for i in range(many)]


@pytest.mark.parametrize(("km", "doctrine", "stays"), [(15, 1, True), (15, 0, False), (None, 1, False)])
@pytest.mark.parametrize(
    ("bounds", "last"), [((FREE, FREE), 0), ((UNTIL_ARRIVAL, FREE), 1), ((UNTIL_ARRIVAL, UNTIL_ARRIVAL), None)]
)
def test_who_assembles_stays_if_the_enemy_comes_before_the_place_meanwhile(tiny, km, doctrine, stays, bounds, last):
    """Of two ordered away, who assemble for a quarter of a day, one stays, if its staff may tell it so; the next
    decision is half a day later.
    """
    places = {"a": RED | {"rear_base": True}, "b": RED, "c": BLUE | {"symbol": 1.0}, "d": BLUE, "e": BLUE}
    formations = {f"r{i}": {"side": "red", "place": "b", "strength": 100} for i in range(2)}
    formations |= {"x": {"side": "blue", "place": "e", "strength": 10, "posture": "passive"}}
    roads = [("a", "b", 40), ("b", "c", 400), ("b", "d", 40), ("d", "e", 400)]
    more = {
        "doctrine": {"garrison": 0, "mass": 1, "reserve": 0, "defence": 0, "last_stays": doctrine},
        "kinds": {"foot": {"speed": 10, "assembly": 0.25}},
        "clock": {"tick_hours": 6, "decision_hours": 12},
    }
    war = tiny(places, roads, formations, by_hand=False, **more)
    war.tick()
    units = [war.unit("r0"), war.unit("r1")]
    assert [(unit["task"], unit["road"]) for unit in units] == [(MARCH, -1)] * 2
    for unit, bound in zip(units, bounds, strict=True):
        unit["bound"] = bound
    if km:
        war.put("x", "d", "b", km)
    war.tick()
    assert [unit["road"] >= 0 for unit in units] == [not (stays and i == last) for i in range(2)]


def test_who_has_come_into_a_place_does_not_go_on_moving_round_it(tiny):
    places = {"a": RED | {"rear_base": True}, "b": BLUE, "c": BLUE | {"rear_base": True}}
    formations = {
        "r": {"side": "red", "place": "a", "strength": 500},
        "b": {"side": "blue", "place": "b", "strength": 500},
    }
    war = tiny(places, [("a", "b", 40), ("b", "c", 40)], formations)
    r = war.put("r", "a", "b", 0.0, task=FLANK, flank_road=war.names.roads["b-c"], flank_days=0.4)
    r["bound"] = UNTIL_ARRIVAL
    war.unit("b")["status"] = DISPERSED
    war.tick()
    assert (war.place_of("r"), r["road"], war.place("b")["control"]) == ("b", -1, war.names.sides["red"])
    war.tick()
    assert (war.place_of("r"), r["road"]) == ("b", -1)
    war.tick()
    assert (war.place_of("r"), r["road"], r["task"], r["bound"]) == ("b", -1, HOLD, FREE)


@pytest.mark.parametrize("holder", ["red", "green"])
def test_nobody_moves_round_a_place_that_his_side_or_an_ally_has_come_to_hold(tiny, holder):
    """However it passed: he drives in by the gate where he stands."""
    sides = {"red": {"name": "R", "stances": {"blue": "hostile", "green": "allied"}}, "green": {"name": "G"}}
    places = {"a": RED | {"rear_base": True}, "b": BLUE, "c": BLUE | {"rear_base": True}}
    formations = {name: {"side": name, "place": "a", "strength": 500} for name in ("red", "green")}
    war = tiny(places, [("a", "b", 40), ("b", "c", 40)], formations, sides=sides)
    r = war.put("red", "a", "b", 0.0, task=FLANK, flank_road=war.names.roads["b-c"], flank_days=0.4)
    war.place("b")["control"] = war.names.sides[holder]
    war.tick()
    assert (r["task"], r["road"]) == (MARCH, war.names.roads["a-b"])
    war.tick()
    assert (war.place_of("red"), r["road"]) == ("b", -1)


def test_who_came_into_a_place_on_his_way_round_it_is_sent_on_at_the_next_decision(tiny):
    places = {"a": RED | {"rear_base": True}, "b": RED, "c": BLUE | {"symbol": 1.0}}
    formations = {"r": {"side": "red", "place": "b", "strength": 500}}
    doctrine = {"garrison": 0, "mass": 1, "reserve": 0}
    war = tiny(places, [("a", "b", 40), ("b", "c", 400)], formations, doctrine=doctrine, by_hand=False)
    r = war.unit("r")
    r["task"], r["heading"], r["flank_road"], r["flank_days"] = FLANK, war.names.places["b"], 0, 0.4
    war.tick()
    assert (r["task"], r["target"], r["road"]) == (MARCH, war.names.places["c"], war.names.roads["b-c"])


# --- invested, and with a way out ----------------------------------------------------------------------------------

ROUND = {"w1": RED | {"rear_base": True}, "w2": RED, "w3": RED, "h": BLUE | {"rear_base": True}}


def invested(tiny, closed=3, **more):
    """Blue holds b, which has four roads: `closed` of them lead to the enemy, who stands before it on the first."""
    ends = {name: place if i < closed or name == "h" else BLUE for i, (name, place) in enumerate(ROUND.items())}
    formations = {
        "r": {"side": "red", "place": "w1", "strength": 500},
        "shut": {"side": "red", "place": "w1", "strength": 500},
        "b": {"side": "blue", "place": "b", "strength": 500},
    }
    war = tiny({"b": BLUE} | ends, [("b", name, 40) for name in ends], formations, **more)
    war.put("r", "w1", "b", 0.0)
    return war


def falls(war):
    war.unit("b")["status"] = DISPERSED
    war.tick()
    assert war.place("b")["control"] == war.names.sides["red"]
    return int(war.place("b")["invested_when_fell"])


@pytest.mark.parametrize(("closed", "invested_on", "invested_then"), [(3, 1, 1), (2, -1, 0), (1, -1, 0)])
def test_a_place_is_invested_when_enough_of_its_roads_are_closed(tiny, closed, invested_on, invested_then):
    war = invested(tiny, closed)
    # Known before the first tick: lines of communication are traced before each side looks round.
    assert war.place("b")["invested_on"] == (0 if invested_on >= 0 else -1)
    war.tick(2)
    assert (war.place("b")["invested_on"], war.place("b")["invested_when_fell"]) == (invested_on, -1)
    assert falls(war) == invested_then


def test_a_place_without_any_way_out_is_not_invested_but_cut_off(tiny):
    war = invested(tiny)
    war.put("shut", "h", "b", 0.0)
    war.tick(2)
    # As the campaign began the last road was open.
    assert war.place("b")["invested_on"] <= 0
    assert war.view("blue", "b")["closed"] == 1
    assert war.view("blue", "b")["way_home"] == -1


def test_a_place_that_never_had_a_way_out_is_not_invested_as_the_campaign_begins(tiny):
    ends = {name: RED for name in ("w1", "w2", "w3")}
    formations = {f: {"side": s, "place": p, "strength": 500} for f, s, p in (("r", "red", "w1"), ("b", "blue", "b"))}
    war = tiny({"b": BLUE} | ends, [("b", name, 40) for name in ends], formations)
    assert war.view("blue", "b")["closed"] == 1
    assert war.place("b")["invested_on"] == -1


def test_a_road_closed_by_troops_counts_as_one_to_the_enemy(tiny):
    war = invested(tiny, 2)
    war.put("shut", "w3", "b", 0.0)
    war.tick()
    assert war.view("blue", "b")["closed"] == 0.75
    assert war.place("b")["invested_on"] == 0


@pytest.mark.parametrize(("ticks", "invested_then"), [(7, 1), (8, 0)])
def test_an_investment_opened_long_before_the_fall_does_not_count(tiny, ticks, invested_then):
    war = invested(tiny, rules={"control": {"invested_days": 2}})
    war.tick()
    war.place("w2")["control"] = war.names.sides["blue"]
    war.tick(ticks)
    assert war.place("b")["invested_on"] == 0
    assert falls(war) == invested_then


# --- what became of the garrison -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("exits", "seed"), [(True, 2), (True, 3), (False, 2), (False, 3)])
def test_the_fates_of_a_garrison_add_up(tiny, exits, seed):
    places = {"a": RED | {"rear_base": True}, "b": BLUE, "c": BLUE | {"rear_base": exits}}
    formations = {"r": {"side": "red", "place": "a", "strength": 3000}}
    formations |= {f"b{i}": {"side": "blue", "place": "b", "strength": 200 + i, "morale": 0.3} for i in range(6)}
    morale = {
        "baseline": -0.5,
        "attacker": -8,
        "desertion": 0.5,
        "surrender": 0.5,
        "daily_desertion": 0.1,
        "common_cause_share": 0.3,
    }
    rules = {"combat": {"rate": 0.1, "killed_share": 0.3, "missing_share": 0.2}, "morale": morale}
    rules |= {"politics": {"disbanding": 1}}
    war = tiny(places, [("a", "b", 40), ("b", "c", 400)], formations, rules, seed=seed)
    war.put("r", "a", "b", 0.0, task=MARCH, target="b", assault=1)
    b, units = war.place("b"), war.world.units[war.world.units["side"] == war.names.sides["blue"]].copy()
    initial = stand = units["strength"].sum()
    fates = ("garrison_left", "garrison_deserted", "garrison_surrendered", "garrison_died")
    for tick in range(12):
        if tick == 2:
            assert stand > 0
            war.side("blue")["collapsed"] = 1  # who is still there melts away
        war.tick()
        units = war.world.units[war.world.units["side"] == war.names.sides["blue"]]
        stand = units["strength"][(units["status"] == ACTIVE) & (units["road"] < 0)].sum()
        counted = sum(float(b[fate]) for fate in fates)
        assert counted + stand + units["missing"].sum() + units["wounded"].sum() == initial
    assert b["garrison_died"] == units["killed"].sum() > 0
    assert b["garrison_deserted"] > 0
    assert (b["garrison_left"] > 0, b["garrison_surrendered"] > 0) == (exits, not exits)
    assert war.place("a")["garrison_died"] == 0  # the attackers' dead are nobody's garrison


def test_who_left_and_is_then_caught_is_counted_once(tiny):
    places = {"a": RED | {"rear_base": True}, "b": BLUE, "c": BLUE | {"rear_base": True}}
    formations = {
        "r": {"side": "red", "place": "a", "strength": 3000},
        "b": {"side": "blue", "place": "b", "strength": 200},
    }
    morale = {"baseline": 5, "attacker": -8, "desertion": 0, "surrender": 1}
    war = tiny(places, [("a", "b", 40), ("b", "c", 400)], formations, {"morale": morale})
    war.put("r", "a", "b", 0.0, task=MARCH, target="b", assault=1)
    war.tick()
    b, unit = war.place("b"), war.unit("b")
    assert (unit["status"], war.place_of("b"), b["garrison_left"]) == (WITHDRAWING, "b", 200)
    # Before it is out of the town the only way home is lost.
    war.view("blue", "b")["way_home"] = -1
    war.place("c")["control"] = war.names.sides["red"]
    war.tick()
    assert (unit["status"], unit["captured"]) == (SURRENDERED, 200)
    assert (b["garrison_left"], b["garrison_surrendered"], b["garrison_deserted"]) == (200, 0, 0)
