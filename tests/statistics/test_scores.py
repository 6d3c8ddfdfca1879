"""Scores: known values, closed forms, and that they are proper."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.statistics.scores import brier, central_interval, crps, log_score, rank_of, ranked_probability


def test_crps_of_a_small_sample_by_hand():
    # |1 - 2.2|, |2 - 2.2|, |3 - 2.2|, |4 - 2.2| average to 1.0; the mean difference of all pairs is 20/16.
    assert crps([4, 2, 1, 3], 2.2) == pytest.approx(1.0 - 20 / 32)
    assert crps([4, 2, 1, 3], 2.2, fair=True) == pytest.approx(1.0 - 20 / 24)


@pytest.mark.parametrize(("observed", "exact"), [(0, 0.23369497725510913), (1, 0.6024413576276163)])
def test_crps_of_many_normal_values_is_that_of_the_normal_law(observed, exact):
    """Gneiting and Raftery (2007), equation 21, for the standard normal law."""
    sample = np.random.default_rng(1).standard_normal(200_000)
    assert crps(sample, observed) == pytest.approx(exact, abs=0.005)


def test_crps_of_one_value_is_its_distance_and_it_shifts_with_its_unit():
    assert crps([3.0], 5.0) == 2.0
    sample = np.random.default_rng(2).exponential(size=50)
    assert crps(10 + 3 * sample, 10 + 3 * 0.7) == pytest.approx(3 * crps(sample, 0.7))


def test_brier_and_log_score_by_hand():
    assert brier(0.8, True) == pytest.approx(0.04)
    assert brier(0.8, False) == pytest.approx(0.64)
    assert log_score(3, 4, True) == pytest.approx(-math.log(3.5 / 5))
    assert log_score(0, 9, True) == pytest.approx(-math.log(0.05))


def test_the_truth_scores_best_in_the_mean():
    """Of all probabilities a true share of 0.3 gives the least expected score; the same holds for samples."""
    asked = np.linspace(0.05, 0.95, 19)
    expected = [0.3 * brier(p, True) + 0.7 * brier(p, False) for p in asked]
    assert asked[int(np.argmin(expected))] == pytest.approx(0.3)
    rng = np.random.default_rng(3)
    observed = rng.normal(size=400)
    scores = {
        (shift, scale): np.mean([crps(shift + scale * rng.normal(size=100), y, fair=True) for y in observed])
        for shift in (0.0, 0.5)
        for scale in (0.5, 1.0, 2.0)
    }
    assert min(scores, key=scores.__getitem__) == (0.0, 1.0)


def test_ranked_probability_by_hand():
    # Below 1: 1/4 against 0; below 2: 2/4 against 1; below 3: 3/4 against 1.
    assert ranked_probability([0.5, 1.5, 2.5, 9.0], 1.2, [1, 2, 3]) == pytest.approx((1 / 16 + 1 / 4 + 1 / 16) / 3)


def test_rank_and_interval_by_hand():
    assert rank_of([1, 2, 2, 3], 2) == 0.5
    assert rank_of([1, 2, 3, 4], 0) == 0.0
    assert central_interval(np.arange(1, 101), 0.9) == (5, 95)
