"""Every rate is per day: ticks of 3, 6 and 12 hours have the same effect in the same time, rate by rate."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

from sim.rules.rulebook import RULEBOOK
from sim.world.tables import MARCH

PLACES: dict[str, Any] = {
    "a": {"control": "red", "rear_base": True, "airfield": True},
    "b": {"control": "blue", "population": 100_000},
    "c": {"control": "blue", "rear_base": True, "population": 50_000, "depot": {"stock": 1.0}},
    "far": {"control": "blue"},
}
ROADS = [("a", "b", 60), ("b", "c", 400), ("c", "far", 9000)]
FORMATIONS = {
    "r": {"side": "red", "place": "a", "strength": 40_000, "morale": 0.5},
    "b": {"side": "blue", "place": "b", "strength": 40_000, "morale": 0.5},
    "march": {"side": "blue", "place": "c", "strength": 10},
}
SIDES = {
    "red": {"name": "Red", "stances": {"blue": "hostile"}, "will": 0.6, "serviceable": 1.0},
    "blue": {"name": "Blue", "will": 0.6, "serviceable": 1.0, "hardship": 1.0},
}
AIR: dict[str, Any] = {"wing": {"name": "Wing", "side": "blue", "base": "a", "aircraft": 10_000, "sorties": 2}}


def assault(war):
    war.put("r", "a", "b", 0.0, assault=1)


def besiege(war):
    war.put("r", "a", "b", 0.0)


def march(war):
    war.unit("march")["task"], war.unit("march")["target"] = MARCH, war.names.places["far"]


def hungry(war):
    war.unit("march")["supply"] = 0.0


def bad_news(war):
    war.side("blue")["shaken"] = 1
    war.world.news[war.names.sides["blue"]] = 1.0


def low(column, value):
    return lambda war: war.unit("b").__setitem__(column, value)


def of_unit(column, name="b"):
    return lambda war: float(war.unit(name)[column])


def of_place(column, name="b"):
    return lambda war: float(war.place(name)[column])


class Rate(NamedTuple):
    """A rate alone at work: its rule, what brings it about, and what tells its effect."""

    rules: dict[str, dict[str, float]]
    measure: Any
    prepare: Any = lambda war: None
    each_tick: Any = lambda war: None
    more: dict[str, Any] = {}  # noqa: RUF012
    near: float = 1e-9


def combat(**rules: float) -> dict[str, dict[str, float]]:
    return {"combat": {"chance": 0, "rate": 0.02, "siege": 1, "missing_share": 0} | rules}


FLY = {"flying": 1, "worst_weather": 1, "interdiction_most": 1, "deep_share": 0}
RATES = {
    "supply.fighting": Rate(combat() | {"supply": {"fighting": 0.5}}, of_unit("supply"), each_tick=assault),
    "supply.marching": Rate({"supply": {"marching": 0.5, "delivery": 0}}, of_unit("supply", "march"), march),
    "supply.delivery": Rate({"supply": {"delivery": 0.5}}, of_unit("supply", "march"), hungry),
    "supply.refill": Rate(
        {"supply": {"refill": 0.1}}, of_place("stores", "c"), lambda w: w.place("c").__setitem__("stores", 0)
    ),
    "movement.march_hours": Rate({"movement": {"march_hours": 6}}, of_unit("km_left", "march"), march),
    "combat.rate": Rate(combat(), of_unit("strength"), each_tick=assault, near=0.003),
    "combat.return_rate": Rate(
        {"combat": {"chance": 0, "return_rate": 0.2}}, of_unit("wounded"), low("wounded", 900.0)
    ),
    "morale.wear": Rate({"morale": {"wear": 0.1, "news_memory": 30}}, of_unit("morale"), bad_news, near=0.01),
    "morale.recovery": Rate({"morale": {"recovery": 0.3}}, of_unit("morale"), low("morale", 0.1)),
    "morale.daily_desertion": Rate({"morale": {"daily_desertion": 0.05}}, of_unit("strength"), near=1e-3),
    "civilians.flight_fighting": Rate(
        combat() | {"civilians": {"flight_fighting": 0.1}}, of_place("displaced"), each_tick=besiege
    ),
    "civilians.flight_near": Rate({"civilians": {"flight_near": 0.1}}, of_place("displaced")),
    "civilians.flight_taken": Rate(
        {"civilians": {"flight_taken": 0.1, "fear_days": 30, "flight_near": 0}},
        of_place("displaced"),
        lambda war: war.place("b").__setitem__("taken_on", 0),
    ),
    "politics.recovery": Rate(
        {"politics": {"recovery": 0.2}},
        lambda war: float(war.side("blue")["will"]),
        lambda war: war.side("blue").__setitem__("will", 0.2),
    ),
    "politics.backing_loss": Rate(
        {"politics": {"backing_loss": 0.2, "recovery": 0}},
        lambda war: float(war.world.backings["commitment"][0]),
        lambda war: war.side("blue").__setitem__("will", 0.2),
        more={"sponsors": {"patron": {"name": "Patron", "backs": {"blue": 0.8}}}},
    ),
    "air.interdiction": Rate(
        {"air": FLY | {"interdiction": 2e-5}, "civilians": {"per_strike": 0}},
        lambda war: float(war.world.roads["interdiction"][0]),
        each_tick=besiege,
        more={"air": {"wing": AIR["wing"] | {"base": "c"}}, "places": PLACES | {"c": PLACES["c"] | {"airfield": True}}},
        near=0.03,
    ),
}
BY_CHANCE = {
    # Chances in a time T of a hazard r are 1 - exp(-rT): tests of their own hold them to it for more than one tick.
    "morale.baseline": "test_morale: breaking comes at its rate",
    "politics.uprising": "test_uprising: uprisings come at their rate",
    "politics.collapse": "test_politics: collapse comes by a hazard",
    "politics.disbanding": "below",
    "yielding.rate": "test_yielding: for every length of tick",
    "yielding.takeover": "below",
    "control.occupying": "below",
}


def per_day() -> set[str]:
    return {
        f"{rule}.{name}"
        for rule, parameters in RULEBOOK.items()
        for name, declared in parameters.declared().items()
        if "/day" in declared.unit
    }


def test_no_rate_is_left_out():
    assert per_day() == RATES.keys() | BY_CHANCE.keys()


def effect(tiny, rate: Rate, hours: int) -> float:
    """What happens between the first and the third day."""
    places = rate.more.get("places", PLACES)
    more = {key: value for key, value in rate.more.items() if key != "places"}
    clock = {"tick_hours": hours, "decision_hours": hours}
    quiet = {"civilians": {"flight_fighting": 0, "flight_near": 0, "flight_taken": 0}}
    rules = quiet | rate.rules
    rules["civilians"] = quiet["civilians"] | rate.rules.get("civilians", {})
    war = tiny(places, ROADS, FORMATIONS, rules, clock=clock, sides=SIDES, **more)
    rate.prepare(war)
    found = []
    for day in range(3):
        for _ in range(24 // hours):
            rate.each_tick(war)
            war.tick()
        if day in (0, 2):
            found.append(rate.measure(war))
    return found[1] if rate.near == 0.03 else found[1] - found[0]


@pytest.mark.parametrize("name", RATES)
def test_halving_the_tick_changes_nothing(tiny, name):
    at = {hours: effect(tiny, RATES[name], hours) for hours in (3, 6, 12)}
    assert abs(at[6]) > 0
    assert at[3] == pytest.approx(at[6], rel=RATES[name].near)
    assert at[12] == pytest.approx(at[6], rel=2 * RATES[name].near)


@pytest.mark.parametrize("hours", [3, 12])
@pytest.mark.parametrize(
    ("rule", "name"), [("politics", "disbanding"), ("yielding", "takeover")], ids=["disbanding", "takeover"]
)
def test_after_a_collapse_all_goes_by_rates(tiny, hours, rule, name):
    """In two days, with 0.4 a day, for every length of tick."""
    rules = {"politics": {"disbanding": 0}, "yielding": {"takeover": 0}}
    rules[rule] = {name: 0.4}
    war = tiny(PLACES, ROADS, FORMATIONS, rules, clock={"tick_hours": hours, "decision_hours": hours}, sides=SIDES)
    happened = 0
    for k in range(300):
        war.begin(4, k)
        war.side("blue")["collapsed"] = 1
        war.tick(48 // hours)
        # Who disbands in b leaves it to nobody: red is not told to march.
        happened += war.unit("b")["deserted"] > 0
    chance = -np.expm1(-0.8)
    assert happened / 300 == pytest.approx(chance, abs=4 * np.sqrt(chance * (1 - chance) / 300))
