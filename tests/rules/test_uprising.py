"""Uprisings: which places slip from their holder, how often, and who takes up arms there."""

from __future__ import annotations

import numpy as np
import pytest

from sim.world.tables import ACTIVE, DORMANT

FOLK = {"communities": {"folk": 1.0}}
TOWN = {"control": "red", "population": 50_000, "prison": 1000, "symbol": 0.5} | FOLK
PLACES = {"a": {"control": "red"}, "t": TOWN, "b": {"control": "blue"}}
ROADS = [("a", "t", 40), ("t", "b", 400)]
FORMATIONS = {
    "r": {"side": "red", "place": "a", "strength": 500},
    "there": {"side": "blue", "place": "t", "strength": 200, "posture": "dormant"},
    "native": {"side": "blue", "place": "b", "home": "t", "strength": 100, "posture": "dormant"},
    "other": {"side": "blue", "place": "b", "strength": 100, "posture": "dormant"},
}
WEAK = 0.4
"""Will at which a holder whose authority is 1 is 0.6 weak."""


def restive(tiny, formations=None, red=None, blue=None, town=None, sides=None, politics=None, **more):
    said = {
        "red": {"name": "Red", "stances": {"blue": "hostile"}, "will": WEAK, "communities": {"folk": -0.2}}
        | (red or {}),
        "blue": {"name": "Blue", "posture": "dormant", "communities": {"folk": 0.8}} | (blue or {}),
    }
    places = PLACES | {"t": TOWN | (town or {})}
    politics = {"uprising": 1.0, "authority": 1.0} | (politics or {})
    return tiny(places, ROADS, formations or FORMATIONS, {"politics": politics}, sides=said | (sides or {}), **more)


def risen(war, replicates=800, ticks=1, prepare=lambda war: None):
    """The share of campaigns in which the town has changed hands."""
    count = 0
    for k in range(replicates):
        war.begin(3, k)
        prepare(war)
        war.tick(ticks)
        count += war.place("t")["control"] != war.names.sides["red"]
    return count / replicates


def by_hazard(per_day, days=1.0, n=800):
    chance = -np.expm1(-per_day * days)
    return pytest.approx(chance, abs=4 * np.sqrt(chance * (1 - chance) / n) + 1e-9)


@pytest.mark.parametrize(("will", "weakness"), [(0.4, 0.6), (0.7, 0.3), (0.0, 1.0)])
def test_its_own_places_slip_from_a_side_whose_will_is_below_authority(tiny, will, weakness):
    """A hazard of 1 a day, times half the gap of 0.8 and -0.2, times the holder's weakness."""
    assert risen(restive(tiny, red={"will": will})) == by_hazard(0.5 * weakness)


def test_nobody_rises_against_a_will_above_authority(tiny):
    war = restive(tiny, red={"will": 0.5}, politics={"uprising": 5, "authority": 0.5})
    assert risen(war, 100) == 0


def test_captured_places_slip_by_their_disorder_whatever_the_will(tiny):
    war = restive(tiny, red={"will": 1.0})

    def captured(war):
        war.place("t")["taken_on"], war.place("t")["stability"] = 0, 0.4

    # Not in the tick of the capture; a day later nobody has kept order, so that it has gone down a little further.
    assert risen(war, 100, prepare=captured) == 0
    assert risen(war, ticks=5, prepare=captured) == by_hazard(0.5 * (1 - 0.4 * np.exp(-1.25 / 4)))


