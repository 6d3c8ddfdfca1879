"""Command: which places are given up for a shorter line, and by whom."""

from __future__ import annotations

import pytest

from sim.world.layout import OBJECTIVE_SLOTS
from sim.world.tables import ACTIVE, DORMANT, HOLD, MARCH, WITHDRAW

PLACES = {
    "a": {"control": "red", "rear_base": True},
    "b": {"control": "blue"},
    "c": {"control": "blue", "rear_base": True},
    "d": {"control": "blue"},
}
ROADS = [("a", "b", 40), ("b", "c", 90), ("d", "c", 60)]
HOPELESS = 1300
"""Power before b, against 100 within: more than twelve to one."""


def pressed(tiny, foe=HOPELESS, unit=None, places=None, blue=None, at_gate=True, defenders=None):
    """Red stands before b and does not stir; blue's doctrine decides about b."""
    formations = {"r": {"side": "red", "place": "a", "strength": foe}}
    formations |= defenders or {"b": {"side": "blue", "place": "b", "strength": 100} | (unit or {})}
    sides = {"blue": {"name": "Blue"} | (blue or {})}
    doctrine = {"withdraw_ratio": 12}
    war = tiny(PLACES | (places or {}), ROADS, formations, sides=sides, doctrine=doctrine, by_hand=False)
    war.side("red")["commander"] = 1
    if at_gate:
        war.put("r", "a", "b", 0.0, passive=1)
    return war


@pytest.mark.parametrize(
    ("foe", "at_gate", "leaves"),
    [(1300, True, True), (1100, True, False), (2600, False, True), (2200, False, False)],
    ids=["hopeless", "hard", "hopeless by hearsay", "hard by hearsay"],
)
def test_a_place_is_given_up_by_the_ratio_of_power(tiny, foe, at_gate, leaves):
    """An enemy one road away, not yet reported before the place, counts by half."""
    war = pressed(tiny, foe, at_gate=at_gate)
    war.tick()
    assert (war.unit("b")["task"] == WITHDRAW) == leaves
    assert war.place("b")["garrison_left"] == 100 * leaves


def test_who_gives_up_a_place_goes_home_once_and_is_counted_once(tiny):
    war = pressed(tiny)
    war.place("d")["symbol"] = 0.0
    unit, way = war.unit("b"), []
    for _ in range(4):
        war.tick()
        way.append(float(unit["km_left"]) if unit["road"] >= 0 else war.place_of("b"))
    assert way == [60, 30, "c", "c"]
    assert (unit["status"], unit["task"]) == (ACTIVE, HOLD)
    assert war.place("b")["garrison_left"] == 100


@pytest.mark.parametrize(
    "change",
    [
        {"places": {"c": {"control": "blue"}}},
        {"blue": {"capital": "b"}},
        {"places": {"b": {"control": "blue", "rear_base": True}}},
        {"unit": {"home": "b"}},
        {"unit": {"posture": "passive"}},
    ],
    ids=["no way home", "capital", "rear base", "home formation", "passive"],
)
def test_what_is_never_given_up(tiny, change):
    war = pressed(tiny, **change)
    war.tick(3)
    assert (war.place_of("b"), war.unit("b")["road"]) == ("b", -1)
    assert war.unit("b")["task"] != WITHDRAW
    assert war.place("b")["garrison_left"] == 0


def test_home_formations_stay_where_the_others_leave_and_the_dormant_sleep_on(tiny):
    unit = {"side": "blue", "place": "b", "strength": 40}
    defenders = {"home": unit | {"home": "b"}, "from_d": unit | {"home": "d"}, "guard": unit | {"mobile": False}}
    defenders["sleeper"] = unit | {"posture": "dormant"}
    war = pressed(tiny, foe=1500, defenders=defenders)
    war.tick()
    tasks = {name: war.unit(name)["task"] == WITHDRAW for name in defenders}
    assert tasks == {"home": False, "from_d": True, "guard": True, "sleeper": False}
    assert war.unit("sleeper")["status"] == DORMANT
    assert war.place("b")["garrison_left"] == 80


