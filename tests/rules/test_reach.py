"""Reach: commands attack and defend over contiguous ground; nobody is sent through the enemy to an ally's front."""

from __future__ import annotations

import pytest

from sim.world.layout import OBJECTIVE_SLOTS
from sim.world.tables import ACTIVE, HOLD, MARCH

PLACES = {
    "home": {"control": "red", "rear_base": True},
    "wall": {"control": "blue", "symbol": 0.3},
    "prize": {"control": "blue", "symbol": 1.0, "rear_base": True},
    "ally": {"control": "green", "rear_base": True},
}
ROADS = [("home", "wall", 40), ("wall", "prize", 40), ("prize", "ally", 40)]
LINK = ("home", "ally", 400)
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


def war_of(tiny, roads=(*ROADS,), places=PLACES, formations=FORMATIONS, sides=SIDES, **more):
    return tiny(places, list(roads), formations, sides=sides, doctrine=DOCTRINE, by_hand=False, **more)


def objectives(war, command=":red"):
    first = war.names.commands[command] * OBJECTIVE_SLOTS
    names = list(war.names.places)
    targets = war.world.objectives["target"][first : first + OBJECTIVE_SLOTS]
    return {names[target] for target in targets if target >= 0}


def target_of(war, name="r"):
    unit = war.unit(name)
    return list(war.names.places)[unit["target"]] if unit["task"] == MARCH else None


def test_a_front_that_is_only_an_allys_is_no_objective(tiny):
    """The prize lies before the ally, and behind the wall for all whom red has."""
    war = war_of(tiny)
    war.tick()
    assert objectives(war) == {"wall"}
    assert target_of(war) == "wall"


def test_it_is_one_over_ground_of_the_ally(tiny):
    war = war_of(tiny, roads=(*ROADS, LINK))
    war.tick()
    assert objectives(war) == {"wall", "prize"}
    assert target_of(war) == "prize"


def test_a_road_that_is_cut_links_nothing(tiny):
    war = war_of(tiny, roads=(*ROADS, LINK), events={
        "blown": {"title": "Blown up", "when": {"day": 0}, "effects": [{"set": "roads.home-ally.cut", "to": 1}]}
    })  # fmt: skip
    war.tick()
    assert objectives(war) == {"wall"}


def test_a_front_across_a_road_that_is_cut_is_none(tiny):
    war = war_of(tiny, events={
        "blown": {"title": "Blown up", "when": {"day": 0}, "effects": [{"set": "roads.home-wall.cut", "to": 1}]}
    })  # fmt: skip
    war.tick()
    assert objectives(war) == set()
    assert target_of(war) is None


def test_neutral_ground_links_nothing(tiny):
    places = PLACES | {"between": {"control": "grey"}}
    roads = (*ROADS, ("home", "between", 20), ("between", "ally", 20))
    more = {"n": {"side": "grey", "place": "between", "strength": 10}}
    sides = SIDES | {"grey": {"name": "Grey", "posture": "passive"}}
    war = war_of(tiny, roads=roads, places=places, formations=FORMATIONS | more, sides=sides)
    war.tick()
    assert objectives(war) == {"wall"}


def test_each_formation_goes_where_its_own_ground_leads(tiny):
    """Two formations of one command on two stretches of ground: neither is sent to the front of the other."""
    more = FORMATIONS | {"far": {"side": "red", "place": "ally", "strength": 700}}
    war = war_of(tiny, formations=more)
    war.tick()
    assert objectives(war) == {"wall", "prize"}
    assert (target_of(war, "r"), target_of(war, "far")) == ("wall", "prize")


def test_a_formation_that_broke_off_does_not_count(tiny):
    """Only active formations make a front one of the command's."""
    more = FORMATIONS | {"far": {"side": "red", "place": "ally", "strength": 700}}
    war = war_of(tiny, formations=more)
    war.unit("far")["status"] = ACTIVE + 1
    war.tick()
    assert objectives(war) == {"wall"}


def test_who_fights_inside_an_enemy_place_goes_on_from_there(tiny):
    """With no friendly ground under it, its stretch is the place itself: the place and its neighbours are in reach."""
    more = {name: unit for name, unit in FORMATIONS.items() if name != "r"}
    more["in"] = {"side": "red", "place": "wall", "strength": 900}
    sides = SIDES | {"red": SIDES["red"] | {"aims": {"wall": 0}}}
    war = war_of(tiny, formations=more, sides=sides)
    war.tick()
    assert objectives(war) == {"prize"}
    assert target_of(war, "in") == "prize"


@pytest.mark.parametrize(("at", "relieved"), [("home", True), ("far", False)])
def test_no_relief_goes_through_the_enemy(tiny, at, relieved):
    """Of two formations as near to a threatened place, the one that would have to pass the enemy stays."""
    places = {
        "home": {"control": "red", "rear_base": True},
        "far": {"control": "red", "rear_base": True},
        "town": {"control": "red", "symbol": 1.0},
        "foe": {"control": "blue", "rear_base": True, "symbol": 0},
    }
    roads = [("home", "town", 50), ("foe", "town", 30), ("far", "foe", 20)]
    formations = {
        "r": {"side": "red", "place": at, "strength": 900},
        "post": {"side": "red", "place": "town", "strength": 100, "mobile": False},
        "b": {"side": "blue", "place": "foe", "strength": 500, "posture": "passive"},
    }
    war = tiny(places, roads, formations, doctrine=DOCTRINE | {"offence": 0}, by_hand=False)
    war.tick()
    assert (target_of(war) == "town") == relieved
    assert relieved or war.unit("r")["task"] == HOLD
