"""Formulas over outcomes: what they come to by hand, where they are not defined, and what is said of a wrong one."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.load import load
from sim.ensemble.summary import summarise
from sim.outcomes.catalogue import outcomes_of, recorded, values_of
from sim.outcomes.formulas import FormulaError, parse_formula
from sim.scenario.errors import ScenarioError

CROSSROADS = Path(__file__).parents[2] / "scenarios" / "crossroads.yaml"
SCENARIO = load(CROSSROADS)
NAN = math.nan

HAMA, MOREK = [8.5, 10.0, NAN, 4.0], [4.0, 2.0, 4.0, 4.0]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        # 32 km in 4.5 days against 69 km in 4 days; 32 in 8 against 69 in 2; one never fell; no time in between
        ("(32 / (a.fall_day - b.fall_day)) / (69 / b.fall_day)", [32 / 4.5 / 17.25, 4 / 34.5, NAN, NAN]),
        ("a.fall_day - b.fall_day * 2 + 1", [1.5, 7.0, NAN, -3.0]),
        ("-(a.fall_day - 9)", [0.5, -1.0, NAN, 5.0]),
        ("min(a.fall_day, b.fall_day, 3)", [3.0, 2.0, NAN, 3.0]),
        ("max (abs(b.fall_day - 3), .5)", [1.0, 1.0, 1.0, 1.0]),
        ("(b.fall_day - 4) / (b.fall_day - 4)", [NAN, 1.0, NAN, NAN]),
        ("1e3 * b.fall_day", [4000.0, 2000.0, 4000.0, 4000.0]),
    ],
)
def test_formulas_come_to_what_one_works_out_by_hand(text: str, values: list[float]) -> None:
    known = {"a.fall_day": np.array(HAMA), "b.fall_day": np.array(MOREK)}
    np.testing.assert_allclose(parse_formula(text).values(known), values, rtol=1e-12)


LEAVES = st.sampled_from(["a.b", "c.d@day2", "2", "0.5", "7e-1"])
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*/"), inner),
        st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), inner, inner),
        st.builds("-{}".format, inner),
        st.builds("abs({})".format, inner),
    ),
    max_leaves=12,
)


@settings(deadline=None, max_examples=200)
@given(TREES, st.floats(-9, 9), st.floats(-9, 9))
def test_a_formula_comes_to_what_python_makes_of_it(text: str, x: float, y: float) -> None:
    text = f"{text} + a.b"
    by_python = text.replace("a.b", f"({x!r})").replace("c.d@day2", f"({y!r})")
    try:
        expected = float(eval(by_python))
    except ZeroDivisionError:
        expected = NAN
    known = {"a.b": np.array([x]), "c.d@day2": np.array([y])}
    found = parse_formula(text).values(known)
    np.testing.assert_allclose(found, [expected if math.isfinite(expected) else NAN], rtol=1e-12)


def test_days_and_dates_belong_to_the_names() -> None:
    formula = parse_formula("deaths.civilian@day8.5-deaths.total@2031-05-06T06:00/x.will@2031-05-06-x.will@day2*2")
    assert formula.operands == (
        "deaths.civilian@day8.5",
        "deaths.total@2031-05-06T06:00",
        "x.will@2031-05-06",
        "x.will@day2",
    )
    known = dict(zip(formula.operands, map(np.array, ([10.0], [6.0], [3.0], [0.5])), strict=True))
    assert formula.values(known) == [10 - 2 - 1]


def test_before_counts_what_has_come_by_a_day_and_never_what_has_not() -> None:
    formula = parse_formula("before(a.fall_day, 10)")
    assert formula.values({"a.fall_day": np.array([9.75, 10.0, 10.25, NAN])}).tolist() == [1, 1, 0, 0]


WRONG = (
    "|1 + 2|a.b +|a.b ** 2|a.b // 2|a.b < 2|a.b if 1 else 2|open(a.b)|(a.b).real|[a.b]|a.b; b.c|abs(a.b, 2)|min()"
    "|before(a.b)"
    "|min(*a.b)|min(a.b, key=2)|a.b + 'x'|a.b + 1j|lambda: a.b|1e400 + a.b|a.b := 2|f'{a.b}'|a.b and 2|not a.b|a.b\x00"
)


@pytest.mark.parametrize("text", [*WRONG.split("|"), "(" * 240 + "a.b" + ")" * 240, "a.b + " * 100 + "1"])
def test_what_is_no_formula_is_refused(text: str) -> None:
    with pytest.raises(FormulaError):
        parse_formula(text)


def test_a_long_row_of_signs_does_not_exhaust_the_machine() -> None:
    assert parse_formula("-" * 97 + "a.b").values({"a.b": np.array([2.0])}) == [-2.0]
    try:
        parse_formula("-" * 490 + "a.b").values({"a.b": np.array([2.0])})
    except FormulaError as error:
        assert "is not a formula" in str(error)


def test_a_formula_is_an_outcome_and_what_it_needs_is_recorded() -> None:
    asked = ["half = deaths.total@day2 / 2", "more = half + deaths.total@day2 + ottersby.fall_day", "ottersby.fall_day"]
    found = {outcome.name: outcome for outcome in outcomes_of(SCENARIO, asked)}
    assert (found["more"].kind, found["more"].said) == ("quantity", asked[1])
    need = {outcome.name for outcome in recorded([found["half"], found["more"]])}
    assert need == {"deaths.total@day2", "ottersby.fall_day"}
    known = {"deaths.total@day2": np.array([10.0, 20.0]), "ottersby.fall_day": np.array([1.0, NAN])}
    np.testing.assert_equal(values_of(found["more"], known), [16.0, NAN])


@pytest.mark.parametrize(
    ("formula", "says"),
    [
        ("x = otersby.fall_day / 2", "no outcome is called 'otersby.fall_day'; did you mean ottersby.fall_day?"),
        ("x = ottersby.fall_day@day3 / 2", "'ottersby.fall_day' speaks of the whole campaign"),
        ("x = deaths.total@day99 / 2", "lies outside the campaign"),
        ("x = x + deaths.total", "no outcome is called 'x'"),
        ("x = deaths.total ** 2", "x: 'deaths.total ** 2' has no place in a formula, which has numbers"),
        ("x = (deaths.total", "x: '(deaths.total' is not a formula like (a - b) / max(c, 1)"),
        ("x = 3", "x: '3' speaks of no outcome"),
        ("x =", "x: '' is not a formula"),
    ],
)
def test_a_wrong_formula_is_refused_where_it_stands(formula: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"^outcome x =") as error:
        outcomes_of(SCENARIO, [formula])
    assert says in str(error.value)
    text = CROSSROADS.read_text().replace("outcomes: [", f"outcomes: ['{formula}', ")
    (tmp_path / "s.yaml").write_text(text)
    with pytest.raises(ScenarioError) as in_file:
        outcomes_of(load(tmp_path / "s.yaml"))
    line = next(i for i, row in enumerate(text.splitlines(), 1) if row.startswith("outcomes:"))
    assert [(p.line, p.column, p.path) for p in in_file.value.problems] == [(line, 12, "outcomes.0")]


def test_one_name_has_one_meaning() -> None:
    with pytest.raises(ScenarioError, match=r"'x' is defined twice, as x = deaths.total / 2 before"):
        outcomes_of(SCENARIO, ["x = deaths.total / 2", "x = deaths.total / 3"])


def test_the_summary_says_where_a_formula_is_defined() -> None:
    said = summarise("x", "quantity", "", [1.0, NAN, 3.0, NAN])
    assert (said["defined"], said["mean"], said["median"]) == (0.5, 2.0, 2.0)
    assert "defined" not in summarise("x", "quantity", "", [1.0, 3.0])
    nowhere = summarise("x", "quantity", "", [NAN, NAN])
    assert (nowhere["defined"], nowhere["mean"]) == (0.0, None)
    happens = summarise("x", "probability", "", [1.0, NAN, 0.0, 1.0])
    assert (happens["defined"], happens["probability"]) == (0.75, 2 / 3)
