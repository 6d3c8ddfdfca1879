"""What a calibration learnt of each input, and which inputs the evidence cannot tell apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]
DUMMIES = 4
"""Inputs without any effect that are put beside the others: how far they move is what the emulators' errors make."""
LEAST_MOVE, CERTAIN = 0.1, 2.0
"""A distribution that moved less than this, or than twice as far as any of the inputs without effect, did not move."""
TIED = 0.5
"""Correlation from which two inputs are said to be tied."""
SHARES = (0.05, 0.5, 0.95)


def least_move(sample: Array, weights: Array) -> float:
    """How far an input must have moved; sample: places of the last inputs, which have no effect."""
    return max(LEAST_MOVE, CERTAIN * max(_moved(column, weights) for column in sample.T))


def learnt(
    names: Sequence[str], sample: Array, weights: Array, shown: Array, ends: Array, least: float
) -> pd.DataFrame:
    """A row per input, the most that was learnt first.

    sample [draw, input]: places in the inputs' ranges, uniform from 0 to 1 before; `shown`: the same as numbers; `ends`
    [2, input]: the ends of the ranges. Columns: `low`, `high` (the range), `p05`, `median`, `p95` (what agrees with the
    observations), `moved` (the largest difference of the cumulative distributions before and after: 0 for nothing, 1
    for everything), `learnt`: whether that is more than `least`.
    """
    moved = np.array([_moved(column, weights) for column in sample.T])
    quantiles = np.array([_quantiles(column, weights) for column in shown.T])
    table = pd.DataFrame(
        {
            "low": ends.min(axis=0), "high": ends.max(axis=0),
            "p05": quantiles[:, 0], "median": quantiles[:, 1], "p95": quantiles[:, 2],
            "moved": moved, "learnt": moved > least,
        },
        index=pd.Index(names, name="input"),
    )  # fmt: skip
    return table.iloc[np.argsort(-moved, kind="stable")]


def ties(names: Sequence[str], sample: Array, weights: Array) -> pd.DataFrame:
    """Pairs of inputs that the evidence ties together: their rank correlation afterwards, the strongest first."""
    from scipy.stats import rankdata

    ranks = rankdata(sample, axis=0)
    centred = ranks - weights @ ranks
    spread = np.sqrt(weights @ centred**2)
    correlation = (centred * weights[:, None]).T @ centred / np.maximum(np.outer(spread, spread), 1e-300)
    rows = [
        (names[i], names[j], float(correlation[i, j]))
        for i in range(len(names))
        for j in range(i)
        if abs(correlation[i, j]) > TIED
    ]
    table = pd.DataFrame(rows, columns=["input", "other", "correlation"])
    return table.iloc[np.argsort(-table["correlation"].abs(), kind="stable")].reset_index(drop=True)


def _moved(column: Array, weights: Array) -> float:
    """The largest difference between the weighted distribution and the uniform one (Kolmogorov)."""
    order = np.argsort(column)
    at, reached = column[order], np.cumsum(weights[order])
    before = np.concatenate([[0.0], reached[:-1]])
    return float(max(np.abs(reached - at).max(), np.abs(before - at).max()))


def _quantiles(column: Array, weights: Array) -> list[float]:
    order = np.argsort(column)
    reached = np.cumsum(weights[order])
    at = np.minimum(np.searchsorted(reached, SHARES), len(column) - 1)
    return [float(value) for value in column[order][at]]
