"""Drivers: what an outcome follows is found, what it explains is honest, and the table says what it cannot tell."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from sim.ensemble import store
from sim.ensemble.drivers import _p_values, drivers_of
from sim.ensemble.results import Results
from sim.ensemble.run import run
from sim.statistics.multiple import holm
from sim.statistics.regression import rank_correlation, standardised_regression


def test_the_chance_of_a_rank_correlation_is_that_of_scipy():
    x, y = np.random.default_rng(4).standard_normal((2, 12))
    found = spearmanr(x, y)
    assert _p_values(np.array([found.statistic]), 12) == pytest.approx([found.pvalue])


def test_the_coefficients_of_a_straight_line_are_known():
    """y = 3 x1 - 4 x2 + noise of variance 25: coefficients 3 and -4 over sqrt(50), half of the variance explained."""
    rng = np.random.default_rng(1)
    x = rng.standard_normal((20_000, 3))
    y = 3 * x[:, 0] - 4 * x[:, 1] + 5 * rng.standard_normal(20_000)
    fit = standardised_regression(x, y)
    assert fit.coefficient == pytest.approx([3 / 50**0.5, -4 / 50**0.5, 0], abs=0.02)
    assert fit.explained == pytest.approx(0.5, abs=0.01)


def test_intervals_hold_the_truth_and_noise_explains_nothing():
    rng, runs = np.random.default_rng(2), 400
    held, explained, ranks = np.zeros(3), [], 0
    true = np.array([2.0, -1.0, 0.0])
    for _ in range(runs):
        x = rng.standard_normal((200, 3))
        signal = x @ true
        y = signal + 2 * rng.standard_normal(200)
        fit = standardised_regression(x, y)
        scale = x.std(axis=0) / y.std()
        held += (fit.low <= true * scale) & (true * scale <= fit.high)
        explained.append(standardised_regression(rng.standard_normal((60, 20)), rng.standard_normal(60)).explained)
        _, low, high = rank_correlation(x, y)
        # Spearman's correlation of a bivariate normal pair with correlation r is 6 / pi asin(r / 2).
        rho = 6 / np.pi * np.arcsin(2 / 3 / 2)
        ranks += low[0] <= rho <= high[0]
    assert (held / runs > 0.92).all()
    assert ranks / runs > 0.92
    assert np.mean(explained) < 0.02


def test_a_constant_input_or_outcome_drives_nothing():
    rng = np.random.default_rng(3)
    x = np.column_stack([rng.standard_normal(100), np.ones(100)])
    fit = standardised_regression(x, x[:, 0])
    assert fit.coefficient == pytest.approx([1, 0])
    inputs = pd.DataFrame(x, columns=["a", "b"])
    same = drivers_of("y", "quantity", np.ones(100), inputs, 8.0)
    assert not same.table["certain"].any()
    assert "It was the same in all campaigns: nothing drives it here." in same.notes


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_the_one_thing_that_is_uncertain_is_found(crossroads):
    results = run(crossroads, 1000, results=None)
    found = results.drivers("highlands.strength@day8")
    assert found.table.index[0] == "formations[side=highlands].strength *"
    assert found.table["certain"].iloc[0] and found.table["rank_correlation"].iloc[0] > 0.5
    assert 0.04 < found.explained < 0.5
    text = repr(found)
    assert "The rest is chance" in text and "formations[side=highlands].strength *" in text
    day = results.drivers("ottersby.fall_day")
    assert any("it did not come; that counts as day 8" in note for note in day.notes)
    with pytest.raises(ValueError, match=r"did you mean ottersby\.fall_day"):
        results.drivers("ottersby.fal_day")


def test_inputs_are_kept_with_the_results_and_fall_times_are_tidy(crossroads, tmp_path):
    results = run(crossroads, 200, results=tmp_path, figures=False)
    opened = Results.open(results.path)
    pd.testing.assert_frame_equal(opened.inputs, run(crossroads, 200, results=None).inputs)
    assert len(opened.inputs) == len(opened.runs) == 200
    falls = opened.fall_times()
    at = falls[falls["place"] == "merrow_cross"]
    day = opened.runs["merrow_cross.fall_day"].dropna()
    assert at["campaigns"].sum() == len(day)
    assert (at["day"] * at["campaigns"]).sum() == pytest.approx(day.sum())
    assert at["share_so_far"].iloc[-1] == pytest.approx(len(day) / 200)
    (results.path / store.INPUTS).unlink()
    pd.testing.assert_frame_equal(Results.open(results.path).inputs, opened.inputs)
    other = Results.open(results.path)
    other.manifest["engine_hash"] = "of another version"
    with pytest.raises(store.ResultsError, match="another version"):
        _ = other.inputs
