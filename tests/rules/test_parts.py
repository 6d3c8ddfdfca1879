"""Formations break by parts, terms are bounded, and levels count."""

from __future__ import annotations

import numpy as np
import pytest

from sim.rules.breakpoint import bent
from sim.world.tables import ACTIVE, WITHDRAWING

RED, BLUE = {"control": "red"}, {"control": "blue"}
PLACES = {"a": RED | {"rear_base": True}, "b": BLUE, "c": BLUE | {"rear_base": True}}
ROADS = [("a", "b", 40), ("b", "c", 60)]
NERVES = {"baseline": 0.0, "part": 100, "desertion": 0.3, "common_cause_share": 0, "rest_days": 30}


def besieged(tiny, blue, morale=None):
    """Red assaults b; nobody is hit; blue's formations break with a hazard of 1 a day."""
    formations = {"r": {"side": "red", "place": "a", "strength": 5000}} | {
        name: {"side": "blue", "place": "b", "morale": 0.3} | unit for name, unit in blue.items()
    }
    return tiny(PLACES, ROADS, formations, {"morale": {"attacker": -8} | NERVES | (morale or {})})


def assault(war, replicate, ticks):
    war.begin(7, replicate)
    for _ in range(ticks):
        war.put("r", "a", "b", 0.0, assault=1)
        war.tick()


def standing(war, names):
    return sum(war.unit(name)["strength"] for name in names if war.unit(name)["status"] == ACTIVE)


