"""Variants of a scenario: applied when they are asked for, and checked whether or not they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.scenario.errors import Mark, Problem
from sim.scenario.messages import describe
from sim.scenario.names import nearest
from sim.scenario.operate import SET, Operation, numbers_at, operate, placed
from sim.scenario.parameters import Rulebook
from sim.scenario.paths import Locator, PathError
from sim.scenario.references import check_parameters, check_references
from sim.scenario.select import select
from sim.scenario.validate import validate_part
from sim.scenario.view import View
from sim.scenario.yaml_reader import Path, Tree, leaves


def apply_variant(tree: Tree, name: str, rulebook: Rulebook, problems: list[Problem]) -> None:
    """Puts the values of a variant in the place of the scenario's own."""
    if not isinstance(name, str):
        raise TypeError(f"variant should be the name of one variant, but is {describe(name)}")
    variants = tree.data.get("variants")
    variants = variants if isinstance(variants, dict) else {}
    if name not in variants:
        known = f"it has {', '.join(variants)}" if variants else "it has none"
        mark = tree.where(("variants",))
        problems.append(Problem(*mark, "", f"the scenario has no variant '{name}'; {known}", nearest(name, variants)))
        return
    locator = Locator(tree)
    for text, new in _given(tree).get(name, {}).items():
        for path, _ in leaves(new.data):
            new.basis.setdefault(path, f"variant {name}")
        try:
            operate(tree, text, new, rulebook)
        except PathError as error:
            problems.append(locator.problem(("variants", name, "set", text), error.message, error.hint))


def check_variants(tree: Tree, rulebook: Rulebook, problems: list[Problem]) -> None:
    """Finds paths of variants that lead nowhere, and values that the scenario could not have, in every variant."""
    locator = Locator(tree)
    for name, values in _given(tree).items():
        data: Any = tree.data
        marks: dict[Path, Mark] = {(): tree.where(("variants", name))}
        changed: list[Path] = []
        for text, new in values.items():
            try:
                operation = Operation.of(text)
                paths = select(operation.path, data)
                if operation.what != SET:
                    numbers_at(operation, paths, data, new.data, rulebook)
                    continue
                for path in paths:
                    data = placed(data, path, new.data)
            except PathError as error:
                problems.append(locator.problem(("variants", name, "set", text), error.message, error.hint))
                continue
            for path in paths:
                marks |= {path + inner: mark for inner, mark in new.marks.items()}
                for steps in range(1, len(path)):
                    marks.setdefault(path[:steps], new.where(()))
            changed += paths
        with_variant = Locator(Tree(data, marks))
        changed = [path for path in changed if _stands(data, path[:-1])]
        for path in changed:
            validate_part(with_variant, path, problems)
        view, part = View(with_variant, problems), _part(data, changed)
        check_references(view, part)
        check_parameters(view, rulebook, part)


def _given(tree: Tree) -> dict[str, dict[str, Tree]]:
    """For each variant, the values that it sets by their dotted paths, with marks, bases and ranges of their own."""
    variants = tree.data.get("variants")
    given: dict[str, dict[str, Tree]] = {}
    for name, variant in variants.items() if isinstance(variants, dict) else ():
        values = variant.get("set") if isinstance(variant, dict) else None
        given[name] = {text: Tree(value) for text, value in values.items()} if isinstance(values, dict) else {}
    for table in ("marks", "basis", "ranges"):
        known: Mapping[Path, Any] = getattr(tree, table)
        for path, value in known.items():
            if len(path) >= 4 and path[0] == "variants" and path[2] == "set":
                new = given.get(str(path[1]), {}).get(str(path[3]))
                if new is not None:
                    getattr(new, table)[path[4:]] = value
    return given


def _stands(data: Any, path: Path) -> bool:
    """Tells whether there is a mapping or list at a path: a later value may have replaced what an earlier one set."""
    node: Any = data
    for key in path:
        is_there = key in node if isinstance(node, dict) else isinstance(node, list) and isinstance(key, int)
        if not is_there:
            return False
        node = node[key]
    return isinstance(node, (dict, list))


def _part(data: Any, changed: list[Path]) -> dict[str, Any]:
    """What stands at the changed paths of a scenario, alone; elements of lists go by their numbers."""
    part: dict[Any, Any] = {}
    for path in changed:
        node: Any = data
        copy: Any = part
        for key in path[:-1]:
            node = node[key]
            copy = copy.setdefault(key, {})
        last: Any = path[-1]
        if isinstance(node, list) or last in node:
            copy[last] = node[last]
    return part
