"""Implausibility and likelihood by hand; samples of a part of the unit cube against theory."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from sim.statistics.implausibility import cutoff, implausibility, log_likelihood
from sim.statistics.particles import moved, select, weighted, worth


def test_distance_from_a_range_in_standard_deviations():
    found = implausibility([5.0, 10.0, 15.0, 20.0, 26.0], 4.0, 10.0, 20.0)
    assert found.tolist() == [2.5, 0.0, 0.0, 0.0, 3.0]
    assert implausibility([1.0], [0.0], 1.0, 1.0).tolist() == [0.0]
    assert implausibility([1.1], [0.0], 1.0, 1.0)[0] > 1e100, "without any error all else is ruled out"


def test_the_cutoff_grows_with_the_number_of_observations():
    assert cutoff(1) == cutoff(18) == 3.0
    assert cutoff(50) == pytest.approx(norm.isf(0.05 / 100))
    # All of 50 normal errors lie within it in at least 95 % of the cases.
    assert (1 - 2 * norm.sf(cutoff(50))) ** 50 > 0.95


@pytest.mark.parametrize("mean", [-50.0, -3.0, 0.5, 2.0, 9.0, 80.0])
def test_the_likelihood_of_a_range(mean):
    tail = norm.logsf if mean < 2.0 else norm.logcdf  # of the side on which the tail is thin
    near, far = (1.0, 3.0) if mean < 2.0 else (3.0, 1.0)
    expected = tail(near, mean, 2.0) + np.log1p(-np.exp(tail(far, mean, 2.0) - tail(near, mean, 2.0)))
    assert log_likelihood([mean], [4.0], 1.0, 3.0)[0] == pytest.approx(expected, rel=1e-9)


def test_the_likelihood_of_a_number_is_the_density_up_to_a_constant():
    found = log_likelihood([0.0, 1.0, 4.0], [1.0, 4.0, 1.0], 1.0, 1.0)
    expected = norm.logpdf(1.0, [0.0, 1.0, 4.0], [1.0, 2.0, 1.0])
    assert found - found[0] == pytest.approx(expected - expected[0])


def test_worth_and_selection():
    assert worth(np.full(10, 0.1)) == pytest.approx(10)
    assert worth(np.array([1.0, 0.0, 0.0])) == 1.0
    chosen = select(np.array([0.5, 0.25, 0.25, 0.0]), 8, np.random.default_rng(1))
    assert np.bincount(chosen, minlength=4).tolist() == [4, 2, 2, 0]


def test_moves_leave_a_uniform_sample_of_a_ball_uniform():
    rng = np.random.default_rng(2)

    def inside(points):
        return np.where(((points - 0.5) ** 2).sum(axis=1) <= 0.16, 0.0, -np.inf)

    start = np.tile([[0.5, 0.5, 0.75]], (4000, 1)) + 0.01 * rng.standard_normal((4000, 3))
    there, _ = moved(start, inside, rng, steps=60)
    assert (inside(there) == 0.0).all()
    # In three dimensions the share within half the radius is an eighth.
    radius = np.sqrt(((there - 0.5) ** 2).sum(axis=1)) / 0.4
    assert (radius < 0.5).mean() == pytest.approx(0.125, abs=4 * np.sqrt(0.125 * 0.875 / 1000))
    assert there.mean(axis=0) == pytest.approx([0.5] * 3, abs=0.03)


def test_a_weighted_sample_has_the_moments_of_its_density():
    rng = np.random.default_rng(3)
    sd = 0.01
    sample, weights = weighted(
        rng.random((2000, 2)) * [1.0, 0.5] + [0.0, 0.5],
        lambda points: points[:, 1] > 0.5,
        lambda points: -0.5 * ((points[:, 0] - 0.3) / sd) ** 2,
        seed=1,
    )
    assert weights.sum() == pytest.approx(1.0) and sample[:, 1].min() > 0.5
    mean = float(weights @ sample[:, 0])
    assert mean == pytest.approx(0.3, abs=5 * sd / np.sqrt(1000))
    assert np.sqrt(weights @ (sample[:, 0] - mean) ** 2) == pytest.approx(sd, rel=0.15)
    assert float(weights @ sample[:, 1]) == pytest.approx(0.75, abs=0.03)
    assert worth(weights) >= 999
