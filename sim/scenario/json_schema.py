"""Describes the scenario file for editors: completion, hover texts and bounds, as a JSON Schema."""

from __future__ import annotations

from typing import Any

from sim.scenario.parameters import Parameters, Rulebook
from sim.scenario.schema import Scenario

DATE = r"^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?)?$"
FILLED_IN = {"road_classes": "RoadClass", "terrains": "Terrain", "kinds": "Kind"}
"""Sections whose entries complete the generic ones, so that a file may give a part of an entry."""
LEAF_TYPES = ("string", "number", "integer", "boolean", "array")

Node = dict[str, Any]


def json_schema(rulebook: Rulebook) -> Node:
    """The schema of a scenario file. A file that extends another one is a patch: only its sections are known."""
    schema = Scenario.model_json_schema(by_alias=True)
    parts: Node = schema.pop("$defs")
    schema.pop("description", None)
    sections: Node = schema["properties"]
    sections["rules"] = _rules(rulebook)
    sections["doctrine"] = _numbers(rulebook["doctrine"], "doctrine weights of all sides, where not the default")
    own_weights = _numbers(rulebook["doctrine"], "this side's doctrine weights where they differ")
    parts["Side"]["properties"]["doctrine"] = own_weights
    for entry in FILLED_IN.values():
        parts[entry].pop("required", None)
    files = {
        "extends": {"type": "string", "description": "the scenario that this one changes"},
        "include": {
            "description": "files that are parts of this scenario",
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
        },
    }
    required = [name for name in schema.pop("required") if name not in FILLED_IN]
    title = {"title": "Orontes scenario"}
    patch = {"properties": {**files, **dict.fromkeys(sections, True)}, "additionalProperties": False}
    whole = {
        "properties": {**files, **{name: _with_basis(node) for name, node in sections.items()}},
        "additionalProperties": False,
        "anyOf": [{"required": ["include"]}, {"required": required}],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **title,
        "type": "object",
        "if": {"required": ["extends"]},
        "then": patch,
        "else": whole,
        "$defs": {name: _section(part) for name, part in parts.items()},
    }


def _numbers(parameters: type[Parameters], description: str) -> Node:
    """The declared numbers of a rule, with bounds, unit and meaning."""
    numbers = {
        name: {
            "type": "number",
            "minimum": declared.low,
            "maximum": declared.high,
            "default": declared.default,
            "description": f"{declared.meaning} [{declared.unit}]; {declared.basis}",
        }
        for name, declared in parameters.declared().items()
    }
    return {"type": "object", "description": description, "properties": numbers, "additionalProperties": False}


def _rules(rulebook: Rulebook) -> Node:
    rules = {
        name: _numbers(parameters, f"parameters of the rule '{name}' that differ from the default")
        for name, parameters in rulebook.items()
        if name != "doctrine"
    }
    return {"type": "object", "properties": rules, "additionalProperties": False}


def _section(part: Node) -> Node:
    """One part of a scenario, whose values may stand with their basis."""
    if "properties" not in part:
        return part
    return {**part, "properties": {name: _with_basis(node) for name, node in part["properties"].items()}}


def _with_basis(node: Any) -> Any:
    """A value, or the same value written with what it rests on: `{value: 3, basis: x, range: [2, 4]}`."""
    if not isinstance(node, dict):
        return node
    if node.get("format") == "date-time":
        node = {key: value for key, value in node.items() if key != "format"} | {"pattern": DATE}
    choices = node.get("anyOf", [node])
    if all(choice.get("type") in LEAF_TYPES or "enum" in choice or "const" in choice for choice in choices):
        plain = {key: value for key, value in node.items() if key not in ("title", "description", "default")}
        about = {key: value for key, value in node.items() if key in ("title", "description", "default")}
        return {**about, "anyOf": [plain, _wrapper(plain)]}
    inner: Node = {"additionalProperties": False} if "patternProperties" in node else {}
    for keyed in ("properties", "patternProperties"):
        if keyed in node:
            inner[keyed] = {name: _with_basis(child) for name, child in node[keyed].items()}
    if "additionalProperties" in node:
        inner["additionalProperties"] = _with_basis(node["additionalProperties"])
    if "anyOf" in node:
        inner["anyOf"] = [_with_basis(choice) for choice in node["anyOf"]]
    return {**node, **inner}


def _wrapper(plain: Node) -> Node:
    text = {"type": "string"}
    bounds = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
    return {
        "type": "object",
        "properties": {"value": plain, "basis": text, "range": bounds, "unit": text, "note": text},
        "required": ["value"],
        "additionalProperties": False,
    }
