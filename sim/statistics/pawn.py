"""PAWN (Pianosi and Wagener 2018): how far the distribution of an output moves when an input is known.

An input is cut into slices that are equally likely. For each slice, the largest distance between the output's
distribution within the slice and over all (Kolmogorov and Smirnov) is taken; the index is the median over the slices.
It needs no special design, and takes the output with its chance as it is.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
SLICES = 10
LEAST_VALUES = 10 * SLICES
"""Defined values without which nothing is said."""
RESAMPLES = 100
THRESHOLDS = 1000
"""Values of the output at which the distributions are compared, at most."""


class Pawn(NamedTuple):
    """By input: the index, a median, with its interval and resamples, and the largest distance of all slices.

    `dummy`: the index that an input without any effect exceeds in 5 % of the cases.
    """

    median: Array
    low: Array
    high: Array
    largest: Array
    dummy: float
    draws: Array


def pawn(inputs: Array, output: Array, slices: int = SLICES, seed: int = 1, resamples: int = RESAMPLES) -> Pawn:
    """Indices of `inputs` [point, input] for `output` [point, replicate]; NaN values of the output are left out.

    An input with no more different values than slices is cut into those values.
    """
    points, replicates = output.shape
    known = np.isfinite(output)
    if known.sum() < LEAST_VALUES:
        raise ValueError(f"PAWN needs at least {LEAST_VALUES} defined values, but there are {known.sum()}")
    thresholds = np.unique(np.quantile(output[known], np.linspace(0, 1, THRESHOLDS + 1), method="inverted_cdf"))
    if known.sum() <= THRESHOLDS:
        thresholds = np.unique(output[known])
    level = np.minimum(np.searchsorted(thresholds, np.where(known, output, thresholds[-1])), len(thresholds) - 1)
    cut = [_slices(column, slices) for column in inputs.T]
    weights = known.astype(float)
    found = np.array([_distances(one, level, weights, len(thresholds)) for one in cut])
    rng = np.random.default_rng([seed, points, replicates])
    draws, dummies = np.empty((resamples, len(cut))), np.empty(resamples)
    for k in range(resamples):
        drawn: Array = weights * rng.multinomial(points, np.full(points, 1.0 / points))[:, None]
        draws[k] = [_distances(one, level, drawn, len(thresholds))[0] for one in cut]
        shuffled = rng.permutation(np.arange(points, dtype=np.int64) * slices // points)
        dummies[k] = _distances(shuffled, level, weights, len(thresholds))[0]
    # A resample repeats values, which makes all distances larger than they are: only its scatter is used.
    draws = np.maximum(0.0, draws - draws.mean(axis=0) + found[:, 0])
    low, high = np.quantile(draws, [0.025, 0.975], axis=0)
    return Pawn(found[:, 0], low, high, found[:, 1], float(np.quantile(dummies, 0.95)), draws)


def _slices(column: Array, slices: int) -> NDArray[np.int64]:
    """The number of the slice of each point."""
    values, place = np.unique(column, return_inverse=True)
    if len(values) <= slices:
        return np.asarray(place, dtype=np.int64)
    order = np.argsort(np.argsort(column, kind="stable"), kind="stable")
    return np.asarray(order * slices // len(column), dtype=np.int64)


def _distances(cut: NDArray[np.int64], level: NDArray[np.integer], weights: Array, levels: int) -> tuple[float, float]:
    """Median and maximum over the slices of the distance between a slice's distribution and that of all."""
    cells = cut[:, None] * levels + level
    slices = int(cut.max()) + 1
    counts = np.bincount(cells.ravel(), weights.ravel(), minlength=slices * levels).reshape(slices, levels)
    within = counts.sum(axis=1, keepdims=True)
    whole = counts.sum(axis=0).cumsum() / max(1.0, float(counts.sum()))
    distance = np.abs(counts.cumsum(axis=1) / np.maximum(1.0, within) - whole).max(axis=1)[within[:, 0] > 0]
    return float(np.median(distance)), float(distance.max())
