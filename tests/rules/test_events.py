"""Events: when they happen, how often, and what each kind of effect does."""

from __future__ import annotations

import numpy as np
import pytest

from sim.world.tables import ACTIVE, DISPERSED, DORMANT, HOLD, WITHDRAW

PLACES = {
    "a": {"control": "red", "rear_base": True},
    "m": {"control": "red"},
    "n": {"control": "red"},
    "b": {"control": "blue"},
}
ROADS = [("a", "m", 20), ("m", "n", 100), ("n", "b", 100)]
FORMATIONS = {
    "r1": {"side": "red", "place": "m", "strength": 100, "morale": 0.5, "supply": 3},
    "r2": {"side": "red", "place": "a", "strength": 100, "morale": 0.6},
    "b1": {"side": "blue", "place": "b", "strength": 100, "morale": 0.7, "posture": "dormant"},
    "b2": {"side": "blue", "place": "b", "strength": 100, "morale": 0.8},
}


def war_with(tiny, effects, when=None, **event):
    said = {"title": "It happens", "when": when or {"day": 0}, "effects": effects} | event
    return tiny(PLACES, ROADS, FORMATIONS, events={"it": said})


def fired(war):
    return int(war.world.events["fired_on"][0])


@pytest.mark.parametrize(("when", "tick"), [({"day": 1}, 4), ({"day": 1.1}, 5), ({"date": "2030-01-02T12:00"}, 6)])
def test_a_dated_event_happens_on_its_day_and_once(tiny, when, tick):
    war = war_with(tiny, [{"add": "sides.red.pay", "by": 0.5}], when)
    war.tick(tick)
    assert (fired(war), war.side("red")["pay"]) == (-1, 1)
    war.tick(3)
    assert (fired(war), war.side("red")["pay"]) == (tick, 1.5)


def test_an_event_waits_for_all_its_conditions(tiny):
    tests = [
        {"path": "places.m.control", "not": "red"},
        {"path": "formations.r1.morale", "below": 0.4},
        {"path": "formations.r2.strength", "above": 99},
    ]
    war = war_with(tiny, [{"add": "sides.red.pay", "by": 1}], {"day": 0, "if": tests})
    war.tick(2)
    war.unit("r1")["morale"] = 0.3
    war.tick(2)
    assert fired(war) == -1
    war.place("m")["control"] = war.names.sides["blue"]
    war.tick()
    assert fired(war) == 4


def test_a_condition_may_be_that_something_is_so(tiny):
    war = war_with(tiny, [{"ceasefire": 1}], {"if": [{"path": "formations.b1.status", "is": "active"}]})
    war.tick(2)
    assert fired(war) == -1
    war.unit("b1")["status"] = ACTIVE
    war.tick()
    assert fired(war) == 2


@pytest.mark.parametrize(("ticks", "happens"), [(4, 4), (5, -1)], ids=["on its last day", "later"])
def test_an_event_may_come_too_late(tiny, ticks, happens):
    when = {"day": 0, "until": 1, "if": [{"path": "formations.r1.morale", "below": 0.4}]}
    war = war_with(tiny, [{"ceasefire": 1}], when)
    war.tick(ticks)
    war.unit("r1")["morale"] = 0.3
    war.tick(5)
    assert fired(war) == happens


def test_hazards_are_rates_per_day(tiny):
    war = war_with(tiny, [{"ceasefire": 1}], {"day": 1, "hazard": 0.4})
    days = []
    for replicate in range(1500):
        war.begin(2, replicate).tick(12)
        days.append(fired(war))
    ticks = np.array(days)
    assert ticks[ticks >= 0].min() >= 4
    assert np.mean(ticks >= 0) == pytest.approx(1 - np.exp(-0.4 * 2), abs=4 * 0.0129)
    assert np.mean((ticks >= 0) & (ticks < 8)) == pytest.approx(1 - np.exp(-0.4), abs=4 * 0.0129)


def test_some_events_happen_in_some_campaigns_only(tiny):
    war = war_with(tiny, [{"ceasefire": 1}], probability=0.3)
    fates = []
    for replicate in range(1500):
        war.begin(2, replicate).tick(2)
        fates.append(fired(war))
    assert set(fates) == {0, -2}
    assert np.mean(np.array(fates) == 0) == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / 1500))


