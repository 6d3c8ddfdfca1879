"""Back-test: what an ensemble said before, against what was observed, beside naive forecasts of the same.

The file of outcomes is the user's:

    about: What happened, and who says so
    baselines: {hazard: 0.1, advance: 20}       # a day; km a day
    outcomes:
      hilltown.fall_day: {value: 4, basis: "a diary"}   # a day, a date, or never
      hilltown.held_by.north@day6: false
      deaths.combatant: 700

Outcomes of one war are not independent of each other: a mean score has no standard error, and none is given.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.ensemble.run import run
from sim.outcomes.catalogue import PROBABILITY, QUANTITY, TIME, Outcome, outcomes_asked
from sim.rules.rulebook import RULEBOOK
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.files import FileTrouble, read_text
from sim.scenario.names import nearest
from sim.scenario.read import LoadedScenario
from sim.scenario.yaml_reader import Tree, parse
from sim.statistics import scores
from sim.world import tables
from sim.world.deploy import Deployment, deploy

Array = NDArray[np.float64]
NEVER = "never"
ENSEMBLE, PERSISTENCE, HAZARD, ADVANCE = "ensemble", "nothing changes", "constant hazard", "constant advance"
LEVEL = 0.9
"""Of the interval whose coverage is counted."""
ADVANCE_KM = 20.0
"""Kilometres a day of an advance that nobody opposes much: an assumption, to be set in the file."""
KEYS = ("about", "sources", "baselines", "outcomes")
SCENARIO_KEYS = {"places", "extends", "formations"}
"""One of these says that a file is a scenario."""
BASELINE_KEYS = ("hazard", "advance")


@dataclasses.dataclass(frozen=True)
class Observed:
    """One outcome that was observed: infinite for a time that did not come within the horizon."""

    outcome: Outcome
    value: float
    basis: str


@dataclasses.dataclass(frozen=True)
class Observations:
    """What a file of outcomes holds, for one scenario."""

    about: str
    observed: list[Observed]
    hazard: float
    advance: float


@dataclasses.dataclass(frozen=True)
class Backtest:
    """`table`: a row per outcome and forecast; `means`: a row per forecast; `coverage`: of the ensemble's intervals."""

    table: pd.DataFrame
    means: pd.DataFrame
    inside: int
    counted: int
    replicates: int
    seed: int
    horizon: float

    def to_json(self) -> dict[str, Any]:
        """The back-test as one plain object."""
        return {
            "replicates": self.replicates,
            "seed": self.seed,
            "outcomes": _records(self.table.reset_index()),
            "means": _records(self.means.reset_index()),
            "coverage": {"level": LEVEL, "inside": self.inside, "of": self.counted},
        }


def backtest(
    loaded: LoadedScenario,
    outcomes: str | Path | Observations,
    replicates: int = 1000,
    seed: int = 1,
    jobs: int | None = None,
    results: str | Path | None = "results",
    progress: bool | None = None,
) -> Backtest:
    """Score a scenario's ensemble and naive forecasts against the outcomes in a file.

    Scores: Brier and log score of whether it happened, CRPS in the outcome's unit, ranked probability score of the
    day. A time counts as the end of the campaign where it did not come. ScenarioError names what is wrong in the file.
    """
    observations = outcomes if isinstance(outcomes, Observations) else read_observations(outcomes, loaded)
    deployment = deploy(loaded, RULEBOOK)
    asked = [each.outcome.said for each in observations.observed]
    starts = {each.outcome.name: _at_start(each.outcome, loaded) for each in observations.observed}
    extra = [name for name in starts.values() if name]
    found = run(
        loaded, replicates, seed, jobs, outcomes=[*asked, *extra], results=results, progress=progress, figures=False
    )
    naive = Naive(deployment, observations, len(found.runs), float(found.days[-1]))
    rows = []
    for each in observations.observed:
        name, kind = each.outcome.name, each.outcome.kind
        start = found.runs[starts[name]].to_numpy(float) if starts[name] else None
        forecasts = {ENSEMBLE: found.runs[name].to_numpy(float), **naive.forecasts(each.outcome, start)}
        for forecast, sample in forecasts.items():
            scored = score(kind, sample, each.value, naive.horizon)
            rows.append({"outcome": name, "forecast": forecast, "kind": kind, "basis": each.basis, **scored})
    table = pd.DataFrame(rows).set_index(["outcome", "forecast"])
    inside = table.xs(ENSEMBLE, level="forecast")["inside"].dropna()
    return Backtest(table, _means(table), int(inside.sum()), len(inside), replicates, seed, naive.horizon)


