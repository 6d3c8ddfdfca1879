"""`sim sweep`: the answer, study files, parts, and one clear message for each mistake."""

from __future__ import annotations

import json
import pathlib

import pytest

from tests.cli.test_run import folder, sim  # noqa: F401 (a fixture)

FIXTURE = "folder"
STUDY = """\
scenario: s.yaml
vary:
  sides.lowlands.will: [0.2, 0.8]
  "rules.morale.contagion *": {levels: [0, 1]}
points: 2
replicates: 20
"""


@pytest.mark.usefixtures(FIXTURE)
def test_the_points_and_their_estimates_are_printed() -> None:
    vary = ("--vary", "sides.lowlands.will=0.2:0.8:3", "--vary", "formations[side=highlands].strength*=0.5,1.5")
    result = sim("sweep", "s.yaml", *vary, "-n", "20", "-q")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[:2] == ["Crossroads", "6 points (grid), 20 campaigns each, seed 1"]
    assert "  B  formations[side=highlands].strength *" in lines
    assert sum(line.lstrip().startswith(tuple("012345")) for line in lines[3:]) == 6
    assert all(len(line) <= 80 for line in lines[:-1])
    again = sim("sweep", "s.yaml", *vary, "-n", "20", "--json")
    assert "was found again" in again.stderr
    points = json.loads(again.stdout)["points"]
    assert [point["sides.lowlands.will"] for point in points] == [0.2, 0.2, 0.5, 0.5, 0.8, 0.8]


@pytest.mark.usefixtures(FIXTURE)
def test_a_study_file_says_all_of_it() -> None:
    pathlib.Path("study.yaml").write_text(STUDY, "utf-8")
    said = json.loads(sim("sweep", "study.yaml", "--json", "-q").stdout)
    vary = ("--vary", "sides.lowlands.will=0.2:0.8", "--vary", "rules.morale.contagion*=0,1")
    same = json.loads(sim("sweep", "s.yaml", *vary, "--points", "2", "-n", "20", "--json", "-q").stdout)
    assert said == same


@pytest.mark.usefixtures(FIXTURE)
@pytest.mark.parametrize(
    ("said", "arguments"),
    [
        ("says no path that is varied", ("s.yaml",)),
        ("should be written path=low:high", ("s.yaml", "--vary", "sides.lowlands.will")),
        ("is not low:high", ("s.yaml", "--vary", "sides.lowlands.will=a:b")),
        ("did you mean sides.lowlands.will?", ("s.yaml", "--vary", "sides.lowlands.wil=0:1")),
        ("should be dask://HOST:PORT", ("s.yaml", "--vary", "sides.lowlands.will=0:1", "--cluster", "x")),
        ("is not a part like 3/16", ("s.yaml", "--vary", "sides.lowlands.will=0:1", "--shard", "3/2")),
        ("the study file study.yaml says what is varied", ("study.yaml", "--vary", "sides.lowlands.will=0:1")),
        ("unknown key of a study; did you mean points?", ("typo.yaml",)),
        ("should be a range [low, high]", ("range.yaml",)),
        ("points = 4,000,000 campaigns", ("s.yaml", "--vary", "sides.lowlands.will=0:1:40000")),
    ],
)
def test_what_cannot_be_is_one_message(said: str, arguments: tuple[str, ...]) -> None:
    pathlib.Path("study.yaml").write_text(STUDY, "utf-8")
    pathlib.Path("typo.yaml").write_text(STUDY.replace("points", "point"), "utf-8")
    pathlib.Path("range.yaml").write_text(STUDY.replace("[0.2, 0.8]", "0.5"), "utf-8")
    result = sim("sweep", *arguments)
    assert result.exit_code == 2, result.output
    assert said.replace("points = ", "campaigns = ") in result.stderr
    assert result.stdout == ""
    assert not pathlib.Path("results").exists()


@pytest.mark.usefixtures(FIXTURE)
def test_a_cluster_that_does_not_answer_is_told_at_once() -> None:
    result = sim("sweep", "s.yaml", "--vary", "sides.lowlands.will=0:1", "-n", "2", "--cluster", "dask://127.0.0.1:9")
    assert result.exit_code == 1
    assert "no Dask scheduler answers at 127.0.0.1:9" in result.stderr
