"""Places, roads and formations as tables: what the drafts say in each cell, and the draft with one cell changed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from sim.scenario.errors import Mark
from sim.scenario.files import FileTrouble
from sim.scenario.geojson import SUFFIX as GEOJSON
from sim.scenario.paths import fields_of, shape_at, shape_of
from sim.scenario.rows import ABOUT, ENDS, ID, RANGE, Rows, section_of
from sim.scenario.schema import Scenario
from sim.scenario.table_files import SUFFIXES
from sim.scenario.templates import TEMPLATE
from sim.scenario.text_edits import NoEdit, Row, table_rows, with_table_value, with_yaml_value, yaml_rows

SHOWN = ("places", "roads", "formations")
"""Sections that have a grid."""


def grid(texts: Mapping[str, str], section: str, scenario: Scenario | None) -> dict[str, Any]:
    """The rows of a section: where each stands, what is written there, and what holds where nothing is written.

    `scenario` is what the drafts say together, with templates and defaults; None if something is wrong with them.
    NoEdit if a draft cannot be read.
    """
    listed = [(file, row) for file, text in texts.items() for row in _rows(file, text, section)]
    written = {name for _, row in listed for name in row.values}
    columns = [name for name in _fields(section) if name in written]
    columns += sorted(name for name in written - set(columns) if _is_shown(name, section))
    columns.sort(key=lambda name: _fields(section).index(name.split(".")[0]))
    more = [name for name in _fields(section) if name not in columns and name.split(".")[0] not in _parents(columns)]
    rows = []
    for file, row in listed:
        values = {name: row.values[name] for name in columns if name in row.values}
        rows.append({"file": file, "keys": row.keys, "values": values, "else": _else(scenario, section, row, columns)})
    return {"keys": list(ENDS if section == "roads" else (ID,)), "columns": columns, "more": more, "rows": rows}


def with_value(texts: Mapping[str, str], said: Mapping[str, Any]) -> dict[str, str]:
    """The one draft that changes when a cell does, by its name. NoEdit if that cannot be.

    `said`: `file`, `section`, `keys` of the row, `column`, and `value`: a text, empty to take the value away.
    """
    file, section, value = str(said["file"]), str(said["section"]), str(said["value"]).strip()
    keys = tuple(map(str, said["keys"]))
    if file not in texts or section not in SHOWN:
        raise NoEdit(f"'{file}' has no grid")
    rows = Rows(section, file, [])
    column = rows.column(str(said["column"]), Mark(file))
    if column is None or column.names_the_row:
        raise NoEdit(str(rows.problems[0].message) if rows.problems else f"change `{said['column']}` in the text")
    if PurePath(file).suffix in SUFFIXES:
        return {file: with_table_value(texts[file], keys, column.name, value)}
    return {file: with_yaml_value(texts[file], section, keys, column, rows.types(column), value)}


def _rows(file: str, text: str, section: str) -> list[Row]:
    suffix = PurePath(file).suffix.lower()
    if suffix == GEOJSON:
        return []
    if suffix not in SUFFIXES:
        return yaml_rows(text, section)
    try:
        return table_rows(text) if section_of(PurePath(file)) == section else []
    except FileTrouble:
        return []


def _fields(section: str) -> list[str]:
    """The fields of an entity that are no part of its name, in the order of the schema."""
    shape = shape_at((section,))
    entity = shape_of(shape.entries or shape.elements).section if shape else None
    fields = [name for name in fields_of(entity) if name not in ("between", *ABOUT)] if entity else []
    return [*fields, TEMPLATE, "note"]


def _is_shown(name: str, section: str) -> bool:
    """Whether a column is that of a value, and not of what stands beside one."""
    first, _, last = name.rpartition(".")
    return last not in (*RANGE, *ABOUT) and (first or last).split(".")[0] in _fields(section)


def _parents(columns: list[str]) -> set[str]:
    return {name.split(".")[0] for name in columns}


def _else(scenario: Scenario | None, section: str, row: Row, columns: list[str]) -> dict[str, str]:
    """What holds, by template or default, where a row says nothing."""
    if scenario is None:
        return {}
    entities = getattr(scenario, section)
    if section == "roads":
        entity = next((road for road in entities if tuple(road.between) == row.keys), None)
    else:
        entity = entities.get(row.keys[0])
    if entity is None:
        return {}
    found: dict[str, str] = {}
    whole = entity.model_dump(by_alias=True)
    for name in columns:
        node: Any = whole
        for key in name.split("."):
            node = node.get(key) if isinstance(node, dict) else None
        if name not in row.values and node is not None and not isinstance(node, dict | list):
            is_whole = isinstance(node, float) and node.is_integer()
            found[name] = str(node).lower() if isinstance(node, bool) else str(int(node) if is_whole else node)
    return found