@pytest.mark.parametrize("tick_hours", [3, 6, 12])
def test_uprisings_come_at_their_rate_for_every_length_of_tick(tiny, tick_hours):
    war = restive(tiny, clock={"tick_hours": tick_hours, "decision_hours": tick_hours})
    assert risen(war, 500, 2 * 24 // tick_hours) == by_hazard(0.3, 2, 500)


GREEN = {"green": {"name": "Green", "stances": {"red": "allied"}, "communities": {"folk": 0.9}}}
GARRISON = {"strength": 1, "place": "t", "mobile": False}


@pytest.mark.parametrize(
    "change",
    [
        {"formations": FORMATIONS | {"g": GARRISON | {"side": "red"}}},
        {"formations": FORMATIONS | {"g": GARRISON | {"side": "green"}}, "sides": GREEN},  # an ally's garrison
        {"formations": FORMATIONS | {"g": GARRISON | {"side": "red", "toward": "b", "km": 5}}},  # posts before the town
        {"blue": {"communities": {"folk": -0.3}}},  # nobody whom the people like better
        {"red": {"stances": {"blue": "neutral", "green": "hostile"}}},  # no enemy whom they like
        {"town": {"population": 0}},
    ],
    ids=["garrison", "garrison of an ally", "posts", "no love", "no enemy", "nobody there"],
)
def test_what_keeps_a_place_quiet(tiny, change):
    far = {"green": {"name": "Green", "communities": {"folk": -1}}}
    away = {"g_away": {"side": "green", "place": "b", "strength": 1, "posture": "dormant"}}
    change = {"sides": far} | change
    change["formations"] = (change.get("formations") or FORMATIONS) | away
    war = restive(tiny, politics={"uprising": 5}, **change)
    assert risen(war, 100, 4) == 0


def test_a_ceasefire_keeps_places_quiet(tiny):
    war = restive(tiny, politics={"uprising": 5})
    war.world.campaign["ceasefire"] = 3.0
    war.tick(4)
    assert war.place("t")["control"] == war.names.sides["red"]


def test_a_place_turns_to_the_enemy_whom_its_people_like_best_and_whose_rule_stands(tiny):
    green = {"green": {"name": "Green", "stances": {"red": "hostile"}, "communities": {"folk": 0.9}}}
    formations = FORMATIONS | {"g": {"side": "green", "place": "b", "strength": 1, "posture": "dormant"}}
    war = restive(tiny, formations, sides=green, red={"will": 0}, politics={"uprising": 5})
    assert risen(war, 60, 1) > 0.8
    for collapsed, champion in ((0, "green"), (1, "blue")):
        war.begin(1, 0)
        war.side("green")["collapsed"] = collapsed
        war.tick(5)
        assert war.place("t")["control"] == war.names.sides[champion]


def test_those_who_waited_there_or_call_it_home_take_up_arms_and_its_spoils(tiny):
    rules = {"uprising": 5, "place_lost": 0.2}
    war = restive(tiny, red={"will": 0.3}, politics=rules)
    war.world.settings["control"]["recruits"] = 0.1
    assert war.side("blue")["posture"] == 0
    war.tick(5)
    assert war.place("t")["control"] == war.names.sides["blue"]
    assert [war.unit(name)["status"] for name in ("there", "native", "other")] == [ACTIVE, ACTIVE, DORMANT]
    assert war.side("blue")["posture"] == 2
    assert war.side("red")["will"] == pytest.approx(0.3 - 0.2 * 0.5)
    # A thousand prisoners go free, of whom a hundred join those who rose in the town.
    assert (war.unit("there")["joined"], war.unit("there")["strength"], war.place("t")["prison"]) == (100, 300, 0)
    assert war.unit("native")["joined"] == 0


def test_a_capital_that_rises_costs_as_much_will_as_one_that_is_taken(tiny):
    rules = {"uprising": 5, "place_lost": 0.2, "capital_lost": 0.1, "strength_lost": 0}
    war = restive(tiny, red={"will": 0.3, "capital": "t"}, politics=rules)
    while war.place("t")["control"] == war.names.sides["red"]:
        assert war.side("red")["will"] == pytest.approx(0.3)
        war.tick()
    assert war.side("red")["will"] == pytest.approx(0.3 - 0.2 * 0.5 - 0.1)  # in the tick in which it rises


def test_a_passive_side_that_rises_stays_passive(tiny):
    war = restive(tiny, blue={"posture": "passive"}, red={"will": 0}, politics={"uprising": 5})
    war.tick(5)
    assert war.unit("there")["status"] == ACTIVE
    assert war.side("blue")["posture"] == 1


@pytest.mark.parametrize(("before", "after"), [("dormant", 1), ("passive", 1), ("active", 2)])
def test_a_town_without_formations_brings_its_side_into_the_war_and_takes_nobody_out_of_it(tiny, before, after):
    formations = {name: FORMATIONS[name] for name in ("r", "other")}
    war = restive(tiny, formations, blue={"posture": before}, red={"will": 0}, politics={"uprising": 5})
    war.tick(5)
    assert war.place("t")["control"] == war.names.sides["blue"]
    assert war.side("blue")["posture"] == after


# --- who is near -----------------------------------------------------------------------------------------------------

FAR_AND_NEAR = {"a": {"control": "red"}, "t": TOWN, "near": {"control": "green"}, "far": {"control": "blue"}}


def between(tiny, area=(), local_km=50.0):
    """People of t like blue, far away, a little better than green, next door."""
    sides = {
        "red": {
            "name": "Red",
            "stances": {"blue": "hostile", "green": "hostile"},
            "will": 0.0,
            "communities": {"folk": -0.2},
        },
        "blue": {"name": "Blue", "communities": {"folk": 0.8}},
        "green": {"name": "Green", "communities": {"folk": 0.6}, "regions": list(area)},
    }
    formations = {
        "r": {"side": "red", "place": "a", "strength": 500},
        "b": {"side": "blue", "place": "far", "strength": 100},
        "g": {"side": "green", "place": "near", "strength": 100},
    }
    roads = [("a", "t", 40), ("t", "near", 25), ("near", "far", 300)]
    politics = {"uprising": 1.0, "authority": 1.0, "local_km": local_km}
    return tiny(FAR_AND_NEAR, roads, formations, {"politics": politics}, sides=sides)


@pytest.mark.parametrize(
    ("local_km", "area", "champion", "hazard"),
    [
        (50.0, (), "green", 0.4 * np.exp(-25 / 50)),
        (0.0, (), "blue", 0.5),
        (50.0, ("elsewhere",), "blue", 0.5 * np.exp(-325 / 50)),
    ],
    ids=["near", "anywhere", "not its area"],
)
def test_people_rise_for_who_is_near(tiny, local_km, area, champion, hazard):
    war = between(tiny, area, local_km)
    found = {"red": 0, "green": 0, "blue": 0}
    for k in range(400):
        war.begin(3, k)
        war.tick()
        found[list(war.names.sides)[war.place("t")["control"]]] += 1
    assert found[champion] / 400 == by_hazard(hazard, n=400)
    assert found["red"] + found[champion] == 400


@pytest.mark.parametrize(("home", "risen"), [("t", True), ("near", False)])
def test_who_has_risen_in_his_own_town_is_not_afraid_of_its_closed_roads(tiny, home, risen):
    places = {"a": {"control": "red", "rear_base": True}, "t": {"control": "red"}, "near": {"control": "red"}}
    formations = {
        "r": {"side": "red", "place": "t", "strength": 10},
        "b": {"side": "blue", "place": "t", "home": home, "strength": 100},
    }
    rules = {"morale": {"encirclement": 3, "isolation": 0.6, "home": 0, "baseline": -9, "risen": 0.0}}
    war = tiny(places, [("a", "t", 40), ("t", "near", 40)], formations, rules)
    war.tick()
    terms = war.world.break_terms[war.names.units["b"]]
    assert (terms["encirclement"], terms["isolation"]) == ((0, 0) if risen else (3, 0.6))
    # Broken, they melt into the town; others are taken.
    war.world.settings["morale"]["baseline"], war.world.settings["morale"]["surrender"] = 5, 1
    war.tick(2)
    assert (war.unit("b")["deserted"] > war.unit("b")["captured"]) == risen


def test_of_enemies_whom_people_like_alike_the_first_is_their_champion(tiny):
    green = {"green": {"name": "Green", "stances": {"red": "hostile"}, "communities": {"folk": 0.8}}}
    formations = FORMATIONS | {"g": {"side": "green", "place": "b", "strength": 1, "posture": "dormant"}}
    alike = restive(tiny, formations, sides=green, red={"will": 0}, politics={"uprising": 5, "local_km": 0})
    alike.tick(5)
    assert alike.place("t")["control"] == alike.names.sides["blue"]
