"""Turning points: earlier events after which an outcome was much more, or much less, likely."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.outcomes.catalogue import QUANTITY, TIME
from sim.outcomes.values import defined, happened
from sim.statistics.intervals import share_difference

if TYPE_CHECKING:
    from sim.ensemble.results import Results

LEAST = 0.05
"""Share of the campaigns that each side of a turning point must have."""
BEFORE = 0.9
"""Share of the campaigns with both in which the turning point must come first."""


@dataclass(frozen=True)
class TurningPoint:
    """An event that came by a day or did not, and how often the outcome happened in either case."""

    event: str
    day: float
    """Its median day where it came in most campaigns, else the last day: whether it came at all."""
    campaigns: int
    """In which it had come by then."""
    share_if: float
    share_else: float
    low: float
    high: float
    """Bounds of the 95 % interval of the difference."""

    @property
    def difference(self) -> float:
        return self.share_if - self.share_else


def turning_points(results: Results, outcome: str, chosen: NDArray[np.int64] | None = None) -> list[TurningPoint]:
    """For an outcome that happens or not: the reported events that went before it, the most telling first.

    `chosen`: the numbers of the campaigns that count; all if nothing is said.

    An event goes before the outcome if it came first in nine of ten campaigns with both. Association is no proof of
    cause: what made the event come early may also have made the outcome come.
    """
    kinds = {row["name"]: row["kind"] for row in results.manifest["outcomes"]}
    among: Any = slice(None) if chosen is None else chosen
    values = results.values(outcome)[among]
    known, came = defined(kinds[outcome], values), happened(kinds[outcome], values)
    found = []
    for name, kind in kinds.items():
        if kind != TIME or name == outcome:
            continue
        days = results.values(name)[among]
        if kinds[outcome] == TIME and not _is_before(days, values):
            continue
        found += list(_split(name, days[known], came[known], float(results.days[-1])))
    return sorted(found, key=lambda point: -abs(point.difference))


def headline(results: Results) -> list[str]:
    """The outcomes that happen or not and are open, the most open first; formulas are left out."""
    shares = {}
    for row in results.outcomes:
        declared = next(said for said in results.manifest["outcomes"] if said["name"] == row["name"])
        share = row.get("probability")
        if row["kind"] != QUANTITY and "formula" not in declared and share is not None and LEAST <= share <= 1 - LEAST:
            shares[row["name"]] = float(share)
    return sorted(shares, key=lambda name: abs(shares[name] - 0.5))


def _is_before(days: NDArray[np.float64], outcome: NDArray[np.float64]) -> bool:
    both = np.isfinite(days) & np.isfinite(outcome)
    return bool(both.any()) and float((days[both] <= outcome[both]).mean()) >= BEFORE


def _split(name: str, days: NDArray[np.float64], came: NDArray[np.bool_], last: float) -> Iterator[TurningPoint]:
    if not len(days):
        return
    ordered = np.where(np.isfinite(days), days, np.inf)
    middle = float(np.quantile(ordered, 0.5, method="inverted_cdf"))
    day = middle if np.isfinite(middle) else last
    early = ordered <= day
    if not LEAST <= early.mean() <= 1 - LEAST:
        return
    a, b = int(came[early].sum()), int(came[~early].sum())
    low, high = share_difference(a, int(early.sum()), b, int((~early).sum()))
    yield TurningPoint(name, day, int(early.sum()), float(came[early].mean()), float(came[~early].mean()), low, high)
