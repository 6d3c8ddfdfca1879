"""Summaries: what the campaigns of an ensemble say of one outcome, by its kind."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sim.outcomes.catalogue import QUANTITY, TIME
from sim.outcomes.values import as_numbers, defined, happened
from sim.statistics.intervals import is_binary, student_margin, wilson
from sim.statistics.variance_components import Components, clustered_mean, clustered_share, variance_components

SUMMARY_COLUMNS = (
    "kind", "unit", "defined", "probability", "probability_low", "probability_high",
    "mean", "mean_low", "mean_high", "p05", "median", "p95",
)  # fmt: skip


def summarise(name: str, kind: str, unit: str, values: ArrayLike) -> dict[str, Any]:
    """The estimates of one outcome with 95 % intervals; None where the campaigns cannot give one.

    A time that does not come within the horizon is NaN in `values`, and counts as later than all others in the
    quantiles. Any other outcome is undefined where it is NaN: the other campaigns are summarised, and `defined` is
    their share.
    """
    sample = np.asarray(values, dtype=float)
    summary: dict[str, Any] = {"name": name, "kind": kind}
    if unit:
        summary["unit"] = unit
    known = defined(kind, sample)
    if not known.all():
        summary["defined"] = float(known.mean())
        sample = sample[known]
    if kind == QUANTITY:
        return summary | _mean(sample)
    came = happened(kind, sample)
    low, high = wilson(came.sum(), len(sample))
    summary["probability"] = float(came.mean()) if len(sample) else None
    summary |= {"probability_low": float(low), "probability_high": float(high)}
    if kind == TIME:
        times = np.where(came, sample, np.inf)
        summary |= dict(_quantiles(times, "inverted_cdf"))
    return summary


def _mean(sample: np.ndarray) -> dict[str, float | None]:
    if not len(sample):
        return dict.fromkeys(("mean", "mean_low", "mean_high", "p05", "median", "p95"))
    mean = float(sample.mean())
    low: float | None = None
    high: float | None = None
    if is_binary(sample):
        low, high = map(float, wilson(sample.sum(), len(sample)))
    elif len(sample) > 1:
        margin = student_margin(sample)
        low, high = mean - margin, mean + margin
    return {"mean": mean, "mean_low": low, "mean_high": high} | dict(_quantiles(sample, "linear"))


def _quantiles(sample: np.ndarray, method: Any) -> Iterator[tuple[str, float | None]]:
    for name, share in (("p05", 0.05), ("median", 0.5), ("p95", 0.95)):
        value = float(np.quantile(sample, share, method=method)) if len(sample) else np.inf
        yield name, value if np.isfinite(value) else None


def components_of(kind: str, values: ArrayLike, draws: int) -> dict[str, Any]:
    """The variance components of an outcome: between `draws` of the uncertain inputs, and within them (chance).

    For a probability or a time, the variance is that of whether it happens. None where nothing varies.
    """
    found = variance_components(as_numbers(kind, values), draws)
    return dict.fromkeys(Components._fields) if found is None else found._asdict()


def clustered(kind: str, values: ArrayLike, draws: int, among: ArrayLike = True) -> dict[str, Any]:
    """The bounds that replace those of `summarise` when campaigns share draws of the uncertain inputs.

    among: which campaigns count.
    """
    numbers = np.where(among, as_numbers(kind, values), np.nan)
    is_share = kind != QUANTITY or is_binary(numbers[np.isfinite(numbers)])
    bounds = clustered_share(numbers, draws) if is_share else clustered_mean(numbers, draws)
    if bounds is None:
        return {}
    what = "mean" if kind == QUANTITY else "probability"
    # Where it is defined in fewer than two draws, there is no interval.
    low, high = (bound if math.isfinite(bound) else None for bound in bounds)
    return {f"{what}_low": low, f"{what}_high": high}
