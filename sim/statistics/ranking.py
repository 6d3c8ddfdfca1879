"""How sure a ranking is: the same quantities in resamples of the data, ranked again in each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
CERTAIN = 0.95
"""Share of the resamples in which one stays ahead of the next, from which on their order is called certain."""
CHUNK = 4_000_000
"""Weights that are in memory at a time."""


class Ranking(NamedTuple):
    """`order`: from the largest. The others go with it: 95 % bounds of the rank (from 1), and in which share of the
    resamples each is ahead of the next one; NaN for the last."""

    order: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    ahead: Array

    def tiers(self) -> list[list[int]]:
        """The ranks from 0 in groups: between the groups the order is certain, within a group it is not."""
        groups: list[list[int]] = [[]]
        for rank in range(len(self.order)):
            groups[-1].append(rank)
            if rank + 1 < len(self.order) and self.ahead[rank] >= CERTAIN:
                groups.append([])
        return groups


def ranking(estimate: Array, draws: Array) -> Ranking:
    """Rank quantities, the largest first; `draws` [resample, quantity] are the same quantities in resamples."""
    order = np.argsort(-estimate, kind="stable")
    sorted_draws = draws[:, order]
    places = 1 + np.argsort(np.argsort(-sorted_draws, axis=1, kind="stable"), axis=1, kind="stable")
    low, high = np.quantile(places, [0.025, 0.975], axis=0, method="nearest")
    ahead = np.append((sorted_draws[:, :-1] > sorted_draws[:, 1:]).mean(axis=0), np.nan)
    return Ranking(order, low.astype(np.int64), high.astype(np.int64), ahead)


def in_words(found: Ranking, names: Sequence[str], most: int = 3) -> str:
    """A sentence on where a ranking is certain and where it is not."""
    ordered = [names[i] for i in found.order]
    tiers = found.tiers()
    if len(tiers) == 1 and len(ordered) > 1:
        return "The order is not certain anywhere: more points or more replicates would tell."
    said = []
    for tier in tiers[:most]:
        first, last = tier[0] + 1, tier[-1] + 1
        if first == last:
            said.append(f"rank {first} is certain ({ordered[tier[0]]})")
        else:
            said.append(f"ranks {first} to {last} cannot be told apart")
    left = len(ordered) - sum(map(len, tiers[:most]))
    rest = f"; {left} more follow" if left else ""
    return "; ".join(said).capitalize().replace("Rank ", "Rank ", 1) + rest + "."


def resampled(rows: int, count: int, seed: int) -> Iterator[Array]:
    """Weights of the rows in `count` bootstrap resamples, some at a time: [resample, row], whole numbers."""
    rng = np.random.default_rng([seed, rows, count])
    at_once = max(1, CHUNK // max(1, rows))
    share = np.full(rows, 1.0 / rows)
    for first in range(0, count, at_once):
        yield rng.multinomial(rows, share, size=min(at_once, count - first)).astype(float)
