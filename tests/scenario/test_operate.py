"""Paths with filters in settings and variants; what is set is pinned, what is scaled or shifted keeps its spread."""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from typing import Any

import pytest

from sim.engine.load import load
from sim.rules.rulebook import RULEBOOK
from sim.scenario.errors import ScenarioError
from sim.scenario.operate import Operation
from sim.scenario.read import LoadedScenario, change
from sim.scenario.settings import parse_settings
from sim.world.deploy import deploy

CROSSROADS = (pathlib.Path(__file__).parents[2] / "scenarios" / "crossroads.yaml").read_text("utf-8")
LOAD = Callable[..., LoadedScenario]


def replaced(section: str, value: str) -> str:
    """The tutorial with another value of a section that stands on one line."""
    line = next(line for line in CROSSROADS.splitlines() if line.startswith(f"{section}:"))
    return CROSSROADS.replace(line, f"{section}: {value}")


@pytest.fixture
def with_settings(tmp_path: pathlib.Path) -> LOAD:
    """The tutorial, with other uncertainty if any is given, and settings as `--set` takes them."""

    def loaded(*settings: str, uncertainty: str | None = None, variant: str | None = None) -> LoadedScenario:
        text = CROSSROADS if uncertainty is None else replaced("uncertainty", uncertainty)
        (tmp_path / "s.yaml").write_text(text, "utf-8")
        return load(tmp_path / "s.yaml", variant, parse_settings(settings))

    return loaded


def laws_of(loaded: LoadedScenario) -> dict[str, tuple[float, ...] | None]:
    """The numbers of each distribution, by path."""
    laws = loaded.scenario.uncertainty
    return {path: law.triangular or law.uniform or law.normal or law.lognormal for path, law in laws.items()}


def refusal(with_settings: LOAD, *settings: str, **more: Any) -> str:
    with pytest.raises(ScenarioError) as error:
        with_settings(*settings, **more)
    assert len(error.value.problems) == 1
    return str(error.value)


@pytest.mark.parametrize(
    ("written", "path", "value"),
    [
        ("clock.days=20", "clock.days", 20),
        ("formations[side=lowlands].morale=0.3", "formations[side=lowlands].morale", 0.3),
        ("formations[side=lowlands,kind=light].morale*=0.8", "formations[side=lowlands,kind=light].morale *", 0.8),
        ("formations.*.quality += 0.1", "formations.*.quality +", 0.1),
        ("formations.h_1={strength: 3}", "formations.h_1", {"strength": 3}),
        ("events.x.title=a=b", "events.x.title", "a=b"),
    ],
)
def test_a_setting_is_split_at_the_first_equals_sign_outside_brackets(written: str, path: str, value: object) -> None:
    assert parse_settings([written]) == {path: value}


def test_a_star_after_a_dot_is_a_name_and_otherwise_a_factor() -> None:
    assert Operation.of("formations.*.quality") == Operation("formations.*.quality", "")
    assert Operation.of("sides.north.doctrine.*") == Operation("sides.north.doctrine.*", "")
    assert str(Operation.of("sides.*.will*")) == "sides.*.will *"
    assert Operation.of("sides.*.will *").as_option() == "sides.*.will*"


def test_a_filter_selects_by_all_its_terms_and_knows_defaults(with_settings: LOAD) -> None:
    found = with_settings("formations[side=lowlands,mobile=true].morale=0.9").scenario.formations
    assert {name for name, unit in found.items() if unit.morale == 0.9} == {"l_1", "l_2", "l_reserve"}
    roads = with_settings("roads[class=secondary].km*=2").scenario.roads
    assert [road.km for road in roads] == [38, 42, 56, 33, 36, 48, 60, 35]


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("formations[side=lowland].morale=1", "selects nothing; did you mean formations[side=lowlands].morale?"),
        ("formations[sid=lowlands].morale=1", "did you mean formations[side=lowlands].morale?"),
        ("formations[lowlands].morale=1", "'lowlands', which is not FIELD=VALUE"),
        ("formations[side=lowlands.morale=1", "should be written path=value"),
        ("formations.*.moral=1", "did you mean formations.*.morale?"),
        ("reinforcements.*.strength=1", "selects nothing"),
        ("title*=2", "title is not a number that could be scaled or shifted"),
        ("clock.days*=long", "should be a factor, but is the text 'long'"),
        ("clock.days*=.nan", "should be a factor, but is .nan"),
        ("clock.days*=0", "clock.days: must be more than 0"),
    ],
)
def test_what_cannot_be_done_is_one_message(with_settings: LOAD, setting: str, said: str) -> None:
    assert said in refusal(with_settings, setting)


def test_what_is_set_is_pinned(with_settings: LOAD) -> None:
    """The range beside the value goes, and the distribution that covers it leaves it alone."""
    base = with_settings()
    inputs = len(deploy(base, RULEBOOK).atlas.uncertain_inputs)
    assert base.ranges["formations.l_posts.manning"] == (0.4, 0.8)
    posts = with_settings("formations.l_posts.manning=0.5")
    assert "formations.l_posts.manning" not in posts.ranges
    assert posts.scenario.formations["l_posts"].manning == 0.5
    assert len(deploy(posts, RULEBOOK).atlas.uncertain_inputs) == inputs - 1
    one = with_settings("formations.h_1.strength=2000")
    assert one.scenario.uncertainty["formations[side=highlands].strength"].except_ == ["formations.h_1.strength"]
    world = deploy(one, RULEBOOK)
    assert len(world.atlas.uncertain_inputs) == inputs - 1
    cell, _ = world.layout.cell("units", world.names.units["h_1"], "roll")
    assert cell not in world.atlas.uncertain_inputs["cell"]
    assert with_settings("formations[side=highlands].strength=900").scenario.uncertainty == {}


