"""Changes single values of a scenario by their dotted paths, as users set them."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping
from typing import Any

from sim.scenario.basis import unwrap
from sim.scenario.errors import Mark, Problem, ScenarioError
from sim.scenario.messages import describe
from sim.scenario.operate import Change, Operation, operate
from sim.scenario.parameters import Rulebook
from sim.scenario.paths import PathError
from sim.scenario.yaml_reader import Tree, leaves, parse

SET_BY_USER = "set by the user"


def split_setting(setting: str) -> tuple[str, str] | None:
    """Path and value of `path=value`, split at the first `=` outside brackets; None if there is none."""
    depth = 0
    for i, letter in enumerate(setting):
        depth += (letter == "[") - (letter == "]")
        if letter == "=" and depth <= 0:
            return setting[:i].strip(), setting[i + 1 :]
    return None


def parse_settings(settings: Iterable[str]) -> dict[str, Any]:
    """Reads the `path=value` texts of `--set`; the value is YAML: `3`, `true`, `[1, 2]`, `{value: 3, basis: x}`.

    `path*=0.8` scales what stands there and `path+=0.1` shifts it; both keep its uncertainty.
    """
    problems: list[Problem] = []
    values: dict[str, Any] = {}
    for setting in settings:
        path, text = split_setting(setting) or ("", "")
        mark = Mark(f"--set {setting}")
        if not path:
            problems.append(Problem(*mark, "", "should be written path=value, for example clock.days=20"))
            continue
        path = str(Operation.of(path))
        if path in values:
            problems.append(Problem(*mark, path, "is set twice"))
            continue
        found: list[Problem] = []
        try:
            tree = parse(text, mark.file, found)
            values[path] = tree.data
            if tree.blank:
                found.append(Problem(*mark, path, "is empty; write null to remove a value"))
        except ScenarioError as error:
            found = error.problems
        problems.extend(Problem(*mark, path, problem.message) for problem in found)
    if problems:
        raise ScenarioError(problems)
    return values


def given_settings(settings: Any) -> dict[str, Any]:
    """Settings of Python as a dict by dotted path; TypeError where they are something else."""
    if settings is None:
        return {}
    if not isinstance(settings, Mapping) or not all(isinstance(path, str) for path in settings):
        raise TypeError(f"set should be a dict like {{'clock.days': 20}}, but is {describe(settings)}")
    return dict(settings)


def plain(value: Any) -> Any:
    """A value given in Python as plain data; TypeError when it is nothing that YAML could say."""
    if hasattr(value, "item") and not hasattr(value, "__len__"):
        value = value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(child) for key, child in value.items()}
    if isinstance(value, (list, tuple)) or hasattr(value, "tolist"):
        return [plain(child) for child in value]
    raise TypeError(type(value).__name__)


def _as_written(path: str, value: Any) -> str:
    """A setting as messages quote it: as on the command line, and for Python too; cut when long."""
    path = Operation.of(path).as_option()
    text = value if isinstance(value, str) else json.dumps(value, default=lambda thing: f"<{type(thing).__name__}>")
    return f"set {path}={text if len(text) <= 60 else text[:57] + '...'}"


def path_set(problem: Problem) -> str | None:
    """The path that a setting changes, if a problem is one of a setting."""
    if not problem.file.startswith("set "):
        return None
    path, _ = split_setting(problem.file.removeprefix("set ")) or (problem.file, "")
    return path


def apply_settings(
    tree: Tree, settings: Mapping[str, Any], rulebook: Rulebook, problems: list[Problem]
) -> tuple[Change, ...]:
    """Puts the user's values in the place of the scenario's own, and says what became of each."""
    changes = []
    for text, value in settings.items():
        mark = Mark(_as_written(text, value))
        try:
            found: list[Problem] = []
            new = Tree(plain(value), {(): mark})
            unwrap(new, found)
            problems.extend(Problem(*mark, text, problem.message, problem.hint) for problem in found)
            for path, _ in leaves(new.data):
                new.basis.setdefault(path, SET_BY_USER)
            changes.append(operate(tree, text, new, rulebook))
        except TypeError as error:
            problems.append(Problem(*mark, text, f"cannot be set to a Python object of type {error}"))
        except PathError as error:
            problems.append(Problem(*mark, text, error.message, error.hint))
    return tuple(changes)
