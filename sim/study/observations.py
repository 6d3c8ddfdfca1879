"""What the targets of a scenario say was observed, as statistics of an ensemble with a range and with errors.

A share of campaigns is a statistic from 0 to 1. A median has the outcome's unit. A target on the 5 % and 95 % quantiles
becomes two shares, those of the campaigns below and above its range, which should each be at most 5 %. `error` and
`discrepancy` are two standard deviations of the statistic where their unit is that of the statistic; where the
statistic counts campaigns in a range of the outcome, they widen this range.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.outcomes.catalogue import PROBABILITY, TIME, Outcome
from sim.outcomes.values import defined, happened
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.read import LoadedScenario
from sim.scenario.schema import Margin, Target
from sim.study.targets import outcomes_of_targets

Array = NDArray[np.float64]
SHARE, MEDIAN = "share", "median"
SD, RANGE = "standard deviation", "range"
DIMENSIONLESS = ("", "0-1")
TAIL = 0.05


@dataclasses.dataclass(frozen=True)
class Observation:
    """One statistic of an ensemble, and the range `low` to `high` in which it should lie; infinite where a share could
    not lie beyond it, whatever an emulator says.

    `counted`: the range of the outcome in which campaigns count, for a share; None: those in which it happened.
    `sd`: standard deviation of the error and the discrepancy that were stated, in the statistic's unit.
    """

    name: str
    target: str
    title: str
    outcome: Outcome
    statistic: str
    low: float
    high: float
    counted: tuple[float, float] | None
    sd: float
    horizon: float

    @property
    def unit(self) -> str:
        return "share" if self.statistic == SHARE else self.outcome.unit

    def estimate(self, values: Array) -> tuple[Array, float]:
        """The statistic at each point, NaN where it is not defined in two campaigns, and the variance of its chance.

        values: [point, replicate]. The variance is the mean over the points.
        """
        known = defined(self.outcome.kind, values)
        count = known.sum(axis=1)
        enough = count >= 2
        if not enough.any():
            return np.full(len(values), np.nan), math.nan
        if self.statistic == SHARE:
            if self.counted is None:
                counts = happened(self.outcome.kind, values)
            else:
                counts = (values >= self.counted[0]) & (values <= self.counted[1])
                if self.outcome.kind == TIME and math.isinf(self.counted[1]):
                    counts |= np.isnan(values)  # what never came is later than any day
            share = (counts & known).sum(axis=1) / np.maximum(count, 1)
            chance = share * (1.0 - share) / np.maximum(count - 1, 1)
            return np.where(enough, share, np.nan), float(chance[enough].mean())
        numbers = np.where(np.isnan(values), self.horizon, values) if self.outcome.kind == TIME else values
        levels = np.array([_median(row[here]) for row, here in zip(numbers[enough], known[enough], strict=True)])
        found = np.full(len(values), np.nan)
        found[enough] = levels[:, 0]
        return found, float((levels[:, 1] ** 2).mean())


def _median(sample: Array) -> tuple[float, float]:
    """The median and its standard error, from the values between which it lies in 68 % of the samples."""
    rank = 0.5 / math.sqrt(len(sample))
    low, middle, high = np.quantile(sample, [max(0.0, 0.5 - rank), 0.5, min(1.0, 0.5 + rank)])
    return float(middle), float(high - low) / 2.0


def observations_of(loaded: LoadedScenario) -> tuple[list[Observation], list[str]]:
    """All that the targets of a scenario ask of an ensemble, and notes on what they ask in vain.

    ScenarioError if the scenario has no targets, or none that one ensemble can be held against.
    """
    targets = loaded.scenario.targets
    if not targets:
        message = "the scenario has no targets to calibrate to; a target says what was observed, and how surely"
        raise ScenarioError([Problem(str(loaded.files[0]), 0, 0, "targets", message)])
    outcomes = outcomes_of_targets(loaded)
    found: list[Observation] = []
    notes: list[str] = []
    compared = [name for name, target in targets.items() if target.variant is not None]
    if compared:
        notes.append(f"Left out, because they compare with a variant: {', '.join(compared)}.")
    for name, target in targets.items():
        if target.variant is None:
            made, said = _of_target(name, target, outcomes[name], loaded.scenario.clock.days)
            found += made
            notes += said
    if not found:
        message = "all targets compare with variants; calibration needs one on the scenario as it is"
        raise ScenarioError([Problem(str(loaded.files[0]), 0, 0, "targets", message)])
    silent = [name for name, target in targets.items() if target.variant is None and target.discrepancy is None]
    if silent:
        notes.append(
            "No target states a `discrepancy`: the model is taken to be exact once its inputs are right."
            if len(silent) == len(targets) - len(compared)
            else f"{', '.join(silent)}: no `discrepancy` is stated, so the model is taken to be exact there."
        )
    return found, notes


def _of_target(name: str, target: Target, outcome: Outcome, horizon: float) -> tuple[list[Observation], list[str]]:
    """The observations of one target, and what of its errors could not be used."""
    wanted = target.median_within or target.p05_to_p95_within or target.share_within
    statistic = MEDIAN if target.median_within is not None else SHARE
    counts = statistic == SHARE and wanted is not None
    widening, variance, notes = 0.0, 0.0, []
    margins: Mapping[str, Margin | None] = {"error": target.error, "discrepancy": target.discrepancy}
    for key, margin in margins.items():
        what, by = _meaning(margin, statistic, outcome, wanted) if margin else (SD, 0.0)
        if what is None:
            assert margin is not None
            about = f"a median in {outcome.unit}" if statistic == MEDIAN else "a share of campaigns"
            own = outcome.unit or "the outcome's unit"
            usable = f"share or {own}" if statistic == MEDIAN or counts else "share"
            notes.append(
                f"{name}: its `{key}` of {margin.by:g} {margin.unit} cannot be used, because the target is about"
                f" {about}; give it in {usable}."
            )
        elif what == SD:
            variance += (by / 2.0) ** 2
        else:
            widening += by**2
    wide, sd = math.sqrt(widening), math.sqrt(variance)

    def observation(label: str, low: float, high: float, counted: tuple[float, float] | None = None) -> Observation:
        return Observation(label, name, target.title, outcome, statistic, low, high, counted, sd, horizon)

    if target.median_within is not None:
        return [observation(name, *target.median_within)], notes
    if target.p05_to_p95_within is not None:
        low, high = target.p05_to_p95_within
        tails = {
            "early": (-math.inf, float(np.nextafter(low - wide, -math.inf))),
            "late": (float(np.nextafter(high + wide, math.inf)), math.inf),
        }
        parts = [observation(f"{name} {part}", -math.inf, TAIL, counted) for part, counted in tails.items()]
        return parts, notes
    if target.probability_at_least is not None:
        return [observation(name, target.probability_at_least, math.inf)], notes
    assert target.at_least is not None and target.share_within is not None
    low, high = target.share_within
    return [observation(name, target.at_least, math.inf, (low - wide, high + wide))], notes


def _meaning(
    margin: Margin, statistic: str, outcome: Outcome, wanted: tuple[float, float] | None
) -> tuple[str | None, float]:
    """Whether a margin is one of the statistic, or of the range in which campaigns count; and its size there."""
    unit, own = margin.unit.strip().lower().rstrip("s"), outcome.unit.lower().rstrip("s")
    if statistic == SHARE:
        if unit == "share":
            return SD, margin.by
        fits = wanted is not None and (unit == own or (own in DIMENSIONLESS and outcome.kind != PROBABILITY))
        return (RANGE, margin.by) if fits else (None, 0.0)
    if own in DIMENSIONLESS or unit == own:
        return SD, margin.by
    # A share of an amount is one of the middle of what was observed.
    return (SD, margin.by * abs(sum(wanted or ()) / 2.0)) if unit == "share" else (None, 0.0)


def estimates(observations: list[Observation], values: Mapping[str, Array]) -> list[tuple[Array, float]]:
    """For each observation the statistic at each point, and the variance of its chance."""
    return [one.estimate(values[one.outcome.name]) for one in observations]


def to_json(one: Observation) -> dict[str, Any]:
    """An observation as plain data."""
    return {
        "name": one.name, "target": one.target, "title": one.title, "outcome": one.outcome.name,
        "statistic": one.statistic, "low": max(one.low, 0.0) if one.statistic == SHARE else one.low,
        "high": min(one.high, 1.0) if one.statistic == SHARE else one.high, "sd": one.sd, "unit": one.unit,
    }  # fmt: skip
