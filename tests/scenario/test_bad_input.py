"""Each mistake in a scenario gives one clear message that says where, what, and what was meant."""

from __future__ import annotations

import copy
import math
import pathlib
import tempfile
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.scenario.errors import ScenarioError
from sim.scenario.read import read
from sim.scenario.yaml_reader import dump
from tests.scenario.small_scenario import RULEBOOK, SMALL, Load

MISTAKES = [
    # what stands in the small scenario, what stands there instead, the message without the name of the file
    ("morale: 0.6", "moral: 0.6", "31:5: formations.north_1.moral: unknown key; did you mean morale?"),
    ("class: motorway", "road_class: track", "23:37: roads.west-east.road_class: unknown key; did you mean class?"),
    ("strength: 500", "strength: abc", "39:5: formations.guard.strength: should be a number, but is the text 'abc'"),
    ("strength: 500", "strength: NO", "39:5: formations.guard.strength: should be a number, but is the text 'NO'"),
    (
        "strength: 500",
        "strength: 12:30",
        "39:5: formations.guard.strength: should be a number, but is the text '12:30'",
    ),
    ("strength: 500", "strength: true", "39:5: formations.guard.strength: should be a number, but is true"),
    ("strength: 500", "strength:", "39:5: formations.guard.strength: should be a number, but is empty"),
    ("strength: 500", "strength: [5]", "39:5: formations.guard.strength: should be a number, but is a list"),
    ("strength: 500", "strength: 1_000", "the text '1_000'; did you mean 1000?"),
    ("strength: 500", "strength: '500'", "the text '500'; did you mean 500 without quotes?"),
    ("strength: 500", "strength: .nan", "39:5: formations.guard.strength: must be a finite number, but is .nan"),
    ("strength: 500", "strength: -.inf", "39:5: formations.guard.strength: must be a finite number, but is -.inf"),
    ("strength: 500", "strength: 1e999", "39:5: formations.guard.strength: must be a finite number, but is .inf"),
    ("strength: 500", "strength: -5", "39:5: formations.guard.strength: must be at least 0, but is -5"),
    ("    strength: 500\n", "", "32:3: formations.guard.strength: is missing"),
    ("morale: 0.6", "morale: 6", "31:5: formations.north_1.morale: must be at most 1, but is 6"),
    ("rear_base: true", "rear_base: NO", "21:5: places.west.rear_base: should be true or false, but is the text 'NO'"),
    (
        "will: 0.7",
        "posture: pasive",
        "should be active, passive, opportunist or dormant, but is the text 'pasive'; did you mean passive?",
    ),
    ("will: 0.7", "colour: red", "11:5: sides.red.colour: should be a colour like '#3366cc'"),
    (
        "2024-11-27T00:00",
        "20241127",
        "2:1: start: should be a date like 2024-11-27 or 2024-11-27T06:00, but is 20241127",
    ),
    ("2024-11-27T00:00", "2024-02-30", "2:1: start: should be a date like"),
    ("2024-11-27T00:00", "2024-11-27T00:00Z", "2:1: start: should be a date like"),
    ("basis: SF3", "basis: 3", "40:5: formations.guard.basis: should be text or a mapping, but is 3"),
    ("basis: SF3", "basis: {strenght: x}", "40:13: formations.guard.basis.strenght: there is no field 'strenght' here"),
    (
        "  guard:\n",
        "  north_1:\n",
        "32:3: formations.north_1: the key stands twice in this mapping; it stands first at 25:3",
    ),
    (
        "  friend:",
        "  Friend 1:",
        "13:3: sponsors.Friend 1: 'Friend 1' is not an id; an id has small letters, digits and _",
    ),
    ("value: 1200", "vale: 1200", "should be a number, but is a mapping; did you mean `value` instead of `vale`?"),
    ("basis: SF21", "bassis: SF21", "30:29: formations.north_1.strength.bassis: unknown key beside `value`"),
    ("[900, 1500]", "[1300, 1500]", "30:42: formations.north_1.strength.range: must hold the value, but 1200 is not"),
    ("[900, 1500]", "[.nan, 1500]", "30:42: formations.north_1.strength.range: should be two finite numbers"),
    ("title: Two towns", "title: [x]", "1:1: title: should be text, but is a list"),
    # names that lead nowhere
    ("[west, east]", "[west, eats]", "23:22: roads.west-eats.between.1: there is no place 'eats'; did you mean east?"),
    ("[west, east]", "[west]", "23:6: roads.0.between: has too few elements (1)"),
    ("[west, east]", "[west, west]", "23:5: roads.west-west: the road leads from west back to west"),
    (
        "kind: light",
        "kind: lihgt",
        "28:5: formations.north_1.kind: there is no kind of formation 'lihgt'; did you mean light?",
    ),
    (
        "kind: light",
        "kind: cavalry",
        "there is no kind of formation 'cavalry'; there are mechanised, light,",
    ),
    (
        "class: motorway",
        "class: motorwy",
        "roads.west-east.class: there is no road class 'motorwy'; did you mean motorway?",
    ),
    ("rear_base: true", "terrain: twon", "21:5: places.west.terrain: there is no terrain 'twon'; did you mean town?"),
    ("control: blue", "control: blu", "20:5: places.west.control: there is no side 'blu'; did you mean blue?"),
    ("    side: red", "    side: rde", "34:5: formations.guard.side: there is no side 'rde'; did you mean red?"),
    (
        "morale: 0.6",
        "sponsor: frend",
        "31:5: formations.north_1.sponsor: there is no sponsor 'frend'; did you mean friend?",
    ),
    (
        "strength: 500",
        "strength: 5\n    sponsor: friend",
        "formations.guard.sponsor: friend does not back red; it backs blue",
    ),
    (
        "toward: west",
        "toward: east",
        "37:5: formations.guard.toward: no road joins east and east; east is joined to west",
    ),
    ("km: 10\n", "km: 50\n", "38:5: formations.guard.km: the road to west is 40 km long, but km is 50"),
    (
        "    toward: west\n",
        "",
        "37:5: formations.guard.km: says how far out on a road, but no `toward` says which road",
    ),
    # contradictions
    ("{red: hostile}", "{red: neutral}", "3:1: sides: no two sides are hostile to each other"),
    (
        "    will: 0.7",
        "    stances: {blue: allied}",
        "11:15: sides.red.stances.blue: is allied, but sides.blue.stances.red",
    ),
    (
        "{red: hostile}",
        "{red: hostile, blue: allied}",
        "6:29: sides.blue.stances.blue: a side has no stance towards itself",
    ),
    (
        "sponsors:",
        "  green: {name: G}\nsponsors:",
        "12:3: sides.green: the side has no formation, no reinforcement and no",
    ),
    (
        "roads:\n",
        "  far: {name: F, lat: 1, lon: 1, control: red}\nroads:\n",
        "22:3: places.far: no road joins far to the rest",
    ),
    (
        "  - {between",
        "  - {between: [east, west], km: 3}\n  - {between",
        "24:5: roads.west-east: a road between west and east is",
    ),
    ("ceasefire: 5", "ceasefire: 5, set: a", "46:9: events.talks.effects.0: needs exactly one action"),
    ("ceasefire: 5", "scale: sides.red.will", "46:9: events.talks.effects.0: `scale` needs `by`"),
    ("ceasefire: 5", "ceasefire: 5, by: 2", "46:24: events.talks.effects.0.by: has no meaning beside `ceasefire`"),
    ("ceasefire: 5", "set: sides.red.will, to: .nan", "46:31: events.talks.effects.0.to: must be a finite number"),
    ("ceasefire: 5", "stance: [blue, red], to: freindly", "should be hostile, neutral or allied"),
    (
        ", below: 0.3",
        "",
        "44:38: events.talks.when.if.0: needs exactly one test (is, not, above or below), but has none",
    ),
    (
        "below: 0.3",
        "below: 0.3, above: 0.1",
        "needs exactly one test (is, not, above or below), but has above and below",
    ),
    ("day: 3", "day: 3, until: 2", "44:20: events.talks.when.until: ends on day 2, before it starts on day 3"),
    (
        "{day: 3, hazard: 0.1,",
        "{after: tlks, hazard: 0.1,",
        "44:12: events.talks.when.after: there is no event 'tlks'; did you mean talks?",
    ),
    ("{day: 3,", "{after: talks,", "44:12: events.talks.when.after: an event cannot wait for itself"),
    ("{day: 3,", "{after: [talks],", "44:12: events.talks.when.after: should be text, but is a list"),
    (
        "{day: 3,",
        "{delay: 2,",
        "44:12: events.talks.when.delay: has no meaning without `after`: days count from another event",
    ),
    ("{day: 3,", "{delay: -2,", "44:12: events.talks.when.delay: must be at least 0, but is -2"),
    ("{day: 3,", "{delay: soon,", "44:12: events.talks.when.delay: should be a number, but is the text 'soon'"),
    (
        ", if: [{path: sides.red.will, below: 0.3}]",
        ", any: [{path: sides.red.will, below: 0.3, above: 0.1}]",
        "44:39: events.talks.when.any.0: needs exactly one test (is, not, above or below), but has above and below",
    ),
    (
        ", if: [{path: sides.red.will, below: 0.3}]",
        ", any: [{path: sides.red.will}]",
        "44:39: events.talks.when.any.0: needs exactly one test (is, not, above or below), but has none",
    ),
    (", if: [{path", ", any_of: [{path", "44:33: events.talks.when.any_of: unknown key"),
    (
        "ceasefire: 5",
        "collapse: rde",
        "46:10: events.talks.effects.0.collapse: there is no side 'rde'; did you mean red?",
    ),
    ("ceasefire: 5", "collapse: red, ceasefire: 5", "46:9: events.talks.effects.0: needs exactly one action"),
    ("ceasefire: 5", "collapse: red, to: blue", "46:25: events.talks.effects.0.to: has no meaning beside `collapse`"),
    ("km: 40, class", "km: 40, cut: maybe, class", "roads.west-east.cut: should be true or false, but is the text"),
    (
        "title: A stronger guard",
        "title: A stronger guard\n    expect: {east.fall_day: later}",
        "52:14: variants.strong.expect.east.fall_day: should be up, down or same, but is the text 'later'",
    ),
    (
        "[300, 500, 800]",
        "[500, 300, 800]",
        "48:31: uncertainty.formations.guard.strength.triangular: should rise from low",
    ),
    (
        "triangular: [300, 500, 800]",
        "uniform: [3, 1]",
        "uniform: should rise from low to high (low, high), but is [3, 1]",
    ),
    ("triangular:", "uniform: [1, 2], triangular:", "needs exactly one distribution"),
    (
        "title: Two",
        "clock: {days: 0.3}\ntitle: Two",
        "1:9: clock.days: 0.3 days do not come to a whole number of ticks",
    ),
    (
        "title: Two",
        "clock: {decision_hours: 9}\ntitle: Two",
        "1:9: clock.decision_hours: commanders decide at the start",
    ),
    (
        "title: Two",
        "clock: {tick_hours: 5}\ntitle: Two",
        "clock.tick_hours: should be 1, 2, 3, 4, 6, 8 or 12, but is 5",
    ),
    # rules and paths
    (
        "events:",
        "rules: {moral: {recovery: 1}}\nevents:",
        "41:9: rules.moral: there is no rule 'moral'; did you mean morale?",
    ),
    (
        "events:",
        "rules: {morale: {recovry: 1}}\nevents:",
        "there is no parameter of the rule morale 'recovry'; did you mean",
    ),
    (
        "events:",
        "rules: {morale: {recovery: 5}}\nevents:",
        "41:18: rules.morale.recovery: must be from 0 to 2 (1/day), but is",
    ),
    (
        "events:",
        "doctrine: {mess: 1}\nevents:",
        "41:12: doctrine.mess: there is no doctrine weight 'mess'; did you mean mass?",
    ),
    ("{mass: 0.4}", "{mass: 4}", "7:16: sides.blue.doctrine.mass: must be from 0 to 1 (1), but is 4"),
    (
        "formations.guard.strength: {value",
        "formations.gard.strength: {value",
        "53:7: variants.strong.set.formations.gard.strength",
    ),
]


