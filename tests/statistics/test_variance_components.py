"""What we do not know is told from chance: known shares of variance are found again, and intervals hold them."""

from __future__ import annotations

import numpy as np
import pytest

from sim.ensemble.summary import clustered, components_of
from sim.statistics.variance_components import by_group, clustered_mean

NORMAL, SKEWED, SHARE = "normal", "skewed", "share"


def ensemble(rng: np.random.Generator, law: str, situations: int, rounds: int, between: float) -> np.ndarray:
    """Values of replicates 0, 1, ...: `between` of their variance lies between situations."""
    if law == SHARE:
        # Beta chances of mean 0.3: the variance of the chance is `between` times 0.3 x 0.7.
        size = 1 / between - 1 if between else np.inf
        chances = rng.beta(0.3 * size, 0.7 * size, situations) if between else np.full(situations, 0.3)
        return (rng.random((rounds, situations)) < chances).astype(float).ravel()
    inner = rng.standard_normal((rounds, situations))
    outer = rng.standard_normal(situations)
    if law == SKEWED:
        inner, outer = (rng.gamma(4.0, 0.5, x.shape) - 2.0 for x in (inner, outer))  # skewness 1
    return (10 + np.sqrt(between) * outer + np.sqrt(1 - between) * inner).ravel()


def test_by_hand():
    """Three situations fought twice: means 1, 2, 6; MSB = 2 x 7 = 14, MSW = (2 + 0 + 2) / 3."""
    found = components_of("quantity", [0.0, 2.0, 5.0, 2.0, 2.0, 7.0], 3)
    between = (14 - 4 / 3) / 2
    assert found["sd_between"] ** 2 == pytest.approx(between)
    assert found["sd_within"] ** 2 == pytest.approx(4 / 3)
    assert found["between"] == pytest.approx(between / (between + 4 / 3)) == 1 - found["within"]


def test_a_time_varies_by_whether_it_comes():
    days = np.array([3.0, np.nan, 4.0, np.nan, 9.0, np.nan, 2.0, np.nan])
    found = components_of("time", days, 2)
    assert (found["between"], found["within"]) == (1, 0)
    assert found == components_of("probability", np.isfinite(days), 2)


def test_nothing_is_said_where_nothing_varies_or_a_campaign_failed():
    for values in (np.ones(20), np.r_[[np.nan] * 4, np.arange(1.0)], np.arange(5.0)):
        assert set(components_of("quantity", values, 5).values()) == {None}


def test_a_round_begun_is_left_out():
    assert by_group(np.arange(7), 3).tolist() == [[0, 1, 2], [3, 4, 5]]


def held(law: str, between: float, situations: int, rounds: int, runs: int, seed: int) -> tuple[float, float, float]:
    """How often the interval holds the true share; the mean estimate; how often the mean's interval holds the mean."""
    rng = np.random.default_rng(seed)
    kind, mean = ("probability", 0.3) if law == SHARE else ("quantity", 10.0)
    shares, inside, means = [], 0, 0
    for _ in range(runs):
        values = ensemble(rng, law, situations, rounds, between)
        found = components_of(kind, values, situations)
        shares.append(found["between"])
        inside += found["between_low"] <= between <= found["between_high"]
        low, high = clustered(kind, values, situations).values()
        means += low <= mean <= high
    return inside / runs, float(np.mean(shares)), means / runs


def test_one_value_that_is_not_defined_costs_each_draw_one_campaign_and_not_the_answer():
    values = np.random.default_rng(1).normal(size=(4, 5)) + np.arange(5.0)
    holed = values.copy()
    holed[0, 2] = np.nan
    left = values[:3].copy()
    left[:, 2] = values[1:, 2]
    found = components_of("quantity", holed.reshape(-1), 5)
    assert found == components_of("quantity", left.reshape(-1), 5)
    assert found["between"] > 0.3


def test_the_mean_of_unequal_groups_by_hand():
    """Groups (1, 3), (5) and none: mean 3, residual sums -2 and 2, error sqrt(2 / 1 x 8) / 3 = 4 / 3."""
    low, high = clustered_mean([1.0, 5.0, np.nan, 3.0, np.nan, np.nan], 3)
    student = 12.7062  # 97.5 % with one degree of freedom
    assert (low, high) == pytest.approx((3 - student * 4 / 3, 3 + student * 4 / 3), rel=1e-5)
    assert np.isnan(clustered_mean([1.0, np.nan, 2.0, np.nan], 2)).all()


@pytest.mark.parametrize("runs", [300, pytest.param(5000, marks=pytest.mark.verify)])
@pytest.mark.parametrize("law", [NORMAL, SKEWED, SHARE])
def test_means_hold_what_is_true_where_most_values_are_not_defined(law, runs):
    """Defined in a seventh of the campaigns, and in some draws of the inputs more often than in others."""
    rng, held = np.random.default_rng(4), 0
    for _ in range(runs):
        values = ensemble(rng, law, 50, 30, 0.2)
        chance = np.tile(rng.beta(1, 6, 50), 30)
        values[rng.random(len(values)) >= chance] = np.nan
        low, high = clustered("quantity", values, 50).values()
        held += low <= (0.3 if law == SHARE else 10.0) <= high
    assert held / runs >= 0.93 - 2 * np.sqrt(0.07 * 0.93 / runs) * (runs < 1000)


@pytest.mark.parametrize("law", [NORMAL, SKEWED, SHARE])
@pytest.mark.parametrize("between", [0.0, 0.1, 0.6])
def test_intervals_hold_what_is_true(law, between):
    inside, share, means = held(law, between, 50, 20, 500, seed=5)
    assert share == pytest.approx(between, abs=0.03)
    assert inside > 0.9
    assert means > 0.92


@pytest.mark.verify
@pytest.mark.parametrize("law", [NORMAL, SKEWED, SHARE])
@pytest.mark.parametrize("between", [0.0, 0.05, 0.1, 0.3, 0.6])
@pytest.mark.parametrize(("situations", "rounds"), [(20, 10), (50, 20), (100, 10)])
def test_intervals_hold_what_is_true_in_small_and_large_ensembles(law, between, situations, rounds):
    inside, share, means = held(law, between, situations, rounds, 3000, seed=9)
    print(f"{law}, {between:.0%} between: estimated {share:.1%}, held in {inside:.1%}; the mean in {means:.1%}")
    assert inside > 0.91 and means > 0.92
    assert share == pytest.approx(between, abs=0.05)
