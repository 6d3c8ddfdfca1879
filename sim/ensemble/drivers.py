"""Which of the uncertain inputs an outcome followed, campaign by campaign, and what that cannot tell."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sim.outcomes.catalogue import TIME
from sim.outcomes.values import as_numbers
from sim.scenario.messages import escaped
from sim.statistics.intervals import NORMAL_95
from sim.statistics.multiple import holm
from sim.statistics.regression import rank_correlation, standardised_regression

ENOUGH = 10
"""Campaigns for each input that a regression on all inputs should have."""


@dataclasses.dataclass(frozen=True)
class Drivers:
    """A row per input, the strongest first, and notes on what the table can and cannot tell.

    Columns: `rank_correlation` with its interval; `coefficient` of the standardised regression with its interval, NaN
    for inputs that were not in the regression; `certain`: the correlation is not 0, at 5 % for all inputs together.
    """

    outcome: str
    table: pd.DataFrame
    explained: float
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        shown = self.table.head(12).to_string(float_format="{:+.3f}".format)
        more = f"\n... ({len(self.table) - 12} more)" if len(self.table) > 12 else ""
        return "\n".join([f"What {self.outcome} followed", shown + more, *self.notes])

    def _repr_html_(self) -> str:
        notes = "".join(f"<li>{escaped(note)}</li>" for note in self.notes)
        shown = self.table.head(20).to_html(float_format="{:+.3f}".format)
        return f"<p>What <b>{escaped(self.outcome)}</b> followed</p>{shown}<ul>{notes}</ul>"


def drivers_of(name: str, kind: str, values: ArrayLike, inputs: pd.DataFrame, horizon: float) -> Drivers:
    """The drivers of one outcome: its values, and the drawn inputs (a column each), a row per campaign."""
    sample = np.asarray(values, dtype=float)
    notes = []
    if kind == TIME:
        came = float(np.isfinite(sample).mean())
        sample = np.where(np.isfinite(sample), sample, horizon)
        if came < 1.0:
            notes.append(f"In {1 - came:.0%} of the campaigns it did not come; that counts as day {horizon:g}.")
    else:
        sample = as_numbers(kind, sample)
    known = np.isfinite(sample)
    if not known.all():
        notes.append(f"It is defined in {known.mean():.0%} of the campaigns; the others are left out.")
    x, y = inputs.to_numpy(float)[known], sample[known]
    n, p = x.shape
    if n < 4 or p == 0:
        raise ValueError(f"drivers need an uncertain input and at least 4 campaigns in which {name} is defined")
    if np.ptp(y) == 0.0:
        notes.append("It was the same in all campaigns: nothing drives it here.")
    rho, low, high = rank_correlation(x, y)
    certain = holm(_p_values(rho, n)) <= 0.05
    chosen = np.ones(p, dtype=bool) if n >= ENOUGH * p else certain
    coefficient = np.full((3, p), np.nan)
    explained = 0.0
    if 0 < chosen.sum() < n - 1 and np.ptp(y) > 0.0:
        fit = standardised_regression(x[:, chosen], y)
        coefficient[:, chosen] = fit.coefficient, fit.low, fit.high
        explained = fit.explained
    if not chosen.all():
        notes.append(
            f"{n:,} campaigns are too few for a regression on all {p} inputs: it has the {int(chosen.sum())} whose"
            " correlation is certain, which makes their coefficients look somewhat too large."
        )
    unseen = NORMAL_95 * np.sqrt(1.06 / max(1, n - 3))
    notes.append(f"Straight lines explain {explained:.0%} of the variance (in campaigns left out of the fit).")
    notes.append(
        "The rest is chance, bends, thresholds and inputs that act together: `sim sensitivity` tells these apart. An"
        f" input whose rank correlation lies between -{unseen:.2f} and {unseen:.2f} cannot be told from none."
    )
    table = pd.DataFrame(
        {
            "rank_correlation": rho, "low": low, "high": high,
            "coefficient": coefficient[0], "coefficient_low": coefficient[1], "coefficient_high": coefficient[2],
            "certain": certain,
        },
        index=pd.Index(inputs.columns, name="input"),
    )  # fmt: skip
    strongest = np.argsort(-np.abs(rho), kind="stable")
    return Drivers(name, table.iloc[strongest], explained, tuple(notes))


def _p_values(rho: np.ndarray, n: int) -> np.ndarray:
    """The chance of so strong a rank correlation where there is none."""
    from scipy.special import stdtr

    t = np.abs(rho) * np.sqrt((n - 2) / np.maximum(1e-12, 1 - rho**2))
    p: np.ndarray = 2 * stdtr(n - 2, -t)
    return p
