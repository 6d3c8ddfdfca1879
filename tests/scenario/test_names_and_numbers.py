"""Names and numbers as people write them: what was meant is told, and nothing is taken for something else."""

from __future__ import annotations

import difflib
import json
import re
from typing import Any

import pytest
import yaml

from sim.scenario.errors import ScenarioError
from sim.scenario.names import FEW, is_one_typo, nearest
from sim.scenario.read import read
from tests.conftest import CROSSROADS
from tests.scenario.small_scenario import RULEBOOK, SMALL, Load


def said(load: Load, text: str, **options: Any) -> str:
    with pytest.raises(ScenarioError) as caught:
        load(text, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('"0,6"', "0.6"),
        ("8,5", "8.5"),
        ("-0,7", "-0.7"),
        ("0,125", "0.125"),
        ("1.234,5", "1234.5"),
        ("1_000", "1000"),
        ("1,234,567", "1234567"),
        ("1 200", "1200"),
        ("1,200", "1200 or 1.200"),
        ("60%", "0.6"),
        ("5 km", "5"),
        ("'500'", "500 without quotes"),
    ],
)
def test_a_number_in_another_notation_is_understood(written: str, meant: str, load: Load) -> None:
    message = said(load, SMALL.replace("strength: 500", f"strength: {written}"))
    assert message.endswith(f"did you mean {meant}?"), message


@pytest.mark.parametrize("written", ["1.2.3", "12:30", "1,2,3", "x5", "e5"])
def test_what_is_no_number_gets_no_suggestion(written: str, load: Load) -> None:
    message = said(load, SMALL.replace("strength: 500", f"strength: '{written}'"))
    assert "should be a number" in message and "did you mean" not in message


def test_a_decimal_comma_that_split_a_value_is_recognised(load: Load) -> None:
    message = said(load, SMALL.replace("lat: 35, lon: 36.5", "lat: 35,25, lon: 36.5"))
    assert message.endswith(
        "places.east.25: a comma ends a value here; a number has a decimal point; did you mean lat: 35.25?"
    )
    message = said(load, SMALL.replace("{blue: 0.5}", "{blue: 0,5}"))
    assert "did you mean blue: 0.5?" in message


@pytest.mark.parametrize(
    ("stands", "instead"),
    [
        ("    will: 0.7", "    colour: #D55E00\n    will: 0.7"),
        ("    name: Red", "    name: #1 Army"),
        ("{name: East, lat", "{name: #East, lat"),
        ("{name: Friend, backs", "{name: x, basis: #note\n    , backs"),
    ],
)
def test_text_that_begins_with_a_hash_needs_quotes(stands: str, instead: str, load: Load) -> None:
    message = said(load, SMALL.replace(stands, instead))
    assert "# begins a comment" in message or "# needs quotes" in message, message


@pytest.mark.parametrize("digits", ["009E73", "123456", "0x112233"])
def test_a_colour_of_digits_is_still_told_to_be_a_colour(digits: str, load: Load) -> None:
    message = said(load, SMALL.replace("    will: 0.7", f"    colour: {digits}\n    will: 0.7"))
    assert "sides.red.colour: should be a colour like '#3366cc', in quotes" in message


def test_a_value_that_is_not_there_is_told_even_where_none_is_allowed(load: Load) -> None:
    message = said(load, SMALL.replace("    will: 0.7", "    capital:\n    will: 0.7"))
    assert message.endswith("11:5: sides.red.capital: is empty; give a value, write null for none, or leave it out")
    assert (
        load(SMALL.replace("    will: 0.7", "    capital: null\n    will: 0.7")).scenario.sides["red"].capital is None
    )


def test_an_empty_entry_in_a_patch_removes_nothing(load: Load) -> None:
    for text in ("formations: {guard: }\n", "formations:\n  guard:\n", "variants: {strong: {set: {rules.morale: }}}\n"):
        assert "is empty" in said(load, f"extends: base.yaml\n{text}", files={"base.yaml": SMALL})
    without = load("extends: base.yaml\nvariants: null\n", files={"base.yaml": SMALL})
    assert not without.scenario.variants


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("events.scandal.when", "events.scandal.when: is missing"),
        ("events.scandal.effects", "events.scandal.effects: is missing"),
        ("formations.l_1.kind", "formations.l_1.kind: is missing"),
        ("places", "places: is missing"),
        ("clock", ""),
    ],
)
def test_what_a_variant_removes_must_be_something_that_may_be_missing(tmp_path, path, said):
    file = tmp_path / "s.yaml"
    removes = f"variants: {{v: {{title: V, set: {{{path}: null}}}}}}\n"
    lines = CROSSROADS.read_text("utf-8").splitlines(keepends=True)
    file.write_text("".join(removes if line.startswith("variants:") else line for line in lines), "utf-8")
    if not said:
        assert "v" in read(file, RULEBOOK).scenario.variants
        return
    with pytest.raises(ScenarioError, match=re.escape(said)):
        read(file, RULEBOOK)


