"""How sure an ensemble is of what it estimates: intervals of shares and of quantiles, without assuming a shape."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
NORMAL_95 = 1.959963984540054
"""Standard errors to each side of a 95 % interval of a normal variable."""


def wilson(successes: ArrayLike, trials: ArrayLike, level: float = 0.95) -> tuple[Array, Array]:
    """The interval of a share (Wilson 1927): where the true share lies, given successes in so many trials.

    It keeps its coverage near 0 and 1, where the share plus or minus two standard errors does not. No trials
    leave everything open: (0, 1).
    """
    z = NormalDist().inv_cdf(0.5 + level / 2)
    n = np.asarray(trials, dtype=float)
    k = np.asarray(successes, dtype=float)
    if np.any(n < 0) or np.any(k < 0) or np.any(k > n):
        raise ValueError("wilson: successes must lie between 0 and the number of trials")
    centre = k + z * z / 2
    spread = z * np.sqrt(np.where(n > 0, k * (n - k) / np.maximum(n, 1), 0.0) + z * z / 4)
    low, high = (centre - spread) / (n + z * z), (centre + spread) / (n + z * z)
    # Exact at the ends, where rounding would leave 1e-19 or 1 - 1e-16.
    return np.where(k == 0, 0.0, low), np.where(k == n, 1.0, high)


def share_difference(k1: int, n1: int, k2: int, n2: int, level: float = 0.95) -> tuple[float, float]:
    """The interval of a difference of two shares of separate samples, k1/n1 - k2/n2 (Newcombe 1998, method 10)."""
    (low1, high1), (low2, high2) = (wilson(k, n, level) for k, n in ((k1, n1), (k2, n2)))
    one, two = k1 / n1, k2 / n2
    below, above = math.hypot(one - low1, high2 - two), math.hypot(high1 - one, two - low2)
    return one - two - below, one - two + above


def student_margin(sample: ArrayLike, level: float = 0.95) -> float:
    """Half the width of Student's interval of a mean; infinite for fewer than two values."""
    from scipy.special import stdtrit

    values = np.asarray(sample, dtype=float)
    n = len(values)
    if n < 2:
        return math.inf
    return float(stdtrit(n - 1, 0.5 + level / 2)) * float(values.std(ddof=1)) / math.sqrt(n)


def is_binary(sample: ArrayLike) -> bool:
    """Whether all values are 0 or 1: their mean is then a share, and has the interval of a share."""
    return bool(np.isin(sample, (0.0, 1.0)).all())


def quantile_ranks(n: int, q: float, level: float = 0.95) -> tuple[int, int]:
    """Which ordered values of a sample of n enclose the quantile q: ranks from 1, by the binomial distribution.

    Rank 0 or n + 1 says that the sample is too small to bound the quantile on that side.
    """
    if n < 1 or not 0 < q < 1 or not 0 < level < 1:
        raise ValueError("quantile_ranks: needs n >= 1, and q and level between 0 and 1")
    tail = (1 - level) / 2
    return _binomial_quantile(tail, n, q), _binomial_quantile(1 - tail, n, q) + 1


def quantile_interval(values: ArrayLike, q: float, level: float = 0.95) -> tuple[float, float]:
    """The interval of a quantile between two values of the sample; infinite where the sample is too small.

    Values may be infinite (a time that never came); they count as later than all others.
    """
    ordered = np.sort(np.asarray(values, dtype=float).ravel())
    low, high = quantile_ranks(len(ordered), q, level)
    return (
        float(ordered[low - 1]) if low >= 1 else -np.inf,
        float(ordered[high - 1]) if high <= len(ordered) else np.inf,
    )


def _binomial_quantile(probability: float, n: int, q: float) -> int:
    """The smallest count that a binomial variable stays at or below with at least this probability."""
    from scipy.special import bdtr, bdtrik

    count = int(np.clip(np.ceil(bdtrik(probability, n, q)), 0, n))
    return count - 1 if count > 0 and bdtr(count - 1, n, q) >= probability else count
