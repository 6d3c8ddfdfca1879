"""`sim sensitivity` and `sim discover`: the answer, JSON, the cost first, and one clear message for each mistake."""

from __future__ import annotations

import json
import pathlib

import pytest

from tests.cli.test_run import folder, sim  # noqa: F401 (a fixture)

FIXTURE = "folder"
PINNED = ("kinds.*.speed=4", "kinds.*.equipment_weight=1", "kinds.*.cohesion=1", "formations.*.strength=2000")
SURE = [part for path in (*PINNED, "formations.*.manning=0.6") for part in ("--set", path)]
"""The tutorial without anything uncertain."""
VARY = ("--vary", "formations[side=lowlands].strength*=0.3:1.7", "--vary", "formations[side=highlands].strength *")
ASK = ("sensitivity", "s.yaml", "--outcome", "lowlands.strength@day8", "--points", "32", "-n", "16", *VARY)


@pytest.mark.usefixtures(FIXTURE)
def test_the_table_and_what_it_can_tell() -> None:
    result = sim(*ASK, "-q", "--plot", "tornado.png")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[1] == "128 points (sobol, 32 rows), 16 campaigns each, seed 1"
    assert lines[3] == "What lowlands.strength@day8 depends on"
    assert lines[5].startswith("formations[side=lowlands].strength *"[:10])
    assert all(len(line) <= 80 for line in lines[:-1])
    assert pathlib.Path("tornado.png").read_bytes().startswith(b"\x89PNG")
    again = sim(*ASK, "--json")
    assert "were found again" in again.stderr
    said = json.loads(again.stdout)
    (told,) = said["sensitivities"]
    assert (said["points"], told["method"], told["outcome"]) == (128, "sobol", "lowlands.strength@day8")
    assert told["inputs"][0]["input"] == "formations[side=lowlands].strength *"
    assert told["inputs"][0]["total_low"] <= told["inputs"][0]["total"] <= told["inputs"][0]["total_high"]
    assert told["inputs"][-1]["ahead"] is None


@pytest.mark.usefixtures(FIXTURE)
def test_what_is_known_of_one_outcome_is_told_though_another_tells_nothing() -> None:
    result = sim(*ASK, "--outcome", "deaths.total@day0", "-q")
    assert result.exit_code == 2
    assert "What lowlands.strength@day8 depends on" in result.stdout
    assert "no answer on deaths.total@day0: deaths.total@day0 is the same in all campaigns" in result.stderr


@pytest.mark.usefixtures(FIXTURE)
def test_the_cost_first() -> None:
    result = sim(*ASK, "--dry-run")
    assert "128 points x 16 campaigns = 2,048 campaigns" in result.stdout
    much = sim("sensitivity", "s.yaml", "--outcome", "lowlands.strength@day8", "--points", "100000")
    assert much.exit_code == 2 and "add --yes" in much.stderr


@pytest.mark.usefixtures(FIXTURE)
@pytest.mark.parametrize(
    ("said", "arguments"),
    [
        ("--outcome NAME; the scenario lists", ("sensitivity", "s.yaml")),
        ("did you mean morris?", (*ASK[:4], "--method", "moris")),
        ("is not a range low:high", (*ASK[:4], "--vary", "sides.lowlands.will=1,2")),
        ("is no uncertain input, and has no range", (*ASK[:4], "--vary", "sides.lowlands.will")),
        ("needs at least 2 campaigns", (*ASK[:4], "-n", "1")),
        ("points 8: the method sobol needs at least 16", (*ASK[:4], "--points", "8")),
        ("-n 39: needs at least 40: 20 that meet", ("discover", "s.yaml", "ottersby.fall_day > 3", "-n", "39")),
        ("CONDITION: the scenario calls nothing uncertain", ("discover", "s.yaml", "ottersby.fall_day > 3", *SURE)),
        ("add --yes", ("discover", "s.yaml", "ottersby.fall_day > 3", "-n", "1e6")),
        ("CONDITION: 'x >' is no condition", ("discover", "s.yaml", "x >")),
        ("ottersby.fall_day", ("discover", "s.yaml", "ottersbi.fall_day > 3")),
        ("no answer: 'ottersby.fall_day < 0' is met in 0", ("discover", "s.yaml", "ottersby.fall_day < 0", "-n", "50")),
    ],
)
def test_mistakes(said: str, arguments: tuple[str, ...]) -> None:
    result = sim(*arguments, "-q")
    assert result.exit_code == 2, result.output
    assert said in result.stderr.replace("\n", " ")
    assert "Traceback" not in result.stderr


@pytest.mark.usefixtures(FIXTURE)
def test_discovery_in_words_and_json() -> None:
    asked = ("discover", "s.yaml", "highlands.strength@day8 > 4500", "-n", "600", "-q")
    result = sim(*asked)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[2].startswith("highlands.strength@day8 > 4500: in ")
    assert all(len(line) <= 80 for line in lines[:-1])
    found = json.loads(sim(*asked, "--json").stdout)
    assert found["counted"] == 300
    assert [row["input"] for row in found["box"]] == ["formations[side=highlands].strength *"]
    assert found["density"] > found["base"]