@pytest.mark.parametrize(("stands", "instead", "message"), MISTAKES, ids=[mistake[2][:60] for mistake in MISTAKES])
def test_a_mistake_gives_one_clear_message(stands: str, instead: str, message: str, load: Load) -> None:
    assert stands in SMALL
    with pytest.raises(ScenarioError) as caught:
        load(SMALL.replace(stands, instead, 1))
    assert len(caught.value.problems) == 1, str(caught.value)
    assert message in str(caught.value)
    assert "s.yaml:" in str(caught.value)
    assert "pydantic" not in str(caught.value) and "http" not in str(caught.value)


def test_all_mistakes_are_reported_at_once_in_the_order_of_the_file(load: Load) -> None:
    text = SMALL.replace("morale: 0.6", "moral: 0.6").replace("kind: garrison", "kind: garison")
    text = text.replace("[300, 500, 800]", "[800, 500, 300]").replace("lon: 36\n", "lon: 360\n")
    with pytest.raises(ScenarioError) as caught:
        load(text)
    assert [(problem.line, problem.path) for problem in caught.value.problems] == [
        (19, "places.west.lon"),
        (31, "formations.north_1.moral"),
        (35, "formations.guard.kind"),
        (48, "uncertainty.formations.guard.strength.triangular"),
    ]


