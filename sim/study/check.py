"""A scenario is checked as a whole: in each of its variants, with its events, outcomes and targets."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from sim.engine.load import load
from sim.outcomes.catalogue import expected_outcomes, outcomes_of
from sim.rules.rulebook import RULEBOOK
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.leaves import bounds_at
from sim.scenario.operate import SET, Operation
from sim.scenario.read import LoadedScenario, change
from sim.scenario.select import select
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
    for variant in (None, *(name for name in loaded.scenario.variants if not is_checked_alone(loaded, name))):
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


def is_checked_alone(loaded: LoadedScenario, variant: str) -> bool:
    """Whether the reader has checked all that a variant can do wrong, because no other value depends on what it sets.

    So it is with parameters of rules, weights of the doctrine and shares of single entities, which have no more than
    bounds. Only the community shares of a place are added up. What selects other values is looked at as a whole.
    """
    tree = loaded.origin.tree
    if any(path[:2] == ("variants", variant) for path in tree.ranges):
        return False
    for text, value in loaded.scenario.variants[variant].set.items():
        operation = Operation.of(text)
        if operation.what != SET or value is None or isinstance(value, (dict, list)):
            return False
        for path in select(operation.path, tree.data):
            is_declared = (path[0] == "rules" and len(path) == 3) or "doctrine" in path[:-1]
            is_share = len(path) == 3 and bounds_at(path) == (0, 1) and not _selects(loaded, str(path[-1]))
            if not (is_declared or is_share):
                return False
    return True


def _selects(loaded: LoadedScenario, field: str) -> bool:
    """Whether a path of the scenario selects entities by the value of a field."""
    data = loaded.origin.tree.data
    said = str([data.get(section) for section in ("uncertainty", "events", "outcomes", "targets", "variants")])
    return re.search(rf"[\[,]\s*{field}\s*=", said) is not None


def contents(loaded: LoadedScenario) -> str:
    """How many of each kind of thing a scenario has."""
    return ", ".join(f"{len(found)} {part}" for part in COUNTED if (found := getattr(loaded.scenario, part)))
