"""What is to be run: the scenario, how many campaigns, and which outcomes; checked before anything is computed."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sim.engine.arguments import MOST_REPLICATES, MOST_SEED, any_whole_number, texts, whole_number
from sim.engine.load import load
from sim.ensemble import store
from sim.ensemble.given import read_given
from sim.ensemble.posterior import Posterior, Source, read_posterior
from sim.ensemble.until import Until, read_until
from sim.outcomes.catalogue import Outcome, outcomes_of
from sim.outcomes.conditions import Condition
from sim.rules.rulebook import RULEBOOK
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.read import LoadedScenario, change
from sim.world.deploy import Deployment, deploy

REPLICATES, MOST_UNTIL = 1000, 200_000
"""Campaigns of a run that does not say how many; and the most that `until` takes if it does not say."""


@dataclasses.dataclass(frozen=True)
class RunSpec:
    """A run: all that determines its result."""

    loaded: LoadedScenario
    deployment: Deployment
    outcomes: list[Outcome]
    replicates: int
    seed: int
    until: Until | None = None
    situations: int | None = None
    """How many draws of the uncertain inputs the campaigns share; None: each has its own."""
    posterior: Posterior | None = None
    """Weighted points from which the inputs are drawn; None: from the scenario's ranges."""
    given: Condition | None = None
    """What must be met by the campaigns that count for `until`."""

    @functools.cached_property
    def run_id(self) -> str:
        """The name of the run. What has no default enters the name only when it is asked for."""
        goal = (("until", self.until.outcome.name, self.until.half_width),) if self.until else ()
        shared = (("situations", self.situations),) if self.situations else ()
        # Without a goal, a condition changes nothing but what is recorded.
        known = (("given", self.given.text),) if self.given and self.until else ()
        drawn = (("posterior", self.posterior.digest),) if self.posterior else ()
        return store.run_id(self.loaded, self.seed, self.replicates, self.outcomes, *goal, *shared, *drawn, *known)


def specify(
    scenario: LoadedScenario | str | Path,
    replicates: int | None = None,
    seed: int = 1,
    outcomes: Iterable[str] = (),
    variant: str | None = None,
    set: Mapping[str, Any] | None = None,
    until: str | None = None,
    situations: int | None = None,
    posterior: Source | None = None,
    given: str | Iterable[str] = (),
) -> RunSpec:
    """The run that these arguments of `sim.run` describe; ScenarioError or ValueError if there is no such run."""
    loaded = loaded_scenario(scenario, variant, set)
    if replicates is not None:
        replicates = whole_number("replicates", replicates, 1, MOST_REPLICATES)
    replicates = most_replicates(loaded, replicates, until, given)
    seed = whole_number("seed", seed, 0, MOST_SEED)
    situations = None if situations is None else any_whole_number("situations", situations)
    _check_situations(replicates, situations, until)
    goal = None if until is None else read_until(until, loaded)
    condition = read_given(given, loaded) if given else None
    needed = [*([goal.outcome.name] if goal else []), *(condition.operands if condition else ())]
    chosen = outcomes_of(loaded, [*texts("outcomes", outcomes), *needed])
    deployment = deploy(loaded, RULEBOOK)
    drawn = None if posterior is None else read_posterior(posterior, deployment)
    return RunSpec(loaded, deployment, chosen, replicates, seed, goal, situations, drawn, condition)


def most_replicates(
    loaded: LoadedScenario, replicates: int | None, until: str | None = None, given: str | Iterable[str] = ()
) -> int:
    """How many campaigns a run has, or with `until` at most: enough for any share, unless not all of them count."""
    if until is None:
        return REPLICATES if replicates is None else replicates
    most = MOST_UNTIL if replicates is None else replicates
    return most if given else min(most, read_until(until, loaded).suffices or most)


def loaded_scenario(
    scenario: LoadedScenario | str | Path, variant: str | None = None, set: Mapping[str, Any] | None = None
) -> LoadedScenario:
    """The scenario to run: a file, or one that was loaded, with a variant and single values set."""
    if not isinstance(scenario, LoadedScenario):
        return load(scenario, variant, set)
    if variant is None and not set:
        return scenario
    return change(scenario, RULEBOOK, variant, set)


def _check_situations(replicates: int, situations: int | None, until: str | None) -> None:
    """Each draw of the uncertain inputs needs equally many campaigns, and two at least, to be told from chance."""
    if situations is None:
        return
    message = ""
    if situations < 2:
        message = "there should be 2 or more"
    elif until:
        message = "does not go with until, whose rule expects that each campaign has its own draw"
    elif replicates % situations or replicates < 2 * situations:
        fair = max(2, round(replicates / situations)) * situations
        message = (
            f"{replicates:,} campaigns cannot be shared out among {situations:,} situations, equally many to each and"
            f" two at least; {fair:,} can"
        )
    if message:
        raise ScenarioError([Problem(f"situations {situations}", 0, 0, "", message)])
