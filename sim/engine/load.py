"""Loading: from a scenario file to a scenario that can be run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.rules.rulebook import RULEBOOK
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.file_paths import expanded
from sim.scenario.messages import printable
from sim.scenario.read import LoadedScenario, read


def load(path: str | Path, variant: str | None = None, set: Mapping[str, Any] | None = None) -> LoadedScenario:
    """The scenario of a file, with one of its variants and single values set by dotted path.

    ScenarioError names all that is wrong, with file, line and column.
    """
    try:
        file = expanded(path)
    except OSError as error:
        raise ScenarioError([Problem(printable(str(path)), 0, 0, "", str(error.strerror))]) from None
    return read(file, RULEBOOK, variant, set)
