"""`sim story`, `explain`, `diff`, `replay`, `report`: single campaigns of a results folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import sim
from sim.cli.main import app


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, crossroads_file: Path) -> str:
    out = tmp_path_factory.mktemp("out")
    results = sim.run(crossroads_file, replicates=6, seed=2, results=out, figures=False, progress=False)
    return str(results.path)


def call(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == code, done.output
    return done.stdout if code == 0 else done.output


def test_a_campaign_is_told_explained_and_compared(folder: str) -> None:
    told = call("story", folder, "-k", "3")
    assert told.startswith("Crossroads\n") and "Day 1, 04 May 2031" in told
    events = json.loads(call("story", folder, "-k", "3", "--json"))["events"]
    fell = sim.Results.open(folder).runs["ottersby.fall_day"].to_numpy(float)[3]
    first = next(event for event in events if event["name"] == "ottersby.fell")
    assert first["day"] == fell
    listed = call("explain", folder, "-k", "3")
    assert listed.count("\n") == len(events)
    why = call("explain", folder, "-k", "3", "--event", "ottersby.fell")
    assert why.startswith(f"day {fell:.2f}: Ottersby falls to Highlands")
    pairs = call("explain", folder, "-k", "3", "--event", "ottersby.fell", "--without", "formations.l_2", "-n", "50")
    assert pairs.startswith("ottersby.fell by day") and "in 50 pairs" in pairs
    assert "what differs in the end" in call("diff", folder, "-a", "3", "-b", "4")
    assert json.loads(call("diff", folder, "-a", "3", "-b", "3", "--json"))["ground"] == []


def test_the_commonest_stories_of_many_campaigns(folder: str) -> None:
    said = call("story", folder, "--outcome", "ottersby.fall_day", "-n", "4")
    assert said.startswith("ottersby.fall_day happened in") and "of 4 campaigns. How it came about:" in said
    assert json.loads(call("story", folder, "--outcome", "ottersby.fall_day", "--json"))["campaigns"] == 6


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("story", "FOLDER", "-k", "6"), "there is no campaign 6: the results hold 0 to 5"),
        (("explain", "FOLDER", "--event", "ottersby.fel"), "did you mean ottersby.fell?"),
        (("story", "FOLDER", "--outcome", "ottersby.fal_day"), "did you mean ottersby.fall_day?"),
        (
            ("explain", "FOLDER", "--outcome", "ottersby.fall_day"),
            "it must happen in at least 15 and not in at least 15",
        ),
        (("explain", "FOLDER", "--without", "no_wing"), "--without needs an --event"),
        (("explain", "FOLDER", "--outcome", "ottersby.fall_day", "--event", "ottersby.fell"), "give either"),
        (("explain", "FOLDER", "-k", "3", "--event", "ottersby.fell", "--without", "nowing"), "did you mean no_wing?"),
    ],
)
def test_mistakes_are_one_line(folder: str, words: tuple[str, ...], said: str) -> None:
    output = call(*(folder if word == "FOLDER" else word for word in words), code=2)
    assert said in " ".join(output.split()) and len(output.splitlines()) == 1


def test_replays_and_reports_are_written(folder: str, tmp_path: Path) -> None:
    page = tmp_path / "two.html"
    assert call("replay", folder, "-k", "1", "--beside", "2", "-o", str(page), "-q") == f"{page}\n"
    call("report", folder, "--format", "md", "-o", str(tmp_path / "r.md"))
    assert page.stat().st_size > 10_000 and "# Crossroads" in (tmp_path / "r.md").read_text("utf-8")
    for words, said in (
        ("-k 999", "no campaign 999"),
        ("-k 1 --beside 999", "no campaign 999: the results hold 0 to"),
        ("-k 1 --beside 1", "campaign 1 is the one that is shown"),
    ):
        output = call("replay", folder, *words.split(), code=2)
        assert said in output and len(output.splitlines()) == 1
    assert "is not a results folder" in call("report", str(tmp_path), code=1)
