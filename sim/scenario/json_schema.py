"""Describes the scenario file for editors: completion, hover texts and bounds, as a JSON Schema."""

from __future__ import annotations

from typing import Any

from sim.scenario.parameters import Parameters, Rulebook
from sim.scenario.read import defaults
from sim.scenario.schema import Scenario
from sim.scenario.templates import TEMPLATE, TEMPLATES

DATE = r"^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?)?$"
FILLED_IN = {"road_classes": "RoadClass", "terrains": "Terrain", "kinds": "Kind"}
"""Sections whose entries complete the generic ones, so that a file may give a part of an entry."""
GENERIC = {"kind": "kinds", "terrain": "terrains", "class": "road_classes"}
"""Fields that name an entry of a section with generic entries, which editors offer."""
ABOUT = ("title", "description", "default", "examples")
"""What describes a value and does not check it."""
WITH_TEMPLATES = ("Side", "Sponsor", "Place", "Road", "Formation", "Reinforcement", "AirWing")
"""Parts whose entities may take from a template what they leave out."""
A_TEMPLATE: Node = {"type": "string", "description": "an entry of `templates`, which gives what this one leaves out"}
OF_TEMPLATES: Node = {
    "description": "parts of entities that are alike: each says `template: NAME`, and what is its own",
    "type": "object",
    "additionalProperties": {"anyOf": [{"$ref": f"#/$defs/{name}Patch"} for name in WITH_TEMPLATES]},
}
RANGE: Node = {
    "description": "between which numbers the value is drawn anew in each campaign: low, high",
    "type": "array",
    "items": {"type": "number"},
    "minItems": 2,
    "maxItems": 2,
}
EVERYWHERE = {
    "basis": "what the values rest on, for all of them or by field: the id of a row or a source, `press: ...`, "
    "`literature: ...`, `assumed ...`",
    "note": "a remark for readers; no rule reads it",
}
"""Descriptions of fields that many parts have."""
NULL: Node = {"type": "null"}
PATCH = "Patch"
"""Ending of the name of a part in which nothing is required."""
HEAD = ("title", "start")
"""What a whole scenario has; a file with none of them is a part of one, for another file to include."""
LEAF_TYPES = ("string", "number", "integer", "boolean", "array")

Node = dict[str, Any]
FILES: Node = {
    "extends": {
        "type": "string",
        "description": "the scenario file that this one changes: mappings merge, null takes an entry away",
        "examples": ["base.yaml"],
    },
    "include": {
        "description": "files that are parts of this scenario: YAML, tables (CSV) or GeoJSON named for what they hold",
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
        "examples": [["places.csv", "roads.csv", "formations.csv"]],
    },
}
"""Keys that name other files."""


def json_schema(rulebook: Rulebook) -> Node:
    """The schema of a scenario file: a whole scenario, a patch of the one that it extends, or a part to be included."""
    schema = Scenario.model_json_schema(by_alias=True)
    parts: Node = schema.pop("$defs")
    sections: Node = schema["properties"]
    sections["rules"] = _rules(rulebook)
    parts["Doctrine"] = _numbers(rulebook["doctrine"], "weights of a commander")
    weights = {"$ref": "#/$defs/Doctrine"}
    sections["doctrine"] = {**weights, "description": "doctrine weights of all sides, where not the default"}
    own_weights = {**weights, "description": "this side's doctrine weights where they differ"}
    parts["Side"]["properties"]["doctrine"] = own_weights
    for part in parts.values():
        for name in part.get("properties", {}).keys() & GENERIC.keys():
            part["properties"][name]["examples"] = list(defaults().data[GENERIC[name]])
        left_out = [name for name, field in part.get("properties", {}).items() if field.pop("left_out", None)]
        part["required"] = [name for name in part.get("required", []) if name not in left_out]
    required = [name for name in schema["required"] if name not in FILLED_IN]
    known = {name: _with_basis(node) for name, node in sections.items()}
    defined = {name: _section(part) for name, part in parts.items()}
    for name in WITH_TEMPLATES:
        # What a template gives need not stand in the entity.
        entity, needed = defined[name], defined[name].pop("required")
        fields = {**entity["properties"], TEMPLATE: A_TEMPLATE}
        defined[name] = {**entity, "properties": fields, **_unless(TEMPLATE, needed)}
    known[TEMPLATES] = OF_TEMPLATES
    for section, entry in FILLED_IN.items():
        # A file may complete a generic entry, or take it away.
        known[section] = _patched(known[section])
        defined[f"{entry}{PATCH}"] = _patched(defined[entry])
    patches = {f"{name}{PATCH}": _patched(part) for name, part in defined.items() if not name.endswith(PATCH)}
    whole = {
        "properties": {**FILES, **known},
        "additionalProperties": False,
        **_unless("include", required),
    }
    patch = {
        "properties": {**FILES, **{name: _or_null(_patched(node)) for name, node in known.items()}},
        "additionalProperties": False,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Orontes scenario",
        "type": "object",
        "if": {"anyOf": [{"required": ["extends"]}, {"not": {"anyOf": [{"required": [key]} for key in HEAD]}}]},
        "then": patch,
        "else": whole,
        "$defs": {**defined, **patches, "Range": RANGE},
    }


