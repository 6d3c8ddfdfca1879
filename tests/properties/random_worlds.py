"""Random small wars, as a scenario file might say them: what holds in all of them is a property of the engine.

Sides, stances, a connected network of roads, formations in places and out on posts, depots, prisons, airfields, air
wings, sponsors, reinforcements, events, uncertainty, and rule parameters anywhere inside their declared bounds.
"""

from __future__ import annotations

import datetime
import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from sim.engine.load import load
from sim.rules.rulebook import RULEBOOK
from sim.scenario.read import LoadedScenario

Said = dict[str, Any]
START = datetime.datetime(2031, 5, 4)
KINDS = ("mechanised", "light", "militia", "garrison", "elite", "special")
CLASSES = ("motorway", "primary", "secondary", "track")
TERRAINS = ("open", "town", "urban", "mountain")
RULES = {
    f"{rule}.{name}": declared
    for rule, parameters in RULEBOOK.items()
    if rule != "doctrine"
    for name, declared in parameters.declared().items()
}
DOCTRINE = RULEBOOK["doctrine"].declared()


def shares(low: float = 0.0, high: float = 1.0) -> st.SearchStrategy[float]:
    """A number of a few digits, so that a failing world reads well."""
    return st.integers(0, 20).map(lambda n: round(low + (high - low) * n / 20, 4))


