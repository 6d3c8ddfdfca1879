"""The worked example of CONTRIBUTING.md is carried out on a copy of the project, exactly as it stands there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.pages import ROOT

GUIDE = (ROOT / "CONTRIBUTING.md").read_text("utf-8").split("## Worked example: add a rule")[1].split("\n## ")[0]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
FILE = re.compile(r"`([\w/]+\.py)`")
COPIED = (
    ".ci", "sim", "scenarios", "seeds", "docs", "tools", "tests", "benchmarks",
    "Makefile", "README.md", "CONTRIBUTING.md", "pyproject.toml",
)  # fmt: skip


def steps() -> Iterator[tuple[str, str, str]]:
    """What the guide tells to do, in order: kind of block, its text, and the file that was named last before it."""
    for block in BLOCK.finditer(GUIDE):
        named = FILE.findall(GUIDE[: block.start()])
        yield block[1], block[2], named[-1] if named else ""


def add_lines(path: Path, diff: str) -> None:
    """Add the lines with a plus behind the lines without, which must stand in the file exactly once."""
    lines = diff.splitlines(keepends=True)
    before = "".join(line[1:] for line in lines if line[0] == " ")
    after = "".join(line[1:] for line in lines)
    text = path.read_text("utf-8")
    assert text.count(before) == 1, f"CONTRIBUTING.md shows lines that {path.name} does not have so:\n{before}"
    path.write_text(text.replace(before, after), "utf-8")


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, set[str]]:
    """A copy of the project with the rule of the guide, and the files that it touched."""
    copy = tmp_path_factory.mktemp("project")
    skipped = shutil.ignore_patterns("__pycache__", ".*")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=skipped)
        else:
            shutil.copy(source, copy)
    touched = set()
    for kind, text, file in steps():
        if kind == "diff":
            add_lines(copy / file, text)
        elif kind == "python":
            (copy / file).write_text(text, "utf-8")
        if kind in ("diff", "python"):
            touched.add(file)
    return copy, touched


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python in a copy of the project, without compiling."""
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(folder)}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def deaths(folder: Path, weight: float) -> object:
    command = [
        "-m",
        "sim",
        "run",
        "--no-pages",
        "scenarios/crossroads.yaml",
        "-n",
        "4",
        "--json",
        "--quiet",
        "--results",
        "runs",
        "--set",
    ]
    done = python(folder, *command, f"rules.fatigue.weight={weight}")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["outcomes"][-1]["mean"]


def test_the_example_touches_at_most_five_files(followed: tuple[Path, set[str]]) -> None:
    assert len(followed[1]) == 5


def test_the_test_of_the_example_passes(followed: tuple[Path, set[str]]) -> None:
    done = python(followed[0], "-m", "pytest", "-q", "tests/rules/test_fatigue.py", "tests/test_imports.py")
    assert done.returncode == 0, done.stdout
    for check in (["check"], ["format", "--check"]):
        linted = python(followed[0], "-m", "ruff", *check, *sorted(followed[1]))
        assert linted.returncode == 0, linted.stdout


def test_the_rule_changes_a_war_only_when_it_is_switched_on(followed: tuple[Path, set[str]]) -> None:
    assert deaths(followed[0], 0) != deaths(followed[0], 1)


def test_what_is_missing_is_asked_for_in_the_one_message_of_the_guide(followed: tuple[Path, set[str]]) -> None:
    done = python(followed[0], "-m", "pytest", "-q", "tests/test_docs.py")
    message = next(text for kind, text, _ in steps() if kind == "text" and "has no section" in text)
    assert " ".join(message.split()) in " ".join(done.stdout.split())
    assert "Traceback" not in done.stdout
    assert re.search(r"^1 failed, \d+ passed", done.stdout.splitlines()[-1]), done.stdout


def test_once_it_is_written_nothing_is_missing(followed: tuple[Path, set[str]]) -> None:
    model = followed[0] / "docs" / "model.md"
    section = (
        "### Fatigue\n\nThe rate is `fighting`, `marching` or −`recovery`; readiness changes by −`weight`·Δfatigue.\n\n"
        "<!-- begin parameters.fatigue (make docs) -->\n<!-- end parameters.fatigue -->\n\n"
    )
    model.write_text(model.read_text("utf-8").replace("### 7.13 ", section + "### 7.13 "), "utf-8")
    assert python(followed[0], "-m", "tools.tables").returncode == 0
    done = python(followed[0], "-m", "pytest", "-q", "tests/test_docs.py")
    assert done.returncode == 0, done.stdout
