"""The first tick of a fight counts in part: fights last as long whatever the tick, reckoned by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sim.rules.clash import first_share
from sim.world.tables import ACTIVE, ASSAULTED, MARCH

RED, BLUE = {"control": "red"}, {"control": "blue"}
PLACES = {"a": RED | {"rear_base": True}, "b": BLUE, "c": BLUE | {"rear_base": True}}
ROADS = [("a", "b", 60), ("b", "c", 900)]
PEOPLE = 40_000
FORMATIONS = {
    "r": {"side": "red", "place": "a", "strength": PEOPLE, "kind": "light"},
    "b": {"side": "blue", "place": "b", "strength": PEOPLE, "mobile": False},
}


@pytest.mark.parametrize("expected", [1e-4, 0.3, 1.0, 4.0, 60.0])
def test_a_fight_lasts_as_long_as_without_ticks(expected):
    """The first tick counts so much less as those who are gone at a tick's end stand too long: 1/x in the mean."""
    ticks_after_the_first = 1 / np.expm1(expected)
    assert first_share(expected) + ticks_after_the_first == pytest.approx(1 / expected, rel=1e-6)


@pytest.mark.parametrize("guests", [0, PEOPLE])
@pytest.mark.parametrize("hazard", [0.5, 4.0])
def test_who_has_just_come_fights_for_a_part_of_the_tick(tiny, hazard, guests):
    """Both are hit at 0.01 a day and power; in the first tick for g of a quarter of a day, then for all of it.

    Guests of a third side, whom nobody attacks, do not count.
    """
    rules = {"morale": {"baseline": np.log(hazard), "attacker": -8}, "combat": {"rate": 0.01, "attack_cost": 1}}
    third = {"g": {"side": "green", "place": "b", "strength": guests, "mobile": False}}
    war = tiny(PLACES, ROADS, FORMATIONS | third, rules, sides={"green": {"name": "Green"}})
    war.put("r", "a", "b", 1.0, task=MARCH, target="b", assault=1)
    for name in ("r", "b"):
        war.unit(name)["breakpoint"] = 100.0
    war.world.side_view["panic_point"] = 100.0
    share = 1 / (hazard / 4) - 1 / np.expm1(hazard / 4)
    for part in (share, 1.0):
        people = {name: float(war.unit(name)["strength"]) for name in FORMATIONS}
        war.tick()
        power = np.sqrt(float(war.unit("r")["power"]) * float(war.unit("b")["power"]))
        for name in FORMATIONS:
            assert war.unit(name)["contact"] == ASSAULTED
            assert war.unit(name)["hazard"] == pytest.approx(part * 0.01 * power / people[name]), (name, part)


@pytest.mark.parametrize("hours", [3, 6, 12])
@pytest.mark.parametrize("hazard", [1.0, 4.0])
def test_losses_do_not_depend_on_the_tick(tiny, hazard, hours):
    """Red comes in the course of half a day; blue stands for 1/hazard days in the mean, and so long both are hit.

    All moments of arrival and all breakpoints are gone through: what is left is the error of the tick.
    """
    rules = {
        "morale": {"baseline": np.log(hazard), "attacker": -8, "common_cause_share": 0},
        "combat": {"rate": 1e-3, "attack_cost": 1, "chance": 0},
    }
    war = tiny(PLACES, ROADS, FORMATIONS, rules, clock={"tick_hours": hours, "decision_hours": 12})
    hit = []
    for km in np.arange(2.5, 60, 5):  # red makes 60 km in half a day
        for breakpoint in -np.log(np.arange(0.01, 1, 0.02)):
            war.begin(1, 0)
            war.put("r", "a", "b", km, task=MARCH, target="b", assault=1)
            war.unit("b")["breakpoint"] = breakpoint
            while war.unit("b")["status"] == ACTIVE:
                war.tick()
            hit.append(PEOPLE - war.unit("r")["strength"])
    assert np.mean(hit) == pytest.approx(1e-3 * PEOPLE / hazard, rel=0.03)