def test_a_formation_at_a_place_without_roads_is_named(load: Load) -> None:
    island = SMALL.replace("roads:\n", "  isle: {name: Isle, lat: 1, lon: 1, control: red}\nroads:\n")
    with pytest.raises(
        ScenarioError, match=r"formations.north_1.place: the formation is disconnected: no road leads to isle"
    ):
        load(island.replace("    place: west", "    place: isle"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "s.yaml: is empty"),
        (b" \n\n", "s.yaml: is empty"),
        (b"# nothing yet\n", "s.yaml: is empty"),
        (b"- a\n- b\n", "s.yaml:1:1: should be a mapping (title:, start:, sides: ...), but is a list"),
        (b"title: caf\xe9\n", "s.yaml: is not UTF-8 text (line 1); save it as UTF-8"),
        ("title: x".encode("utf-16"), "s.yaml: is not UTF-8 text"),
        (b"a" * 5_000_001, "s.yaml: is larger than 5 MB"),
    ],
)
def test_a_file_that_is_no_scenario(content: bytes, message: str, tmp_path: pathlib.Path) -> None:
    (tmp_path / "s.yaml").write_bytes(content)
    with pytest.raises(ScenarioError) as caught:
        read(tmp_path / "s.yaml", RULEBOOK)
    assert str(caught.value).startswith(f"{tmp_path}/{message}")
    assert len(caught.value.problems) == 1


