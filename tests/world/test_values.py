"""Numbers set in a deployment are those of a fresh deployment with `--set`, for every number of every scenario."""

from __future__ import annotations

import pathlib
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.load import load
from sim.rules.rulebook import RULEBOOK
from sim.scenario.errors import ScenarioError
from sim.scenario.leaves import Leaf, leaf_at
from sim.scenario.paths import dotted
from sim.scenario.read import LoadedScenario
from sim.scenario.yaml_reader import leaves
from sim.world.deploy import Deployment, deploy
from sim.world.values import NETWORK, TABLES, image_of

SCENARIOS = sorted((pathlib.Path(__file__).parents[2] / "scenarios").glob("*.yaml"))
SMALL = next(file for file in SCENARIOS if file.stem == "crossroads")
CLAIM_NOTHING = ("variants", "targets", "outcomes", "sources")


def numbers_of(loaded: LoadedScenario) -> dict[str, Leaf]:
    """Every number of a scenario, the parameters of rules and doctrine too, by its path."""
    data = loaded.document
    paths = [path for path, _ in leaves(data)]
    paths += [(*path, i) for path, value in leaves(data) if isinstance(value, list) for i in range(len(value))]
    paths += [
        ("doctrine", name) if rule == "doctrine" else ("rules", rule, name)
        for rule, parameters in RULEBOOK.items()
        for name in parameters.declared()
    ]
    found = {dotted(p, data): leaf_at(p, data, RULEBOOK) for p in dict.fromkeys(paths) if p[0] not in CLAIM_NOTHING}
    return {path: leaf for path, leaf in found.items() if leaf is not None and leaf.value is not None}


def another(leaf: Leaf, u: float) -> float:
    """A number of the leaf, by a share u: inside its bounds and of the size of its value, at times a bound."""
    near = 2 * max(1.0, abs(leaf.value or 0.0))
    low, high = max(leaf.low, (leaf.value or 0.0) - near), min(leaf.high, (leaf.value or 0.0) + near)
    if not leaf.is_open and (u < 0.15 or u > 0.85):
        return low if u < 0.15 else high
    return low + (high - low) * (0.05 + 0.9 * u)


def assert_same(one: Deployment, other: Deployment) -> None:
    assert one.ticks == other.ticks
    assert np.array_equal(image_of(one).view(np.int64), image_of(other).view(np.int64))
    for name in (*NETWORK, *TABLES):
        assert getattr(one.atlas, name).tobytes() == getattr(other.atlas, name).tobytes(), name


def needs_deployment(path: str) -> bool:
    """Numbers that do more than fill cells: they shape the network or the clock, are added up, or must be in order."""
    section, *_, field = path.split(".")
    return (
        section in ("clock", "roads", "road_classes", "uncertainty")
        or ".communities." in path
        or (section == "formations" and field == "km")
        or (section == "events" and field == "delay")
    )


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.stem)
@pytest.mark.parametrize("most", [200, pytest.param(10_000, marks=pytest.mark.verify)])
def test_every_number_of_a_scenario(file: pathlib.Path, most: int) -> None:
    """So many of them, chosen by chance, where a scenario has more."""
    base = deploy(load(file), RULEBOOK)
    known = numbers_of(base.loaded)
    paths = [path for path in known if not needs_deployment(path)]
    assert len(paths) > 0.7 * len(known)
    rng = np.random.default_rng(5)
    paths = sorted(rng.choice(paths, min(most, len(paths)), replace=False).tolist(), key=paths.index)
    assert base.setter(paths).redeployed == ()
    values = {path: another(known[path], rng.random()) for path in paths}
    assert_same(base.with_values(values), deploy(load(file, set=values), RULEBOOK))
    others = [path for path in known if needs_deployment(path) and path.split(".")[0] not in ("clock", "uncertainty")]
    for path in rng.choice(others, min(4, len(others)), replace=False).tolist():
        values = {path: (known[path].value or 0) * (1 - 1e-3), paths[0]: known[paths[0]].value or 0.0}
        assert_same(base.with_values(values), deploy(load(file, set=values), RULEBOOK))


