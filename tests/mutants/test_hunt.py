"""The hunt for changes that no test finds out: what counts as found out."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest

from tests.mutants.mutation import ROOT

MEAN = """def mean(a, b):
    return (a + b) / 2
def unused(a):
    return a + 1
def third(a):
    return a + 3
"""
TESTS = """
import os, time
from sim.statistics.mean import mean, third
def test_that_fails_anyhow(): assert False
def test_the_mean(): assert mean(1, 3) == 2
def test_that_crashes(): third(1) == 4 or os.abort()
def test_that_is_slow(): time.sleep(0 if os.environ.get("NUMBA_DISABLE_JIT") == "0" else 60)
"""
PROGRAM = """
import pathlib, sys
from tests.mutants import hunt
from tests.mutants.sites import sites
hunt.LONGEST = 1.0
root = pathlib.Path(sys.argv[1])
judge, compiled = hunt.Judge(root), hunt.CompiledJudge(root)
for site in sites(root, "sim/statistics/mean.py"):
    if site.old.strip() == "+":
        print(site.line, *judge.judge(site)[1::2])
        print("compiled", site.line, *compiled.judge(site)[1::2])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="forks")
def test_a_test_that_fails_anyhow_or_is_slow_anyhow_finds_nothing_out(tmp_path: pathlib.Path) -> None:
    for folder, name, text in (("sim", "mean.py", MEAN), ("tests", "test_mean.py", TESTS)):
        (tmp_path / folder / "statistics").mkdir(parents=True)
        (tmp_path / folder / "statistics" / name).write_text(text)
    for package in ("sim", "sim/statistics"):
        (tmp_path / package / "__init__.py").touch()
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    told = set(done.stdout.splitlines())
    assert [line for line in told if line.startswith("2 killed tests/statistics/test_mean.py::test_the_mean: E")]
    assert told >= {
        "compiled 2 killed tests/statistics/test_mean.py::test_the_mean",
        "4 survived ", "compiled 4 survived ",
        "6 killed no test could run", "compiled 6 killed the process crashed",
    }  # fmt: skip
    assert len(told) == 6
    assert (tmp_path / "sim/statistics/mean.py").read_text() == MEAN
