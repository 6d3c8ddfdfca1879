"""Targets against numbers worked out by hand, and what is said of a target that cannot be judged."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.engine.load import load
from sim.outcomes.catalogue import outcomes_of
from sim.scenario.errors import ScenarioError
from sim.scenario.schema import Target
from sim.study.targets import Verdict, at_once, judge, judge_all, outcomes_of_targets

CROSSROADS = Path(__file__).parents[2] / "scenarios" / "crossroads.yaml"
SCENARIO = load(CROSSROADS)
NAN = math.nan
NEVER = NAN


def verdict(outcome: str, values: list[float], compared: list[float] | None = None, **criterion: Any) -> Verdict:
    found = {each.name: each for each in outcomes_of(SCENARIO, [outcome])}
    target = Target(title="t", outcome=outcome, **criterion)
    return judge("T1", target, found[outcome.partition(" =")[0]], values, compared)


def test_a_share_in_a_range_counts_what_never_came_as_outside() -> None:
    days = [1.0, 2.0, 3.0, 5.0, 5.25, NEVER, NEVER, 4.0]
    said = verdict("ottersby.fall_day", days, share_within=(2, 5), at_least=0.5)
    assert (said.findings[0].estimate, said.met, said.defined) == (0.5, True, 1.0)
    assert not said.sure, "4 of 8 may well be less than a half"
    missed = verdict("ottersby.fall_day", days, share_within=(2, 5), at_least=0.51)
    assert not missed.met and not missed.sure, "4 of 8 may well be more than that"
    never = verdict("ottersby.fall_day", [9.0] * 100, share_within=(2, 5), at_least=0.51)
    assert not never.met and never.sure
    many = verdict("ottersby.fall_day", [3.0] * 300 + [9.0] * 100, share_within=(2, 5), at_least=0.5)
    assert many.met and many.sure
    assert many.findings[0].low == pytest.approx(0.705, abs=2e-3)  # Wilson, 300 of 400


def test_quantiles_place_what_never_came_last() -> None:
    days = [*np.arange(1.0, 97.0).tolist(), *[NEVER] * 4]
    bounds = verdict("ottersby.fall_day", days, p05_to_p95_within=(5, 95))
    assert [finding.estimate for finding in bounds.findings] == [5.0, 95.0]
    assert bounds.met and not bounds.sure
    late = verdict("ottersby.fall_day", [*days, NEVER, NEVER], p05_to_p95_within=(5, 95))
    assert [finding.met for finding in late.findings] == [True, False]
    assert late.to_json()["findings"][1]["estimate"] is None
    middle = verdict("deaths.total@day2", [1.0, 2.0, 3.0, NAN], median_within=(2, 2))
    assert (middle.findings[0].estimate, middle.defined, middle.met) == (2.0, 0.75, True)


def test_a_probability_is_taken_of_the_campaigns_in_which_it_is_defined() -> None:
    said = verdict("rung = ottersby.fall_day - 3", [1.0, 1.0, 0.0, NAN, NAN, NAN], probability_at_least=0.6)
    assert (said.findings[0].estimate, said.defined, said.met) == (2 / 3, 0.5, True)
    comes = verdict("ottersby.fall_day", [2.0, NEVER, NEVER, 0.25], probability_at_least=0.5)
    assert (comes.findings[0].estimate, comes.met) == (0.5, True)


def test_a_difference_is_paired_and_its_interval_is_that_of_the_pairs() -> None:
    days = [1.0, 2.0, 3.0, NEVER] * 25
    with_variant = [9.0, 2.0, 3.0, NEVER] + [1.0, 2.0, 3.0, NEVER] * 24
    said = verdict(
        "ottersby.fall_day", days, with_variant, share_within=(0, 5), variant="v", difference_within=(-0.1, 0.1)
    )
    gap = said.findings[0]
    # One campaign of 100 leaves the range: -0.01, with a standard error of about 0.01.
    assert gap.estimate == pytest.approx(-0.01)
    assert -0.06 < gap.low < -0.02 and 0.005 < gap.high < 0.03
    assert said.met and said.sure
    same = verdict("deaths.total", [4.0, 8.0], [5.0, 9.0], variant="v", difference_within=(1, 1))
    assert (same.findings[0].estimate, same.met, same.sure) == (1.0, True, True)


def with_targets(folder: Path, *lines: str) -> Path:
    file = folder / "s.yaml"
    file.write_text(CROSSROADS.read_text() + "targets:\n" + "".join(f"  {line}\n" for line in lines))
    return file


def test_targets_are_judged_by_their_names(tmp_path: Path) -> None:
    loaded = load(
        with_targets(
            tmp_path,
            "T1: {title: a, outcome: ottersby.fall_day, share_within: [2, 4], at_least: 0.5}",
            "T2: {title: b, outcome: half = deaths.total / 2, variant: no_wing, difference_within: [-1, 0]}",
        )
    )
    values = {"ottersby.fall_day": [3.0, 9.0], "half": [10.0, 20.0]}
    judged = judge_all(loaded, values, {"no_wing": {"half": [9.0, 18.0]}})
    assert [(each.id, each.findings[0].estimate, each.met) for each in judged] == [
        ("T1", 0.5, True),
        ("T2", -1.5, False),
    ]


def test_what_one_campaign_can_meet_is_counted_at_once(tmp_path: Path) -> None:
    """Of four campaigns the second falls outside, the third never falls, the fourth has too many deaths."""
    loaded = load(
        with_targets(
            tmp_path,
            "T1: {title: a, outcome: ottersby.fall_day, share_within: [2, 4], at_least: 0.5}",
            "T2: {title: b, outcome: deaths.total, median_within: [5, 9]}",
            "T3: {title: c, outcome: ottersby.fall_day, probability_at_least: 0.9}",
            "T4: {title: d, outcome: deaths.total, variant: no_wing, difference_within: [-1, 0]}",
            "T5: {title: e, outcome: deaths.total, p05_to_p95_within: [0, 1]}",
        )
    )
    runs = pd.DataFrame({"ottersby.fall_day": [3.0, 9.0, NEVER, 2.0], "deaths.total": [5.0, 6.0, 7.0, 10.0]})
    together = at_once(loaded, runs)
    assert together and (together.targets, together.share) == (["T1", "T2", "T3"], 0.25)
    assert (together.low, together.high) == pytest.approx((0.0456, 0.6994), abs=1e-4)  # Wilson, 1 of 4
    assert at_once(SCENARIO, runs) is None


@pytest.mark.parametrize(
    ("target", "column", "says"),
    [
        ("outcome: otersby.fall_day, median_within: [1, 2]", 24, "did you mean ottersby.fall_day?"),
        ("outcome: x = 1 +, median_within: [1, 2]", 24, "x: '1 +' is not a formula"),
        ("outcome: lowlands.collapsed, median_within: [0, 1]", 24, "cannot judge this outcome, which is a probability"),
        ("outcome: ottersby.fall_day, variant: no_wing, difference_within: [0, 1]", 24, "a time may not come at all"),
        ("outcome: deaths.total", 3, "needs exactly one criterion (at_least, median_within, "),
        ("outcome: deaths.total, median_within: [1, 2], at_least: 0.5", 3, "but has at_least and median_within"),
        ("outcome: deaths.total, at_least: 0.5", 3, "`at_least` needs `share_within`"),
        ("outcome: deaths.total, median_within: [2, 1]", 47, "should rise from low to high"),
        ("outcome: deaths.total, variant: no_wing, median_within: [1, 2]", 3, "needs both `variant` and"),
        (
            "outcome: deaths.total, variant: no_win, difference_within: [1, 2]",
            47,
            "no variant 'no_win'; did you mean no_wing?",
        ),
        ("outcome: deaths.total, median_within: [1, 2], facts: [SF1]", 78, "the scenario has no `sources`"),
        ("outcome: deaths.total, at_least: 0.5, share_with: [1, 2]", 62, "unknown key; did you mean share_within?"),
    ],
)
def test_a_target_that_cannot_be_judged_is_refused_where_it_stands(
    target: str, column: int, says: str, tmp_path: Path
) -> None:
    file = with_targets(tmp_path, f"T1: {{title: a title, {target}}}")
    with pytest.raises(ScenarioError) as error:
        outcomes_of_targets(load(file))
    (problem,) = [problem for problem in error.value.problems if says in str(problem)]
    assert (problem.line, problem.column) == (len(file.read_text().splitlines()), column)
