"""Morale: each cause moves the log hazard of breaking by its weight; who breaks, when, and what follows."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from sim.rules.breakpoint import log_hazard, set_own_terms, set_place_terms
from sim.rules.morale import MoraleParameters
from sim.world.derived import BREAK_TERMS
from sim.world.tables import (
    ACTIVE,
    ASSAULTED,
    AWAY,
    BESIEGED,
    DISPERSED,
    HOLD,
    MARCH,
    MEETING,
    SHATTERED,
    SURRENDERED,
    WITHDRAWING,
)

CALM = {"contact": ASSAULTED, "odds": 1.0, "closed": 0.0, "news": 0.0, "broken": 0.0, "strikes": 0.0, "ground": 1.1,
        "is_cut_off": False}  # fmt: skip
WEIGHTS = SimpleNamespace(
    baseline=-2.0,
    ratio=0.8,
    encirclement=1.6,
    contagion=0.75,
    neighbours=2.5,
    air_support=0.5,
    terrain=1.25,
    isolation=0.6,
    besieged=-0.7,
    threatened=-1.4,
    threatened_news=0.5,
    threatened_ratio=0.0,
    bound=20.0,
    losses=1.4,
    unready=1.3,
    morale=3.0,
    officers=1.1,
    home=0.7,
)
TERMS = BREAK_TERMS.names
STEADY = {"loss_recent": 0.0, "readiness": 1.0, "morale": 0.45, "officers": 0.0, "cohesion": 0.0}


@pytest.mark.parametrize(
    ("cause", "moves"),
    [
        ({}, 0.0),
        ({"odds": math.e}, 0.8),
        ({"odds": 1e6}, 0.8 * np.log(10)),  # more than ten to one is no worse
        ({"odds": 0.0}, -0.8 * np.log(10)),
        ({"closed": 0.4}, 1.6 / 8),  # half of 0.8, cubed
        ({"closed": 0.8}, 1.6),
        ({"closed": 1.0}, 1.6),
        ({"news": 0.4}, 0.75 * 0.4),
        ({"broken": 0.2}, 0.5),
        ({"strikes": 30.0}, -0.25),
        ({"strikes": 600.0}, -0.5),
        ({"ground": 1.5}, -0.5),
        ({"is_cut_off": True}, 0.6),
        ({"contact": BESIEGED}, -0.7),
        ({"contact": BESIEGED, "odds": math.e}, -0.7),  # those who hold off press by their numbers only if they are few
        ({"contact": BESIEGED, "odds": 1 / math.e}, -1.5),
        ({"contact": BESIEGED, "news": 0.4}, -0.7 + 0.3),
        ({"contact": AWAY}, -1.4),
        ({"contact": AWAY, "odds": math.e}, -1.4),
        ({"contact": AWAY, "news": 0.4}, -1.4 + 0.15),
    ],
)
def test_what_all_defenders_share(plain, cause, moves):
    terms = SimpleNamespace(**dict.fromkeys(TERMS, 0.0))
    plain(set_place_terms)(terms, **(CALM | cause), p=WEIGHTS)
    assert plain(log_hazard)(terms) == pytest.approx(-2.0 + moves, abs=1e-12)


@pytest.mark.parametrize(
    ("cause", "at_home", "moves"),
    [
        ({}, 0.0, 0.0),
        ({"loss_recent": 0.1}, 0.0, 1.4 * 2.5),
        ({"readiness": 0.5}, 0.0, 0.65),
        ({"morale": 0.65}, 0.0, -0.6),
        ({"morale": 0.25}, 0.0, 0.6),
        ({"officers": 0.5}, 0.0, -0.55),
        ({"cohesion": 0.8}, 0.0, -0.8),
        ({}, 1.0, -0.7),
        ({}, 0.5, -0.35),
    ],
)
def test_what_is_a_formations_own(plain, cause, at_home, moves):
    terms = SimpleNamespace(**dict.fromkeys(TERMS, 0.0))
    plain(set_own_terms)(terms, SimpleNamespace(**(STEADY | cause)), at_home, WEIGHTS)
    assert plain(log_hazard)(terms) == pytest.approx(moves, abs=1e-12)


def test_the_log_hazard_is_the_sum_of_all_terms(plain):
    for name in TERMS:
        assert plain(log_hazard)(SimpleNamespace(**dict.fromkeys(TERMS, 0.0) | {name: 0.3})) == 0.3


def test_every_term_has_a_weight_of_its_name():
    """But for the cohesion of its kind, which is a term as it is."""
    assert set(TERMS) - MoraleParameters.declared().keys() == {"cohesion"}


def besieged(tiny, morale=None, rear_base=False, tick_hours=6, **rules):
    """Blue holds b alone; red stands at its gate and assaults, without harm to anybody."""
    places = {"a": {"control": "red", "rear_base": True}, "b": {"control": "blue"}}
    places |= {"c": {"control": "blue", "rear_base": rear_base}}
    formations = {
        "r": {"side": "red", "place": "a", "strength": 1000},
        "b": {"side": "blue", "place": "b", "strength": 1000, "equipment": 50, "morale": 0.5},
    }
    clock = {"tick_hours": tick_hours, "decision_hours": tick_hours}
    rules = {"morale": {"attacker": -8} | (morale or {})} | rules
    return tiny(places, [("a", "b", 40), ("b", "c", 60)], formations, rules, clock)


def to_the_gate(war):
    war.put("r", "a", "b", 0.0, task=MARCH, target="b", assault=1)
    return war


def test_why_a_formation_may_break_is_written_beside_it(tiny):
    """Its terms are the causes that there are, and the hazard that it has borne is that of their sum."""
    war = to_the_gate(besieged(tiny, {"home": 0.5, "despair": 3, "backing": 0}))
    war.side("blue")["will"] = war.side("blue")["will_base"] - 0.1
    war.tick()
    unit, terms = war.unit("b"), war.world.break_terms[war.names.units["b"]]
    weights = war.world.settings["morale"][0]
    assert [terms[name] for name in ("threatened", "besieged", "attacker", "neighbours")] == [0, 0, 0, 0]
    assert [terms[name] for name in ("baseline", "isolation")] == [weights["baseline"], weights["isolation"]]
    assert terms["despair"] == pytest.approx(0.3)
    hazard = np.exp(sum(terms[name] for name in TERMS))
    assert unit["strain"] + unit["alarm"] == pytest.approx(0.25 * hazard)


@pytest.mark.parametrize("tick_hours", [3, 6, 12])
def test_breaking_comes_at_its_rate_for_every_length_of_tick(tiny, tick_hours):
    war = besieged(tiny, {"baseline": -0.5}, rear_base=True, tick_hours=tick_hours)
    broken = 0
    for replicate in range(2000):
        to_the_gate(war.begin(9, replicate)).tick(12 // tick_hours)
        broken += war.unit("b")["status"] != ACTIVE
    chance = 1 - np.exp(-0.5 * np.exp(-0.5))
    assert broken / 2000 == pytest.approx(chance, abs=4 * np.sqrt(chance * (1 - chance) / 2000))


@pytest.mark.parametrize(("attackers", "odds"), [(1000, 2.0), (250, 0.5)])
def test_defenders_feel_the_odds_against_them(tiny, attackers, odds):
    """500 people hold, so many assault; the ratio of power works with its weight, the one way or the other."""
    war = to_the_gate(besieged(tiny, {"baseline": -6, "ratio": 0.8}))
    war.unit("r")["strength"] = attackers
    war.unit("b")["strength"], war.unit("b")["equipment"] = 500, 0
    war.tick()
    terms = war.world.break_terms[war.names.units["b"]]
    assert (terms["baseline"], terms["ratio"]) == (-6, pytest.approx(0.8 * np.log(odds), rel=1e-12))


def test_of_a_place_only_the_odds_count_for_who_attacks_it(tiny):
    """Whatever has happened there, its ground and its roads: who attacks has chosen to be there."""
    weights = dict.fromkeys(
        ("encirclement", "isolation", "neighbours", "contagion", "air_support", "terrain", "home"), 3.0
    )
    war = to_the_gate(besieged(tiny, {"baseline": -6, "ratio": 0.8, "attacker": -1} | weights))
    here, red = war.names.places["b"], war.names.sides["red"]
    war.world.news[red, here] = war.world.example[red, here] = 100.0
    war.place("b")["terrain"] = 3.0
    war.tick()
    terms = war.world.break_terms[war.names.units["r"]]
    assert [terms[name] for name in (*weights, "besieged", "threatened")] == [0.0] * 9
    assert (terms["baseline"], terms["attacker"]) == (-6, -1)


def test_who_breaks_leaves_people_and_equipment_and_goes_home(tiny):
    war = to_the_gate(
        besieged(tiny, {"baseline": 5, "desertion": 0.4, "abandoned": 0.6, "rest_days": 1}, rear_base=True)
    )
    war.tick()
    unit = war.unit("b")
    assert unit["status"] == WITHDRAWING
    assert unit["deserted"] == 1000 * 0.4 * (1.3 - 0.5)
    assert unit["strength"] == 1000 - unit["deserted"]
    assert (unit["equipment"], unit["equipment_left"]) == pytest.approx((20, 30))
    war.tick(2)  # 60 km at 10 km/h for 12 hours a day: half a day, until the rear base is reached
    assert (war.place_of("b"), unit["status"]) == ("c", SHATTERED)
    war.tick(3)
    assert unit["status"] == SHATTERED
    war.tick()
    assert (unit["status"], unit["task"]) == (ACTIVE, HOLD)


@pytest.mark.parametrize(("surrender", "status", "fate"), [(1, SURRENDERED, "captured"), (0, DISPERSED, "deserted")])
def test_who_breaks_without_a_way_out_is_lost(tiny, surrender, status, fate):
    war = to_the_gate(besieged(tiny, {"baseline": 5, "desertion": 0, "abandoned": 0, "surrender": surrender}))
    war.tick()
    unit = war.unit("b")
    assert (unit["status"], unit["strength"], unit[fate]) == (status, 0, 1000)
    assert (unit["equipment"], unit["equipment_left"]) == (0, 50)


def test_attackers_who_break_are_thrown_back(tiny):
    war = besieged(tiny, {"baseline": -10, "attacker": 2, "repulse_days": 1, "repulse_km": 4, "repulse_morale": 0.05})
    # In what follows nothing but their own losses can break them.
    war.world.settings["morale"]["losses"] = 10
    to_the_gate(war)
    war.unit("r")["loss_recent"], war.unit("r")["bound"] = 0.1, 1
    war.tick()
    unit = war.unit("r")
    # A day of rest, of which half a tick is over.
    assert (unit["km_left"], unit["pause"], unit["assault"], unit["task"]) == (4, 0.875, 0, HOLD)
    assert unit["morale"] == pytest.approx(0.45)
    assert unit["bound"] == 0  # a convoy may be sent elsewhere once it has rested
    assert war.place("b")["repulses"] == 1
    assert (unit["status"], unit["strength"], war.unit("b")["status"]) == (ACTIVE, 1000, ACTIVE)


@pytest.mark.parametrize("defenders_break", [True, False])
def test_an_assault_that_drives_out_all_defenders_is_not_thrown_back(tiny, defenders_break):
    """Both would break in the tick. Red stands first in the scenario, and is tried last all the same."""
    war = to_the_gate(besieged(tiny, {"attacker": 2, "repulse_days": 1, "part": 5000}, rear_base=True))
    war.unit("b")["breakpoint"] = 1e-9 if defenders_break else 1e9
    war.unit("r")["breakpoint"] = 1e-9
    war.tick()
    assert war.place("b")["repulses"] == (0 if defenders_break else 1)
    assert (war.unit("r")["pause"] > 0) == (not defenders_break)
    assert war.place_of("r") == ("b" if defenders_break else "a")


def test_who_breaks_on_the_road_is_not_thrown_back_from_the_gates(tiny):
    """A column that breaks in a meeting goes back to the rear, and no place has beaten it."""
    war = besieged(tiny, {"attacker": 2})
    war.put("r", "a", "b", 20.0, task=MARCH, target="b")
    war.put("b", "b", "a", 20.0, task=MARCH, target="a")
    war.unit("r")["breakpoint"] = 1e-9
    war.tick()
    assert (war.unit("r")["contact"], war.unit("r")["status"]) == (MEETING, WITHDRAWING)
    assert not war.world.places["repulses"].any()


@pytest.mark.parametrize("tick_hours", [3, 6, 12])
@pytest.mark.parametrize("days", [0.5, 0.7, 0.9, 1.3])
def test_rest_takes_its_days_to_the_nearest_tick(tiny, tick_hours, days):
    """Rounded up to whole ticks, rest would be longer by half a tick in the mean, and long ticks would slow the war."""
    morale = {"baseline": -10, "attacker": 2, "repulse_days": days}
    war = besieged(tiny, morale, tick_hours=tick_hours)
    war.world.settings["morale"]["losses"] = 10
    to_the_gate(war)
    war.unit("r")["loss_recent"] = 0.1
    war.tick()
    ticks = 0
    while war.unit("r")["pause"] > 0:
        war.tick()
        ticks += 1
    assert abs(ticks * tick_hours / 24 - days) <= tick_hours / 48 + 1e-12


def test_morale_comes_back_to_its_base_and_what_pay_adds(tiny):
    war = besieged(tiny, {"recovery": 0.5, "pay": 0.04})
    unit = war.unit("b")
    unit["morale"] = 0.2
    war.side("blue")["pay"] = 2.0  # twice what it was
    war.tick(8)
    assert unit["morale"] == pytest.approx(0.54 - 0.34 * np.exp(-0.5 * 2), rel=1e-9)


def test_news_of_a_fall_travels_fades_and_wears(tiny):
    war = besieged(tiny, {"news_delay": 0.5, "news_memory": 2.0, "wear": 0.1, "news_km": 50})
    here = war.names.sides["blue"], war.names.places["b"]
    war.world.news_coming[here] = 0.8
    war.side("blue")["shaken"] = 1
    war.tick()
    arriving = 0.8 * (1 - np.exp(-0.5))
    assert war.world.news[here] == pytest.approx(arriving, rel=1e-12)
    assert war.unit("b")["morale"] == pytest.approx(0.5 - 0.1 * arriving / 4, rel=1e-12)
    war.tick()
    second = (0.8 - arriving) * (1 - np.exp(-0.5))
    assert war.world.news[here] == pytest.approx(arriving * np.exp(-0.25 / 2) + second, rel=1e-12)


def test_the_fall_of_a_place_is_news_by_symbol_and_nearness(tiny):
    war = besieged(tiny, {"news_km": 50, "news_delay": 5})
    war.place("b")["symbol"] = 0.5
    war.unit("b")["status"] = DISPERSED
    to_the_gate(war).tick()
    assert war.place("b")["control"] == war.names.sides["red"]
    blue, red = war.names.sides["blue"], war.names.sides["red"]
    b, c = war.names.places["b"], war.names.places["c"]
    assert war.world.news_coming[blue, b] == pytest.approx(0.5)
    assert war.world.news_coming[blue, c] == pytest.approx(0.5 * np.exp(-60 / 50))
    assert war.world.news_coming[red, c] == 0


def test_the_unready_wake_when_alerted(tiny):
    war = besieged(tiny, {"alert_days": 1, "ready_days": 2})
    unit = war.unit("b")
    unit["readiness"] = 0.4
    war.tick(4)
    assert unit["readiness"] == 0.4
    war.tick(4)
    assert unit["readiness"] == pytest.approx(1 - 0.6 * np.exp(-0.5), rel=1e-9)
