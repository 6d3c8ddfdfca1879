"""Movement: known ways take known times, and the enemy, a truce or a neutral border stops a column where it should."""

from __future__ import annotations

from itertools import pairwise

import pytest

from sim.world.tables import ACTIVE, FLANK, HOLD, MARCH, MEETING, WITHDRAW, WITHDRAWING

LINE = {name: {"control": "red"} for name in "abcd"}
ROADS = [("a", "b", 20), ("b", "c", 40), ("c", "d", 100)]
BLUE_FAR = {"z": {"control": "blue"}}
SPEED = 120
"""Kilometres a day of a formation in a tiny world."""


def column(tiny, places=None, roads=ROADS, tick_hours=6, others=None, rules=None, **more):
    """A red column in a."""
    formations = {"r": {"side": "red", "place": "a", "strength": 500, "supply": 5}} | (others or {})
    clock = {"tick_hours": tick_hours, "decision_hours": tick_hours}
    war = tiny(places or LINE, roads, formations, rules, clock, **more)
    return war


def send(war, name, target):
    unit = war.unit(name)
    unit["task"], unit["target"] = MARCH, war.names.places[target]
    return unit


def km_from_start(war, name, order):
    """How far a column has come along a line of places."""
    unit = war.unit(name)
    places = list(war.names.places)
    length = {frozenset(road.split("-")): km for road, km in zip(war.names.roads, war.world.roads["km"], strict=True)}
    at = places[unit["place"]]
    done = sum(length[frozenset(pair)] for pair in pairwise(order[: order.index(at) + 1]))
    if unit["road"] >= 0:
        ahead = places[unit["heading"]]
        assert order.index(ahead) == order.index(at) + 1
        done += length[frozenset((at, ahead))] - unit["km_left"]
    return done


