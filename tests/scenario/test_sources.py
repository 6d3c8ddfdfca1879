"""Evidence: how a basis is read, where rows may stand, and what is said of a citation that leads nowhere."""

from __future__ import annotations

import pathlib

import pytest

from sim.scenario.errors import ScenarioError
from sim.scenario.read import read
from sim.scenario.sources import parse_basis
from tests.scenario.small_scenario import RULEBOOK, SMALL, Load

SOURCES = ["SF", "RP", "geonames"]
ROWS = """
facts:
- {id: SF1, statement: One, source: a monitor, contested: true, slant: none, bears_on: [will], date: 2024-12-01}
- {id: SF3, says: Three}
- {id: SF4, what: Four}
- {id: SF8, dead: 8}
others: [{id: SF9, note: Nine}, {id: RP1, says: One of another kind}, {id: SF21, says: x}, {id: SF5, says: y}]
"""
BY_FILE = SMALL[: SMALL.index("sources:")]


@pytest.mark.parametrize(
    ("text", "kind", "cites"),
    [
        ("SF21", "sourced", ("SF21",)),
        ("SF21, RP3; the size is assumed", "sourced", ("SF21", "RP3")),
        ("article SF08, SF12", "sourced", ("SF08", "SF12")),
        ("reported RP: 30-110 km/day", "sourced", ("RP",)),
        ("geonames", "sourced", ("geonames",)),
        ("press: a daily of 3 May", "sourced", ()),
        ("public estimates, 1.4 to 1.8 million", "sourced", ()),
        ("assumed", "assumed", ()),
        ("assumed; direction from SF05, SF25", "assumed", ("SF05", "SF25")),
        ("assumed (prototype)", "assumed", ()),
        ("literature: Deitchman 1962", "literature", ()),
        ("by definition: open ground", "definition", ()),
        ("default", "default", ()),
        ("variant strong", "chosen", ()),
        ("set by the user", "chosen", ()),
    ],
)
def test_a_basis_says_what_kind_it_is_and_what_it_cites(text: str, kind: str, cites: tuple[str, ...]) -> None:
    found = parse_basis(text, SOURCES)
    assert found is not None
    assert (found.kind, found.cites) == (kind, cites)


@pytest.mark.parametrize(
    "text", ["guess", "somebody said SF01", "", "press:", "literature:", "assumedly", "defaults", "T-55"]
)
def test_a_basis_that_starts_with_nothing_known_is_none(text: str) -> None:
    assert parse_basis(text, SOURCES) is None


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "basis: SF21",
            "basis: SF2l",
            "30:29: formations.north_1.strength.basis: 'SF2l' says nothing known; a basis starts",
        ),
        (
            "basis: SF21",
            "basis: SF22",
            "30:29: formations.north_1.strength.basis: there is no row 'SF22'; did you mean SF21?",
        ),
        (
            "basis: SF3",
            "basis: assumed; direction from SF33",
            "40:5: formations.guard.basis: there is no row 'SF33'; did",
        ),
        ("basis: SF3", "basis: {strength: XX3}", "40:13: formations.guard.basis.strength: no source has a row 'XX3'"),
        ("basis: SF3", "basis: {strength: SF3 and XX3}", "no source has a row 'XX3'; the sources are SF"),
        (
            "basis: SF9",
            "basis: SF99",
            "variants.strong.set.formations.guard.strength.basis: there is no row 'SF99'; did you mean SF9?",
        ),
        ("basis: SF3", "basis: asumed", "did you mean assumed?"),
    ],
)
def test_a_citation_that_leads_nowhere_stops_at_the_door(old: str, new: str, says: str, load: Load) -> None:
    with pytest.raises(ScenarioError) as error:
        load(SMALL.replace(old, new))
    (problem,) = error.value.problems
    assert says in str(problem)


