"""The examples in README and docs work: each page is followed from top to bottom, with few campaigns."""

from __future__ import annotations

import functools
import glob
import re
import shlex
import shutil
import webbrowser
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from typer.testing import CliRunner

import sim
from sim.cli.main import app
from tools.pages import ROOT, pages

FEW = 20
ENOUGH_TO_TELL = 100
"""Campaigns where an example looks for what sets some of them apart."""
PAGES = [ROOT / "README.md", *pages()]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
CLAIM = re.compile(r"^print\(.*\)  # ([\w. ]+)$", re.M)
"""What the comment behind a `print` says that it prints."""
NAMED_FILE = re.compile(r"[Ss]ave this as `([\w.-]+)`:\s*$")


def examples(page: Path) -> Iterator[tuple[str, str]]:
    """The blocks of a page that a reader would use, in order: `sh`, `python`, `yaml`, or the name of a file to save."""
    text = page.read_text("utf-8")
    for block in FENCE.finditer(text):
        named = NAMED_FILE.search(text[: block.start()])
        if named:
            yield named[1], block[2]
        elif block[1] in ("sh", "python", "yaml"):
            yield block[1], block[2]


WITH_EXAMPLES = [page for page in PAGES if any(examples(page))]


@pytest.fixture
def in_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """A folder with the scenarios and seeds of the project, in which `sim.run` and others run few campaigns."""
    for folder in ("scenarios", "seeds"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    monkeypatch.chdir(tmp_path)
    run = sim.run
    monkeypatch.setattr(uvicorn.Server, "run", lambda server, sockets: None)  # would serve until it is stopped
    monkeypatch.setattr(webbrowser, "open", lambda address: True)
    few = ENOUGH_TO_TELL if any(page in request.node.name for page in ("what-matters", "python")) else FEW
    monkeypatch.setattr(sim, "run", lambda scenario, replicates=few, **kw: run(scenario, min(replicates, few), **kw))
    calibrate = functools.partial(sim.calibrate, points=24, replicates=4, waves=1)
    monkeypatch.setattr(sim, "calibrate", calibrate)
    return tmp_path


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=lambda page: page.name)
def test_the_examples_of_a_page_work(page: Path, in_project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    namespace: dict[str, object] = {}
    scenario = "scenarios/crossroads.yaml"
    for kind, text in examples(page):
        if kind == "python":
            capsys.readouterr()
            exec(compile(text, f"{page.name}: {text.splitlines()[0]} ...", "exec"), namespace)
            printed = capsys.readouterr().out.splitlines()
            assert [claim for claim in CLAIM.findall(text) if claim not in printed] == []
        elif kind == "sh":
            for line in text.replace("\\\n", " ").splitlines():
                follow(line)
        elif kind == "yaml":
            Path("added.yaml").write_text(f"extends: {scenario}\n{text}", "utf-8")
            follow("sim validate added.yaml")
        else:
            scenario = kind
            Path(kind).write_text(text, "utf-8")


def follow(line: str) -> None:
    """Run one line of a terminal in this process; only `sim` is expected there."""
    words = shlex.split(line, comments=True)
    if not words:
        return
    assert words[0] == "sim", line
    words, file = (words[1:], "") if ">" not in words else (words[1:-2], words[-1])
    words = [found for word in words for found in (sorted(glob.glob(word)) if word.endswith("/*") else [word])]
    if words[0] in ("run", "sweep", "compare", "sensitivity", "backtest") or "--check" in words:
        few = ENOUGH_TO_TELL if {"--situations", "--given"} & set(words) else FEW
        at = words.index("-n") if "-n" in words else len(words)
        words[at : at + 2] = ["-n", str(min([few, *map(int, words[at + 1 : at + 2])]))]
    if words[0] == "play" and words[1].endswith(".game"):  # the page names a game of its own; any will do
        shutil.copy(next(Path("results/games").glob("*.game")), words[1])
    if words[0] == "play":
        words += ["--port", "0"]
    if words[0] == "calibrate":
        words += ["--points", "24", "-n", "4", "--waves", "1"]
    if words[0] == "run":
        words.append("--no-pages")  # the suite has tests of its own for them
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, f"{line}\n{done.output}"
    if file:
        Path(file).write_text(done.stdout, "utf-8")


def test_every_page_for_users_has_examples() -> None:
    assert {"README.md", "tutorial.md", "ask.md", "python.md", "run-many.md", "write-a-scenario.md"} <= {
        page.name for page in WITH_EXAMPLES
    }


def test_a_war_from_tables_takes_few_commands_and_no_python() -> None:
    blocks = list(examples(ROOT / "docs/how-to/bring-your-own-war.md"))
    lines = [line for kind, text in blocks if kind == "sh" for line in text.splitlines()]
    first = next(at for at, line in enumerate(lines) if line.startswith("sim run"))
    assert first < 10 and {kind for kind, _ in blocks} == {"sh"}
