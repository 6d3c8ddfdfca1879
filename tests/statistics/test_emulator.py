"""Emulators against functions that are known, and against the rule for their errors."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import check_grad
from scipy.stats import qmc

from sim.statistics.emulator import FEWEST, ONE_SIDED_95, _Objective, fit


def surface(t):
    return np.sin(4 * t[:, 0]) + t[:, 1] ** 2 + 1.5 * t[:, 0] * t[:, 1]


@pytest.fixture(scope="module")
def noisy():
    """Points, outputs with a noise of 0.1, and the emulator, over five inputs of which three have no effect."""
    rng = np.random.default_rng(3)
    points = qmc.Sobol(5, rng=rng).random(128)
    output = surface(points) + 0.1 * rng.standard_normal(128)
    return points, output, fit(points, output, 0.01)


def test_it_knows_the_function_and_how_well(noisy):
    _, _, emulator = noisy
    new = np.random.default_rng(4).random((2000, 5))
    mean, variance = emulator.predict(new)
    error = mean - surface(new)
    assert np.sqrt((error**2).mean()) < 0.05, "half the noise of a run, or less"
    within = np.abs(error) < 3 * np.sqrt(variance)
    assert within.mean() > 0.99
    assert emulator.explained > 0.98
    assert emulator.predict(new[:0]).mean.shape == (0,)


def test_its_error_is_the_upper_bound_of_cross_validation(noisy):
    points, output, emulator = noisy
    chosen = emulator._surface
    missed, _ = chosen.left_out()
    squares = (missed * output.std()) ** 2
    high = squares.mean() - 0.01 + ONE_SIDED_95 * squares.std(ddof=1) / np.sqrt(128)
    assert emulator.error == pytest.approx(max(0.0, squares.mean() - 0.01))
    assert emulator.error_high >= high * (1 - 1e-9)
    left_out = fit_without(points, output, 17)
    # The closed form is that of an emulator with the same parameters which has not seen the point.
    assert missed[17] * output.std() == pytest.approx(left_out, abs=1e-6)


def fit_without(points, output, index):
    """What is missed at one point by the process with the parameters of all points, given all others."""
    whole = fit(points, output, 0.01)._surface
    seen = np.arange(len(output)) != index
    scaled = (output - output.mean()) / output.std()
    objective = _Objective(points[seen] - 0.5, scaled[seen], whole.chance)
    inverse, _, _ = objective.inverse(whole.surface, whole.plane, whole.rough, whole.rates)
    at = points[index] - 0.5
    others = points[seen] - 0.5
    cross = whole.surface * np.exp(-(((others - at) ** 2) @ whole.rates)) + whole.plane * others @ at + 1.0
    return (scaled[index] - cross @ inverse @ scaled[seen]) * output.std()


def test_the_gradient_is_that_of_the_density():
    rng = np.random.default_rng(1)
    points = rng.random((20, 3)) - 0.5
    output = rng.standard_normal(20)
    objective = _Objective(points, output, 0.05)
    at = np.array([-0.3, 0.2, -3.0, 0.5, 1.2, 0.3])
    assert check_grad(lambda p: objective(p)[0], lambda p: objective(p)[1], at) < 1e-4


def test_noise_alone_is_not_explained():
    rng = np.random.default_rng(5)
    emulator = fit(rng.random((64, 2)), rng.standard_normal(64), 1.0)
    assert np.isnan(emulator.explained)
    mean, variance = emulator.predict(rng.random((200, 2)))
    assert np.abs(mean).max() < 3 * np.sqrt(variance).max()


def test_a_constant_is_known_up_to_its_chance():
    emulator = fit(np.random.default_rng(6).random((20, 2)), np.full(20, 3.0), 0.5)
    mean, variance = emulator.predict(np.array([[0.1, 0.9]]))
    assert (mean[0], variance[0]) == (3.0, 0.5 / 20)


def test_too_few_points_are_refused():
    with pytest.raises(ValueError, match=f"at least {FEWEST} points, but has 9"):
        fit(np.zeros((9, 1)), np.arange(9.0), 0.0)