def test_set_add_and_scale_change_what_they_name_and_nothing_else(tiny):
    effects = [
        {"set": "formations[side=red].morale", "to": 0.9},
        {"add": "formations.r1.supply", "by": -1},
        {"scale": "formations.*.strength", "by": 0.5},
        {"set": "places.n.control", "to": "blue"},
        {"set": "rules.morale.contagion", "to": 0.25},
        {"set": "sides.blue.doctrine.mass", "to": 0.35},
    ]
    war = war_with(tiny, effects)
    mass = float(war.world.doctrines["mass"][0])
    war.tick()
    assert [float(war.unit(name)["morale"]) for name in FORMATIONS] == [0.9, 0.9, 0.7, 0.8]
    assert [float(war.unit(name)["strength"]) for name in FORMATIONS] == [50] * 4
    assert [float(war.unit(name)["joined"]) for name in FORMATIONS] == [-50] * 4
    assert [int(war.unit(name)["status"]) for name in FORMATIONS] == [ACTIVE, ACTIVE, DORMANT, ACTIVE]
    assert war.unit("r1")["supply"] == 2
    assert war.place("n")["control"] == war.names.sides["blue"] != war.place("a")["control"]
    assert war.world.settings["morale"]["contagion"][0] == 0.25
    assert war.world.doctrines["mass"].tolist() == [mass, 0.35]


def test_no_effect_drives_a_value_beyond_its_bounds_or_divides_people(tiny):
    effects = [
        {"add": "sides.red.will", "by": -0.9},
        {"add": "formations.r1.readiness", "by": 3},
        {"scale": "formations.r1.strength", "by": 0.333},
        {"add": "rules.morale.losses", "by": 1000},
        {"add": "formations.r2.strength", "by": -1000},
    ]
    war = war_with(tiny, effects)
    war.tick()
    assert war.side("red")["will"] == 0
    assert war.unit("r1")["readiness"] == 1
    assert (war.unit("r1")["strength"], war.unit("r2")["strength"]) == (33, 0)
    assert war.world.settings["morale"]["losses"][0] == 10


def test_a_formation_that_loses_all_its_people_disbands_unless_it_has_not_come_yet(tiny):
    """What has no people before the event is as it was."""
    effects = [{"set": "formations.r2.equipment", "to": 8}, {"set": "formations.*.strength", "to": 0}]
    war = war_with(tiny, effects, when={"day": 0.25})
    war.unit("b2")["strength"] = 0.0
    war.tick(2)
    assert [int(war.unit(name)["status"]) for name in FORMATIONS] == [DISPERSED, DISPERSED, DORMANT, ACTIVE]
    assert (war.unit("r2")["equipment"], war.place("a")["store_equipment"]) == (0, 8)


def test_activate_wakes_a_formation_and_its_side(tiny):
    war = war_with(tiny, [{"activate": "formations.b1"}], {"day": 1})
    war.side("blue")["posture"] = 0
    war.tick(4)
    assert war.unit("b1")["status"] == DORMANT
    war.tick()
    assert (war.unit("b1")["status"], war.side("blue")["posture"]) == (ACTIVE, 2)


def test_a_side_that_wakes_knows_its_way_home_at_once(tiny):
    places = PLACES | {"b": {"control": "blue", "rear_base": True}}
    events = {"it": {"title": "T", "when": {"day": 0.5}, "effects": [{"activate": "formations.b1"}]}}
    war = tiny(places, ROADS, {"b1": FORMATIONS["b1"]}, events=events)
    war.side("blue")["posture"] = 0
    war.world.side_view["way_home"] = -1
    war.tick(2)
    assert war.view("blue", "b")["way_home"] == -1
    war.tick()  # at noon, not at the beginning of a day
    assert war.view("blue", "b")["way_home"] == war.names.places["b"]


def test_ground_that_an_event_gives_away_breaks_and_makes_lines_of_communication(tiny):
    war = war_with(tiny, [{"set": "places.m.control", "to": "blue"}], {"day": 0.5})
    war.tick(2)
    assert (war.view("red", "n")["way_home"], war.view("blue", "n")["way_home"]) == (war.names.places["m"], -1)
    war.tick()
    assert war.view("red", "n")["way_home"] == -1


