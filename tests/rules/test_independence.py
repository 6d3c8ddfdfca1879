"""Draws belong to names: who never fights leaves all others alone, and the sides are treated alike."""

from __future__ import annotations

import numpy as np
import pytest
import yaml

from sim.engine.load import load
from sim.world.tables import UNITS

INDEX = ("side", "command")
"""Columns that hold the number of a row; the rest says what a formation is and does."""


def same_rows(war, other, names):
    for name in names:
        one, two = war.unit(name), other.unit(name)
        for column in UNITS.names:
            if column not in INDEX:
                assert one[column] == two[column], (name, column)


def test_a_dormant_formation_leaves_all_others_alone(crossroads_file, tmp_path, fight):
    sleeper = {"name": "Sleeper", "side": "highlands", "kind": "light", "place": "arnfell", "strength": 900}
    said = yaml.safe_load(crossroads_file.read_text(encoding="utf-8"))
    said["formations"] = {"a_sleeper": sleeper | {"posture": "dormant", "supply": 0}} | said["formations"]
    file = tmp_path / "more.yaml"
    file.write_text(yaml.safe_dump(said, sort_keys=False), encoding="utf-8")
    for replicate in range(5):
        war = fight(load(crossroads_file), 4, replicate)
        other = fight(load(file), 4, replicate)
        assert len(other.names.units) == len(war.names.units) + 1
        names = list(war.names.units)
        start = war.world.units["strength"].copy()
        for _ in range(war.deployment.ticks):
            war.tick()
            other.tick()
            same_rows(war, other, names)
            assert np.array_equal(war.world.places["control"], other.world.places["control"])
        assert np.any(war.world.units["strength"] != start)


def test_a_garrison_in_the_deep_rear_leaves_all_others_alone(tiny, fight):
    places = {
        "p": {"control": "red", "rear_base": True, "depot": {"stock": 1.0}},
        "q": {"control": "red"},
        "r": {"control": "red", "symbol": 0.3},
        "s": {"control": "blue", "symbol": 0.6, "population": 50_000},
        "t": {"control": "blue", "rear_base": True, "depot": {"stock": 1.0}, "symbol": 0.4},
    }
    roads = [("p", "q", 60), ("q", "r", 60), ("r", "s", 25), ("s", "t", 30)]
    formations = {
        "r1": {"side": "red", "place": "r", "strength": 2000, "equipment": 20, "morale": 0.7},
        "b1": {"side": "blue", "place": "s", "strength": 900, "morale": 0.4, "mobile": False, "posture": "passive"},
        "b2": {"side": "blue", "place": "t", "strength": 600, "equipment": 30, "mobile": False},
    }
    guard = {"side": "red", "place": "p", "strength": 700, "supply": 5, "mobile": False, "posture": "passive"}
    defaults = {"politics": {"strength_lost": 0}}  # losses weigh by the whole army, which the garrison adds to
    rules = {"morale": {"baseline": -1.0, "attacker": -1.0}, "combat": {"rate": 0.02}, "perception": {"error": 0.3}}
    kept = tiny.load(places, roads, formations, rules | defaults)
    more = tiny.load(places, roads, {"a_guard": guard} | formations, rules | defaults)
    falls = 0
    for seed in range(6):
        war, other = fight(kept, seed), fight(more, seed)
        for _ in range(40):
            war.tick()
            other.tick()
            same_rows(war, other, formations)
        falls += war.place("s")["fell"] >= 0
        assert other.unit("a_guard")["strength"] == 700
    assert falls > 0


@pytest.mark.parametrize("seed", range(4))
def test_sides_that_swap_their_colours_swap_their_fates(tiny, fight, seed):
    """The same formations with the same draws: all that changes is which side is the first of the file."""
    places = {
        "west": {"control": "red", "rear_base": True, "depot": {"stock": 1.0}, "symbol": 0.4},
        "mid": {"control": "red", "symbol": 0.3, "population": 30_000},
        "gap": {"control": "blue", "symbol": 0.3, "population": 30_000},
        "east": {"control": "blue", "rear_base": True, "depot": {"stock": 1.0}, "symbol": 0.4},
    }
    roads = [("west", "mid", 30), ("mid", "gap", 30), ("gap", "east", 30), ("west", "gap", 50)]
    formations = {
        "w1": {"side": "red", "place": "west", "strength": 1500, "equipment": 10},
        "w2": {"side": "red", "place": "mid", "strength": 900, "morale": 0.4},
        "e1": {"side": "blue", "place": "gap", "strength": 1000},
        "e2": {"side": "blue", "place": "east", "strength": 1200, "equipment": 20},
    }
    morale = {"baseline": -1.0, "attacker": -1.0, "losses": 1.0, "neighbours": 2.0}
    # A place's panic is drawn by the name of the side that it comes over.
    rules = {"morale": morale | {"common_cause_share": 0}, "combat": {"rate": 0.03}}
    swap = {"red": "blue", "blue": "red"}
    swapped = {
        "places": {name: place | {"control": swap[place["control"]]} for name, place in places.items()},
        "formations": {name: unit | {"side": swap[unit["side"]]} for name, unit in formations.items()},
    }
    war = fight(tiny.load(places, roads, formations, rules), seed)
    other = fight(tiny.load(swapped["places"], roads, swapped["formations"], rules), seed)
    for _ in range(60):
        war.tick()
        other.tick()
        same_rows(war, other, formations)
        assert np.array_equal(war.world.places["control"], 1 - other.world.places["control"])
        for side, opposite in swap.items():
            assert war.side(side)["will"] == other.side(opposite)["will"]
            assert war.side(side)["losses"] == other.side(opposite)["losses"]
    assert war.world.units["killed"].sum() > 0