def test_a_folder_a_missing_file_and_an_unreadable_file(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "valley.yaml").write_text(SMALL)
    with pytest.raises(ScenarioError, match=r"is a folder, not a scenario file; did you mean .*/valley\.yaml\?"):
        read(tmp_path, RULEBOOK)
    with pytest.raises(ScenarioError, match=r"vally\.yaml: there is no such file; did you mean .*/valley\.yaml\?"):
        read(tmp_path / "vally.yaml", RULEBOOK)
    with pytest.raises(ScenarioError, match="/dev/null: is not a regular file"):
        read("/dev/null", RULEBOOK)

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(pathlib.Path, "open", refuse)
    with pytest.raises(ScenarioError, match=r"may not be read \(permission denied\)"):
        read(tmp_path / "valley.yaml", RULEBOOK)


def places_in(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path] * bool(path) + [place for key, child in children for place in places_in(child, (*path, key))]


JUNK = st.sampled_from(
    [None, True, 0, -1, 7, 1e300, math.nan, math.inf, 10**400, "", "east", "NO", "x y", [], ["east"], [[]], [1, 2, 3]]
    + [
        {},
        {"a": {}},
        {"value": {}},
        {"value": 1, "range": 3},
        {"value": [], "basis": []},
        {"between": 1},
        {"basis": {"a": 1}},
    ]
)


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.tuples(st.sampled_from(places_in(yaml.safe_load(SMALL))), JUNK, st.booleans()), min_size=1, max_size=3)
)
def test_junk_anywhere_gives_messages_and_never_anything_else(changes: list[tuple[Any, Any, bool]]) -> None:
    data = yaml.safe_load(SMALL.replace("2024-11-27T00:00", "'2024-11-27'"))
    for path, junk, as_key in changes:
        node = data
        for key in path[:-1]:
            node = node[key] if isinstance(node, dict) and key in node else node
        if isinstance(node, dict):
            node["junk" if as_key else path[-1]] = copy.deepcopy(junk)
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "s.yaml"
        file.write_text(dump(data), encoding="utf-8")
        try:
            loaded = read(file, RULEBOOK, variant="strong", set={"formations.guard.morale": 0.2, "roads.0.km": 45})
        except ScenarioError as error:
            assert error.problems and all(problem.message for problem in error.problems)
        else:
            file.write_text(loaded.as_yaml(), encoding="utf-8")
            assert read(file, RULEBOOK).scenario == loaded.scenario
