"""Yielding, occupying and the end of a rule: places that pass without an assault, and who is let go."""

from __future__ import annotations

import numpy as np
import pytest

from sim.world.tables import ACTIVE, DISPERSED, SURRENDERED, WITHDRAWING

RED, BLUE = {"control": "red"}, {"control": "blue"}
PLACES = {"a": RED | {"rear_base": True}, "t": BLUE, "c": BLUE | {"rear_base": True}}
ROADS = [("a", "t", 40), ("t", "c", 400)]
PLAIN = {"rate": 1.0, "odds": 0, "closed": 0, "despair": 0, "community": 0}
FORMATIONS = {
    "r": {"side": "red", "place": "a", "strength": 1000},
    "b": {"side": "blue", "place": "t", "strength": 200, "equipment": 10, "mobile": False},
    "native": {"side": "blue", "place": "t", "home": "t", "strength": 100, "mobile": False},
}


def before_a_town(tiny, yielding=None, sides=None, places=None, formations=None, **more):
    """Red stands one road away from the town t, which blue holds."""
    rules = {"yielding": PLAIN | (yielding or {}), "politics": {"collapse": -20, "uprising": 0}}
    return tiny(places or PLACES, ROADS, formations or FORMATIONS, rules, sides=sides, **more)


def share_of(war, happened, ticks=4, n=600, prepare=lambda war: None):
    count = 0
    for k in range(n):
        war.begin(5, k)
        prepare(war)
        war.tick(ticks)
        count += happened(war)
    return count / n


def by_hazard(per_day, days=1.0, n=600):
    chance = -np.expm1(-per_day * days)
    return pytest.approx(chance, abs=4 * np.sqrt(chance * (1 - chance) / n) + 1e-9)


def has_fallen(war):
    return war.place("t")["control"] == war.names.sides["red"]


def until_it_falls(war):
    for _ in range(80):
        if has_fallen(war):
            return
        war.tick()
    raise AssertionError("it has not fallen in 20 days")


@pytest.mark.parametrize(
    ("yielding", "sides", "log_hazard"),
    [
        ({}, {}, 0.0),
        ({"odds": 0.5}, {}, 0.5 * np.log(1000 / 300)),
        ({"community": 1.0}, {"blue": {"name": "Blue", "communities": {"folk": 0.6}}}, -0.6),
        ({"closed": 1.0}, {}, 0.5),  # of its two roads the one to red is closed
    ],
    ids=["rate", "odds", "people", "roads"],
)
def test_a_town_yields_by_its_causes(tiny, yielding, sides, log_hazard):
    places = PLACES | {"t": BLUE | {"communities": {"folk": 1.0}}}
    formations = FORMATIONS | {"b": FORMATIONS["b"] | {"equipment": 0}}
    war = before_a_town(tiny, {"rate": 0.5} | yielding, sides, places, formations)
    assert share_of(war, has_fallen) == by_hazard(0.5 * np.exp(log_hazard))


def test_who_has_stood_there_for_years_brings_nobody_to_terms(tiny):
    """Without habit the town yields, and those let go have lost their post: they may be sent elsewhere from then on."""
    habit = {"perception": {"habit": 1.0, "habit_days": 10}}
    rules = {"yielding": PLAIN | {"rate": 10}, "politics": {"collapse": -20, "uprising": 0}}
    passive = FORMATIONS | {"r": FORMATIONS["r"] | {"posture": "passive"}}
    war = tiny(PLACES, ROADS, passive, rules | habit)
    war.tick(40)
    assert not has_fallen(war) and war.unit("b")["mobile"] == 0
    war = tiny(PLACES, ROADS, passive, rules)
    until_it_falls(war)
    assert war.unit("b")["status"] == WITHDRAWING and war.unit("b")["mobile"] == 1


