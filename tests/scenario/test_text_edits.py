"""Single values are changed in the text of a file; comments, order and all else stay as they are."""

from __future__ import annotations

import pathlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.scenario.errors import Mark, Problem
from sim.scenario.rows import Rows
from sim.scenario.text_edits import NoEdit, table_rows, with_table_value, with_yaml_value, yaml_rows
from sim.scenario.yaml_reader import parse

ROOT = pathlib.Path(__file__).parents[2]
TEXT = """\
# Ünsere Leute
formations:
  a: {name: A, side: north, kind: light,  # a comment
      strength: {value: 700, range: [600, 800], basis: "press: x"}, morale: 0.50}
  b:
    name: B  # who
    # how many
    strength: 300
    depot: {stock: 1}
roads:
  - {between: [x, y], km: 8}  # steep
"""


def changed(name: str, column: str, said: str, text: str = TEXT, section: str = "formations") -> str:
    problems: list[Problem] = []
    rows = Rows(section, "s.yaml", problems)
    found = rows.column(column, Mark("s.yaml"))
    assert found is not None, problems
    return with_yaml_value(text, section, tuple(name.split()), found, rows.types(found), said)


@pytest.mark.parametrize(
    ("name", "column", "said", "before", "after"),
    [
        ("a", "morale", "0.6", "morale: 0.50", "morale: 0.6"),
        ("a", "strength", "750", "value: 700", "value: 750"),
        ("a", "name", "1st: the A", "name: A,", "name: '1st: the A',"),
        ("a", "name", "7", "name: A,", "name: '7',"),
        ("a", "mobile", "false", "morale: 0.50}", "morale: 0.50, mobile: false}"),
        ("b", "strength", "301", "strength: 300", "strength: 301"),
        ("b", "kind", "elite", "    strength: 300\n", "    strength: 300\n    kind: elite\n"),
        ("a", "morale", "", ", morale: 0.50}", "}"),
        ("a", "kind", "", "kind: light,  # a", "# a"),
        ("b", "strength", "", "    strength: 300\n", ""),
        ("b", "name", "", "name: B  # who", "  # who"),
        ("a", "toward", "", "x", "x"),  # nothing was there
    ],
)
def test_a_value_is_changed_added_and_taken_away(name: str, column: str, said: str, before: str, after: str) -> None:
    assert before in TEXT
    assert changed(name, column, said) == TEXT.replace(before, after)


def test_roads_are_known_by_their_ends() -> None:
    assert changed("x y", "km", "9.5", section="roads") == TEXT.replace("km: 8", "km: 9.5")
    assert changed("x y", "class", "track", section="roads") == TEXT.replace("km: 8", "km: 8, class: track")
    assert yaml_rows(TEXT, "roads")[0] == (("x", "y"), {"km": "8"})


def test_fields_within_fields() -> None:
    text = "places:\n  p: {name: P, depot: {stock: 1}, communities: {u: 0.5}}\n"
    more = changed("p", "depot.equipment", "5", text, "places")
    assert "depot: {stock: 1, equipment: 5}" in more
    assert changed("p", "communities.v", "0.5", text, "places").endswith("{u: 0.5, v: 0.5}}\n")
    assert "P, depot: {stock: 2}}" in changed("p", "depot.stock", "2", "places:\n  p: {name: P}\n", "places")
    assert yaml_rows(text, "places")[0].values == {"name": "P", "depot.stock": "1", "communities.u": "0.5"}


def test_long_lines_go_on_below() -> None:
    text = "formations:\n  a: {name: " + "x" * 90 + "}\n"
    assert changed("a", "strength", "1200", text) == text.replace("x}", "x,\n    strength: 1200}")


def test_what_cannot_be_done_is_one_sentence() -> None:
    shared = "formations:\n  a: {morale: &m 0.5}\n  b: {morale: *m}\n"
    with pytest.raises(NoEdit, match=r"`morale` is written elsewhere in the file"):
        changed("b", "morale", "0.6", shared)
    assert changed("b", "kind", "elite", shared).endswith("b: {morale: *m, kind: elite}\n")
    with pytest.raises(NoEdit, match="'c' is not written out in this file"):
        changed("c", "morale", "0.6")
    with pytest.raises(NoEdit, match="mend it first"):
        changed("a", "morale", "0.6", "formations: {a: [")


def test_tables_keep_their_notes_delimiters_and_other_rows() -> None:
    text = '# a note\nid;name;strength\na;"A; one";700\n\nb;B\n'
    assert with_table_value(text, ("a",), "strength", "800") == text.replace("700", "800")
    assert with_table_value(text, ("b",), "strength", "9") == text.replace("b;B", "b;B;9")
    assert with_table_value(text, ("a",), "morale", "0.5") == text.replace("strength", "strength;morale").replace(
        "700", "700;0.5"
    )
    assert with_table_value("from,to,km\r\nx,y,8\r\n", ("x", "y"), "km", "") == "from,to,km\r\nx,y,\r\n"
    assert table_rows(text)[0] == (("a",), {"name": "A; one", "strength": "700"})
    with pytest.raises(NoEdit, match="'c' is no row of this table"):
        with_table_value(text, ("c",), "strength", "1")


COLUMNS = ["strength", "morale", "name", "mobile", "toward", "depot.stock", "note"]


@given(st.sampled_from(["a", "b"]), st.sampled_from(COLUMNS[:5] + COLUMNS[6:]), st.text("aä0.: #'\"{},-", max_size=8))
def test_whatever_is_said_is_read_back_and_nothing_else_changes(name: str, column: str, said: str) -> None:
    said = said.strip()
    new = changed(name, column, said)
    rows, old = ({row.keys[0]: row.values for row in yaml_rows(text, "formations")} for text in (new, TEXT))
    assert rows[name].get(column, "") == said
    assert {**rows[name], column: ""} == {**old[name], column: ""}
    assert {other: rows[other] for other in rows if other != name} == {
        other: old[other] for other in old if other != name
    }
    assert all(note in new for note in ("# Ünsere Leute", "# a comment", "# who", "# how many", "# steep"))
    parse(new, "s.yaml", [])
