"""Finds what a scenario may say but hardly means: such values are told, and do not stop a run."""

from __future__ import annotations

from collections.abc import Iterable

from sim.scenario.errors import Problem
from sim.scenario.paths import Locator
from sim.scenario.schema import Scenario
from sim.scenario.strange_forces import strange_forces
from sim.scenario.strange_inputs import strange_inputs
from sim.scenario.strange_map import strange_map
from sim.scenario.strange_times import strange_times
from sim.scenario.yaml_reader import Tree


def strange_values(scenario: Scenario, locator: Locator, written: Tree) -> list[Problem]:
    """One warning for each value that is possible but strange. `written`: the files, before a variant or a setting."""
    data = locator.tree.data
    parts = (
        *strange_times(scenario, data),
        *strange_map(scenario),
        *strange_forces(scenario, data),
        *strange_inputs(scenario, locator.tree, written),
    )
    found = [locator.problem(path, message) for path, message in parts]
    return not_accepted(found, scenario)


def not_accepted(found: Iterable[Problem], scenario: Scenario) -> list[Problem]:
    """Those of the warnings that the scenario does not explain under `accepted`."""
    return [problem for problem in found if problem.path not in scenario.accepted]
