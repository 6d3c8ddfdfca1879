"""Arguments of public functions are read as what was meant, or refused by their name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim.engine.arguments import texts, whole_number

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
