"""YAML text is read by the habits of YAML 1.2, with the place of each value, and nothing can exhaust the reader."""

from __future__ import annotations

import math
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.scenario import yaml_reader as reader
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.yaml_reader import dump, parse


def read(source: str) -> Any:
    problems: list[Problem] = []
    tree = parse(source, "s.yaml", problems)
    assert problems == []
    return tree.data


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("NO", "NO"),
        ("yes", "yes"),
        ("off", "off"),
        ("12:30", "12:30"),
        ("1:30:00", "1:30:00"),
        ("2024-11-27T00:00", "2024-11-27T00:00"),
        ("2024-11-27", "2024-11-27"),
        ("1_000", "1_000"),
        ("0b11", "0b11"),
        ("=", "="),
        ("1e3", 1000.0),
        ("-1.5E-2", -0.015),
        (".5", 0.5),
        ("1.", 1.0),
        ("+12", 12),
        ("007", 7),
        ("0o17", 15),
        ("0x1F", 31),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("'null'", "null"),
        ("!!str 12", "12"),
        (".inf", math.inf),
        ("-.Inf", -math.inf),
    ],
)
def test_plain_scalars_mean_what_yaml_1_2_says(written: str, meant: Any) -> None:
    value = read(f"a: {written}")["a"]
    assert value == meant
    assert type(value) is type(meant)


def test_keys_are_names_whatever_they_look_like() -> None:
    assert read("NO: 1\n12: 2\ntrue: 3\n") == {"NO": 1, "12": 2, "true": 3}


def test_every_value_keeps_its_place() -> None:
    tree = parse("a:\n  b: [x, {c: 1}]\n", "s.yaml", [])
    assert {path: (mark.line, mark.column) for path, mark in tree.marks.items()} == {
        (): (1, 1),
        ("a",): (1, 1),
        ("a", "b"): (2, 3),
        ("a", "b", 0): (2, 7),
        ("a", "b", 1): (2, 10),
        ("a", "b", 1, "c"): (2, 11),
    }
    assert tree.where(("a", "b", 1, "missing")) == ("s.yaml", 2, 10)


def test_all_repeated_keys_are_reported_with_both_places() -> None:
    problems: list[Problem] = []
    parse("a: {x: 1, y: 2}\nb: 1\na: {x: 1}\nb: 2\n'b': 3\n", "s.yaml", problems)
    assert [str(problem) for problem in problems] == [
        "s.yaml:3:1: a: the key stands twice in this mapping; it stands first at 1:1",
        "s.yaml:4:1: b: the key stands twice in this mapping; it stands first at 2:1",
        "s.yaml:5:1: b: the key stands twice in this mapping; it stands first at 2:1",
    ]


def test_aliases_repeat_a_value_without_sharing_it() -> None:
    data = read("a: &x {n: [1, 2]}\nb: *x\n")
    assert data["b"] == {"n": [1, 2]}
    data["b"]["n"].append(3)
    assert data["a"] == {"n": [1, 2]}


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)
)
DEEP_ALIASES = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 60))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (BOMB, "s.yaml:5:35: aliases in this file repeat more than 50,000 values"),
        (DEEP_ALIASES, "is nested more than 50 deep through the alias"),
        ("[" * 3000, "s.yaml:1:51: is nested more than 50 deep"),
        ("\n".join(" " * n + "a:" for n in range(3000)), "is nested more than 50 deep"),
        ("a: &x [*x]", "s.yaml:1:8: the alias *x stands inside of what it repeats"),
        ("a: *x", "s.yaml:1:4: the alias *x has no anchor &x before it"),
        ("x: &x {a: 1}\ny:\n  <<: *x\n", "s.yaml:3:3: merge keys (<<) are not read"),
        ("a: !!python/name:os.system x", "s.yaml:1:4: the tag tag:yaml.org,2002:python/name:os.system is not read"),
        ("? [a, b]\n: 1", "s.yaml:1:3: a key must be a name, not a mapping or a list"),
        ("a: 1\n---\nb: 2\n", "s.yaml:2:1: a second document starts here"),
        (
            "a: {b: 1",
            "s.yaml:2:1: cannot be read as YAML: did not find expected ',' or '}' (while parsing a flow mapping that",
        ),
        ("a:\n\tb: 1", "s.yaml:2:1: cannot be read as YAML: found character that cannot start any token (indent with"),
        ("a: b: c", "s.yaml:1:5: cannot be read as YAML: mapping values are not allowed"),
        ("a: é\nb: \x07", "s.yaml:2:4: cannot be read as YAML: the character 0x07 is not allowed"),
    ],
)
@pytest.mark.parametrize("loader", ["CSafeLoader", "SafeLoader"])
def test_text_that_cannot_be_read_gives_one_clear_message(
    source: str, message: str, loader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "_LOADER", getattr(yaml, loader))
    with pytest.raises(ScenarioError) as caught:
        parse(source, "s.yaml", [])
    assert len(caught.value.problems) == 1
    if loader == "CSafeLoader":
        assert message in str(caught.value)


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn"]), max_size=12)
    | st.sampled_from(["NO", "12:30", "1e3", "0o17", "~", "", "1_000", "0b1", "<<", "=", "2024-11-27", "- a", "a: b"])
)
KEYS = st.text("abcxyzNO0123456789_.", min_size=1, max_size=8)
PLAIN = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=20
)


@settings(deadline=None)
@given(PLAIN)
def test_what_is_written_reads_back_the_same_here_and_by_yaml_1_1(data: Any) -> None:
    source = dump({"data": data})
    assert read(source) == {"data": data}
    assert yaml.safe_load(source) == {"data": data}
