"""The JSON Schema accepts what the reader accepts and refuses what it refuses, as far as the form of a file goes."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from sim.rules.rulebook import RULEBOOK
from sim.scenario.basis import unwrap
from sim.scenario.compose import patch
from sim.scenario.errors import Problem
from sim.scenario.geography import fill_lengths
from sim.scenario.json_schema import json_schema
from sim.scenario.paths import Locator
from sim.scenario.read import defaults
from sim.scenario.references import check_parameters
from sim.scenario.validate import validate
from sim.scenario.view import View
from sim.scenario.yaml_reader import dump, parse

ROOT = Path(__file__).parents[2]
SCHEMA = json_schema(RULEBOOK)
VALIDATOR = Draft202012Validator(SCHEMA)
OF_ANOTHER_FORM = {"outcomes.yaml", "expectations.yaml", "mutants.yaml"}
FILES = [
    path
    for path in [*sorted((ROOT / "scenarios").rglob("*.yaml")), *sorted((ROOT / "tests").glob("[tv]*/*.yaml"))]
    if path.name not in OF_ANOTHER_FORM
]


def data_of(text: str) -> Any:
    """A file as plain data, by the reader's own YAML."""
    return parse(text, "s.yaml", []).data


RELATION = "must hold the value"
"""A value and the ends of its range: a schema cannot compare two numbers of a file."""


def told(data: Any) -> list[str]:
    return [error.message[:200] for error in VALIDATOR.iter_errors(data)]


def refused(data: Any) -> list[str]:
    """What the reader says of the form of a file: of its keys, types, bounds and parameters."""
    problems: list[Problem] = []
    tree = parse(dump(data), "s.yaml", problems)
    if not isinstance(tree.data, dict):
        return ["is no mapping"]
    unwrap(tree, problems, is_file=True)
    whole = patch(defaults(), tree)
    fill_lengths(whole)
    locator = Locator(whole)
    validate(locator, problems)
    if not problems:
        check_parameters(View(locator, problems), RULEBOOK, whole.data)
    return [str(problem) for problem in problems if not problem.message.startswith(RELATION)]


def test_it_is_a_schema_in_which_everything_is_described() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    silent = []

    def look(node: Any, path: tuple[str, ...]) -> None:
        if isinstance(node, dict):
            for name, child in node.get("properties", {}).items():
                of_wrapper = "value" in node["properties"] and node.get("required") == ["value"]
                if isinstance(child, dict) and "description" not in child and not of_wrapper:
                    silent.append((*path[-2:], name))
            for key, child in node.items():
                if key not in ("examples", "default"):
                    look(child, (*path, key))
        elif isinstance(node, list):
            for child in node:
                look(child, path)

    look(SCHEMA, ())
    assert silent == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_it_accepts_every_file_of_the_project(path: Path) -> None:
    assert told(data_of(path.read_text("utf-8"))) == []


PATCHES = [
    ("extends: a.yaml\nplaces: {b: {symbol: 0.5}}", True),
    ("extends: a.yaml\nplaces: {b: null}\nroads: null", True),
    ("extends: a.yaml\nkinds: {light: {speed: {value: 30, range: [20, 40]}}}", True),
    ("extends: a.yaml\nplaces: {b: {symbl: 0.5}}", False),
    ("extends: a.yaml\nplaces: {b: {symbol: 1.5}}", False),
    ("extends: a.yaml\nplacs: {}", False),
    ("extends: a.yaml\nclock: {days: long}", False),
    ("extends: a.yaml\nroads: [{between: [a, b]}]", True),
    ("extends: a.yaml\nroads: [{km: 3}]", False),  # a list is replaced, so its elements are whole
    ("extends: a.yaml\nrules: {combat: {rate: .nan}}", True),  # the reader tells
    ("extends: a.yaml\nrules: {combat: {rat: 1}}", False),
    ("places: {a: {lat: 3}}", True),  # a part, which another file completes
    ("places: {a: {lat: 300}}", False),
    ("include: [a.csv]\ntitle: T", True),
    ("title: T\nstart: 2031-05-04", False),
    ("title: T\nstart: 2031-05-04\ninclude: a.csv", True),
]


@pytest.mark.parametrize(("text", "is_right"), PATCHES)
def test_patches_and_parts(text: str, is_right: bool) -> None:
    assert (told(data_of(text)) == []) == is_right


def nodes(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    children = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, child in children:
        yield (*path, key)
        yield from nodes(child, (*path, key))


BASE = data_of((ROOT / "tests/torture/everything.yaml").read_text("utf-8"))
NODES = list(nodes(BASE))
VALUES = st.one_of(
    st.sampled_from([None, True, -1, 0, 0.5, 1, 3, 200, 1e7, 1e30, "", "x", "A b", "2031-05-04", "hostile", "#123456"]),
    st.sampled_from([[], ["a"], [0.1, 0.9], {}, {"a": 1}, {"value": 1}, {"value": 0.5, "range": [0, 1]}]),
    st.sampled_from([{"value": 0.5, "bassis": "x"}, {"value": {}}, {"name": "N"}, [["a", "b"]], {"a": None}]),
)


def changed(path: tuple[Any, ...], how: str, value: Any, name: str) -> Any:
    """The base with another value at a path, without it, or with a key beside it."""
    data = copy.deepcopy(BASE)
    node = data
    for key in path[:-1]:
        node = node[key]
    if how == "set":
        node[path[-1]] = value
    elif how == "drop":
        del node[path[-1]]
    elif isinstance(node, dict):
        node[name] = value
    return data


@settings(deadline=None, max_examples=80)
@example(("places", "eastham", "population", "range", 1), "set", -1, "strength")
@given(
    st.sampled_from(NODES),
    st.sampled_from(["set", "drop", "add"]),
    VALUES,
    st.sampled_from(["strength", "nam", "x1", "Bad id", "basis", "doctrine", "km"]),
)
def test_it_refuses_what_the_reader_refuses(path, how, value, name) -> None:
    if isinstance(path[-1], int) and isinstance(value, dict):
        return  # the reader takes a basis of a single number in a list; the schema, of the whole list
    data = changed(path, how, value, name)
    if not {"title", "start"} & set(data) or any(key in data for key in ("extends", "include")):
        return  # a part or a patch: the reader looks at the whole
    assert bool(told(data)) == bool(refused(data)), (path, how, value, name, told(data), refused(data))


def test_it_stays_small_enough_for_editors() -> None:
    assert len(json.dumps(SCHEMA)) < 420_000
