"""Control: when a place falls, to whom, and what its captor finds there."""

from __future__ import annotations

import numpy as np
import pytest

from sim.world.tables import ACTIVE, DISPERSED, MARCH, SHATTERED, SURRENDERED

BREAKS: dict[str, dict[str, float]] = {
    "supply": {"fighting": 0, "marching": 0},
    "morale": {"baseline": 5, "attacker": -8, "desertion": 0.2, "abandoned": 0.5, "surrender": 1},
}
SPOILS = {"control": {"taken_share": 0.5, "recruits": 0.1, "stores_share": 0.25, "garrison": 2, "disorder": 4}}
BASE = {"control": "red", "rear_base": True}
TOWN = {
    "control": "blue",
    "prison": 1000,
    "depot": {"stock": 1.0, "equipment": 10},
    "symbol": 0.5,
    "population": 100_000,
}


def siege(tiny, blue, rules=None, reds=1, places=None, **more):
    places = {"a": BASE, "b": TOWN, "c": BASE, "d": {"control": "blue"}} | (places or {})
    roads = [("a", "b", 40), ("c", "b", 40), ("d", "b", 40)]
    formations = {f"r{i}": {"side": "red", "place": "a", "strength": 1000 * (i + 1)} for i in range(reds)}
    formations |= {f"b{i}": {"side": "blue", "place": "b"} | unit for i, unit in enumerate(blue)}
    war = tiny(places, roads, formations, BREAKS | SPOILS | (rules or {}), **more)
    for i in range(reds):
        war.put(f"r{i}", "ac"[i], "b", 0.0, task=MARCH, target="b", assault=1)
    return war


def test_a_formation_of_nobody_holds_no_place(tiny):
    war = siege(tiny, [{"strength": 2, "manning": 0.2}])
    assert (war.unit("b0")["strength"], war.unit("b0")["status"]) == (0, DISPERSED)
    war.tick()
    assert war.place("b")["control"] == war.names.sides["red"]


def test_a_place_falls_when_its_last_defender_breaks(tiny):
    war = siege(tiny, [{"strength": 800, "equipment": 20, "morale": 0.8}, {"strength": 400, "morale": 0.3}])
    stands = war.unit("b1")
    stands["cohesion"] = 20
    war.tick()
    broken = war.unit("b0")
    assert broken["status"] == SURRENDERED
    assert (broken["deserted"], broken["captured"]) == (80, 720)  # 0.2 x (1.3 - 0.8) leave before
    assert war.place("b")["control"] == war.names.sides["blue"]
    assert (war.place("b")["fell"], war.place("b")["taken_on"]) == (-1, -1)

    stands["cohesion"] = 0
    war.tick()
    red = war.unit("r0")
    assert stands["status"] == SURRENDERED
    assert war.place("b")["control"] == war.names.sides["red"]
    assert (war.place("b")["fell"], war.place("b")["taken_on"]) == (1, 1)
    assert (war.place_of("r0"), red["road"], red["status"]) == ("b", -1, ACTIVE)
    assert (red["strength"], red["joined"], war.place("b")["prison"]) == (1100, 100, 0)
    # 10 pieces stood in the depot and 20 were left by the defenders: half of them run again.
    assert (red["equipment"], red["equipment_taken"], war.place("b")["store_equipment"]) == pytest.approx((15, 15, 15))
    assert war.place("b")["stores"] == pytest.approx(0.25)


def test_captors_share_spoils_by_their_strength(tiny):
    war = siege(tiny, [{"strength": 10}], reds=2)
    war.tick()
    assert [war.unit(f"r{i}")["joined"] for i in (0, 1)] == [33, 66]
    assert [war.unit(f"r{i}")["equipment_taken"] for i in (0, 1)] == pytest.approx([5 / 3, 10 / 3])


@pytest.mark.parametrize(("late", "winner"), [(400, "green"), (200, "red")])
def test_people_who_drive_in_are_counted_once(tiny, late, winner):
    """300 come in on the march, the others from the gate: the place goes to whom most people are of."""
    hostile = {"stances": {"blue": "hostile"}}
    sides = {"red": {"name": "R"} | hostile, "green": {"name": "G"} | hostile}
    formations = {
        "r": {"side": "red", "place": "a", "strength": 300},
        "g": {"side": "green", "place": "c", "strength": late},
    }
    war = tiny({"a": BASE, "b": TOWN, "c": BASE}, [("a", "b", 40), ("c", "b", 40)], formations, sides=sides)
    war.put("r", "a", "b", 10.0, task=MARCH, target="b")
    war.put("g", "c", "b", 0.0)
    war.tick()
    assert [war.place_of(name) for name in ("r", "g")] == ["b", "b"]
    assert war.place("b")["control"] == war.names.sides[winner]


def test_those_who_gather_themselves_in_a_place_are_captured_with_it(tiny):
    war = siege(tiny, [{"strength": 300}, {"strength": 500}])
    war.unit("b1")["status"], war.unit("b1")["rest"] = SHATTERED, 9
    war.tick()
    assert (war.unit("b1")["status"], war.unit("b1")["captured"]) == (SURRENDERED, 500)


