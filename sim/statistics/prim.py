"""Scenario discovery: a box of the inputs in which something happens much more often (PRIM, Friedman and Fisher 1999).

The box starts as the whole space and is peeled: again and again a thin slice at one end of one input is cut off, the
one whose loss raises the share most. Of all boxes on the way, the one is taken that has the most cases above what a box
of its size would have by chance. Its limits are then moved to where that is largest, which takes the place of pasting,
and limits that are not needed are taken off. All that is reported is counted in cases that the search has not seen.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
PEEL = 0.05
SMALLEST = 0.05
"""Share of the values below which a box is not peeled further."""
SIGNIFICANT = 0.05
ROUNDS = 10
"""Times that all limits are refined, at most."""


class Box(NamedTuple):
    """Limits by input (infinite where there is none), and what they hold, counted in values set aside for that.

    `density`: share of the box in which it happens; `coverage`: share of the cases that lie in the box; `mass`: share
    of all values in the box. `p`: by input, the chance of a density so high if that input had no limit (Bryant and
    Lempert 2010); NaN without a limit. `base`: how often it happens at all.
    """

    low: Array
    high: Array
    p: Array
    density: float
    coverage: float
    mass: float
    base: float
    inside: int
    cases: int
    trials: int

    @property
    def limited(self) -> list[int]:
        """The inputs that have a limit."""
        return [int(i) for i in np.flatnonzero(np.isfinite(self.low) | np.isfinite(self.high))]


def find_box(inputs: Array, cases: Array, weights: Array, seed: int = 1) -> Box:
    """The box for `inputs` [point, input]; `cases` of `weights` values at each point are those in which it happens.

    Half of the points, drawn with the seed, are searched; the other half is counted.
    """
    points = len(inputs)
    half = np.zeros(points, dtype=bool)
    half[np.random.default_rng([seed, points]).permutation(points)[: (points + 1) // 2]] = True
    x, y, w = inputs[half], cases[half], weights[half]
    low, high = _search(x, y, w)
    low, high = _without_needless(low, high, x, y, w)
    return _counted(low, high, inputs[~half], cases[~half], weights[~half])


def inside(inputs: Array, low: Array, high: Array) -> Mask:
    """Which points lie in a box, its limits included."""
    return np.asarray(((inputs >= low) & (inputs <= high)).all(axis=1))


def _search(x: Array, y: Array, w: Array) -> tuple[Array, Array]:
    """The limits of the best box on the way of peeling, with its limits refined."""
    low, high = np.full(x.shape[1], -np.inf), np.full(x.shape[1], np.inf)
    base = y.sum() / w.sum()

    def gain(at: Mask) -> float:
        return float(y[at].sum() - base * w[at].sum())

    best, most = (low.copy(), high.copy()), 0.0
    while True:
        here = inside(x, low, high)
        found = _peel(x[here], y[here], w[here], SMALLEST * w.sum())
        if found is None:
            break
        column, is_low, limit = found
        (low if is_low else high)[column] = limit
        worth = gain(inside(x, low, high))
        if worth > most:
            best, most = (low.copy(), high.copy()), worth
    return _refined(*best, x, y, w)


def _peel(x: Array, y: Array, w: Array, least: float) -> tuple[int, bool, float] | None:
    """The end of an input to cut: which, whether the low one, and the new limit; None if the box is small enough."""
    if w.sum() <= least:
        return None
    ends = np.quantile(x, [PEEL, 1.0 - PEEL], axis=0)
    best, most = None, -np.inf
    density = y.sum() / w.sum()
    for is_low, cut in ((True, ends[0]), (False, ends[1])):
        # Values that are equal stay together: if all of the slice is one value, that value is cut off.
        keep = x > cut if is_low else x < cut
        loose = x >= cut if is_low else x <= cut
        keep = np.where((~loose).any(axis=0), loose, keep)
        left = w @ keep
        share = np.where(left > 0, (y @ keep) / np.maximum(left, 1e-300), -np.inf)
        lost = w.sum() - left
        usable = (left >= least) & (lost > 0)
        # The rise for each value lost, so that inputs with few levels, which lose much at once, are not preferred.
        rate = np.where(usable, (share - density) / np.maximum(lost, 1e-300), -np.inf)
        column = int(np.argmax(rate))
        if rate[column] > most:
            kept = x[keep[:, column], column]
            best, most = (column, is_low, float(kept.min() if is_low else kept.max())), float(rate[column])
    return best


def _refined(low: Array, high: Array, x: Array, y: Array, w: Array) -> tuple[Array, Array]:
    """Each limit in turn where the box has the most cases above chance, until none moves: peeling is coarse."""
    gain = y - y.sum() / w.sum() * w
    for _ in range(ROUNDS):
        before = low.copy(), high.copy()
        for column in np.flatnonzero(np.isfinite(low) | np.isfinite(high)):
            for limits, sign in ((low, -1.0), (high, 1.0)):
                if not np.isfinite(limits[column]):
                    continue
                limits[column] = sign * np.inf
                within = inside(x, low, high)
                values, place = np.unique(sign * x[within, column], return_inverse=True)
                so_far = np.bincount(place, gain[within]).cumsum()
                limits[column] = sign * values[int(so_far.argmax())]
        if all(np.array_equal(one, other) for one, other in zip(before, (low, high), strict=True)):
            break
    return low, high


def _without_needless(low: Array, high: Array, x: Array, y: Array, w: Array) -> tuple[Array, Array]:
    """Take off limits, the least needed first, while one is not significant."""
    while True:
        p = _quasi_p(low, high, x, y, w)
        if not np.isfinite(p).any() or np.nanmax(p) <= SIGNIFICANT:
            return low, high
        worst = int(np.nanargmax(p))
        low[worst], high[worst] = -np.inf, np.inf


def _counted(low: Array, high: Array, x: Array, y: Array, w: Array) -> Box:
    """What a box holds of some values."""
    here = inside(x, low, high)
    held, of, cases = float(w[here].sum()), float(w.sum()), float(y[here].sum())
    return Box(
        low, high, _quasi_p(low, high, x, y, w), cases / held if held else np.nan,
        cases / float(y.sum()) if y.sum() else np.nan, held / of, float(y.sum()) / of, int(held), int(cases), int(of),
    )  # fmt: skip


def _quasi_p(low: Array, high: Array, x: Array, y: Array, w: Array) -> Array:
    """By input: the chance of so many cases in the box, at the share that it would have without the input's limits.

    A binomial tail over points: the values of a point count as one, since they share their inputs.
    """
    from scipy.special import bdtrc

    p = np.full(len(low), np.nan)
    limited = np.isfinite(low) | np.isfinite(high)
    here = inside(x, low, high)
    weight = here.sum() / max(1.0, w[here].sum())
    trials, hits = int(here.sum()), int(float(y[here].sum()) * weight + 1e-9)
    for column in np.flatnonzero(limited):
        others_low, others_high = low.copy(), high.copy()
        others_low[column], others_high[column] = -np.inf, np.inf
        wide = inside(x, others_low, others_high)
        share = y[wide].sum() / max(1.0, w[wide].sum())
        p[column] = bdtrc(hits - 1, trials, share) if hits >= 1 else 1.0
    return p
