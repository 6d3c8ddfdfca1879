"""The engine against its independent twin without chance: tick by tick, formation by formation, both go the same way.

Nobody is hit and nothing happens by a hazard; either nobody ever breaks, or everybody does at the first test. What is
left is deterministic: march, gates, orders, routes, assaults, moving round, supply, news, withdrawal, control, order,
flight, will and events. In distribution the two are compared by test_twin.py.
"""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import sim
from sim.scenario.read import LoadedScenario
from tests.properties.random_worlds import Said, read_world, worlds
from tests.verification.twin.campaign import PlainCampaign

HERE = pathlib.Path(__file__).parent
SCENARIOS = HERE.parents[1] / "scenarios"
WARS = {
    "crossroads": SCENARIOS / "crossroads.yaml",
    "siege": HERE / "siege.yaml",
    "line": HERE / "line.yaml",
    "mosul-2014": SCENARIOS / "mosul-2014.yaml",
    "hama-2024": SCENARIOS / "hama-2024.yaml",
    "afghanistan-2021": SCENARIOS / "afghanistan-2021.yaml",
}
LONG = {"afghanistan-2021"}
"""Left to `make verify`: 304 ticks."""
NO_CHANCE: dict[str, dict[str, float]] = {
    "combat": {"rate": 0, "strike_hits": 0},
    "perception": {"error": 0},
    "morale": {"daily_desertion": 0, "surrender": 1},
    "air": {"flying": 0},
    "politics": {"collapse": -20, "uprising": 0, "disbanding": 0},
    "control": {"occupying": 0},
    "yielding": {"rate": 0, "takeover": 0},
    "civilians": {"per_strike": 0},
}
SAME_FOR_ALL = {name: 0.0 for name in ("morale", "officers", "home", "terrain", "ratio", "backing", "air_support")}
STEADFAST = SAME_FOR_ALL | {"unready": 0, "isolation": 0, "despair": 0, "baseline": -10, "attacker": -8}
BRITTLE = SAME_FOR_ALL | {"baseline": 5, "attacker": 2, "threatened": 2, "besieged": 2}
NERVES = {"nobody breaks": STEADFAST, "everybody breaks": BRITTLE}


def plain(said: Any) -> Any:
    """Values without what they rest on and the ranges that they may take."""
    if isinstance(said, dict):
        if "value" in said and said.keys() <= {"value", "basis", "range"}:
            return plain(said["value"])
        return {key: plain(value) for key, value in said.items() if key not in ("basis", "range")}
    return [plain(value) for value in said] if isinstance(said, list) else said


def without_chance(loaded: LoadedScenario, nerves: str, folder: pathlib.Path) -> LoadedScenario:
    """The scenario in which all that may happen does, at once, and all that is drawn is known."""
    said = plain(yaml.safe_load(loaded.as_yaml()))
    for section in ("uncertainty", "variants", "targets", "outcomes", "sources"):
        said.pop(section, None)
    for event in said.get("events", {}).values():
        event["when"].pop("hazard", None)
        event["probability"] = float(event.get("probability", 1) > 0)
    for column in said.get("reinforcements", {}).values():
        column["probability"] = 1
    rules = said.setdefault("rules", {})
    for rule, values in {**NO_CHANCE, "morale": NO_CHANCE["morale"] | NERVES[nerves]}.items():
        rules[rule] = rules.get(rule, {}) | values
    file = folder / "war.yaml"
    file.write_text(yaml.safe_dump(said, sort_keys=False), encoding="utf-8")
    loaded = sim.load(file)
    # Kinds of formation have ranges of their own.
    return sim.load(file, set={path: (low + high) / 2 for path, (low, high) in loaded.ranges.items()})


OF_FORMATIONS = (
    "strength",
    "equipment",
    "morale",
    "readiness",
    "supply",
    "pause",
    "captured",
    "deserted",
    "joined",
    "scattered",
)


