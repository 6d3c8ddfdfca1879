"""The description of the model says what the code does: tables, parameters, mechanisms and their switches."""

from __future__ import annotations

import re

import pytest

import sim
from sim.engine.load import load
from sim.outcomes.catalogue import outcomes_of
from sim.rules.rulebook import RULEBOOK
from sim.scenario import schema
from sim.scenario.schema import Scenario
from tools import ablations, tables
from tools.ablations import SCENARIO, Effect, verdict
from tools.pages import MODEL, pages, parts, put

ROOT = MODEL.parents[1]
VERIFICATION = MODEL.with_name("verification.md")
TEXT = MODEL.read_text("utf-8")
ENTITIES: dict[str, type[schema.Section]] = {
    "formations": schema.Formation,
    "places": schema.Place,
    "sides": schema.Side,
    "sponsors": schema.Sponsor,
}


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load(SCENARIO).scenario


def section(number: int) -> str:
    """One numbered part of the page."""
    return TEXT.split(f"\n## {number} ", 1)[1].split("\n## ", 1)[0]


def test_the_documentation_lacks_nothing() -> None:
    """One message says what to do: what is generated is up to date, and each rule is described by hand."""
    old = tables.stale()
    missing = tables.lacking()
    if old:
        missing += f"\nThe declarations have changed. Run `make docs`; it writes {', '.join(old)}.\n"
    if missing:
        pytest.fail(missing, pytrace=False)


def test_every_public_name_is_described() -> None:
    reference = (MODEL.parent / "reference" / "python.md").read_text("utf-8")
    assert [name for name in dir(sim) if not name.startswith("_") and f":: sim.{name}\n" not in reference] == []


def test_every_generated_part_has_a_place() -> None:
    used = {name for path in pages() for name in parts(path.read_text("utf-8"))}
    described = {f"parameters.{rule}" for rule in RULEBOOK}  # asked for by the test above
    assert used | described == {*tables.TABLES, "ablations"}


def test_what_the_mechanisms_name_exists(scenario: Scenario) -> None:
    named = re.findall(r"`([a-z_*]+)\.([a-z_*]+)(?:\.([a-z_]+))?`", section(8))
    assert len(named) > 50
    for first, second, third in named:
        if first in RULEBOOK:
            assert second in RULEBOOK[first].declared(), f"{first}.{second}"
        elif first in ENTITIES and third:
            assert third in ENTITIES[first].model_fields, f"{first}.{second}.{third}"
        else:
            assert first == "events" and second in scenario.events, f"{first}.{second}"


def test_each_mechanism_has_a_switch_that_exists(scenario: Scenario) -> None:
    rows = [line.split("|")[1:-1] for line in section(8).splitlines() if line.startswith("| ")][1:]
    assert len(rows) >= 20
    for mechanism, _, switch in rows:
        names = re.findall(r"`([a-z_]+)`", switch)
        assert names or "`rules." in switch, mechanism
        assert set(names) <= scenario.variants.keys(), mechanism
        for name, path, value in re.findall(r"`([a-z_]+)` \(`([\w.]+)=([\d.-]+)`\)", switch):
            assert scenario.variants[name].set == {path: float(value)}, name
        for rule, parameter, value in re.findall(r"`rules\.(\w+)\.(\w+)=([\d.-]+)`", switch):
            declared = RULEBOOK[rule].declared()[parameter]
            assert declared.low <= float(value) <= declared.high, f"{rule}.{parameter}"


def test_every_variant_stands_in_the_table_of_ablations(scenario: Scenario) -> None:
    listed = re.findall(r"^\| `(\w+)` \|", parts(TEXT)["ablations"], re.M)
    assert sorted(listed) == sorted(scenario.variants)


def test_every_test_that_the_verification_names_exists() -> None:
    rows = [line for line in VERIFICATION.read_text("utf-8").splitlines() if line.startswith("| ")]
    named = [name for row in rows for name in re.findall(r"`(tests/[\w./]+)(?:::(\w+))?`", row)]
    assert len(named) > 40
    for path, test in named:
        file = ROOT / path
        assert file.is_file(), path
        assert not test or f"\ndef {test}(" in file.read_text("utf-8"), f"{path}::{test}"


@pytest.mark.parametrize("page", sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]), ids=lambda page: page.name)
def test_every_row_of_a_table_stands_below_its_head(page) -> None:
    blocks = re.findall(r"(?:^\|.*\n?)+", page.read_text("utf-8"), re.MULTILINE)
    for block in blocks:
        head, rule = [*block.splitlines(), ""][:2]
        assert re.fullmatch(r"\|( ?:?-+:? ?\|)+", rule), head
        assert rule.count("|") == head.replace(r"\|", "").count("|"), head


def test_only_known_parts_are_written() -> None:
    page = "a\n<!-- begin one (by hand) -->\nold\n<!-- end one -->\nb\n"
    assert put(page, {"one": "new\n"}) == "a\n<!-- begin one (by hand) -->\nnew\n<!-- end one -->\nb\n"
    with pytest.raises(ValueError, match="two"):
        put(page, {"two": ""})


@pytest.mark.parametrize(
    ("low", "high", "expected", "result"),
    [
        (0.01, 0.2, "up", "met"),
        (-0.01, 0.2, "up", "not distinguishable"),
        (0.01, 0.2, "down", "**against**"),
        (-0.2, -0.01, "down", "met"),
        (-0.04, 0.02, "same", "met"),
        (0.01, 0.04, "same", "met"),
        (-0.04, 0.06, "same", "not distinguishable"),
        (0.06, 0.2, "same", "against"),
    ],
)
def test_verdict(low: float, high: float, expected: str, result: str) -> None:
    def effect(size: float, is_share: bool) -> Effect:
        return Effect("x", is_share, size, size, 0.0, size * low, size * high, size)

    assert verdict(effect(1.0, True), expected) == result
    assert verdict(effect(1000.0, False), expected) == result


def test_every_expectation_can_be_looked_up() -> None:
    loaded, expected = load(SCENARIO), ablations.expectations()
    assert {row.variant for row in expected} <= loaded.scenario.variants.keys()
    assert {row.goes for row in expected} == {"up", "down", "same"}
    assert {fact for row in expected for fact in row.facts} <= loaded.facts.keys()
    # Who expects a change says by which fact.
    assert [row for row in expected if row.goes != "same" and not row.facts] == []
    named = {row.outcome for row in expected} | {ablations.DEFAULT}
    assert named <= {outcome.name for outcome in outcomes_of(loaded, sorted(named))}


def test_something_is_expected_of_every_mechanism_that_can_be_switched_off() -> None:
    without = {name for name in load(SCENARIO).scenario.variants if name.startswith("without_")}
    assert without - {row.variant for row in ablations.expectations()} == set()
