"""What a change does: two ensembles under the same random numbers, campaign by campaign.

Replicate k of both has the same weather, the same luck of the same formations and the same uncertain inputs, so what
differs is the change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.outcomes.catalogue import PROBABILITY, QUANTITY, TIME
from sim.outcomes.values import as_numbers
from sim.scenario.messages import describe
from sim.statistics.intervals import is_binary
from sim.statistics.paired import mean_p_value, of_means, of_shares, share_p_value

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


class Pair(NamedTuple):
    """One measure of an outcome in two ensembles, campaign by campaign; NaN: not defined."""

    outcome: str
    measure: str
    unit: str
    a: NDArray[np.float64]
    b: NDArray[np.float64]

    @property
    def is_share(self) -> bool:
        return self.measure == PROBABILITY

    @property
    def defined(self) -> NDArray[np.bool_]:
        """The campaigns that are defined in both."""
        return np.isfinite(self.a) & np.isfinite(self.b)

    def difference(self, level: float) -> tuple[float, ...]:
        """As `sim.statistics.paired` gives it: both, b - a with its interval, the errors and the gain."""
        a, b = self.a[self.defined], self.b[self.defined]
        return of_shares(a > 0.0, b > 0.0, level) if self.is_share else of_means(a, b, level)

    def p_value(self) -> float:
        """The chance of so large a difference where there is none."""
        a, b = self.a[self.defined], self.b[self.defined]
        return share_p_value(a > 0.0, b > 0.0) if self.is_share else mean_p_value(a, b)


def pairs_of(a: Ensemble, b: Ensemble) -> Iterator[Pair]:
    """The measures of the outcomes that both report; ValueError if they cannot be compared in pairs.

    `probability` that something happens (also of an amount that is 0 or 1 in all campaigns), `mean` of any other
    amount; and for a time also the `day`, where one that has not come counts as the last day of the campaign.
    """
    _check(a, b)
    kinds = {row["name"]: (row["kind"], row["unit"]) for row in a.manifest["outcomes"]}
    last = float(a.days[-1])
    for name in (row["name"] for row in b.manifest["outcomes"] if row["name"] in kinds):
        kind, unit = kinds[name]
        values = [runs[name].to_numpy(float) for runs in (a.runs, b.runs)]
        ours, theirs = (as_numbers(kind, sample) for sample in values)
        is_share = kind != QUANTITY or all(is_binary(sample[np.isfinite(sample)]) for sample in (ours, theirs))
        yield Pair(name, PROBABILITY if is_share else "mean", "" if is_share else unit, ours, theirs)
        if kind == TIME:
            ours, theirs = (np.nan_to_num(days, nan=last) for days in values)
            yield Pair(name, "day", unit, ours, theirs)


def paired_table(a: Ensemble, b: Ensemble, level: float = 0.95) -> pd.DataFrame:
    """A row per outcome and measure: `a`, `b`, the `difference` b - a with its interval, and what pairing is worth.

    The measures are those of `pairs_of`. Only campaigns in which the outcome is defined in both count. `gain` is how
    many times smaller the variance of the difference is than that of two separate ensembles: infinite where no pair
    differs at all.
    """
    rows = [(pair.outcome, pair.measure, pair.unit, *pair.difference(level)) for pair in pairs_of(a, b)]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.set_index(["outcome", "measure"])


def _check(a: Ensemble, b: Ensemble) -> None:
    """Only ensembles with the same random numbers can be compared in pairs."""
    for one in (a, b):
        if not hasattr(one, "manifest"):
            raise TypeError(f"a paired comparison needs the results of two runs, but one is {describe(one)}")
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