def test_json_with_letters_of_two_escapes_is_read(load: Load) -> None:
    data = yaml.safe_load(SMALL.replace("2024-11-27T00:00", "'2024-11-27'"))
    data["places"]["west"]["name"] = "West \U00012000\U0001f6e1 \\ud83d é"
    text = json.dumps(data)
    assert "\\ud808\\udc00" in text
    assert load(text).scenario.places["west"].name == data["places"]["west"]["name"]
    lone = text.replace("\\ud808\\udc00", "\\ud808")
    assert "\\ud808 is one half of a letter that takes two escapes" in said(load, lone)


def test_ids_that_a_file_reads_as_something_else_are_refused(load: Load) -> None:
    for name in ("note", "basis", "value", "name", "range"):
        message = said(load, SMALL.replace("  guard:\n", f"  {name}:\n"))
        assert f"'{name}' cannot be an id" in message or "a value with its basis" in message
    arriving = """\
reinforcements:
  guard: {name: G, side: red, kind: light, date: 2024-11-28, origin: east, place: west, strength: 5}
"""
    message = said(load, SMALL + arriving)
    assert "reinforcements.guard: 'guard' is the id of a formation too (" in message and ":32:3)" in message


def test_a_misspelt_community_is_a_mistake(load: Load) -> None:
    text = SMALL.replace("control: red}", "control: red, communities: {hillfolk: 0.5}}")
    with_side = text.replace("will: 0.7", "will: 0.7\n    communities: {hilfolk: 0.4}")
    assert "sides.red.communities.hilfolk: no place has a community 'hilfolk'; did you mean hillfolk?" in said(
        load, with_side
    )
    assert "did you mean hillfolk?" in said(load, text.replace("morale: 0.6", "morale: 0.6\n    community: hillfok"))
    assert load(text.replace("morale: 0.6", "morale: 0.6\n    community: foreign")).scenario
    over = text.replace("{hillfolk: 0.5}", "{hillfolk: 0.7, rivermen: 0.4}")
    assert "shares of the people come to 1.1, which is over 1" in said(load, over)


def test_events_that_wait_for_each_other_are_told(load: Load) -> None:
    ring = SMALL.replace("{day: 3, hazard: 0.1,", "{after: b,").replace(
        "uncertainty:",
        "  b: {title: B, when: {after: c}, effects: [{ceasefire: 1}]}\n"
        "  c: {title: C, when: {after: talks}, effects: [{ceasefire: 1}]}\nuncertainty:",
    )
    message = said(load, ring)
    assert message.count("\n") == 0
    assert "'talks' waits for 'b', which waits for 'c', which waits for 'talks', so none of them can happen" in message


@pytest.mark.parametrize(
    ("stands", "instead", "message"),
    [
        ("rules.morale.contagion: 0.2", "rules.moral.contagion: 0.2", "there is no rule 'moral'; did you mean morale?"),
        ("rules.morale.contagion: 0.2", "rules.olitics.x: null", "is null, which removes a value, but there is none"),
        ("rules.morale.contagion: 0.2", "rules.morale.contagion: 7", "must be from 0 to 1 (1/day), but is 7"),
        (
            "rules.morale.contagion: 0.2",
            "uncertainty.formations.gaurd.strength: null",
            "there is none; did you mean formations.guard.strength?",
        ),
        ("rules.morale.contagion: 0.2", "places.east.control: bleu", "there is no side 'bleu'; did you mean blue?"),
        ("rules.morale.contagion: 0.2", "sides.red.will: high", "should be a number, but is the text 'high'"),
        ("rules.morale.contagion: 0.2", "roads.west-east.km: -3", "must be at least 0.1, but is -3"),
        ("rules.morale.contagion: 0.2", "formations.north_1: {nam: x}", "unknown key; did you mean name?"),
        ("rules.morale.contagion: 0.2", "clock: {day: 3}", "unknown key; did you mean days?"),
        ("rules.morale.contagion: 0.2", "sources.A: other", "'sources.A' can only be changed in the scenario's file"),
    ],
)
def test_a_variant_is_checked_whether_or_not_it_is_asked_for(
    stands: str, instead: str, message: str, load: Load
) -> None:
    assert stands in SMALL
    found = said(load, SMALL.replace(stands, instead))
    assert message in found and ":54:" in found


