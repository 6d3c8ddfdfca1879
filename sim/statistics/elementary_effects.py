"""Elementary effects (Morris 1991): how far an output moves when one input is moved, averaged over the space.

The design is radial (Campolongo, Saltelli and Cariboni 2011): each row has a point and, for each input, the same point
with that input moved by half of its distribution. So an effect is in units of the output over the whole distribution.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.statistics.ranking import resampled
from sim.statistics.sobol_indices import LEAST_ROWS, point_means

Array = NDArray[np.float64]
STEP = 0.5
"""How far an input is moved, as a share of its distribution."""
RESAMPLES = 1000


class ElementaryEffects(NamedTuple):
    """By input: `mu_star`, the mean size of the effect, with its interval and resamples; `mu`, its mean; `sigma`, its
    standard deviation over the space without that from noise; and `chance`, the mu_star that noise alone makes."""

    mu_star: Array
    low: Array
    high: Array
    mu: Array
    sigma: Array
    chance: Array
    draws: Array
    noise: float
    rows: NDArray[np.int64]


def elementary_effects(values: Array, signs: Array, seed: int = 1, resamples: int = RESAMPLES) -> ElementaryEffects:
    """Effects from `values` [row, point, replicate], with the base point of each row first.

    signs: [row, input], 1 where the input was moved up and -1 where down. The noise of different points must be
    independent. ValueError if too few rows have two defined values at both points.
    """
    mean, noise, spread = point_means(values)
    used = np.isfinite(mean[:, :1]) & np.isfinite(mean[:, 1:])
    count = used.sum(axis=0)
    if count.min() < LEAST_ROWS:
        raise ValueError(
            f"only {count.min()} of {len(mean)} rows of the design have two defined values at both points; at least"
            f" {LEAST_ROWS} are needed: take more points or more replicates"
        )
    effect = np.where(used, (mean[:, 1:] - mean[:, :1]) / STEP, 0.0)
    error = np.where(used, (noise[:, 1:] + noise[:, :1]) / STEP**2, 0.0)
    mu = (effect * signs).sum(axis=0) / count
    mu_star = np.abs(effect).sum(axis=0) / count
    scatter = np.where(used, (effect * signs - mu) ** 2, 0.0).sum(axis=0) / (count - 1)
    error_mean = error.sum(axis=0) / count
    size, weight = np.abs(effect), used.astype(float)
    draws = np.concatenate([(w @ size) / np.maximum(1.0, w @ weight) for w in resampled(len(mean), resamples, seed)])
    low, high = np.quantile(draws, [0.025, 0.975], axis=0)
    sigma = np.sqrt(np.maximum(0.0, scatter - error_mean))
    # The mean size of a normal variable is sqrt(2 / pi) of its standard deviation.
    chance = np.sqrt(2.0 / np.pi * error_mean)
    return ElementaryEffects(mu_star, low, high, mu, sigma, chance, draws, float(np.nanmean(spread)), count)
