"""Gaussian process emulators: what a simulator would say at inputs at which it was not run, and how sure that is.

The output is a constant, plus a plane, plus a smooth surface with a length of its own for each input (Rasmussen and
Williams 2006, chapters 2 and 5), plus noise. Lengths have an exponential prior, so that inputs without effect drop out.
The parameters are those of the highest posterior density. Cross-validation then says how large the errors really are.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.statistics.one_thread import one_thread

Array = NDArray[np.float64]
FEWEST = 10
"""Points that an emulator needs."""
SPARSITY = 0.5
"""Rate of the prior of 1 / length squared, where an input goes from 0 to 1."""
ONE_SIDED_95 = 1.6448536269514722
LEAST_VARIANCE = 1e-6
"""Variance that is never explained, as a share of the output's: it keeps the matrices regular."""
CONSTANT = 1.0
"""Prior variance of the mean, as a share of the output's."""
TUNED = 256
"""Points from which the parameters are found; all points are used with them. The time grows with their third power."""
BATCH = 4096


class Prediction(NamedTuple):
    """The expected output at some points, and the variance of the error of that expectation."""

    mean: Array
    variance: Array


@dataclasses.dataclass(frozen=True)
class Emulator:
    """An emulator that has been fitted; see `fit`.

    `noise`: variance of the outputs it was fitted to, by chance. `error`: mean squared error of the expectation in
    points that were left out, chance subtracted; `error_high`: its 95 % upper bound. `explained`: the share of the
    output's variance, chance subtracted, that it explains in points left out; NaN if nothing but chance varies.
    """

    noise: float
    error: float
    error_high: float
    explained: float
    _centre: float
    _scale: float
    _surface: _Surface | None
    _inflation: float

    def predict(self, points: Array) -> Prediction:
        """The output at points [point, input]."""
        return Prediction(self.mean(points), self.variance(points))

    def mean(self, points: Array) -> Array:
        """The expected output at points, which takes much less time than its variance."""
        if self._surface is None:
            return np.full(len(points), self._centre)
        return self._centre + self._scale * _in_parts(self._surface.mean, points)

    def variance(self, points: Array) -> Array:
        """The variance of the error of the mean: that of the fit, raised to the upper bound of what cross-validation
        found. The noise of a run is not in it."""
        if self._surface is None:
            return np.full(len(points), self.error_high)
        return self._inflation * self._scale**2 * _in_parts(self._surface.variance, points)

    def most_variance(self, points: Array) -> Array:
        """What the variance at points cannot exceed."""
        if self._surface is None:
            return np.full(len(points), self.error_high)
        return self._inflation * self._scale**2 * (self._surface.prior(points) + self._surface.rough)


def _in_parts(function: Callable[[Array], Array], points: Array) -> Array:
    parts = [function(points[i : i + BATCH]) for i in range(0, len(points), BATCH)]
    return np.concatenate([np.empty(0), *parts])


def fit(points: Array, output: Array, noise: float) -> Emulator:
    """Fit an emulator to outputs [point] at points [point, input], each input from 0 to 1.

    noise: variance of each output by chance, as replicates show it. The variance of a prediction is multiplied by a
    factor, so that the mean of it over the points is not below the 95 % upper bound of the mean squared error in
    leave-one-out cross-validation, less the noise. ValueError for fewer than 10 points.
    """
    n = len(output)
    if n < FEWEST:
        raise ValueError(f"an emulator needs at least {FEWEST} points, but has {n}")
    centre, scale = float(output.mean()), float(output.std())
    if scale <= 1e-12 * (1.0 + abs(centre)):
        # Nothing varies: all that is not known of the mean is its chance.
        return Emulator(noise, 0.0, noise / n, math.nan, centre, 1.0, None, 1.0)
    with one_thread():
        surface = _Surface.fitted(points, (output - centre) / scale, noise / scale**2)
    missed, claimed = surface.left_out()
    squares = missed**2
    chance = noise / scale**2
    error = float(squares.mean()) - chance
    high = error + ONE_SIDED_95 * float(squares.std(ddof=1)) / math.sqrt(n)
    own = float((claimed - surface.chance).mean())
    varies = 1.0 - chance > ONE_SIDED_95 * math.sqrt(2.0 / (n - 1))
    explained = max(0.0, 1.0 - max(0.0, error) / (1.0 - chance)) if varies else math.nan
    return Emulator(
        noise=noise,
        error=max(0.0, error) * scale**2,
        error_high=max(high, own) * scale**2,
        explained=explained,
        _centre=centre,
        _scale=scale,
        _surface=surface,
        _inflation=max(1.0, high / own),
    )