def score(kind: str, sample: Array, observed: float, horizon: float) -> dict[str, Any]:
    """The scores of one forecast of one outcome; None for those that its kind does not have."""
    row: dict[str, Any] = dict.fromkeys(
        ("observed", "probability", "brier", "log", "median", "low", "high", "inside", "crps", "rps", "rank")
    )
    row["observed"] = observed
    if kind != QUANTITY:
        came = np.isfinite(sample) if kind == TIME else sample > 0.0
        happened = math.isfinite(observed) if kind == TIME else observed > 0.0
        row["probability"] = float(came.mean())
        row["brier"] = scores.brier(row["probability"], happened)
        row["log"] = scores.log_score(int(came.sum()), len(came), happened)
        if kind == PROBABILITY:
            return row
    values = np.where(np.isfinite(sample), sample, horizon) if kind == TIME else sample[np.isfinite(sample)]
    value = min(observed, horizon) if kind == TIME else observed
    if not len(values):
        return row
    low, high = scores.central_interval(values, LEVEL)
    row |= {"median": float(np.median(values)), "low": low, "high": high, "inside": low <= value <= high}
    row |= {"crps": scores.crps(values, value), "rank": scores.rank_of(values, value)}
    if kind == TIME:
        row["rps"] = scores.ranked_probability(values, value, np.arange(1.0, math.ceil(horizon)))
    return row


class Naive:
    """Forecasts that know the start of the scenario and one number; each is a sample as large as the ensemble's."""

    def __init__(self, deployment: Deployment, observations: Observations, size: int, horizon: float) -> None:
        self.deployment, self.size, self.horizon = deployment, size, horizon
        self.hazard, self.advance = observations.hazard, observations.advance

    def forecasts(self, outcome: Outcome, start: Array | None) -> dict[str, Array]:
        """The naive forecasts that there are for an outcome; `start`: its values on day 0, if it has any."""
        if outcome.kind != TIME:
            return {} if start is None else {PERSISTENCE: start}
        quantiles = (np.arange(self.size) + 0.5) / self.size
        times = -np.log1p(-quantiles) / self.hazard
        found = {
            PERSISTENCE: np.full(self.size, np.nan),
            HAZARD: np.where(times <= self.horizon, times, np.nan),
        }
        reached = self._reached(outcome)
        if reached is not None:
            found[ADVANCE] = np.full(self.size, reached if reached <= self.horizon else np.nan)
        return found

    def _reached(self, outcome: Outcome) -> float | None:
        """The day on which the nearest enemy would reach a place by road; None for what is not the fall of a place."""
        if not outcome.form.pattern.startswith("<place>"):
            return None
        world, place = self.deployment.new_world()[1], outcome.rows[0]
        control = world.places["control"]
        hostile = np.flatnonzero(world.stance[control[place], control] == tables.HOSTILE)
        if not len(hostile):
            return math.inf
        return float(np.asarray(self.deployment.atlas.km)[hostile, place].min()) / self.advance


def _at_start(outcome: Outcome, loaded: LoadedScenario) -> str | None:
    """The name of an outcome on day 0, for the forecast that nothing changes; None where there is none."""
    if outcome.kind == TIME or outcome.formula or not outcome.form.dated:
        return None
    return f"{outcome.base}@day0"


