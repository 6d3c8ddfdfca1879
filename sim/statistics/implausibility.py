"""History matching: how far an expected output lies from what was observed, in standard deviations of all errors.

What was observed is a range. Within it nothing is implausible; outside, the distance to the nearer end counts (Craig,
Goldstein, Seheult and Smith 1997; Vernon, Goldstein and Bower 2010).
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
THREE_SIGMA = 3.0
"""At least 95 % of any distribution with one peak lies within three standard deviations (Pukelsheim 1994)."""
ALL_TOGETHER = 0.05


def implausibility(mean: ArrayLike, variance: ArrayLike, low: float, high: float) -> Array:
    """Distance of a mean from the range `low` to `high`, divided by the standard deviation of all errors."""
    middle = np.asarray(mean, dtype=float)
    distance = np.maximum(np.maximum(low - middle, middle - high), 0.0)
    spread = np.sqrt(np.asarray(variance, dtype=float))
    found: Array = np.where(distance > 0.0, distance / np.where(spread > 0.0, spread, 1e-300), 0.0)
    return found


def cutoff(observations: int) -> float:
    """Implausibility from which a point is ruled out: 3, or more where so many normal errors exceed 3 too often.

    With normal errors, the true point is kept in at least 95 % of the cases for all observations together.
    """
    return max(THREE_SIGMA, NormalDist().inv_cdf(1.0 - ALL_TOGETHER / (2.0 * max(1, observations))))


def log_likelihood(mean: ArrayLike, variance: ArrayLike, low: float, high: float) -> Array:
    """Logarithm of the chance that a mean with a normal error lies in a range; for a single number, of its density."""
    from scipy.special import log_ndtr

    middle = np.asarray(mean, dtype=float)
    spread = np.sqrt(np.maximum(np.asarray(variance, dtype=float), 1e-300))
    if low == high:
        found: Array = -0.5 * ((low - middle) / spread) ** 2 - np.log(spread)
        return found
    lower, upper = (low - middle) / spread, (high - middle) / spread
    # In the upper tail both logarithms would be 0: the mirror image has the same chance.
    flip = lower > 0.0
    lower, upper = np.where(flip, -upper, lower), np.where(flip, -lower, upper)
    log_upper, log_lower = log_ndtr(upper), log_ndtr(lower)
    with np.errstate(divide="ignore", invalid="ignore"):
        part = log_upper + np.log1p(-np.exp(np.minimum(log_lower - log_upper, 0.0)))
    return np.asarray(np.where(np.isfinite(part), part, -1e300))
