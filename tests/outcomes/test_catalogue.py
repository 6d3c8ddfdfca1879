"""What outcomes are called, what is said of a wrong name."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.engine.load import load
from sim.outcomes.catalogue import expected_outcomes, outcomes_of
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
    assert str(error.value).startswith(f"outcome {name}: ")
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