@pytest.mark.parametrize("tick_hours", [1, 3, 6, 12])
def test_a_march_takes_its_time_for_every_length_of_tick(tiny, tick_hours):
    war = column(tiny, tick_hours=tick_hours)
    unit = send(war, "r", "d")
    step = SPEED * tick_hours / 24
    for tick in range(1, 24 * 2 // tick_hours):
        war.tick()
        # What is left of a tick's hours at the end of a road goes into the next one.
        assert km_from_start(war, "r", "abcd") == pytest.approx(min(160, tick * step), abs=1e-9)
    assert (war.place_of("r"), unit["road"], unit["task"]) == ("d", -1, HOLD)


@pytest.mark.parametrize("tick_hours", [1, 3, 6, 12])
@pytest.mark.parametrize("days", [0.25, 0.375, 1.0])
def test_who_has_assembled_sets_out_in_the_course_of_a_tick(tiny, tick_hours, days):
    """Six hours once took twelve where a tick has twelve: the first columns of an offensive came half a day late."""
    war = column(tiny, tick_hours=tick_hours)
    send(war, "r", "d")["assembly"] = days
    war.tick(24 // tick_hours)
    assert km_from_start(war, "r", "abcd") == pytest.approx(SPEED * (1 - days))


def test_class_of_road_and_lack_of_supply_slow_a_march(tiny):
    classes = {"rough": {"speed": 0.5, "throughput": 0.5}}
    roads = [("a", "b", 200, "rough")]
    war = column(tiny, {"a": {"control": "red"}, "b": {"control": "red"}}, roads, road_classes=classes)
    send(war, "r", "b")
    war.tick()
    assert km_from_start(war, "r", "ab") == pytest.approx(15)
    war.unit("r")["supply"] = 0.25
    war.world.settings["movement"]["low_supply"] = 0.5
    war.tick()
    assert km_from_start(war, "r", "ab") == pytest.approx(15 + 15 * 0.625)


def test_an_undefended_hostile_place_falls_in_passing(tiny):
    places = LINE | {"b": {"control": "blue"}}
    war = column(tiny, places)
    send(war, "r", "d")
    war.tick()
    assert km_from_start(war, "r", "abcd") == pytest.approx(30)
    assert war.place("b")["control"] == war.names.sides["red"]
    assert war.place("b")["fell"] == 0


def test_a_broken_formation_takes_nothing_on_its_way_to_the_rear(tiny):
    """Found by random orders: the way home led through a place that an enemy had taken since, and left empty."""
    war = column(tiny, LINE | {"c": {"control": "red", "rear_base": True}})
    unit = war.unit("r")
    unit["status"] = WITHDRAWING
    war.place("b")["control"] = war.names.sides["blue"]
    war.tick()
    assert km_from_start(war, "r", "abcd") > 20
    assert war.place("b")["control"] == war.names.sides["blue"]


def test_enemy_country_is_entered_more_slowly(tiny):
    places = LINE | {"b": {"control": "blue"}}
    war = column(tiny, places, rules={"movement": {"advance_share": 0.5}})
    send(war, "r", "d")
    war.tick()
    assert km_from_start(war, "r", "abcd") == pytest.approx(15)
    war.tick()  # 5 km at half speed cost ten of thirty; the next place is friendly
    assert km_from_start(war, "r", "abcd") == pytest.approx(20 + 20)


def test_a_defended_place_stops_a_column_at_its_gate(tiny):
    places = LINE | {"b": {"control": "blue"}}
    war = column(tiny, places, others={"b": {"side": "blue", "place": "b", "strength": 100}})
    unit = send(war, "r", "d")
    war.tick(3)
    assert (war.place_of("r"), unit["km_left"], unit["task"]) == ("a", 0, MARCH)
    assert war.place("b")["control"] == war.names.sides["blue"]
    assert war.world.presence[war.names.places["b"]]["gate_mask"] == 1 << war.names.sides["red"]


def test_a_ceasefire_stops_hostile_entry(tiny):
    war = column(tiny, LINE | {"b": {"control": "blue"}})
    war.world.campaign["ceasefire"] = 1.0
    unit = send(war, "r", "d")
    war.tick(3)
    assert (war.place_of("r"), unit["km_left"]) == ("a", 0)
    assert war.place("b")["control"] == war.names.sides["blue"]
    war.tick(2)
    assert war.place("b")["control"] == war.names.sides["red"]
    assert km_from_start(war, "r", "abcd") > 20


def test_a_passive_column_takes_nothing_on_its_way(tiny):
    war = column(tiny, LINE | {"b": {"control": "blue"}})
    unit = send(war, "r", "d")
    unit["passive"] = 1
    war.tick(3)
    assert (war.place_of("r"), unit["km_left"]) == ("a", 0)
    assert war.place("b")["control"] == war.names.sides["blue"]


@pytest.mark.parametrize("tick_hours", [1, 3, 6, 12])
@pytest.mark.parametrize("km", [20, 70, 100, 137])
def test_hostile_columns_on_one_road_meet_and_do_not_pass(tiny, tick_hours, km):
    places = {"a": {"control": "red"}, "b": {"control": "blue"}}
    blue = {"side": "blue", "place": "b", "strength": 500}
    war = column(tiny, places, [("a", "b", km)], tick_hours, {"b": blue})
    red, blue = send(war, "r", "b"), send(war, "b", "a")
    met = False
    for _ in range(24 * 3 // tick_hours):
        war.tick()
        # Distance of each from a.
        at = [
            (unit["km_left"] if unit["heading"] == 0 else km - unit["km_left"])
            if unit["road"] >= 0
            else km * unit["place"]
            for unit in (red, blue)
        ]
        assert at[0] <= at[1] + 1e-9
        met = met or red["contact"] == blue["contact"] == 3
    assert met
    assert at == pytest.approx([km / 2, km / 2], abs=2.5 + 1e-9)


def test_columns_that_have_met_do_not_pass_each_other_by_rounding(tiny):
    places = {"a": {"control": "red"}, "b": {"control": "blue"}}
    blue = {"side": "blue", "place": "b", "strength": 500}
    war = column(tiny, places, [("a", "b", 54.8)], 6, {"b": blue})
    red, blue = send(war, "r", "b"), send(war, "b", "a")
    war.put("r", "a", "b", 54.199999999999996)
    war.put("b", "b", "a", 0.5999999999999996)
    assert 54.8 - red["km_left"] > blue["km_left"], "each is past the other, by the last digit"
    war.tick(4)
    assert (red["km_left"], blue["km_left"]) == pytest.approx((54.2, 0.6), abs=1e-9)
    assert red["contact"] == blue["contact"] == 3


@pytest.mark.parametrize("first", ["red", "blue"])
def test_hostile_columns_that_come_to_one_road_in_mid_march_do_not_pass(tiny, first):
    """Each has hours left for the middle road: both wait before it, whoever is first in the file, and meet on it."""
    line = {"a": {"control": "red"}, "b": {"control": "red"}, "c": {"control": "blue"}, "d": {"control": "blue"}}
    starts = {"red": "a", "blue": "d"}
    order = [first, *(side for side in starts if side != first)]
    columns = {side: {"side": side, "place": starts[side], "strength": 500, "supply": 5} for side in order}
    roads, clock = [(*pair, 20) for pair in pairwise("abcd")], {"tick_hours": 12, "decision_hours": 12}
    war = tiny(line, roads, columns, None, clock)
    red, blue = send(war, "red", "d"), send(war, "blue", "a")
    war.tick()
    assert (war.place_of("red"), red["road"], war.place_of("blue"), blue["road"]) == ("b", -1, "c", -1)
    war.tick()
    assert red["road"] == blue["road"] == war.names.roads["b-c"]
    # Half of contact_km stays between them.
    assert (red["km_left"], blue["km_left"]) == (11.25, 11.25)


def test_a_road_that_no_enemy_moves_on_is_taken_in_mid_march(tiny):
    """The same march, but the enemy keeps his place: red drives through b on to his gate."""
    line = {"a": {"control": "red"}, "b": {"control": "red"}, "c": {"control": "blue"}}
    blue = {"side": "blue", "place": "c", "strength": 500}
    war = column(tiny, line, [("a", "b", 20), ("b", "c", 20)], 12, {"b": blue})
    unit = send(war, "r", "c")
    war.tick()
    assert (war.place_of("r"), unit["road"], unit["km_left"]) == ("b", war.names.roads["b-c"], 0)


@pytest.mark.parametrize("orders", [{"task": MARCH, "target": "a"}, {"task": WITHDRAW}])
def test_a_column_that_turns_or_withdraws_is_seen_to_come(tiny, orders):
    """Red, 50 km from a, is called back to a, or goes home to a; blue, 20 km from a, comes towards it."""
    places = {"a": {"control": "red", "rear_base": True}, "b": {"control": "blue"}}
    war = column(tiny, places, [("a", "b", 100)], 12, {"b": {"side": "blue", "place": "b", "strength": 500}})
    facing = ("a", "b", 50) if orders["task"] == MARCH else ("b", "a", 50)
    red = war.put("r", *facing, **orders)
    blue = war.put("b", "a", "b", 80, task=MARCH, target="b")
    war.tick()
    # Each goes half the way to half of contact_km: (30 - 2.5)/2.
    assert war.names.places["a"] == red["heading"] and red["km_left"] == pytest.approx(50 - 13.75)
    assert blue["km_left"] == pytest.approx(80 - 13.75)


@pytest.mark.parametrize("way", [{"task": MARCH, "target": "a"}, {"task": WITHDRAW}, {"status": WITHDRAWING}])
def test_who_has_met_the_enemy_can_go_back(tiny, way):
    """They met once at one point, where each stood in the other's way in both directions: nobody ever left it."""
    places = {"a": {"control": "red", "rear_base": True}, "b": {"control": "blue"}}
    blue = {"side": "blue", "place": "b", "strength": 500}
    war = column(tiny, places, [("a", "b", 100)], 6, {"b": blue})
    red, blue = send(war, "r", "b"), send(war, "b", "a")
    war.tick(3)
    assert red["contact"] == blue["contact"] == MEETING
    assert (red["km_left"], blue["km_left"]) == pytest.approx((51.25, 51.25))
    for column_of, value in way.items():
        red[column_of] = war.names.places[value] if column_of == "target" else value
    war.tick()
    assert (red["heading"], red["km_left"]) == (war.names.places["a"], pytest.approx(48.75 - 30))


@pytest.mark.parametrize("way", [{"task": MARCH, "target": "a"}, {"status": WITHDRAWING}])
def test_besiegers_go_back_though_the_enemy_comes_out_behind_them(tiny, way):
    """Who comes out stands where they stood: before them as long as they face the place, and behind them after that."""
    places = {"a": {"control": "red", "rear_base": True}, "b": {"control": "blue"}}
    blue = {"side": "blue", "place": "b", "strength": 500}
    war = column(tiny, places, [("a", "b", 100)], 6, {"b": blue, "stays": blue}, {"movement": {"advance_share": 0.1}})
    red = war.put("r", "a", "b", 0.0)
    blue = send(war, "b", "a")
    war.tick()
    assert blue["km_left"] == 100 and blue["contact"] == MEETING
    for column_of, value in way.items():
        red[column_of] = war.names.places[value] if column_of == "target" else value
    war.tick()
    assert (red["heading"], red["km_left"]) == (war.names.places["a"], 70)
    war.tick()
    assert red["km_left"] == 40 < blue["km_left"] < 100


def test_pursuers_who_leave_a_place_with_the_broken_do_not_stop_them(tiny):
    """The broken once stayed at the gate until those who left with them had taken the next town, and then gave up."""
    places = {"a": {"control": "red"}, "b": {"control": "red", "rear_base": True}, "c": {"control": "blue"}}
    blue = {"side": "blue", "place": "c", "strength": 500}
    stays = {"side": "red", "place": "b", "strength": 500}
    rules = {"movement": {"advance_share": 0.1}}
    war = column(tiny, places, [("a", "b", 100), ("c", "a", 100)], 6, {"b": blue, "stays": stays}, rules)
    red, blue = war.unit("r"), send(war, "b", "b")
    red["status"] = WITHDRAWING
    blue["place"], war.place("a")["control"] = war.names.places["a"], war.names.sides["blue"]
    war.tick()
    assert (red["heading"], red["km_left"], blue["km_left"]) == (war.names.places["b"], 70, 97)


def test_a_column_called_back_turns_round(tiny):
    war = column(tiny)
    unit = send(war, "r", "d")
    war.tick(3)  # 90 km: 30 km beyond c
    send(war, "r", "a")
    war.tick(2)
    assert (war.place_of("r"), unit["road"], unit["heading"]) == ("c", war.names.roads["b-c"], war.names.places["b"])
    assert unit["km_left"] == pytest.approx(10)
    war.tick()
    assert (war.place_of("r"), unit["road"], unit["task"]) == ("a", -1, HOLD)


def test_a_withdrawal_follows_the_line_of_communication_home(tiny):
    war = column(tiny, LINE | {"d": {"control": "red", "rear_base": True}})
    unit = war.unit("r")
    unit["task"] = WITHDRAW
    war.tick(6)
    assert (war.place_of("r"), unit["road"], unit["task"], unit["status"]) == ("d", -1, HOLD, ACTIVE)


def test_moving_round_a_place_takes_its_time_and_ends_at_another_gate(tiny):
    places = LINE | {"b": {"control": "blue"}}
    war = column(tiny, places, others={"b": {"side": "blue", "place": "b", "strength": 100}})
    unit = war.put("r", "a", "b", 0.0, task=FLANK, target="b", flank_road=war.names.roads["b-c"], flank_days=0.5)
    war.tick()
    assert (unit["road"], unit["task"]) == (war.names.roads["a-b"], FLANK)
    war.tick()
    assert (unit["road"], war.place_of("r"), unit["km_left"], unit["task"]) == (war.names.roads["b-c"], "c", 0, MARCH)


def test_of_two_sides_that_drive_into_a_place_the_stronger_takes_it_whether_it_stays_or_not(tiny):
    """Green's 600 stay in b, red's 500 drive on through it: each is counted once."""
    places = LINE | {"b": {"control": "blue"}, "g": {"control": "green"}}
    others = {"g": {"side": "green", "place": "g", "strength": 600}}
    sides = {"green": {"name": "Green", "stances": {"blue": "hostile"}}}
    for green, winner in ((600, "green"), (400, "red")):
        war = column(tiny, places, [*ROADS, ("g", "b", 20)], others=others, sides=sides)
        war.unit("g")["strength"] = green
        send(war, "r", "d")
        send(war, "g", "b")
        war.tick()
        assert (war.place_of("g"), war.place_of("r"), war.unit("r")["road"] >= 0) == ("b", "b", True)
        assert war.place("b")["control"] == war.names.sides[winner]
        assert war.world.forces["claims"].max() == 0
