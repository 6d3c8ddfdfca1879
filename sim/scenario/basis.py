"""What values rest on: `{value: 1200, basis: SF21, range: [900, 1500]}`, and the `basis:` of whole entities."""

from __future__ import annotations

import sys
from collections.abc import Collection
from typing import Any, TypeGuard

from sim.scenario.errors import Problem
from sim.scenario.names import nearest
from sim.scenario.yaml_reader import Flow, Path, Tree, leaves

WRAPPER_KEYS = ("value", "basis", "range", "unit", "note")
DESCRIPTIVE = frozenset({"name", "title", "about", "note", "colour", "basis"})
"""Fields that describe an entity and claim nothing about the world."""
UNBASED_SECTIONS = frozenset({"title", "about", "sources", "variants", "outcomes", "targets", "exercise", "accepted"})

ASSUMED = "assumed"
DEFAULT = "default"


def claims(path: Path) -> bool:
    """Tells whether the value at a path says something about the world that needs a basis."""
    own = bool(path) and path[0] not in UNBASED_SECTIONS and path[-1] not in DESCRIPTIVE
    return own and "basis" not in path[2:]


def is_number(value: Any) -> TypeGuard[float]:
    """Tells whether a value of plain data is a finite number that fits a float."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def unwrap(tree: Tree, problems: list[Problem], is_file: bool = False) -> None:
    """Replaces each wrapped value by the value itself, and keeps what it and its neighbours rest on.

    `is_file`: the tree is a whole file, which is no value with its basis, even if a key says so.
    """
    explicit: dict[Path, str] = {}

    def problem(path: Path, message: str, hint: str | None = None) -> None:
        problems.append(Problem(*tree.where(path), ".".join(map(str, path)), message, hint))

    def inner(node: Any, path: Path) -> Any:
        if isinstance(node, list):
            return [inner(item, (*path, number)) for number, item in enumerate(node)]
        if not isinstance(node, dict):
            return node
        if "value" not in node or (is_file and not path):
            return {key: inner(value, (*path, key)) for key, value in node.items()}
        for key in node:
            if key not in WRAPPER_KEYS:
                message = f"unknown key beside `value`, which may stand with {', '.join(WRAPPER_KEYS[1:])}"
                problem((*path, key), message, nearest(key, WRAPPER_KEYS))
        value = inner(node["value"], path) if not isinstance(node["value"], dict) else node["value"]
        if isinstance(value, dict):
            problem((*path, "value"), "a value with its basis must be a single value or a list, not a mapping")
        for key in ("basis", "unit", "note"):
            if key in node and not isinstance(node[key], str):
                problem((*path, key), "should be text")
        if isinstance(node.get("basis"), str):
            explicit[path] = node["basis"]
        if "range" in node:
            bounds = node["range"]
            if not (isinstance(bounds, list) and len(bounds) == 2 and all(map(is_number, bounds))):
                problem((*path, "range"), "should be two finite numbers, [low, high]")
            elif not is_number(value):
                problem((*path, "range"), "only a number has a range")
            elif not bounds[0] <= value <= bounds[1]:
                problem((*path, "range"), f"must hold the value, but {value} is not from {bounds[0]} to {bounds[1]}")
            else:
                tree.ranges[path] = (float(bounds[0]), float(bounds[1]))
        return value

    tree.data = inner(tree.data, ())
    tree.basis = {**spread(tree.data), **explicit}


def spread(data: Any, path: Path = (), inherited: str | None = None) -> dict[Path, str]:
    """What each single value rests on by the `basis:` of the entity that it belongs to."""
    if isinstance(data, dict):
        basis = data.get("basis")
        of_fields = basis if isinstance(basis, dict) else {}
        of_all = basis if isinstance(basis, str) else None if basis is not None else inherited
        found: dict[Path, str] = {}
        for key, value in data.items():
            if key not in DESCRIPTIVE:
                text = of_fields.get(key, of_all)
                found.update(spread(value, (*path, key), text if isinstance(text, str) else None))
        return found
    if isinstance(data, list) and any(isinstance(item, dict) for item in data):
        parts = (spread(item, (*path, number), inherited) for number, item in enumerate(data))
        return {key: text for part in parts for key, text in part.items()}
    return {path: inherited} if inherited is not None else {}


def complete(data: Any, known: dict[Path, str], defaults: Collection[Path]) -> dict[Path, str]:
    """A basis for every value that claims something: as given, else `default` if it was filled in, else `assumed`."""
    full = dict(known)
    for path, _ in leaves(data):
        if path not in full and claims(path):
            full[path] = DEFAULT if path in defaults else ASSUMED
    return full


def wrap(tree: Tree, defaults: Collection[Path]) -> Any:
    """The plain data with basis and range beside each value, wherever reading it back would not find them otherwise."""
    found = spread(tree.data)

    def outer(node: Any, path: Path) -> Any:
        if isinstance(node, dict):
            return {
                key: outer(value, (*path, key))
                for key, value in node.items()
                if not ((*path, key) in defaults and value in ("", {}, []))
            }
        if isinstance(node, list):
            node = [outer(item, (*path, number)) for number, item in enumerate(node)]
        text, bounds = tree.basis.get(path), tree.ranges.get(path)
        if bounds is None and (text is None or text == found.get(path, ASSUMED if claims(path) else None)):
            return node
        wrapper = Flow(value=node)
        if text is not None:
            wrapper["basis"] = text
        if bounds is not None:
            wrapper["range"] = [int(bound) if bound.is_integer() else bound for bound in bounds]
        return wrapper

    return outer(tree.data, ())
