"""Targets: what the ensemble should show if the model is right, compared with what it shows.

Each target has one criterion. Beside the estimate stands its 95 % interval: where the interval lies on both sides of
the criterion, more campaigns could turn the verdict.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from sim.ensemble.results import Results
from sim.ensemble.run import run
from sim.ensemble.spec import loaded_scenario
from sim.outcomes.catalogue import PROBABILITY, QUANTITY, TIME, Outcome, outcomes_asked
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.read import LoadedScenario
from sim.scenario.schema import Target
from sim.statistics.intervals import quantile_interval, wilson
from sim.statistics.paired import of_means, of_shares

Array = NDArray[np.float64]
Bounds = tuple[float, float]
EVERYTHING: Bounds = (-np.inf, np.inf)
FITS = {
    "at_least": (TIME, QUANTITY),
    "median_within": (TIME, QUANTITY),
    "p05_to_p95_within": (TIME, QUANTITY),
    "probability_at_least": (TIME, QUANTITY, PROBABILITY),
    "difference_within": (TIME, QUANTITY, PROBABILITY),
}
"""Which kinds of outcomes a criterion can judge."""


@dataclass(frozen=True)
class Finding:
    """One number of the ensemble with its interval, and the range in which it should lie."""

    what: str
    unit: str
    estimate: float
    low: float
    high: float
    wanted: Bounds

    @property
    def met(self) -> bool:
        return bool(self.wanted[0] <= self.estimate <= self.wanted[1])

    @property
    def sure(self) -> bool:
        """Whether the whole interval says the same."""
        low, high = self.wanted
        inside = low <= self.low and self.high <= high
        return bool(inside if self.met else self.high < low or self.low > high)


@dataclass(frozen=True)
class Verdict:
    """A target beside the ensemble."""

    id: str
    target: Target
    defined: float
    """Share of the campaigns in which the outcome is defined."""
    findings: tuple[Finding, ...]

    @property
    def met(self) -> bool:
        return all(finding.met for finding in self.findings)

    @property
    def sure(self) -> bool:
        """Whether more campaigns would hardly change the verdict."""
        return all(f.sure for f in self.findings) if self.met else any(f.sure and not f.met for f in self.findings)

    def to_json(self) -> dict[str, Any]:
        """The verdict as plain data."""
        findings = [
            {key: _finite(value) for key, value in asdict(f).items()} | {"met": f.met, "sure": f.sure}
            for f in self.findings
        ]
        said = {"id": self.id, "title": self.target.title, "outcome": self.target.outcome, "facts": self.target.facts}
        return said | {"defined": self.defined, "met": self.met, "sure": self.sure, "findings": findings}


def _finite(value: Any) -> Any:
    """Numbers as JSON can say them: None beyond all bounds."""
    if isinstance(value, tuple):
        return [_finite(part) for part in value]
    return value if isinstance(value, str) or np.isfinite(value) else None


def outcomes_of_targets(loaded: LoadedScenario) -> dict[str, Outcome]:
    """The outcome of each target; ScenarioError with all that are unknown, or that their criterion cannot judge."""
    targets = loaded.scenario.targets
    asked = [
        (targets[name].outcome, loaded.where(("targets", name, "outcome")), f"targets.{name}.outcome")
        for name in targets
    ]
    listed = len(loaded.scenario.outcomes)
    found = dict(zip(targets, outcomes_asked(loaded, asked)[listed:], strict=True))
    problems: list[Problem] = []
    for name, outcome in found.items():
        path, target = ("targets", name, "outcome"), targets[name]
        criterion = criterion_of(target)
        counted = target.share_within is not None
        if outcome.kind not in FITS[criterion] or (counted and outcome.kind == PROBABILITY):
            message = f"`{criterion}` cannot judge this outcome, which is a {outcome.kind}"
            problems.append(loaded.locator.problem(path, message))
        elif criterion == "difference_within" and outcome.kind == TIME and not counted:
            message = "a time may not come at all: compare the share of campaigns in a range (`share_within`)"
            problems.append(loaded.locator.problem(path, message))
    if problems:
        raise ScenarioError(problems)
    return found


def criterion_of(target: Target) -> str:
    """Which criterion a target has."""
    return next(name for name in FITS if getattr(target, name) is not None)


def judge(name: str, target: Target, outcome: Outcome, values: ArrayLike, compared: ArrayLike | None = None) -> Verdict:
    """Hold a target against the values of its outcome, campaign by campaign; `compared`: those of its variant."""
    sample = np.asarray(values, dtype=float)
    known = np.isfinite(sample)
    defined = 1.0 if outcome.kind == TIME or not len(sample) else float(known.mean())
    if compared is None:
        findings = _alone(target, outcome, sample if outcome.kind == TIME else sample[known])
    else:
        findings = _beside(target, outcome, sample, np.asarray(compared, dtype=float))
    return Verdict(name, target, defined, tuple(findings))


def _alone(target: Target, outcome: Outcome, sample: Array) -> Iterator[Finding]:
    if target.at_least is not None and target.share_within is not None:
        yield _share("share in range", _inside(sample, target.share_within), target.at_least)
    elif target.probability_at_least is not None:
        yield _share("probability", _happened(outcome, sample), target.probability_at_least)
    elif target.median_within is not None:
        yield _quantile("median", 0.5, sample, outcome.unit, target.median_within)
    elif target.p05_to_p95_within is not None:
        yield _quantile("5 % quantile", 0.05, sample, outcome.unit, target.p05_to_p95_within)
        yield _quantile("95 % quantile", 0.95, sample, outcome.unit, target.p05_to_p95_within)


def _beside(target: Target, outcome: Outcome, sample: Array, variant: Array) -> Iterator[Finding]:
    """The variant less the scenario, campaign by campaign under the same draws: chance that they share cancels out."""
    what, unit = "difference of shares", ""
    if target.share_within is not None:
        found = of_shares(_inside(sample, target.share_within), _inside(variant, target.share_within))
    elif outcome.kind == PROBABILITY:
        both = np.isfinite(sample) & np.isfinite(variant)
        found = of_shares(sample[both] > 0, variant[both] > 0)
    else:
        what, unit, found = "mean difference", outcome.unit, of_means(sample, variant)
    _, _, difference, low, high, *_ = found
    yield Finding(what, unit, difference, low, high, target.difference_within or EVERYTHING)


def _happened(outcome: Outcome, sample: Array) -> NDArray[np.bool_]:
    """In which campaigns an event came, or an outcome is above 0."""
    return np.isfinite(sample) if outcome.kind == TIME else sample > 0


def _inside(sample: Array, bounds: Bounds) -> NDArray[np.bool_]:
    """Which campaigns lie in the range; what never came or is not defined does not."""
    return (sample >= bounds[0]) & (sample <= bounds[1])


def _share(what: str, happened: NDArray[Any], least: float) -> Finding:
    count = len(happened)
    low, high = wilson(happened.sum(), count)
    estimate = float(happened.mean()) if count else np.nan
    return Finding(what, "", estimate, float(low), float(high), (least, 1.0))


def _quantile(what: str, share: float, sample: Array, unit: str, wanted: Bounds) -> Finding:
    """A quantile, in which a time that never came is later than all others."""
    ordered = np.where(np.isfinite(sample), sample, np.inf)
    if not len(ordered):
        return Finding(what, unit, np.nan, *EVERYTHING, wanted)
    estimate = float(np.quantile(ordered, share, method="inverted_cdf"))
    return Finding(what, unit, estimate, *quantile_interval(ordered, share), wanted)


def judge_all(
    loaded: LoadedScenario, values: Mapping[str, ArrayLike], of_variants: Mapping[str, Mapping[str, ArrayLike]]
) -> list[Verdict]:
    """Hold all targets of a scenario against an ensemble: values by outcome, and for each variant compared with."""
    outcomes = outcomes_of_targets(loaded)
    verdicts = []
    for name, target in loaded.scenario.targets.items():
        outcome = outcomes[name]
        compared = of_variants[target.variant][outcome.name] if target.variant is not None else None
        verdicts.append(judge(name, target, outcome, values[outcome.name], compared))
    return verdicts


@dataclass(frozen=True)
class AtOnce:
    """The targets that one campaign can meet by itself, and the share of the campaigns that meet all of them."""

    targets: list[str]
    share: float
    low: float
    high: float


def at_once(loaded: LoadedScenario, runs: pd.DataFrame) -> AtOnce | None:
    """In how many campaigns all targets that one campaign can meet are met; None if there is no such target.

    A campaign meets a target for the median if it lies in its range. Ranges of quantiles and differences between
    variants are met by ensembles only. `runs`: a row for each campaign, a column for each outcome.
    """
    outcomes = outcomes_of_targets(loaded)
    met: dict[str, NDArray[np.bool_]] = {}
    for name, target in loaded.scenario.targets.items():
        bounds = target.share_within or target.median_within
        sample = runs[outcomes[name].name].to_numpy(float)
        if target.variant is None and target.probability_at_least is not None:
            met[name] = _happened(outcomes[name], sample)
        elif target.variant is None and bounds is not None:
            met[name] = _inside(sample, bounds)
    if not met:
        return None
    count = int(np.all(list(met.values()), axis=0).sum())
    low, high = wilson(count, len(runs))
    return AtOnce(list(met), count / len(runs) if len(runs) else np.nan, float(low), float(high))


def check_targets(loaded: LoadedScenario, replicates: int, seed: int, **how: Any) -> tuple[list[Verdict], Results]:
    """Run a scenario, and the variants that its targets compare with, under the same draws, and judge the targets.

    `how` is passed on to `sim.run`. ScenarioError if the scenario has no targets.
    """
    targets = loaded.scenario.targets
    if not targets:
        message = "the scenario has no targets that could be checked"
        raise ScenarioError([Problem(str(loaded.files[0]), 0, 0, "targets", message)])
    outcomes = [outcome.said for outcome in outcomes_of_targets(loaded).values()]

    def ensemble(what: LoadedScenario) -> Results:
        return run(what, replicates, seed, outcomes=outcomes, figures=False, **how)

    results = ensemble(loaded)
    compared = dict.fromkeys(target.variant for target in targets.values() if target.variant)
    others = {name: _columns(ensemble(loaded_scenario(loaded, name))) for name in compared}
    return judge_all(loaded, _columns(results), others), results


def _columns(results: Results) -> dict[str, Array]:
    """What each outcome came to, campaign by campaign."""
    return {name: results.runs[name].to_numpy(float) for name in results.outcome_names}
