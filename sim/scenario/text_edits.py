"""Single values in the text of a YAML file or table: where they stand, and the text with one of them changed.

All else in the text stays as it is: comments, order, line ends, the notation of other values.
"""

from __future__ import annotations

import csv
import io
import re
from typing import Any, NamedTuple

import yaml

from sim.scenario.rows import ENDS, ID, Column
from sim.scenario.table_files import cell_value, delimiter_of, lines_of
from sim.scenario.yaml_reader import compose, dump

LONGEST = 100
"""Letters of a line of YAML, beyond which an added value goes to the next line."""


AFTER = re.compile(r"\s*,[ \t]*")
"""The comma behind a value."""
ALIAS = re.compile(r"\*[^\s,\]}]+")
Pair = tuple[Any, Any]


class NoEdit(ValueError):
    """A change that cannot be made in the text, in one sentence."""


class Row(NamedTuple):
    """An entity in a file: its id, or the two places of a road, and its values by the names of columns."""

    keys: tuple[str, ...]
    values: dict[str, str]


def yaml_rows(text: str, section: str) -> list[Row]:
    """The entities that a YAML text gives in a section; none if it has no such section. NoEdit if it is no YAML."""
    return [
        Row(keys, {name: _plain(node) for name, node in _leaves(entity)})
        for keys, entity in _entities(text, section)
        if isinstance(entity, yaml.MappingNode)
    ]


def with_yaml_value(text: str, section: str, keys: tuple[str, ...], column: Column, types: set[type], said: str) -> str:
    """The text with a value of an entity changed, added, or taken away if nothing is said. NoEdit if that cannot be."""
    entity = next((node for known, node in _entities(text, section) if known == keys), None)
    if not isinstance(entity, yaml.MappingNode):
        raise NoEdit(f"'{' '.join(keys)}' is not written out in this file")
    node, path = entity, column.path
    for depth, key in enumerate(path):
        pair = next((pair for pair in node.value if pair[0].value == key), None)
        if pair is None:
            return _added(text, node, path[depth:], _literal(said, types)) if said else text
        value = pair[1]
        if _is_alias(pair):
            raise NoEdit(f"`{'.'.join(path)}` is written elsewhere in the file (*), for several: change it there")
        if depth < len(path) - 1 and not isinstance(value, yaml.MappingNode):
            raise NoEdit(f"`{key}` holds a single value here, and no `{path[depth + 1]}`")
        if depth == len(path) - 1:
            inner = _value_of(value)
            if not said:
                return _without(text, node, pair)
            if not isinstance(inner, yaml.ScalarNode | yaml.SequenceNode):
                raise NoEdit(f"`{'.'.join(path)}` holds several values: change it in the text")
            return text[: inner.start_mark.index] + _literal(said, types) + text[inner.end_mark.index :]
        node = value
    raise NoEdit("there is no such value")


def table_rows(text: str) -> list[Row]:
    """The entities of a table."""
    lines = list(lines_of(text))
    if not lines:
        return []
    head = [cell.strip().lower() for cell in lines[0][1]]
    rows = [
        {name: cell.strip() for name, cell in zip(head, cells, strict=False) if cell.strip()} for _, cells in lines[1:]
    ]
    names = [name for name in (ID, *ENDS) if name in head]
    return [
        Row(tuple(row.get(name, "") for name in names), {name: row[name] for name in row if name not in names})
        for row in rows
    ]


def with_table_value(text: str, keys: tuple[str, ...], column: str, said: str) -> str:
    """The table with a cell changed; a column that it does not have is added. NoEdit if it has no such row."""
    lines = list(lines_of(text))
    head = [cell.strip().lower() for cell in lines[0][1]] if lines else []
    names = [head.index(name) for name in (ID, *ENDS) if name in head]
    named = {
        tuple(cells[at].strip() if at < len(cells) else "" for at in names): (line, cells) for line, cells in lines
    }
    if keys not in named:
        raise NoEdit(f"'{' '.join(keys)}' is no row of this table")
    line, cells = named[keys]
    if column not in head:
        if not said:
            return text
        text = _with_row(text, *lines[0], len(head), column)
    at = head.index(column) if column in head else len(head)
    return _with_row(text, line, cells, at, said)


def _with_row(text: str, line: int, cells: list[str], at: int, said: str) -> str:
    """The table with one cell of one row changed."""
    rows = text.splitlines(keepends=True)
    delimiter = delimiter_of(text)
    if len(cells) != len(next(csv.reader([rows[line - 1]], delimiter=delimiter))):
        raise NoEdit("a cell of this row has several lines: change it in the text")
    changed = [*cells, *[""] * (at + 1 - len(cells))]
    changed[at] = said
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, lineterminator="").writerow(changed)
    ending = rows[line - 1][len(rows[line - 1].rstrip("\r\n")) :]
    rows[line - 1] = stream.getvalue() + ending
    return "".join(rows)


