"""Air: what sponsors, readiness, weather and a truce let fly, and where the strikes go."""

from __future__ import annotations

import numpy as np
import pytest

from sim.world.tables import MARCH

WING = {"name": "Wing", "side": "blue", "base": "d", "aircraft": 50, "sorties": 2, "strikes": 1.5, "quality": 0.8}
FINE = {"worst_weather": 1, "commitment_full": 0.7, "deep_share": 0.25, "interdiction": 0.005}
PER_TICK = 50 * 2 / 4


def raid(tiny, wing=None, air=None, **more):
    """Red stands before b with one formation; blue's wing flies from d behind it."""
    places = {
        "a": {"control": "red"},
        "b": {"control": "blue"},
        "d": {"control": "blue", "airfield": True},
        "e": {"control": "blue", "airfield": True},
    }
    formations = {
        "r": {"side": "red", "place": "a", "strength": 300},
        "deep": {"side": "red", "place": "a", "strength": 100},
        "b": {"side": "blue", "place": "b", "strength": 500},
    }
    roads = [("a", "b", 40), ("b", "d", 40), ("d", "e", 40)]
    rules = {"air": FINE | (air or {}), "civilians": {"per_strike": 0}}
    war = tiny(places, roads, formations, rules, air={"wing": WING | (wing or {})}, **more)
    war.put("r", "a", "b", 0.0, task=MARCH, target="b")
    return war


def flown_in(war, ticks=200):
    war.tick(ticks)
    return float(war.world.wings["flown"][0]) / ticks


@pytest.mark.parametrize(
    ("wing", "sponsor", "share"),
    [
        ({}, None, 1.0),
        ({"readiness": 0.4}, None, 0.4),
        ({"sponsor": "patron"}, {"backs": {"blue": 0.7}}, 1.0),
        ({"sponsor": "patron"}, {"backs": {"blue": 0.35}}, 0.5),
        ({"sponsor": "patron"}, {"backs": {"blue": 0.7}, "distraction": 0.6}, 0.4),
    ],
)
def test_what_flies_reckoned_by_hand(tiny, wing, sponsor, share):
    more = {"sponsors": {"patron": {"name": "Patron"} | sponsor}} if sponsor else {}
    war = raid(tiny, wing, clock={"days": 60}, **more)
    mean = PER_TICK * share
    assert flown_in(war) == pytest.approx(mean, abs=4 * np.sqrt(mean / 200))


def test_bad_weather_keeps_some_on_the_ground(tiny):
    war = raid(tiny, air={"worst_weather": 0.5}, clock={"days": 60})
    assert flown_in(war) == pytest.approx(0.75 * PER_TICK, rel=0.1)
    assert 0.5 <= war.world.campaign["weather"][0] <= 1


def test_each_day_has_weather_of_its_own(tiny):
    war = raid(tiny, air={"worst_weather": 0.5})
    weather = []
    for _ in range(12):
        war.tick()
        weather.append(float(war.world.campaign["weather"][0]))
    assert weather == [day for day in weather[::4] for _ in range(4)]
    assert len(set(weather)) == 3


def test_a_base_with_the_enemy_before_it_flies_less(tiny):
    war = raid(tiny, air={"base_threatened": 0.4}, clock={"days": 60})
    war.put("deep", "b", "d", 0.0)
    war.unit("b")["place"] = war.names.places["d"]  # or they would drive in
    mean = 0.4 * PER_TICK
    assert flown_in(war) == pytest.approx(mean, abs=4 * np.sqrt(mean / 200))


def test_friction_between_sponsors_keeps_aircraft_on_the_ground(tiny):
    sponsors = {
        "patron": {"name": "P", "backs": {"blue": 0.7}, "friction": {"rival": 0.5}},
        "rival": {"name": "R", "backs": {"blue": 0.4}},
    }
    war = raid(tiny, {"sponsor": "patron"}, clock={"days": 60}, sponsors=sponsors)
    mean = (1 - 0.5 * 0.5) * PER_TICK  # the rule's weight of friction is a half
    assert flown_in(war) == pytest.approx(mean, abs=4 * np.sqrt(mean / 200))


def test_aircraft_may_be_grounded_and_fly_again(tiny):
    war = raid(tiny, air={"flying": 0})
    war.tick(8)
    assert war.world.wings["flown"][0] == war.place("b")["struck"] == 0
    war.world.settings["air"]["flying"] = 1
    war.tick(2)
    assert war.world.wings["flown"][0] > 0


def test_strikes_are_shared_between_the_front_and_what_lies_behind_it(tiny):
    war = raid(tiny)
    war.tick()
    strikes = float(war.world.wings["flown"][0]) * 1.5 * 0.8
    assert strikes > 0
    assert war.place("b")["struck"] == pytest.approx(0.75 * strikes)
    assert war.place("a")["struck"] == pytest.approx(0.25 * strikes)
    assert war.place("d")["struck"] == war.place("e")["struck"] == 0


def test_the_roads_before_a_place_that_is_struck_are_slow_for_the_enemy(tiny):
    war = raid(tiny, air={"interdiction": 0.0025})
    war.tick()
    per_day = float(war.place("b")["struck"]) * 4
    assert war.world.roads["interdiction"][0] == pytest.approx(min(0.8, 0.0025 * per_day))
    assert war.world.roads["interdiction"][1:].tolist() == [0, 0]


def test_nothing_flies_in_a_ceasefire(tiny):
    war = raid(tiny)
    war.world.campaign["ceasefire"] = 2.0
    war.tick(4)
    assert war.world.wings["flown"][0] == 0
    assert war.place("b")["struck"] == 0


@pytest.mark.parametrize(("base_lost", "aircraft"), [(0.5, 25), (0.2, 40), (0.0, 50)])
def test_a_wing_whose_base_is_lost_moves_or_is_lost(tiny, base_lost, aircraft):
    war = raid(tiny, air={"base_lost": base_lost})
    war.place("d")["control"] = war.names.sides["red"]
    war.unit("deep")["place"] = war.names.places["d"]
    war.tick()
    wing = war.world.wings[0]
    assert (wing["airfield"], wing["aircraft"], wing["lost"]) == (war.names.places["e"], aircraft, 50 - aircraft)
    war.place("e")["control"] = war.names.sides["red"]
    war.unit("deep")["place"] = war.names.places["e"]
    war.place("d")["airfield"] = 0
    war.tick()
    assert (wing["aircraft"], wing["lost"]) == (0, 50)


def test_strikes_hit_those_in_the_open_harder_and_hold_an_assault_down(tiny):
    war = raid(tiny, {"aircraft": 400}, {"deep_share": 0})
    settings = war.world.settings
    settings["combat"]["strike_hits"] = 0.4
    war.tick()
    struck = float(war.place("b")["struck"])
    people = 300 * -np.expm1(-0.4 * struck / 300)
    red = war.unit("r")
    assert 300 - red["strength"] == pytest.approx(people, abs=4 * np.sqrt(people))
    assert war.unit("b")["strength"] == 500
