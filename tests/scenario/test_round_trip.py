"""What a scenario rests on is kept, and the scenario as run reads back to the same."""

from __future__ import annotations

import pathlib
import pickle
import time

import pytest

from sim.scenario.read import read
from tests.scenario.small_scenario import RULEBOOK, SMALL, Load


def test_basis_and_range_of_values(load: Load) -> None:
    basis, ranges = load().basis, load().ranges
    assert basis["formations.north_1.strength"] == "SF21"
    assert basis["formations.north_1.morale"] == "assumed"
    assert basis["formations.guard.strength"] == "SF3"
    assert basis["formations.guard.morale"] == "default"
    assert basis["sides.red.will"] == "SF1"
    assert basis["roads.west-east.km"] == "assumed"
    assert "formations.guard.name" not in basis
    assert ranges["formations.north_1.strength"] == (900, 1500)


def test_a_basis_may_be_given_field_by_field(load: Load) -> None:
    loaded = load(SMALL.replace("    basis: SF3\n", "    basis: {strength: SF4, place: SF5}\n"))
    found = [loaded.basis[f"formations.guard.{field}"] for field in ("strength", "place", "km", "morale")]
    assert found == ["SF4", "SF5", "assumed", "default"]


def test_generic_classes_and_kinds_are_there_and_can_be_changed(load: Load) -> None:
    scenario = load(SMALL + "kinds: {light: {speed: 21}, camel: {speed: 6}}\n").scenario
    assert (scenario.kinds["light"].speed, scenario.kinds["camel"].speed) == (21, 6)
    assert scenario.kinds["light"].equipment_weight == 8
    assert set(scenario.road_classes) == {"motorway", "primary", "secondary", "track"}
    assert set(scenario.kinds) == {"mechanised", "light", "militia", "garrison", "elite", "special", "camel"}
    assert scenario.terrains["open"].defence == 1 < scenario.terrains["dense_urban"].defence
    assert all(15 <= kind.speed <= 40 for name, kind in scenario.kinds.items() if name != "camel")


@pytest.mark.parametrize("basis", ["SF3", "{strength: SF4, morale: SF5}", "assumed"])
@pytest.mark.parametrize("variant", [None, "strong"])
def test_the_scenario_as_run_reads_back_to_the_same(
    basis: str, variant: str | None, load: Load, tmp_path: pathlib.Path
) -> None:
    text = SMALL.replace("basis: SF3", f"basis: {basis}").replace(
        "[300, 500, 800]", "[{value: 300, basis: SF8}, 500, 800]"
    )
    first = load(text, variant=variant, set={"formations.guard.morale": 0.3, "sides.red.name": "NO"})
    (tmp_path / "again.yaml").write_text(first.as_yaml(), encoding="utf-8")
    again = read(tmp_path / "again.yaml", RULEBOOK)
    assert again.scenario == first.scenario
    assert again.document == first.document
    assert again.basis == first.basis
    assert again.ranges == first.ranges
    assert again.as_yaml() == first.as_yaml()
    assert first.document["formations"]["guard"]["supply"] == 5
    assert "guard" in first.as_yaml() and "Guard" in first.as_yaml()


def test_a_loaded_scenario_goes_to_another_process(load: Load) -> None:
    loaded = load()
    copy = pickle.loads(pickle.dumps(loaded))
    assert copy == loaded
    assert copy.as_yaml() == loaded.as_yaml()


def test_six_thousand_lines_are_read_quickly(load: Load) -> None:
    one = "\n".join(SMALL.split("formations:\n")[1].splitlines()[:7]) + "\n"
    many = "".join(one.replace("north_1", f"north_{number}") for number in range(2, 860))
    text = SMALL.replace("formations:\n", f"formations:\n{many}", 1)
    assert text.count("\n") > 6000
    load(text)
    started = time.process_time()
    loaded = load(text)
    assert time.process_time() - started < 1.0
    assert len(loaded.scenario.formations) == 860
