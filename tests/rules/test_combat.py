"""Combat: Lanchester's laws, the law of the hits, and duels reckoned by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.kernel.maths import exp
from sim.rules.combat import casualties_per_day, expected_hits, hits
from sim.world.tables import DISPERSED, MARCH

PLACES = {"a": {"control": "red"}, "b": {"control": "blue", "terrain": "hill", "fortification": 0.5}}
ROADS = [("a", "b", 40)]
COVER = 1.3 * 1.5
RULES = {"combat": {"rate": 0.04, "foe_exponent": 0.5, "own_exponent": 0.5, "attack_cost": 1.6, "siege": 0.25}}
AIMED_FIRE = {"rate": 0.02, "foe_exponent": 1, "own_exponent": 0}
AREA_FIRE = {"rate": 1e-4, "foe_exponent": 1, "own_exponent": 1}


@pytest.mark.parametrize(("foe_exponent", "own_exponent"), [(1, 0), (1, 1), (0.5, 0.5), (1, 0.5)])
def test_lanchesters_family_keeps_its_invariant(plain, foe_exponent, own_exponent):
    law = foe_exponent, own_exponent
    degree = foe_exponent - own_exponent + 1
    a, b, dt = 1000.0, 800.0, 1e-3
    rate = 0.2 * 1000 ** (1 - foe_exponent - own_exponent)
    start = a**degree - b**degree
    for _ in range(1000):
        a, b = (
            a - dt * plain(casualties_per_day)(rate, b, a, *law),
            b - dt * plain(casualties_per_day)(rate, a, b, *law),
        )
    assert a < 950 and b < 760
    assert a**degree - b**degree == pytest.approx(start, rel=2e-3)


@pytest.mark.parametrize(
    ("people", "hazard"), [(1, 0.4), (10, 0.1), (10, 6.0), (900, 0.004), (40, 0.3), (12, 0.8), (3, 400.0)]
)
def test_hits_are_binomial(plain, people, hazard):
    law = stats.binom(people, -np.expm1(-hazard))
    for u in np.linspace(0.0007, 0.9993, 333):
        assert plain(hits)(u, float(people), hazard) == law.ppf(u)


def test_hits_of_many_have_the_right_moments(plain):
    law = stats.binom(2000, -np.expm1(-0.05))
    counts = [plain(hits)(u, 2000.0, 0.05) for u in (np.arange(4000) + 0.5) / 4000]
    assert np.mean(counts) == pytest.approx(law.mean(), abs=0.03 * law.std())
    assert np.std(counts) == pytest.approx(law.std(), rel=0.02)


def duel(tiny, assault, **rules):
    """400 people at the gate of a place that 900 hold, for one tick, in 500 campaigns; the mean losses of both."""
    formations = {
        "r": {"side": "red", "place": "a", "strength": 400},
        "b": {"side": "blue", "place": "b", "strength": 900},
    }
    war = tiny(PLACES, ROADS, formations, {"combat": RULES["combat"] | rules})
    hit = {"r": [], "b": []}
    for replicate in range(500):
        war.begin(3, replicate)
        war.put("r", "a", "b", 0.0, task=MARCH, target="b", assault=assault)
        war.tick()
        for name, losses in hit.items():
            unit = war.unit(name)
            lost = unit["killed"] + unit["missing"] + unit["wounded"]
            assert lost + unit["strength"] == unit["roll"]
            losses.append(lost)
    return {name: (np.mean(losses), np.std(losses) / np.sqrt(500)) for name, losses in hit.items()}


@pytest.mark.parametrize(
    ("assault", "rules", "red_per_day", "blue_per_day"),
    [
        # Halves: 0.04 sqrt(400) sqrt(900) = 24 a day between equals in the open.
        (1, {}, 1.6 * 0.04 * np.sqrt(900 * COVER) * np.sqrt(400), 24 / COVER),
        (0, {}, 0.25 * 24, 0.25 * 24 / COVER),
        # Square law: each of those who fire hits as many as he can aim at.
        (1, AIMED_FIRE | {"open_exponent": 0}, 1.6 * 0.02 * 900 * COVER, 0.02 * 400 / COVER),
        # Linear law: fire on an area.
        (1, AREA_FIRE | {"open_exponent": 1}, 1.6 * 1e-4 * 900 * COVER * 400, 36 / COVER),
        # Deitchman's ambush: those in the open are aimed at, those in cover are not.
        (1, AREA_FIRE | {"open_exponent": 0}, 1.6 * 1e-4 * 900 * COVER, 36 / COVER),
    ],
    ids=["halves", "siege", "square", "linear", "ambush"],
)
def test_a_duel_reckoned_by_hand(tiny, assault, rules, red_per_day, blue_per_day):
    found = duel(tiny, assault, **rules)
    for name, per_day, people in (("r", red_per_day, 400), ("b", blue_per_day, 900)):
        mean, error = found[name]
        assert mean == pytest.approx(-people * np.expm1(-per_day / people / 4), abs=4 * error), name


def test_prepared_ground_shields_who_holds_it_and_his_friends_inside(tiny):
    sides = {"green": {"name": "Green", "stances": {"red": "hostile", "blue": "allied"}}}
    people = {"red": 400, "blue": 900, "green": 100}
    formations = {side: {"side": side, "place": "b", "strength": n} for side, n in people.items()}
    war = tiny(PLACES, ROADS, formations, {"combat": RULES["combat"]}, sides=sides)
    war.tick()
    hit = {side: war.world.forces[war.names.places["b"], war.names.sides[side]]["hit_inside"] for side in people}
    # Exponents of a half: 0.04 sqrt(foe) sqrt(own) a day, per head; red has broken in and stands in the open.
    assert hit["red"] == pytest.approx(0.04 * np.sqrt(1000 * 400) / 400)
    assert hit["blue"] == pytest.approx(0.04 * np.sqrt(400 * 900) / 900 / COVER)
    assert hit["green"] == pytest.approx(0.04 * np.sqrt(400 * 100) / 100 / COVER)


def test_the_square_law_through_the_engine(tiny):
    formations = {
        "r": {"side": "red", "place": "b", "strength": 100_000},
        "b": {"side": "blue", "place": "b", "strength": 60_000},
    }
    places = {"a": {"control": "red"}, "b": {"control": "blue"}}
    rules = {"combat": {"rate": 0.1, "foe_exponent": 1, "own_exponent": 0}}
    war = tiny(places, ROADS, formations, rules, clock={"tick_hours": 1})
    war.tick(24 * 5)
    a, b = war.unit("r")["strength"], war.unit("b")["strength"]
    t, gap = 0.5, 0.8  # rate x days, and sqrt(1 - 0.6^2)
    assert a == pytest.approx(100_000 * (np.cosh(t) - 0.6 * np.sinh(t)), rel=0.01)
    assert b == pytest.approx(100_000 * (0.6 * np.cosh(t) - np.sinh(t)), rel=0.05)
    assert np.sqrt(a**2 - b**2) == pytest.approx(gap * 100_000, rel=0.01)


def test_those_hit_die_stay_missing_or_come_back(tiny):
    formations = {
        "r": {"side": "red", "place": "b", "strength": 100_000},
        "b": {"side": "blue", "place": "b", "strength": 100_000, "equipment": 100},
    }
    combat = {"rate": 0.2, "killed_share": 0.25, "missing_share": 0.1, "equipment_rate": 1.5, "return_rate": 0.3}
    war = tiny(PLACES, ROADS, formations, {"combat": combat | {"foe_exponent": 1, "own_exponent": 0}})
    war.tick()
    unit = war.unit("b")
    hit = 100_000 - unit["strength"]
    assert hit == pytest.approx(100_000 * -np.expm1(-0.05 / COVER), abs=4 * 50)
    assert unit["killed"] == pytest.approx(0.25 * hit, rel=0.1)
    assert unit["missing"] == int((hit - unit["killed"]) * 0.1 + 0.5)
    assert unit["wounded"] == hit - unit["killed"] - unit["missing"]
    assert unit["equipment_lost"] == pytest.approx(100 * 1.5 * 0.05 / COVER, rel=1e-9)
    assert unit["equipment"] == 100 - unit["equipment_lost"]
    assert unit["loss_recent"] == hit / 100_000

    war.world.settings["combat"]["rate"] = 0
    wounded = float(unit["wounded"])
    war.tick(3)
    assert unit["wounded"] == wounded
    war.tick()  # the next day begins
    assert unit["wounded"] / wounded == pytest.approx(np.exp(-0.3), abs=0.03)
    assert unit["strength"] == 100_000 - unit["killed"] - unit["missing"] - unit["wounded"]
    assert unit["loss_recent"] == pytest.approx(hit / 100_000 * exp(-1 / 3.0), rel=1e-9)


def test_who_has_lost_everybody_is_gone(tiny):
    formations = {
        "r": {"side": "red", "place": "b", "strength": 5000},
        "b": {"side": "blue", "place": "b", "strength": 3},
    }
    war = tiny(PLACES, ROADS, formations, {"combat": {"rate": 10, "foe_exponent": 1, "own_exponent": 0}})
    war.tick()
    unit = war.unit("b")
    assert (unit["strength"], unit["status"]) == (0, DISPERSED)
    assert war.place("b")["control"] == war.names.sides["red"]


@pytest.mark.parametrize("days", [0.0, 2.0])
def test_nobody_fires_in_a_ceasefire(tiny, days):
    formations = {
        "r": {"side": "red", "place": "a", "strength": 4000},
        "b": {"side": "blue", "place": "b", "strength": 4000},
    }
    war = tiny(PLACES, ROADS, formations, {"combat": RULES["combat"]})
    war.put("r", "a", "b", 0.0, assault=1)
    war.world.campaign["ceasefire"] = days
    war.tick(2)
    fired = any(war.unit(name)["killed"] + war.unit(name)["wounded"] > 0 for name in formations)
    assert fired == (days == 0.0)


@pytest.mark.parametrize("chance", [0, 1])
@pytest.mark.parametrize("assault", [0, 1])
def test_at_a_rate_of_0_nobody_is_hit(tiny, chance, assault):
    formations = {
        "r": {"side": "red", "place": "a", "strength": 4000},
        "b": {"side": "blue", "place": "b", "strength": 4000},
    }
    war = tiny(PLACES, ROADS, formations, {"combat": RULES["combat"] | {"rate": 0, "chance": chance}})
    war.put("r", "a", "b", 0.0, assault=assault)
    war.tick(2)
    assert [war.unit(name)["strength"] for name in formations] == [4000, 4000]


def without_chance(tiny, tick_hours, seed=1):
    """Two days of a battle in which casualties are expected numbers: two units assault, one holds off, two defend."""
    formations = {
        "r1": {"side": "red", "place": "a", "strength": 1500, "quality": 1.4},
        "r2": {"side": "red", "place": "a", "strength": 900, "quality": 1.4},
        "r3": {"side": "red", "place": "a", "strength": 400, "quality": 1.4},
        "b1": {"side": "blue", "place": "b", "strength": 700},
        "b2": {"side": "blue", "place": "b", "strength": 200, "quality": 0.7},
    }
    combat = RULES["combat"] | {"rate": 0.3, "chance": 0}
    war = tiny(
        PLACES, ROADS, formations, {"combat": combat}, clock={"tick_hours": tick_hours, "decision_hours": 12}, seed=seed
    )
    for name, assault in (("r1", 1), ("r2", 1), ("r3", 0)):
        war.put(name, "a", "b", 0.0, assault=assault)
    war.tick(48 // tick_hours)
    for name in formations:
        unit = war.unit(name)
        gone = unit["killed"] + unit["missing"] + unit["wounded"]
        assert unit["strength"] + gone == pytest.approx(unit["roll"], rel=1e-12)
    return np.array([war.unit(name)["strength"] for name in formations])


def test_expected_casualties_hang_neither_on_chance_nor_on_the_tick(tiny):
    by_hour = without_chance(tiny, 1)
    assert by_hour[3] < 0.75 * 700
    assert np.array_equal(by_hour, without_chance(tiny, 1, seed=2))
    error = {hours: np.max(np.abs(without_chance(tiny, hours) / by_hour - 1)) for hours in (3, 6, 12)}
    assert error[12] < 3e-5
    # Fourth order: half the tick, a sixteenth of the error.
    assert error[6] < error[12] / 8 and error[3] < error[6] / 8


def test_half_a_person_is_nobody(plain):
    assert plain(expected_hits)(100.0, 0.5) == pytest.approx(100 * -np.expm1(-0.5), rel=1e-15)
    assert plain(expected_hits)(100.0, 5.4) == 100
    assert plain(expected_hits)(100.0, 5.2) < 99.5
