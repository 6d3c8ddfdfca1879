"""One change of a scenario: values are set, scaled or shifted, and what becomes of their uncertainty.

A value that is set is pinned: nothing about it is uncertain any more. A value that is scaled (`path *`) or shifted
(`path +`) stays as uncertain as it was: its range and its distribution are scaled or shifted with it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sim.scenario.basis import is_number
from sim.scenario.leaves import Leaf, leaf_at
from sim.scenario.messages import describe
from sim.scenario.names import nearest
from sim.scenario.parameters import Rulebook
from sim.scenario.paths import PathError, dotted, value_at
from sim.scenario.select import select
from sim.scenario.yaml_reader import Path, Tree

SET, SCALE, SHIFT = "", "*", "+"
ENDS = re.compile(r"[.\[]")
LOCATIONS = {"uniform": 2, "triangular": 3, "normal": 1, "lognormal": 1}
"""How many of a distribution's numbers say where it lies; the others say how wide it is."""


class Operation(NamedTuple):
    """A path, and what is done to the values there: SET, SCALE or SHIFT."""

    path: str
    what: str

    @classmethod
    def of(cls, text: str) -> Operation:
        """Reads `path`, `path *` and `path +`; a star after a dot stands for a name."""
        text = text.strip()
        if text.endswith(SHIFT) or (text.endswith(SCALE) and not text.endswith((".*", ". *"))):
            return cls(text[:-1].strip(), text[-1])
        return cls(text, SET)

    def __str__(self) -> str:
        return f"{self.path} {self.what}".strip()

    def as_option(self) -> str:
        """The path as `--set` writes it before the `=`."""
        return f"{self.path}{self.what}"

    def applied(self, before: float, value: float) -> float:
        """A value after the operation."""
        return value if self.what == SET else before * value if self.what == SCALE else before + value


class Change(NamedTuple):
    """What became of a setting: how many values it changed, how many of them are uncertain or reached a bound."""

    operation: Operation
    value: Any
    values: int
    uncertain: int
    held: int = 0

    def __str__(self) -> str:
        count = f"{self.values} values" if self.values > 1 else "the value"
        if self.operation.what == SET:
            pinned = "" if self.values == 1 else f", {self.uncertain} of which were uncertain"
            return f"{self.operation}={describe(self.value)}: {count} pinned{pinned}"
        done = "scaled" if self.operation.what == SCALE else "shifted"
        spread = f"; {self.uncertain} of them uncertain, {done} with their spread" if self.uncertain else ""
        held = f"; {self.held} held at a bound" if self.held else ""
        return f"{self.operation.as_option()}={describe(self.value)}: {count} {done}{spread}{held}"

    @property
    def is_worth_saying(self) -> bool:
        """A value that was certain and is set to another one needs no words."""
        return self.operation.what != SET or self.uncertain > 0


def operate(tree: Tree, text: str, new: Tree, rulebook: Rulebook) -> Change:
    """Set, scale or shift the values that a text selects; PathError if that cannot be done."""
    operation = Operation.of(text)
    paths = select(operation.path, tree.data)
    entries = _entries_about(tree, paths)
    uncertain = {path for path in paths if path in tree.ranges}.union(*entries.values()).intersection(paths)
    if operation.what == SET:
        for path in paths:
            assign(tree, path, new)
        _pin(tree, paths, entries)
        return Change(operation, new.data, len(paths), len(uncertain))
    leaves = numbers_at(operation, paths, tree.data, new.data, rulebook)
    held = 0
    for path, leaf in zip(paths, leaves, strict=True):
        assert leaf.value is not None
        wanted_value = operation.applied(leaf.value, new.data)
        value, bounds = leaf.within(wanted_value), tree.ranges.get(path)
        held += value != wanted_value
        assign(tree, path, Tree(_plain(value), new.marks, dict.fromkeys([()], new.basis.get((), ""))))
        if bounds is not None:
            low, high = (leaf.within(operation.applied(bound, new.data)) for bound in bounds)
            tree.ranges[path] = (low, high)
    _move(tree, paths, entries, operation, float(new.data))
    return Change(operation, new.data, len(paths), len(uncertain), held)


def numbers_at(operation: Operation, paths: Sequence[Path], data: Any, by: Any, rulebook: Rulebook) -> list[Leaf]:
    """The numbers that are scaled or shifted; PathError where that cannot be done."""
    if not is_number(by):
        wanted = "a factor" if operation.what == SCALE else "a number to add"
        raise PathError(f"should be {wanted}, but is {describe(by)}")
    leaves = []
    for path in paths:
        leaf = leaf_at(path, data, rulebook)
        if leaf is None or leaf.value is None:
            raise PathError(f"{dotted(path, data)} is not a number that could be scaled or shifted")
        leaves.append(leaf)
    return leaves


