"""Scenarios extend and include other files, have variants, and take the settings of the user."""

from __future__ import annotations

import math
import pathlib
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from sim.scenario.errors import ScenarioError
from sim.scenario.read import read
from sim.scenario.settings import parse_settings
from tests.scenario.small_scenario import RULEBOOK, SMALL, Load


def problem_of(load: Load, *arguments: Any, **options: Any) -> str:
    with pytest.raises(ScenarioError) as caught:
        load(*arguments, **options)
    assert len(caught.value.problems) == 1, str(caught.value)
    return str(caught.value)


def test_a_patch_merges_mappings_replaces_values_and_removes_what_is_null(load: Load) -> None:
    patch = """\
extends: base.yaml
formations:
  north_1: {strength: 2000}
  guard: {toward: null, km: null}
uncertainty: {formations.guard.strength: {triangular: [1, 2, 3]}}
variants: null
"""
    loaded = load(patch, {"base.yaml": SMALL})
    north, guard = loaded.scenario.formations["north_1"], loaded.scenario.formations["guard"]
    assert (north.name, north.strength, north.morale) == ("First North", 2000, 0.6)
    assert (guard.toward, guard.km, guard.strength) == (None, 0, 500)
    assert loaded.scenario.uncertainty["formations.guard.strength"].triangular == (1, 2, 3)
    assert loaded.scenario.variants == {}
    assert loaded.basis["formations.north_1.strength"] == "assumed"
    assert "formations.north_1.strength" not in loaded.ranges
    assert loaded.basis["formations.guard.strength"] == "SF3"
    assert [file.name for file in loaded.files] == ["s.yaml", "base.yaml"]
    assert (loaded.where("formations.north_1.strength")[1:], loaded.where("formations.north_1.morale")[1:]) == (
        (3, 13),
        (31, 5),
    )


def test_a_patch_that_removes_what_is_not_there_is_a_mistake(load: Load) -> None:
    message = problem_of(load, "extends: base.yaml\nformations: {gard: null}\n", {"base.yaml": SMALL})
    assert "s.yaml:2:14: formations.gard: should be a mapping, but is empty" in message


def test_included_files_are_set_beside_each_other_and_the_including_file_wins(load: Load) -> None:
    head, rest = SMALL.split("places:\n")
    geography, rest = rest.split("formations:\n")
    parts = {"parts/geography.yaml": "places:\n" + geography, "parts/order.yaml": "formations:\n" + rest}
    loaded = load(head + "include: [parts/geography.yaml, parts/order.yaml]\nplaces: {east: {population: 9}}\n", parts)
    assert loaded.scenario.places["east"].population == 9
    assert loaded.scenario.formations["guard"].strength == 500
    assert loaded.where("formations.guard.strength").file.endswith("parts/order.yaml")


def test_two_included_files_must_not_define_the_same(load: Load) -> None:
    files = {"a.yaml": "places:\n  east: {population: 1}\n", "b.yaml": "places: {east: {population: 2}}\n"}
    message = problem_of(load, SMALL + "include: [a.yaml, b.yaml]\n", files)
    assert "b.yaml:1:10: places.east: two included files define this; the other is " in message
    assert message.endswith("a.yaml:2:3")


def test_files_that_lead_back_to_each_other_are_refused_with_the_chain(load: Load) -> None:
    message = problem_of(load, "extends: b.yaml\n", {"b.yaml": "extends: c.yaml\n", "c.yaml": "include: [s.yaml]\n"})
    assert "c.yaml:1:11: include: the files lead back to each other: s.yaml -> b.yaml -> c.yaml -> s.yaml" in message


def test_a_scenario_may_not_leave_its_folder(tmp_path: pathlib.Path) -> None:
    (tmp_path / "outside.yaml").write_text(SMALL)
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    (inside / "sub").mkdir()
    (inside / "base.yaml").write_text(SMALL)

    def read_from_inside(name: str) -> str:
        (inside / "s.yaml").write_text(f"extends: {name}\n")
        return read(inside / "s.yaml", RULEBOOK).scenario.title

    for name in ("../outside.yaml", "sub/../../outside.yaml", "link.yaml"):
        with pytest.raises(ScenarioError, match=r"s.yaml:1:1: extends: '.*' leads out of the scenario's folder"):
            read_from_inside(name)
    with pytest.raises(ScenarioError, match="is an absolute path; name a file relative to this one"):
        read_from_inside(str(inside / "base.yaml"))
    with pytest.raises(ScenarioError, match=r"extends: .*bas.yaml: there is no such file; did you mean .*base.yaml\?"):
        read_from_inside("bas.yaml")
    assert read_from_inside("sub/../base.yaml") == "Two towns"


def test_a_variant_puts_its_values_in_place_with_their_basis(load: Load) -> None:
    loaded = load(variant="strong")
    assert loaded.variant == "strong"
    assert loaded.scenario.formations["guard"].strength == 900
    assert loaded.scenario.rules == {"morale": {"contagion": 0.2}}
    assert loaded.basis["formations.guard.strength"] == "SF9"
    assert loaded.basis["rules.morale.contagion"] == "variant strong"
    assert load().scenario.formations["guard"].strength == 500
    assert problem_of(load, variant="strog").endswith("no variant 'strog'; it has strong; did you mean strong?")


def test_a_wrong_value_in_a_variant_is_found_where_it_stands(load: Load) -> None:
    message = problem_of(load, SMALL.replace("contagion: 0.2", "contagion: 7"), variant="strong")
    assert "s.yaml:54:7: rules.morale.contagion: must be from 0 to 1" in message