def test_what_is_scaled_keeps_its_spread(with_settings: LOAD) -> None:
    posts = with_settings("formations[kind=garrison].manning*=0.5")
    assert posts.scenario.formations["l_posts"].manning == 0.3
    assert posts.ranges["formations.l_posts.manning"] == (0.2, 0.4)
    assert posts.scenario.formations["h_guard"].manning == 0.5  # the default is 1
    held = with_settings("formations[kind=garrison].manning*=1.5")
    assert held.ranges["formations.l_posts.manning"] == (0.4 * 1.5, 1.0)
    assert held.scenario.formations["h_guard"].manning == 1.0
    shifted = with_settings("formations.l_posts.manning+=0.1")
    assert shifted.ranges["formations.l_posts.manning"] == (0.5, 0.8 + 0.1)
    scaled = with_settings("formations[side=highlands].strength*=2")
    assert scaled.scenario.uncertainty == with_settings().scenario.uncertainty


def test_a_distribution_of_the_value_itself_moves_with_it(with_settings: LOAD) -> None:
    laws = (
        "{formations.h_1.strength: {triangular: [1000, 1500, 2000]}, formations.h_2.strength: {normal: [1600, 100]},"
        " formations.l_1.strength: {lognormal: [1100, 0.2]}, formations.l_2.strength: {uniform: [800, 1000]}}"
    )
    assert laws_of(with_settings("formations[field_force=true].strength*=2", uncertainty=laws)) == {
        "formations.h_1.strength": (2000, 3000, 4000), "formations.h_2.strength": (3200, 200),
        "formations.l_1.strength": (2200, 0.2), "formations.l_2.strength": (1600, 2000),
    }  # fmt: skip
    shifted = laws_of(with_settings("formations[side=highlands].strength+=100", uncertainty=laws))
    assert shifted["formations.h_1.strength"] == (1100, 1600, 2100)
    assert shifted["formations.h_2.strength"] == (1700, 100)
    refused = refusal(with_settings, "formations.l_1.strength+=1", uncertainty=laws)
    assert "can be scaled (`formations.l_1.strength *`) only" in refused
    shared = "{'formations[side=highlands].strength': {uniform: [1000, 1500]}}"
    refused = refusal(with_settings, "formations.h_1.strength*=2", uncertainty=shared)
    assert "it can be set, but not scaled alone" in refused


def test_the_scenario_says_what_became_of_each_setting(with_settings: LOAD) -> None:
    settings = (
        "formations.l_posts.manning=0.5",
        "formations[side=highlands].strength*=1.1",
        "clock.days=9",
        "formations.*.readiness*=1.3",
    )
    assert [str(change) for change in with_settings(*settings).changes if change.is_worth_saying] == [
        "formations.l_posts.manning=0.5: the value pinned",
        "formations[side=highlands].strength*=1.1: 5 values scaled; 5 of them uncertain, scaled with their spread",
        "formations.*.readiness*=1.3: 10 values scaled; 2 held at a bound",
    ]


def test_an_exception_must_be_one_of_the_values(with_settings: LOAD) -> None:
    entry = "{uniform: [1, 2], applies: factor, except: [formations.h_11.strength]}"
    law = f"{{'formations[side=highlands].strength': {entry}}}"
    with pytest.raises(ScenarioError, match=r"did you mean formations\.h_1\.strength"):
        deploy(with_settings(uncertainty=law), RULEBOOK)


def test_it_reads_back_as_it_is_run(with_settings: LOAD, tmp_path: pathlib.Path) -> None:
    loaded = with_settings("formations.h_1.strength=2000", "formations.l_posts.manning*=0.9", variant="no_wing")
    (tmp_path / "again.yaml").write_text(loaded.as_yaml(), "utf-8")
    again = load(tmp_path / "again.yaml")
    assert (again.scenario, again.ranges) == (loaded.scenario, loaded.ranges)


def test_a_loaded_scenario_is_a_snapshot(tmp_path: pathlib.Path) -> None:
    """Its file may change or go: what is changed is what was loaded."""
    file = tmp_path / "s.yaml"
    file.write_text(CROSSROADS, "utf-8")
    loaded = load(file, set={"clock.days": 5})
    expected = load(file, "no_wing", {"clock.days": 5, "sides.lowlands.pay": 0.4})
    file.write_text("title: nothing\n", "utf-8")
    changed = change(loaded, RULEBOOK, "no_wing", {"sides.lowlands.pay": 0.4})
    assert (changed.scenario, changed.ranges, changed.basis) == (expected.scenario, expected.ranges, expected.basis)
    assert (changed.variant, changed.overrides) == (expected.variant, expected.overrides)
    assert loaded.scenario.sides["lowlands"].pay == 0.8


def test_a_variant_takes_filters_factors_and_offsets(tmp_path: pathlib.Path) -> None:
    variant = '{no_wing: {title: No wing, set: {"formations[side=lowlands].morale *": 0.5, "air.*.aircraft": 0}}}'
    (tmp_path / "s.yaml").write_text(replaced("variants", variant), "utf-8")
    loaded = load(tmp_path / "s.yaml", "no_wing")
    assert loaded.scenario.formations["l_reserve"].morale == 0.3
    assert loaded.scenario.air["l_wing"].aircraft == 0
    (tmp_path / "s.yaml").write_text(replaced("variants", variant.replace("side=lowlands", "side=low")), "utf-8")
    with pytest.raises(ScenarioError, match="selects nothing"):
        load(tmp_path / "s.yaml")
