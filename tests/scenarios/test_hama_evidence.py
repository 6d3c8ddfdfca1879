"""Every value of hama-2024 rests on something that can be looked up, and nothing in it is later than the article."""

from __future__ import annotations

import datetime
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from sim.engine.load import load
from sim.rules.rulebook import RULEBOOK
from sim.scenario.basis import claims
from sim.scenario.sources import missing_row, parse_basis
from sim.scenario.yaml_reader import leaves
from sim.study.evidence import Evidence

ROOT = pathlib.Path(__file__).parents[2]
MAIN = ROOT / "scenarios" / "hama-2024.yaml"
FILES = [MAIN, *sorted((ROOT / "scenarios" / "hama-2024").glob("*.yaml"))]
CUT_OFF = datetime.date(2024, 12, 5)
LOADED = load(MAIN)
PARAMETERS = [
    (f"{rule}.{name}", declared.basis)
    for rule, parameters in RULEBOOK.items()
    for name, declared in parameters.declared().items()
]


def rows_of(path: pathlib.Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_every_value_has_a_basis_that_says_what_it_rests_on() -> None:
    sources = LOADED.scenario.sources
    assert {path: text for path, text in LOADED.basis.items() if parse_basis(text, sources) is None} == {}
    claiming = {LOADED.locator.dotted(path) for path, _ in leaves(LOADED.document) if claims(path)}
    assert len(claiming) > 3000
    assert claiming == LOADED.basis.keys()


@pytest.mark.parametrize(("name", "text"), PARAMETERS, ids=[name for name, _ in PARAMETERS])
def test_every_default_of_a_rule_rests_on_something_that_can_be_looked_up(name: str, text: str) -> None:
    basis = parse_basis(text, LOADED.scenario.sources)
    assert basis is not None, text
    assert [
        trouble for id_ in basis.cites if (trouble := missing_row(id_, LOADED.scenario.sources, LOADED.facts))
    ] == []
    assert basis.kind in ("sourced", "literature", "definition", "assumed")
    assert basis.kind != "sourced" or basis.cites, "a default that claims a source names it"


def test_the_trace_leads_from_the_facts_to_the_values_and_back() -> None:
    chain = Evidence(LOADED, RULEBOOK)
    assert sum(chain.by_kind.values()) == len(chain.values)
    assert chain.by_kind["sourced"] > 150 and chain.by_kind["directed"] > 250
    for value in chain.values:
        assert all(value in chain.uses[name].values for name in value.basis.cites)
    convoy = [value.path for value in chain.uses["SF21"].values]
    assert {"reinforcements.e_1204_convoy.date", "rules.movement.march_hours"} <= set(convoy)


def test_what_rests_on_a_fact_alone_has_nothing_assumed_in_it() -> None:
    """A basis that begins with a fact and goes on to say that the size is assumed would overstate."""
    sources = LOADED.scenario.sources
    texts = {**LOADED.basis, **{name: text for name, text in PARAMETERS}}
    kinds = {path: basis.kind for path, text in texts.items() if (basis := parse_basis(text, sources)) is not None}
    overstated = {path: text for path, text in texts.items() if kinds.get(path) == "sourced" and "assum" in text}
    assert overstated == {}


def test_each_fact_of_the_article_is_used_or_said_to_be_unused() -> None:
    chain = Evidence(LOADED, RULEBOOK)
    expected = rows_of(ROOT / "scenarios" / "hama-2024" / "expectations.yaml")["expectations"]
    checked = {fact for target in LOADED.scenario.targets.values() for fact in target.facts}
    checked |= {fact for row in expected for fact in row["facts"]}
    used = checked | {name for name, use in chain.uses.items() if use.values}
    said = {name: (fact.model or "").startswith("not used") for name, fact in LOADED.facts.items() if name[:2] == "SF"}
    assert {name for name, unused in said.items() if not unused} - used == set()
    assert {name for name, unused in said.items() if unused} & used == set()


def test_fields_with_a_basis_exist() -> None:
    """A basis for a field that the entity does not give would be a slip of the pen."""

    def slips(node: Any, path: str) -> Iterator[str]:
        if isinstance(node, dict):
            named = node.get("basis")
            yield from (f"{path}.{field}" for field in (named if isinstance(named, dict) else ()) if field not in node)
            for key, child in node.items():
                yield from slips(child, f"{path}.{key}")

    assert [slip for file in FILES for slip in slips(rows_of(file), file.stem)] == []


def test_seed_rows_have_ids_of_their_own_and_a_source() -> None:
    assert len(LOADED.facts) > 200
    assert [name for name, fact in LOADED.facts.items() if not (fact.says and (fact.source or name[:2] == "CT"))] == []


def test_every_fact_of_the_article_says_how_its_source_leans_and_where_the_model_answers() -> None:
    article = {name: fact for name, fact in LOADED.facts.items() if name.startswith("SF")}
    assert [name for name, fact in article.items() if not (fact.slant and fact.model and fact.bears_on)] == []
    contested = {name for name, fact in article.items() if fact.contested}
    party = {
        name for name, fact in article.items() if fact.slant in ("voice of the government", "voice of the opposition")
    }
    # What a party to the war alone says is contested, unless it is its own public act.
    assert party - contested == {"SF34", "SF51", "SF52"}


def test_targets_of_the_article_rest_on_its_facts_and_each_is_checked() -> None:
    rows = rows_of(ROOT / "seeds" / "article.yaml")["calibration_targets"]
    targets = rows_of(ROOT / "scenarios" / "hama-2024" / "targets.yaml")["targets"]
    facts = {name: set(target["facts"]) for name, target in targets.items()}
    assert all(cited <= LOADED.facts.keys() for cited in facts.values())
    for row in rows:
        assert set(row["facts"]) <= LOADED.facts.keys()
        checked = set().union(*(cited for name, cited in facts.items() if name.startswith(row["id"])))
        assert {row["id"], *row["facts"]} <= checked, row["id"]
    assert all(name[:2] in ("CT", "OC") for name in targets)


def test_nothing_reported_is_dated_after_the_cut_off() -> None:
    reported = rows_of(ROOT / "seeds" / "reported.yaml")
    dates = [row.get("date", row.get("as_of")) for part in reported.values() if isinstance(part, list) for row in part]
    known = [date for date in dates if isinstance(date, datetime.date)]
    assert len(known) > 50
    assert max(known) <= CUT_OFF == reported["cut_off"]


def test_no_event_or_column_is_dated_after_the_cut_off() -> None:
    events = rows_of(ROOT / "scenarios" / "hama-2024" / "events.yaml")["events"]
    columns = rows_of(ROOT / "scenarios" / "hama-2024" / "reinforcements.yaml")["reinforcements"]
    dates = [event["when"]["date"] for event in events.values() if "date" in event["when"]]
    dates += [column["date"] for column in columns.values()]
    assert len(dates) > 12
    assert max(str(date)[:10] for date in dates) <= CUT_OFF.isoformat()
