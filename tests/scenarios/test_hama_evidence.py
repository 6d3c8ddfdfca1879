"""Every value of hama-2024 rests on something that can be looked up: a row of seeds/, a named source, or `assumed`."""

from __future__ import annotations

import datetime
import pathlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

ROOT = pathlib.Path(__file__).parents[2]
MAIN = ROOT / "scenarios" / "hama-2024.yaml"
FILES = [MAIN, *sorted((ROOT / "scenarios" / "hama-2024").glob("*.yaml"))]
SEEDS = sorted((ROOT / "seeds").glob("*.yaml"))
ROW = re.compile(r"\b(?:SF|CT|R[A-Z])\d+\b")
CUT_OFF = datetime.date(2024, 12, 5)


def load(path: pathlib.Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def bases(node: Any) -> Iterator[str]:
    """All texts under keys named `basis`."""
    if isinstance(node, list):
        for item in node:
            yield from bases(item)
    elif isinstance(node, dict):
        for key, child in node.items():
            if key == "basis":
                yield from child.values() if isinstance(child, dict) else [child]
            else:
                yield from bases(child)


def rows() -> list[dict[str, Any]]:
    return [row for file in SEEDS for part in load(file).values() if isinstance(part, list) for row in part]


IDS = {row["id"] for row in rows()}
SOURCES = set(load(MAIN)["sources"])


def is_grounded(text: str) -> bool:
    """Whether a basis starts with what it rests on, and cites only rows that exist."""
    cited = ROW.findall(text)
    opens = re.match(r"assumed\b|literature: \S|press: \S|geonames\b", text)
    return set(cited) <= IDS and bool(opens or text in SOURCES or (cited and text.startswith(cited[0])))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_basis_can_be_looked_up(file: pathlib.Path) -> None:
    texts = list(bases(load(file)))
    assert texts
    assert [text for text in texts if not is_grounded(text)] == []


@pytest.mark.parametrize("text", ["SF999", "guess", "somebody said SF01", "assumed; direction from RP99", "press:", ""])
def test_a_basis_that_leads_nowhere_is_noticed(text: str) -> None:
    assert not is_grounded(text)


def test_fields_with_a_basis_exist() -> None:
    """A basis for a field that the entity does not give would be a slip of the pen."""

    def slips(node: Any, path: str) -> Iterator[str]:
        if isinstance(node, dict):
            named = node.get("basis")
            yield from (f"{path}.{field}" for field in (named if isinstance(named, dict) else ()) if field not in node)
            for key, child in node.items():
                yield from slips(child, f"{path}.{key}")

    assert [slip for file in FILES for slip in slips(load(file), file.stem)] == []


def test_seed_rows_have_ids_of_their_own_and_a_source() -> None:
    every = rows()
    assert len(IDS) == len(every) == 72 + 12 + 94 + 94
    assert all(row.get("source") or row.get("origin") for row in every if not row["id"].startswith("CT"))


def test_targets_cite_facts_that_exist() -> None:
    article = load(ROOT / "seeds" / "article.yaml")
    assert len(article["calibration_targets"]) == 12
    assert all(set(target["facts"]) <= IDS for target in article["calibration_targets"])


def test_nothing_reported_is_dated_after_the_cut_off() -> None:
    reported = load(ROOT / "seeds" / "reported.yaml")
    dates = [row.get("date", row.get("as_of")) for part in reported.values() if isinstance(part, list) for row in part]
    known = [date for date in dates if isinstance(date, datetime.date)]
    assert len(known) > 50
    assert max(known) <= CUT_OFF == reported["cut_off"]


def test_no_event_or_column_is_dated_after_the_cut_off() -> None:
    events = load(ROOT / "scenarios" / "hama-2024" / "events.yaml")["events"]
    columns = load(ROOT / "scenarios" / "hama-2024" / "reinforcements.yaml")["reinforcements"]
    dates = [event["when"]["date"] for event in events.values() if "date" in event["when"]]
    dates += [column["date"] for column in columns.values()]
    assert len(dates) > 12
    assert max(str(date)[:10] for date in dates) <= CUT_OFF.isoformat()
