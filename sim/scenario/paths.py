"""Dotted paths into a scenario (`formations.north_1.morale`, `roads.a-b.km`): what they lead to, and where."""

from __future__ import annotations

import dataclasses
import functools
import types
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from sim.scenario.errors import Mark, Problem
from sim.scenario.names import nearest
from sim.scenario.schema import Scenario
from sim.scenario.schema_base import Section
from sim.scenario.yaml_reader import Path, Tree

_PATHS_AS_KEYS = frozenset({"uncertainty", "set"})
"""Mappings whose keys are dotted paths themselves."""


class PathError(Exception):
    """A dotted path that leads nowhere."""

    def __init__(self, message: str, hint: str | None = None, rest: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.rest = tuple(rest)


@dataclasses.dataclass(frozen=True)
class Shape:
    """What the schema allows at a path: fields by name, entries by key, elements by number, or a single value."""

    fields: Mapping[str, Any] | None = None
    entries: Any = None
    elements: Any = None
    section: type[Section] | None = None

    @property
    def is_entity(self) -> bool:
        return self.fields is not None


@functools.cache
def fields_of(section: type[Section]) -> dict[str, Any]:
    """The fields of a part of the scenario, by the names that files use."""
    return {field.alias or name: field.annotation for name, field in section.model_fields.items()}


def shape_of(annotation: Any) -> Shape:
    """Reads a type annotation of the schema."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return shape_of(arguments[0])
    if origin is Union or origin is types.UnionType:
        shapes = [shape_of(argument) for argument in arguments]
        return next((shape for shape in shapes if shape != Shape()), Shape())
    if origin is dict:
        return Shape(entries=arguments[1])
    if origin in (list, tuple):
        return Shape(elements=arguments[0])
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return Shape(fields=fields_of(annotation), section=annotation)
    return Shape()


def shapes_along(path: Path) -> list[Shape]:
    """What the schema allows at each step of a path, from the scenario on, as far as the path stays in the schema."""
    shapes = [shape_of(Scenario)]
    for key in path:
        shape = shapes[-1]
        if shape.fields is not None and key in shape.fields:
            shapes.append(shape_of(shape.fields[str(key)]))
        elif shape.entries is not None:
            shapes.append(shape_of(shape.entries))
        elif shape.elements is not None:
            shapes.append(shape_of(shape.elements))
        else:
            break
    return shapes


def shape_at(path: Path) -> Shape | None:
    """What the schema allows at a path; None where the path leads out of the schema."""
    shapes = shapes_along(path)
    return shapes[-1] if len(shapes) > len(path) else None


def types_at(path: Path) -> set[type]:
    """The plain types of the values that the schema allows at a path; none where the path leads out of it."""
    annotation: Any = Scenario
    for key in path:
        shape = shape_of(annotation)
        if shape.fields is not None and key in shape.fields:
            annotation = shape.fields[str(key)]
        elif shape.entries is not None or shape.elements is not None:
            annotation = shape.entries or shape.elements
        else:
            return set()
    return _types(annotation)


def _types(annotation: Any) -> set[type]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _types(arguments[0])
    if origin is Union or origin is types.UnionType:
        return {each for argument in arguments for each in _types(argument)}
    if origin is Literal:
        return {type(argument) for argument in arguments}
    if origin is not None:
        return {origin}
    if isinstance(annotation, type):
        return {dict if issubclass(annotation, Section) else str if annotation is datetime else annotation}
    return set()


def section_around(path: Path) -> tuple[Path, type[Section]]:
    """The smallest part of the scenario with fields of its own that holds a path: its path and its class."""
    found: tuple[Path, type[Section]] = ((), Scenario)
    for steps, shape in enumerate(shapes_along(path)):
        if shape.section is not None:
            found = (path[:steps], shape.section)
    return found


def value_at(path: Path, data: Any) -> Any:
    """The value at a path of plain data; None if there is none."""
    for key in path:
        if isinstance(data, dict):
            data = data.get(key)
        elif isinstance(data, (list, tuple)) and isinstance(key, int) and key < len(data):
            data = data[key]
        else:
            return None
    return data


def _road_ids(road: Any) -> list[str]:
    """The names that a road goes by: both of its directions."""
    between = road.get("between") if isinstance(road, dict) else None
    if not (isinstance(between, (list, tuple)) and len(between) == 2):
        return []
    return [f"{between[0]}-{between[1]}", f"{between[1]}-{between[0]}"]


def dotted(path: Path, data: Any) -> str:
    """A path as text; roads go by the places they join, other list elements by their number."""
    parts = [str(key) for key in path]
    if len(path) > 1 and path[0] == "roads" and isinstance(data, dict):
        roads = data.get("roads")
        if isinstance(roads, list) and isinstance(path[1], int) and path[1] < len(roads):
            parts[1] = next(iter(_road_ids(roads[path[1]])), parts[1])
    return ".".join(parts)


def resolve(text: str, data: Any) -> Path:
    """The path that a dotted text leads to in a scenario; PathError with the nearest existing name if to nothing.

    Fields that the schema knows may be missing from the file, and so may entries of mappings that hold single values
    (a stance, an aim, a doctrine weight, a rule parameter); entities must exist.
    """
    try:
        return _resolve(text, data)
    except PathError as error:
        if error.hint is None or not error.rest:
            raise
        longer = ".".join((error.hint, *error.rest))
        try:
            _resolve(longer, data)
        except PathError:
            raise error from None
        raise PathError(error.message, longer) from None


def _resolve(text: str, data: Any) -> Path:
    parts = text.split(".")
    shape, node = shape_of(Scenario), data
    path: Path = ()
    while parts:
        here = dotted(path, data)
        if shape.fields is not None:
            key: str | int = _among(parts, shape.fields, here, "field")
            taken, shape = 1, shape_of(shape.fields[str(key)])
        elif shape.entries is not None:
            key, taken = _entry(parts, shape, node, path, here)
            shape = shape_of(shape.entries)
        elif shape.elements is not None:
            key, taken = _element(parts, node, path, here), 1
            shape = shape_of(shape.elements)
        else:
            raise PathError(f"{here} is a single value and has no part '{'.'.join(parts)}'", here)
        node = _child(node, key)
        path, parts = (*path, key), parts[taken:]
    return path


def _child(node: Any, key: str | int) -> Any:
    if isinstance(node, dict):
        return node.get(key)
    if isinstance(node, list) and isinstance(key, int):
        return node[key]
    return None


def _among(parts: list[str], known: Iterable[str], here: str, what: str) -> str:
    """The first part, if it is known."""
    name = parts[0]
    if name in known:
        return name
    near = nearest(name, known)
    hint = None if near is None else f"{here}.{near}" if here else near
    raise PathError(f"there is no {what} '{name}'{f' in {here}' if here else ''}", hint, parts[1:])


def _entry(parts: list[str], shape: Shape, node: Any, path: Path, here: str) -> tuple[str, int]:
    """The key of a mapping: the longest that exists, else a new one where new ones make sense."""
    known = node if isinstance(node, dict) else {}
    for taken in range(len(parts), 0, -1):
        if ".".join(parts[:taken]) in known:
            return ".".join(parts[:taken]), taken
    if path and path[-1] in _PATHS_AS_KEYS:
        return ".".join(parts), len(parts)
    if shape_of(shape.entries).is_entity:
        _among(parts, known, here, "entry")
    return parts[0], 1


def _element(parts: list[str], node: Any, path: Path, here: str) -> int:
    """The number of a list element, given as a number or, for a road, by the places that it joins."""
    name = parts[0]
    elements = node if isinstance(node, list) else []
    if path == ("roads",):
        ids = {road_id: number for number, road in enumerate(elements) for road_id in _road_ids(road)}
        if name in ids:
            return ids[name]
        if not name.isdecimal():
            return ids[_among(parts, ids, here, "road")]
    if name.isdecimal() and int(name) < len(elements):
        return int(name)
    size = f"has elements 0 to {len(elements) - 1}" if elements else "is empty"
    raise PathError(f"there is no element '{name}' in {here}, which {size}")


@dataclasses.dataclass(frozen=True)
class Locator:
    """Says where in the files a value of the composed scenario stands, and words problems with it."""

    tree: Tree

    def where(self, path: Path | str) -> Mark:
        """File, line and column of a value, or of the part that would hold it."""
        if isinstance(path, str):
            try:
                path = resolve(path, self.tree.data)
            except PathError:
                return self.tree.where(tuple(str(path).split(".")))
        return self.tree.where(path)

    def dotted(self, path: Path) -> str:
        """A path as the user writes it."""
        return dotted(path, self.tree.data)

    def problem(self, path: Path, message: str, hint: str | None = None) -> Problem:
        """A problem with the value at a path."""
        return Problem(*self.tree.where(path), self.dotted(path), message, hint)