@pytest.mark.parametrize("pieces", [1, 2, 8])
def test_it_does_not_matter_how_people_are_grouped(tiny, pieces):
    """Of 800 people, in parts of 100, each part stands for an exponential time: a binomial number after a day."""
    blue = {f"b{i}": {"strength": 800 // pieces} for i in range(pieces)}
    war = besieged(tiny, blue)
    left = []
    for k in range(400):
        assault(war, k, 4)
        left.append(standing(war, blue) / 100)
    p, n = np.exp(-1), 8
    spread = np.sqrt(n * p * (1 - p))
    assert np.mean(left) == pytest.approx(n * p, abs=4 * spread / 20)
    assert np.std(left) == pytest.approx(spread, rel=0.15)
    assert set(left) <= set(range(9))


def test_what_becomes_of_a_part_that_breaks(tiny):
    war = besieged(tiny, {"b": {"strength": 800, "equipment": 40}}, {"abandoned": 0.6})
    for replicate in range(100):
        assault(war, replicate, 1)
        if war.unit("b")["strength"] == 700:
            break
    unit = war.unit("b")
    assert unit["status"] == ACTIVE and unit["strength"] == 700 and unit["broken"] == 1
    assert unit["deserted"] == int(100 * 0.3 * (1.3 - unit["morale"]))
    assert unit["scattered"] == 100 - unit["deserted"] == war.place("b")["garrison_left"]
    assert war.place("b")["store_equipment"] == pytest.approx(40 * 0.6 / 8)
    assert unit["equipment"] == pytest.approx(40 - 40 * 0.6 / 8)
    assert war.world.forces[war.names.places["b"], war.names.sides["blue"]]["people"] == 700


def test_without_a_way_out_the_parts_give_up(tiny):
    war = besieged(tiny, {"b": {"strength": 800}}, {"surrender": 1, "isolation": 0})
    war.place("c")["control"] = war.names.sides["red"]
    assault(war, 1, 1)
    war.place("c")["control"] = war.names.sides["red"]
    war.world.counts["changed"] = 3
    for _ in range(8):
        war.put("r", "a", "b", 0.0, assault=1)
        war.tick()
    unit = war.unit("b")
    assert unit["captured"] > 0 and unit["scattered"] <= 100
    assert unit["strength"] + unit["scattered"] + unit["captured"] + unit["deserted"] == 800


def test_who_was_scattered_comes_back_when_it_is_quiet_or_the_rest_is_over(tiny):
    war = besieged(tiny, {"b": {"strength": 800}}, {"baseline": -10, "rest_days": 2})
    unit = war.unit("b")
    unit["strength"], unit["scattered"] = 500.0, 300.0
    war.unit("r")["place"] = war.names.places["a"]
    war.tick()
    back = int(300 * -np.expm1(-0.5)) + 1
    assert (unit["strength"], unit["scattered"]) == (500 + back, 300 - back)
    unit["status"] = WITHDRAWING
    war.tick(60)
    assert (unit["status"], unit["strength"], unit["scattered"]) == (ACTIVE, 800, 0)


@pytest.mark.parametrize(("own", "odds"), [(500, 2.0), (10_000, 0.1), (50_000, 0.1)])
def test_the_few_one_road_away_frighten_the_many_less(tiny, own, odds):
    formations = {
        "r": {"side": "red", "place": "a", "strength": 1000},
        "b": {"side": "blue", "place": "b", "strength": own},
    }
    war = tiny(PLACES, ROADS, formations, {"morale": {"baseline": -9, "ratio": 0.4, "threatened_ratio": 2}})
    war.tick()
    assert war.world.break_terms[war.names.units["b"]]["ratio"] == pytest.approx(2 * 0.4 * np.log(odds))


def test_terms_bend_towards_their_bound(plain):
    bend = plain(bent)
    assert [bend(x, 3.0) for x in (-1.5, -0.4, 0.0, 1.5)] == [-1.5, -0.4, 0.0, 1.5]
    x = np.linspace(-40, 40, 4001)
    y = np.array([bend(v, 3.0) for v in x])
    assert np.all(np.diff(y) >= 0) and np.abs(y).max() <= 3.0 and y[-1] == pytest.approx(3.0)
    assert np.allclose(y, -y[::-1])
    assert bend(1.5 + 1e-6, 3.0) - bend(1.5, 3.0) == pytest.approx(1e-6, rel=1e-3), (
        "it leaves the line without a corner"
    )
    assert bend(2.5, 3.0) == pytest.approx(1.5 * (2 - np.exp(-1 / 1.5)))


def test_ground_losses_and_news_are_bounded(tiny):
    places = PLACES | {"b": BLUE | {"terrain": "dense_urban", "fortification": 1.0}}
    formations = {
        "r": {"side": "red", "place": "a", "strength": 1000},
        "b": {"side": "blue", "place": "b", "strength": 500},
    }
    morale = {"baseline": -9, "terrain": 2.5, "losses": 1.4, "contagion": 0.75, "bound": 2.0}
    war = tiny(places, ROADS, formations, {"morale": morale})
    war.put("r", "a", "b", 0.0, assault=1)
    war.unit("b")["loss_recent"] = 0.5
    war.world.news[war.names.sides["blue"], war.names.places["b"]] = 50.0
    war.side("blue")["shaken"] = 1
    war.tick()
    terms = war.world.break_terms[war.names.units["b"]]
    for name, sign in (("terrain", -1), ("losses", 1), ("contagion", 1)):
        assert 1.9 < sign * terms[name] <= 2.0, name


LEVELS = {"pay_level": 0.2, "legitimacy_level": 0.1, "hardship_level": 0.05}


@pytest.mark.parametrize("rule", ["morale", "politics"])
def test_levels_of_pay_legitimacy_and_hardship_enter_the_base(tiny, rule):
    side = {"pay": 0.25, "career": 0.6, "legitimacy": 0.3, "hardship": 0.8, "will": 0.5, "serviceable": 1.0}
    formations = {
        "r": {"side": "red", "place": "a", "strength": 10},
        "b": {"side": "blue", "place": "b", "strength": 10, "morale": 0.5},
    }
    sides = {"blue": {"name": "Blue"} | side}
    war = tiny(PLACES, ROADS, formations, {rule: LEVELS}, sides=sides)
    base = 0.5 + 0.2 * 0.6 * (0.25 - 0.5) + 0.1 * (0.3 - 0.5) - 0.05 * (0.8 - 0.5)
    found = {"morale": float(war.unit("b")["morale_base"]), "politics": float(war.side("blue")["will_base"])}
    assert found == {rule: pytest.approx(base)} | {other: 0.5 for other in found if other != rule}
    assert (
        war.unit("b")["morale"] == war.unit("b")["morale_base"]
        and war.side("blue")["will"] == war.side("blue")["will_base"]
    )