def test_a_mistake_of_the_scenario_is_not_told_again_for_each_variant(load: Load) -> None:
    assert said(load, SMALL.replace("    side: red", "    side: rde")).count("\n") == 0


def test_suggestions_among_thousands_are_the_best_and_compare_few(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"node_{i}" for i in range(2000)]
    compared = []
    matches = difflib.get_close_matches

    def counted(word: str, possibilities: list[str], **options: Any) -> list[str]:
        compared.append(len(possibilities))
        return matches(word, possibilities, **options)

    monkeypatch.setattr(difflib, "get_close_matches", counted)
    assert [nearest(f"osm_node_{i}", names) for i in range(1500)] == names[:1500]
    assert max(compared) <= FEW
    assert [nearest(f"osm_node_{i}", names[: i + 5]) for i in range(15)] == names[:15]


def test_of_very_many_mistakes_some_are_listed_and_the_others_counted(load: Load) -> None:
    message = said(load, SMALL + "".join(f"k{i}: 1\n" for i in range(6000)))
    assert message.count("unknown key") == 5000 and "1,000 more mistakes are not listed" in message


def test_a_file_that_is_one_value_with_its_basis_is_no_scenario(load: Load) -> None:
    assert "value: unknown key" in said(load, SMALL + "value: 1\n")
    assert "range: unknown key" in said(load, "value: 1\nrange: [0, 2]\n")


def test_an_entity_that_is_called_a_star_is_no_filter(load: Load) -> None:
    text = SMALL.replace("  guard:\n", "  '*':\n").replace("formations.guard.strength:", "formations.*.strength:")
    assert "'*' is not an id" in said(load, text)


def test_a_path_that_no_file_can_have_is_refused() -> None:
    with pytest.raises(ScenarioError, match="there is no such file"):
        read("a\0b.yaml", RULEBOOK)


def test_control_characters_never_reach_a_terminal(load: Load) -> None:
    message = said(load, SMALL.replace("    will: 0.7", '    "w\\e[2Jill\\u202e": 0.7\n    will: "\\e]0;x\\a"'))
    assert "\x1b" not in message and "\u202e" not in message and "\x07" not in message
    assert "w\\x1b[2Jill\\u202e" in message


def test_aliases_of_long_text_cannot_fill_the_memory(load: Load) -> None:
    bomb = "a: &a " + "x" * 100_000 + "\nb: [" + ",".join(["*a"] * 5000) + "]\n"
    assert "aliases in this file repeat more than" in said(load, bomb)


def test_thousands_of_doubled_keys_are_told_at_once(load: Load) -> None:
    text = "".join(f"k{i}: 1\n" for i in range(5000)) * 2
    assert said(load, text).count("the key stands twice") == 5000


@pytest.mark.parametrize(
    ("typo", "known", "meant"),
    [
        ("yb", ["to", "by", "set", "add"], "by"),
        ("mk", ["km", "name", "side", "kind"], "km"),
        ("ay", ["date", "day", "until", "if", "any"], "any"),
        ("ayn", ["date", "day", "until", "if", "any"], "any"),
        ("saf", ["sna", "sdf", "sfa"], "sfa"),
        ("aest", ["west", "east"], "east"),
        ("moral", ["morale", "moral_2", "portal"], "morale"),
        ("xyz", ["morale"], None),
        ("a", ["b", "c"], None),
    ],
)
def test_the_word_that_one_typo_makes_is_suggested_before_others(
    typo: str, known: list[str], meant: str | None
) -> None:
    assert nearest(typo, known) == meant
    many = [f"name_{i}" for i in range(100)]
    assert nearest(typo, [*many, *known]) == meant


def test_one_typo_is_one_letter_or_two_exchanged() -> None:
    for other in ("ward", "wrod", "wod", "woord", "wordx", "xword", "wor"):
        assert is_one_typo("word", other) and is_one_typo(other, "word")
    for other in ("word", "wxyd", "wo", "dorw", "wordxy", "wdro"):
        assert not is_one_typo("word", other)
