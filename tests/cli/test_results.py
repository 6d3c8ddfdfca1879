"""`sim results`, and `--shard` of `sim run` and `sim sweep`."""

from __future__ import annotations

import json
import os
import pathlib
import time

import pytest

from tests.cli.test_run import folder, sim  # noqa: F401 (a fixture)

FIXTURE = "folder"


@pytest.mark.usefixtures(FIXTURE)
def test_parts_are_made_listed_and_merged() -> None:
    for part in ("2/2", "1/2"):
        made = sim("run", "s.yaml", "-n", "40", "-q", "--shard", part)
        assert made.exit_code == 0, made.output
    home = made.stdout.splitlines()[-1].removeprefix("When all are: sim results merge ")
    listed = sim("results", "list")
    assert "run, unfinished" in listed.stdout and home in listed.stdout
    merged = sim("results", "merge", home)
    assert merged.stdout.splitlines()[1].startswith("40 campaigns of 8 days, seed 1")
    shown = sim("results", "show", home)
    assert shown.stdout == merged.stdout
    assert json.loads(sim("results", "list", "--json").stdout)[0]["campaigns"] == 40
    plain = sim("run", "s.yaml", "-n", "40", "--json")
    assert "was found again" in plain.stderr


@pytest.mark.usefixtures(FIXTURE)
def test_a_sweep_in_parts() -> None:
    vary = ("sweep", "s.yaml", "--vary", "sides.lowlands.will=0.2:0.8:3", "-n", "20", "-q")
    first = sim(*vary, "--shard", "1/1")
    assert first.stdout.startswith("Part 1 of 1 is done: results/s/")
    merged = sim("results", "merge", str(pathlib.Path(first.stdout.split()[-1])))
    assert merged.stdout.splitlines()[1] == "3 points (grid), 20 campaigns each, seed 1"
    assert sim(*vary).stdout.splitlines()[1:] == merged.stdout.splitlines()[1:]


def test_pruning_says_what_it_would_delete_and_keeps_what_is_not_ours(folder: pathlib.Path) -> None:  # noqa: F811
    for seed in ("1", "2"):
        sim("run", "s.yaml", "-n", "20", "-q", "--seed", seed)
    old, new = sorted((folder / "results" / "s").iterdir())
    (old / "notes.txt").write_text("mine")
    for path in old.rglob("*"):
        os.utime(path, (time.time() - 40 * 86400,) * 2)
    asked = sim("results", "prune")
    assert asked.exit_code == 2 and old.name in asked.stdout and new.name not in asked.stdout
    assert "1 would be deleted" in asked.stderr and (old / "manifest.json").is_file()
    done = sim("results", "prune", "--yes")
    assert (done.exit_code, done.stderr) == (0, "1 deleted\n")
    assert [path.name for path in old.iterdir()] == ["notes.txt"]
    assert (new / "manifest.json").is_file()
    assert "there is nothing to delete" in sim("results", "prune", "--yes").stderr


@pytest.mark.usefixtures(FIXTURE)
@pytest.mark.parametrize(
    ("said", "code", "arguments"),
    [
        ("is not a part like 3/16", 2, ("run", "s.yaml", "--shard", "17/16")),
        ("does not go with --until", 2, ("run", "s.yaml", "--shard", "1/2", "--until", "tarnmouth.fall_day±0.1")),
        ("has no parts of a run or study", 1, ("results", "merge", "nowhere")),
        ("there is no folder", 1, ("results", "list", "nowhere")),
        ("is not a results folder", 1, ("results", "show", "nowhere")),
        ("should be dask://HOST:PORT or processes:N", 2, ("run", "s.yaml", "--cluster", "slurm")),
    ],
)
def test_what_cannot_be_is_one_message(said: str, code: int, arguments: tuple[str, ...]) -> None:
    result = sim(*arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    lines = [line for line in result.stderr.splitlines() if line and not line.startswith(("Usage:", "Try "))]
    assert len(lines) == 1 and said in lines[0]
