"""Holds composed data against the schema, and words what does not fit in the terms of the file."""

from __future__ import annotations

import functools
import json
import math
import re
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError

from sim.scenario.errors import Problem
from sim.scenario.messages import describe, number, shorten
from sim.scenario.names import nearest
from sim.scenario.paths import Locator, section_around, shape_at, value_at
from sim.scenario.schema import Scenario
from sim.scenario.schema_base import ID_PATTERN
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
MOST_TOLD = 5000
"""Mistakes that are listed; of more, how many there are."""
COLOUR = "colour"
_LIKE_A_COLOUR = "a colour like '#3366cc', in quotes"
_SAID_OTHERWISE = {"true": ("true", "yes", "on", "y"), "false": ("false", "no", "off", "n")}
_AMOUNT = re.compile(r"([-+]?)([0-9][0-9.,_ '\u00a0\u202f]*?) ?([%A-Za-z/²]*)")
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}([,_ '\u00a0\u202f])[0-9]{3}(\1[0-9]{3})*(\.[0-9]+)?")
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


def validate_part(locator: Locator, path: Path, problems: list[Problem]) -> None:
    """Adds what the schema says against the value at a path, whatever it says of the rest of the scenario."""
    around, section = section_around(path)
    if around == path and value_at(path, locator.tree.data) is None:
        # It was removed: whether it may be missing is said by what held it.
        around, section = section_around(path[:-1])
    try:
        if around:
            section.model_validate_json(json.dumps(_value(around, locator.tree.data)), strict=True)
        elif path[0] in locator.tree.data:
            around = path[:1]
            _field(str(path[0])).validate_json(json.dumps(locator.tree.data[path[0]]), strict=True)
        elif _is_required(str(path[0])):
            problems.append(locator.problem(path, "is missing"))
    except ValidationError as error:
        found = _words(error, locator, around)
        problems.extend(problem for at, problem in found.items() if at[: len(path)] == path)


def _is_required(name: str) -> bool:
    """Whether a scenario must have a section."""
    return any(name == (info.alias or field) and info.is_required() for field, info in Scenario.model_fields.items())


@functools.cache
def _field(name: str) -> TypeAdapter[Any]:
    """Reads a section of the scenario by itself."""
    for field, info in Scenario.model_fields.items():
        if name == (info.alias or field):
            annotation: Any = Annotated[info.annotation, info]
            return TypeAdapter(annotation)
    raise KeyError(name)


def _words(error: ValidationError, locator: Locator, around: Path = ()) -> dict[Path, Problem]:
    """One problem for each path, from all that the schema says about the scenario, or a part of it."""
    data = locator.tree.data
    by_path: dict[Path, list[Any]] = {}
    details = error.errors(include_url=False)
    for detail in details[:MOST_TOLD]:
        by_path.setdefault(_path(detail, _value(around, data), around), []).append(detail)
    # A value that may be one of several types is refused once as each type; the refusal that lies deepest says most.
    outer = {path[:end] for path in by_path for end in range(len(path))}
    more = len(details) - MOST_TOLD
    untold = {(): locator.problem((), f"{more:,} more mistakes are not listed")} if more > 0 else {}
    return untold | {
        path: _problem(path, details, locator)
        for path, details in by_path.items()
        if not (path in outer and all(detail["type"] in _WANTED for detail in details))
    }


def _path(detail: Any, node: Any, path: Path) -> Path:
    """The path in the file that an error in the part at `path` is about, without the names of types in between."""
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
    comma = _decimal_comma(path, locator.tree.data)
    if comma is not None:
        return locator.problem(path, "a comma ends a value here; a number has a decimal point", comma)
    if kind == "extra_forbidden":
        shape = shape_at(path[:-1])
        known = shape.fields if shape and shape.fields else {}
        return locator.problem(path, "unknown key", nearest(str(path[-1]), known))
    if path and path[-1] == COLOUR and kind in _WANTED:
        return locator.problem(path, f"should be {_LIKE_A_COLOUR}, but is {describe(value)}")
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
        return locator.problem(path, f"should be {_LIKE_A_COLOUR}, but is {describe(text)}")
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
    if kind in ("float_type", "int_type"):
        return number_meant(value.strip())
    return None


def number_meant(text: str) -> str | None:
    """The number that a text was probably meant to be: with signs between thousands, a decimal comma, a unit or %."""
    split = _AMOUNT.fullmatch(text)
    if split is None:
        return None
    sign, digits, after = split.groups()
    if _THOUSANDS.fullmatch(digits):
        bare = re.sub("[,_ '\u00a0\u202f]", "", digits)
    else:
        bare = re.sub("[_ '\u00a0\u202f]", "", digits)
        if bare.count(",") == 1 and "." not in bare:
            bare = bare.replace(",", ".")
        elif bare.count(",") == 1 and bare.count(".") >= 1 and bare.rindex(",") > bare.rindex("."):
            bare = bare.replace(".", "").replace(",", ".")
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", bare):
        return None
    if after == "%":
        return f"{sign}{float(bare) / 100:g}"
    if sign + bare == text:
        return f"{text} without quotes"
    ambiguous = re.fullmatch(r"[1-9][0-9]{0,2},[0-9]{3}", digits)
    return f"{sign}{bare} or {sign}{digits.replace(',', '.')}" if ambiguous else f"{sign}{bare}"


def _decimal_comma(path: Path, data: Any) -> str | None:
    """The number whose decimals became a key of their own, as in `{lat: 47,60}`; None if that is not what happened."""
    if not path or not re.fullmatch(r"[0-9]+", str(path[-1])):
        return None
    mapping = _value(path[:-1], data)
    if not isinstance(mapping, dict) or mapping[path[-1]] is not None:
        return None
    keys = list(mapping)
    before = keys[keys.index(path[-1]) - 1] if keys[0] != path[-1] else None
    whole = mapping.get(before)
    return f"{before}: {whole}.{path[-1]}" if isinstance(whole, int) and not isinstance(whole, bool) else None
