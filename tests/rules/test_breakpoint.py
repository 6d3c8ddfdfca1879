"""Nerve: what a formation bears alone and with all in its place, what politics adds, columns cut off, who slips off."""

from __future__ import annotations

import numpy as np
import pytest

from sim.kernel import random as draws
from sim.rules import purposes
from sim.world.tables import ACTIVE, BESIEGED, DISPERSED, HOLD, MARCH, OPEN, SURRENDERED, WITHDRAWING

RED, BLUE = {"control": "red"}, {"control": "blue"}
PLACES = {"a": RED | {"rear_base": True}, "b": BLUE, "c": BLUE | {"rear_base": True}, "e": BLUE}
ROADS = [("a", "b", 40), ("a", "e", 40), ("b", "c", 60), ("e", "c", 60)]
TICK = 0.25
REPLICATES = 1500


def assaulted(tiny, blue, morale, rules=None, **more):
    """Red assaults b and e, where blue's formations stand; nobody is hit."""
    formations = {f"r_{place}": {"side": "red", "place": "a", "strength": 1000} for place in "be"}
    formations |= {name: {"side": "blue", "strength": 200} | unit for name, unit in blue.items()}
    rules = {"morale": {"attacker": -8, "baseline": 0} | morale} | (rules or {})
    return tiny(PLACES, ROADS, formations, rules, **more)


def who_broke(war, names, replicates=REPLICATES, prepare=lambda war: None):
    """[replicate, formation]: who broke in the first tick."""
    broke = np.zeros((replicates, len(names)), dtype=bool)
    for k in range(replicates):
        war.begin(11, k)
        for place in "be":
            war.put(f"r_{place}", "a", place, 0.0, task=MARCH, target=place, assault=1)
        prepare(war)
        war.tick()
        broke[k] = [war.unit(name)["status"] != ACTIVE for name in names]
    return broke


def share(chance, n=REPLICATES):
    """A share of n campaigns that chance alone may explain."""
    return pytest.approx(chance, abs=4 * np.sqrt(chance * (1 - chance) / n))


@pytest.mark.parametrize("common", [0.0, 0.4, 1.0])
def test_panic_is_shared_but_breaks_nobody_more_often(tiny, common):
    blue = {"b1": {"place": "b"}, "b2": {"place": "b"}, "b3": {"place": "b"}, "e1": {"place": "e"}}
    broke = who_broke(assaulted(tiny, blue, {"common_cause_share": common}), list(blue))
    alone, at_once = -np.expm1(-TICK * (1 - common)), -np.expm1(-TICK * common)
    chance = -np.expm1(-TICK)
    for i in range(4):
        assert broke[:, i].mean() == share(chance)
    assert broke[:, :3].all(axis=1).mean() == share(at_once + (1 - at_once) * alone**3)
    assert (broke[:, 0] & broke[:, 3]).mean() == share(chance**2)  # another place has a panic of its own
    if common == 1.0:
        assert np.array_equal(broke[:, 0], broke[:, 1]) and np.array_equal(broke[:, 0], broke[:, 2])


def test_who_has_won_does_not_break_before_those_who_fight_no_more(tiny):
    """Formations of a side that has collapsed have no power; the enemy among them is in contact, but not in danger."""
    formations = {"r": {"side": "red", "place": "a"}, "b1": {"side": "blue", "place": "b"}}
    formations = {name: unit | {"strength": 500} for name, unit in formations.items()}
    war = tiny(PLACES, ROADS, formations, {"politics": {"disbanding": 0}})
    for k in range(50):
        war.begin(11, k)
        war.unit("r")["place"] = war.names.places["b"]
        war.world.places["control"][war.names.places["b"]] = war.names.sides["red"]
        war.side("blue")["collapsed"] = 1
        war.tick()
        assert (war.unit("r")["contact"], war.unit("b1")["status"]) == (BESIEGED, ACTIVE)
        assert war.world.break_terms["baseline"][war.names.units["r"]] == -10
        assert war.unit("r")["status"] == ACTIVE


def test_the_steadier_break_less_often_and_never_before_the_others(tiny):
    blue = {"b1": {"place": "b"}, "b2": {"place": "b"}}
    steady = lambda war: war.unit("b2").__setitem__("cohesion", 1.0)  # noqa: E731
    broke = who_broke(assaulted(tiny, blue, {"common_cause_share": 1}), list(blue), prepare=steady)
    assert broke[:, 0].mean() == share(-np.expm1(-TICK))
    assert broke[:, 1].mean() == share(-np.expm1(-TICK * np.exp(-1)))
    assert not np.any(broke[:, 1] & ~broke[:, 0])