@pytest.mark.parametrize("tick_hours", [3, 12])
def test_it_does_so_for_every_length_of_tick(tiny, tick_hours):
    war = before_a_town(tiny, {"rate": 0.5}, clock={"tick_hours": tick_hours, "decision_hours": tick_hours})
    assert share_of(war, has_fallen, ticks=48 // tick_hours) == by_hazard(0.5, 2)


@pytest.mark.parametrize("why", ["rate", "far", "ceasefire", "capital", "strong"])
def test_nobody_yields_without_a_reason(tiny, why):
    sides = {"blue": {"name": "Blue", "capital": "t"}} if why == "capital" else None
    war = before_a_town(tiny, {"rate": 0.0 if why == "rate" else 10}, sides)

    def prepare(war):
        if why == "strong":
            war.unit("b")["strength"] = 5000
        if why == "far":
            war.unit("r")["place"] = war.names.places["a"]
            war.put("r", "a", "t", 30.0)
        if why == "ceasefire":
            war.world.campaign["ceasefire"] = 30.0

    assert share_of(war, has_fallen, n=40, prepare=prepare) == 0


def test_the_garrison_leaves_its_natives_stay_and_the_place_changes_hands_in_full(tiny):
    places = PLACES | {"t": BLUE | {"symbol": 0.5, "commerce": 0.4}}
    war = before_a_town(tiny, {"rate": 10, "abandoned": 0.6}, {"blue": {"name": "Blue", "serviceable": 1.0}}, places)
    until_it_falls(war)
    left, native, town = war.unit("b"), war.unit("native"), war.place("t")
    assert (left["status"], left["strength"], left["equipment"]) == (WITHDRAWING, 200, pytest.approx(10 * 0.4))
    assert (native["status"], native["deserted"]) == (DISPERSED, 100)
    assert (town["garrison_left"], town["garrison_deserted"], town["garrison_surrendered"]) == (200, 100, 0)
    assert town["store_equipment"] == pytest.approx(6) and town["fell"] >= 0
    war.tick()
    assert war.world.news[war.names.sides["blue"], war.names.places["c"]] > 0
    assert left["road"] >= 0, "it is on its way to the rear base"


def test_who_has_no_way_out_lays_down_arms(tiny):
    war = before_a_town(tiny, {"rate": 10})
    war.place("c")["control"] = war.names.sides["red"]
    until_it_falls(war)
    assert (war.unit("b")["status"], war.unit("b")["captured"]) == (SURRENDERED, 200)


def test_an_ally_inside_does_not_come_to_terms(tiny):
    sides = {"green": {"name": "Green", "stances": {"red": "hostile", "blue": "allied"}}}
    formations = FORMATIONS | {"g": {"side": "green", "place": "t", "strength": 10}}
    war = before_a_town(tiny, {"rate": 10}, sides, formations=formations)
    assert share_of(war, has_fallen, n=30) == 0


# --- the end of a rule -----------------------------------------------------------------------------------------------


def ended(war):
    war.side("blue")["collapsed"], war.side("blue")["collapsed_on"] = 1, 0


def test_a_side_whose_rule_has_ended_does_not_fight(tiny):
    war = before_a_town(tiny, {"takeover": 0})
    rules = war.world.settings
    rules["combat"]["rate"], rules["politics"]["disbanding"] = 0.5, 0
    ended(war)
    war.put("r", "a", "t", 0.0)
    war.tick(8)
    assert war.unit("b")["power"] == 0
    assert [war.unit(name)["killed"] for name in ("r", "b", "native")] == [0, 0, 0]


def test_its_places_pass_to_who_is_near_by_a_rate_and_its_people_go_home(tiny):
    war = before_a_town(tiny, {"takeover": 0.4})
    war.world.settings["politics"]["disbanding"] = 0

    def prepare(war):
        ended(war)
        war.world.settings["politics"]["disbanding"] = 0

    assert share_of(war, has_fallen, prepare=prepare) == by_hazard(0.4)
    war.begin(5, 0)
    prepare(war)
    until_it_falls(war)
    assert (war.unit("b")["status"], war.unit("native")["status"]) == (DISPERSED, DISPERSED)


@pytest.mark.parametrize(("at_the_gate", "fate"), [(True, SURRENDERED), (False, DISPERSED)])
def test_before_the_enemy_they_lay_down_arms_elsewhere_they_go_home(tiny, at_the_gate, fate):
    war = before_a_town(tiny, {"takeover": 0})
    ended(war)
    war.world.settings["politics"]["disbanding"] = 10
    if at_the_gate:
        war.put("r", "a", "t", 0.0)
        war.unit("r")["passive"] = 1
    war.tick(6)
    assert {int(war.unit(name)["status"]) for name in ("b", "native")} == {fate}


@pytest.mark.parametrize(("near_km", "falls"), [(399, False), (400, True)])
def test_a_place_without_enemies_passes_to_the_holder_of_a_near_place(tiny, near_km, falls):
    """The town t, 40 km from red, passes to red; c, 400 km behind it, only if that counts as near."""
    formations = {"r": FORMATIONS["r"] | {"place": "a"}, "b": FORMATIONS["b"] | {"place": "c"}}
    war = before_a_town(tiny, {"takeover": 5}, formations=formations)
    ended(war)
    war.world.settings["politics"]["disbanding"] = 10
    war.world.settings["forces"]["near_km"] = near_km
    war.tick(8)
    red = war.names.sides["red"]
    assert (war.place("t")["control"] == red, war.place("c")["control"] == red) == (True, falls)


@pytest.mark.parametrize(("km", "threat", "falls"), [(100, 1000, True), (101, 0, False)])
def test_who_is_more_than_a_days_advance_away_threatens_nobody(tiny, km, threat, falls):
    """Red's power of 1,000 in a threatens the town t, and brings it to terms, along a road of 100 km and not of 101."""
    rules = {"yielding": PLAIN | {"rate": 10}, "politics": {"collapse": -20, "uprising": 0}}
    passive = FORMATIONS | {"r": FORMATIONS["r"] | {"posture": "passive", "quality": 1, "morale": 1, "readiness": 1}}
    war = tiny(PLACES, [("a", "t", km), ("t", "c", 400)], passive, rules)
    war.tick()
    assert war.world.threat[war.names.sides["blue"], war.names.places["t"]] == pytest.approx(threat)
    war.tick(40)
    assert has_fallen(war) == falls


@pytest.mark.parametrize("order", ["atc", "cta"])
def test_places_pass_one_after_the_other_whatever_their_order_in_the_file(tiny, order):
    """The holder of a next place is the one before this tick: t passes to red, and c, behind it, not yet."""
    formations = {"r": FORMATIONS["r"]}
    war = before_a_town(tiny, {"takeover": 10}, places={name: PLACES[name] for name in order}, formations=formations)
    war.world.settings["forces"]["near_km"] = 400
    war.world.settings["clock"]["tick_days"] = 10  # what may happen does
    ended(war)
    war.tick()
    sides = war.names.sides
    assert (war.place("t")["control"], war.place("c")["control"]) == (sides["red"], sides["blue"])
    war.tick()
    assert war.place("c")["control"] == sides["red"]


# --- who takes what others abandon -----------------------------------------------------------------------------------

LOOKERS_ON = {
    "blue": {"name": "Blue"},
    "red": {"name": "Red", "stances": {"blue": "hostile"}, "serviceable": 1.0},
    "green": {"name": "Green", "posture": "opportunist", "regions": ["north"]},
}
NORTH = {"a": RED, "t": BLUE | {"region": "north"}, "c": BLUE | {"region": "south"}, "g": {"control": "green"}}


def abandoned_town(tiny, area=("north",), posture="opportunist", gone=True, mobile=True, posts=(), base=False):
    """Blue's garrison of t is gone; green stands next door, neutral, and white, an opportunist, far away."""
    sides = LOOKERS_ON | {"green": LOOKERS_ON["green"] | {"posture": posture, "regions": list(area)}}
    sides |= {"white": {"name": "White", "posture": "opportunist", "regions": ["north"]}}
    formations = {
        "r": {"side": "red", "place": "a", "strength": 10},
        "b": {"side": "blue", "place": "c", "strength": 10},
        "g": {"side": "green", "place": "g", "strength": 500, "mobile": mobile},
        "w": {"side": "white", "place": "a", "strength": 500},
        **{name: {"side": "blue", "place": "t", "toward": "c", "km": 5, "strength": 9} for name in posts},
    }
    roads = [("a", "c", 400), ("t", "c", 400), ("t", "g", 20)]
    places = NORTH | {"t": NORTH["t"] | {"rear_base": base}}
    war = tiny(places, roads, formations, {"control": {"occupying": 0.5}}, sides=sides)

    def prepare(war):
        war.place("t")["garrison_left"] = 100.0 if gone else 0.0

    return war, prepare


def green_has(war):
    return war.place("t")["control"] == war.names.sides["green"]


def test_a_neighbour_occupies_by_a_rate_what_others_have_abandoned(tiny):
    war, prepare = abandoned_town(tiny)
    assert share_of(war, green_has, prepare=prepare) == by_hazard(0.5)
    war.begin(1, 0)
    prepare(war)
    war.tick(80)
    assert green_has(war) and war.place("t")["fell"] >= 0
    assert war.unit("g")["status"] == ACTIVE


@pytest.mark.parametrize(
    "otherwise",
    [
        {"area": ("south",)},
        {"posture": "passive"},
        {"posture": "active"},
        {"gone": False},
        {"mobile": False},
        {"posts": ("p",)},
        {"base": True},
    ],
    ids=["area", "passive", "active", "held", "nobody who may go", "posts before it", "a rear base"],
)
def test_it_keeps_to_its_area_and_to_what_is_abandoned(tiny, otherwise):
    war, prepare = abandoned_town(tiny, **otherwise)
    assert share_of(war, green_has, ticks=40, n=30, prepare=prepare) == 0


@pytest.mark.parametrize(("liked", "other"), [("green", "white"), ("white", "green")])
def test_the_best_liked_neighbour_whose_rule_stands_moves_in(tiny, liked, other):
    war, prepare = abandoned_town(tiny)
    war.world.settings["politics"]["disbanding"] = 0

    def taken_by(collapsed):
        war.begin(1, 0)
        prepare(war)
        war.unit("w")["place"] = war.names.places["g"]
        for side, affinity in ((liked, 0.5), (other, 0.2)):
            war.view(side, "t")["affinity"] = affinity
        war.side(liked)["collapsed"] = collapsed
        war.tick(80)
        return list(war.names.sides)[war.place("t")["control"]]

    assert (taken_by(0), taken_by(1)) == (liked, other)
