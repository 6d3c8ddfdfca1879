"""What the engine cannot hold is refused at the door, and what it accepts it can."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sim
from sim.ensemble.aggregates import BINS, FIRST_BIN, MANTISSA_BITS
from sim.rules.rulebook import RULEBOOK
from sim.scenario.errors import ScenarioError
from sim.scenario.schema import MOST_SIDES
from sim.world import limits
from sim.world.address import EVENT, Addresses, UnknownPath
from sim.world.deploy import deploy
from sim.world.tables import DISPERSED, EVERYBODY, PLACES, UNITS

TOWNS = {"a": {"control": "red", "rear_base": True}, "b": {"control": "blue", "rear_base": True}}
ROAD = [("a", "b", 40)]
TWO = {
    "r": {"side": "red", "place": "a", "strength": 1000, "equipment": 10},
    "b1": {"side": "blue", "place": "b", "strength": 800, "equipment": 5},
}


def ring(sides: int) -> str:
    """So many hostile sides in a ring."""
    rows = ["title: Ring", "start: 2031-05-04", "clock: {days: 2}", "sides:"]
    for i in range(sides):
        stances = f", stances: {{s{i - 1}: hostile}}" if i else ""
        rows.append(f"  s{i}: {{name: S{i}, capital: p{i}{stances}}}")
    rows.append("places:")
    rows += [
        f"  p{i}: {{name: P{i}, lat: {40 + i / 20}, lon: 9, control: s{i}, rear_base: true}}" for i in range(sides)
    ]
    rows.append("roads:")
    rows += [f"  - {{between: [p{i}, p{(i + 1) % sides}], km: 20}}" for i in range(sides)]
    rows.append("formations:")
    rows += [f"  f{i}: {{name: F{i}, side: s{i}, kind: light, place: p{i}, strength: 500}}" for i in range(sides)]
    return "\n".join([*rows, "outcomes: [p1.fall_day]"])


def test_as_many_sides_as_there_are_bits_take_part_and_one_more_is_refused(tmp_path):
    assert EVERYBODY == (1 << MOST_SIDES) - 1
    file = tmp_path / "ring.yaml"
    file.write_text(ring(MOST_SIDES), "utf-8")
    results = sim.run(file, replicates=20, results=None, progress=False)
    last = f"s{MOST_SIDES - 1}"
    assert results.manifest["failed"] == 0
    # The last side fights as the others do: its place changes hands in some campaigns, not in none.
    assert results.series[results.series.quantity == f"deaths.{last}"]["mean"].iloc[-1] > 0
    file.write_text(ring(MOST_SIDES + 1), "utf-8")
    with pytest.raises(ScenarioError, match="sides: must have at most 62 of them, but has 63"):
        sim.load(file)


def test_people_are_few_enough_for_sums_and_distributions():
    assert limits.MOST_PEOPLE * 2**32 < 2**63
    assert limits.MOST_PEOPLE < 2.0 ** ((BINS - 1 + FIRST_BIN) // 2**MANTISSA_BITS - 1023)


BIG = {"b1": {"strength": 9.5e8}, "b2": {"strength": 9e8}}
TOO_MANY: dict[str, dict[str, Any]] = {
    "in formations": {"formations": {"r": {"strength": 9e8}, "b1": {"strength": 9e8}, "b2": {"strength": 9e8}}},
    "by a range": {"formations": {"r": {"strength": {"value": 1e8, "range": [8e7, 2e8]}}, **BIG}},
    "by a factor": {
        "formations": {"r": {"strength": 2e8}, "b1": {"strength": 7e8}, "b2": {"strength": 7e8}},
        "uncertainty": {"formations.*.strength": {"uniform": [1, 1.3], "applies": "factor"}},
    },
    "by an event": {
        "formations": {"r": {"strength": 1e8}, **BIG},
        "events": {"e": {"title": "E", "when": {"day": 1}, "effects": [{"scale": "formations.r.strength", "by": 2}]}},
    },
    "by what an event adds": {
        "formations": {"r": {"strength": 1e8}, **BIG},
        "events": {"e": {"title": "E", "when": {"day": 1}, "effects": [{"add": "formations.r.strength", "by": 1e8}]}},
    },
    "of equipment": {"formations": {f"r{i}": {"equipment": 1e6} for i in range(11)}},
}


@pytest.mark.parametrize("said", TOO_MANY.values(), ids=TOO_MANY)
def test_more_than_can_be_counted_is_refused(tiny, said):
    given = {name: TWO.get(name, TWO["b1"]) | change for name, change in said["formations"].items()}
    more = {key: value for key, value in said.items() if key != "formations"}
    with pytest.raises(ScenarioError, match=r"that there may be in all, these are the most; .* can be counted"):
        deploy(tiny.load(TOWNS, ROAD, TWO | given, **more), RULEBOOK)


def test_what_can_just_be_counted_is_accepted(tiny):
    near = {name: TWO[name] | {"strength": 9e8} for name in TWO}
    deploy(tiny.load(TOWNS, ROAD, near, uncertainty={"formations.*.strength": {"uniform": [7e8, 1e9]}}), RULEBOOK)


def test_a_world_that_does_not_fit_into_memory_is_refused(tiny, monkeypatch):
    monkeypatch.setattr(limits, "MOST_CELLS", 100)
    with pytest.raises(ScenarioError, match="2 places, 2 sides and 2 formations need"):
        deploy(tiny.load(TOWNS, ROAD, TWO), RULEBOOK)
    monkeypatch.undo()
    monkeypatch.setattr(limits, "MOST_COUNTS", 100)
    with pytest.raises(ScenarioError, match="80 ticks, 2 places and 2 sides make 324 counts"):
        deploy(tiny.load(TOWNS, ROAD, TWO), RULEBOOK)
    monkeypatch.undo()
    monkeypatch.setattr(limits, "MOST_DISTRIBUTIONS", 100)
    with pytest.raises(ScenarioError, match="21 days, 2 sides and 0 regions make 420 distributions"):
        deploy(tiny.load(TOWNS, ROAD, TWO), RULEBOOK)


def test_an_uncertain_road_takes_as_much_longer_to_march_and_supply(tiny, fight):
    road = {"between": ["a", "b"], "km": {"value": 40, "range": [30, 60]}, "class": "secondary"}
    war = fight(tiny.load(TOWNS, [road], TWO))
    drawn = []
    for replicate in range(60):
        war.begin(5, replicate)
        drawn.append([float(war.world.roads[column][0]) for column in ("km", "march_km", "supply_km")])
    km, march, supply = np.array(drawn).T
    assert 30 <= km.min() < 34 and 52 < km.max() <= 60 and abs(km.mean() - 130 / 3) < 3
    assert march == pytest.approx(km / 0.6, rel=1e-12) and supply == pytest.approx(km / 0.4, rel=1e-12)


@pytest.mark.parametrize(
    "law", [{"uniform": [20, 60]}, {"normal": [40, 5]}, {"uniform": [0.5, 1.5], "applies": "factor"}]
)
def test_no_formation_stands_farther_out_than_the_road_may_be_long(tiny, law):
    posts = TWO | {"r": TWO["r"] | {"toward": "b", "km": 25}}
    with pytest.raises(ScenarioError, match=r"the road to b may be as short as .* km, but km is 25"):
        deploy(tiny.load(TOWNS, ROAD, posts, uncertainty={"roads.a-b.km": law}), RULEBOOK)
    near = TWO | {"r": TWO["r"] | {"toward": "b", "km": 0.05}}
    deploy(tiny.load(TOWNS, ROAD, near, uncertainty={"roads.a-b.km": law}), RULEBOOK)


@pytest.mark.parametrize(
    ("field", "value", "bounds"),
    [
        ("strength", [500, 2e9], "0 to 1,000,000,000"),
        ("morale", [0.5, 1.2], "0 to 1"),
        ("quality", [-0.1, 1], "0 to 2"),
    ],
)
def test_a_range_keeps_to_the_bounds_of_its_value(tiny, field, value, bounds):
    middle = 1000 if field == "strength" else 0.6
    said = TWO | {"r": TWO["r"] | {field: {"value": middle, "range": value}}}
    with pytest.raises(ScenarioError, match=f"has a range from .*, but must be from {bounds}"):
        deploy(tiny.load(TOWNS, ROAD, said), RULEBOOK)


@pytest.mark.parametrize(
    ("path", "value"),
    [("formations.r.supply", 1e5), ("kinds.foot.speed", 0), ("air.w.sorties", 1e4), ("formations.r.strength", 2e9)],
)
def test_an_event_keeps_to_the_bounds_of_the_file(tiny, path, value):
    air = {"w": {"name": "W", "side": "red", "base": "a", "aircraft": 3, "sorties": 1}}
    events = {"e": {"title": "E", "when": {"day": 1}, "effects": [{"set": path, "to": value}]}}
    with pytest.raises(ScenarioError, match="must be at"):
        deploy(tiny.load(TOWNS, ROAD, TWO, air=air, events=events), RULEBOOK)


def test_what_the_program_keeps_for_itself_no_event_may_change(tiny):
    loaded = tiny.load(TOWNS, ROAD, TWO)
    deployment = deploy(loaded, RULEBOOK)
    addresses = Addresses(loaded.scenario, deployment.names, deployment.layout, RULEBOOK)
    may: dict[str, set[str]] = {"formations": set(), "places": set(), "roads": set()}
    for table, section, name in ((UNITS, "formations", "r"), (PLACES, "places", "a")):
        for column in table.columns:
            try:
                addresses.find(f"{section}.{name}.{column.name}", EVENT)
                may[section].add(column.name)
            except UnknownPath:
                pass
    assert may["formations"] == {
        "strength", "morale", "readiness", "supply", "equipment", "quality", "mobile", "home", "officers",
    }  # fmt: skip
    assert may["places"] == {
        "control", "rear_base", "stability", "fortification", "stores", "symbol", "airfield", "prison", "commerce",
    }  # fmt: skip


def changed(tiny, *effects, **options):
    """A war in which an event on the first day has these effects, after it."""
    events = {"e": {"title": "E", "when": {"day": 0}, "effects": list(effects)}}
    war = tiny(TOWNS, ROAD, options.pop("formations", TWO), events=events, **options)
    war.tick()
    return war


def test_people_whom_an_event_gives_or_takes_are_in_the_books(tiny):
    war = changed(tiny, {"add": "formations.r.strength", "by": 250.4}, {"scale": "formations.b1.strength", "by": 0.5})
    assert (war.unit("r")["strength"], war.unit("r")["joined"]) == (1250, 250)
    assert (war.unit("b1")["strength"], war.unit("b1")["joined"]) == (400, -400)


def test_a_formation_that_an_event_leaves_without_people_is_dispersed(tiny):
    war = changed(tiny, {"set": "formations.r.strength", "to": 0})
    unit = war.unit("r")
    assert (unit["status"], unit["strength"], unit["equipment"], unit["joined"]) == (DISPERSED, 0, 0, -1000)
    assert war.place("a")["store_equipment"] == unit["equipment_left"] > 0


def test_a_formation_that_is_gone_stays_gone(tiny):
    nothing = {"set": "formations.r.strength", "to": 0}
    war = changed(
        tiny, nothing, {"set": "formations.r.strength", "to": 500}, {"set": "formations.r.equipment", "to": 9}
    )
    unit = war.unit("r")
    assert (unit["status"], unit["strength"], unit["equipment"], unit["joined"]) == (DISPERSED, 0, 0, -1000)