def _unless(key: str, required: list[str]) -> Node:
    """What is required where a key is missing. Editors name what is missing of it; of `anyOf` they name any."""
    return {"if": {"not": {"required": [key]}}, "then": {"required": required}}


def _patched(node: Any) -> Any:
    """A part of a scenario that is laid over another one: nothing is required in it, and null takes a value away.

    A list is not patched but replaced, so its elements are whole.
    """
    if not isinstance(node, dict) or "prefixItems" in node or "items" in node:
        return node
    if "$ref" in node:
        name = str(node["$ref"])
        return {**node, "$ref": name if name.endswith(PATCH) else name + PATCH}
    inner = {key: value for key, value in node.items() if key not in ("required", "minProperties")}
    if node.get("then", {}).keys() == {"required"}:
        del inner["if"], inner["then"]
    if "value" in node.get("properties", {}) and node.get("required") == ["value"]:
        return node
    for keyed in ("properties", "patternProperties"):
        if keyed in node:
            inner[keyed] = {name: _or_null(_patched(child)) for name, child in node[keyed].items()}
    if isinstance(node.get("additionalProperties"), dict):
        inner["additionalProperties"] = _or_null(_patched(node["additionalProperties"]))
    if "anyOf" in node:
        inner["anyOf"] = [_patched(choice) for choice in node["anyOf"]]
    return inner


def _or_null(node: Any) -> Any:
    """A value, or null in its place; what describes it stays outside, where editors look for it."""
    if not isinstance(node, dict):
        return node
    about = {key: node[key] for key in ABOUT if key in node}
    choices = node["anyOf"] if set(node) <= {*ABOUT, "anyOf"} else [{k: v for k, v in node.items() if k not in ABOUT}]
    return {**about, "anyOf": choices if NULL in choices else [*choices, NULL]}


def _numbers(parameters: type[Parameters], description: str) -> Node:
    """The declared numbers of a rule, with bounds, unit and meaning."""
    numbers = {
        name: {
            "title": name.replace("_", " ").capitalize(),
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
    described = "parameters of rules that differ from the default"
    return {"type": "object", "description": described, "properties": rules, "additionalProperties": False}


def _section(part: Node) -> Node:
    """One part of a scenario, whose values may stand with their basis."""
    if "properties" not in part:
        return part
    fields = {
        name: {**node, "description": EVERYWHERE[name]} if name in EVERYWHERE else node
        for name, node in part["properties"].items()
    }
    return {**part, "properties": {name: _with_basis(node) for name, node in fields.items()}}


def _with_basis(node: Any) -> Any:
    """A value, or the same value written with what it rests on: `{value: 3, basis: x, range: [2, 4]}`."""
    if not isinstance(node, dict):
        return node
    if node.get("format") == "date-time":
        node = {key: value for key, value in node.items() if key != "format"} | {"pattern": DATE}
    choices = node.get("anyOf", [node])
    if all(choice.get("type") in LEAF_TYPES or "enum" in choice or "const" in choice for choice in choices):
        plain = {key: value for key, value in node.items() if key not in ABOUT}
        about = {key: value for key, value in node.items() if key in ABOUT}
        return {**about, "anyOf": [plain, _wrapper(plain)]}
    inner: Node = {"additionalProperties": False} if "patternProperties" in node else {}
    for keyed in ("properties", "patternProperties"):
        if keyed in node:
            inner[keyed] = {name: _with_basis(child) for name, child in node[keyed].items()}
    if "additionalProperties" in node:
        more = node["additionalProperties"]
        inner["additionalProperties"] = ANYTHING if more is True else _with_basis(more)
    if "anyOf" in node:
        inner["anyOf"] = [_with_basis(choice) for choice in node["anyOf"]]
    if node.get("type") == "object" and "properties" not in node:
        # A mapping with this key is a value with its basis.
        inner["propertyNames"] = {**node.get("propertyNames", {}), "not": {"const": "value"}}
    return {**node, **inner}


def _wrapper(plain: Node) -> Node:
    text = {"type": "string"}
    return {
        "type": "object",
        "properties": {"value": plain, "basis": text, "range": {"$ref": "#/$defs/Range"}, "unit": text, "note": text},
        "required": ["value"],
        "additionalProperties": False,
    }


ANYTHING: Node = {"if": {"type": "object", "required": ["value"]}, "then": _wrapper({"not": {"type": "object"}})}
"""A value of any kind; written with its basis, it is a single value or a list."""
