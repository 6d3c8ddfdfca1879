"""Supply: what formations gain is what stores lose; what they use and get is reckoned by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sim.engine.load import load
from sim.rules.supply import PERSON_DAYS
from sim.world.tables import MARCH

RED, BLUE = {"control": "red"}, {"control": "blue"}
KEEP = {"supply": {"fighting": 1.0, "marching": 0.4, "carried": 5, "delivery": 1.5, "reach_km": 120, "refill": 0}}


def test_what_formations_gain_stores_lose(crossroads_file, fight):
    nothing_else = {
        "rules.supply": {"fighting": 0, "marching": 0, "refill": 0, "carried": 8},
        "rules.control": {"stores_share": 1},
        "places.arnfell.depot.stock": 0.1,
        "events": {},
    }
    war = fight(load(crossroads_file, set=nothing_else), seed=2)
    units, places = war.world.units, war.world.places
    given = 0.0
    for _ in range(war.deployment.ticks):
        people, supply, stores = units["strength"].copy(), units["supply"].copy(), places["stores"].copy()
        war.tick()
        gained = float(np.sum(people * (units["supply"] - supply)))
        lost = float(np.sum(stores - places["stores"])) * PERSON_DAYS
        assert gained == pytest.approx(lost, rel=1e-9, abs=1e-6)
        assert places["stores"].min() >= 0
        given += gained
    assert given > 20_000


def test_a_day_of_fighting_uses_a_day_of_supply_and_marching_less(tiny):
    places = {"a": RED, "b": RED, "x": BLUE}
    formations = {
        "fights": {"side": "red", "place": "x", "strength": 1000, "supply": 4},
        "foe": {"side": "blue", "place": "x", "strength": 1000, "supply": 0.1},
        "marches": {"side": "red", "place": "a", "strength": 1000, "supply": 4},
        "rests": {"side": "red", "place": "a", "strength": 1000, "supply": 4},
    }
    war = tiny(places, [("a", "b", 500), ("b", "x", 20)], formations, KEEP)
    unit = war.unit("marches")
    unit["task"], unit["target"] = MARCH, war.names.places["b"]
    war.tick()  # contact is found after supply
    war.tick(4)
    assert war.unit("fights")["supply"] == pytest.approx(3)
    assert war.unit("foe")["supply"] == 0
    assert war.unit("marches")["supply"] == pytest.approx(4 - 0.4 * 1.25)
    assert war.unit("rests")["supply"] == 4


def test_deliveries_reckoned_by_hand(tiny):
    places = {"base": RED | {"rear_base": True, "depot": {"stock": 1.0}}, "near": RED, "far": RED, "gone": RED}
    places |= {"depot": RED | {"depot": {"stock": 0.04}}, "x": BLUE}
    roads = [("base", "near", 40), ("near", "far", 80), ("far", "x", 30), ("x", "gone", 30), ("far", "depot", 120)]
    unit = {"side": "red", "strength": 1400, "supply": 0}
    formations = {f"in_{place}": unit | {"place": place} for place in ("base", "near", "far", "gone", "depot")}
    formations["foe"] = {"side": "blue", "place": "x", "strength": 10}
    war = tiny(places, roads, formations, KEEP)
    war.tick()
    got = {place: float(war.unit(f"in_{place}")["supply"]) for place in ("base", "near", "far", "gone", "depot")}
    # A day's supply comes up at once, on the first tick of each day.
    assert got["base"] == pytest.approx(1.5)
    assert got["near"] == pytest.approx(1.5 * 120 / 160)
    assert got["far"] == pytest.approx(1.5 / 2)  # half of it arrives at reach_km
    assert got["gone"] == 0
    # From the depot where it stands, and from the base 240 km behind it.
    assert got["depot"] == pytest.approx(1.5 + 1.5 / 3)
    assert war.place("depot")["stores"] == pytest.approx(0.04 - 1.5 * 1400 / PERSON_DAYS)
    war.tick(3)
    assert war.unit("in_depot")["supply"] == got["depot"]
    war.tick()
    assert war.place("depot")["stores"] == 0  # it held two days of supply for 1400 people
    assert war.unit("in_depot")["supply"] == pytest.approx(2.0 + 2 * 0.5)


def test_nobody_carries_more_than_he_can_and_stores_fill_up(tiny):
    places = {"base": RED | {"rear_base": True, "depot": {"stock": 1.0}}, "x": BLUE}
    formations = {"r": {"side": "red", "place": "base", "strength": 7000, "supply": 4.9}}
    war = tiny(places, [("base", "x", 40)], formations, {"supply": KEEP["supply"] | {"refill": 0.1}})
    war.tick()
    assert war.unit("r")["supply"] == pytest.approx(5)
    assert war.place("base")["stores"] == pytest.approx(1 - 0.1 * 7000 / PERSON_DAYS)
    war.place("base")["stores"] = 0.5
    war.tick(4)
    assert war.place("base")["stores"] == pytest.approx(0.6)
    war.tick(40)
    assert war.place("base")["stores"] == 1


@pytest.mark.parametrize("tick_hours", [3, 6, 12])
def test_use_and_daily_supply_for_every_length_of_tick(tiny, tick_hours):
    """Both begin with 4 days; 0.6 a day come up, and a day of fighting or 0.8 of marching goes."""
    places = {"x": RED | {"depot": {"stock": 1.0}}, "a": RED | {"depot": {"stock": 1.0}}, "z": BLUE}
    formations = {
        "fights": {"side": "red", "place": "x", "strength": 700, "supply": 4},
        "foe": {"side": "blue", "place": "x", "strength": 700},
        "marches": {"side": "red", "place": "a", "strength": 700, "supply": 4},
    }
    rules = {"supply": KEEP["supply"] | {"delivery": 0.6, "marching": 0.8}}
    clock = {"tick_hours": tick_hours, "decision_hours": tick_hours}
    war = tiny(places, [("a", "x", 1000), ("x", "z", 40)], formations, rules, clock)
    war.unit("fights")["contact"] = 2  # as combat would have found it a tick ago
    unit = war.unit("marches")
    unit["task"], unit["target"] = MARCH, war.names.places["x"]
    for day in (1, 2, 3):
        war.tick(24 // tick_hours)
        assert war.unit("fights")["supply"] == pytest.approx(4 + day * (0.6 - 1.0))
        assert war.unit("marches")["supply"] == pytest.approx(4 + day * (0.6 - 0.8))
    assert war.place("x")["stores"] == pytest.approx(1 - 3 * 0.6 * 700 / PERSON_DAYS)
