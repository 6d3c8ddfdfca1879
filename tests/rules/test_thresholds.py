"""Each weight of a doctrine at its threshold: a value on the very line is on the side that the documentation says."""

from __future__ import annotations

import pytest

from sim.world.tables import FLANK, HOLD, MARCH, WITHDRAW

PLACES = {
    "a": {"control": "red", "rear_base": True},
    "b": {"control": "blue", "symbol": 0.25},
    "c": {"control": "blue", "symbol": 0.5},
    "d": {"control": "blue", "rear_base": True},
}
ROADS = [("a", "b", 40), ("a", "c", 40), ("b", "d", 40), ("c", "d", 40)]
PLAIN = {"mass": 1, "reserve": 0, "junction": 0, "depot": 0, "population": 0, "hysteresis": 1, "wanted_ratio": 0.2}
LEAST = {"command": {"least_need": 1, "look_ahead_km": 10}}


def war_of(tiny, doctrine=None, units=4, rules=None, places=PLACES, **unit):
    """Four red formations of power 1,000 before two weakly held places; blue's garrisons are believed as they are."""
    formations = {f"r{i}": {"side": "red", "place": "a", "strength": 1000} | unit for i in range(units)}
    formations |= {f"b_{place}": {"side": "blue", "place": place, "strength": 10, "mobile": False} for place in "bc"}
    war = tiny(places, ROADS, formations, LEAST | (rules or {}), doctrine=PLAIN | (doctrine or {}), by_hand=False)
    war.tick()
    return war


def sent(war, units=4):
    names = list(war.names.places)
    orders = [war.unit(f"r{i}") for i in range(units)]
    return [names[unit["target"]] if unit["task"] == MARCH else "" for unit in orders]


@pytest.mark.parametrize(("least", "marching"), [(0.5, 4), (0.5000001, 0)])
def test_a_place_worth_exactly_the_least_is_attacked(tiny, least, marching):
    war = war_of(tiny, {"least_worth": least, "objectives": 1})
    assert sent(war).count("c") == marching


@pytest.mark.parametrize(("objectives", "places"), [(1, {"c"}), (1.99, {"c"}), (2, {"b", "c"})])
def test_objectives_are_whole(tiny, objectives, places):
    war = war_of(tiny, {"objectives": objectives, "least_worth": 0, "mass": 0.5})
    assert set(sent(war)) - {""} == places


@pytest.mark.parametrize(("mass", "first"), [(0.5, 2), (0.4999, 1), (0.75, 3)])
def test_an_objective_takes_exactly_the_share_of_the_force_that_it_may(tiny, mass, first):
    war = war_of(tiny, {"mass": mass, "objectives": 1, "least_worth": 0})
    assert sent(war).count("c") == first


@pytest.mark.parametrize(("reserve", "marching"), [(0.5, 3), (0.5001, 2), (0.25, 4), (1.0, 1)])
def test_orders_end_once_more_than_the_force_less_its_reserve_is_sent(tiny, reserve, marching):
    war = war_of(tiny, {"reserve": reserve, "objectives": 1, "least_worth": 0})
    assert sent(war).count("c") == marching


@pytest.mark.parametrize(("readiness", "marching"), [(0.5, 4), (0.4999, 0)])
def test_who_is_exactly_ready_marches(tiny, readiness, marching):
    rules = {"command": LEAST["command"] | {"ready_to_march": 0.5}}
    war = war_of(tiny, {"objectives": 1, "least_worth": 0}, rules=rules, readiness=readiness)
    assert sent(war).count("c") == marching


@pytest.mark.parametrize(("ratio", "assaults"), [(2.5, 1), (2.5001, 0)])
def test_exactly_the_ratio_is_enough_for_an_assault(tiny, ratio, assaults):
    """1,000 before 399 people in the open: power 1,000 against 1 + 399."""
    formations = {
        "r": {"side": "red", "place": "a", "strength": 1000},
        "b": {"side": "blue", "place": "b", "strength": 399, "mobile": False},
    }
    places = {"a": {"control": "red", "rear_base": True}, "b": {"control": "blue", "symbol": 1, "rear_base": True}}
    war = tiny(places, [("a", "b", 40)], formations, doctrine={"assault_ratio": ratio}, by_hand=False)
    war.put("r", "a", "b", 0.0, target="b", task=MARCH)
    war.tick()
    war.put("r", "a", "b", 0.0, target="b", task=MARCH)
    war.tick()
    assert war.unit("r")["assault"] == assaults


@pytest.mark.parametrize(("ratio", "task"), [(4, HOLD), (3.9999, WITHDRAW)])
def test_a_place_is_given_up_beyond_the_ratio_and_not_at_it(tiny, ratio, task):
    """400 believed before a place against 100 inside."""
    places = {
        "a": {"control": "blue", "rear_base": True},
        "b": {"control": "red"},
        "c": {"control": "red", "rear_base": True},
    }
    formations = {
        "r": {"side": "red", "place": "b", "strength": 100, "mobile": False},
        "b": {"side": "blue", "place": "a", "strength": 400},
    }
    roads = [("a", "b", 40), ("b", "c", 40)]
    war = tiny(
        places, roads, formations, {"command": {"hearsay": 0}}, doctrine={"withdraw_ratio": ratio}, by_hand=False
    )
    war.side("blue")["commander"] = 1
    war.put("b", "a", "b", 0.0, target="b", task=MARCH)
    war.tick()
    assert war.view("red", "b")["belief"] == 400
    assert war.unit("r")["task"] == task


