"""Paths to several values: `formations[side=north].morale`, `places.*.symbol`, `places[airfield=true].population`."""

from __future__ import annotations

import re
from typing import Any

from sim.scenario.names import nearest
from sim.scenario.paths import PathError, fields_of, resolve, shape_at, shape_of, value_at
from sim.scenario.yaml_reader import Path

HOLDS_PATHS = ("uncertainty.", "variants.")
"""Sections whose keys are paths themselves, filters and all."""
READ_FIRST = ("sources",)
"""Sections that the reader follows into other files before it sets values."""
FILTER = re.compile(r"\[([^\]]*)\]|\.\*(?=\.|$)")
"""A filter, or a star in the place of a name."""


def select(text: str, data: Any) -> list[Path]:
    """The paths that a dotted text leads to; PathError if it leads nowhere or selects nothing."""
    found = FILTER.search(text)
    if text.startswith(HOLDS_PATHS):
        return [resolve(text, data)]
    if text.split(".")[0].strip() in READ_FIRST:
        raise PathError(f"'{text}' can only be changed in the scenario's file: its rows are read before values are set")
    if found is None:
        if "[" in text or "]" in text:
            raise PathError(f"'{text}' has a bracket without its partner")
        return [resolve(text, data)]
    container = resolve(text[: found.start()], data)
    entries = _entries(container, data)
    chosen = list(entries) if found[1] is None else _matching(found[1], text, found, container, entries)
    # What is no id is told elsewhere; here it would be read as a filter again.
    chosen = [name for name in chosen if not set("*[].") & set(name)]
    if not chosen:
        raise PathError(f"'{text}' selects nothing")
    head, rest = text[: found.start()], text[found.end() :]
    paths = []
    for name in chosen:
        try:
            paths += select(f"{head}.{name}{rest}", data)
        except PathError as error:
            # Told in the words of the filter: what is wrong stands behind it.
            hint = error.hint and error.hint.replace(f"{head}.{name}", text[: found.end()], 1)
            raise PathError(error.message, hint, error.rest) from None
    return paths


def _entries(container: Path, data: Any) -> dict[str, Any]:
    """The entries of a mapping or list, by the names that paths use."""
    node = value_at(container, data)
    if isinstance(node, dict):
        return {str(name): entry for name, entry in node.items()}
    if isinstance(node, list):
        return {str(number): entry for number, entry in enumerate(node)}
    return {}


def _matching(terms: str, text: str, found: re.Match[str], container: Path, entries: dict[str, Any]) -> list[str]:
    """The entries that meet all terms of a filter; a field that an entry leaves out has its default."""
    chosen = list(entries)
    fields = _fields(container)
    for term in terms.split(","):
        key, equals, wanted = (part.strip() for part in term.partition("="))
        if not equals or key not in fields:
            near = nearest(key, fields)
            meant = text.replace(found[0], f"[{terms.replace(term, f'{near}={wanted}')}]") if near and equals else None
            known = f"; fields are {', '.join(fields)}" if fields and not near else ""
            raise PathError(f"selects by '{term.strip()}', which is not FIELD=VALUE{known}", meant)
        values = {name: _value(entries[name], key, fields[key]) for name in chosen}
        chosen = [name for name in chosen if values[name] == wanted]
        if not chosen:
            near = nearest(wanted, {_value(entry, key, fields[key]) for entry in entries.values()} - {""})
            meant = text.replace(found[0], f"[{terms.replace(term, f'{key}={near}')}]") if near else None
            raise PathError(f"'{text}' selects nothing", meant)
    return chosen


def _fields(container: Path) -> dict[str, Any]:
    """The fields that a filter can ask of the entries of a container, with their defaults."""
    shape = shape_at(container)
    entry = (shape.entries or shape.elements) if shape else None
    if entry is None or not shape_of(entry).is_entity:
        return {}
    fields = {field.alias or name: field for name, field in entry.model_fields.items()}
    return {name: None if fields[name].is_required() else fields[name].default for name in fields_of(entry)}


def _value(entry: Any, key: str, default: Any) -> str:
    return as_filter_text(entry.get(key, default) if isinstance(entry, dict) else default)


def as_filter_text(value: Any) -> str:
    """A value as a filter writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)
