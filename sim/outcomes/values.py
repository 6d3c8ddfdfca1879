"""What the values of an outcome mean, by its kind."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.outcomes.catalogue import QUANTITY, TIME


def happened(kind: str, values: ArrayLike) -> NDArray[np.bool_]:
    """Whether something happened in each campaign: a time that came within the horizon, a probability that is 1."""
    sample = np.asarray(values, dtype=float)
    return np.isfinite(sample) if kind == TIME else sample > 0.0


def defined(kind: str, values: ArrayLike) -> NDArray[np.bool_]:
    """In which campaigns an outcome has a value. A time that does not come within the horizon is known not to come."""
    sample = np.asarray(values, dtype=float)
    return np.ones(sample.shape, dtype=bool) if kind == TIME else np.isfinite(sample)


def as_numbers(kind: str, values: ArrayLike) -> NDArray[np.float64]:
    """A quantity as it is; for a time or a probability, 1 where it happened and 0 where not; NaN: not defined."""
    sample = np.asarray(values, dtype=float)
    if kind == QUANTITY:
        return sample
    return np.where(defined(kind, sample), happened(kind, sample).astype(float), np.nan)
