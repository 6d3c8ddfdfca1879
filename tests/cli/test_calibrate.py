"""`sim calibrate` and `sim run --posterior`: the answer, JSON, the cost first, one clear message for each mistake."""

from __future__ import annotations

import json
import pathlib

import pytest

from tests.cli.test_run import CROSSROADS, folder, sim  # noqa: F401 (a fixture)

FIXTURE = "folder"
TARGET = """
targets:
  T: {title: a count, outcome: highlands.strength@day0, median_within: [4560, 4800],
      error: {by: 48, unit: people, why: a test}}
"""
VERSUS = """
targets:
  T: {title: the wing costs lives, outcome: deaths.total@day8, variant: no_wing, difference_within: [-200, 0]}
"""
STRENGTH = "formations[side=highlands].strength *"
ASK = ("calibrate", "t.yaml", "--points", "24", "-n", "4", "--waves", "2", "--vary", STRENGTH)


@pytest.mark.usefixtures(FIXTURE)
def test_the_answer_and_a_run_of_what_is_left() -> None:
    pathlib.Path("t.yaml").write_text(CROSSROADS + TARGET, "utf-8")
    result = sim(*ASK, "-q", "--plot", "left.png")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[1] == "192 campaigns in 2 waves, seed 1"
    assert "of the space of the input was ruled out" in lines[3]
    assert lines[4] == "Something was learnt about the input."
    assert all(len(line) <= 80 for line in lines if "posterior.parquet" not in line and "Results:" not in line)
    assert pathlib.Path("left.png").read_bytes().startswith(b"\x89PNG")
    command = lines[-1].split()
    assert command[:2] == ["sim", "run"]
    ran = sim(*command[1:], "-n", "50", "-q")
    assert ran.exit_code == 0 and "Inputs drawn from" in ran.stdout
    parts = [sim(*command[1:], "-n", "50", "-q", "--shard", f"{i}/2", "--situations", "10") for i in (1, 2)]
    assert all(part.exit_code == 0 for part in parts), parts[0].output
    merge = parts[0].stdout.splitlines()[-1].removeprefix("When all are: sim ").split()
    merged = sim(*merge)
    assert merged.exit_code == 0 and "50 campaigns of 8 days in 10 situations" in merged.stdout
    shown = sim("results", "show", lines[-3].split()[-1])
    assert lines[3] in shown.stdout and "calibration" in sim("results", "list").stdout
    said = json.loads(sim(*ASK, "-q", "--json").stdout)
    assert said["inputs"][0]["input"] == STRENGTH and said["inputs"][0]["learnt"] is True
    assert said["targets"][0]["name"] == "T" and len(said["waves"]) == 2


@pytest.mark.usefixtures(FIXTURE)
def test_the_cost_first() -> None:
    pathlib.Path("t.yaml").write_text(CROSSROADS + TARGET, "utf-8")
    result = sim(*ASK, "--dry-run")
    assert "at most 2 waves of 24 points x 4 campaigns, and a check: 448 campaigns" in result.stdout
    pathlib.Path("v.yaml").write_text(CROSSROADS + VERSUS, "utf-8")
    both = sim("calibrate", "v.yaml", "--waves", "1", "--points", "20", "-n", "4", "--dry-run")
    assert "points x 4 campaigns of the scenario and of 1 variant, and a check: 672 campaigns" in both.stdout
    much = sim("calibrate", "t.yaml", "-n", "10000")
    assert much.exit_code == 2 and "add --yes" in much.stderr


@pytest.mark.usefixtures(FIXTURE)
@pytest.mark.parametrize(
    ("said", "arguments"),
    [
        ("the scenario has no targets to calibrate to", ("calibrate", "s.yaml")),
        ("vary sides.lowlands.wil: sides.lowlands.wil", ("calibrate", "t.yaml", "--vary", "sides.lowlands.wil=0:1")),
        ("an emulator needs at least 20 points", ("calibrate", "t.yaml", "--points", "9")),
        ("target compares with the variant", ("calibrate", "v.yaml", "--vary", "air.l_wing.aircraft=1:4")),
        ("these are left out (--no-variants, variants=False)", ("calibrate", "v.yaml", "--no-variants")),
        ("posterior no.parquet: cannot be read", ("run", "s.yaml", "--posterior", "no.parquet")),
        ("cannot be read as a table", ("run", "s.yaml", "--posterior", "t.yaml")),
    ],
)
def test_mistakes(said: str, arguments: tuple[str, ...]) -> None:
    pathlib.Path("t.yaml").write_text(CROSSROADS + TARGET, "utf-8")
    pathlib.Path("v.yaml").write_text(CROSSROADS + VERSUS, "utf-8")
    result = sim(*arguments, "-q")
    assert result.exit_code == 2, result.output
    assert said in result.stderr.replace("\n", " ")
    assert "Traceback" not in result.stderr