@pytest.mark.parametrize(
    ("path", "value", "get"),
    [
        ("formations.north_1.morale", 0.1, lambda s: s.formations["north_1"].morale),
        ("sides.blue.doctrine.mass", 0.9, lambda s: s.sides["blue"].doctrine["mass"]),
        ("doctrine.mass", 0.9, lambda s: s.doctrine["mass"]),
        ("clock.days", 20, lambda s: s.clock.days),
        ("start", datetime(2024, 12, 1), lambda s: s.start),
        ("rules.morale.contagion", 0.3, lambda s: s.rules["morale"]["contagion"]),
        ("events.talks.probability", 0.5, lambda s: s.events["talks"].probability),
        ("events.talks.when.hazard", 0.2, lambda s: s.events["talks"].when.hazard),
        ("events.talks.when.if.0.below", 0.2, lambda s: s.events["talks"].when.conditions[0].below),
        ("events.talks.effects.0.ceasefire", 9, lambda s: s.events["talks"].effects[0].ceasefire),
        ("roads.west-east.km", 70, lambda s: s.roads[0].km),
        ("roads.east-west.km", 70, lambda s: s.roads[0].km),
        ("roads.0.km", 70, lambda s: s.roads[0].km),
        ("sides.red.pay", 0.2, lambda s: s.sides["red"].pay),
        ("sides.red.stances.blue", "hostile", lambda s: s.sides["red"].stances["blue"]),
        ("places.east.depot.stock", 3, lambda s: s.places["east"].depot.stock),
        ("kinds.light.speed", 33, lambda s: s.kinds["light"].speed),
        (
            "uncertainty.formations.guard.strength.triangular.2",
            900,
            lambda s: s.uncertainty["formations.guard.strength"].triangular[2],
        ),
        ("formations.north_1.equipment", np.int64(7), lambda s: s.formations["north_1"].equipment),
    ],
)
def test_any_value_is_set_by_its_path(path: str, value: Any, get: Any, load: Load) -> None:
    loaded = load(set={path: value})
    assert get(loaded.scenario) == value


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (
            "sides.bleu.pay",
            3,
            "set sides.bleu.pay=3: sides.bleu.pay: there is no entry 'bleu' in sides; did you mean sides.blue.pay?",
        ),
        (
            "formations.guard.moral",
            1,
            "there is no field 'moral' in formations.guard; did you mean formations.guard.morale?",
        ),
        ("clok.days", 1, "there is no field 'clok'; did you mean clock.days?"),
        ("roads.west-eats.km", 1, "there is no road 'west-eats' in roads; did you mean roads.west-east.km?"),
        ("clock.days.x", 1, "clock.days is a single value and has no part 'x'; did you mean clock.days?"),
        ("outcomes.3", "x", "there is no element '3' in outcomes, which has elements 0 to 0"),
        ("rules.morale.contagon", 1, "set rules.morale.contagon=1: rules.morale.contagon: there is no parameter"),
        (
            "sides.blue.pay",
            "abc",
            "set sides.blue.pay=abc: sides.blue.pay: should be a number, but is the text 'abc'",
        ),
        ("sides.blue.pay", -1, "set sides.blue.pay=-1: sides.blue.pay: must be at least 0, but is -1"),
        ("sides.blue.pay", math.nan, "set sides.blue.pay=NaN: sides.blue.pay: must be a finite number, but is .nan"),
        (
            "formations.guard.strength",
            None,
            "set formations.guard.strength=null: formations.guard.strength: is missing",
        ),
        ("formations.guard.place", "wets", "there is no place 'wets'; did you mean west?"),
        ("sides.blue.pay", object(), "sides.blue.pay: cannot be set to a Python object of type object"),
    ],
)
def test_a_wrong_setting_says_which(path: str, value: Any, message: str, load: Load) -> None:
    assert message in problem_of(load, set={path: value})


def test_a_setting_has_the_user_as_its_basis_and_loses_the_range(load: Load) -> None:
    loaded = load(set={"formations.north_1.strength": 1000, "formations.guard.strength": {"value": 5, "range": [1, 9]}})
    assert loaded.basis["formations.north_1.strength"] == loaded.basis["formations.guard.strength"] == "set by the user"
    assert "formations.north_1.strength" not in loaded.ranges
    assert loaded.ranges["formations.guard.strength"] == (1, 9)
    assert loaded.overrides["formations.north_1.strength"] == 1000


def test_null_takes_an_entity_or_a_value_away(load: Load) -> None:
    loaded = load(set={"uncertainty.formations.guard.strength": None, "formations.north_1.morale": None})
    assert loaded.scenario.uncertainty == {}
    assert loaded.scenario.formations["north_1"].morale == 0.5


def test_a_setting_leaves_the_defaults_of_the_package_alone(load: Load) -> None:
    speed = load().scenario.kinds["light"].speed
    load(set={"kinds.light.speed": speed + 5})
    assert load().scenario.kinds["light"].speed == speed


def test_settings_of_the_command_line_are_yaml() -> None:
    texts = ["clock.days=1e1", "sides.a.name=NO", "x=[1, 2]", "y={value: 3, basis: b=c}", "z=null", "w='7'"]
    values = {
        "clock.days": 10.0,
        "sides.a.name": "NO",
        "x": [1, 2],
        "y": {"value": 3, "basis": "b=c"},
        "z": None,
        "w": "7",
    }
    assert parse_settings(texts) == values
    with pytest.raises(ScenarioError) as caught:
        parse_settings(["clock.days", "a.b=1", "a.b=2", "c={"])
    assert [str(problem) for problem in caught.value.problems] == [
        "--set a.b=2: a.b: is set twice",
        "--set c={: c: cannot be read as YAML: did not find expected node content",
        "--set clock.days: should be written path=value, for example clock.days=20",
    ]
