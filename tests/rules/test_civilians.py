"""Civilians: who flees, where to, and how many die, reckoned by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sim.rules.civilians import crowding
from sim.world.tables import DISPERSED, MARCH

FLIGHT = {"flight_fighting": 0.2, "flight_near": 0.05, "flight_taken": 0.1, "stay": 0.5, "fear_days": 2}


def town(tiny, civilians=None, combat=None):
    places = {
        "a": {"control": "red", "population": 5000},
        "b": {"control": "blue", "population": 100_000},
        "c": {"control": "blue", "population": 9000},
        "d": {"control": "blue", "population": 39_000},
    }
    roads = [("a", "b", 40), ("b", "c", 20), ("b", "d", 40)]
    formations = {
        "r": {"side": "red", "place": "a", "strength": 5000},
        "b": {"side": "blue", "place": "b", "strength": 5000},
    }
    return tiny(places, roads, formations, {"civilians": FLIGHT | (civilians or {}), "combat": combat or {}})


def assault(war):
    war.put("r", "a", "b", 0.0, task=MARCH, target="b", assault=1)
    return war


def test_people_flee_from_fighting_by_size_and_nearness(tiny):
    war = assault(town(tiny, combat={"rate": 0.5}))
    war.tick()
    able = 50_000
    gone = able * -np.expm1(-0.2 / 4 / 0.5)
    assert war.place("b")["displaced"] == pytest.approx(gone)
    # The town ahead of the column is where nobody stands; (1000 + people) / km is its pull.
    pull = {"a": 6000 / 40, "c": 10_000 / 20, "d": 40_000 / 40}
    for place, weight in pull.items():
        assert war.place(place)["sheltered"] == pytest.approx(gone * weight / sum(pull.values())), place
    war.tick(80)
    assert war.place("b")["displaced"] <= able
    assert war.world.places["displaced"].sum() == pytest.approx(war.world.places["sheltered"].sum())


def test_the_enemy_next_door_drives_people_away_more_slowly(tiny):
    war = town(tiny)
    war.tick()
    assert war.place("b")["displaced"] == pytest.approx(50_000 * -np.expm1(-0.05 / 4 / 0.5))
    assert war.place("d")["displaced"] == 0


def test_nobody_leaves_where_nobody_can(tiny):
    war = assault(town(tiny, {"stay": 1.0}, {"rate": 0.5}))
    war.tick(4)
    assert war.world.places["displaced"].sum() == 0


def test_civilians_die_with_the_fighting_and_the_more_the_more_crowded(tiny):
    combat = {"rate": 0.2, "killed_share": 0, "missing_share": 0}
    war = assault(town(tiny, {"per_casualty": 0.1, "crowding": 0.5, "per_strike": 0}, combat))
    dead = hit = 0.0
    for replicate in range(60):
        assault(war.begin(1, replicate)).tick()
        hit += float(war.place("b")["casualties"])
        dead += float(war.place("b")["civilian_dead"])
    mean = 0.1 * hit * np.sqrt(1.01)
    assert mean > 500
    assert dead == pytest.approx(mean, abs=4 * np.sqrt(mean))
    assert war.world.places["civilian_dead"].sum() == war.place("b")["civilian_dead"]


@pytest.mark.parametrize(("population", "factor"), [(99_000, 1.0), (399_000, 2.0), (24_000, 0.5)])
def test_crowding_against_a_town_of_a_hundred_thousand(population, factor):
    assert crowding(float(population), 0.5) == pytest.approx(factor)


def test_flight_follows_its_cause_with_a_delay_whatever_the_tick(tiny):
    """Flight grows as 1 - exp(-t/2) of its cause: after a day (1 - 2 (1 - exp(-1/2))) of a day's flight has left."""
    share = -np.expm1(-0.05 * (1 - 2 * -np.expm1(-0.5)) / 0.5)
    for hours in (3, 6, 12):
        war = tiny(
            {"a": {"control": "red"}, "b": {"control": "blue", "population": 100_000}, "c": {"control": "blue"}},
            [("a", "b", 40), ("b", "c", 20)],
            {"r": {"side": "red", "place": "a", "strength": 5000, "posture": "passive"}},
            {"civilians": FLIGHT | {"flight_delay": 2}},
            clock={"tick_hours": hours, "decision_hours": 12},
        )
        war.tick(24 // hours)
        assert war.place("b")["displaced"] == pytest.approx(50_000 * share), hours
        war.unit("r")["status"] = DISPERSED
        war.tick(24 // hours)
        # The enemy is gone; those who have made up their minds still leave: 2 (1 - exp(-1/2))² of a day's flight.
        later = np.exp(-0.05 * 2 * np.expm1(-0.5) ** 2 / 0.5)
        assert war.place("b")["displaced"] == pytest.approx(50_000 * (1 - (1 - share) * later)), hours