def test_a_place_without_an_enemy_before_it_stays_with_its_side(tiny):
    war = siege(tiny, [{"strength": 300}])
    war.unit("r0")["km_left"] = 30.0
    war.unit("r0")["task"] = 0
    war.unit("b0")["status"] = DISPERSED
    war.tick(3)
    assert war.place("b")["control"] == war.names.sides["blue"]


@pytest.mark.parametrize(("passive", "ceasefire"), [(1, 0), (0, 3.0)])
def test_passive_forces_and_those_under_a_truce_take_nothing(tiny, passive, ceasefire):
    war = siege(tiny, [{"strength": 300}])
    war.unit("b0")["status"] = DISPERSED
    war.unit("r0")["passive"], war.unit("r0")["task"] = passive, 0
    war.world.campaign["ceasefire"] = ceasefire
    war.tick(3)
    assert war.place("b")["control"] == war.names.sides["blue"]


def test_a_place_taken_back_fell_once(tiny):
    war = siege(tiny, [{"strength": 10}], places={"d": {"control": "blue"}})
    war.tick(2)
    war.unit("r0")["status"] = DISPERSED
    again = war.unit("b0")
    again["status"], again["strength"] = ACTIVE, 50
    war.put("b0", "d", "b", 0.0, task=MARCH, target="b")
    war.tick()
    assert war.place("b")["control"] == war.names.sides["blue"]
    assert (war.place("b")["fell"], war.place("b")["taken_on"]) == (0, 2)


def test_a_fall_shakes_the_loser_and_lifts_the_winner(tiny):
    politics = {
        "place_lost": 0.2,
        "place_won": 0.1,
        "strength_lost": 0,
        "collapse": -20,
        "brittleness": 0,
        "recovery": 0,
    }
    war = siege(tiny, [{"strength": 10}], {"politics": politics})
    will = {side: float(war.side(side)["will"]) for side in ("red", "blue")}
    war.tick()
    assert war.side("blue")["will"] == pytest.approx(will["blue"] - 0.2 * 0.5)
    assert war.side("red")["will"] == pytest.approx(will["red"] + 0.1 * 0.5)


@pytest.mark.parametrize(
    ("commerce", "hardship", "hard"), [(0.4, 0.5, 0.5 + 0.3 * 0.4), (0.0, 0.5, 0.5), (1.0, 0.9, 1.0)]
)
def test_the_loss_of_a_hub_brings_hardship(tiny, commerce, hardship, hard):
    sides = {"blue": {"name": "Blue", "hardship": hardship}}
    rules = {"politics": {"hub_lost": 0.3, "hardship": 0}}
    war = siege(tiny, [{"strength": 10}], rules, places={"b": TOWN | {"commerce": commerce}}, sides=sides)
    war.tick()
    assert war.side("blue")["hardship"] == pytest.approx(hard)
    assert war.side("red")["hardship"] == 0.5


@pytest.mark.parametrize(("legitimacy", "after"), [(0.6, 0.6 - 0.4 * 0.5), (0.1, 0.0)])
def test_the_loss_of_a_symbol_costs_standing_and_so_will(tiny, legitimacy, after):
    sides = {"blue": {"name": "Blue", "legitimacy": legitimacy, "will": 0.5}}
    rules = {
        "politics": {"standing_lost": 0.4, "place_lost": 0.1, "legitimacy": 0.2, "strength_lost": 0, "recovery": 1}
    }
    war = siege(tiny, [{"strength": 10}], rules, sides=sides)
    war.tick()
    assert war.side("blue")["legitimacy"] == pytest.approx(after)
    # The shock of 0.1 x 0.5, and the way back to a base that is lower now.
    base = 0.5 + 0.2 * (after - legitimacy)
    assert war.side("blue")["will"] == pytest.approx(0.45 + max(0, base - 0.45) * -np.expm1(-0.25))


def test_the_loss_of_the_capital_costs_its_side_dear(tiny):
    politics = {
        "place_lost": 0.2,
        "capital_lost": 0.3,
        "strength_lost": 0,
        "collapse": -20,
        "brittleness": 0,
        "recovery": 0,
    }
    blue = {"name": "Blue", "capital": "b", "will": 0.9}
    war = siege(tiny, [{"strength": 10}], {"politics": politics}, sides={"blue": blue})
    war.tick()
    assert war.side("blue")["will"] == pytest.approx(0.9 - 0.2 * 0.5 - 0.3)


@pytest.mark.parametrize(("people", "goal"), [(1000, 1.0), (50, 0.25)])
def test_order_follows_the_garrison(tiny, people, goal):
    politics = {"unrest": 0.4, "collapse": -20, "brittleness": 0}
    war = siege(tiny, [{"strength": 10}], {"politics": politics, "control": SPOILS["control"] | {"recruits": 0}})
    war.tick()
    war.unit("r0")["strength"] = people
    before = float(war.place("b")["stability"])
    assert before <= 1 - 0.4 * 0.5
    war.tick()
    assert war.place("b")["stability"] == pytest.approx(before + (goal - before) * (1 - np.exp(-0.25 / 4)))
