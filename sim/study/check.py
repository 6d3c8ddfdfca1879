"""A scenario is checked as a whole: in each of its variants, with its events, outcomes and targets."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from sim.engine.load import load
from sim.outcomes.catalogue import expected_outcomes, outcomes_of
from sim.rules.rulebook import RULEBOOK
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.read import LoadedScenario, change
from sim.study.targets import outcomes_of_targets
from sim.world.deploy import deploy

COUNTED = (
    "sides", "places", "roads", "formations", "reinforcements", "air", "events", "variants", "outcomes", "targets",
)  # fmt: skip


class Checked(NamedTuple):
    """A scenario with nothing wrong, and what in it is possible but strange."""

    loaded: LoadedScenario
    warnings: tuple[Problem, ...]


def checked(path: Path) -> Checked:
    """The scenario of a file; ScenarioError with all that is wrong with it or with any of its variants."""
    loaded = load(path)
    problems: list[Problem] = []
    warnings: tuple[Problem, ...] = ()
    for variant in (None, *loaded.scenario.variants):
        try:
            changed = change(loaded, RULEBOOK, variant) if variant else loaded
            deployment = deploy(changed, RULEBOOK)
            outcomes_of(changed)
            outcomes_of_targets(changed)
            if variant is None:
                warnings = deployment.warnings
                expected_outcomes(changed)
        except ScenarioError as error:
            problems += error.problems
    if problems:
        raise ScenarioError(problems)
    return Checked(loaded, warnings)


def contents(loaded: LoadedScenario) -> str:
    """How many of each kind of thing a scenario has."""
    return ", ".join(f"{len(found)} {part}" for part in COUNTED if (found := getattr(loaded.scenario, part)))
