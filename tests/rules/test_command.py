"""Command: what a doctrine attacks, defends and leaves, and how it encircles."""

from __future__ import annotations

import pytest

from sim.world.layout import OBJECTIVE_SLOTS
from sim.world.tables import FLANK, MARCH, WITHDRAW

PLACES = {
    "a": {"control": "red", "rear_base": True},
    "b": {"control": "blue", "symbol": 0.4},
    "c": {"control": "blue", "symbol": 0.8},
    "d": {"control": "blue", "rear_base": True},
}
ROADS = [("a", "b", 40), ("a", "c", 40), ("b", "d", 40), ("c", "d", 40), ("b", "c", 30)]


def war_of(tiny, red=1000, blue=50, sides=None, doctrine=None, places=None, **unit):
    formations = {f"r{i}": {"side": "red", "place": "a", "strength": red} | unit for i in range(3)} | {
        f"b_{place}": {"side": "blue", "place": place, "strength": blue, "mobile": False} for place in "bc"
    }
    said = {"mass": 0.6, "reserve": 0, "assault_ratio": 0.8, "wanted_ratio": 2, "objectives": 5} | (doctrine or {})
    return tiny(places or PLACES, ROADS, formations, sides=sides, doctrine=said, by_hand=False)


def targets(war):
    names = list(war.names.places)
    units = [war.unit(f"r{i}") for i in range(3)]
    return [names[unit["target"]] if unit["task"] == MARCH else None for unit in units]


def test_the_worthier_place_draws_the_mass_and_no_more(tiny):
    war = war_of(tiny)
    war.tick()
    assert targets(war)[0] == "c"
    assert targets(war).count("c") == 1  # a second one would make more than 60 % of the force


def test_a_doctrine_that_massed_takes_one_axis(tiny):
    war = war_of(tiny, doctrine={"objectives": 1, "mass": 1.0})
    war.tick()
    assert targets(war) == ["c", "c", "c"]


@pytest.mark.parametrize(
    "change",
    [{"sides": {"red": {"name": "Red", "posture": "passive", "stances": {"blue": "hostile"}}}}, {"mobile": False}],
)
def test_passive_sides_and_immobile_formations_stay(tiny, change):
    war = war_of(tiny, **change)
    war.tick(4)
    assert targets(war) == [None] * 3
    assert all(war.place_of(f"r{i}") == "a" for i in range(3))


def test_a_hostile_community_is_worth_less(tiny):
    places = PLACES | {"c": PLACES["c"] | {"communities": {"others": 1.0}}}
    red = {"name": "Red", "stances": {"blue": "hostile"}, "communities": {"others": -1.0}}
    more = {"doctrine": {"objectives": 1, "mass": 1.0, "community": 0.9, "junction": 0, "symbol": 1}}
    war = war_of(tiny, sides={"red": red}, places=places, **more)
    war.tick()
    assert targets(war) == ["b", "b", "b"]


def test_a_hostile_community_makes_a_place_worth_less_and_a_worse_road_to_what_lies_behind(tiny):
    places = PLACES | {"c": PLACES["c"] | {"communities": {"others": 1.0}}}
    red = {"name": "Red", "stances": {"blue": "hostile"}, "communities": {"others": -0.5}}
    doctrine = {"community": 0.8, "junction": 0, "population": 0, "depot": 0, "offence": 2}
    war = war_of(tiny, blue=0, sides={"red": red}, places=places, doctrine=doctrine)
    war.tick()
    first = war.names.sides["red"] * OBJECTIVE_SLOTS
    scores = {int(row["target"]): row["score"] for row in war.world.objectives[first : first + OBJECTIVE_SLOTS]}
    # Worth 0.8 and 0.4 by symbol; of the first 0.8 x 0.5 goes, and as much again of the score of attacking it.
    assert scores[war.names.places["c"]] == pytest.approx(2 * 0.8 * 0.6 * 0.6)
    assert scores[war.names.places["b"]] == pytest.approx(2 * 0.4)


@pytest.mark.parametrize(("defenders", "assaults"), [(700, 1), (800, 0)])
def test_an_assault_is_ordered_by_the_ratio_of_power(tiny, defenders, assaults):
    war = war_of(tiny, red=200, blue=defenders, doctrine={"objectives": 1, "mass": 1, "encirclement": 0})
    war.world.worth[war.names.sides["red"], war.names.places["c"]] = 0
    for i in range(3):
        war.put(f"r{i}", "a", "b", 0.0, task=MARCH, target="b")
    # 600 before the place: 0.8 of 750.
    war.tick()
    assert [war.unit(f"r{i}")["assault"] for i in range(3)] == [assaults] * 3


@pytest.mark.parametrize(("leave_exit", "ways"), [(1, {"b-c"}), (0, {"b-c", "b-d"})])
def test_a_besieger_closes_the_roads_but_may_leave_one_open(tiny, leave_exit, ways):
    war = war_of(tiny, red=400, blue=900, doctrine={"leave_exit": leave_exit, "mass": 1.0, "objectives": 1})
    war.world.settings["command"]["flank_days"] = 0.5
    war.world.worth[war.names.sides["red"], war.names.places["c"]] = 0
    for i in range(3):
        war.put(f"r{i}", "a", "b", 0.0, task=MARCH, target="b")
    taken = set()
    for _ in range(8):
        war.tick()
        for i in range(3):
            unit = war.unit(f"r{i}")
            if unit["task"] == FLANK:
                taken.add(list(war.names.roads)[unit["flank_road"]])
    assert taken == ways


@pytest.mark.parametrize(("foe", "leaves"), [(4100, True), (3900, False)])
def test_hopeless_odds_make_mobile_formations_leave(tiny, foe, leaves):
    places = PLACES | {"b": {"control": "red"}}
    formations = {
        "r": {"side": "red", "place": "b", "strength": 500},
        "b": {"side": "blue", "place": "c", "strength": foe, "mobile": False},
    }
    doctrine = {"withdraw_ratio": 8}
    war = tiny(places, ROADS, formations, doctrine=doctrine, by_hand=False)
    war.put("b", "c", "b", 0.0)
    war.tick()
    assert (war.unit("r")["task"] == WITHDRAW) == leaves


@pytest.mark.parametrize(("least_worth", "attacked"), [(0.1, True), (1.0, False)])
def test_what_is_worth_too_little_is_not_attacked(tiny, least_worth, attacked):
    war = war_of(tiny, blue=0, doctrine={"least_worth": least_worth, "population": 0, "junction": 0, "depot": 0})
    war.tick()
    # c is worth 0.8 by its symbol, b 0.4.
    first = war.names.sides["red"] * OBJECTIVE_SLOTS
    targets = [int(row["target"]) for row in war.world.objectives[first : first + OBJECTIVE_SLOTS]]
    assert (war.names.places["c"] in targets) is attacked