def _means(table: pd.DataFrame) -> pd.DataFrame:
    """The mean scores of each forecast over the times, which all forecasts have; and the skill of the ensemble.

    Skill is 1 - CRPS / CRPS of the naive forecast: above 0 the ensemble is better.
    """
    times = table[table["kind"] == TIME]
    if times.empty:
        return pd.DataFrame(columns=["outcomes", "brier", "log", "crps", "rps", "skill"]).rename_axis("forecast")
    complete = times.groupby(level="outcome").size()
    shared = complete[complete == complete.max()].index
    grouped = times.loc[shared].groupby(level="forecast", sort=False)
    means = grouped[["brier", "log", "crps", "rps"]].mean().astype(float)
    means.insert(0, "outcomes", grouped.size())
    own = float(means["crps"][ENSEMBLE])
    means["skill"] = [math.nan if crps == own or crps == 0 else 1.0 - own / crps for crps in means["crps"]]
    return means


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain objects: None for what is not there, `never` for a time that did not come."""

    def plain(value: Any) -> Any:
        value = value.item() if isinstance(value, np.generic) else value
        if isinstance(value, float) and not math.isfinite(value):
            return NEVER if value == math.inf else None
        return value

    return [{str(key): plain(value) for key, value in row.items()} for row in table.to_dict("records")]


def read_observations(path: str | Path, loaded: LoadedScenario) -> Observations:
    """The file of outcomes, checked against a scenario; ScenarioError names each problem with line and column."""
    return _Reader(Path(path), loaded).read()


class _Reader:
    """Reads a file of outcomes, noting each problem with its place."""

    def __init__(self, path: Path, loaded: LoadedScenario) -> None:
        self.loaded, self.problems = loaded, list[Problem]()
        try:
            self.tree: Tree = parse(read_text(path), str(path), self.problems)
        except FileTrouble as error:
            raise ScenarioError([Problem(str(path), 0, 0, "", error.message, error.hint)]) from None
        self.start = loaded.scenario.start
        self.horizon = loaded.scenario.clock.days

    def read(self) -> Observations:
        data = self.tree.data
        if not isinstance(data, dict):
            self.problem((), "should be a mapping with the key 'outcomes'")
            raise ScenarioError(self.problems)
        if SCENARIO_KEYS & data.keys():
            self.problem((), "is a scenario, not a file of what was observed, like {outcomes: {PLACE.fall_day: 4}}")
            raise ScenarioError(self.problems)
        self.check_keys((), data, KEYS)
        rates = data.get("baselines") or {}
        if isinstance(rates, dict):
            self.check_keys(("baselines",), rates, BASELINE_KEYS)
        else:
            self.problem(("baselines",), "should be a mapping: {hazard: 0.1, advance: 20}")
            rates = {}
        hazard, advance = (self.rate(rates, "hazard", 1 / self.horizon), self.rate(rates, "advance", ADVANCE_KM))
        listed = data.get("outcomes")
        observed = []
        if isinstance(listed, dict) and listed:
            observed = [each for name, said in listed.items() if (each := self.one(str(name), said)) is not None]
        else:
            self.problem(("outcomes",), "should list what was observed: {PLACE.fall_day: 4}")
        if self.problems:
            raise ScenarioError(self.problems)
        return Observations(str(data.get("about") or ""), observed, hazard, advance)

    def problem(self, path: tuple[str | int, ...], message: str, hint: str | None = None) -> None:
        self.problems.append(Problem(*self.tree.where(path), ".".join(map(str, path)), message, hint))

    def check_keys(self, path: tuple[str | int, ...], data: Mapping[Any, Any], known: tuple[str, ...]) -> None:
        for key in data:
            if key not in known:
                self.problem((*path, key), f"unknown key; known are {', '.join(known)}", nearest(str(key), known))

    def rate(self, rates: Mapping[str, Any], name: str, default: float) -> float:
        """A rate above 0; the default where the file gives none."""
        value = self.number(rates.get(name, default))
        if value is None or value <= 0:
            self.problem(("baselines", name), f"should be a number above 0, but is {rates[name]!r}")
            return default
        return value

    def one(self, name: str, said: Any) -> Observed | None:
        """One outcome and what was observed of it."""
        path = ("outcomes", name)
        try:
            outcome = outcomes_asked(self.loaded, [(name, self.tree.where(path), f"outcomes.{name}")])[-1]
        except ScenarioError as error:
            self.problems += error.problems
            return None
        basis = ""
        if isinstance(said, dict):
            self.check_keys(path, said, ("value", "basis"))
            basis, said = str(said.get("basis") or ""), said.get("value")
        read: dict[str, Callable[[Any], float | None]] = {TIME: self.day, PROBABILITY: self.truth}
        value = read.get(outcome.kind, self.number)(said)
        if value is None:
            wanted = {TIME: "a day, a date or 'never'", PROBABILITY: "true or false"}.get(outcome.kind, "a number")
            self.problem(path, f"should be {wanted}, but is {said!r}")
            return None
        if outcome.kind == TIME and value < 0:
            self.problem(path, f"lies before the start of the campaign, {self.start:%Y-%m-%d}")
            return None
        return Observed(outcome, value, basis)

    def day(self, said: Any) -> float | None:
        """A day of the campaign; infinite where it lies beyond the horizon."""
        if said == NEVER:
            return math.inf
        if isinstance(said, str):
            try:
                said = datetime.fromisoformat(said)
            except ValueError:
                return None
        if isinstance(said, date) and not isinstance(said, datetime):
            said = datetime.combine(said, time())
        if isinstance(said, datetime):
            said = (said.replace(tzinfo=None) - self.start).total_seconds() / 86_400
        value = self.number(said)
        return value if value is None or value <= self.horizon else math.inf

    def truth(self, said: Any) -> float | None:
        return float(said) if isinstance(said, bool) else None

    def number(self, said: Any) -> float | None:
        sound = isinstance(said, int | float) and not isinstance(said, bool) and math.isfinite(said)
        return float(said) if sound else None