@pytest.mark.parametrize("posture", ["passive", "dormant"])
def test_who_is_called_to_arms_is_passive_no_longer(tiny, posture):
    passive = {"blue": {"name": "Blue", "posture": "passive"}}
    formations = {
        "r": {"side": "red", "place": "a", "strength": 100, "mobile": False},
        "b": {"side": "blue", "place": "b", "strength": 1000, "posture": posture},
        "other": {"side": "blue", "place": "b", "strength": 1000},
    }
    called = {"it": {"title": "T", "when": {"day": 1}, "effects": [{"activate": "formations.b"}]}}
    places = PLACES | {"n": {"control": "red", "symbol": 1.0}}
    war = tiny(
        places, ROADS, formations, sides=passive, events=called, doctrine={"reserve": 0, "mass": 1}, by_hand=False
    )
    war.tick(4)
    assert (war.side("blue")["posture"], war.unit("b")["road"]) == (1, -1)
    war.tick()
    assert (war.side("blue")["posture"], war.unit("b")["status"]) == (2, ACTIVE)
    assert [war.unit(name)["passive"] for name in ("b", "other")] == [0, 1]
    assert war.unit("b")["road"] == war.names.roads["n-b"] and war.unit("other")["road"] == -1


def test_a_convoy_of_a_passive_side_marches_where_it_is_sent_and_stays_passive(tiny):
    passive = {"blue": {"name": "Blue", "posture": "passive"}}
    places = PLACES | {"n": {"control": "blue"}}
    convoy = {"name": "C", "side": "blue", "kind": "foot", "date": "2030-01-02", "origin": "b", "place": "n"}
    more = {"reinforcements": {"convoy": convoy | {"strength": 50}}, "sides": passive, "by_hand": False}
    war = tiny(places, ROADS, {"b2": FORMATIONS["b2"]}, **more)
    war.tick(5)
    unit = war.unit("convoy")
    assert (unit["road"], unit["km_left"]) == (war.names.roads["n-b"], 70)
    war.tick(3)
    assert (war.place_of("convoy"), unit["road"], unit["task"], unit["bound"]) == ("n", -1, HOLD, 0)
    assert (unit["passive"], war.side("blue")["posture"]) == (1, 1)


def test_withdraw_sends_a_formation_home(tiny):
    war = war_with(tiny, [{"withdraw": "formations[side=red,place=m]"}])
    war.tick()
    assert war.place_of("r1") == "a"
    assert (war.unit("r1")["task"], war.unit("r1")["status"], war.unit("r2")["task"]) == (HOLD, ACTIVE, HOLD)
    assert war.unit("b2")["task"] != WITHDRAW


@pytest.mark.parametrize(("to", "red_friends", "blue_friends"), [("neutral", 0b01, 0b10), ("allied", 0b11, 0b11)])
def test_stances_change_for_both_sides(tiny, to, red_friends, blue_friends):
    war = war_with(tiny, [{"stance": ["red", "blue"], "to": to}], {"day": 1})
    red, blue = (war.world.relations[war.names.sides[side]] for side in ("red", "blue"))
    war.tick(4)
    assert (red["hostile_mask"], blue["hostile_mask"]) == (0b10, 0b01)
    war.tick()
    assert (red["hostile_mask"], blue["hostile_mask"]) == (0, 0)
    assert (red["friend_mask"], blue["friend_mask"]) == (red_friends, blue_friends)


def test_a_ceasefire_lasts_as_long_as_was_agreed(tiny):
    war = war_with(tiny, [{"ceasefire": 1}], {"day": 0.5})
    left = []
    for _ in range(8):
        war.tick()
        left.append(float(war.world.campaign["ceasefire"][0]))
    # Four ticks of six hours are frozen, the first of them the one in which it begins.
    assert left == [0, 0, 1, 0.75, 0.5, 0.25, 0, 0]
    assert war.world.campaign["ceasefire_on"][0] == 2


