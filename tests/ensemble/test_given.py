"""Campaigns that agree with what is known: which they are, how sure that is, when too few are refused, and `until`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.ensemble.given import ENOUGH
from sim.ensemble.run import run
from sim.ensemble.spec import specify
from sim.scenario.errors import ScenarioError
from sim.statistics.intervals import wilson
from sim.statistics.stopping import interim_analyses, share_is_known

CONDITION = "ottersby.fall_day in 2..5 and lowlands.collapsed"


@pytest.fixture(scope="module")
def results(crossroads):
    return run(crossroads, 600, seed=4, results=None)


def test_the_campaigns_that_agree(results):
    runs = results.runs
    agree = runs["ottersby.fall_day"].between(2, 5) & runs["lowlands.collapsed"]
    known = results.given(CONDITION)
    pd.testing.assert_frame_equal(known.runs, runs[agree])
    pd.testing.assert_frame_equal(known.inputs, results.inputs[agree])
    assert (known.kept, known.of, known.effective) == (agree.sum(), 600, agree.sum())
    assert (known.share_low, known.share_high) == tuple(map(float, wilson(agree.sum(), 600)))
    table = known.summary()
    assert table.loc["deaths.total@day8", "mean"] == pytest.approx(runs.loc[agree, "deaths.total@day8"].mean())
    low, high = wilson(runs.loc[agree, "tarnmouth.fall_day"].notna().sum(), agree.sum())
    assert table.loc["tarnmouth.fall_day", ["probability_low", "probability_high"]].tolist() == [low, high]
    assert table.loc["lowlands.collapsed", "probability"] == 1.0


def test_several_conditions_are_met_together(results):
    one, other = CONDITION.split(" and ")
    assert np.array_equal(results.given([one, other]).replicates, results.given(CONDITION).replicates)
    either = results.given([f"{one} or {other}", "deaths.total@day8 > 20"])
    both = results.given(f"({one} or {other}) and deaths.total@day8 > 20")
    assert np.array_equal(either.replicates, both.replicates)


def test_as_words_and_as_data(results):
    known = results.given(CONDITION)
    assert f"{known.kept} of 600 campaigns agree" in repr(known) and "<table" in known._repr_html_()
    said = known.to_json()
    assert said["given"]["kept"] == known.kept and said["replicates"] == 600
    assert said["outcomes"] == known.outcomes


def test_too_few_are_refused_with_how_many_would_do(results):
    fewest = results.runs["deaths.total@day8"].sort_values(ascending=False).iloc[9]
    with pytest.raises(ValueError, match=rf"1\d of 600 .* at least {ENOUGH} are needed; about [\d,]+ campaigns would"):
        results.given(f"deaths.total@day8 >= {fewest}")
    with pytest.raises(ValueError, match=r"0 of 600 .*; no campaign agrees: what is known may be beyond"):
        results.given("deaths.total@day8 < 0")
    with pytest.raises(ValueError, match=r"'otersby.fall_day' is not reported; did you mean ottersby.fall_day\?"):
        results.given("otersby.fall_day > 3")
    with pytest.raises(ValueError, match="is no condition"):
        results.given("ottersby.fall_day >")


def test_where_a_condition_is_not_defined_nothing_agrees(crossroads):
    results = run(crossroads, 300, seed=4, results=None, outcomes=["rung = ottersby.fall_day - 2"])
    came = results.runs["rung"].notna()
    known = results.given("rung > -9")
    assert (known.kept, known.of) == (came.sum(), came.sum()) and 0 < came.sum() < 300
    assert known.notes == (f"The condition is not defined in {(~came).sum()} other campaigns, which are left out.",)


def test_shared_situations_count_for_less(crossroads):
    results = run(crossroads, 600, seed=4, results=None, situations=20)
    known = results.given("highlands.strength@day8 > 4500")
    counts = np.bincount(known.replicates % 20, minlength=20)
    assert known.effective == pytest.approx(counts.sum() ** 2 / (counts**2).sum()) and known.effective < 20
    plain = wilson(known.kept, known.of)
    assert known.share_high - known.share_low > 1.2 * float(plain[1] - plain[0]), "draws that are shared tell less"
    assert "variance_components" not in known.to_json()
    few = results.given("highlands.strength@day8 > 5000")
    assert few.effective < 10 and "situations only" in few.notes[0]


def test_until_counts_those_that_agree(crossroads):
    condition, goal = "ottersby.fall_day in 4..8", "tarnmouth.fall_day±0.05"
    results = run(crossroads, seed=2, results=None, given=condition, until=goal)
    known = results.given(condition)
    row = known.summary().loc["tarnmouth.fall_day"]
    half = (row["probability_high"] - row["probability_low"]) / 2
    assert half <= 0.05 and results.manifest["until"]["known_to"] == pytest.approx(half)
    before = known.kept / 1.15
    # A tenth of the campaigns less would not have been enough.
    assert 1.96 * np.sqrt(row["probability"] * (1 - row["probability"]) / before) > 0.047
    assert results.replicates > 2 * known.kept
    limited = run(crossroads, 100, seed=2, results=None, given=condition, until=goal)
    assert not limited.manifest["until"]["reached"]


def test_a_condition_alone_changes_nothing_but_what_is_reported(crossroads):
    plain = specify(crossroads, 100, outcomes=["quarry.fall_day"])
    asked = specify(crossroads, 100, given="quarry.fall_day > 3")
    assert asked.run_id == plain.run_id and asked.outcomes[-1].name == "quarry.fall_day"
    goals = {
        specify(crossroads, given=text, until="deaths.total±2").run_id for text in ("quarry.fall_day", "ceasefire.day")
    }
    assert len(goals) == 2


@pytest.mark.parametrize(
    ("said", "condition"),
    [
        ("given otersby.fall_day > 3: no outcome is called 'otersby.fall_day'; did you mean", "otersby.fall_day > 3"),
        ("given ottersby.fall_day >: 'ottersby.fall_day >' is no condition", "ottersby.fall_day >"),
    ],
)
def test_mistakes_before_anything_runs(crossroads, said, condition):
    with pytest.raises(ScenarioError) as error:
        run(crossroads, 100, results=None, given=condition)
    assert str(error.value).startswith(said)


def test_until_keeps_its_coverage_though_few_agree():
    """Among campaigns of which 15 % agree, a share of 0.3 lies in the final interval in 93 % of the runs at least."""
    rng, covered = np.random.default_rng(1), 0
    for _ in range(400):
        agree, happened = rng.random(20_000) < 0.15, rng.random(20_000) < 0.3
        for count in interim_analyses(20_000):
            known = happened[:count][agree[:count]]
            if share_is_known(known.sum(), len(known), 0.05):
                break
        low, high = wilson(known.sum(), len(known))
        covered += bool(low <= 0.3 <= high)
    # The standard error of 0.93 in 400 runs is 0.013.
    assert covered / 400 >= 0.93 - 0.013


def test_what_was_not_kept_of_them_is_played_again(crossroads):
    results = run(crossroads, 200, seed=4, results=None, outcomes=["half = deaths.total@day8 / 2"])
    known = results.given("ottersby.fall_day < 4")
    again = known._again
    assert 30 <= known.kept < 200 and again.replicates == known.kept
    for name in results.outcome_names:
        assert np.array_equal(again.values(name), known.values(name), equal_nan=True), name
    assert known.plot.fall_times() is not None and known.fall_times().equals(again.fall_times())
    ottersby = results.place_ids.index("ottersby")
    assert again.falls[ottersby].sum() == known.kept > again.falls[results.place_ids.index("tarnmouth")].sum()
    whole = results.given("ottersby.fall_day < 4 or ottersby.fall_day >= 4 or not ottersby.fall_day")
    assert np.array_equal(whole.control, results.control)
    pd.testing.assert_frame_equal(whole.series, results.series)


def test_a_posterior_and_situations_are_played_again_as_they_were(crossroads):
    table = pd.DataFrame({"rules.combat.rate": [0.02, 0.05], "formations.l_posts.manning": [0.5, 0.7], "weight": 1})
    results = run(crossroads, 240, seed=4, results=None, situations=12, posterior=table)
    known = results.given("tarnmouth.fall_day or not tarnmouth.fall_day")
    assert np.array_equal(known.control, results.control)
    assert results.turning_points("lowlands.collapsed").share == results.values("lowlands.collapsed").mean()


def test_the_same_questions_can_be_asked_of_them(results):
    known = results.given("ottersby.fall_day < 4")
    further = known.given("not lowlands.collapsed")
    both = results.given("ottersby.fall_day < 4 and not lowlands.collapsed")
    assert np.array_equal(further.replicates, both.replicates)
    drivers = known.drivers("highlands.strength@day8")
    kept = known.runs["highlands.strength@day8"].corr(known.inputs["formations[side=highlands].strength *"], "spearman")
    row = drivers.table.loc["formations[side=highlands].strength *"]
    assert row["rank_correlation"] == pytest.approx(kept)
    turning = known.turning_points("lowlands.collapsed")
    assert turning.share == known.runs["lowlands.collapsed"].mean() and len(turning.events) > 0
    assert known.stories("tarnmouth.fall_day", 3).campaigns == 3
    assert (
        known.discover("highlands.strength@day8 > 4500").base != results.discover("highlands.strength@day8 > 4500").base
    )
    with pytest.raises(AttributeError, match=r"have no `report`; `\.results\.report` is that of all campaigns"):
        known.report()
    with pytest.raises(AttributeError, match="'Given' has no attribute 'plots'"):
        _ = known.plots