def test_a_setting_may_cite_too(load: Load) -> None:
    assert (
        load(set={"formations.guard.morale": {"value": 0.3, "basis": "SF4"}}).basis["formations.guard.morale"] == "SF4"
    )
    with pytest.raises(ScenarioError, match="there is no row 'SF44'; did you mean SF4"):
        load(set={"formations.guard.morale": {"value": 0.3, "basis": "SF44"}})


def test_a_source_in_plain_words_has_no_rows_to_look_up(load: Load) -> None:
    loaded = load(BY_FILE + "sources: {SF: what was seen}\n")
    assert loaded.facts == {}
    with pytest.raises(ScenarioError, match="no source has a row 'SF1'; the scenario has no `sources`"):
        load(BY_FILE)


@pytest.mark.parametrize("name", ["rows.yaml", "deeper/rows.yaml", "../seeds/rows.yaml"])
def test_rows_stand_in_the_folder_of_the_scenario_or_in_seeds_beside_it(name: str, tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "scenarios"
    for path in (folder / "s.yaml", folder / name):
        path.parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(ROWS)
    (folder / "s.yaml").write_text(BY_FILE + f"sources: {{SF: {{text: seen, file: {name}}}}}\n")
    loaded = read(folder / "s.yaml", RULEBOOK)
    assert sorted(loaded.facts) == ["SF1", "SF21", "SF3", "SF4", "SF5", "SF8", "SF9"]
    one = loaded.facts["SF1"]
    assert (one.says, one.source, one.contested, one.bears_on) == ("One", "a monitor", True, ("will",))
    assert (one.date, loaded.facts["SF8"].says, loaded.facts["SF3"].contested) == ("2024-12-01", "dead 8", False)
    # As it was fought it keeps the words, and needs the file no more.
    (folder / name).unlink()
    (tmp_path / "again.yaml").write_text(loaded.as_yaml())
    again = read(tmp_path / "again.yaml", RULEBOOK)
    assert again.scenario == loaded.scenario and again.as_yaml() == loaded.as_yaml()
    assert again.facts["SF4"].says == "Four"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("/etc/passwd", "'/etc/passwd' lies neither in the scenario's folder nor in a folder `seeds` beside it"),
        ("../other/rows.yaml", "lies neither in"),
        ("../seeds/../other/rows.yaml", "lies neither in"),
        ("../seeds/link.yaml", "lies neither in"),
        ("../seeds/row.yaml", "there is no such file; did you mean"),
        ("../seeds", "is a folder"),
        ("../seeds/broken.yaml", "cannot be read"),
        ("../seeds/twice.yaml", "the id SF1 stands twice"),
        ("../seeds/none.yaml", "has no row whose id is SF and a number, like SF1"),
    ],
)
def test_a_file_of_rows_that_cannot_be_used_is_refused(name: str, says: str, tmp_path: pathlib.Path) -> None:
    for folder in ("scenarios", "seeds", "other"):
        (tmp_path / folder).mkdir()
    (tmp_path / "other" / "rows.yaml").write_text(ROWS)
    (tmp_path / "seeds" / "rows.yaml").write_text(ROWS)
    (tmp_path / "seeds" / "link.yaml").symlink_to(tmp_path / "other" / "rows.yaml")
    (tmp_path / "seeds" / "broken.yaml").write_text("a: [")
    (tmp_path / "seeds" / "twice.yaml").write_text("a: [{id: SF1}, {id: SF1}]")
    (tmp_path / "seeds" / "none.yaml").write_text("a: [{id: RP1}]")
    (tmp_path / "scenarios" / "s.yaml").write_text(BY_FILE + f"sources: {{SF: {{text: seen, file: {name}}}}}\n")
    with pytest.raises(ScenarioError) as error:
        read(tmp_path / "scenarios" / "s.yaml", RULEBOOK)
    (problem,) = error.value.problems
    assert says in str(problem)
    assert (problem.path, problem.line, problem.column) == ("sources.SF.file", BY_FILE.count("\n") + 1, 28)