def ticks_until_broken(war, names, replicate, prepare=lambda war: None, horizon=60):
    """In which tick each formation broke; red goes on with its assault of b and e."""
    broke = dict.fromkeys(names, horizon)
    war.begin(11, replicate)
    for tick in range(horizon):
        for place in "be":
            war.put(f"r_{place}", "a", place, 0.0, task=MARCH, target=place, assault=1)
        prepare(war)
        war.tick()
        for name in names:
            if war.unit(name)["status"] != ACTIVE:
                broke[name] = min(broke[name], tick)
        if max(broke.values()) < horizon:
            break
    return broke


def test_a_formation_breaks_when_it_has_borne_what_was_drawn_for_it(tiny):
    """At a hazard of 1 a day, of which 0.4 is shared: strain 0.15 and alarm 0.1 a tick."""
    war = assaulted(tiny, {"b1": {"place": "b"}}, {"common_cause_share": 0.4, "wear": 0, "daily_desertion": 0})
    for replicate in range(40):
        broke = ticks_until_broken(war, ["b1"], replicate)["b1"]
        unit, place, side = war.unit("b1"), war.place("b"), war.side("blue")
        own = -np.log1p(-draws.uniform(11, replicate, 0, purposes.BREAKING, unit["stream"], 0))
        shared = -np.log1p(-draws.uniform(11, replicate, 0, purposes.PANIC, place["stream"], side["stream"]))
        assert broke == min(int(own / 0.15), int(shared / 0.1))
        assert (int(unit["broken"]), float(unit["breakpoint"])) == (1, 0.0)


def test_who_shares_all_fear_breaks_at_once_and_the_steadier_later(tiny):
    blue = {"b1": {"place": "b"}, "b2": {"place": "b"}, "b3": {"place": "b"}}
    war = assaulted(tiny, blue, {"common_cause_share": 1, "neighbours": 0, "wear": 0, "daily_desertion": 0})
    steady = lambda war: war.unit("b3").__setitem__("cohesion", 0.5)  # noqa: E731
    later = 0
    for replicate in range(40):
        broke = ticks_until_broken(war, list(blue), replicate, steady)
        assert broke["b1"] == broke["b2"] <= broke["b3"]
        later += broke["b3"] > broke["b1"]
    assert later > 10


def test_a_column_leaves_the_alarm_of_a_place_behind_but_not_its_own_strain(tiny):
    war = assaulted(tiny, {"b1": {"place": "b"}}, {"common_cause_share": 0.5})
    war.begin(11, 0)
    war.unit("b1")["cohesion"] = 3
    war.put("r_b", "a", "b", 0.0, task=MARCH, target="b", assault=1)
    war.tick()
    unit = war.unit("b1")
    borne = float(unit["strain"])
    assert unit["alarm"] == borne > 0
    unit["task"], unit["target"], unit["slot"] = MARCH, war.names.places["c"], OPEN
    war.tick()
    assert (int(unit["road"]) >= 0, float(unit["alarm"])) == (True, 0.0)
    assert unit["strain"] >= borne


@pytest.mark.parametrize(
    ("morale", "will", "moves"),
    [
        ({"backing": 2.0}, 0.6, (-2 * 0.42, 0)),  # 0.8 x (1 - 0.25) x (1 - 0.5 x 0.6)
        ({"despair": 2.0}, 0.2, (0.8, 0.8)),
        ({"despair": 2.0}, 0.9, (0, 0)),  # more will than at the start steadies nobody
    ],
)
def test_sponsors_and_lost_will_reach_the_troops(tiny, morale, will, moves):
    sponsors = {
        "patron": {"name": "P", "backs": {"blue": 0.8}, "distraction": 0.25, "friction": {"rival": 0.6}},
        "rival": {"name": "R", "backs": {"blue": 0.9}},
    }
    blue = {"backed": {"place": "b", "sponsor": "patron"}, "own": {"place": "e"}}
    war = assaulted(tiny, blue, morale, rules={"politics": {"friction": 0.5}}, sponsors=sponsors)
    broke = who_broke(war, list(blue), prepare=lambda war: war.side("blue").__setitem__("will", will))
    for i, move in enumerate(moves):
        assert broke[:, i].mean() == share(-np.expm1(-TICK * np.exp(move)))


@pytest.mark.parametrize(("retreat", "fates"), [("red", {ACTIVE}), ("blue", {SURRENDERED})])
def test_a_column_with_no_way_back_is_itself_besieged(tiny, retreat, fates):
    """Held places break at once and attackers never, so that what breaks is besieged."""
    blue = {"b1": {"place": "b"}}
    war = assaulted(tiny, blue, {"baseline": 5, "attacker": -8, "surrender": 1, "desertion": 0})
    war.unit("b1")["cohesion"] = 30
    unit = war.put("r_b", "a", "b", 0.0, task=HOLD, assault=1)
    war.put("r_e", "a", "e", 40.0)
    war.place("a")["control"] = war.names.sides[retreat]
    war.world.counts["changed"] = 3
    war.tick(2)
    assert {int(unit["status"])} == fates
    assert unit["captured"] == (1000 if retreat == "blue" else 0)


