"""Which inputs of a study an outcome depends on: the indices of four methods, with intervals and a ranking."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.outcomes.catalogue import QUANTITY, TIME
from sim.scenario.messages import escaped
from sim.statistics.elementary_effects import elementary_effects
from sim.statistics.pawn import pawn
from sim.statistics.ranking import Ranking, in_words, ranking
from sim.statistics.regression import least_values, standardised_regression
from sim.statistics.sobol_indices import point_means, sobol_indices
from sim.study.space import RADIAL, SALTELLI

if TYPE_CHECKING:
    from sim.plots.study import SensitivityPlot
    from sim.study.study import Study

Array = NDArray[np.float64]
SOBOL, MORRIS, PAWN, REGRESSION = "sobol", "morris", "pawn", "regression"
METHODS = (SOBOL, MORRIS, PAWN, REGRESSION)
MAIN = {SOBOL: "total", MORRIS: "mu_star", PAWN: "pawn", REGRESSION: "coefficient"}
"""The column by which each method ranks."""
MADE_FOR = {SALTELLI: SOBOL, RADIAL: MORRIS}
RESAMPLES = 1000
SHOWN = 12


@dataclasses.dataclass(frozen=True)
class Sensitivity:
    """A row per input or group of inputs, the most important first, and notes on what the table can and cannot tell.

    Columns, each index with the bounds of its 95 % interval (`_low`, `_high`):

    - sobol: `first`, the share of the variance that the input explains alone; `total`, that with all it interacts in
    - morris: `mu_star`, the mean size of the effect over the input's whole distribution, in the outcome's unit; `mu`,
      its mean; `sigma`, how much it differs from place to place, by bends or interactions
    - pawn: `pawn`, the median distance of the outcome's distribution where the input is known; `largest` distance
    - regression: `coefficient`, standardised; `swing`, the outcome's change from the input's 5 % to its 95 % quantile

    `rank_low` and `rank_high` bound the rank in 95 % of the resamples; `ahead` is the share of them in which the input
    is ahead of the next one. `chance`: the share of the variance between campaigns that no input explains. `floor`: the
    size of an index that chance alone makes; 0 for the methods that are corrected for it.
    """

    outcome: str
    unit: str
    method: str
    table: pd.DataFrame
    chance: float
    floor: float
    notes: tuple[str, ...]
    study: Study = dataclasses.field(repr=False)

    @property
    def main(self) -> str:
        """The column by which the inputs are ranked."""
        return MAIN[self.method]

    @property
    def plot(self) -> SensitivityPlot:
        """The figure of this analysis: `sensitivity.plot.tornado()`."""
        from sim.plots.study import SensitivityPlot

        return SensitivityPlot(self)

    def to_json(self) -> dict[str, Any]:
        """The analysis as one plain object."""
        rows = self.table.reset_index().astype(object)
        rows = rows.where(rows.notna(), None)
        chance = None if np.isnan(self.chance) else self.chance
        plain = {
            "outcome": self.outcome,
            "unit": self.unit,
            "method": self.method,
            "chance": chance,
            "floor": self.floor,
        }
        return plain | {"inputs": rows.to_dict("records"), "notes": list(self.notes)}

    def __repr__(self) -> str:
        shown = self.table.head(SHOWN).to_string(float_format="{:.3f}".format)
        more = f"\n... ({len(self.table) - SHOWN} more)" if len(self.table) > SHOWN else ""
        return "\n".join([f"What {self.outcome} depends on ({self.method})", shown + more, *self.notes])

    def _repr_html_(self) -> str:
        notes = "".join(f"<li>{escaped(note)}</li>" for note in self.notes)
        shown = self.table.head(20).to_html(float_format="{:.3f}".format)
        head = f"<p>What <b>{escaped(self.outcome)}</b> depends on ({self.method})</p>"
        return f"{head}{shown}<ul>{notes}</ul>"


def sensitivity_of(study: Study, outcome: str, method: str | None = None) -> Sensitivity:
    """The sensitivity of one outcome of a study; ValueError says what the study cannot tell."""
    made_for = MADE_FOR.get(study.manifest["design"])
    method = method or made_for or REGRESSION
    if method not in METHODS:
        raise ValueError(f"there is no method '{method}'; there are {', '.join(METHODS)}")
    if method in MADE_FOR.values() and method != made_for:
        raise ValueError(
            f"the method {method} needs points of its own, which sim.sensitivity(..., method='{method}') makes; this"
            f" study ({study.manifest['design']}) can tell {REGRESSION} and {PAWN}"
        )
    said = study.require(outcome)
    values = study.numbers_of(outcome)
    notes = _on_values(study, outcome, said["kind"], values)
    seed = int(study.manifest["seed"])
    analyse = {SOBOL: _sobol, MORRIS: _morris, PAWN: _pawn, REGRESSION: _regression}[method]
    columns, draws, names, chance, floor, more = analyse(study, values, seed)
    size = np.abs(columns[MAIN[method]]) if method == REGRESSION else columns[MAIN[method]]
    found = ranking(size, draws)
    table = pd.DataFrame(columns, index=pd.Index(names, name="input")).iloc[found.order]
    sure = 1.0 if np.isfinite(columns[MAIN[method]]).all() else np.nan
    table = table.assign(rank_low=found.first * sure, rank_high=found.last * sure, ahead=found.ahead * sure)
    notes += more + _on_ranking(found, names, columns[MAIN[method]]) + _on_study(study)
    return Sensitivity(outcome, said["unit"] or "", method, table, chance, floor, tuple(notes), study)


Found = tuple[dict[str, Array], Array, list[str], float, float, list[str]]
"""Columns by input, the main one in resamples, names of the inputs, the share of chance, the floor, notes."""


def _sobol(study: Study, values: Array, seed: int) -> Found:
    assert study.space is not None
    names = list(study.space.groups)
    found = sobol_indices(values.reshape(-1, study.space.block, values.shape[1]), seed, RESAMPLES)
    chance = _share(found.noise, found.variance)
    columns = {
        "first": found.first, "first_low": found.first_low, "first_high": found.first_high,
        "total": found.total, "total_low": found.total_low, "total_high": found.total_high,
    }  # fmt: skip
    notes = [_on_chance(chance)]
    if np.isnan(found.total).any():
        notes.append(
            "The variance between points cannot be told from chance, so there are no indices: take more"
            " `points` or more `replicates` at each, or ask what the outcome follows with the method `regression`."
        )
    else:
        alone, least, most = found.alone
        if most - least > 1.0:
            told = "which says nothing of how much inputs act together: more points would."
        elif most < 1.0:
            told = "the rest comes from inputs that act together."
        else:
            told = "which leaves room for inputs that hardly act together."
        notes.append(f"The first-order indices sum to {alone:.2f} (95 % interval {least:.2f} to {most:.2f}): {told}")
        clear = [name for name, low in zip(names, found.total_low, strict=True) if low > 0]
        notes.append(f"{len(clear)} of {len(names)} have a total index whose interval lies above 0.")
    notes += _on_rows(found.rows, len(study.space.base))
    return columns, found.draws, names, chance, 0.0, notes


def _morris(study: Study, values: Array, seed: int) -> Found:
    space = study.space
    assert space is not None
    names = list(space.groups)
    single = np.array([len(columns) == 1 for columns in space.groups.values()])
    first = [columns[0] for columns in space.groups.values()]
    up = np.where(space.moved[:, first] > space.base[:, first], 1.0, -1.0)
    found = elementary_effects(values.reshape(-1, space.block, values.shape[1]), up, seed, RESAMPLES)
    # Moved together, the inputs of a group go in different directions, so their effect has no sign.
    columns = {
        "mu_star": found.mu_star, "mu_star_low": found.low, "mu_star_high": found.high,
        "mu": np.where(single, found.mu, np.nan), "sigma": np.where(single, found.sigma, np.nan),
    }  # fmt: skip
    chance = float(np.median(found.chance))
    clear = int((found.low > found.chance).sum())
    notes = [
        f"Chance alone makes a mu_star of about {chance:.3g}; {clear} of {len(names)} lie above that with their"
        " interval."
    ]
    whole = float(np.nanvar(np.nanmean(values, axis=1)))
    share = _share(found.noise, max(0.0, whole - found.noise / values.shape[1]))
    return columns, found.draws, names, share, chance, notes + _on_rows(found.rows, len(space.base))


def _pawn(study: Study, values: Array, seed: int) -> Found:
    inputs, values, names = _sample(study, values)
    found = pawn(inputs, values, seed=seed)
    columns = {"pawn": found.median, "pawn_low": found.low, "pawn_high": found.high, "largest": found.largest}
    clear = int((found.median > found.dummy).sum())
    notes = [
        f"An input without any effect would exceed {found.dummy:.3f} in 5 % of the cases; {clear} of {len(names)} do."
    ]
    return columns, found.draws, names, np.nan, found.dummy, notes


def _regression(study: Study, values: Array, seed: int) -> Found:
    inputs, values, names = _sample(study, values)
    known = np.isfinite(values).any(axis=1)
    inputs, values = inputs[known], values[known]
    if len(inputs) < least_values(len(names)):
        least = least_values(len(names))
        raise ValueError(
            f"a regression on {len(names)} inputs needs at least {least} points at which the outcome is"
            f" defined, but there are {len(inputs)}: take more points"
        )
    level = np.nanmean(values, axis=1)
    fit = standardised_regression(inputs, level)
    wide = np.diff(np.quantile(inputs, [0.05, 0.95], axis=0), axis=0)[0] / np.maximum(inputs.std(axis=0), 1e-300)
    columns = {
        "coefficient": fit.coefficient, "coefficient_low": fit.low, "coefficient_high": fit.high,
        "swing": fit.coefficient * wide * level.std(),
    }  # fmt: skip
    error = (fit.high - fit.low) / (2 * 1.96)
    rng = np.random.default_rng([seed, len(names)])
    draws = np.abs(fit.coefficient + error * rng.standard_normal((RESAMPLES, len(names))))
    notes = [f"Straight lines explain {fit.explained:.0%} of the variance between points (in points left out)."]
    _, noise, spread = point_means(values)
    chance = np.nan
    if np.isfinite(spread).any() and level.var() > 0:
        between = max(0.0, float(level.var(ddof=1) - np.nanmean(noise)))
        chance = _share(float(np.nanmean(spread)), between)
        left = between / float(level.var(ddof=1))
        notes.append(
            f"{left:.0%} of that variance is not chance; what lines do not reach are bends, thresholds and inputs that"
            " act together (the method `sobol` tells)."
        )
    clear = int(((fit.low > 0) | (fit.high < 0)).sum())
    notes.append(f"{clear} of {len(names)} have an interval that leaves out 0; by chance one in twenty would.")
    return columns, draws, names, chance, 0.0, notes


def _sample(study: Study, values: Array) -> tuple[Array, Array, list[str]]:
    """Points that sample the space, their values, and the inputs that are not the same at all of them."""
    if study.space is None:
        inputs = study.numbers
    else:
        chosen = study.space.independent()
        inputs, values = np.array([study.space.numbers(point) for point in chosen]), values[chosen]
    varied = np.flatnonzero(np.ptp(inputs, axis=0) > 0)
    if not len(varied):
        raise ValueError("all points of this study are the same: there is nothing that an outcome could depend on")
    return inputs[:, varied], values, [study.paths[i] for i in varied]


def _share(noise: float, variance: float) -> float:
    return noise / (noise + variance) if noise + variance > 0 else 0.0


def _on_chance(chance: float) -> str:
    return (
        f"Chance makes {chance:.0%} of the variance between campaigns. The indices are about the rest: the mean over"
        " campaigns at given inputs, corrected for the chance left in it."
    )


def _on_values(study: Study, outcome: str, kind: str, numbers: Array) -> list[str]:
    """What stands for campaigns in which the outcome has no number."""
    if kind == TIME:
        came = float(np.isfinite(study.values(outcome)).mean())
        if came == 0.0:
            raise ValueError(f"{outcome} came in none of the campaigns: nothing can be said of what it depends on")
        return (
            [] if came == 1.0 else [f"In {1 - came:.0%} of the campaigns it did not come; that counts as the last day."]
        )
    defined = float(np.isfinite(numbers).mean())
    if defined == 0.0:
        raise ValueError(f"{outcome} is defined in none of the campaigns")
    if np.nanmin(numbers) == np.nanmax(numbers):
        raise ValueError(f"{outcome} is the same in all campaigns: nothing that is varied changes it")
    if kind == QUANTITY and defined < 1.0:
        return [f"It is defined in {defined:.0%} of the campaigns; the others are left out at each point."]
    return []


def _on_rows(rows: NDArray[np.int64], of: int) -> list[str]:
    if rows.min() == of:
        return []
    return [
        f"Each index rests on {rows.min():,} to {rows.max():,} of {of:,} rows of the design: those in which the outcome"
        " is defined twice at each point. It says what matters where the outcome is defined."
    ]


def _on_ranking(found: Ranking, names: list[str], main: Array) -> list[str]:
    return [] if np.isnan(main).any() or len(names) < 2 else [in_words(found, names)]


def _on_study(study: Study) -> list[str]:
    notes = []
    if study.space is not None and len(study.space.groups) < len(study.paths):
        notes.append(
            f"{len(study.paths)} inputs were moved in {len(study.space.groups)} groups; `each` moves them"
            " one by one, at the cost of more campaigns."
        )
    if not study.manifest["apart"]:
        notes.append(
            f"All points have the random numbers of the same {study.manifest['replicates']} replicates: the intervals"
            " do not say how far the choice of these moves the answer."
        )
    return notes
