"""How well a number tells two groups apart: the chance that it is larger in a member of the one than of the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri
from scipy.stats import rankdata

Array = NDArray[np.float64]


def separation(values: ArrayLike, first: ArrayLike, level: float = 0.95) -> tuple[Array, Array, Array]:
    """The area under the ROC curve of each column of `values` [case, number], for the cases that are `first`.

    0.5: the groups cannot be told apart. 1 (0): each member of the first has a larger (smaller) number than all others.
    Ties count half. Returns it and the bounds of its interval (DeLong, DeLong and Clarke-Pearson 1988). The standard
    error is at least 1 / (2 n), n the size of the smaller group: DeLong's is 0 where all numbers are alike, or lie
    apart without exception.
    """
    table, chosen = np.asarray(values, dtype=float), np.asarray(first, dtype=bool)
    one, other = table[chosen], table[~chosen]
    m, n = len(one), len(other)
    if not m or not n:
        raise ValueError(f"both groups need a member, but they have {m} and {n}")
    ranks = rankdata(table, axis=0)
    of_one = (ranks[chosen] - rankdata(one, axis=0)) / n
    of_other = 1.0 - (ranks[~chosen] - rankdata(other, axis=0)) / m
    area = of_one.mean(axis=0)
    variance = of_one.var(axis=0, ddof=min(1, m - 1)) / m + of_other.var(axis=0, ddof=min(1, n - 1)) / n
    margin = float(ndtri(0.5 + level / 2)) * np.sqrt(np.maximum(variance, (0.5 / min(m, n)) ** 2))
    return area, np.maximum(0.0, area - margin), np.minimum(1.0, area + margin)