def test_a_place_is_not_given_up_when_help_has_come(tiny):
    war = pressed(tiny, defenders={f"b{i}": {"side": "blue", "place": "b", "strength": 60} for i in range(2)})
    war.tick()
    assert all(war.unit(f"b{i}")["task"] != WITHDRAW for i in range(2))


# --- what a commander wants ------------------------------------------------------------------------------------------

PLAIN = {"junction": 0, "capital": 0, "reserve": 0, "mass": 1.0, "objectives": 5, "garrison": 0}
SEEN_FROM = {"h": {"control": "blue", "rear_base": True}, "x": {"control": "red"}, "y": {"control": "red"}}


@pytest.mark.parametrize(
    ("factor", "days_ago", "first_holder", "target"),
    [
        (1.5, 4, "blue", "x"),  # 0.4 x 1.5 is more than 0.5
        (1.5, 6, "blue", "y"),
        (1.2, 4, "blue", "y"),
        (1.5, 4, "red", "y"),  # it was never blue's
    ],
)
def test_what_was_lost_lately_calls_for_a_counter_attack(tiny, factor, days_ago, first_holder, target):
    places = SEEN_FROM | {"x": {"control": "red", "symbol": 0.4}, "y": {"control": "red", "symbol": 0.5}}
    formations = {"b": {"side": "blue", "place": "h", "strength": 500}}
    doctrine = PLAIN | {"counter_attack": factor}
    roads = [("h", "x", 400), ("h", "y", 400)]
    war = tiny(places, roads, formations, {"command": {"recent_days": 5}}, doctrine=doctrine, by_hand=False)
    war.world.campaign["tick"] = 40
    war.place("x")["taken_on"], war.place("x")["first_holder"] = 40 - 4 * days_ago, war.names.sides[first_holder]
    war.tick()
    assert list(war.names.places)[war.unit("b")["target"]] == target


@pytest.mark.parametrize(("readiness", "marches"), [(0.49, False), (0.5, True)])
def test_who_is_not_ready_is_not_sent(tiny, readiness, marches):
    formations = {"b": {"side": "blue", "place": "h", "strength": 500, "readiness": readiness}}
    places = SEEN_FROM | {"x": {"control": "red", "symbol": 0.4}}
    rules = {"command": {"ready_to_march": 0.5}}
    war = tiny(places, [("h", "x", 400), ("x", "y", 40)], formations, rules, doctrine=PLAIN, by_hand=False)
    war.tick()
    assert (war.unit("b")["task"] == MARCH) == marches


@pytest.mark.parametrize(
    ("more_roads", "promised"),
    [
        (
            [],
            (0.8 * 2.718281828459045 ** (-60 / 120), 0),
        ),  # y lies behind x, out of reach: to open it makes x worth more
        ([("h", "y", 500)], (0.1, 0.8)),  # y is next to blue's own ground and needs no opening
    ],
)
def test_what_a_place_opens_counts_towards_it(tiny, more_roads, promised):
    places = SEEN_FROM | {"x": {"control": "red", "symbol": 0.1}, "y": {"control": "red", "symbol": 0.8}}
    formations = {"b": {"side": "blue", "place": "h", "strength": 500}}
    rules = {"command": {"look_ahead_km": 120}}
    roads = [("h", "x", 400), ("x", "y", 60), *more_roads]
    war = tiny(places, roads, formations, rules, doctrine=PLAIN, by_hand=False)
    war.side("red")["commander"] = 1
    war.tick()
    blue = war.world.objectives[OBJECTIVE_SLOTS * war.names.sides["blue"] :][:OBJECTIVE_SLOTS]
    scores = {int(row["target"]): float(row["score"]) for row in blue if row["target"] >= 0}
    x, y = war.names.places["x"], war.names.places["y"]
    wanted = dict(zip((x, y), promised, strict=True))
    # Nobody is believed there, so that the force is enough for the least that an attack needs.
    assert scores == {place: pytest.approx(score, rel=1e-12) for place, score in wanted.items() if score}
