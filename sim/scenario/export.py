"""Writes a scenario as a short file and tables, which read back to an equal scenario."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator
from typing import Any

from sim.scenario.basis import wrap
from sim.scenario.paths import fields_of, shape_at, shape_of
from sim.scenario.rows import ENDS, ID, RANGE
from sim.scenario.yaml_reader import Flow, Path, Tree, dump

AS_TABLES = ("places", "roads", "formations", "reinforcements", "air")
"""Sections that are written as tables."""


def as_files(name: str, tree: Tree, filled: Collection[Path], generic: Tree) -> dict[str, str]:
    """The files of a scenario by name: `NAME.yaml`, and a table for each section that fits one.

    `filled` are paths that only defaults give, and `generic` the entries that every scenario has; both are left out.
    """
    filled = {*filled, *_unchanged(tree, filled, generic)}
    bare = Tree(_without(tree.data, filled), tree.marks, tree.basis, tree.ranges)
    data: dict[str, Any] = wrap(bare, filled)
    tables = {f"{section}.csv": text for section in AS_TABLES if data.get(section) and (text := _table(section, data))}
    head = {key: data[key] for key in ("title", "about", "start", "clock", "sources") if data.get(key)}
    included = {"include": list(tables)} if tables else {}
    rest = {key: value for key, value in data.items() if f"{key}.csv" not in tables and value not in ({}, [], "")}
    return {f"{name}.yaml": dump({**head, **included, **rest}), **tables}


def _unchanged(tree: Tree, filled: Collection[Path], generic: Tree) -> Iterator[Path]:
    """The generic entries that a scenario has as they are."""
    for section, entries in generic.data.items():
        for name, entry in entries.items():
            path: Path = (section, name)
            own = tree.data[section].get(name)
            same = own is not None and _without(own, filled, path) == entry
            if same and all(_about(tree, (*path, field)) == _about(generic, (*path, field)) for field in entry):
                yield path


def _about(tree: Tree, path: Path) -> tuple[Any, Any]:
    return tree.basis.get(path), tree.ranges.get(path)


def table(section: str, entities: Any) -> str:
    """The entities of one section, as they stand in a file, as a table."""
    rows = [dict(_cells(entity)) for entity in (entities if section == "roads" else entities.values())]
    keys = ENDS if section == "roads" else (ID,)
    ids = [row.pop("between").split() for row in rows] if section == "roads" else [[name] for name in entities]
    shape = shape_at((section,))
    fields = list(fields_of(shape_of(shape.entries or shape.elements).section)) if shape else []
    names = sorted(dict.fromkeys(name for row in rows for name in row), key=lambda name: fields.index(_field(name)))
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([*keys, *names])
    writer.writerows([*key, *(row.get(name, "") for name in names)] for key, row in zip(ids, rows, strict=True))
    return stream.getvalue()


def _field(name: str) -> str:
    return name.split(".")[0]


def _table(section: str, data: dict[str, Any]) -> str | None:
    """A section as a table; None if it holds what no cell can say."""
    try:
        return table(section, data[section])
    except ValueError:
        return None


def _without(node: Any, filled: Collection[Path], path: Path = ()) -> Any:
    """Plain data without what only defaults give; elements of lists stay."""
    if isinstance(node, dict):
        return {key: _without(child, filled, (*path, key)) for key, child in node.items() if (*path, key) not in filled}
    if isinstance(node, list):
        return [_without(child, filled, (*path, at)) for at, child in enumerate(node)]
    return node


def _cells(entity: dict[str, Any], name: str = "") -> Iterator[tuple[str, str]]:
    """The values of an entity by the names of their columns; ValueError where no cell can hold one."""
    for key, value in entity.items():
        if "." in key:
            raise ValueError(key)
        column = f"{name}{key}"
        if isinstance(value, Flow):
            yield from _cells({key: value["value"]}, name)
            yield from zip((f"{column}.{end}" for end in RANGE), map(_text, value.get("range", ())), strict=False)
            if "basis" in value:
                yield f"{column}.basis", _text(value["basis"])
        elif isinstance(value, dict):
            yield from _cells(value, f"{column}.")
        elif isinstance(value, list):
            if not all(isinstance(item, str) and item.split() == [item] for item in value):
                raise ValueError(column)
            yield column, " ".join(value)
        else:
            yield column, _text(value)


def _text(value: Any) -> str:
    """A single value as a cell; ValueError for a text that would be read as another one."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if text != text.strip() or not text:
        raise ValueError(text)
    return text
