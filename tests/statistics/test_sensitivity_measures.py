"""Elementary effects, PAWN, rankings: hand-worked numbers, theory, and the same numbers as SALib."""

from __future__ import annotations

import numpy as np
import pytest

from sim.statistics.elementary_effects import elementary_effects
from sim.statistics.pawn import pawn
from sim.statistics.ranking import in_words, ranking, resampled
from sim.statistics.regression import rank_correlation, standardised_regression
from tests.statistics.ishigami import ishigami


def radial(function, rows: int, inputs: int, noise: float = 0.0, replicates: int = 2, seed: int = 1):
    """Values and signs of a radial design with steps of half the distribution."""
    rng = np.random.default_rng(seed)
    base = rng.random((rows, inputs))
    moved = (base + 0.5) % 1.0
    points = np.repeat(base[:, None], inputs + 1, axis=1)
    for i in range(inputs):
        points[:, 1 + i, i] = moved[:, i]
    values = function(points)[..., None] + noise * rng.standard_normal((rows, inputs + 1, replicates))
    return values, np.where(moved > base, 1.0, -1.0)


def test_the_effects_of_a_plane_are_its_slopes():
    found = elementary_effects(*radial(lambda x: 3 * x[..., 0] - 2 * x[..., 1] + 5, 32, 3))
    assert found.mu == pytest.approx([3, -2, 0], abs=1e-12)
    assert found.mu_star == pytest.approx([3, 2, 0], abs=1e-12)
    assert found.sigma == pytest.approx([0, 0, 0], abs=1e-7)
    assert found.low == pytest.approx(found.high) and found.noise == 0.0


def test_an_interaction_shows_in_sigma():
    """The effect of x1 in x1 x2 is x2, uniform on 0-1: mean 1/2, variance 1/12."""
    found = elementary_effects(*radial(lambda x: x[..., 0] * x[..., 1], 4000, 2))
    assert found.mu == pytest.approx([0.5, 0.5], abs=0.02)
    assert found.sigma == pytest.approx([12**-0.5, 12**-0.5], abs=0.01)


def test_noise_is_taken_out_of_sigma_and_what_it_makes_of_mu_star_is_told():
    found = elementary_effects(*radial(lambda x: 3 * x[..., 0], 4000, 2, noise=1.0, replicates=4))
    # An effect is twice the difference of two means of four: variance 4 (1/4 + 1/4) = 2.
    assert found.chance == pytest.approx(np.sqrt(2 / np.pi * 2), rel=0.03)
    assert found.mu_star[1] == pytest.approx(found.chance[1], rel=0.05), "chance alone"
    assert found.sigma == pytest.approx([0, 0], abs=0.35)
    assert found.mu == pytest.approx([3, 0], abs=0.1)
    assert found.noise == pytest.approx(1.0, rel=0.05)


def test_pawn_is_that_of_salib():
    theirs = pytest.importorskip("SALib.analyze.pawn")
    x = np.random.default_rng(1).random((800, 3))
    found = pawn(x, ishigami(x)[:, None], resamples=20)
    problem = {"num_vars": 3, "names": list("abc"), "bounds": [[0, 1]] * 3}
    expected = theirs.analyze(problem, x, ishigami(x), S=10, seed=1)
    # Their slices share the points on their edges.
    assert found.median == pytest.approx(expected["median"], abs=0.01)
    assert found.largest == pytest.approx(expected["maximum"], abs=0.01)


def test_pawn_by_hand():
    """Of a coin that an input decides, each slice has distance 1/2; of one that it does not, about none."""
    x = np.column_stack([np.arange(1000) % 2, np.arange(1000) // 2 % 2]).astype(float)
    found = pawn(x, np.repeat(x[:, :1], 2, axis=1), resamples=20)
    assert found.median == pytest.approx([0.5, 0.0])
    assert found.median[1] <= found.dummy < 0.1
    assert (found.low <= found.median).all() and (found.median <= found.high).all()


def test_an_input_without_effect_seldom_exceeds_the_dummy():
    rng = np.random.default_rng(3)
    exceeded = 0
    for seed in range(10):
        x, y = rng.random((300, 20)), rng.standard_normal((300, 1))
        found = pawn(x, y, seed=seed, resamples=40)
        exceeded += int((found.median > found.dummy).sum())
    assert exceeded <= 26, "200 tests at about 5 %: 10 expected, and the threshold itself is of 40 draws"


def test_a_ranking_says_where_it_is_certain():
    draws = np.array([[3.0, 1.0, 1.1], [3.1, 1.2, 1.0]] * 50)
    found = ranking(np.array([3.0, 1.1, 1.0]), draws)
    assert found.order.tolist() == [0, 1, 2]
    assert found.ahead[:2].tolist() == [1.0, 0.5] and np.isnan(found.ahead[2])
    assert found.first.tolist() == [1, 2, 2] and found.last.tolist() == [1, 3, 3]
    assert found.tiers() == [[0], [1, 2]]
    assert in_words(found, ["a", "b", "c"]) == "Rank 1 is certain (a); ranks 2 to 3 cannot be told apart."
    level = ranking(np.array([1.0, 1.0]), np.array([[1.0, 2.0], [2.0, 1.0]]))
    assert in_words(level, ["a", "b"]).startswith("The order is not certain anywhere")


def test_resamples_have_as_many_rows_and_repeat():
    parts = np.concatenate(list(resampled(50, 30, seed=1)))
    assert parts.shape == (30, 50) and (parts.sum(axis=1) == 50).all()
    assert np.array_equal(parts, np.concatenate(list(resampled(50, 30, seed=1))))


@pytest.mark.parametrize("constant", [0.0, 0.1, 3.3e5, -7.7e8])
def test_a_constant_column_has_the_coefficient_0_whatever_rounding_makes_of_its_mean(constant):
    rng = np.random.default_rng(2)
    inputs = np.column_stack([rng.normal(size=300), np.full(300, constant)])
    found = standardised_regression(inputs, 2.0 * inputs[:, 0])
    assert found.coefficient == pytest.approx([1.0, 0.0], abs=1e-9)
    assert rank_correlation(inputs, inputs[:, 0])[0] == pytest.approx([1.0, 0.0], abs=1e-9)
