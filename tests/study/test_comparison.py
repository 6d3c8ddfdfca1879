"""Comparison of variants: by hand, tables that hold together, rankings that say what is not certain."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, t, ttest_rel

import sim.study.compare as comparing
from sim.plots.forest import forest, signed
from sim.plots.placement import Box
from sim.scenario.errors import ScenarioError
from sim.statistics.effects import rank_effects, two_figures
from sim.statistics.multiple import bonferroni_level
from sim.statistics.paired import mean_p_value, share_p_value
from sim.study.compare import compare, variants_of
from sim.study.comparison import Comparison

OUTCOMES = [
    {"name": "x.fall_day", "kind": "time", "unit": "day"},
    {"name": "deaths", "kind": "quantity", "unit": "people"},
]


def ensemble(fall, deaths, **more):
    runs = pd.DataFrame({"x.fall_day": fall, "deaths": deaths})
    manifest = {"scenario": "s", "seed": 1, "replicates": len(runs), "situations": None, "outcomes": OUTCOMES}
    return SimpleNamespace(manifest=manifest | more, runs=runs, days=np.arange(0, 10.5, 0.5))


def several(count: int = 400, shifts=(60.0, 30.0, 29.5, 29.0, 0.0), seed: int = 3) -> Comparison:
    """A made-up comparison in which each variant adds so much to deaths, and nothing else."""
    rng = np.random.default_rng(seed)
    fall, deaths = rng.uniform(1, 15, count), rng.normal(500, 50, count)
    fall[fall > 10] = np.nan
    changed = {f"v{i}": ensemble(fall, deaths + rng.normal(shift, 20, count)) for i, shift in enumerate(shifts)}
    return Comparison(ensemble(fall, deaths), changed)


def test_p_values_are_those_of_the_paired_tests():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=50), rng.normal(0.2, 1, 50)
    assert mean_p_value(a, b) == pytest.approx(ttest_rel(a, b).pvalue)
    assert mean_p_value(a[:2], b[:2]) == pytest.approx(ttest_rel(a[:2], b[:2]).pvalue)
    assert (mean_p_value(a, a), mean_p_value(a[:1], b[:1]), mean_p_value(a, a + 1)) == (1.0, 1.0, pytest.approx(0))
    one, other = np.array([True] * 9 + [False] * 11), np.array([True] * 2 + [False] * 16 + [True] * 2)
    assert share_p_value(one, other) == pytest.approx(binomtest(2, 9).pvalue)
    assert share_p_value(one, one) == 1.0


def test_by_hand():
    base = ensemble([2.0, 4.0, np.nan, 6.0], [10.0, 20.0, 30.0, np.nan])
    found = Comparison(base, {"v": ensemble([2.5, np.nan, np.nan, 7.0], [11.0, 22.0, 36.0, 5.0])})
    assert found.measures == [("x.fall_day", "probability"), ("x.fall_day", "day"), ("deaths", "mean")]
    row = found.of("deaths").loc["v"]
    assert (row["base"], row["value"], row["difference"], row["defined"]) == (20.0, 23.0, 3.0, 0.75)
    error = np.std([1, 2, 6], ddof=1) / np.sqrt(3)
    half = t.ppf(1 - 0.05 / 6, 2) * error  # three comparisons, both sides
    assert (row["low"], row["high"]) == pytest.approx((3 - half, 3 + half))
    assert row["p"] == pytest.approx(min(1, 3 * 2 * t.cdf(-3 / error, 2)))
    assert row["more"] == math.ceil(3 * ((half / 3) ** 2 - 1) / 0.75)
    assert not row["certain"]
    assert found.of("x.fall_day").loc["v", "difference"] == -0.25
    assert found.of("x.fall_day", "day").loc["v", "difference"] == (0.5 + 6 + 0 + 1) / 4


def test_a_ranking_says_what_is_certain_and_what_cannot_be_told_apart():
    found = several()
    ranked = found.ranking("deaths")
    assert [sorted(tier) for tier in ranked.tiers] == [[0], [1, 2, 3]]
    assert ranked.none == [4]
    words = ranked.in_words(found.names)
    assert words.startswith("1. v0; 2.-4. v") and "(not to be told apart)" in words
    assert "Not to be told from no effect: v4." in words and "more campaigns would tell" in words
    # Nothing but deaths is changed.
    assert not found.of("x.fall_day")["certain"].any()
    assert (found.of("x.fall_day")["more"] == math.inf).all()
    assert found.ranking("x.fall_day").tiers == [] and found.ranking("x.fall_day").none == [0, 1, 2, 3, 4]


def test_opposite_directions_are_ranked_by_size():
    rng = np.random.default_rng(2)
    effects = np.column_stack([rng.normal(1, 1, 500), rng.normal(-3, 1, 500)])
    effects[:400, 0] = np.nan  # defined in a fifth of the campaigns
    ranked = rank_effects(effects, [True, True])
    assert ranked.tiers == [[1], [0]] and ranked.unsettled is None


def test_an_effect_that_stands_alone_has_no_rank():
    effects = np.random.default_rng(3).normal(1, 1, (500, 1))
    assert rank_effects(effects, [True]).in_words(["no_wing"]) == "Told from no effect: no_wing."
    assert rank_effects(effects, [False]).in_words(["no_wing"]) == "Not to be told from no effect: no_wing."


def test_so_many_more_campaigns_do_settle_it():
    """The same campaigns several times over, so that the estimates stay: just enough tell, and a fifth fewer do not."""
    rng = np.random.default_rng(8)
    few = rng.normal(0.0, 8, (200, 2))
    few += [10.0, 9.5] - few.mean(axis=0)
    ranked = rank_effects(few, [True, True])
    assert len(ranked.tiers) == 1 and set(ranked.unsettled) == {0, 1} and ranked.more > 1000
    rounds = math.ceil((200 + ranked.more) / 200) + 1
    enough = rank_effects(np.tile(few, (rounds, 1)), [True, True])
    assert len(enough.tiers) == 2 and enough.unsettled is None
    assert len(rank_effects(np.tile(few, (int(0.8 * rounds), 1)), [True, True]).tiers) == 1


@pytest.mark.parametrize("runs", [150, pytest.param(4000, marks=pytest.mark.verify)])
def test_all_intervals_of_a_table_hold_together(runs):
    """Seven effects of a skewed amount: in 95 of 100 comparisons all intervals hold their true effects."""
    rng, held, wrong = np.random.default_rng(6), 0, 0
    true = np.array([0.0, 0.0, 0.0, 0.1, 0.2, 0.3, 2.0])
    for _ in range(runs):
        common = rng.normal(size=(200, 1))
        effects = true + 0.3 * common + 0.5 * (rng.gamma(4.0, 0.5, (200, len(true))) - 2.0)
        fall = np.full(200, np.nan)
        zero = np.zeros(200)
        found = Comparison(
            ensemble(fall, zero), {f"v{i}": ensemble(fall, effects[:, i]) for i in range(7)}, only=["deaths"]
        )
        rows = found.of("deaths")
        held += bool(((rows["low"] <= true) & (true <= rows["high"])).all())
        wrong += bool(rows["certain"][true == 0.0].any())
    slack = 2 * np.sqrt(0.07 * 0.93 / runs) * (runs < 1000)
    assert held / runs >= 0.93 - slack
    assert wrong / runs <= 0.07 + slack


def test_levels_and_counts():
    assert bonferroni_level(10) == pytest.approx(0.995) and bonferroni_level(0) == 0.95
    assert [two_figures(n) for n in (1, 17, 101, 1234)] == [1, 17, 110, 1300]
    assert [signed(x) for x in (0.0, 12.345, -0.04, 1234.5, -0.0001)] == ["0", "+12.3", "-0.040", "+1,234", "0"]


def test_the_forest_plot_shows_all_and_nothing_overlaps():
    found = several(shifts=np.linspace(-60, 60, 23))
    found.table.loc[0, "variant"] = "a_variant_with_a_name_that_is_much_too_long_for_the_space_that_there_is"
    figure = forest(found, "deaths")
    figure.canvas.draw()
    texts = [text for text in figure.texts if text.get_text()]
    boxes = [Box(*text.get_window_extent().extents) for text in texts]
    assert len([text for text in texts if text.get_gid() == "name"]) == 23
    page = Box(0, 0, *figure.canvas.get_width_height())
    for i, box in enumerate(boxes):
        assert box.inside(page), texts[i].get_text()
        assert not any(box.overlaps(other) for other in boxes[:i]), texts[i].get_text()
    assert found.plot.forest()._repr_png_().startswith(b"\x89PNG")


def test_what_cannot_be_compared_is_one_message(crossroads):
    with pytest.raises(ScenarioError, match=r"did you mean no_wing\?"):
        variants_of(crossroads, ["no_wings"])
    with pytest.raises(ScenarioError, match=r"did you mean tarnmouth\.fall_day\?"):
        compare(crossroads, outcomes=["tarnmouth.fal_day"], results=None)
    with pytest.raises(ValueError, match=r"did you mean deaths\?"):
        several().of("death")
    with pytest.raises(ValueError, match="the measures of deaths are mean, not 'day'"):
        several().of("deaths", "day")
    with pytest.raises(ValueError, match="compare takes a scenario with variants"):
        compare(crossroads, crossroads)
    with pytest.raises(ScenarioError, match="replicates 1: at least 2 campaigns of each are needed"):
        compare(crossroads, replicates=1, results=None)
    with pytest.raises(ValueError, match=r"level should lie between 0 and 1, like 0\.95, but is 95"):
        compare(crossroads, level=95, results=None)


def test_variants_of_another_length_are_refused_before_anything_runs(crossroads_file, tmp_path, monkeypatch):
    longer = "variants: {longer: {title: a day more, set: {clock.days: 9}}, "
    text = crossroads_file.read_text("utf-8").replace("variants: {", longer, 1)
    (tmp_path / "s.yaml").write_text(text, "utf-8")
    monkeypatch.setattr(comparing, "run", None)
    with pytest.raises(ScenarioError, match="variant longer: ends on day 9, the scenario on day 8"):
        compare(tmp_path / "s.yaml", results=None)


def test_the_scenario_and_its_variant_are_run_under_the_same_numbers(crossroads):
    found = compare(crossroads, variants=["no_wing"], replicates=120, outcomes=["deaths.total@day8"], results=None)
    assert found.names == ["no_wing"] and found.measures == [("deaths.total@day8", "mean")]
    row = found.of("deaths.total@day8").loc["no_wing"]
    assert row["certain"] and row["high"] < 0 and row["more"] == 0
    assert found.to_json()["rankings"][0]["tiers"] == [["no_wing"]]
