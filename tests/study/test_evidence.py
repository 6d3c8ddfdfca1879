"""The trace of evidence, both ways, on a scenario small enough to follow by hand."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from sim.engine.load import load
from sim.rules.rulebook import RULEBOOK
from sim.scenario.parameters import Parameters, parameter
from sim.study.evidence import Evidence, grouped

CROSSROADS = Path(__file__).parents[2] / "scenarios" / "crossroads.yaml"
ADDED = """
sources:
  F: {text: what a traveller noted, rows: {F1: Stonegate is full, F2: Ottersby fell on day 3, F3: It rained}}
  survey: a survey of the roads
targets:
  T1: {title: Ottersby falls in time, outcome: ottersby.fall_day, facts: [F2], share_within: [2, 4], at_least: 0.5}
rules: {march: {pace: 2}}
"""


@dataclasses.dataclass(frozen=True)
class March(Parameters):
    pace: float = parameter(1, "1", "how fast", bounds=(0, 9), basis="F3")
    rest: float = parameter(1, "1", "how long they rest", bounds=(0, 9), basis="assumed; direction from F3")
    halt: float = parameter(1, "1", "how often they halt", bounds=(0, 9), basis="reported ZZ7: of another war")


@pytest.fixture
def chain(tmp_path: Path) -> Evidence:
    from sim.scenario.read import read

    text = CROSSROADS.read_text().replace(
        "place: stonegate, strength: 1600,", "place: stonegate, strength: {value: 1600, basis: F1},"
    )
    text = text.replace(
        "aircraft: 8, sorties: 1.5,", "aircraft: 8, sorties: 1.5, basis: {aircraft: assumed; direction from F1},"
    )
    text = text.replace("km: 38, class: primary}", "km: {value: 38, basis: survey}, class: primary}")
    (tmp_path / "s.yaml").write_text(text + ADDED)
    return Evidence(read(tmp_path / "s.yaml", {"march": March}), {"march": March})


def test_from_a_fact_to_what_it_feeds_and_what_checks_it(chain: Evidence) -> None:
    used = {use.fact.id: ([value.path for value in use.values], use.targets) for use in chain.used}
    assert used == {
        "F1": (["air.l_wing.aircraft", "formations.h_2.strength"], []),
        "F2": ([], ["T1"]),
        "F3": (["rules.march.rest"], []),
        "survey": (["roads.arnfell-stonegate.km"], []),
    }
    assert chain.unused == []
    assert chain.to_json("F2")["facts"] == [
        {"id": "F2", "says": "Ottersby fell on day 3", "values": [], "groups": {}, "targets": ["T1"]}
    ]


def test_from_a_value_to_what_it_rests_on(chain: Evidence) -> None:
    kinds = {value.path: (value.kind, value.basis.cites) for value in chain.values}
    assert kinds["formations.h_2.strength"] == ("sourced", ("F1",))
    assert kinds["air.l_wing.aircraft"] == ("directed", ("F1",))
    assert kinds["air.l_wing.sorties"] == ("assumed", ())
    assert kinds["formations.h_1.supply"] == ("default", ())
    assert kinds["roads.arnfell-stonegate.km"] == ("sourced", ("survey",))
    assert kinds["rules.march.pace"] == ("assumed", ()), "the scenario overrides the default without a basis"
    assert kinds["rules.march.rest"] == ("directed", ("F3",))
    assert kinds["rules.march.halt"] == ("assumed", ()), "evidence of another war"
    assert "formations.h_1.name" not in kinds and "targets.T1.at_least" not in kinds
    assert chain.by_kind["sourced"] == 2 and chain.by_kind["directed"] == 2
    assert sum(chain.by_kind.values()) == len(chain.values) == len(kinds)


def test_assumptions_are_counted_by_section_and_field(chain: Evidence) -> None:
    counts = grouped(chain.of(["assumed"]))
    assert counts["roads.*.km"] == 7, "one of eight is surveyed"
    assert counts["rules.march.*"] == 2
    assert counts["formations.*.strength"] == 9
    assert sum(counts.values()) == chain.by_kind["assumed"]
    assert list(counts.values()) == sorted(counts.values(), reverse=True)


def test_a_fact_that_nothing_uses_is_found(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(CROSSROADS.read_text() + ADDED.replace("rules: {march: {pace: 2}}", ""))
    found = Evidence(load(tmp_path / "s.yaml"), RULEBOOK)
    assert [use.fact.id for use in found.unused] == ["F1", "F3", "survey"]