OPERATIONS = [
    "formations[side=highlands].strength *", "formations.*.morale +", "formations[side=lowlands].manning *",
    "formations.l_posts.manning", "places.*.depot.stock *", "sides.*.will +", "rules.morale.contagion *",
    "doctrine.mass", "sides.lowlands.doctrine.mass", "kinds.light.speed *", "terrains.*.defence +",
    "events.scandal.when.hazard *", "events.scandal.effects.0.by +", "air.*.aircraft *", "rules.combat.rate",
]  # fmt: skip


OVERLAPPING = [{"formations.l_posts.manning", "formations[side=lowlands].manning *"}]
"""Paths to the same value: together they do more than fill cells."""


@given(st.lists(st.sampled_from(OPERATIONS), min_size=1, max_size=5, unique=True), st.data())
@settings(max_examples=25, deadline=None)
def test_operations_and_pins_together(paths: list[str], data: st.DataObject) -> None:
    base = CROSSROADS
    numbers = {"*": st.floats(0.0, 3.0), "+": st.floats(-1.0, 1.0)}
    values = {path: data.draw(numbers.get(path[-1], st.floats(0.05, 1.0)), label=path) for path in paths}
    if base.setter(paths).redeployed:
        assert any(pair <= set(paths) for pair in OVERLAPPING)
    try:
        fresh = deploy(load(SMALL, set=values), RULEBOOK)
    except ScenarioError as error:
        with pytest.raises(ScenarioError) as refused:
            base.with_values(values)
        assert str(refused.value) == str(error)
        return
    assert_same(base.with_values(values), fresh)


CROSSROADS = deploy(load(SMALL), RULEBOOK)


def test_it_says_which_paths_need_a_new_deployment() -> None:
    setter = CROSSROADS.setter(["clock.days", "sides.lowlands.pay", "roads.arnfell-stonegate.km", "rules.combat.rate"])
    assert setter.redeployed == ("clock.days", "roads.arnfell-stonegate.km")
    assert setter.deployment([5, 0.5, 40, 0.05]).ticks == 20


def test_factors_and_offsets_are_set_in_place() -> None:
    setter = CROSSROADS.setter(["formations.*.morale *", "sides.lowlands.will +"])
    assert setter.can_set([0.5, 0.1])
    assert not setter.can_set([np.inf, 0.1]) and not setter.can_set([0.5, np.nan])


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"sides.lowlands.wil": 0.5}, "did you mean sides.lowlands.will?"),
        ({"sides.lowlands.will": 1.5}, "sides.lowlands.will: must be at most 1, but is 1.5"),
        ({"sides.lowlands.will": float("nan")}, "must be a finite number"),
        ({"formations.*.morale *": float("inf")}, "should be a factor, but is .inf"),
        ({"formations[side=lowland].morale *": 2.0}, "did you mean formations[side=lowlands].morale?"),
        ({"kinds.light.speed": 0.0}, "must be at least 0.1"),
    ],
)
def test_what_cannot_be_set_is_one_message(values: dict[str, float], said: str) -> None:
    with pytest.raises(ScenarioError) as error:
        CROSSROADS.with_values(values)
    assert said in str(error.value)


def test_the_deployment_knows_its_values_and_travels() -> None:
    lower = CROSSROADS.with_values({"sides.lowlands.will": 0.25, "formations.*.morale *": 0.5})
    assert lower.scenario.sides["lowlands"].will == 0.25
    assert lower.scenario.formations["h_1"].morale == 0.375
    assert CROSSROADS.scenario.sides["lowlands"].will == 0.6
    assert_same(pickle.loads(pickle.dumps(lower)), lower)
    twice = lower.with_values({"formations.*.morale *": 0.5})
    assert twice.scenario.formations["h_1"].morale == 0.75 * 0.5