def chosen(*options: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(options)


def read_world(said: Said) -> LoadedScenario:
    """The world through the scenario reader, as a user's file would come."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "world.yaml"
        file.write_text(json.dumps(said), encoding="utf-8")
        return load(file)


@st.composite
def worlds(draw: Any, ticks: int = 40, rules: bool = True, happenings: bool = True) -> Said:
    """One small war. `rules`: parameters away from their defaults; `happenings`: events, air and reinforcements."""
    tick_hours = draw(chosen(6, 12, 3, 1))
    days = tick_hours * ticks / 24
    sides = [f"s{i}" for i in range(draw(st.integers(2, 4)))]
    places = [f"p{i}" for i in range(draw(st.integers(3, 10)))]
    roads = draw(networks(places))
    said: Said = {
        "title": "Random",
        "start": START.isoformat(timespec="minutes"),
        "clock": {"tick_hours": tick_hours, "days": days, "decision_hours": tick_hours * draw(chosen(1, 2, 4))},
        "sides": {side: draw(side_of(side, sides, places)) for side in sides},
        "places": {name: draw(place_of(i, name, sides)) for i, name in enumerate(places)},
        "roads": roads,
    }
    first_stance = said["sides"]["s0"]["stances"]
    first_stance["s1"] = "hostile"
    count = draw(st.integers(max(4, len(sides)), 14))
    said["formations"] = {
        f"f{i}": draw(formation_of(f"f{i}", sides[i] if i < len(sides) else draw(st.sampled_from(sides)), said))
        for i in range(count)
    }
    if happenings:
        said |= draw(happenings_of(said, days))
    if draw(st.booleans()):
        said["commands"] = draw(commands_of(said))
    if rules:
        said["rules"] = draw(parameters_of())
    return said


@st.composite
def networks(draw: Any, places: list[str]) -> list[Said]:
    """Roads that join every place to an earlier one, and some more."""
    pairs = {(places[draw(st.integers(0, i - 1))], places[i]) for i in range(1, len(places))}
    for _ in range(draw(st.integers(0, len(places) // 2))):
        a, b = draw(st.integers(0, len(places) - 1)), draw(st.integers(0, len(places) - 1))
        if a != b:
            pairs.add((places[min(a, b)], places[max(a, b)]))
    return [
        {"between": list(pair), "km": draw(chosen(20, 5, 12.5, 35, 60)), "class": draw(st.sampled_from(CLASSES))}
        for pair in sorted(pairs)
    ]


@st.composite
def side_of(draw: Any, side: str, sides: list[str], places: list[str]) -> Said:
    later = sides[sides.index(side) + 1 :]
    said = {
        "name": side,
        "posture": "active" if side in sides[:2] else draw(chosen("active", "passive", "opportunist", "dormant")),
        "stances": {other: draw(chosen("hostile", "neutral", "allied")) for other in later},
        "communities": {"hill": draw(shares(-1, 1)), "shore": draw(shares(-1, 1))},
        "will": draw(shares()),
        "pay": draw(shares(0, 2)),
        "serviceable": draw(shares()),
        "doctrine": {},
    }
    if draw(st.booleans()):
        said["capital"] = draw(st.sampled_from(places))
    for name in draw(st.lists(st.sampled_from(sorted(DOCTRINE)), max_size=3, unique=True)):
        said["doctrine"][name] = draw(shares(DOCTRINE[name].low, DOCTRINE[name].high))
    return said


@st.composite
def place_of(draw: Any, number: int, name: str, sides: list[str]) -> Said:
    said = {
        "name": name,
        "lat": 10.0,
        "lon": 10.0 + 0.1 * number,
        "population": draw(chosen(0, 700, 30_000, 600_000)),
        "terrain": draw(st.sampled_from(TERRAINS)),
        "control": sides[number] if number < len(sides) else draw(st.sampled_from(sides)),
        "communities": draw(chosen({"hill": 0, "shore": 0}, {"hill": 0.7, "shore": 0.3}, {"hill": 0, "shore": 1})),
        "symbol": draw(shares()),
        "fortification": draw(shares()),
        "rear_base": number < len(sides) or draw(st.integers(0, 4)) == 0,
        "prison": draw(chosen(0, 0, 3000)),
        "airfield": draw(st.booleans()),
    }
    if draw(st.booleans()):
        said["depot"] = {"stock": draw(shares(0, 1.5)), "equipment": draw(chosen(0, 15))}
    return said


@st.composite
def formation_of(draw: Any, name: str, side: str, said: Said) -> Said:
    places = said["places"]
    # Most stand on their own side's ground, some anywhere.
    own = [place for place, its in places.items() if its["control"] == side]
    unit = {
        "name": name,
        "side": side,
        "kind": draw(st.sampled_from(KINDS)),
        "place": draw(st.sampled_from(own if own and draw(st.integers(0, 5)) else list(places))),
        "strength": draw(chosen(800, 2500, 300, 1, 37)),
        "equipment": draw(chosen(0, 3, 40)),
        "manning": draw(shares(0.2, 1)),
        "quality": draw(shares(0.2, 2)),
        "morale": draw(shares()),
        "readiness": draw(shares()),
        "supply": draw(shares(0, 8)),
        "officers": draw(shares()),
        "mobile": draw(chosen(True, True, False)),
        "posture": draw(chosen("active", "active", "active", "active", "passive", "dormant")),
    }
    if draw(st.integers(0, 3)) == 0:
        road = draw(st.sampled_from(said["roads"]))
        unit["place"], unit["toward"] = road["between"]
        unit["km"] = round(road["km"] * draw(shares()), 3)
    if draw(st.booleans()):
        unit["home"] = draw(st.sampled_from(list(places)))
    return unit


@st.composite
def commands_of(draw: Any, said: Said) -> Said:
    """One to three commands of each of some sides, with areas that may overlap, and leave places out."""
    commands: Said = {}
    for side in said["sides"]:
        own = [name for name, unit in said["formations"].items() if unit["side"] == side]
        for i in range(draw(st.integers(0, 3))):
            command = {
                "name": f"{side} {i}",
                "side": side,
                "area": draw(st.lists(st.sampled_from(list(said["places"])), max_size=4, unique=True)),
                "formations": [own.pop()] if own and draw(st.booleans()) else [],
                "spare": draw(shares()),
            }
            commands[f"c_{side}_{i}"] = command | {"aims": {draw(st.sampled_from(list(said["places"]))): 2}}
    return commands


@st.composite
def happenings_of(draw: Any, said: Said, days: float) -> Said:
    """Reinforcements, sponsors, aircraft, events and what is not known of the start."""
    sides, places, units = list(said["sides"]), list(said["places"]), said["formations"]
    more: Said = {"reinforcements": {}, "air": {}, "sponsors": {}, "events": {}, "uncertainty": {}}
    for i in range(draw(st.integers(0, 2))):
        side = draw(st.sampled_from(sides))
        own = [name for name, unit in units.items() if unit["side"] == side]
        more["reinforcements"][f"r{i}"] = {
            "name": f"r{i}",
            "side": side,
            "kind": draw(st.sampled_from(KINDS)),
            "date": (START + datetime.timedelta(hours=24 * days * draw(shares(0, 0.7)))).isoformat(timespec="seconds"),
            "origin": draw(st.sampled_from(places)),
            "place": draw(st.sampled_from(places)),
            "draws_from": own[:2] if draw(st.booleans()) else [],
            "strength": draw(chosen(400, 1, 1501)),
            "equipment": draw(chosen(0, 11)),
            "probability": draw(chosen(1.0, 0.5)),
        }
    if draw(st.booleans()):
        backed = draw(st.sampled_from(sides))
        more["sponsors"]["patron"] = {
            "name": "Patron",
            "backs": {backed: draw(shares())},
            "distraction": draw(shares()),
        }
    for i in range(draw(st.integers(0, 2))):
        more["air"][f"a{i}"] = {
            "name": f"a{i}",
            "side": draw(st.sampled_from(sides)),
            "base": draw(st.sampled_from(places)),
            "aircraft": draw(chosen(6, 40)),
            "sorties": draw(chosen(1.5, 4)),
        }
        if more["sponsors"] and draw(st.booleans()):
            more["air"][f"a{i}"] |= {"sponsor": "patron", "side": backed}
    for i in range(draw(st.integers(0, 4))):
        more["events"][f"e{i}"] = draw(event_of(sides, places, list(units), days))
    for path in draw(st.lists(st.sampled_from(sorted(UNCERTAIN)), max_size=2, unique=True)):
        more["uncertainty"][path] = UNCERTAIN[path]
    return {section: values for section, values in more.items() if values}


UNCERTAIN: dict[str, Said] = {
    "formations.f0.strength": {"lognormal": [500, 0.8]},
    "formations[side=s0].manning": {"uniform": [0.5, 1.5], "applies": "factor"},
    "formations.*.morale": {"triangular": [-0.3, 0, 0.3], "applies": "offset", "common": False},
    "sides.s1.will": {"normal": [0.5, 0.4]},
    "rules.combat.rate": {"uniform": [0, 0.1]},
}


@st.composite
def event_of(draw: Any, sides: list[str], places: list[str], units: list[str], days: float) -> Said:
    """Something that happens. Events that make people or ground from nothing are left out: they break what is kept."""
    when: Said = {"day": round(days * draw(shares(0, 0.8)), 4)}
    if draw(st.booleans()):
        when["hazard"] = draw(shares(0, 2))
    if draw(st.booleans()):
        when["if"] = [{"path": f"places.{draw(st.sampled_from(places))}.control", "not": draw(st.sampled_from(sides))}]
    unit, side = draw(st.sampled_from(units)), draw(st.sampled_from(sides))
    effect = draw(
        chosen(
            {"add": f"formations.{unit}.morale", "by": -0.4},
            {"scale": f"sides.{side}.pay", "by": 1.5},
            {"set": f"sides.{side}.will", "to": 0.05},
            {"activate": f"formations[side={side}]"},
            {"withdraw": f"formations.{unit}"},
            {"stance": sides[:2], "to": "neutral"},
            {"stance": sides[-2:], "to": "hostile"},
            {"ceasefire": round(days / 5, 4)},
        )
    )
    return {"title": "Something", "when": when, "probability": draw(chosen(1.0, 0.5)), "effects": [effect]}


@st.composite
def parameters_of(draw: Any) -> dict[str, dict[str, float]]:
    """Some rule parameters, anywhere inside their bounds; fast, bloody wars more often than the defaults give."""
    rules: dict[str, dict[str, float]] = {"combat": {"rate": draw(chosen(0.008, 0.03, 0.3))}}
    for path in draw(st.lists(st.sampled_from(sorted(RULES)), max_size=6, unique=True)):
        rule, name = path.split(".")
        rules.setdefault(rule, {})[name] = draw(shares(RULES[path].low, RULES[path].high))
    return rules