@dataclasses.dataclass(frozen=True)
class _Surface:
    """The process given its parameters and its points, for outputs with mean 0 and variance 1."""

    points: Array
    output: Array
    chance: float
    surface: float
    plane: float
    rough: float
    rates: Array
    _inverse: Array
    _weights: Array

    @classmethod
    def fitted(cls, points: Array, output: Array, chance: float) -> _Surface:
        """The parameters of the highest posterior density, given the outputs."""
        from scipy.optimize import minimize

        inputs = points.shape[1]
        centred = points - 0.5
        start = np.concatenate([np.log([0.5, 6.0 / inputs, 0.05]), np.full(inputs, 2.0 / inputs)])
        bounds = [(-8.0, 4.0), (-8.0, 5.0), (math.log(LEAST_VARIANCE), 1.0), *[(0.0, 100.0)] * inputs]
        chance = max(chance, LEAST_VARIANCE)
        tuned = _Objective(centred[:TUNED], output[:TUNED], chance)
        found = minimize(tuned, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 80})
        surface, plane, rough = np.exp(found.x[:3])
        rates = found.x[3:]
        objective = _Objective(centred, output, chance) if len(output) > TUNED else tuned
        inverse, _, _ = objective.inverse(surface, plane, rough, rates)
        return cls(
            centred, output, objective.chance, float(surface), float(plane), float(rough), rates, inverse,
            inverse @ output,
        )  # fmt: skip

    def mean(self, points: Array) -> Array:
        return self._cross(points) @ self._weights

    def variance(self, points: Array) -> Array:
        """The variance at points, without the noise of a run; what is rough counts as unknown."""
        cross = self._cross(points)
        known = np.einsum("ij,ij->i", cross @ self._inverse, cross)
        return np.maximum(self.prior(points) - known, 0.0) + self.rough

    def prior(self, points: Array) -> Array:
        """The variance at points if nothing had been seen."""
        return self.surface + CONSTANT + self.plane * ((points - 0.5) ** 2).sum(axis=1)

    def _cross(self, points: Array) -> Array:
        return _covariance(points - 0.5, self.points, self.surface, self.plane, self.rates)

    def left_out(self) -> tuple[Array, Array]:
        """What is missed at each point if it is left out, and the variance that is claimed for it, chance included."""
        own = np.diag(self._inverse)
        return self._weights / own, 1.0 / own


class _Objective:
    """Minus the logarithm of the posterior density of the parameters, and its gradient."""

    def __init__(self, points: Array, output: Array, chance: float) -> None:
        self.points, self.output, self.chance = points, output, chance
        self.product = points @ points.T

    def inverse(self, surface: float, plane: float, rough: float, rates: Array) -> tuple[Array, Array, float]:
        """The inverse of the outputs' covariance, the smooth surface's covariance, half the log determinant."""
        from scipy.linalg import cho_factor, cho_solve

        smooth = surface * _decay(self.points, self.points, rates)
        whole = smooth + plane * self.product + CONSTANT
        whole[np.diag_indices_from(whole)] += self.chance + rough
        factor = cho_factor(whole, lower=True)
        return cho_solve(factor, np.eye(len(whole))), smooth, float(np.log(np.diag(factor[0])).sum())

    def __call__(self, parameters: Array) -> tuple[float, Array]:
        surface, plane, rough = np.exp(parameters[:3])
        rates = parameters[3:]
        inverse, smooth, determinant = self.inverse(surface, plane, rough, rates)
        weights = inverse @ self.output
        value = 0.5 * float(self.output @ weights) + determinant + SPARSITY * float(rates.sum())
        slope = 0.5 * (inverse - np.outer(weights, weights))
        shared = slope * smooth
        columns = shared.sum(axis=1)
        squares = (columns[:, None] * self.points**2).sum(axis=0)
        crossed = np.einsum("ij,ij->j", self.points, shared @ self.points)
        gradient = np.concatenate(
            [
                [shared.sum(), plane * float((slope * self.product).sum()), rough * float(np.trace(slope))],
                SPARSITY - 2.0 * (squares - crossed),
            ]
        )
        return value, gradient


def _decay(one: Array, other: Array, rates: Array) -> Array:
    """The correlation of the smooth surface between two sets of points."""
    a, b = one * np.sqrt(rates), other * np.sqrt(rates)
    distance = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)[None, :] - 2.0 * a @ b.T
    return np.asarray(np.exp(-np.maximum(distance, 0.0)))


def _covariance(one: Array, other: Array, surface: float, plane: float, rates: Array) -> Array:
    return surface * _decay(one, other, rates) + plane * one @ other.T + CONSTANT