def test_a_column_whose_way_back_is_closed_melts_away_or_surrenders(tiny):
    war = assaulted(tiny, {"b1": {"place": "b"}}, {"baseline": 5, "attacker": -8, "surrender": 0.6, "desertion": 0})
    fates = []
    for k in range(400):
        war.begin(5, k)
        war.unit("b1")["cohesion"] = 30
        war.put("r_b", "a", "b", 0.0, task=HOLD, assault=1)
        war.place("a")["control"] = war.names.sides["blue"]
        war.world.counts["changed"] = 3
        war.tick()
        fates.append(int(war.unit("r_b")["status"]))
    assert set(fates) == {SURRENDERED, DISPERSED}
    assert np.mean(np.array(fates) == SURRENDERED) == share(0.6, 400)


@pytest.mark.parametrize("tick_hours", [3, 6, 12])
def test_those_who_slip_off_reckoned_by_hand(tiny, tick_hours):
    """1000 x 0.05 a day x 0.5 hardship x 0.6 want of morale: 15 on the first day, then 0.015 of those who are left."""
    formations = {
        "r": {"side": "red", "place": "a", "strength": 1000, "morale": 0.4},
        "b": {"side": "blue", "place": "c", "strength": 10, "morale": 1.0},
    }
    sides = {"red": {"name": "Red", "stances": {"blue": "hostile"}, "hardship": 0.5}}
    clock = {"tick_hours": tick_hours, "decision_hours": tick_hours}
    war = tiny(PLACES | {"b": RED}, ROADS, formations, {"morale": {"daily_desertion": 0.05}}, clock, sides)
    day = 24 // tick_hours
    gone = []
    for k in range(400):
        war.begin(7, k).tick()
        assert war.unit("r")["deserted"] == 15
        war.tick(day - 1)
        assert war.unit("r")["deserted"] == 15
        war.tick()
        assert war.unit("r")["deserted"] in (29, 30)  # 14.775 more
        war.tick(day)
        gone.append(float(war.unit("r")["deserted"]))
        assert war.unit("r")["strength"] == 1000 - gone[-1]
        assert war.unit("b")["deserted"] == 0
        assert war.place("a")["garrison_deserted"] == gone[-1]
    # Rounding by chance has a spread of less than a half in each of the two days.
    assert np.mean(gone) == pytest.approx(1000 * (1 - 0.985**3), abs=4 * np.sqrt(0.5 / 400))


def test_a_formation_from_which_the_last_have_slipped_off_is_no_more(tiny):
    formations = {"r": {"side": "red", "place": "b", "strength": 1, "morale": 0.0, "equipment": 2}}
    sides = {"red": {"name": "Red", "stances": {"blue": "hostile"}, "hardship": 1.0, "serviceable": 1.0}}
    war = tiny(PLACES | {"b": RED}, ROADS, formations, {"morale": {"daily_desertion": 1.0}}, sides=sides)
    war.tick()
    unit = war.unit("r")
    assert (unit["strength"], unit["deserted"], unit["status"]) == (0, 1, DISPERSED)
    assert (unit["equipment"], unit["equipment_left"], war.place("b")["store_equipment"]) == (0, 2, 2)
    war.tick()
    assert war.world.presence[war.names.places["b"]]["inside_mask"] == 0


@pytest.mark.parametrize("career", [1.0, 0.25, 0.0])
def test_pay_moves_those_who_serve_for_it(tiny, career):
    sides = {"blue": {"name": "Blue", "will": 0.5, "pay": 0.8, "career": career}}
    rules = {"morale": {"recovery": 2, "pay": 0.04}, "politics": {"recovery": 1, "pay": 0.1}}
    formations = {"b": {"side": "blue", "place": "c", "strength": 100, "morale": 0.5}}
    war = tiny(PLACES, ROADS, formations, rules, sides=sides)
    war.side("blue")["pay"] = 1.2  # half as much again
    war.tick(4)
    assert war.unit("b")["morale"] == pytest.approx(0.5 + 0.04 * career * 0.5 * -np.expm1(-2), rel=1e-12)
    assert war.side("blue")["will"] == pytest.approx(0.5 + 0.1 * career * 0.5 * -np.expm1(-1), rel=1e-12)


def test_who_breaks_withdraws_by_the_way_that_is_left(tiny):
    war = assaulted(tiny, {"b1": {"place": "b"}}, {"baseline": 5, "desertion": 0})
    war.put("r_b", "a", "b", 0.0, task=MARCH, target="b", assault=1)
    war.tick()
    assert war.unit("b1")["status"] == WITHDRAWING
    assert war.place("b")["garrison_left"] == 200
