"""The campaigns that agree with what is known: `results.given("hill.fall_day in 2..5 and not north.collapsed")`.

They are selected, not weighted, so each counts as one. Too few are refused: nothing could be said with any certainty.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.engine.arguments import texts
from sim.ensemble.discovery import Discovery, discover
from sim.ensemble.drivers import Drivers, drivers_of
from sim.ensemble.summary import SUMMARY_COLUMNS, clustered, summarise
from sim.outcomes.catalogue import outcomes_of
from sim.outcomes.conditions import Condition, ConditionError, parse_condition
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.messages import escaped
from sim.scenario.names import nearest
from sim.scenario.read import LoadedScenario
from sim.statistics.intervals import wilson

if TYPE_CHECKING:
    from sim.ensemble.parting import Turning
    from sim.ensemble.results import Results
    from sim.plots import Plot
    from sim.session.stories import Stories

ENOUGH = 30
"""Campaigns that must agree before anything is said of them."""
FEW_SITUATIONS = 10


@dataclasses.dataclass(frozen=True)
class Given:
    """The campaigns of some results that agree with a condition.

    `kept` of the `of` campaigns in which the condition is defined agree, the `share` with its 95 % interval.
    `effective` is their number if each has its own draw of the uncertain inputs; if campaigns share situations, it is
    how many equally frequent situations they stand for. `replicates` are their numbers.
    """

    condition: str
    of: int
    share_low: float
    share_high: float
    effective: float
    replicates: NDArray[np.int64]
    notes: tuple[str, ...]
    results: Results = dataclasses.field(repr=False)

    @property
    def kept(self) -> int:
        return len(self.replicates)

    @property
    def share(self) -> float:
        return self.kept / self.of

    @functools.cached_property
    def runs(self) -> pd.DataFrame:
        """The rows of `results.runs` that agree."""
        return self.results.runs.iloc[self.replicates]

    @functools.cached_property
    def inputs(self) -> pd.DataFrame:
        """The rows of `results.inputs` that agree: what was drawn there."""
        return self.results.inputs.iloc[self.replicates]

    @functools.cached_property
    def outcomes(self) -> list[dict[str, Any]]:
        """Each outcome summed up over the campaigns that agree, with 95 % intervals."""
        among = np.zeros(self.results.replicates, dtype=bool)
        among[self.replicates] = True
        situations = self.results.situations
        found = []
        for row in self.results.manifest["outcomes"]:
            values = self.results.values(row["name"])
            summary = summarise(row["name"], row["kind"], row["unit"], values[among])
            found.append(summary | (clustered(row["kind"], values, situations, among) if situations else {}))
        return found

    def values(self, name: str) -> NDArray[np.float64]:
        """What one outcome came to in each campaign that agrees."""
        return self.results.values(name)[self.replicates]

    def drivers(self, outcome: str) -> Drivers:
        """As `results.drivers`, over the campaigns that agree."""
        kind = self.results.kind_of(outcome)
        inputs = self.inputs.drop(columns="replicate")
        return drivers_of(outcome, kind, self.values(outcome), inputs, float(self.results.days[-1]))

    def discover(self, condition: str) -> Discovery:
        """As `results.discover`, over the campaigns that agree."""
        self.results.require_own_draws()
        values = {name: self.values(name) for name in self.results.outcome_names}
        kinds = {name: self.results.kind_of(name) for name in values}
        return discover(condition, values, kinds, self.inputs.drop(columns="replicate"), seed=self.results.seed)

    def turning_points(self, outcome: str) -> Turning:
        """As `results.turning_points`, over the campaigns that agree, which are played again for it."""
        from sim.ensemble.parting import turning

        return turning(self.results, outcome, chosen=self.replicates)

    def stories(self, outcome: str, campaigns: int = 100) -> Stories:
        """As `results.stories`, of the first campaigns that agree."""
        from sim.session.stories import stories

        return stories(self.results, outcome, campaigns, self.replicates)

    def given(self, conditions: str | Iterable[str]) -> Given:
        """Those of them that meet further conditions too."""
        return given(self.results, [self.condition, *texts("given", conditions)])

    @functools.cached_property
    def _again(self) -> Results:
        """The campaigns that agree, played again: who held what, and the series, are kept for all campaigns only.

        They are numbered anew, so nothing but sums over all of them may be asked for.
        """
        from sim.ensemble.again import again

        rows = self.results.manifest["outcomes"]
        asked = [f"{row['name']} = {row['formula']}" if "formula" in row else row["name"] for row in rows]
        return again(self.results, asked, self.kept, self.replicates)

    @property
    def plot(self) -> Plot:
        """The figures of the campaigns that agree, which are played again for them, once."""
        return self._again.plot

    def fall_times(self) -> pd.DataFrame:
        """As `results.fall_times()`, over the campaigns that agree, which are played again for it, once."""
        return self._again.fall_times()

    @property
    def control(self) -> NDArray[np.float64]:
        """As `results.control`, of the campaigns that agree, which are played again for it, once."""
        return self._again.control

    @property
    def series(self) -> pd.DataFrame:
        """As `results.series`, of the campaigns that agree, which are played again for it, once."""
        return self._again.series

    def __getattr__(self, name: str) -> Any:
        """Says where to find what results have, and a selection of their campaigns has not."""
        from sim.ensemble.results import Results

        there = not name.startswith("_") and name != "results"
        if there and (hasattr(Results, name) or name in vars(self.results)):
            raise AttributeError(
                f"campaigns that were selected have no `{name}`; `.results.{name}` is that of all campaigns, and"
                " `.replicates` has the numbers of the selected ones"
            )
        raise AttributeError(f"'Given' has no attribute '{name}'")

    def summary(self) -> pd.DataFrame:
        """A row per outcome, as `results.summary()`, for the campaigns that agree."""
        rows = pd.DataFrame(self.outcomes, columns=["name", *SUMMARY_COLUMNS])
        return rows.set_index("name").rename_axis("outcome").dropna(axis="columns", how="all")

    def to_json(self) -> dict[str, Any]:
        """The results as one plain object, with the outcomes of the campaigns that agree."""
        plain = self.results.to_json()
        plain.pop("variance_components", None)  # they are those of all campaigns
        said = {name: getattr(self, name) for name in ("condition", "kept", "of", "share", "share_low", "share_high")}
        given = said | {"effective": self.effective, "notes": list(self.notes)}
        return plain | {"outcomes": self.outcomes, "given": given}

    def in_words(self) -> list[str]:
        """How many campaigns agree, and what to think of."""
        agree = f"{self.kept:,} of {self.of:,} campaigns agree ({self.share:.1%}, 95 % interval {self.share_low:.1%} to"
        return [f"Given {self.condition}: {agree} {self.share_high:.1%}).", *self.notes]

    def __repr__(self) -> str:
        return "\n".join([*self.in_words(), self.summary().to_string(float_format="{:.4g}".format)])

    def _repr_html_(self) -> str:
        lines = "".join(f"<p>{escaped(line)}</p>" for line in self.in_words())
        return f"{lines}{self.summary().to_html(na_rep='', float_format='{:.4g}'.format)}"


def joined(conditions: str | Iterable[str]) -> str:
    """Several conditions as one, all of which must be met."""
    said = texts("given", conditions)
    return said[0] if len(said) == 1 else " and ".join(f"({text})" for text in said)


def read_given(conditions: str | Iterable[str], loaded: LoadedScenario) -> Condition:
    """A condition on the outcomes of a scenario; ScenarioError says what is wrong with it."""
    text = joined(conditions)
    where = f"given {text}"
    try:
        condition = parse_condition(text)
        outcomes_of(loaded, condition.operands)
    except ConditionError as error:
        raise ScenarioError([Problem(where, 0, 0, "", str(error))]) from None
    except ScenarioError as error:
        raise ScenarioError([dataclasses.replace(problem, file=where) for problem in error.problems]) from None
    return condition


def agreeing(
    condition: Condition, values: Mapping[str, NDArray[np.float64]], kinds: Mapping[str, str]
) -> NDArray[np.bool_]:
    """Which campaigns agree; where the condition is not defined, none does."""
    met: NDArray[np.bool_] = condition.met(values, kinds) == 1.0
    return met


def given(results: Results, conditions: str | Iterable[str]) -> Given:
    """The campaigns of results that agree with a condition; ValueError if there are too few, or it is none."""
    condition = parse_condition(joined(conditions))
    kinds = {row["name"]: row["kind"] for row in results.manifest["outcomes"]}
    for name in condition.operands:
        if name not in kinds:
            near = nearest(name, kinds)
            hint = f"; did you mean {near}?" if near else f"; these results report {', '.join(kinds)}"
            raise ValueError(f"the outcome '{name}' is not reported{hint}")
    values = {name: results.values(name) for name in condition.operands}
    met = condition.met(values, kinds)
    known = np.isfinite(met)
    replicates = np.flatnonzero(met == 1.0)
    kept, of = len(replicates), int(known.sum())
    if kept < ENOUGH:
        raise ValueError(_too_few(condition.text, kept, of))
    notes = []
    if of < len(met):
        notes.append(f"The condition is not defined in {len(met) - of:,} other campaigns, which are left out.")
    effective = float(kept)
    low, high = map(float, wilson(kept, of))
    if results.situations:
        counts = np.bincount(replicates % results.situations, minlength=results.situations)
        effective = float(counts.sum() ** 2 / (counts**2).sum())
        bounds = clustered("probability", np.where(known, met, np.nan), results.situations)
        low, high = bounds.get("probability_low") or low, bounds.get("probability_high") or high
        if effective < FEW_SITUATIONS:
            notes.append(f"They stand for {effective:.1f} situations only: what they say of the inputs is coarse.")
    return Given(condition.text, of, low, high, effective, replicates, tuple(notes), results)


def _too_few(text: str, kept: int, of: int) -> str:
    """Why nothing is said, and how many campaigns would do."""
    if kept == 0:
        how = "no campaign agrees: what is known may be beyond what the scenario can show, or take many more campaigns"
    else:
        about = -(-of * ENOUGH * 3 // (kept * 2) // 100) * 100
        how = f"about {about:,} campaigns would do (-n {about})"
    return f"{kept} of {of:,} campaigns agree with '{text}', but at least {ENOUGH} are needed; {how}"
