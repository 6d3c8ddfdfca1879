"""Puts the files of a scenario together: what it extends, what it includes, and its own text on top."""

from __future__ import annotations

import os
import pathlib
from typing import Any, TypeVar

from sim.scenario.basis import unwrap
from sim.scenario.errors import Mark, Problem, ScenarioError
from sim.scenario.files import FileTrouble, inside, read_text
from sim.scenario.geojson import SUFFIX, parse_geojson
from sim.scenario.messages import describe
from sim.scenario.rows import section_of
from sim.scenario.table_files import SUFFIXES, parse_table
from sim.scenario.yaml_reader import Path, Tree, blank_values, parse

MAX_CHAIN = 20

Value = TypeVar("Value")


def patch(base: Tree, top: Tree) -> Tree:
    """Lays one tree over another: mappings merge, lists and single values replace, null removes a key."""
    replaced: set[Path] = set()

    def merge(old: Any, new: Any, path: Path) -> Any:
        if not (isinstance(old, dict) and isinstance(new, dict)):
            replaced.add(path)
            return new
        merged = dict(old)
        for key, value in new.items():
            if key not in old:
                merged[key] = value
            elif value is None:
                replaced.add((*path, key))
                del merged[key]
            else:
                merged[key] = merge(old[key], value, (*path, key))
        return merged

    def joined(old: dict[Path, Value], new: dict[Path, Value]) -> dict[Path, Value]:
        if not replaced:
            return {**old, **new}
        kept = (path for path in old if not any(path[:end] in replaced for end in range(len(path) + 1)))
        return {**{path: old[path] for path in kept}, **new}

    data = merge(base.data, top.data, ())
    return Tree(data, joined(base.marks, top.marks), joined(base.basis, top.basis), joined(base.ranges, top.ranges))


class Composer:
    """Reads a scenario file with all it extends and includes, from inside the folder of the file that was named.

    `broken` tells that a part could not be read, `ambiguous` that a key stands twice, so that what is meant is unclear.
    `blanks` are the problems with values that are not there, for those of which nothing better can be said.
    """

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        self.files: list[pathlib.Path] = []
        self.broken = False
        self.ambiguous = False
        self.blanks: list[Problem] = []
        self._root = pathlib.Path()
        self._done: dict[pathlib.Path, Tree] = {}

    def compose(self, path: pathlib.Path) -> Tree:
        """The scenario of a file, as one tree."""
        if "\0" in str(path):
            return self._stop(Mark(str(path)), "", "there is no such file")
        self._root = pathlib.Path(os.path.realpath(path.parent))
        return self._file(path, Mark(str(path)), "", ())

    def _file(self, path: pathlib.Path, named_at: Mark, named_by: str, chain: tuple[pathlib.Path, ...]) -> Tree:
        identity = pathlib.Path(os.path.realpath(path))
        if identity in chain:
            names = " -> ".join(member.name for member in (*chain[chain.index(identity) :], identity))
            return self._stop(named_at, named_by, f"the files lead back to each other: {names}")
        if len(chain) >= MAX_CHAIN:
            return self._stop(named_at, named_by, f"more than {MAX_CHAIN} files extend or include one another in a row")
        if identity not in self._done:
            self._done[identity] = Tree()
            self._done[identity] = self._read(path, named_at, named_by, (*chain, identity))
        return self._done[identity]

    def _read(self, path: pathlib.Path, named_at: Mark, named_by: str, chain: tuple[pathlib.Path, ...]) -> Tree:
        repeated: list[Problem] = []
        try:
            text = read_text(path)
            self.files.append(path)
            if path.suffix.lower() in (*SUFFIXES, SUFFIX):
                return self._table(path, text, named_by)
            own = parse(text, str(path), repeated)
        except FileTrouble as trouble:
            message = trouble.message if named_at.file == str(path) else f"{path}: {trouble.message}"
            return self._stop(named_at, named_by, message, trouble.hint)
        except ScenarioError as error:
            self.problems.extend(error.problems)
            self.broken = True
            return Tree()
        if not isinstance(own.data, dict):
            wanted = "should be a mapping (title:, start:, sides: ...)"
            message = "is empty" if own.data is None else f"{wanted}, but is {describe(own.data)}"
            return self._stop(own.where(()), "", message)
        swallowed, blank = blank_values(own, text)
        self.problems.extend([*repeated, *swallowed])
        self.blanks.extend(blank)
        self.ambiguous = self.ambiguous or bool(repeated)
        unwrap(own, self.problems, is_file=True)
        base = self._named_files(own, "extends", path, chain)
        parts = self._named_files(own, "include", path, chain)
        for key in ("extends", "include"):
            own.data.pop(key, None)
        merged = base[0] if base else Tree()
        included = self._join(parts)
        return patch(patch(merged, included), own) if base or parts else own

    def _table(self, path: pathlib.Path, text: str, named_by: str) -> Tree:
        """A table as the part of the scenario that it holds."""
        if named_by != "include":
            raise FileTrouble("is a table; a scenario file names it under `include`")
        read = parse_geojson if path.suffix.lower() == SUFFIX else parse_table
        tree = read(text, str(path), section_of(path), self.problems)
        unwrap(tree, self.problems, is_file=True)
        return tree

    def _named_files(self, own: Tree, key: str, path: pathlib.Path, chain: tuple[pathlib.Path, ...]) -> list[Tree]:
        """Reads the files that `extends` or `include` names."""
        names = own.data.get(key, [])
        listed = isinstance(names, list) and key == "include"
        trees = []
        for number, name in enumerate(names if listed else [names] if names != [] else []):
            where: Path = (key, number) if listed else (key,)
            if not isinstance(name, str) or not name:
                self._stop(own.where(where), key, "should be the name of a file")
                continue
            try:
                target = inside(self._root, path.parent, name)
            except FileTrouble as trouble:
                self._stop(own.where(where), key, trouble.message)
                continue
            trees.append(self._file(target, own.where(where), key, chain))
        return trees

    def _join(self, parts: list[Tree]) -> Tree:
        """Sets included files beside each other; what two of them define is a problem."""
        whole = Tree()
        for part in parts:
            for section, value in part.data.items():
                known = whole.data.get(section)
                both = isinstance(known, dict) and isinstance(value, dict)
                clashes: list[Path] = [(section, key) for key in value if key in known] if both else [(section,)]
                for path in clashes if section in whole.data else ():
                    first = whole.where(path)
                    message = f"two included files define this; the other is {first}"
                    self.problems.append(Problem(*part.where(path), ".".join(map(str, path)), message))
            whole = patch(whole, part)
        return whole

    def _stop(self, mark: Mark, path: str, message: str, hint: str | None = None) -> Tree:
        """Notes that a file cannot be used."""
        self.problems.append(Problem(*mark, path, message, hint))
        self.broken = True
        return Tree()
