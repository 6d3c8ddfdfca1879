"""Intervals are as wide as theory says, and no wider: each against a formula worked out anew."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from sim.statistics.variance_components import clustered_mean, clustered_share, variance_components

TABLE = np.array([[3.0, 8.0, 5.0, 13.0, 1.0], [4.0, 9.5, 4.0, 11.0, 2.5], [2.5, 8.5, 6.0, 12.0, 0.5]])
"""[round, group]."""


def log_ratio(table: np.ndarray) -> float:
    """log(MSB / MSW) of a one-way layout, from its definition."""
    f = stats.f_oneway(*table.T).statistic
    return math.log(f)


def test_the_interval_of_the_share_between_groups_is_the_jackknife_of_arvesen_and_layard():
    rounds, groups = TABLE.shape
    whole = log_ratio(TABLE)
    pseudo = [groups * whole - (groups - 1) * log_ratio(np.delete(TABLE, i, axis=1)) for i in range(groups)]
    half = stats.t.ppf(0.975, groups - 1) * np.std(pseudo, ddof=1) / math.sqrt(groups)
    ratios = [math.exp(np.mean(pseudo) + sign * half) for sign in (-1, 1)]
    low, high = (max(0.0, (ratio - 1) / (ratio - 1 + rounds)) for ratio in ratios)
    found = variance_components(TABLE.ravel(), groups)
    assert (found.between_low, found.between_high) == pytest.approx((low, high), rel=1e-9)
    assert 0 < low < found.between < high < 1


def test_the_interval_of_a_mean_counts_groups_and_not_values():
    groups = TABLE.shape[1]
    low, high = clustered_mean(TABLE.ravel(), groups)
    exact = stats.t.interval(0.95, groups - 1, loc=TABLE.mean(), scale=stats.sem(TABLE.mean(axis=0)))
    assert (low, high) == pytest.approx(exact, rel=1e-12)


def test_the_interval_of_a_share_of_separate_values_is_wilsons():
    """Where groups do not matter, so many values count as there are, less what Student's t costs."""
    rng = np.random.default_rng(4)
    groups, rounds = 400, 5
    values = (rng.random(groups * rounds) < 0.3).astype(float)
    low, high = clustered_share(values, groups)
    exact = stats.binomtest(int(values.sum()), len(values)).proportion_ci(method="wilson")
    assert high - low == pytest.approx(exact.high - exact.low, rel=0.08)
    assert low < values.mean() < high


def test_the_interval_of_a_share_that_groups_decide_is_as_wide_as_that_of_so_many_groups():
    values = np.tile((np.arange(200) % 10 < 3).astype(float), 6)
    low, high = clustered_share(values, 200)
    exact = stats.binomtest(60, 200).proportion_ci(method="wilson")
    assert (low, high) == pytest.approx((exact.low, exact.high), abs=0.004)
