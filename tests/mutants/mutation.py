"""Scientific mutants: what is read, applied to a copy of the project, and judged by one test each."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import yaml

ROOT = Path(__file__).parents[2]
LIST = Path(__file__).with_name("mutants.yaml")
KILLED, SURVIVED, BROKEN, STALE = "killed", "SURVIVED", "BROKEN", "STALE"
"""Its test fails, as it should; passes all the same; ends without an answer; or its text is no longer there once."""
PATIENCE = 600
"""Seconds after which a test is taken to hang."""


class Mutant(NamedTuple):
    """One wrong piece of science, and the test that must find it out."""

    name: str
    file: str
    text: str
    by: str
    because: str
    test: str
    compiled: bool = False

    def occurrences(self, root: Path = ROOT) -> int:
        path = root / self.file
        return path.read_text(encoding="utf-8").count(self.text) if path.is_file() else 0

    def apply(self, root: Path) -> None:
        path = root / self.file
        path.write_text(path.read_text(encoding="utf-8").replace(self.text, self.by), encoding="utf-8")


class Verdict(NamedTuple):
    """What became of a mutant, after so many seconds; `detail` where it was not killed."""

    mutant: Mutant
    fate: str
    seconds: float
    detail: str = ""


def read_mutants() -> list[Mutant]:
    said = yaml.safe_load(LIST.read_text(encoding="utf-8"))
    return [Mutant(name, **entry) for name, entry in said.items()]


def judge(mutants: Iterable[Mutant], jobs: int) -> Iterator[Verdict]:
    """Each mutant's fate, in their order."""
    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(_try, mutants)


def check_unchanged(mutants: Iterable[Mutant]) -> str:
    """Run all the tests on a copy as it is: a test that fails anyhow kills nobody. Returns what failed."""
    failed = ""
    for compiled in (False, True):
        tests = sorted({mutant.test for mutant in mutants if mutant.compiled == compiled})
        with _copy() as root:
            done = _pytest(root, tests, compiled) if tests else None
        if done and done.returncode != 0:
            failed += done.stdout[-3000:] + done.stderr[-1000:]
    return failed


def _try(mutant: Mutant) -> Verdict:
    began = time.perf_counter()
    found = mutant.occurrences()
    if found != 1:
        return Verdict(mutant, STALE, 0.0, f"its text stands {found} times in {mutant.file}")
    with _copy() as root:
        mutant.apply(root)
        done = _pytest(root, [mutant.test], mutant.compiled)
    seconds = time.perf_counter() - began
    if done.returncode == 0:
        return Verdict(mutant, SURVIVED, seconds, f"{mutant.test} passes all the same")
    # Only what a test asserts is an answer; an error on the way to it is not.
    said = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
    if done.returncode == 1 and any(" - assert" in line or " - AssertionError" in line for line in said):
        return Verdict(mutant, KILLED, seconds)
    return Verdict(mutant, BROKEN, seconds, (done.stdout[-800:] + done.stderr[-400:]).strip())


@contextmanager
def _copy() -> Iterator[Path]:
    """A copy of the project that is thrown away, with a cache of compiled rules of its own."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        root = Path(folder) / "project"
        shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(".*", "__pycache__", "results", "*.png"))
        yield root


def _pytest(root: Path, tests: list[str], compiled: bool) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "--tb=no", "-rf", "-p", "no:cacheprovider", "-m", "", *tests]
    say = {"ORONTES_CACHE": str(root.parent / "cache"), "NUMBA_DISABLE_JIT": "" if compiled else "1", "COLUMNS": "300"}
    try:
        return subprocess.run(
            command, cwd=root, env=os.environ | say, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, -1, "", f"no answer after {PATIENCE} s")
