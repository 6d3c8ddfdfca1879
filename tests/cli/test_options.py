"""Numbers on the command line: what is wrong is said in plain words, whatever verb reads them."""

from __future__ import annotations

import typing
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from sim.cli.main import app
from sim.cli.options import real_number, whole_number

SCENARIO = "scenarios/crossroads.yaml"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["new", "w", "--days", "0"], "'--days': must be at least 1"),
        (["new", "w", "--days", "121"], "'--days': must be at most 120"),
        (["new", "w", "--days", "two"], "'--days': 'two' is not a whole number"),
        (["play", SCENARIO, "--minutes", "abc"], "'--minutes': 'abc' is not a number"),
        (["play", SCENARIO, "--minutes", "0.1"], "'--minutes': must be at least 0.2"),
        (["play", SCENARIO, "--minutes", "1e9"], "'--minutes': must be at most 1440"),
        (["results", "prune", "--older-than", "nan"], "'--older-than': 'nan' is not a number"),
        (["results", "prune", "--older-than", "-1"], "'--older-than': must be at least 0"),
        (["import-roads", "x", "--places", "y", "--within", "-1"], "'--within': must be at least 0"),
    ],
)
def test_a_wrong_number_is_told_in_plain_words(words: list[str], said: str) -> None:
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2
    assert said in " ".join(done.stderr.split())


def test_no_verb_leaves_a_number_to_the_words_of_a_library() -> None:
    """Each option that takes a number has a parser of ours."""
    told = []
    groups: list[Any] = [app, *(group.typer_instance for group in app.registered_groups)]
    verbs = [verb.callback for group in groups for verb in group.registered_commands]
    for verb in verbs:
        for name, hint in typing.get_type_hints(verb, include_extras=True).items():
            for said in getattr(hint, "__metadata__", ()):
                if {int, float} & {hint.__origin__, *typing.get_args(hint.__origin__)} and said.parser is None:
                    told.append(f"{verb.__name__}: {name}")
    assert told == []


@pytest.mark.parametrize(("text", "value"), [("0", 0), ("1e3", 1000), ("2.50", 2.5), (" 7 ", 7)])
def test_numbers_are_read_as_they_are_written(text: str, value: float) -> None:
    assert real_number(0)(text) == value


@pytest.mark.parametrize("text", ["inf", "1,5", "", "0x10"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="is not a number"):
        real_number(0)(text)


def test_bounds_belong_to_a_range() -> None:
    assert (real_number(1, 2)("1"), real_number(1, 2)("2"), whole_number(1, 2)("2")) == (1, 2, 2)
