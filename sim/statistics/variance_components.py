"""Two kinds of uncertainty, shown apart: what we do not know of the situation, and the chances of war.

Campaigns fought in the same situation differ by chance alone; situations differ by what we do not know. So the variance
of an outcome is taken apart as in any one-way analysis of variance with random effects (Searle, Casella and McCulloch
1992, ch. 3). And campaigns of one situation are alike: intervals of the whole count situations, not campaigns.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.outcomes.catalogue import NORMAL_95, QUANTITY, TIME
from sim.statistics.intervals import wilson

Array = NDArray[np.float64]


def by_situation(values: ArrayLike, situations: int) -> Array:
    """[campaign, situation]: replicate k is fought in situation k modulo `situations`; a round begun is left out."""
    sample = np.asarray(values, dtype=float)
    rounds = len(sample) // situations
    return sample[: rounds * situations].reshape(rounds, situations)


def spread_of(kind: str, values: ArrayLike, situations: int) -> dict[str, Any]:
    """The share of an outcome's variance that lies between situations (what we do not know), with a 95 % interval.

    The rest, `within` situations, is chance. Of a probability or a time, it is whether it happens that varies. The
    interval is a jackknife over situations of log(MSB / MSW) (Arvesen and Layard 1975), which assumes no shape. None
    where nothing varies.
    """
    table = by_situation(_told(kind, values), situations)
    nothing = dict.fromkeys(("between", "between_low", "between_high", "within", "sd_between", "sd_within"))
    rounds = len(table)
    if rounds < 2 or situations < 2 or not np.isfinite(table).all() or table.min() == table.max():
        return nothing
    means = table.mean(axis=0)
    inner = table.var(axis=0, ddof=1)
    msb, msw = rounds * float(means.var(ddof=1)), float(inner.mean())
    between = max(0.0, (msb - msw) / rounds)
    share = between / (between + msw)
    low, high = _interval(means, inner, rounds)
    return {
        "between": share,
        "between_low": min(low, share),
        "between_high": max(high, share),
        "within": 1.0 - share,
        "sd_between": math.sqrt(between),
        "sd_within": math.sqrt(msw),
    }


def _interval(means: Array, inner: Array, rounds: int) -> tuple[float, float]:
    """Where the share of variance between situations lies, from their means and their inner variances."""
    from scipy.special import stdtrit

    count = len(means)
    if count < 3:
        return 0.0, 1.0
    from_mean = (means - means.mean()) ** 2
    # Without situation i: the sum of squares falls by n / (n - 1) times its own square.
    msb = rounds * (from_mean.sum() - from_mean * count / (count - 1)) / (count - 2)
    msw = (inner.sum() - inner) / (count - 1)
    if np.any(msb <= 1e-12 * rounds * from_mean.sum()) or np.any(msw <= 0.0):
        return 0.0, 1.0
    whole = math.log(rounds * from_mean.sum() / (count - 1) / inner.mean())
    pseudo = count * whole - (count - 1) * np.log(msb / msw)
    margin = float(stdtrit(count - 1, 0.975) * pseudo.std(ddof=1) / math.sqrt(count))
    ratios = np.exp([pseudo.mean() - margin, pseudo.mean() + margin])
    low, high = np.maximum(0.0, (ratios - 1.0) / (ratios - 1.0 + rounds))
    return float(low), float(high)


def clustered(kind: str, values: ArrayLike, situations: int) -> dict[str, Any]:
    """The 95 % bounds of a mean or a probability when campaigns share situations, in place of those for separate ones.

    A share is taken as from so many separate campaigns as would be known as well (Korn and Graubard 1998).
    """
    from scipy.special import stdtrit

    told = _told(kind, values)
    table = by_situation(told, situations)
    if len(table) < 2 or situations < 2:
        return {}
    with np.errstate(invalid="ignore"):
        means = np.nanmean(table, axis=0) if np.isfinite(table).any(axis=0).all() else np.full(situations, np.nan)
    error = float(means.std(ddof=1)) / math.sqrt(situations)
    wide = float(stdtrit(situations - 1, 0.975))
    if kind == QUANTITY:
        if not math.isfinite(error):  # in some situation it is never defined
            return {"mean_low": None, "mean_high": None}
        mean = float(np.nanmean(told))
        return {"mean_low": mean - wide * error, "mean_high": mean + wide * error}
    share, count = float(told.mean()), len(told)
    separate = share * (1.0 - share) / error**2 if error > 0.0 else situations
    separate = min(count, separate * (NORMAL_95 / wide) ** 2)
    low, high = wilson(share * separate, separate)
    return {"probability_low": float(low), "probability_high": float(high)}


def _told(kind: str, values: ArrayLike) -> Array:
    """An amount, or 1 where it happens and 0 where it does not."""
    sample = np.asarray(values, dtype=float)
    return sample if kind == QUANTITY else (np.isfinite(sample) if kind == TIME else sample > 0.0).astype(float)
