"""What the targets of a scenario say was observed, as statistics of an ensemble with a range and with errors.

A share of campaigns is a statistic from 0 to 1. A median has the outcome's unit. A target on the 5 % and 95 % quantiles
becomes two shares, those of the campaigns below and above its range, which should each be at most 5 %. `error` and
`discrepancy` are two standard deviations of the statistic where their unit is that of the statistic; where the
statistic counts campaigns in a range of the outcome, they widen this range. A target that compares with a variant asks
for the mean over campaigns of the variant less the scenario, under the same random numbers.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.outcomes.catalogue import PROBABILITY, TIME, Outcome
from sim.outcomes.values import as_numbers, defined, happened
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.read import LoadedScenario
from sim.scenario.schema import Margin, Target
from sim.study.targets import outcomes_of_targets

Array = NDArray[np.float64]
SHARE, MEDIAN, DIFFERENCE = "share", "median", "difference"
SD, RANGE = "standard deviation", "range"
DIMENSIONLESS = ("", "0-1")
TAIL = 0.05


@dataclasses.dataclass(frozen=True)
class Observation:
    """One statistic of an ensemble, and the range `low` to `high` in which it should lie; infinite where a share could
    not lie beyond it, whatever an emulator says.

    `counted`: the range of the outcome in which campaigns count, for a share; None: those in which it happened.
    `sd`: standard deviation of the error and the discrepancy that were stated, in the statistic's unit. `variant`: what
    the scenario is compared with, for a difference.
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
    variant: str | None = None

    @property
    def is_share(self) -> bool:
        """Whether the statistic is a share of campaigns, or a difference of shares."""
        counts = self.counted is not None or self.outcome.kind == PROBABILITY
        return self.statistic == SHARE or (self.statistic == DIFFERENCE and counts)

    @property
    def unit(self) -> str:
        return "share" if self.is_share else self.outcome.unit

    @property
    def shown(self) -> tuple[float, float]:
        """The range as a reader sees it: a share never lies beyond 0 and 1, a difference of shares beyond -1 and 1."""
        if not self.is_share:
            return self.low, self.high
        return max(self.low, -1.0 if self.statistic == DIFFERENCE else 0.0), min(self.high, 1.0)

    def estimate(self, values: Array, compared: Array | None = None) -> tuple[Array, float]:
        """The statistic at each point, NaN where it is not defined in two campaigns, and the variance of its chance.

        values: [point, replicate]; `compared`: those of the variant. The variance is the mean over the points.
        """
        if self.statistic == DIFFERENCE:
            assert compared is not None
            return _mean(self._numbers(compared) - self._numbers(values))
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

    def _numbers(self, values: Array) -> Array:
        """What is averaged for a difference: whether a campaign counts, or the amount."""
        if self.counted is not None:
            return ((values >= self.counted[0]) & (values <= self.counted[1])).astype(float)
        return as_numbers(self.outcome.kind, values)


def _mean(values: Array) -> tuple[Array, float]:
    """The mean at each point of what is defined in two campaigns at least, and the variance of its chance."""
    known = np.isfinite(values)
    count = known.sum(axis=1)
    enough = count >= 2
    if not enough.any():
        return np.full(len(values), np.nan), math.nan
    kept = np.where(known, values, 0.0)
    mean = kept.sum(axis=1) / np.maximum(count, 1)
    off = np.where(known, values - mean[:, None], 0.0)
    chance = (off**2).sum(axis=1) / np.maximum(count - 1, 1) / np.maximum(count, 1)
    return np.where(enough, mean, np.nan), float(chance[enough].mean())


def _median(sample: Array) -> tuple[float, float]:
    """The median and its standard error, from the values between which it lies in 68 % of the samples."""
    rank = 0.5 / math.sqrt(len(sample))
    low, middle, high = np.quantile(sample, [max(0.0, 0.5 - rank), 0.5, min(1.0, 0.5 + rank)])
    return float(middle), float(high - low) / 2.0


