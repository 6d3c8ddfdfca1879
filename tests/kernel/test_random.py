"""Random draws: the published generator, its uniforms, and quantiles against scipy's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sim.kernel import random as draws

KNOWN = [  # counter, key, output: the known answers of the Random123 library
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]
INSIDE = st.floats(1e-15, 1 - 1e-15)
PURPOSE = 9


@pytest.mark.parametrize(("counter", "key", "output"), KNOWN)
def test_philox_gives_the_published_numbers(counter, key, output):
    assert draws.philox(*counter, *key) == output


def test_uniforms_are_uniform_and_independent():
    pairs = np.array([draws.uniforms(7, r, t, PURPOSE, 99, 0) for r in range(200) for t in range(100)])
    assert pairs.min() > 0 and pairs.max() < 1
    for column in pairs.T:
        assert stats.kstest(column, "uniform").pvalue > 0.01
        assert column.mean() == pytest.approx(1 / 2, abs=4 / np.sqrt(12 * len(column)))
        assert column.var() == pytest.approx(1 / 12, rel=0.03)
    assert abs(np.corrcoef(pairs.T)[0, 1]) < 4 / np.sqrt(len(pairs))
    assert abs(np.corrcoef(pairs[:-1, 0], pairs[1:, 0])[0, 1]) < 4 / np.sqrt(len(pairs))


def test_each_argument_makes_another_draw():
    base = (1, 2, 3, PURPOSE, 5, 6)
    numbers = {draws.uniform(*base)}
    for i in range(6):
        numbers.add(draws.uniform(*(value + (10 if i == 3 else 1) * (k == i) for k, value in enumerate(base))))
    numbers.add(draws.uniform(1 + (1 << 32), *base[1:]))
    assert len(numbers) == 8


def test_normal_quantile_is_scipys():
    shares = np.concatenate([np.linspace(0.001, 0.999, 1999), 10.0 ** -np.arange(3, 300, 7.0), [0.5, 0.075, 0.925]])
    ours = np.array([draws.normal_quantile(u) for u in shares])
    assert ours == pytest.approx(stats.norm.ppf(shares), rel=1e-14, abs=1e-14)


@pytest.mark.parametrize(("trials", "chance"), [(1, 0.3), (12, 0.6), (40, 0.1), (1000, 0.01), (5000, 0.003)])
def test_small_binomial_counts_are_exact(trials, chance):
    for u in np.linspace(0.0005, 0.9995, 667):
        assert draws.binomial_quantile(u, float(trials), chance) == stats.binom.ppf(u, trials, chance)


@pytest.mark.parametrize("mean", [0.01, 0.5, 3.0, 15.9])
def test_small_poisson_counts_are_exact(mean):
    for u in np.linspace(0.0005, 0.9995, 667):
        assert draws.poisson_quantile(u, mean) == stats.poisson.ppf(u, mean)


@pytest.mark.parametrize(("trials", "chance"), [(100, 0.3), (1000, 0.5), (3000, 0.006), (5000, 0.9)])
def test_large_binomial_counts_have_the_right_moments(trials, chance):
    shares = (np.arange(20_000) + 0.5) / 20_000
    counts = np.array([draws.binomial_quantile(u, float(trials), chance) for u in shares])
    law = stats.binom(trials, chance)
    assert np.all(counts == np.floor(counts)) and counts.min() >= 0 and counts.max() <= trials
    assert counts.mean() == pytest.approx(law.mean(), abs=0.02 * law.std())
    assert counts.std() == pytest.approx(law.std(), rel=0.02)
    assert stats.skew(counts) == pytest.approx(float(law.stats("s")), abs=0.03)


@pytest.mark.parametrize("mean", [16.5, 60.0, 2000.0])
def test_large_poisson_counts_have_the_right_moments(mean):
    shares = (np.arange(20_000) + 0.5) / 20_000
    counts = np.array([draws.poisson_quantile(u, mean) for u in shares])
    assert counts.mean() == pytest.approx(mean, abs=0.02 * np.sqrt(mean))
    assert counts.std() == pytest.approx(np.sqrt(mean), rel=0.02)
    assert stats.skew(counts) == pytest.approx(1 / np.sqrt(mean), abs=0.03)


@settings(max_examples=200, deadline=None)
@given(INSIDE, INSIDE, st.integers(0, 20_000), st.floats(0, 1))
def test_binomial_counts_rise_with_the_draw(u, v, trials, chance):
    low, high = (draws.binomial_quantile(x, float(trials), chance) for x in sorted((u, v)))
    assert 0 <= low <= high <= trials


@settings(max_examples=200, deadline=None)
@given(INSIDE, INSIDE, st.floats(0, 500))
def test_poisson_counts_rise_with_the_draw(u, v, mean):
    low, high = (draws.poisson_quantile(x, mean) for x in sorted((u, v)))
    assert 0 <= low <= high


@settings(max_examples=100, deadline=None)
@given(INSIDE, st.floats(0, 5), st.floats(0, 50))
def test_something_happens_when_the_draw_lies_below_its_chance(u, days, hazard):
    assert draws.happens(u, days, hazard) == (u < draws.happens_within(days, hazard))


def test_exponential_quantile_is_scipys_far_into_both_tails():
    shares = np.concatenate([2.0 ** -np.arange(1, 54), 1 - 2.0 ** -np.arange(2, 54), np.linspace(0.001, 0.999, 999)])
    ours = np.array([draws.exponential_quantile(u) for u in shares])
    # A draw below 1e-8 cannot be taken from 1 without a rounding error of 1e-16.
    np.testing.assert_allclose(ours, stats.expon.ppf(shares), rtol=1e-14, atol=2e-16)
    assert ours.min() > 0


@settings(max_examples=200, deadline=None)
@given(INSIDE, INSIDE)
def test_who_draws_more_bears_more(u, v):
    low, high = (draws.exponential_quantile(x) for x in sorted((u, v)))
    assert 0 < low <= high
