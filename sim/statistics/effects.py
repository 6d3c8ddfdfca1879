"""Ranking effects on the same campaigns by their size: which come first for certain, and which cannot be told apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.statistics.multiple import bonferroni_level, holm
from sim.statistics.paired import mean_p_value

Array = NDArray[np.float64]


class Ranked(NamedTuple):
    """Effects by number, the largest first. Between two `tiers` the order is certain, within one it is not."""

    tiers: list[list[int]]
    none: list[int]
    """Effects that cannot be told from none."""
    unsettled: tuple[int, int] | None
    """The first two neighbours that cannot be told apart."""
    more: float
    """Further campaigns after which these two could be told apart, if their effects are as estimated."""

    def in_words(self, names: Sequence[str]) -> str:
        """The ranking as sentences. One that stands alone has no rank."""
        if self.tiers == [[0]] and not self.none:
            return f"Told from no effect: {names[0]}."
        said = []
        at = 1
        for tier in self.tiers:
            listed = ", ".join(names[i] for i in tier)
            if len(tier) == 1:
                said.append(f"{at}. {listed}")
            else:
                said.append(f"{at}.-{at + len(tier) - 1}. {listed} (not to be told apart)")
            at += len(tier)
        lines = ["; ".join(said) + "."] if said else []
        if self.none:
            listed = ", ".join(names[i] for i in self.none)
            lines.append(f"Not to be told from no effect: {listed}.")
        if self.unsettled is not None:
            first, second = (names[i] for i in self.unsettled)
            if self.more < 1e7:
                lines.append(f"About {two_figures(self.more):,} more campaigns would tell {first} from {second}.")
            else:
                lines.append(f"No run of a feasible length would tell {first} from {second}.")
        return " ".join(lines)


def two_figures(count: float) -> int:
    """A count rounded up to two figures."""
    size = 10.0 ** max(0, math.floor(math.log10(max(count, 1.0))) - 1)
    return int(math.ceil(count / size) * size)


def more_for(campaigns: int, half_width: float, difference: float) -> float:
    """Further campaigns after which an interval excludes 0, if the difference stays as it is; infinite if it is 0."""
    if difference == 0.0 or not math.isfinite(half_width):
        return math.inf
    return max(0.0, campaigns * ((half_width / difference) ** 2 - 1.0))


def rank_effects(effects: Array, certain: Sequence[bool], level: float = 0.95) -> Ranked:
    """Rank effects [campaign, effect], campaign by campaign under the same random numbers; NaN: not defined.

    `certain`: which effects are not 0. Two of them are told apart by the paired differences of their sizes, all pairs
    together at `level` (Holm). A tier ends where every effect above is told from every effect below.
    """
    means = np.array([_mean(column) for column in effects.T])
    order = sorted(np.flatnonzero(certain).tolist(), key=lambda i: (-abs(means[i]), i))
    none = [i for i in range(effects.shape[1]) if not certain[i]]
    count = len(order)
    pairs = [(i, j) for i in range(count) for j in range(i + 1, count)]
    apart = {pair: _apart(effects, means, *(order[rank] for rank in pair)) for pair in pairs}
    adjusted = holm([mean_p_value(np.zeros(len(sizes)), sizes) for sizes in apart.values()])
    told = dict(zip(pairs, (adjusted <= 1.0 - level).tolist(), strict=True))
    tiers: list[list[int]] = [[]] if order else []
    unsettled, more = None, math.nan
    for rank, effect in enumerate(order):
        tiers[-1].append(effect)
        if rank + 1 == count:
            break
        if all(told[i, j] for i in range(rank + 1) for j in range(rank + 1, count)):
            tiers.append([])
        elif unsettled is None and not told[rank, rank + 1]:
            unsettled = (effect, order[rank + 1])
            more = _more(apart[rank, rank + 1], bonferroni_level(len(pairs), level))
    return Ranked(tiers, none, unsettled, more)


def _mean(column: Array) -> float:
    known = column[np.isfinite(column)]
    return float(known.mean()) if len(known) else 0.0


def _apart(effects: Array, means: Array, i: int, j: int) -> Array:
    """How much larger effect i is than effect j, campaign by campaign, each in its own direction."""
    found = np.sign(means[i]) * effects[:, i] - np.sign(means[j]) * effects[:, j]
    return np.asarray(found[np.isfinite(found)])


def _more(sizes: Array, level: float) -> float:
    from scipy.special import ndtri

    if len(sizes) < 2:
        return math.inf
    half = float(ndtri(0.5 + level / 2)) * float(sizes.std(ddof=1)) / math.sqrt(len(sizes))
    return more_for(len(sizes), half, float(sizes.mean()))
