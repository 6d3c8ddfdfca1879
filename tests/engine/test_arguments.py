"""Arguments of public functions are read as what was meant, or refused by their name."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim.engine.arguments import texts, whole_number
from sim.session.ppo import Policy
from sim.study.design import make_design

IN_MEMORY: dict[str, Any] = {"replicates": 4, "results": None, "progress": False}


@pytest.mark.parametrize("value", [100, np.int64(100), np.uint8(100), 1e2, np.float64(100), np.array(100)])
def test_whole_numbers_of_all_kinds_are_plain_ones(value: Any) -> None:
    number = whole_number("replicates", value, 1, 1000)
    assert (number, type(number)) == (100, int)


@pytest.mark.parametrize(
    ("value", "kind", "said"),
    [
        (None, TypeError, "but is None"),
        ("100", TypeError, "but is the text '100'"),
        (True, TypeError, "but is true"),
        (1.5, TypeError, "but is 1.5"),
        (float("nan"), TypeError, "but is .nan"),
        ([1], TypeError, "but is a list"),
        (0, ValueError, "but is 0"),
        (2**70, ValueError, "but is 1,180,591,620,717,411,303,424"),
    ],
)
def test_what_is_no_whole_number_is_refused_by_name(value: Any, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind) as caught:
        whole_number("seed", value, 1, 1000)
    assert str(caught.value) == f"seed should be a whole number from 1 to 1,000, {said}"


def test_one_text_is_a_list_of_one() -> None:
    assert texts("outcomes", "deaths.total") == ["deaths.total"]
    assert texts("outcomes", iter(["a", "b"])) == ["a", "b"]
    with pytest.raises(TypeError, match="outcomes should be a list of texts, but holds 3"):
        texts("outcomes", [3])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="outcomes should be a list of texts, but holds 3"):
        texts("outcomes", 3)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["seed", "replicates", "jobs", "block", "situations"])
def test_a_run_names_the_argument_that_is_wrong(name: str, crossroads_file: Path) -> None:
    for value in ("1", 1.5, -1, 2**80):
        with pytest.raises((TypeError, ValueError, sim.ScenarioError), match=name):
            sim.run(crossroads_file, **{**IN_MEMORY, name: value})


@pytest.mark.parametrize(("name", "value"), [("seed", "1"), ("seed", -1), ("seed", 2**63), ("replicate", -1)])
def test_a_campaign_names_the_argument_that_is_wrong(name: str, value: Any, crossroads_file: Path) -> None:
    with pytest.raises((TypeError, ValueError), match=name):
        sim.Campaign(crossroads_file, **{name: value})


def test_settings_must_be_a_dict_and_a_variant_one_name(crossroads_file: Path) -> None:
    with pytest.raises(TypeError, match="set should be a dict like"):
        sim.load(crossroads_file, set="clock.days=4")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="variant should be the name of one variant, but is a list"):
        sim.load(crossroads_file, variant=["no_wing"])  # type: ignore[arg-type]
    loaded = sim.load(crossroads_file, set={"formations.h_1.strength": np.int64(900)})
    assert type(loaded.overrides["formations.h_1.strength"]) is int


def test_outcomes_as_one_text_mean_one_outcome(crossroads_file: Path) -> None:
    results = sim.run(crossroads_file, outcomes="deaths.civilian@day4", **IN_MEMORY)
    assert "deaths.civilian@day4" in results.runs


@pytest.mark.parametrize("value", [None, 3, b"x", ["a"]])
def test_what_is_no_path_is_refused_by_all_that_opens_or_writes_files(value: Any) -> None:
    for use in (sim.load, sim.Results.open, sim.Study.open, sim.Campaign.load, Policy.load):
        with pytest.raises(TypeError, match="should be a text or a Path, but is"):
            use(value)
    with pytest.raises(sim.ScenarioError, match="no file can have"):
        sim.load("\ud800.yaml")


@pytest.fixture(scope="module")
def known(crossroads_file: Path) -> dict[str, Any]:
    results = sim.run(crossroads_file, **IN_MEMORY)
    return {"C": crossroads_file, "r": results, "c": sim.Campaign(crossroads_file), "sim": sim, "nan": math.nan}


MISTAKES = {
    "sim.run(C, until=3)": "like PLACE.fall_day",
    "sim.run(C, executor=3)": "executor should be an address",
    "sim.run(C, commander='x')": "commander should be a dict like",
    "sim.run(C, situations='x')": "situations should be a whole number, but",
    "r.given(None)": "holds None",
    "r.discover(3)": "a condition is a text",
    "r.plot.control_map(day='x')": "days should be numbers",
    "r.plot.control_map(region=(1, 2, 3))": "west, south, east, north",
    "r.plot.fall_times(3)": "no place is called 3",
    "r.replay('x')": "k should be a whole number",
    "r.report(3)": "other should be the results of a run",
    "r.report().save('x.docx')": "should end in .html",
    "sim.compare(r, 3)": "one is 3",
    "sim.compare(C, variants=3)": "variants should be a list of texts",
    "sim.sweep(C, 3)": "vary should be a dict like",
    "sim.sweep(C, {3: (1, 2)})": "has the key 3",
    "sim.sweep(C, {'sides.highlands.will': (0.1, 0.2)}, points='x')": "points should be a whole number",
    "sim.Campaign(3)": "a scenario is a file",
    "c.run_until('x')": "day should be a number, but is the text 'x'",
    "c.rewound(nan)": "day should be a number, but is .nan",
    "c.branch(4, days=nan)": "days should be a number",
    "c.options(3)": "no formation, air wing, staff or event '3'",
    "c.give(3)": "orders are a list",
    "c.why(3)": "there is no event 3: nothing has happened yet",
    "c.why(3.5)": "an event",
    "sim.batched(3)": "a commander is a function",
    "sim.environment(C, 'highlands', campaigns=2, jobs=0)": "jobs should be",
    "sim.environment(C, 'highlands', campaigns=2, reward=3)": "reward should be a function",
    "sim.environment(C, 'highlands', campaigns=2, arrays={'x': 3})": "arrays has no 'x'",
    "sim.environment(C, 'highlands', campaigns=2, arrays={'masks': 3})": "should be an array",
}


@pytest.mark.parametrize("call", MISTAKES)
def test_a_wrong_argument_is_one_clear_message(call: str, known: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError, IndexError, sim.ScenarioError)) as caught:
        eval(call, known)
    assert MISTAKES[call] in str(caught.value)


def test_numbers_of_numpy_are_points_of_a_design() -> None:
    vary = {"a.b": (0.0, 1.0)}
    assert len(make_design(vary, points=np.int64(3))) == 3  # type: ignore[arg-type]
    assert len(make_design(vary, "lhs", np.int64(3))) == 3  # type: ignore[arg-type]
