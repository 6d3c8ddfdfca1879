"""Changes single values of a scenario by their dotted paths: variants of the file, settings of the user."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping
from typing import Any

from sim.scenario.basis import unwrap
from sim.scenario.errors import Mark, Problem, ScenarioError
from sim.scenario.names import nearest
from sim.scenario.operate import Change, Operation, operate
from sim.scenario.parameters import Rulebook
from sim.scenario.paths import Locator, PathError
from sim.scenario.select import select
from sim.scenario.yaml_reader import Path, Tree, leaves, parse

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
            values[path] = parse(text, mark.file, found).data
        except ScenarioError as error:
            found = error.problems
        problems.extend(Problem(*mark, path, problem.message) for problem in found)
    if problems:
        raise ScenarioError(problems)
    return values


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
    """How the user could have written a setting on the command line; cut when long."""
    path = Operation.of(path).as_option()
    text = value if isinstance(value, str) else json.dumps(value, default=lambda thing: f"<{type(thing).__name__}>")
    return f"--set {path}={text if len(text) <= 60 else text[:57] + '...'}"


def apply_variant(tree: Tree, name: str, rulebook: Rulebook, problems: list[Problem]) -> None:
    """Puts the values of a variant in the place of the scenario's own."""
    locator = Locator(tree)
    variants = tree.data.get("variants")
    variants = variants if isinstance(variants, dict) else {}
    if name not in variants:
        known = f"it has {', '.join(variants)}" if variants else "it has none"
        mark = tree.where(("variants",))
        problems.append(Problem(*mark, "", f"the scenario has no variant '{name}'; {known}", nearest(name, variants)))
        return
    chosen = variants[name]
    values = chosen.get("set") if isinstance(chosen, dict) else None
    for text, value in values.items() if isinstance(values, dict) else ():
        source: Path = ("variants", name, "set", text)
        size = len(source)
        new = Tree(
            value,
            {path[size:]: mark for path, mark in tree.marks.items() if path[:size] == source},
            {path[size:]: basis for path, basis in tree.basis.items() if path[:size] == source},
            {path[size:]: bounds for path, bounds in tree.ranges.items() if path[:size] == source},
        )
        for path, _ in leaves(value):
            new.basis.setdefault(path, f"variant {name}")
        try:
            operate(tree, text, new, rulebook)
        except PathError as error:
            problems.append(locator.problem(source, error.message, error.hint))


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


def check_variants(tree: Tree, problems: list[Problem]) -> None:
    """Finds the paths of variants that lead nowhere, whether or not the variant is asked for."""
    locator = Locator(tree)
    variants = tree.data.get("variants")
    for name, variant in variants.items() if isinstance(variants, dict) else ():
        values = variant.get("set") if isinstance(variant, dict) else None
        for text in values if isinstance(values, dict) else ():
            try:
                select(Operation.of(text).path, tree.data)
            except PathError as error:
                problems.append(locator.problem(("variants", name, "set", text), error.message, error.hint))
