"""What a change does: two ensembles under the same random numbers, campaign by campaign.

Replicate k of both meets the same weather, the same luck of the same formations and the same unknowns, so what differs
is the change. Differences are taken within pairs; beside them stands the error that two separate ensembles would have.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.outcomes.catalogue import QUANTITY, TIME
from sim.statistics.intervals import wilson

Array = NDArray[np.float64]
COLUMNS = (
    "outcome", "measure", "unit", "a", "b", "difference", "low", "high", "paired_error", "unpaired_error", "gain",
)  # fmt: skip


class Ensemble(Protocol):
    """What the comparison reads of an ensemble's results."""

    @property
    def manifest(self) -> Mapping[str, Any]: ...
    @property
    def runs(self) -> pd.DataFrame: ...
    @property
    def days(self) -> Array: ...


def compare(a: Ensemble, b: Ensemble, level: float = 0.95) -> pd.DataFrame:
    """A row per outcome and measure: `a`, `b`, the `difference` b - a with its interval, and what pairing is worth.

    Measures: `mean` of a quantity; `probability` that something happens; and for a time also the `day`, where a time
    that has not come counts as the last day of the campaign (the restricted mean). `gain` is how many times smaller
    the variance of the difference is than that of two separate ensembles: infinite where no pair differs at all.
    """
    _check(a, b)
    kinds = {row["name"]: (row["kind"], row["unit"]) for row in a.manifest["outcomes"]}
    shared = [row["name"] for row in b.manifest["outcomes"] if row["name"] in kinds]
    last = float(a.days[-1])
    rows = []
    for name in shared:
        kind, unit = kinds[name]
        ours, theirs = (runs[name].to_numpy(float) for runs in (a.runs, b.runs))
        if kind == QUANTITY:
            rows.append((name, "mean", unit, *of_means(ours, theirs, level)))
            continue
        we, they = (np.isfinite(days) if kind == TIME else days > 0.0 for days in (ours, theirs))
        rows.append((name, "probability", "", *of_shares(we, they, level)))
        if kind == TIME:
            ours, theirs = (np.nan_to_num(days, nan=last) for days in (ours, theirs))
            rows.append((name, "day", unit, *of_means(ours, theirs, level)))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.set_index(["outcome", "measure"])


def of_means(a: Array, b: Array, level: float = 0.95) -> tuple[float, ...]:
    """Two means, their difference with its interval, its error paired and unpaired, and the gain.

    Student's interval of the differences. Pairs of which one has failed are left out.
    """
    from scipy.special import stdtrit

    both = np.isfinite(a) & np.isfinite(b)
    a, b = a[both], b[both]
    n = len(a)
    if n < 2:
        return (math.nan,) * 8
    difference = float((b - a).mean())
    paired = float((b - a).std(ddof=1)) / math.sqrt(n)
    unpaired = math.sqrt((float(a.var(ddof=1)) + float(b.var(ddof=1))) / n)
    margin = float(stdtrit(n - 1, 0.5 + level / 2)) * paired
    means = float(a.mean()), float(b.mean())
    return (*means, difference, difference - margin, difference + margin, paired, unpaired, _gain(unpaired, paired))


def of_shares(a: NDArray[np.bool_], b: NDArray[np.bool_], level: float = 0.95) -> tuple[float, ...]:
    """The same for the shares of campaigns in which something happens.

    Newcombe's interval for paired shares (1998, method 10): from the two Wilson intervals and the correlation between
    the members of a pair. It keeps its coverage where few pairs, or none, differ.
    """
    n = len(a)
    if n < 1:
        return (math.nan,) * 8
    both, only_a, only_b = int((a & b).sum()), int((a & ~b).sum()), int((b & ~a).sum())
    p, q = (both + only_a) / n, (both + only_b) / n
    low, high = _newcombe(both, only_b, only_a, n - both - only_a - only_b, level)
    paired = math.sqrt(max(0.0, only_a + only_b - (only_a - only_b) ** 2 / n)) / n
    unpaired = math.sqrt((p * (1 - p) + q * (1 - q)) / n)
    return p, q, q - p, low, high, paired, unpaired, _gain(unpaired, paired)


def _newcombe(both: int, first: int, second: int, neither: int, level: float) -> tuple[float, float]:
    """The interval of the share of pairs with the first less that with the second."""
    n = both + first + second + neither
    counts = (both + first, both + second)
    p, q = (count / n for count in counts)
    (p_low, p_high), (q_low, q_high) = (tuple(map(float, wilson(count, n, level))) for count in counts)
    sides = math.prod((both + first, second + neither, both + second, first + neither))
    excess = float(both * neither - first * second)
    # Edwards's correction: what is left of a positive correlation that half a pair could have made.
    excess = max(excess - n / 2, 0.0) if excess > 0 else excess
    alike = excess / math.sqrt(sides) if sides else 0.0

    def reach(one: float, other: float) -> float:
        return math.sqrt(max(0.0, one * one - 2 * alike * one * other + other * other))

    return p - q - reach(p - p_low, q_high - q), p - q + reach(p_high - p, q - q_low)


def _gain(unpaired: float, paired: float) -> float:
    if paired > 0.0:
        return (unpaired / paired) ** 2
    return math.inf if unpaired > 0.0 else math.nan


def _check(a: Ensemble, b: Ensemble) -> None:
    """Only ensembles with the same random numbers can be compared in pairs."""
    for key in ("scenario", "seed", "replicates"):
        if a.manifest[key] != b.manifest[key]:
            raise ValueError(
                f"a paired comparison needs two ensembles of the same {key}, but they have {a.manifest[key]} and"
                f" {b.manifest[key]}"
            )
    if a.manifest.get("situations") or b.manifest.get("situations"):
        raise ValueError("a paired comparison needs ensembles in which every campaign has its own situation")
