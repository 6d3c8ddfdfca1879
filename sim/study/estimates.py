"""What a study estimates at each of its points, with 95 % intervals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.outcomes.catalogue import QUANTITY, TIME, Outcome
from sim.outcomes.values import happened
from sim.statistics.intervals import is_binary, wilson

Array = NDArray[np.float64]


def estimates_of(outcome: Outcome, values: Array) -> dict[str, Array]:
    """By column: the mean of a quantity or the share of the campaigns in which something happens; with bounds.

    values: [point, replicate]. A time has the median besides (NaN: later than the campaign's end). Where an outcome is
    not defined, the other campaigns are counted.
    """
    name = outcome.name
    if outcome.kind == QUANTITY and not is_binary(values[np.isfinite(values)]):
        estimate, low, high = _means(values)
    else:
        known = np.isfinite(values) if outcome.kind != TIME else np.ones(values.shape, dtype=bool)
        count = known.sum(axis=1)
        came = (happened(outcome.kind, values) & known).sum(axis=1)
        low, high = wilson(came, count)
        estimate = np.where(count > 0, came / np.maximum(count, 1), np.nan)
    found = {name: estimate, f"{name} low": low, f"{name} high": high}
    if outcome.kind == TIME:
        ordered = np.sort(np.where(np.isfinite(values), values, np.inf), axis=1)
        median = ordered[:, (values.shape[1] - 1) // 2]
        found[f"{name} median"] = np.where(np.isfinite(median), median, np.nan)
    return found


def _means(values: Array) -> tuple[Array, Array, Array]:
    """Means with Student's intervals; NaN where fewer than two values are defined."""
    from scipy.special import stdtrit

    known = np.isfinite(values)
    count = known.sum(axis=1)
    filled = np.where(known, values, 0.0)
    mean = np.where(count > 0, filled.sum(axis=1) / np.maximum(count, 1), np.nan)
    squares = np.where(known, (values - mean[:, None]) ** 2, 0.0).sum(axis=1)
    error = np.sqrt(squares / np.maximum(count - 1, 1) / np.maximum(count, 1))
    margin = np.where(count > 1, stdtrit(np.maximum(count - 1, 1), 0.975) * error, np.nan)
    return mean, mean - margin, mean + margin


def points_table(varied: Mapping[str, NDArray[Any]], points: int, estimates: Mapping[str, Array]) -> pd.DataFrame:
    """A row per point: its number, what is varied, what is estimated."""
    return pd.DataFrame({"point": np.arange(points)} | dict(varied) | dict(estimates))
