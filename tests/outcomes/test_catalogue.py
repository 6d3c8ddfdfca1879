"""What outcomes are called, what is said of a wrong name, and how campaigns are summed up."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from sim.engine.load import load
from sim.outcomes.catalogue import expected_outcomes, outcomes_of, summarise
from sim.scenario.errors import ScenarioError

CROSSROADS = Path(__file__).parents[2] / "scenarios" / "crossroads.yaml"
SCENARIO = load(CROSSROADS)


def one(name: str):
    """The outcome of that name; it is asked for, not listed."""
    return {outcome.name: outcome for outcome in outcomes_of(SCENARIO, [name])}[name]


@pytest.mark.parametrize(
    ("name", "kind", "tick"),
    [
        ("ottersby.fall_day", "time", 32),
        ("ottersby.held_by.highlands@day2", "probability", 8),
        ("lowlands.collapsed", "probability", 32),
        ("lowlands.collapse_day", "time", 32),
        ("lowlands.will@day8", "quantity", 32),
        ("lowlands.strength", "quantity", 32),
        ("lowlands.equipment@day0", "quantity", 0),
        ("highlands.deserted@day1.5", "quantity", 6),
        ("deaths.highlands@day1", "quantity", 4),
        ("deaths.civilian@2031-05-06T06:00", "quantity", 8),
        ("displaced.total@2031-05-06", "quantity", 7),
        ("ceasefire.day", "time", 32),
    ],
)
def test_names_are_understood(name, kind, tick):
    assert (one(name).kind, one(name).tick) == (kind, tick)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("ottersbi.fall_day", "did you mean ottersby.fall_day?"),
        ("ottersby.fal_day", "did you mean ottersby.fall_day?"),
        ("lowland.will@day3", "did you mean lowlands.will@day3?"),
        ("ottersby.held_by.highland@day3", "did you mean ottersby.held_by.highlands@day3?"),
        ("zzz", "outcomes are <place>.fall_day"),
        ("deaths.total@8", "did you mean deaths.total@day8?"),
        ("deaths.total@", "'@' is not a day like @day8 or a date like @2031-05-04"),
        ("deaths.total@dayeight", "is not a day"),
        ("deaths.total@day9", "lies outside the campaign: day 0 to day 8"),
        ("deaths.total@2031-05-01", "lies outside the campaign"),
        ("deaths.total@2031-05-06T06:00+02:00", "is not a day"),
        ("ottersby.fall_day@day3", "takes no day; did you mean ottersby.fall_day?"),
    ],
)
def test_a_wrong_name_is_refused_with_what_was_meant(name, says):
    with pytest.raises(ScenarioError) as error:
        outcomes_of(SCENARIO, [name])
    assert str(error.value).startswith(f"--outcome {name}: ")
    assert says in str(error.value)


def test_a_wrong_name_in_the_file_is_shown_where_it_stands(tmp_path):
    text = CROSSROADS.read_text().replace("ottersby.fall_day, ", "otersby.fall_day, deaths.all, ")
    (tmp_path / "s.yaml").write_text(text)
    with pytest.raises(ScenarioError) as error:
        outcomes_of(load(tmp_path / "s.yaml"))
    line = next(i for i, row in enumerate(text.splitlines(), 1) if row.startswith("outcomes:"))
    assert [(p.line, p.path) for p in error.value.problems] == [(line, "outcomes.1"), (line, "outcomes.2")]


def test_what_is_listed_comes_first_and_what_is_asked_twice_comes_once():
    names = [outcome.name for outcome in outcomes_of(SCENARIO, ["deaths.civilian", "lowlands.collapsed"])]
    assert names == [*SCENARIO.scenario.outcomes, "deaths.civilian"]


def test_a_time_that_did_not_come_is_later_than_all_others():
    said = summarise("x", "time", "day", [1.0, 2.0, 3.0, math.nan])
    assert (said["probability"], said["p05"], said["median"], said["p95"]) == (0.75, 1.0, 2.0, None)
    assert said["probability_low"] < 0.75 < said["probability_high"] < 1
    never = summarise("x", "time", "day", [math.nan] * 4)
    assert (never["probability"], never["probability_low"], never["median"]) == (0.0, 0.0, None)


def test_a_quantity_has_a_mean_with_its_interval_and_quantiles():
    sample = np.random.default_rng(1).normal(100, 10, 400)
    said = summarise("x", "quantity", "people", sample)
    assert said["mean_high"] - said["mean_low"] == pytest.approx(2 * 1.96 * sample.std(ddof=1) / 20, rel=1e-3)
    assert (said["p05"], said["median"]) == (np.quantile(sample, 0.05), np.median(sample))
    alone = summarise("x", "quantity", "people", [5.0])
    assert (alone["mean"], alone["mean_low"], alone["p95"]) == (5.0, None, 5.0)


@pytest.mark.parametrize("sample", [[1.0] * 3 + [0.0] * 7, [0.0] * 10, [1.0] * 10, [1.0, 0.0, math.nan]])
def test_an_amount_that_is_0_or_1_in_all_campaigns_has_the_interval_of_a_share(sample):
    """A mean with its error would say that what never came in ten campaigns never comes."""
    amount, share = (summarise("x", kind, "", sample) for kind in ("quantity", "probability"))
    assert [amount[key] for key in ("mean", "mean_low", "mean_high")] == [
        share[key] for key in ("probability", "probability_low", "probability_high")
    ]
    assert 0 <= amount["mean_low"] < amount["mean_high"] <= 1


def test_a_probability_is_a_share_with_its_interval():
    said = summarise("x", "probability", "", [1.0] * 3 + [0.0] * 7)
    assert said == {
        "name": "x",
        "kind": "probability",
        "probability": 0.3,
        "probability_low": pytest.approx(0.1078, abs=1e-4),
        "probability_high": pytest.approx(0.6032, abs=1e-4),
    }


def test_a_variant_may_expect_something_of_outcomes_only(tmp_path):
    text = CROSSROADS.read_text("utf-8")
    file = tmp_path / "war.yaml"
    file.write_text(
        text.replace("air.l_wing.aircraft: 0}}", "air.l_wing.aircraft: 0}, expect: {ottersby.fall_dy: up}}")
    )
    with pytest.raises(ScenarioError) as error:
        expected_outcomes(load(file))
    (problem,) = error.value.problems
    line = next(i for i, said in enumerate(text.splitlines(), 1) if said.startswith("variants:"))
    assert (problem.line, problem.hint) == (line, "ottersby.fall_day")
    assert problem.path == "variants.no_wing.expect.ottersby.fall_dy"
    assert expected_outcomes(load(CROSSROADS)) == outcomes_of(load(CROSSROADS))
