"""Sobol indices: those of Ishigami's function, with noise and without; what they are where values are missing."""

from __future__ import annotations

import numpy as np
import pytest

from sim.statistics.elementary_effects import elementary_effects
from sim.statistics.sobol_indices import LEAST_ROWS, point_means, sobol_indices
from tests.statistics.ishigami import FIRST, TOTAL, VARIANCE, saltelli_values


def coverage(rows: int, replicates: int, noise: float, repetitions: int) -> tuple[np.ndarray, np.ndarray]:
    """How often each interval holds the exact index, and the mean error of each index: [first or total, input]."""
    held, errors = np.zeros((2, 3)), np.zeros((2, 3))
    for seed in range(repetitions):
        found = sobol_indices(saltelli_values(rows, replicates, noise, seed), seed, 400)
        held += [
            (found.first_low <= FIRST) & (found.first_high >= FIRST),
            (found.total_low <= TOTAL) & (found.total_high >= TOTAL),
        ]
        errors += [found.first - FIRST, found.total - TOTAL]
    return held / repetitions, errors / repetitions


def test_exact_indices_without_noise():
    found = sobol_indices(saltelli_values(4096, 2, 0.0, seed=1))
    assert found.first == pytest.approx(FIRST, abs=0.02)
    assert found.total == pytest.approx(TOTAL, abs=0.02)
    assert found.variance == pytest.approx(VARIANCE, rel=0.01)
    assert found.noise == 0.0


def test_noise_as_large_as_the_signal_is_taken_out():
    """Uncorrected, the total indices with two replicates would be 1/2 too large, times V / (V + V / 2)."""
    found = sobol_indices(saltelli_values(8192, 2, 1.0, seed=1), resamples=200)
    assert found.first == pytest.approx(FIRST, abs=0.05)
    assert found.total == pytest.approx(TOTAL, abs=0.05)
    assert found.variance == pytest.approx(VARIANCE, rel=0.05)
    assert found.noise == pytest.approx(VARIANCE, rel=0.05)


def test_intervals_hold_the_exact_indices_and_the_mean_is_right():
    held, errors = coverage(128, 2, 1.0, 40)
    assert held.mean() >= 0.9
    assert np.abs(errors).max() < 0.1, "40 repetitions of a standard error of 0.13 have one of 0.02"


@pytest.mark.verify
@pytest.mark.parametrize(("rows", "replicates", "noise"), [(256, 2, 0.0), (256, 2, 1.0), (256, 8, 1.0), (512, 3, 1.0)])
def test_coverage_over_200_repetitions(rows, replicates, noise):
    held, errors = coverage(rows, replicates, noise, 200)
    assert held.min() >= 0.9
    assert np.abs(errors).max() < 0.03


def test_without_noise_they_are_those_of_salib():
    sobol = pytest.importorskip("SALib.analyze.sobol")
    values = saltelli_values(512, 2, 0.0, seed=3)
    found = sobol_indices(values)
    problem = {"num_vars": 3, "names": list("abc"), "bounds": [[0, 1]] * 3}
    theirs = sobol.analyze(problem, values[:, :, 0].ravel(), calc_second_order=False, num_resamples=2, seed=1)
    # Their centre and variance are those of all points, ours of A and B.
    assert found.first == pytest.approx(theirs["S1"], abs=0.02)
    assert found.total == pytest.approx(theirs["ST"], abs=0.02)


def test_by_hand():
    """Two rows repeated: f = x1 at A = (0, 0), B = (1, 1) and at A = (1, 0), B = (0, 1)."""
    rows = np.array([[0.0, 1, 0, 1], [1, 0, 1, 0]])
    found = sobol_indices(np.repeat(np.tile(rows, (16, 1))[..., None], 2, axis=2))
    # Over A and B: 64 values, half of them 1, so their variance is 64/63 of 1/4; half the mean square of a step is 1/2.
    assert found.variance == pytest.approx(16 / 63)
    assert found.total == pytest.approx([0.5 * 63 / 16, 0])
    assert found.first == pytest.approx([0.5 * 63 / 16, 0])  # b (c - a) - m (c - a): (1 + 0) / 2 - 0


def test_points_with_fewer_than_two_values_are_left_out():
    values = saltelli_values(256, 3, 0.5, seed=2)
    full = sobol_indices(values, resamples=50)
    values[7, 2, :2] = np.nan  # AB2 of a row: only input 2 loses it
    values[9, 0, 1:] = np.nan  # A of a row: all inputs lose it
    values[11, 1, 0] = np.nan  # two values are left
    found = sobol_indices(values, resamples=50)
    assert full.rows.tolist() == [256, 256, 256]
    assert found.rows.tolist() == [255, 254, 255]
    assert found.total == pytest.approx(full.total, abs=0.05)
    values[:245, 0] = np.nan
    with pytest.raises(ValueError, match="only 1"):
        sobol_indices(values)


@pytest.mark.parametrize(
    "measure",
    [sobol_indices, lambda values: elementary_effects(values, np.ones((len(values), 3)))],
    ids=["sobol", "morris"],
)
def test_sixteen_rows_are_enough_and_fifteen_are_not(measure):
    values = np.random.default_rng(1).normal(size=(LEAST_ROWS + 1, 4, 2))
    values[0, 1] = np.nan
    assert measure(values).rows.min() == LEAST_ROWS == 16
    values[1, 2] = values[2, 2] = np.nan
    with pytest.raises(ValueError, match="only 15 of 17 rows of the design have two defined values"):
        measure(values)


def test_pure_chance_has_no_indices():
    values = np.random.default_rng(5).standard_normal((200, 5, 2))
    found = sobol_indices(values, resamples=100)
    assert np.isnan(found.total).all() and np.isnan(found.first_low).all()
    assert found.noise == pytest.approx(1.0, abs=0.1)


def test_point_means_by_hand():
    mean, noise, spread = point_means(np.array([[1.0, 2, 6], [1, 3, np.nan], [4, np.nan, np.nan]]))
    assert mean.tolist()[:2] == [3, 2] and np.isnan(mean[2])
    assert spread[:2] == pytest.approx([7, 2])
    assert noise[:2] == pytest.approx([7 / 3, 1])
