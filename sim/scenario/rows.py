"""Entities of one section, put together row by row from named columns, with the place of every value.

A column is named by its field, with a dot where the field holds others (`depot.stock`, `communities.hillfolk`).
Beside a value, `strength.low` and `strength.high` give its range, and `strength.basis` what it rests on.
"""

from __future__ import annotations

import pathlib
import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sim.scenario.errors import Mark, Problem
from sim.scenario.files import FileTrouble
from sim.scenario.names import nearest
from sim.scenario.paths import fields_of, shape_at, shape_of, types_at
from sim.scenario.templates import SECTIONS as TEMPLATED
from sim.scenario.templates import TEMPLATE
from sim.scenario.yaml_reader import Path, Tree

SECTIONS = (
    "sides", "sponsors", "places", "roads", "road_classes", "terrains", "kinds", "formations", "reinforcements", "air",
    "commands",
)  # fmt: skip
"""Parts of a scenario that fit a table."""
ID, ENDS = "id", ("from", "to")
"""Columns that name a row: its id, or the places that a road joins."""
RANGE, ABOUT = ("low", "high"), ("basis", "note", "unit")
"""What may stand beside a value, in columns `FIELD.low`."""

OFTEN = {
    "latitude": "lat", "longitude": "lon", "lng": "lon", "long": "lon", "pop": "population", "source": "from",
    "target": "to", "length": "km", "length_km": "km", "type": "kind", "location": "place", "owner": "control",
}  # fmt: skip
"""Columns as other programs often call them."""


class Column(NamedTuple):
    """A column: its name, and the path of its field within the entity; `beside` says what it adds to the value."""

    name: str
    path: tuple[str, ...]
    beside: str = ""

    @property
    def names_the_row(self) -> bool:
        return not self.path


class Cell(NamedTuple):
    """A value in a column, and where it stands."""

    column: Column
    value: Any
    mark: Mark


def section_of(path: pathlib.PurePath) -> str:
    """The part of a scenario that a file holds, by its name; FileTrouble if it does not say."""
    stem = path.stem.lower()
    for section in sorted(SECTIONS, key=len, reverse=True):
        if stem == section or stem.endswith((f"-{section}", f"_{section}")):
            return section
    near = nearest(re.split(r"[-_]", stem)[-1], SECTIONS)
    hint = path.with_name(near + path.suffix).name if near else None
    raise FileTrouble(f"the name of a table says what it holds: {', '.join(SECTIONS)}", hint)


class Rows:
    """The entities of a section that rows describe; what is wrong with their form is added to the problems."""

    def __init__(self, section: str, file: str, problems: list[Problem]) -> None:
        self.section, self.file, self.problems = section, file, problems
        self.keys = ENDS if section == "roads" else (ID,)
        self.entities: Any = [] if section == "roads" else {}
        self.tree = Tree({section: self.entities}, {(): Mark(file), (section,): Mark(file, 1, 1)})

    def problem(self, mark: Mark, path: Path, message: str, hint: str | None = None) -> None:
        """Notes a problem at a place of the file."""
        self.problems.append(Problem(*mark, ".".join(map(str, path)), message, hint))

    def column(self, name: str, mark: Mark) -> Column | None:
        """The column of a name; None, and a problem, if the section has no such field."""
        path = tuple(name.split("."))
        if name in self.keys:
            return Column(name, ())
        if self._is_field(path):
            return Column(name, path)
        if len(path) > 1 and path[-1] in (*RANGE, *ABOUT) and self._is_field(path[:-1]):
            return Column(name, path[:-1], path[-1])
        shape = shape_at((self.section,))
        entity = shape_of(shape.entries or shape.elements).section if shape else None
        known = [*self.keys, *(field for field in fields_of(entity) if field != "between")] if entity else []
        near = OFTEN[name] if OFTEN.get(name) in known else nearest(name, known)
        self.problem(
            mark, (self.section,), f"there is no column '{name}'" + ("" if near else f"; {', '.join(known)}"), near
        )
        return None

    def types(self, column: Column) -> set[type]:
        """The plain types that a value in a column may have."""
        if column.beside:
            return {float} if column.beside in RANGE else {str}
        if column.path == (TEMPLATE,):
            return {str}
        return types_at((self.section, 0, *column.path))

    def _is_field(self, path: tuple[str, ...]) -> bool:
        """Whether there is a field for a single value, or for a list, at a path within an entity."""
        if path == (TEMPLATE,):
            return self.section in TEMPLATED
        if path[0] == "between" or not all(path):
            return False
        return bool(types_at((self.section, 0, *path)) & {str, float, bool, list})

    def add(self, keys: Sequence[tuple[str, Mark]], cells: Iterable[Cell]) -> None:
        """Adds the entity of one row: the texts that name it, and its values."""
        key: str | int = len(self.entities) if self.section == "roads" else keys[0][0]
        start: Path = (self.section, key)
        if not all(text for text, _ in keys):
            self.problem(keys[0][1], (self.section,), f"the row has no {' and no '.join(self.keys)}")
            return
        if not isinstance(key, int) and key in self.entities:
            first = self.tree.marks[start]
            self.problem(keys[0][1], start, f"the id '{key}' stands twice; it stands first in row {first.line}")
            return
        entity: dict[str, Any] = {}
        self.tree.marks[start] = keys[0][1]
        if isinstance(key, int):
            entity["between"] = [text for text, _ in keys]
            self.tree.marks |= {(*start, "between", end): mark for end, (_, mark) in enumerate(keys)}
            self.entities.append(entity)
        else:
            self.entities[key] = entity
        beside: dict[tuple[str, ...], dict[str, Cell]] = {}
        for cell in cells:
            if cell.column.beside:
                beside.setdefault(cell.column.path, {})[cell.column.beside] = cell
            elif cell.column.path:
                self._put(entity, start, cell)
        for path, said in beside.items():
            self._wrap(entity, start, path, said)

    def _put(self, entity: dict[str, Any], start: Path, cell: Cell) -> None:
        node, path = entity, cell.column.path
        for end, key in enumerate(path[:-1], 1):
            node = node.setdefault(key, {})
            self.tree.marks.setdefault((*start, *path[:end]), cell.mark)
            if not isinstance(node, dict):
                self.problem(cell.mark, (*start, *path), f"is given beside `{key}`; give one of the two")
                return
        node[path[-1]] = cell.value
        self.tree.marks[*start, *path] = cell.mark

    def _wrap(self, entity: dict[str, Any], start: Path, path: tuple[str, ...], said: dict[str, Cell]) -> None:
        """Puts range, basis and note beside a value, as a file writes them."""
        node: Any = entity
        for key in path[:-1]:
            node = node.get(key) if isinstance(node, dict) else None
        first = next(iter(said.values()))
        if not isinstance(node, dict) or path[-1] not in node:
            value = ".".join(path)
            self.problem(first.mark, (*start, *path), f"has a {first.column.beside}, but no value in `{value}`")
            return
        wrapper: dict[str, Any] = {"value": node[path[-1]]}
        wrapper |= {what: cell.value for what, cell in said.items() if what in ABOUT}
        ends = [said[what].value for what in RANGE if what in said]
        if len(ends) == 1:
            self.problem(first.mark, (*start, *path), "a range needs both `low` and `high`")
        elif ends:
            wrapper["range"] = ends
        node[path[-1]] = wrapper
        for what, cell in said.items():
            self.tree.marks[*start, *path, "range" if what in RANGE else what] = cell.mark