def observations_of(loaded: LoadedScenario, variants: bool = True) -> tuple[list[Observation], list[str]]:
    """All that the targets of a scenario ask of an ensemble, and notes on what they ask in vain.

    `variants`: whether those count that compare with a variant. ScenarioError if there is no target to hold against.
    """
    targets = loaded.scenario.targets
    if not targets:
        message = "the scenario has no targets to calibrate to; a target says what was observed, and how surely"
        raise ScenarioError([Problem(str(loaded.files[0]), 0, 0, "targets", message)])
    outcomes = outcomes_of_targets(loaded)
    found: list[Observation] = []
    notes: list[str] = []
    used = {name: target for name, target in targets.items() if variants or target.variant is None}
    if len(used) < len(targets):
        notes.append(
            f"Left out, because they compare with a variant: {', '.join(name for name in targets if name not in used)}."
        )
    for name, target in used.items():
        made, said = _of_target(name, target, outcomes[name], loaded.scenario.clock.days)
        found += made
        notes += said
    if not found:
        message = "all targets compare with variants, and these are left out (--no-variants, variants=False)"
        raise ScenarioError([Problem(str(loaded.files[0]), 0, 0, "targets", message)])
    silent = [name for name, target in used.items() if target.discrepancy is None]
    if silent:
        notes.append(
            "No target states a `discrepancy`: the model is taken to be exact once its inputs are right."
            if len(silent) == len(used)
            else f"{', '.join(silent)}: no `discrepancy` is stated, so the model is taken to be exact there."
        )
    return found, notes


def _of_target(name: str, target: Target, outcome: Outcome, horizon: float) -> tuple[list[Observation], list[str]]:
    """The observations of one target, and what of its errors could not be used."""
    wanted = target.median_within or target.p05_to_p95_within or target.share_within
    statistic = DIFFERENCE if target.variant else MEDIAN if target.median_within is not None else SHARE
    counts = statistic != MEDIAN and wanted is not None
    amount = statistic == MEDIAN or (statistic == DIFFERENCE and not counts and outcome.kind != PROBABILITY)
    widening, variance, notes = 0.0, 0.0, []
    margins: Mapping[str, Margin | None] = {"error": target.error, "discrepancy": target.discrepancy}
    for key, margin in margins.items():
        what, by = _meaning(margin, amount, outcome, wanted) if margin else (SD, 0.0)
        if what is None:
            assert margin is not None
            own = outcome.unit or "the outcome's unit"
            share = "a difference of shares" if statistic == DIFFERENCE else "a share of campaigns"
            about = f"a {statistic} in {own}" if amount else share
            usable = f"share or {own}" if statistic == MEDIAN or counts else own if amount else "share"
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
        return Observation(
            label, name, target.title, outcome, statistic, low, high, counted, sd, horizon, target.variant
        )

    if target.difference_within is not None:
        low, high = target.difference_within
        counted = (
            None if target.share_within is None else (target.share_within[0] - wide, target.share_within[1] + wide)
        )
        if not amount:  # no difference of shares lies beyond 1, whatever an emulator says
            low, high = (-math.inf if low <= -1.0 else low), (math.inf if high >= 1.0 else high)
        return [observation(name, low, high, counted)], notes
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
    margin: Margin, amount: bool, outcome: Outcome, wanted: tuple[float, float] | None
) -> tuple[str | None, float]:
    """Whether a margin is one of the statistic, or of the range in which campaigns count; and its size there.

    amount: whether the statistic has the outcome's unit, not that of a share of campaigns.
    """
    unit, own = margin.unit.strip().lower().rstrip("s"), outcome.unit.lower().rstrip("s")
    if not amount:
        if unit == "share":
            return SD, margin.by
        fits = wanted is not None and (unit == own or (own in DIMENSIONLESS and outcome.kind != PROBABILITY))
        return (RANGE, margin.by) if fits else (None, 0.0)
    if own in DIMENSIONLESS or unit == own:
        return SD, margin.by
    # A share of an amount is one of the middle of what was observed; a difference has no such middle.
    return (SD, margin.by * abs(sum(wanted) / 2.0)) if unit == "share" and wanted else (None, 0.0)


def estimates(
    observations: list[Observation],
    values: Mapping[str, Array],
    of_variants: Mapping[str, Mapping[str, Array]] | None = None,
) -> list[tuple[Array, float]]:
    """For each observation the statistic at each point, and the variance of its chance.

    values: by outcome; `of_variants`: the same for each variant that is compared with.
    """
    found = []
    for one in observations:
        compared = None if one.variant is None else (of_variants or {})[one.variant][one.outcome.name]
        found.append(one.estimate(values[one.outcome.name], compared))
    return found


def to_json(one: Observation) -> dict[str, Any]:
    """An observation as plain data."""
    return {
        "name": one.name, "target": one.target, "title": one.title, "outcome": one.outcome.name,
        "statistic": one.statistic, "low": one.shown[0], "high": one.shown[1], "sd": one.sd, "unit": one.unit,
        "variant": one.variant,
    }  # fmt: skip
