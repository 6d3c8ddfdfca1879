"""The front of a side: what it attacks lies before its own ground or formations, and not before an ally's alone."""

from __future__ import annotations

import math

import pytest

from sim.world.layout import OBJECTIVE_SLOTS
from sim.world.tables import MARCH

PLACES = {
    "home": {"control": "red", "rear_base": True},
    "wall": {"control": "blue", "symbol": 0.3},
    "prize": {"control": "blue", "symbol": 1.0, "rear_base": True},
    "ally": {"control": "green", "rear_base": True},
}
ROADS = [("home", "wall", 40), ("wall", "prize", 40), ("prize", "ally", 40)]
SIDES = {
    "red": {"name": "Red", "stances": {"blue": "hostile", "green": "allied"}},
    "green": {"name": "Green", "posture": "passive", "stances": {"blue": "hostile"}},
}
DOCTRINE = {"mass": 1.0, "reserve": 0, "junction": 0, "population": 0, "depot": 0, "capital": 0, "garrison": 0}
FORMATIONS = {
    "r": {"side": "red", "place": "home", "strength": 900},
    "g": {"side": "green", "place": "ally", "strength": 100},
    "b": {"side": "blue", "place": "wall", "strength": 50, "mobile": False},
}
GUEST = {"side": "red", "place": "ally", "strength": 700}


def war_of(tiny, places=PLACES, **formations):
    rules = {"command": {"look_ahead_km": 40}}
    return tiny(places, ROADS, FORMATIONS | formations, rules, sides=SIDES, doctrine=DOCTRINE, by_hand=False)


def scores(war):
    """Scores of red's objectives by place."""
    first = war.names.commands[":red"] * OBJECTIVE_SLOTS
    names = list(war.names.places)
    rows = war.world.objectives[first : first + OBJECTIVE_SLOTS]
    return {names[row["target"]]: row["score"] for row in rows if row["target"] >= 0}


def target_of(war, name):
    unit = war.unit(name)
    return list(war.names.places)[unit["target"]] if unit["task"] == MARCH else None


def test_what_lies_before_an_ally_alone_is_no_objective(tiny):
    war = war_of(tiny)
    war.tick()
    assert set(scores(war)) == {"wall"}
    assert target_of(war, "r") == "wall"


def test_formations_in_an_allys_place_make_its_front_their_own(tiny):
    war = war_of(tiny, guest=GUEST)
    war.tick()
    assert set(scores(war)) == {"wall", "prize"}


def test_ground_of_its_own_does_so_too(tiny):
    war = war_of(tiny, PLACES | {"ally": {"control": "red"}}, g=FORMATIONS["g"] | {"place": "home"})
    war.tick()
    assert set(scores(war)) == {"wall", "prize"}


@pytest.mark.parametrize("where", ["gate", "inside"])
def test_so_do_formations_at_the_gates_or_inside(tiny, where):
    war = war_of(tiny, guest=GUEST)
    if where == "gate":
        war.put("guest", "ally", "prize", 0.0)
    else:
        war.unit("guest")["place"] = war.unit("guest")["heading"] = war.names.places["prize"]
    war.tick()
    assert "prize" in scores(war)


def test_a_column_on_its_way_makes_no_front(tiny):
    """Red's guest has left the ally's place and is 20 km before the prize."""
    war = war_of(tiny, guest=GUEST)
    war.put("guest", "ally", "prize", 20.0)
    war.tick()
    assert set(scores(war)) == {"wall"}


def test_what_lies_before_an_ally_alone_is_still_opened(tiny):
    """The wall is worth what it opens: 1.0 at 40 km, by the e-folding distance of 40 km; with a guest it is 0.3."""
    alone, guest = war_of(tiny), war_of(tiny, guest=GUEST)
    alone.tick()
    guest.tick()
    assert scores(alone)["wall"] / scores(guest)["wall"] == pytest.approx(math.exp(-1) / 0.3)


@pytest.mark.parametrize(("defenders", "expected"), [(899, "prize"), (900, "prize"), (901, "wall")])
def test_nobody_is_sent_past_an_enemy_place_that_is_stronger(tiny, defenders, expected):
    """The prize is worth more than the wall, and the guest makes it part of the front. The formation has 900."""
    war = war_of(tiny, guest=GUEST, b=FORMATIONS["b"] | {"strength": defenders})
    war.tick()
    assert set(scores(war)) == {"wall", "prize"}
    assert war.view("red", "wall")["belief"] / war.unit("r")["power"] == pytest.approx(defenders / 900)
    assert target_of(war, "r") == expected


def test_the_target_itself_may_be_stronger(tiny):
    """Blue's 1,000 stand in the prize; the wall before it is weak, so the way is open."""
    war = war_of(tiny, guest=GUEST, b2={"side": "blue", "place": "prize", "strength": 1000, "mobile": False})
    war.tick()
    assert target_of(war, "r") == "prize"
