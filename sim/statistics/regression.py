"""Which inputs an output follows: standardised regression and rank correlation, with intervals."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.statistics.intervals import NORMAL_95

Array = NDArray[np.float64]
FOLDS = 5


class Regression(NamedTuple):
    """Standardised coefficients with 95 % intervals, and the share of the variance that the straight lines explain.

    `explained` is measured on values that were left out of the fit (5-fold); it is 0 where they explain nothing.
    """

    coefficient: Array
    low: Array
    high: Array
    explained: float


def least_values(inputs: int) -> int:
    """Values that a regression on so many inputs needs, so that one is left to tell its errors."""
    return inputs + 2


def standardised_regression(inputs: Array, output: Array) -> Regression:
    """Least squares of the output on all inputs at once, both in units of their standard deviations.

    inputs: [value, input]; constant columns have the coefficient 0. There must be more values than inputs.
    """
    from scipy.special import stdtrit

    x, y = _standardised(inputs), _standardised(output[:, None])[:, 0]
    n, p = x.shape
    if n < least_values(p):
        raise ValueError(f"a regression on {p} inputs needs at least {least_values(p)} values, but there are {n}")
    inverse = np.linalg.pinv(x.T @ x)
    coefficient = inverse @ (x.T @ y)
    left = n - np.linalg.matrix_rank(x) - 1
    error = np.sqrt(np.maximum(np.diag(inverse), 0.0) * float(((y - x @ coefficient) ** 2).sum()) / left)
    margin = float(stdtrit(left, 0.975)) * error
    return Regression(coefficient, coefficient - margin, coefficient + margin, _explained(x, y))


def _explained(x: Array, y: Array) -> float:
    """The share of the variance explained in values that the fit has not seen."""
    total, missed = 0.0, 0.0
    if len(y) < 2 * FOLDS:
        return math.nan
    for fold in range(FOLDS):
        seen = np.arange(len(y)) % FOLDS != fold
        fit = np.linalg.lstsq(x[seen], y[seen] - y[seen].mean(), rcond=None)[0]
        missed += float(((y[~seen] - y[seen].mean() - x[~seen] @ fit) ** 2).sum())
        total += float(((y[~seen] - y[seen].mean()) ** 2).sum())
    return max(0.0, 1.0 - missed / total) if total > 0.0 else 0.0


def rank_correlation(inputs: Array, output: Array) -> tuple[Array, Array, Array]:
    """Spearman's correlation of the output with each input, with its 95 % interval (Fieller, Hartley, Pearson 1957)."""
    import pandas as pd  # scipy.stats ranks as well, but takes half a second to load

    x, y = (_standardised(pd.DataFrame(values).rank().to_numpy()) for values in (inputs, output))
    y = y[:, 0]
    n = len(y)
    rho = np.clip(x.T @ y / max(1, n), -1.0, 1.0)
    if n < 4:
        return rho, np.full(len(rho), -1.0), np.full(len(rho), 1.0)
    z, margin = np.arctanh(np.clip(rho, -1 + 1e-12, 1 - 1e-12)), NORMAL_95 * math.sqrt(1.06 / (n - 3))
    return rho, np.tanh(z - margin), np.tanh(z + margin)


def _standardised(columns: Array) -> Array:
    """Columns with mean 0 and standard deviation 1; constant ones become 0."""
    columns = np.asarray(columns, dtype=float)
    centred = columns - columns.mean(axis=0)
    scale = centred.std(axis=0)
    return centred / np.where(scale > 1e-12 * (1.0 + np.abs(columns).max(axis=0)), scale, np.inf)