def _entities(text: str, section: str) -> list[tuple[tuple[str, ...], Any]]:
    """The nodes of a section's entities, with the texts that name them."""
    try:
        root = compose(text)
    except yaml.YAMLError:
        raise NoEdit("the text cannot be read as YAML: mend it first") from None
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    node = next((value for key, value in pairs if key.value == section), None)
    if isinstance(node, yaml.MappingNode):
        return [((key.value,), value) for key, value in node.value if isinstance(key, yaml.ScalarNode)]
    if not isinstance(node, yaml.SequenceNode):
        return []
    found = []
    for road in node.value:
        ends = next((value for key, value in road.value if key.value == "between"), None)
        if isinstance(ends, yaml.SequenceNode) and all(isinstance(end, yaml.ScalarNode) for end in ends.value):
            found.append((tuple(end.value for end in ends.value), road))
    return found


def _leaves(entity: yaml.MappingNode, before: str = "") -> list[tuple[str, Any]]:
    """The single values of an entity by the names of their columns, without what they rest on."""
    found = []
    for key, value in entity.value:
        inner = _value_of(value)
        if isinstance(inner, yaml.MappingNode):
            if key.value != "basis":
                found += _leaves(inner, f"{before}{key.value}.")
        elif key.value not in ("basis", "between"):
            found.append((f"{before}{key.value}", inner))
    return found


def _value_of(node: Any) -> Any:
    """The node of the value itself, where it stands with its basis or range."""
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == "value"), node)
    return node


def _plain(node: Any) -> str:
    return node.value if isinstance(node, yaml.ScalarNode) else " ".join(_plain(item) for item in node.value)


def _literal(said: str, types: set[type]) -> str:
    """What is said as YAML on one line, in quotes where it needs them."""
    value = cell_value(said, types, False)
    return said if isinstance(value, bool | int | float) else dump([value]).strip()[1:-1]


def _added(text: str, node: yaml.MappingNode, path: tuple[str, ...], literal: str) -> str:
    """The text with a value put behind the last of a mapping, or before the first where the last has many lines."""
    for key in reversed(path[1:]):
        literal = f"{{{key}: {literal}}}"
    said = f"{path[0]}: {literal}"
    if node.flow_style:
        if not node.value:
            return text[: node.end_mark.index - 1] + said + text[node.end_mark.index - 1 :]
        end = _end(text, node.value[-1])
        start = text.rfind("\n", 0, end) + 1
        gap = " "
        if end - start + len(said) > LONGEST:
            indent = len(text[start:end]) - len(text[start:end].lstrip())
            gap = "\n" + " " * (indent + 2 * (node.start_mark.index >= start))
        return f"{text[:end]},{gap}{said}{text[end:]}"
    margin = " " * node.value[0][0].start_mark.column
    for key, value in reversed(node.value):
        if isinstance(value, yaml.ScalarNode) and key.start_mark.line == value.end_mark.line:
            end = text.find("\n", value.end_mark.index)
            end = len(text) if end < 0 else end
            return f"{text[:end]}\n{margin}{said}{text[end:]}"
    first = node.value[0][0].start_mark.index
    return f"{text[:first]}{said}\n{margin}{text[first:]}"


def _without(text: str, node: yaml.MappingNode, pair: Pair) -> str:
    """The text without one pair of a mapping; comments beside it stay."""
    start, end = pair[0].start_mark.index, _end(text, pair)
    if node.flow_style:
        if comma := AFTER.match(text, end):
            return text[:start] + text[comma.end() :]
        at = node.value.index(pair)
        if at and (comma := AFTER.match(text, before := _end(text, node.value[at - 1]))):
            between = text[comma.end() : start]
            return text[:before] + ("" if not between.strip() else text[comma.end() - 1 : start]) + text[end:]
        return text[:start] + text[end:]
    head = text.rfind("\n", 0, start) + 1
    tail = text.find("\n", end)
    tail = len(text) if tail < 0 else tail
    if not text[head:start].strip() and not text[end:tail].strip():
        return text[:head] + text[tail + 1 :]
    return text[:start] + text[end:]


def _is_alias(pair: Pair) -> bool:
    """Whether a pair takes its value from elsewhere in the text."""
    return bool(pair[1].start_mark.index < pair[0].end_mark.index)


def _end(text: str, pair: Pair) -> int:
    """Where a pair of a mapping ends in the text."""
    if _is_alias(pair) and (alias := ALIAS.search(text, pair[0].end_mark.index)):
        return alias.end()
    return int(pair[1].end_mark.index)
