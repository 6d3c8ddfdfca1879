"""Ways: lines of communication and routes on a network small enough to reckon by hand."""

from __future__ import annotations

import pytest

from sim.world.tables import HOLD, MARCH, OPEN

RED, BLUE = {"control": "red"}, {"control": "blue"}
#        20(b-c)
#     b --------- c --5-- e --30-- z (blue)
#  10 |           | 10
#     a --------- d
#        50
PLACES = {"a": RED | {"rear_base": True}, "b": RED, "c": RED, "d": RED, "e": RED, "z": BLUE}
ROADS = [("a", "b", 10), ("b", "c", 20), ("a", "d", 50), ("d", "c", 10), ("c", "e", 5), ("e", "z", 30)]
RED_IN_B = {"side": "red", "place": "b", "strength": 100}
RAID = {"side": "blue", "place": "z", "strength": 150}


def lines(war, side="red"):
    names = list(war.names.places)
    views = {place: war.view(side, place) for place in names}
    return {
        place: (float(view["supply_km"]), names[view["way_home"]] if view["way_home"] >= 0 else None)
        for place, view in views.items()
    }


def test_lines_of_communication_reckoned_by_hand(tiny):
    war = tiny(PLACES, ROADS, {"r": RED_IN_B})
    expected = {"a": (0, "a"), "b": (10, "a"), "c": (30, "b"), "d": (40, "c"), "e": (35, "c"), "z": (-1, None)}
    assert lines(war) == expected
    assert {lines(war, "blue")[place] for place in PLACES} == {(-1, None)}  # without a rear base


def test_poor_roads_and_unrest_lengthen_a_line(tiny):
    classes = {"poor": {"speed": 0.5, "throughput": 0.25}}
    war = tiny(PLACES, [("a", "b", 10, "poor"), *ROADS[1:]], {"r": RED_IN_B}, road_classes=classes)
    assert [lines(war)[place][0] for place in "bcde"] == [40, 60, 50, 65]
    war.place("c")["stability"] = 0.5  # roads into c count twice
    war.tick(4)
    assert [lines(war)[place][0] for place in "bcde"] == pytest.approx([40, 70, 50, 75], rel=1e-3)


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        (149, {"b": (10, "a"), "c": (30, "b"), "d": (40, "c"), "e": (35, "c")}),
        (150, {"b": (80, "c"), "c": (60, "d"), "d": (50, "a"), "e": (65, "c")}),
    ],
)
def test_a_hostile_force_closes_a_road(tiny, people, expected):
    rules = {"forces": {"closing_force": 150}}
    war = tiny(PLACES, ROADS, {"r": RED_IN_B, "raid": RAID | {"strength": people}}, rules)
    war.put("raid", "b", "a", 5.0)
    war.tick()
    assert {place: lines(war)[place] for place in "bcde"} == expected
    war.put("raid", "e", "z", 5.0)  # a road between own and enemy ground carries no supply
    war.tick()
    assert lines(war)["c"] == (30, "b")


def test_everything_behind_the_only_road_is_cut_off(tiny):
    war = tiny(PLACES, ROADS, {"r": RED_IN_B, "raid": RAID})
    war.put("raid", "c", "e", 2.0)
    war.tick()
    assert lines(war)["e"] == (-1, None)
    assert lines(war)["d"] == (40, "c")


def test_a_rear_base_under_attack_feeds_nobody(tiny):
    war = tiny(PLACES, ROADS, {"r": RED_IN_B, "guard": RED_IN_B | {"place": "a"}, "raid": RAID})
    war.put("raid", "d", "a", 0.0)
    war.tick()
    assert {lines(war)[place] for place in PLACES} == {(-1, None)}


def test_falling_ground_changes_the_lines_at_once(tiny):
    war = tiny(PLACES, ROADS, {"r": RED_IN_B, "raid": RAID}, {"control": {"garrison": 0}}, clock={"tick_hours": 6})
    war.tick()
    war.put("raid", "a", "b", 0.0)
    war.unit("r")["place"] = war.names.places["a"]
    war.tick()
    assert war.place("b")["control"] == war.names.sides["blue"]
    war.tick()
    assert lines(war)["c"] == (60, "d")


def first_step(tiny, middle, long, rules=None):
    """Which way a red column takes from a to b: by a short way through m, or by a long one through n."""
    places = {"a": RED, "b": RED, "m": middle, "n": RED}
    roads = [("a", "m", 20), ("m", "b", 20), ("a", "n", long / 2), ("n", "b", long / 2)]
    sides = {"white": {"name": "White"}}
    formations = {
        "r": {"side": "red", "place": "a", "strength": 100},
        "w": {"side": "white", "place": "m", "strength": 1, "posture": "dormant"},
    }
    war = tiny(places, roads, formations, rules, {"tick_hours": 1}, sides)
    unit = war.unit("r")
    unit["task"], unit["target"] = MARCH, war.names.places["b"]
    war.tick()
    return list(war.names.places)[unit["heading"]]


@pytest.mark.parametrize(
    ("holder", "long", "way"),
    [
        ("red", 44, "m"),
        ("white", 44, "n"),
        ("white", 4000, "n"),  # neutral ground is not entered at any price
        ("blue", 70, "n"),  # 20 + 3 x 20 km through the enemy's place
        ("blue", 90, "m"),
    ],
)
def test_a_route_leads_round_neutral_ground_and_round_the_enemy_if_not_too_far(tiny, holder, long, way):
    assert first_step(tiny, {"control": holder}, long, {"routes": {"detour": 3}}) == way


def test_nobody_marches_where_no_way_leads(tiny):
    places = {"a": RED, "m": {"control": "white"}, "b": RED}
    formations = {
        "r": {"side": "red", "place": "a", "strength": 100},
        "w": {"side": "white", "place": "m", "strength": 1, "posture": "dormant"},
    }
    war = tiny(places, [("a", "m", 20), ("m", "b", 20)], formations, sides={"white": {"name": "White"}})
    unit = war.unit("r")
    unit["task"], unit["target"] = MARCH, war.names.places["b"]
    war.tick(3)
    assert (war.place_of("r"), unit["road"]) == ("a", -1)
    assert unit["task"] != HOLD or unit["target"] == war.names.places["a"]


@pytest.mark.parametrize(("holder", "is_open"), [("red", True), ("blue", False)])
def test_who_can_go_by_the_map_needs_no_planned_route(tiny, holder, is_open):
    """A side plans routes to a limited number of targets: open ways take none of them."""
    war = tiny(PLACES | {"c": {"control": holder}}, ROADS, {"r": RED_IN_B})
    war.unit("r")["task"], war.unit("r")["target"] = MARCH, war.names.places["e"]
    war.tick()
    assert (war.unit("r")["slot"] == OPEN) == is_open
