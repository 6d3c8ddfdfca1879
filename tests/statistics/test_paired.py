"""Paired comparison: intervals that hold the true difference, and what common random numbers are worth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multinomial, ttest_rel

from sim.statistics.intervals import wilson
from sim.statistics.paired import _newcombe, of_means, of_shares


def test_the_interval_of_a_mean_is_students_of_the_differences():
    rng = np.random.default_rng(1)
    a = rng.normal(size=50)
    b = a + rng.normal(0.2, 0.5, 50)
    said = ttest_rel(b, a).confidence_interval()
    assert of_means(a, b)[3:5] == pytest.approx((said.low, said.high))
    a[3] = np.nan
    assert of_means(a, b)[2] == pytest.approx((b - a)[np.isfinite(a)].mean())


def test_what_is_the_same_in_both_is_known_for_sure_and_independent_ones_gain_nothing():
    rng = np.random.default_rng(2)
    a, b = rng.random((2, 20_000)) < 0.3
    same = of_shares(a, a)
    assert (same[2], same[5], same[7]) == (0, 0, np.inf)
    assert same[3] < 0 < same[4]
    assert of_shares(a, b)[7] == pytest.approx(1, abs=0.05)
    assert np.isnan(of_shares(a & False, a & False)[7])


def test_newcombes_interval_by_hand():
    """20 pairs: 8 both, 4 only with the first, 1 only with the second, 7 neither."""
    low, high = _newcombe(8, 4, 1, 7, 0.95)
    (p_low, p_high), (q_low, q_high) = (map(float, wilson(k, 20)) for k in (12, 9))
    phi = (8 * 7 - 4 * 1 - 10) / np.sqrt(12 * 8 * 9 * 11)
    reach = [
        np.sqrt(x**2 - 2 * phi * x * y + y**2) for x, y in ((0.6 - p_low, q_high - 0.45), (p_high - 0.6, 0.45 - q_low))
    ]
    assert (low, high) == pytest.approx((0.15 - reach[0], 0.15 + reach[1]))
    assert _newcombe(8, 1, 4, 7, 0.95) == pytest.approx((-high, -low))


@pytest.mark.parametrize(
    ("cells", "n"),
    [
        ((0.5, 0.1, 0.1, 0.3), 100), ((0.9, 0.02, 0.01, 0.07), 100), ((0.3, 0.001, 0.003, 0.696), 1000),
        ((0.0, 0.02, 0.0, 0.98), 200), ((0.25, 0.25, 0.25, 0.25), 50), ((0.95, 0.0, 0.05, 0.0), 300),
    ],
)  # fmt: skip
def test_paired_shares_keep_their_coverage(cells, n):
    true, runs = cells[2] - cells[1], 2000
    drawn = multinomial.rvs(n, cells, size=runs, random_state=4)
    bounds = [_newcombe(both, b, a, neither, 0.95) for both, a, b, neither in drawn.tolist()]
    assert np.mean([low <= true <= high for low, high in bounds]) > 0.93
