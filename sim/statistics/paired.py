"""Differences within pairs: two samples under the same random numbers, value by value.

Beside each difference stands the error that two separate samples would have.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.statistics.intervals import wilson

Array = NDArray[np.float64]


def of_means(a: Array, b: Array, level: float = 0.95) -> tuple[float, ...]:
    """Two means, their difference with its interval, its error paired and unpaired, and the gain.

    Student's interval of the differences. Pairs of which one has failed are left out.
    """
    from scipy.special import stdtrit

    both = np.isfinite(a) & np.isfinite(b)
    a, b = a[both], b[both]
    n = len(a)
    if n < 2:
        return (math.nan,) * 8
    difference = float((b - a).mean())
    paired = float((b - a).std(ddof=1)) / math.sqrt(n)
    unpaired = math.sqrt((float(a.var(ddof=1)) + float(b.var(ddof=1))) / n)
    margin = float(stdtrit(n - 1, 0.5 + level / 2)) * paired
    means = float(a.mean()), float(b.mean())
    return (*means, difference, difference - margin, difference + margin, paired, unpaired, _gain(unpaired, paired))


def of_shares(a: NDArray[np.bool_], b: NDArray[np.bool_], level: float = 0.95) -> tuple[float, ...]:
    """The same for the shares in which something happens.

    Newcombe's interval for paired shares (1998, method 10): from the two Wilson intervals and the correlation between
    the members of a pair. It keeps its coverage where few pairs, or none, differ.
    """
    n = len(a)
    if n < 1:
        return (math.nan,) * 8
    both, only_a, only_b = int((a & b).sum()), int((a & ~b).sum()), int((b & ~a).sum())
    p, q = (both + only_a) / n, (both + only_b) / n
    low, high = _newcombe(both, only_b, only_a, n - both - only_a - only_b, level)
    paired = math.sqrt(max(0.0, only_a + only_b - (only_a - only_b) ** 2 / n)) / n
    unpaired = math.sqrt((p * (1 - p) + q * (1 - q)) / n)
    return p, q, q - p, low, high, paired, unpaired, _gain(unpaired, paired)


def mean_p_value(a: Array, b: Array) -> float:
    """The chance of so large a mean difference where there is none (Student's paired test); 1 if no pair differs."""
    from scipy.special import stdtr

    differences = b - a
    n = len(differences)
    if n < 2 or not differences.any():
        return 1.0
    error = float(differences.std(ddof=1)) / math.sqrt(n)
    return 2 * float(stdtr(n - 1, -abs(float(differences.mean())) / error)) if error > 0.0 else 0.0


def share_p_value(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    """The same for shares: of the pairs that differ, half should go either way (McNemar's test, exact)."""
    from scipy.special import bdtr

    only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
    return min(1.0, 2 * float(bdtr(min(only_a, only_b), only_a + only_b, 0.5)))


def _newcombe(both: int, first: int, second: int, neither: int, level: float) -> tuple[float, float]:
    """The interval of the share of pairs with the first less that with the second."""
    n = both + first + second + neither
    counts = (both + first, both + second)
    p, q = (count / n for count in counts)
    (p_low, p_high), (q_low, q_high) = (tuple(map(float, wilson(count, n, level))) for count in counts)
    sides = math.prod((both + first, second + neither, both + second, first + neither))
    excess = float(both * neither - first * second)
    # Edwards's correction: what is left of a positive correlation that half a pair could have made.
    excess = max(excess - n / 2, 0.0) if excess > 0 else excess
    alike = excess / math.sqrt(sides) if sides else 0.0

    def reach(one: float, other: float) -> float:
        return math.sqrt(max(0.0, one * one - 2 * alike * one * other + other * other))

    return p - q - reach(p - p_low, q_high - q), p - q + reach(p_high - p, q - q_low)


def _gain(unpaired: float, paired: float) -> float:
    if paired > 0.0:
        return (unpaired / paired) ** 2
    return math.inf if unpaired > 0.0 else math.nan