def _plain(value: float) -> float | int:
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def placed(data: Any, path: Path, value: Any) -> Any:
    """Data with another value at a path, or without it if that is null; the old data are left as they are.

    PathError where something else than a mapping or list stands in the way, or where there is nothing to remove.
    """
    node: Any = dict(data)
    whole = node
    for key, next_key in itertools.pairwise(path):
        child = node.get(key, {}) if isinstance(node, dict) else node[key]
        if not isinstance(child, list if isinstance(next_key, int) else dict):
            raise PathError(f"cannot be set, because '{key}' in its path is {describe(child)}")
        node[key] = child = child.copy()
        node = child
    if value is None and isinstance(node, dict):
        if path[-1] not in node:
            raise PathError("is null, which removes a value, but there is none", nearest(str(path[-1]), node))
        del node[path[-1]]
    else:
        node[path[-1]] = value
    return whole


def assign(tree: Tree, path: Path, new: Tree) -> None:
    """Puts a value in the place of what stood at a path; null removes it. Leaves data shared with other trees alone."""
    old = value_at(path, tree.data)
    tree.data = placed(tree.data, path, new.data)
    is_nested = isinstance(old, (dict, list)) or isinstance(new.data, (dict, list))
    size = len(path)
    tables: tuple[tuple[dict[Path, Any], dict[Path, Any]], ...] = (
        (tree.marks, new.marks),
        (tree.basis, new.basis),
        (tree.ranges, new.ranges),
    )
    for known, added in tables:
        for inner in [inner for inner in known if inner[:size] == path] if is_nested else [path]:
            known.pop(inner, None)
        known.update({path + inner: value for inner, value in added.items()})


def _entries_about(tree: Tree, paths: Collection[Path]) -> dict[str, list[Path]]:
    """The entries of `uncertainty` that speak of any of these values, each with all values that it covers."""
    said = tree.data.get("uncertainty")
    chosen, found = set(paths), {}
    ends = {(path[0], path[-1]) for path in paths}
    for key, entry in said.items() if isinstance(said, dict) else ():
        if (ENDS.split(key)[0], key.rpartition(".")[2]) not in ends:
            continue
        spared = entry.get("except") if isinstance(entry, dict) else None
        spared = spared if isinstance(spared, list) else []
        try:
            covered = [path for path in select(key, tree.data) if dotted(path, tree.data) not in spared]
        except PathError:
            continue  # reported where the entry is checked
        if not chosen.isdisjoint(covered):
            found[key] = covered
    return found


def _pin(tree: Tree, paths: Sequence[Path], entries: dict[str, list[Path]]) -> None:
    """Takes the values at these paths out of all entries of `uncertainty`."""
    chosen = set(paths)
    for key, covered in entries.items():
        pinned = [path for path in covered if path in chosen]
        if len(pinned) == len(covered):
            assign(tree, ("uncertainty", key), Tree(None))
            continue
        entry = dict(tree.data["uncertainty"][key])
        entry["except"] = [*entry.get("except", []), *(dotted(path, tree.data) for path in pinned)]
        _replace(tree, key, entry)


def _move(tree: Tree, paths: Sequence[Path], entries: dict[str, list[Path]], operation: Operation, by: float) -> None:
    """Scales or shifts the distributions that give these values outright; factors and offsets follow the value."""
    for key, covered in entries.items():
        entry = tree.data["uncertainty"][key]
        if not isinstance(entry, dict) or entry.get("applies", "value") != "value":
            continue
        if any(path not in paths for path in covered):
            verb = "scaled" if operation.what == SCALE else "shifted"
            raise PathError(f"is drawn together with other values; it can be set, but not {verb} alone", key)
        law = next((law for law in LOCATIONS if law in entry), None)
        numbers = entry.get(law) if law else None
        if not (isinstance(numbers, list) and all(map(is_number, numbers))):
            continue  # reported where the entry is checked
        if operation.what == SHIFT and law == "lognormal":
            raise PathError(f"is drawn from a lognormal distribution, which can be scaled (`{operation.path} *`) only")
        moved = [operation.applied(number, by) for number in numbers[: LOCATIONS[str(law)]]]
        widths = [n * by if law == "normal" and operation.what == SCALE else n for n in numbers[len(moved) :]]
        _replace(tree, key, {**entry, str(law): [*moved, *widths]})


def _replace(tree: Tree, key: str, entry: dict[str, Any]) -> None:
    """Changes an entry of `uncertainty`, which keeps its place in the file and what it rests on."""
    path = ("uncertainty", key)
    marks = {inner[2:]: mark for inner, mark in tree.marks.items() if inner[:2] == path}
    basis = {inner[2:]: basis for inner, basis in tree.basis.items() if inner[:2] == path}
    assign(tree, path, Tree(entry, marks, basis))
