"""Conditions on outcomes: what each form means, where it is not defined, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from sim.outcomes.conditions import ConditionError, parse_condition

NAN = np.nan
VALUES = {
    "hill.fall_day": np.array([2.0, 6, NAN, 5]),
    "north.collapsed": np.array([1.0, 0, 0, 1]),
    "hill.held_by.north@day8.5": np.array([0.0, 0, 1, 1]),
    "share": np.array([0.5, NAN, -2, 1]),
}
KINDS = {"hill.fall_day": "time", "north.collapsed": "probability", "share": "quantity"}
KINDS["hill.held_by.north@day8.5"] = "probability"


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("hill.fall_day", [1, 1, 0, 1]),
        ("not hill.fall_day", [0, 0, 1, 0]),
        ("hill.fall_day > 5", [0, 1, 1, 0]),  # never is later than any day
        ("hill.fall_day <= 5", [1, 0, 0, 1]),
        ("hill.fall_day in 2..5", [1, 0, 0, 1]),
        ("(hill.fall_day in 2..5) and not (north.collapsed in 1..1)", [0, 0, 0, 0]),
        ("not(hill.fall_day in 2..5)", [0, 1, 1, 0]),
        ("2 < hill.fall_day < 6", [0, 0, 0, 1]),
        ("north.collapsed and hill.held_by.north@day8.5", [0, 0, 0, 1]),
        ("not (north.collapsed or hill.held_by.north@day8.5)", [0, 1, 0, 0]),
        ("share > -3", [1, NAN, 1, 1]),
        ("share > 0 and north.collapsed", [1, 0, 0, 1]),  # what is false in any case is false
        ("share > 0 or hill.fall_day", [1, 1, 0, 1]),
        ("share in -2..0.5", [1, NAN, 1, 0]),
        ("hill.fall_day == 6", [0, 1, 0, 0]),
    ],
)
def test_meaning(text, met):
    assert np.array_equal(parse_condition(text).met(VALUES, KINDS), met, equal_nan=True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hill.fall_day >", "is no condition"),
        ("hill.fall_day in 5..2", "did you mean in 2..5"),
        ("5 > 3", "speaks of no outcome"),
        ("hill.fall_day + 1 > 3", "is no condition on outcomes"),
        ("max(a.b, 1)", "is no condition"),
        ("hill.fall_day != 3", "is no condition on outcomes"),
        ("", "is no condition"),
        ("a" * 600, "at most 500 characters"),
        ("__import__('os')", "is no condition"),
    ],
)
def test_what_is_no_condition(text, said):
    with pytest.raises(ConditionError, match=said):
        parse_condition(text)
