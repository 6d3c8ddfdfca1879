"""Intervals hold what is true as often as they say: worked out exactly, and by campaigns that are drawn."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from sim.ensemble.summary import summarise
from sim.statistics.intervals import quantile_interval, quantile_ranks, wilson


def exact_coverage(trials: int, share: float) -> float:
    """How often Wilson's interval of so many campaigns holds the true share."""
    counts = np.arange(trials + 1)
    low, high = wilson(counts, trials)
    return float(binom.pmf(counts, trials, share)[(low <= share) & (share <= high)].sum())


def test_wilson_covers_as_the_reference_says():
    assert exact_coverage(100, 0.01) == pytest.approx(0.9206, abs=5e-5)
    grid = [exact_coverage(1000, share) for share in np.linspace(0.001, 0.999, 999)]
    assert np.mean(grid) == pytest.approx(0.9501, abs=5e-4)
    assert min(grid) == pytest.approx(0.9198, abs=5e-5)


@pytest.mark.parametrize(("n", "q", "covered"), [(1000, 0.95, 0.9581), (1000, 0.5, 0.9537), (10_000, 0.95, 0.9515)])
def test_quantile_ranks_cover_as_the_reference_says(n, q, covered):
    low, high = quantile_ranks(n, q)
    assert binom.cdf(high - 1, n, q) - binom.cdf(low - 1, n, q) == pytest.approx(covered, abs=5e-5)


@pytest.mark.parametrize("runs", [400, pytest.param(20_000, marks=pytest.mark.verify)])
@pytest.mark.parametrize("tick", [None, 0.25])
@pytest.mark.parametrize("comes", [1.0, 0.7])
def test_the_median_day_of_something_that_may_not_come(runs, tick, comes):
    """Days by the tick, and campaigns that end before it comes: later than all others, and never left out.

    It comes in a share of the campaigns, after an exponential time of mean 6 and within 16 days.
    """
    rng, held = np.random.default_rng(12), 0
    median = -6 * np.log(1 - 0.5 / comes)
    for _ in range(runs):
        days = np.where(rng.random(300) < comes, rng.exponential(6.0, 300), np.inf)
        days = np.where(days > 16, np.inf, days if tick is None else np.ceil(days / tick) * tick)
        low, high = quantile_interval(days, 0.5)
        held += low <= (median if tick is None else np.ceil(median / tick) * tick) <= high
    assert held / runs > 0.95 - 3 * np.sqrt(0.05 * 0.95 / runs)


def test_leaving_out_what_did_not_come_would_be_wrong():
    """The median of those that came is days too early; the summary's is not, and says when it lies beyond the end."""
    days = np.random.default_rng(3).exponential(12.0, 4000)
    seen = np.where(days > 10, np.nan, days)
    said = summarise("x.fall_day", "time", "day", seen)
    assert said["median"] == pytest.approx(12 * np.log(2), abs=0.4)
    assert said["median"] > np.nanmedian(seen) + 3
    assert said["p95"] is None
    assert said["probability"] == np.isfinite(seen).mean() == np.mean(days <= 10)


@pytest.mark.parametrize("runs", [1000, pytest.param(50_000, marks=pytest.mark.verify)])
def test_the_interval_of_a_mean_and_of_a_probability_as_they_are_printed(runs):
    rng, means, shares = np.random.default_rng(8), 0, 0
    for _ in range(runs):
        deaths = rng.lognormal(6.0, 0.4, 200)
        said = summarise("deaths", "quantity", "people", deaths)
        means += said["mean_low"] <= np.exp(6.08) <= said["mean_high"]
        said = summarise("x", "probability", "", rng.random(200) < 0.1)
        shares += said["probability_low"] <= 0.1 <= said["probability_high"]
    assert min(means, shares) / runs > 0.93


@pytest.mark.parametrize("runs", [2000, pytest.param(50_000, marks=pytest.mark.verify)])
@pytest.mark.parametrize("kind", ["mean", "share"])
def test_intervals_where_hardly_any_campaign_is_defined(runs, kind):
    """Two in a hundred of 400 campaigns: Student's interval of about eight values, and Wilson's."""
    rng, held, told = np.random.default_rng(9), 0, 0
    for _ in range(runs):
        values = rng.normal(50, 10, 400) if kind == "mean" else (rng.random(400) < 0.3).astype(float)
        values[rng.random(400) >= 0.02] = np.nan
        said = summarise("x", "quantity", "", values)
        if said["mean_low"] is not None:
            told += 1
            held += said["mean_low"] <= (50 if kind == "mean" else 0.3) <= said["mean_high"]
    assert told > 0.97 * runs
    assert held / told > 0.93