@pytest.mark.parametrize("tick_hours", [3, 6, 12])
def test_nobody_is_hit_for_all_the_days_of_a_ceasefire_and_no_longer(tiny, tick_hours):
    truce = {"it": {"title": "T", "when": {"day": 0.5}, "effects": [{"ceasefire": 1.5}]}}
    formations = {name: FORMATIONS[name] | {"strength": 10_000, "place": "b"} for name in ("r1", "b2")}
    clock = {"tick_hours": tick_hours, "decision_hours": tick_hours}
    war = tiny(PLACES, ROADS, formations, {"combat": {"rate": 0.1}}, clock, events=truce)
    unit = war.unit("b2")
    quiet = []
    for tick in range(60 // tick_hours):
        before = float(unit["strength"])
        war.tick()
        if unit["strength"] == before:
            quiet.append(tick * tick_hours)
    assert quiet == list(range(12, 48, tick_hours))


ANY = [{"path": "formations.r1.morale", "below": 0.4}, {"path": "formations.r2.morale", "below": 0.4}]


@pytest.mark.parametrize("weak", ["r1", "r2"])
def test_one_of_several_conditions_may_be_enough(tiny, weak):
    war = war_with(tiny, [{"ceasefire": 1}], {"any": ANY})
    war.tick(2)
    assert fired(war) == -1
    war.unit(weak)["morale"] = 0.3
    war.tick()
    assert fired(war) == 2


def test_what_must_hold_must_hold_beside_one_of_the_others(tiny):
    must = [{"path": "formations.r1.strength", "above": 50}]
    war = war_with(tiny, [{"ceasefire": 1}], {"if": must, "any": ANY})
    war.tick()
    assert fired(war) == -1  # what must hold is not enough
    war.unit("r1")["strength"], war.unit("r1")["morale"] = 40, 0.3
    war.tick()
    assert fired(war) == -1  # nor is one of the others
    war.unit("r1")["strength"] = 60
    war.tick()
    assert fired(war) == 2


def chain(tiny, first, second):
    said = {"first": {"title": "F", "effects": [{"add": "sides.red.pay", "by": 1}]} | first}
    said |= {"then": {"title": "T", "when": {"after": "first"} | second, "effects": [{"ceasefire": 9}]}}
    return tiny(PLACES, ROADS, FORMATIONS, events=said)


@pytest.mark.parametrize(("delay", "tick"), [(0, 4), (0.5, 6), (0.6, 7), (2, 12)])
def test_an_event_follows_another_by_so_many_days(tiny, delay, tick):
    war = chain(tiny, {"when": {"day": 1}}, {"delay": delay})
    war.tick(15)
    assert war.world.events["fired_on"].tolist() == [4, tick]


def test_an_event_may_have_to_wait_for_its_own_day_as_well(tiny):
    war = chain(tiny, {"when": {"day": 1}}, {"delay": 0.5, "day": 3})
    war.tick(15)
    assert war.world.events["fired_on"].tolist() == [4, 12]


def test_nothing_follows_what_does_not_happen(tiny):
    war = chain(tiny, {"when": {"day": 1}, "probability": 0}, {})
    war.tick(15)
    assert war.world.events["fired_on"].tolist() == [-2, -1]


def test_a_hazard_counts_from_the_delay_after_another_event(tiny):
    war = chain(tiny, {"when": {"day": 0.5}}, {"delay": 0.5, "hazard": 0.8})
    ticks = []
    for replicate in range(1000):
        war.begin(2, replicate).tick(8)
        ticks.append(int(war.world.events["fired_on"][1]))
    happened = np.array(ticks) >= 0
    assert np.min(np.array(ticks)[happened]) == 4
    assert np.mean(happened) == pytest.approx(1 - np.exp(-0.8), abs=4 * np.sqrt(0.25 / 1000))


def test_an_event_may_end_a_sides_rule(tiny):
    war = war_with(tiny, [{"collapse": "red"}], {"day": 1})
    war.world.settings["politics"]["disbanding"] = 40
    war.tick(4)
    assert (war.side("red")["collapsed"], war.side("red")["collapsed_on"]) == (0, -1)
    war.tick()
    assert (war.side("red")["collapsed"], war.side("red")["collapsed_on"]) == (1, 4)
    assert [war.unit(name)["status"] for name in ("r1", "r2", "b2")] == [DISPERSED, DISPERSED, ACTIVE]
    assert war.side("blue")["collapsed"] == 0


def test_a_rule_that_has_ended_does_not_end_again(tiny):
    war = war_with(tiny, [{"collapse": "red"}], {"day": 1})
    war.side("red")["collapsed"], war.side("red")["collapsed_on"] = 1, 2
    war.tick(6)
    assert (fired(war), war.side("red")["collapsed_on"]) == (4, 2)