def of_twin(war: PlainCampaign) -> dict[str, Any]:
    """Where everybody stands in the twin."""
    found: dict[str, Any] = {}
    for name, unit in war.formations.items():
        on_road = unit.road is not None
        found[f"{name}.is"] = (unit.status.value, unit.task.value, unit.place.id, unit.here.id, unit.assaults)
        found[f"{name}.km_left"] = unit.km_left if on_road else 0.0
        for what in OF_FORMATIONS:
            found[f"{name}.{what}"] = float(getattr(unit, what))
    for name, place in war.places.items():
        found[f"{name}.is"] = (place.control.id, place.invested_on)
        for what in ("stability", "stores", "store_equipment", "displaced", "sheltered", "prison", "repulses"):
            found[f"{name}.{what}"] = float(getattr(place, what))
        found |= {f"{name}.garrison_{fate}": float(people) for fate, people in place.garrison.items()}
    for name, side in war.sides.items():
        found |= {f"{name}.{what}": float(getattr(side, what)) for what in ("will", "legitimacy", "hardship")}
    return found


def of_engine(war: sim.Campaign) -> dict[str, Any]:
    """Where everybody stands in the engine."""
    found: dict[str, Any] = {}
    for name, unit in war.formations.items():
        here = unit.place if unit.road is None else unit.heading
        found[f"{name}.is"] = (unit.status, unit.task, unit.place, here, bool(unit.assault))
        found[f"{name}.km_left"] = 0.0 if unit.road is None else unit.km_left
        for what in OF_FORMATIONS:
            found[f"{name}.{what}"] = getattr(unit, what)
    for name, place in war.places.items():
        found[f"{name}.is"] = (place.control, place.invested_on)
        for what in ("stability", "stores", "store_equipment", "displaced", "sheltered", "prison", "repulses"):
            found[f"{name}.{what}"] = getattr(place, what)
        for fate in ("left", "deserted", "surrendered", "died"):
            found[f"{name}.garrison_{fate}"] = getattr(place, f"garrison_{fate}")
    for name, side in war.sides.items():
        found |= {f"{name}.{what}": getattr(side, what) for what in ("will", "legitimacy", "hardship")}
    return found


def fight_both(loaded: LoadedScenario) -> PlainCampaign:
    """Both fight the campaign, and after each tick everybody is where, and as, the other has him."""
    ours, theirs = PlainCampaign(loaded), sim.Campaign(loaded, seed=1)
    for tick in range(ours.ticks):
        ours.step()
        theirs.step()
        found, wanted = of_twin(ours), of_engine(theirs)
        assert found.keys() == wanted.keys()
        for name, value in wanted.items():
            same = found[name] == (pytest.approx(value, rel=1e-7, abs=1e-7) if isinstance(value, float) else value)
            assert same, f"tick {tick}: {name} is {found[name]} in the twin, {value} in the engine"
    return ours


@pytest.mark.parametrize("nerves", NERVES)
@pytest.mark.parametrize("war", [pytest.param(war, marks=pytest.mark.verify if war in LONG else ()) for war in WARS])
def test_without_chance_both_go_the_same_way(war: str, nerves: str, tmp_path: pathlib.Path) -> None:
    fought = fight_both(without_chance(sim.load(WARS[war]), nerves, tmp_path))
    # Something has happened: places fell where everybody breaks, and formations came to the gates where nobody does.
    if nerves == "everybody breaks":
        assert any(place.fell is not None for place in fought.places.values())
    else:
        assert any(unit.is_at_gate for unit in fought.formations.values())


@settings(
    max_examples=20,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(said=worlds(ticks=30, rules=False), nerves=st.sampled_from(sorted(NERVES)))
def test_so_they_do_in_random_wars(said: Said, nerves: str, tmp_path: pathlib.Path) -> None:
    fight_both(without_chance(read_world(said), nerves, tmp_path))
