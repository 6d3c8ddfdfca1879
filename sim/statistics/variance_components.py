"""Variance components: how much of a variance lies between groups, and how much within them.

In an ensemble the groups are the draws of the uncertain inputs: values within a group differ by chance alone, groups
differ by what the scenario calls uncertain. The variance is split by a one-way analysis of variance with random effects
(Searle, Casella and McCulloch 1992, ch. 3). Values of one group are alike, so intervals of the whole count groups.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.statistics.intervals import NORMAL_95, wilson

Array = NDArray[np.float64]


class Components(NamedTuple):
    """Shares of a variance between and within groups, the 95 % interval of the first, and the standard deviations."""

    between: float
    between_low: float
    between_high: float
    within: float
    sd_between: float
    sd_within: float


def by_group(values: ArrayLike, groups: int) -> Array:
    """[member, group]: value k belongs to group k modulo `groups`; an incomplete last row is left out."""
    sample = np.asarray(values, dtype=float)
    rounds = len(sample) // groups
    return sample[: rounds * groups].reshape(rounds, groups)


def balanced(table: Array) -> Array:
    """As many members of each group as the group with the fewest numbers has: the first ones; NaN is left out.

    One value that is not defined costs each group one member, and not the answer.
    """
    defined = np.isfinite(table)
    order = np.argsort(~defined, axis=0, kind="stable")
    return np.take_along_axis(table, order, axis=0)[: int(defined.sum(axis=0).min(initial=len(table)))]


def variance_components(values: ArrayLike, groups: int) -> Components | None:
    """The share of the variance that lies between groups, with a 95 % interval; None where nothing varies.

    The interval is a jackknife over groups of log(MSB / MSW) (Arvesen and Layard 1975), which assumes no shape.
    """
    table = balanced(by_group(values, groups))
    rounds = len(table)
    if rounds < 2 or groups < 2 or table.min() == table.max():
        return None
    means = table.mean(axis=0)
    inner = table.var(axis=0, ddof=1)
    msb, msw = rounds * float(means.var(ddof=1)), float(inner.mean())
    between = max(0.0, (msb - msw) / rounds)
    share = between / (between + msw)
    low, high = _interval(means, inner, rounds)
    return Components(share, min(low, share), max(high, share), 1.0 - share, math.sqrt(between), math.sqrt(msw))


def _interval(means: Array, inner: Array, rounds: int) -> tuple[float, float]:
    """The interval of the share between groups, from their means and their inner variances."""
    from scipy.special import stdtrit

    count = len(means)
    if count < 3:
        return 0.0, 1.0
    from_mean = (means - means.mean()) ** 2
    # Without group i: the sum of squares falls by n / (n - 1) times its own square.
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


def clustered_mean(values: ArrayLike, groups: int) -> tuple[float, float] | None:
    """The 95 % interval of a mean when values share groups; NaN values are left out.

    None where there are too few groups or rounds, (nan, nan) where fewer than two groups have a value.
    """
    table = by_group(values, groups)
    if len(table) < 2 or groups < 2:
        return None
    mean, error, used = _ratio(table)
    if used < 2:
        return math.nan, math.nan
    margin = _student(used) * error
    return mean - margin, mean + margin


def clustered_share(values: ArrayLike, groups: int) -> tuple[float, float] | None:
    """The 95 % interval of the share of ones when values share groups; NaN values are left out.

    None where there are too few groups or rounds, (nan, nan) where fewer than two groups have a value. A share is
    taken as from so many separate values as would be known as well (Korn and Graubard 1998).
    """
    table = by_group(values, groups)
    if len(table) < 2 or groups < 2:
        return None
    share, error, used = _ratio(table)
    if used < 2:
        return math.nan, math.nan
    separate = share * (1.0 - share) / error**2 if error > 0.0 else used
    separate = min(int(np.isfinite(table).sum()), separate * (NORMAL_95 / _student(used)) ** 2)
    low, high = wilson(share * separate, separate)
    return float(low), float(high)


def _ratio(table: Array) -> tuple[float, float, int]:
    """The mean of all values that are defined, its standard error, and how many groups have one.

    The mean is a ratio of two sums over groups, so groups need not have equally many values (Cochran 1977, 6.4).
    """
    known = np.isfinite(table)
    sizes = known.sum(axis=0)
    used = int((sizes > 0).sum())
    if used < 2:
        return math.nan, math.nan, used
    mean = float(table[known].mean())
    apart = np.where(known, table - mean, 0.0).sum(axis=0)[sizes > 0]
    return mean, math.sqrt(used / (used - 1) * float((apart**2).sum())) / int(sizes.sum()), used


def _student(groups: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(groups - 1, 0.975))