@pytest.mark.parametrize(("encirclement", "task"), [(0.5, FLANK), (0.4999, MARCH)])
def test_encirclement_is_on_from_a_half_on(tiny, encirclement, task):
    places = {
        "a": {"control": "red", "rear_base": True},
        "b": {"control": "blue", "symbol": 1},
        "c": {"control": "blue", "rear_base": True},
        "d": {"control": "blue"},
    }
    roads = [("a", "b", 40), ("b", "c", 40), ("b", "d", 40), ("c", "d", 40)]
    formations = {f"r{i}": {"side": "red", "place": "a", "strength": 400} for i in range(3)}
    formations["b"] = {"side": "blue", "place": "b", "strength": 2000, "mobile": False}
    doctrine = {"encirclement": encirclement, "assault_ratio": 10, "least_worth": 0, "mass": 1, "reserve": 0}
    war = tiny(places, roads, formations, doctrine=doctrine, by_hand=False)
    for name in ("r0", "r1", "r2"):
        war.put(name, "a", "b", 0.0, target="b", task=MARCH)
    war.tick()
    assert task in {int(war.unit(name)["task"]) for name in ("r0", "r1", "r2")}
    assert (FLANK in {int(war.unit(name)["task"]) for name in ("r0", "r1", "r2")}) == (task == FLANK)


def test_what_each_place_is_worth_to_each_side_reckoned_by_hand(tiny):
    """Roads beyond two count, not the second; depots count when they hold something; a capital for both sides."""
    places = {
        "hub": {"control": "red", "symbol": 0.5, "population": 250_000, "airfield": True, "rear_base": True},
        "one": {"control": "blue", "depot": {"stock": 0}, "communities": {"folk": 0.5}},
        "two": {"control": "blue", "depot": {"stock": 0.1}},
        "far": {"control": "blue", "rear_base": True, "communities": {"folk": 1.0}},
    }
    roads = [("hub", "one", 40), ("hub", "two", 40), ("hub", "far", 40), ("one", "two", 40)]
    weights = {
        "symbol": 2,
        "population": 0.4,
        "junction": 0.3,
        "airfield": 0.7,
        "depot": 0.6,
        "capital": 0.9,
        "community": 0.5,
    }
    sides = {
        "red": {"name": "R", "stances": {"blue": "hostile"}, "communities": {"folk": -0.8}, "aims": {"two": 3}},
        "blue": {"name": "B", "capital": "far", "communities": {"folk": 1.0}},
    }
    formations = {
        "r": {"side": "red", "place": "hub", "strength": 10},
        "b": {"side": "blue", "place": "far", "strength": 10},
    }
    war = tiny(places, roads, formations, doctrine=weights, sides=sides)
    red, blue = (war.world.worth[war.names.sides[side]] for side in ("red", "blue"))
    hub = 2 * 0.5 + 0.4 * 0.5 + 0.3 * 1 + 0.7
    assert red.tolist() == pytest.approx([hub, 0.0, 3 * 0.6, 0.9 * (1 - 0.5 * 0.8)])
    assert blue.tolist() == pytest.approx([hub, 0.0, 0.6, 0.9])


@pytest.mark.parametrize(("days", "scores"), [(5, 3.0), (4.9, 1.0)])
def test_what_was_lost_exactly_so_many_days_ago_still_calls_for_a_counter_attack(tiny, days, scores):
    """A place lost in tick 0 and looked at in tick 20, five days later."""
    rules = {"command": LEAST["command"] | {"recent_days": days}}
    war = war_of(tiny, {"objectives": 1, "least_worth": 0, "counter_attack": 3}, rules=rules)
    war.begin(1, 0)
    here = war.names.places["c"]
    war.world.places["first_holder"][here] = war.names.sides["red"]
    war.world.places["taken_on"][here] = 0
    war.world.campaign["tick"][0] = 20
    war.tick()
    (objective,) = [row for row in war.world.objectives[:8] if row["target"] == here]
    assert objective["score"] == pytest.approx(0.5 * scores)


def test_the_objective_that_decides_may_stand_first_in_the_middle_or_last(tiny):
    """Five places to attack, of which one is worth most, wherever it stands in the file."""
    for best in range(5):
        names = [f"p{i}" for i in range(5)]
        places = {"a": {"control": "red", "rear_base": True}}
        places |= {name: {"control": "blue", "symbol": 0.9 if i == best else 0.3} for i, name in enumerate(names)}
        formations = {"r": {"side": "red", "place": "a", "strength": 1000}}
        formations |= {f"b{i}": {"side": "blue", "place": f"p{i}", "strength": 5, "mobile": False} for i in range(5)}
        war = tiny(places, [("a", name, 40) for name in names], formations, LEAST, doctrine=PLAIN, by_hand=False)
        war.tick()
        first = war.world.objectives[war.names.sides["red"] * 8]
        assert list(war.names.places)[first["target"]] == f"p{best}"
        assert list(war.names.places)[war.unit("r")["target"]] == f"p{best}"
        scores = war.world.objectives["score"][war.names.sides["red"] * 8 :][:5]
        assert sorted(scores, reverse=True) == scores.tolist()
