"""Sobol indices of an output that has noise: which share of the variance of its expectation each input explains.

The output is f(x) + noise, where f(x) is the expectation over campaigns at the inputs x. Each row of the design has the
points A, B and, for each input i, A with input i from B (Saltelli 2002). With noise that is independent from point to
point:

- first order: mean of (f(B) - m)(f(ABi) - f(A)) is unbiased, because the noise of different points is independent
  (Saltelli et al. 2010);
- total: half the mean of (f(A) - f(ABi))^2 (Jansen 1999), less the noise variances of both points, which the square
  holds;
- variance: that over A and B, less the mean noise variance.

The noise variance of a point is that of its replicates, divided by their number, so the corrections are unbiased from
two replicates on. Random numbers that are common to the points would make the noise an input of its own: differences
between points would then hold each input's interaction with chance, which replicates cannot take out again.

Intervals: percentiles over resampled rows; a row brings its replicates along, so they hold both sources of error.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.statistics.ranking import resampled

Array = NDArray[np.float64]
RESAMPLES = 1000
LEAST_ROWS = 16


class SobolIndices(NamedTuple):
    """Indices by input, with bounds of 95 % intervals and the total indices in each resample [resample, input].

    `alone`: the sum of the first-order indices, with its bounds. `variance`: of f; `noise`: of one campaign about f.
    `rows`: of the design, that each input's indices rest on. NaN where the variance of f cannot be told from 0.
    """

    first: Array
    first_low: Array
    first_high: Array
    total: Array
    total_low: Array
    total_high: Array
    draws: Array
    alone: tuple[float, float, float]
    variance: float
    noise: float
    rows: NDArray[np.int64]


def sobol_indices(values: Array, seed: int = 1, resamples: int = RESAMPLES) -> SobolIndices:
    """Indices from `values` [row, point, replicate], with the points A, AB1, ..., ABd, B of each row.

    NaN values are left out; a point with fewer than two values is not used. ValueError if too few rows are left.
    """
    mean, noise, spread = point_means(values)
    known = np.isfinite(mean)
    used = known[:, :1] & known[:, -1:] & known[:, 1:-1]
    if used.sum(axis=0).min() < LEAST_ROWS:
        raise ValueError(
            f"only {used.sum(axis=0).min()} of {len(mean)} rows of the design have two defined values at each point;"
            f" at least {LEAST_ROWS} are needed: take more points or more replicates"
        )
    parts = _Parts(mean, noise, known, used)
    first, total, variance = parts.indices(np.ones((1, len(mean))))
    found = [parts.indices(weights) for weights in resampled(len(mean), resamples, seed)]
    firsts, totals, variances = (np.concatenate([part[i] for part in found]) for i in range(3))
    low = float(np.quantile(variances, 0.025))
    if variance[0] <= 0.0 or low <= 0.0:
        first, total, firsts, totals = (np.full_like(table, np.nan) for table in (first, total, firsts, totals))
    first_low, first_high = np.quantile(firsts, [0.025, 0.975], axis=0)
    total_low, total_high = np.quantile(totals, [0.025, 0.975], axis=0)
    alone_low, alone_high = np.quantile(firsts.sum(axis=1), [0.025, 0.975])
    return SobolIndices(
        first[0], first_low, first_high, total[0], total_low, total_high, totals,
        (float(first.sum()), float(alone_low), float(alone_high)),
        max(0.0, float(variance[0])), float(np.nanmean(spread)), used.sum(axis=0),
    )  # fmt: skip


def point_means(values: Array) -> tuple[Array, Array, Array]:
    """At each point: the mean over replicates, the noise variance of that mean, and that of one replicate.

    values: [..., replicate]; NaN values are left out, and all three are NaN where fewer than two are left.
    """
    known = np.isfinite(values)
    count = known.sum(axis=-1)
    enough = count >= 2
    filled = np.where(known, values, 0.0)
    mean = filled.sum(axis=-1) / np.maximum(count, 1)
    squares = np.where(known, (values - mean[..., None]) ** 2, 0.0).sum(axis=-1)
    spread = np.where(enough, squares / np.maximum(count - 1, 1), np.nan)
    return np.where(enough, mean, np.nan), spread / np.maximum(count, 1), spread


class _Parts:
    """Sums over rows, from which the indices of any weighting of the rows follow."""

    def __init__(self, mean: Array, noise: Array, known: NDArray[np.bool_], used: NDArray[np.bool_]) -> None:
        def kept(what: Array, where: NDArray[np.bool_]) -> Array:
            return np.where(where, what, 0.0)

        ends = known[:, [0, -1]]
        centred = mean - mean[:, [0, -1]][ends].mean()
        a, b, c = centred[:, :1], centred[:, -1:], centred[:, 1:-1]
        self.count = used.astype(float)
        self.product = kept(b * (c - a), used)
        self.step = kept(c - a, used)
        self.square = kept((a - c) ** 2 - noise[:, :1] - noise[:, 1:-1], used) / 2.0
        self.ends = ends.sum(axis=1).astype(float)
        self.level = kept(centred[:, [0, -1]], ends).sum(axis=1)
        self.squares = kept(centred[:, [0, -1]] ** 2, ends).sum(axis=1)
        self.noise = kept(noise[:, [0, -1]], ends).sum(axis=1)

    def indices(self, weights: Array) -> tuple[Array, Array, Array]:
        """First-order and total indices [weighting, input] and variances [weighting]; weights: [weighting, row]."""
        count = weights @ self.ends
        level = (weights @ self.level) / count
        variance = ((weights @ self.squares) - count * level**2) / (count - 1.0) - (weights @ self.noise) / count
        used = np.maximum(1.0, weights @ self.count)
        first = (weights @ self.product - level[:, None] * (weights @ self.step)) / used
        total = (weights @ self.square) / used
        with np.errstate(all="ignore"):
            return first / variance[:, None], total / variance[:, None], variance
