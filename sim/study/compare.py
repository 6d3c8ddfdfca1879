"""What a change does: two ensembles under the same random numbers, campaign by campaign.

Replicate k of both has the same weather, the same luck of the same formations and the same uncertain inputs, so what
differs is the change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.outcomes.catalogue import QUANTITY, TIME
from sim.outcomes.values import happened
from sim.statistics.paired import of_means, of_shares

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
    def days(self) -> NDArray[np.float64]: ...


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
        rows.append((name, "probability", "", *of_shares(happened(kind, ours), happened(kind, theirs), level)))
        if kind == TIME:
            ours, theirs = (np.nan_to_num(days, nan=last) for days in (ours, theirs))
            rows.append((name, "day", unit, *of_means(ours, theirs, level)))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.set_index(["outcome", "measure"])


def _check(a: Ensemble, b: Ensemble) -> None:
    """Only ensembles with the same random numbers can be compared in pairs."""
    for key in ("scenario", "seed", "replicates"):
        if a.manifest[key] != b.manifest[key]:
            raise ValueError(
                f"a paired comparison needs two ensembles of the same {key}, but they have {a.manifest[key]} and"
                f" {b.manifest[key]}"
            )
    if a.days[-1] != b.days[-1]:
        raise ValueError(
            f"a paired comparison needs two ensembles of the same length, but they end on day {a.days[-1]:g} and day"
            f" {b.days[-1]:g}"
        )
    if a.manifest.get("situations") or b.manifest.get("situations"):
        raise ValueError("a paired comparison needs ensembles in which each campaign has its own draw of the inputs")
