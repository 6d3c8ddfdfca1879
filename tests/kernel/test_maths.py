"""Exponential, logarithm and power: the C library's to the last bit or two, from plain arithmetic."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.kernel.maths import exp, log, power

# Numbers of more than 53 bits, against which the last bit of a double counts.
EXACT = np.longdouble


def test_exponential():
    xs = np.concatenate([np.linspace(-50, 50, 4001), np.linspace(-699, 699, 1001), [1e-300, -1e-9, 0.0]])
    ours = np.array([exp(float(x)) for x in xs])
    assert np.max(np.abs(ours / np.exp(xs.astype(EXACT)) - 1)) < 4e-16
    assert exp(0.0) == 1.0


@pytest.mark.parametrize(("x", "as_if"), [(1e9, 700.0), (-1e9, -700.0)])
def test_exponential_of_huge_numbers_is_bounded(x, as_if):
    assert exp(x) == pytest.approx(math.exp(as_if), rel=4e-16)


def test_logarithm():
    xs = np.concatenate([np.linspace(0.4, 2.5, 4001), 10.0 ** np.linspace(-300, 300, 2001)])
    ours = np.array([log(float(x)) for x in xs])
    exact = np.log(xs.astype(EXACT))
    nought = exact == 0
    assert np.all(ours[nought] == 0)
    assert np.max(np.abs(ours[~nought] / exact[~nought] - 1)) < 4e-16
    assert log(0.0) == log(-1.0) == pytest.approx(-708.4, abs=0.01)


@pytest.mark.parametrize("exponent", [0.0, 0.25, 0.5, 0.7, 1.0, 1.5, 2.0, -0.5])
def test_power(exponent):
    xs = 10.0 ** np.linspace(-3, 5, 801)
    ours = np.array([power(float(x), exponent) for x in xs])
    bound = 1e-15 * max(1.0, abs(exponent) * 11.5)  # the logarithm's error counts as often as e's exponent is large
    assert np.max(np.abs(ours / xs.astype(EXACT) ** EXACT(exponent) - 1)) < bound
    assert power(0.0, 1.5) == power(0.0, 0.5) == 0.0
    if exponent in (0.0, 0.5, 1.0):
        assert np.array_equal(ours, xs**exponent)
