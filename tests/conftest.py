"""Tiny worlds for hand-worked numbers: a few places, roads and formations, fought tick by tick by the engine."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.engine.entry import make_ready, start, step
from sim.engine.load import load
from sim.rules.rulebook import RULEBOOK
from sim.scenario.read import LoadedScenario
from sim.world.deploy import Deployment, deploy

CROSSROADS = Path(__file__).parent.parent / "scenarios" / "crossroads.yaml"
FULL_POWER: dict[str, float] = {"morale_floor": 1, "readiness_floor": 1, "supply_floor": 1}
NO_NERVES: dict[str, float] = {
    "baseline": -10,
    **dict.fromkeys(["ratio", "encirclement", "losses", "contagion", "neighbours", "unready", "morale"], 0),
    **dict.fromkeys(["air_support", "officers", "home", "terrain", "isolation"], 0),
    **dict.fromkeys(["besieged", "threatened", "attacker", "recovery", "wear", "pay"], 0),
    **dict.fromkeys(["backing", "despair", "daily_desertion"], 0),
}
QUIET: dict[str, dict[str, float]] = {
    # Power is people; nobody breaks, deserts, rises, collapses, bleeds or errs; columns make 10 km/h, 12 hours a day.
    "forces": FULL_POWER,
    "morale": NO_NERVES,
    "combat": {"rate": 0, "return_rate": 0, "strike_hits": 0},
    "politics": {"collapse": -20, "brittleness": 0, "recovery": 0, "uprising": 0, "hub_lost": 0, "standing_lost": 0},
    "perception": {"error": 0},
    "movement": {"march_hours": 12, "advance_share": 1},
}
BY_HAND = 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Compile the rules before the tests are shared out: otherwise each process would compile them."""
    deployment = deploy(load(CROSSROADS), RULEBOOK)
    cells, world = deployment.new_world()
    make_ready(world, deployment.atlas, cells)


class Campaign:
    """One campaign in a small world; rows are written through, and all sides obey the test, not a doctrine."""

    def __init__(self, loaded: LoadedScenario, seed: int = 1, replicate: int = 0, by_hand: bool = True) -> None:
        self.deployment: Deployment = deploy(loaded, RULEBOOK)
        self.names = self.deployment.names
        self.by_hand = by_hand
        self.begin(seed, replicate)

    def begin(self, seed: int, replicate: int) -> Campaign:
        """Start from the deployment again."""
        self.cells, self.world = self.deployment.new_world()
        start(self.world, self.deployment.atlas, self.cells, seed, replicate)
        if self.by_hand:
            self.world.sides["commander"] = BY_HAND
        return self

    def tick(self, count: int = 1) -> None:
        for _ in range(count):
            step(self.world, self.deployment.atlas, self.cells, self.cells.view(np.int64))

    def unit(self, name: str) -> Any:
        return self.world.units[self.names.units[name]]

    def place(self, name: str) -> Any:
        return self.world.places[self.names.places[name]]

    def side(self, name: str) -> Any:
        return self.world.sides[self.names.sides[name]]

    def view(self, side: str, place: str) -> Any:
        return self.world.side_view[self.names.sides[side], self.names.places[place]]

    def put(self, name: str, back: str, ahead: str, km_left: float, **orders: Any) -> Any:
        """A formation is put on a road from one place to another, under orders if any are given."""
        unit = self.unit(name)
        road = f"{back}-{ahead}" if f"{back}-{ahead}" in self.names.roads else f"{ahead}-{back}"
        places = self.names.places
        unit["place"], unit["road"], unit["heading"] = places[back], self.names.roads[road], places[ahead]
        unit["km_left"] = km_left
        for column, value in orders.items():
            unit[column] = places[value] if column == "target" else value
        return unit

    def place_of(self, name: str) -> str:
        return list(self.names.places)[self.unit(name)["place"]]


def merged(*rules: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Rule parameters, the later before the earlier."""
    whole: dict[str, dict[str, Any]] = {}
    for part in rules:
        for rule, values in part.items():
            whole[rule] = whole.get(rule, {}) | values
    return whole


@pytest.fixture
def tiny(tmp_path: Path) -> Callable[..., Any]:
    """A tiny world of two hostile sides, red and blue; a side without formations stays away.

    `places`: name: {control, ...}; `roads`: (from, to, km) or as written;
    `formations`: name: {side, place, strength, ...}.
    """

    def load_tiny(places, roads, formations, rules=None, clock=None, sides=None, **more):
        fielded = {unit["side"] for unit in formations.values()}
        for side in {"red", "blue"} - fielded:
            nobody = {"side": side, "place": next(iter(places)), "strength": 1, "posture": "dormant"}
            formations = formations | {f"{side}_absent": nobody}
        said = {
            "title": "Tiny",
            "start": "2030-01-01T00:00",
            "clock": {"tick_hours": 6, "days": 20, "decision_hours": 6} | (clock or {}),
            "sides": {
                "red": {"name": "Red", "stances": {"blue": "hostile"}, "serviceable": 1.0},
                "blue": {"name": "Blue", "serviceable": 1.0},
            }
            | (sides or {}),
            "kinds": {"foot": {"speed": 10, "equipment_weight": 8, "cohesion": 0}},
            "places": {
                name: {"name": name, "lat": 10.0, "lon": 10.0 + 0.1 * i, "terrain": "open"} | place
                for i, (name, place) in enumerate(places.items())
            },
            "roads": [
                road
                if isinstance(road, dict)
                else {"between": road[:2], "km": road[2], "class": (*road, "motorway")[3]}
                for road in roads
            ],
            "formations": {name: {"name": name, "kind": "foot"} | unit for name, unit in formations.items()},
            "rules": merged(QUIET, rules or {}),
        }
        file = tmp_path / "tiny.yaml"
        file.write_text(json.dumps(said | more), encoding="utf-8")
        return load(file)

    def build(*args, seed=1, by_hand=True, **kwargs):
        return Campaign(load_tiny(*args, **kwargs), seed, 0, by_hand)

    build.load = load_tiny  # type: ignore[attr-defined]
    return build


@pytest.fixture
def fight() -> Callable[..., Campaign]:
    """A campaign of a loaded scenario, by its own commanders."""
    return lambda loaded, seed=1, replicate=0: Campaign(loaded, seed, replicate, by_hand=False)


@pytest.fixture
def start_process() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a process as `subprocess.Popen` does, in text; it ends with the test, however the test ends."""
    started: list[subprocess.Popen[str]] = []

    def begin(command: list[str], **said: Any) -> subprocess.Popen[str]:
        started.append(subprocess.Popen(command, text=True, **said))
        return started[-1]

    yield begin
    for process in started:
        with process:
            process.kill()


@pytest.fixture(scope="session")
def crossroads_file() -> Path:
    return CROSSROADS


@pytest.fixture(scope="session")
def crossroads(crossroads_file: Path) -> LoadedScenario:
    return load(crossroads_file)


@pytest.fixture(scope="session")
def deployed(crossroads: LoadedScenario) -> Deployment:
    """A small scenario, deployed once for all tests of ensembles."""
    return deploy(crossroads, RULEBOOK)


@pytest.fixture(scope="session")
def defaults() -> Callable[[str], SimpleNamespace]:
    """The default parameters of one rule, read as `p.name`."""
    return lambda rule: SimpleNamespace(**{n: d.default for n, d in RULEBOOK[rule].declared().items()})


@pytest.fixture(scope="session")
def plain() -> Callable[[Any], Any]:
    """The Python function behind a compiled formula, which takes any record of parameters."""
    return lambda formula: getattr(formula, "py_func", formula)
