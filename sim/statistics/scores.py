"""Scores of forecasts that were made as samples, against what was observed. Lower is better, 0 is perfect.

Each score is proper: nobody can improve it by saying something other than what they believe (Gneiting and Raftery
2007). A time that lies beyond the horizon counts as the horizon, in the forecast and in the observation.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def brier(share: float, happened: bool) -> float:
    """The squared error of a probability (Brier 1950)."""
    return (share - float(happened)) ** 2


def log_score(successes: int, trials: int, happened: bool) -> float:
    """Minus the log of the probability given to what happened.

    The probability is (k + 1/2) / (n + 1), so that what none of n campaigns showed has a finite score.
    """
    share = (successes + 0.5) / (trials + 1.0)
    return -math.log(share if happened else 1.0 - share)


def crps(sample: ArrayLike, observed: float, fair: bool = False) -> float:
    """The continuous ranked probability score: E|X - y| - E|X - X'| / 2, in the unit of the observation.

    `fair` takes the pairs without those of a value with itself: what an infinite sample would score (Ferro 2014).
    """
    values = np.sort(np.asarray(sample, dtype=float))
    n = len(values)
    if n < 1 or (fair and n < 2):
        raise ValueError("crps: the sample is too small")
    # Of ordered values, the sum of |xi - xj| over all pairs is the sum of (2i - n + 1) xi, twice.
    pairs = 2.0 * float(np.dot(2.0 * np.arange(n) - n + 1.0, values))
    return float(np.abs(values - observed).mean()) - pairs / (2.0 * n * (n - 1 if fair else n))


def ranked_probability(sample: ArrayLike, observed: float, edges: ArrayLike) -> float:
    """The ranked probability score over classes: the Brier scores of `value <= edge`, averaged over the edges."""
    values, bounds = np.asarray(sample, dtype=float), np.asarray(edges, dtype=float)
    below = (values[:, None] <= bounds).mean(axis=0)
    return float(((below - (observed <= bounds)) ** 2).mean())


def rank_of(sample: ArrayLike, observed: float) -> float:
    """The share of the sample below the observation; of values equal to it, half are counted below."""
    values = np.asarray(sample, dtype=float)
    return float((values < observed).mean() + 0.5 * (values == observed).mean())


def central_interval(sample: ArrayLike, level: float = 0.9) -> tuple[float, float]:
    """The interval between two values of the sample that leaves out (1 - level) / 2 of it on either side."""
    values = np.asarray(sample, dtype=float)
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2], method="inverted_cdf")
    return float(low), float(high)
