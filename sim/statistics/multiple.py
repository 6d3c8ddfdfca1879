"""Many comparisons at once: p-values and intervals that hold for all of them together."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def holm(p_values: ArrayLike) -> Array:
    """Adjusted p-values (Holm 1979): what is at most 0.05 is significant at 5 % for the whole family."""
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p, kind="stable")
    steps = (len(p) - np.arange(len(p))) * p[order]
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(steps))
    return adjusted


def bonferroni_level(count: int, level: float = 0.95) -> float:
    """The level of each of so many intervals with which all of them together hold at `level`."""
    return 1.0 - (1.0 - level) / max(1, count)
