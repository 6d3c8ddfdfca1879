"""Holds composed data against the schema, and words what does not fit in the terms of the file."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from pydantic import ValidationError

from sim.scenario.errors import Problem
from sim.scenario.messages import describe, number, shorten
from sim.scenario.names import nearest
from sim.scenario.paths import Locator, shape_at
from sim.scenario.schema import ID_PATTERN, Scenario
from sim.scenario.yaml_reader import Path, leaves

_WANTED = {
    "float_type": "a number",
    "int_type": "a whole number",
    "string_type": "text",
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "list_type": "a list",
    "tuple_type": "a list",
    "date_text": "a date like 2024-11-27 or 2024-11-27T06:00",
}
_SAID_OTHERWISE = {"true": ("true", "yes", "on", "y"), "false": ("false", "no", "off", "n")}
_BOUNDS = {
    "greater_than": ("gt", "must be more than"),
    "greater_than_equal": ("ge", "must be at least"),
    "less_than": ("lt", "must be less than"),
    "less_than_equal": ("le", "must be at most"),
}


def validate(locator: Locator, problems: list[Problem]) -> Scenario | None:
    """The scenario that the data describes, or None and the problems with it."""
    data = locator.tree.data
    scenario = None
    found: dict[Path, Problem] = {}
    try:
        scenario = Scenario.model_validate_json(json.dumps(data), strict=True)
    except ValidationError as error:
        found = _words(error, locator)
    for path, value in leaves(data):
        parts = [((*path, place), item) for place, item in enumerate(value)] if isinstance(value, list) else []
        for at, part in (*parts, (path, value)):
            if isinstance(part, float) and not math.isfinite(part):
                found[at] = locator.problem(at, f"must be a finite number, but is {describe(part)}")
    problems.extend(found.values())
    return None if found else scenario


def _words(error: ValidationError, locator: Locator) -> dict[Path, Problem]:
    """One problem for each path, from all that the schema says about it."""
    data = locator.tree.data
    by_path: dict[Path, list[Any]] = {}
    for detail in error.errors(include_url=False):
        by_path.setdefault(_path(detail, data), []).append(detail)
    # A value that may be one of several types is refused once as each type; the refusal that lies deepest says most.
    outer = {path[:end] for path in by_path for end in range(len(path))}
    return {
        path: _problem(path, details, locator)
        for path, details in by_path.items()
        if not (path in outer and all(detail["type"] in _WANTED for detail in details))
    }


def _path(detail: Any, data: Any) -> Path:
    """The path in the file that an error of the schema is about, without the names of types in between."""
    path: Path = ()
    node = data
    for key in detail["loc"]:
        known = node.keys() if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
        if key in known:
            path, node = (*path, key), node[key]
        elif detail["type"] == "missing" and not isinstance(node, list):
            path = (*path, key)
    return path


def _value(path: Path, data: Any) -> Any:
    for key in path:
        data = data[key]
    return data


def _problem(path: Path, details: list[Any], locator: Locator) -> Problem:
    detail, context = details[0], details[0].get("ctx") or {}
    kind, is_key = detail["type"], detail["loc"][-1:] == ("[key]",)
    if kind == "missing" and isinstance(detail["loc"][-1], str):
        return locator.problem(path, "is missing")
    value = _value(path, locator.tree.data)
    if kind == "extra_forbidden":
        shape = shape_at(path[:-1])
        known = shape.fields if shape and shape.fields else {}
        return locator.problem(path, "unknown key", nearest(str(path[-1]), known))
    if kind in _WANTED:
        wanted = " or ".join(dict.fromkeys(_WANTED.get(each["type"], "another value") for each in details))
        return locator.problem(path, f"should be {wanted}, but is {describe(value)}", _meant(value, kind))
    if kind == "finite_number":
        return locator.problem(path, f"must be a finite number, but is {describe(value)}")
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        return locator.problem(path, f"{words} {number(context[name])}, but is {describe(value)}")
    if kind == "literal_error":
        choices = str(context["expected"]).replace("'", "")
        near = nearest(str(value), choices.replace(" or ", ", ").split(", "))
        return locator.problem(path, f"should be {choices}, but is {describe(value)}", near)
    if kind in ("string_pattern_mismatch", "string_too_long"):
        return _misspelt(path, str(path[-1]) if is_key else str(value), context, locator)
    if kind in ("too_short", "too_long"):
        bound = f"at least {context['min_length']}" if kind == "too_short" else f"at most {context['max_length']}"
        return locator.problem(path, f"must have {bound} of them, but has {len(value)}")
    if kind == "missing":
        return locator.problem(path, f"has too few elements ({len(value)})")
    return locator.problem(path, f"is not valid: {str(detail['msg']).lower()}")


def _misspelt(path: Path, text: str, context: Any, locator: Locator) -> Problem:
    """Words a name or text that is not of the right form."""
    if context.get("pattern") not in (None, ID_PATTERN):
        return locator.problem(path, f"should be a colour like '#3366cc', in quotes, but is the text '{text}'")
    rule = "an id has small letters, digits and _, starts with a letter, and is at most 60 long"
    likely = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    fits = re.fullmatch(ID_PATTERN, likely) and len(likely) <= 60 and likely != text
    return locator.problem(path, f"'{shorten(text)}' is not an id; {rule}", likely if fits else None)


def _meant(value: Any, kind: str) -> str | None:
    """The plain value that a text was probably meant to be."""
    if isinstance(value, dict):
        near = [key for key in value if nearest(key, ["value"])]
        return f"`value` instead of `{near[0]}`" if near else None
    if not isinstance(value, str):
        return None
    if kind == "bool_type":
        return next((word for word, same in _SAID_OTHERWISE.items() if value.lower() in same), None)
    bare = re.sub(r"[,_ ]", "", value)
    if kind == "float_type" and re.fullmatch(r"[-+]?[0-9]+(\.[0-9]+)?", bare):
        return f"{bare} without quotes" if bare == value else bare
    return None
