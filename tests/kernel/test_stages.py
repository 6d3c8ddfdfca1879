"""Stages of play are compiled apart from each other: in processes of their own, kept and found again, or made here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import llvmlite.binding as llvm
import pytest

from sim.kernel import machine_code
from sim.kernel.machine_code import Commission, Request, make

ROOT = Path(__file__).parents[2]

WAR = """
import sys
import numpy as np
from sim.kernel import machine_code, quicker
from sim.kernel.compile import entry_point, formula, rule, stage, step

@formula
def lost(men, rate):
    return men * rate

@rule
def bleed(men, i, rate):
    men[i] -= lost(men[i], rate)

@stage
def morning(men):
    for i in range(len(men)):
        bleed(men, i, 0.1)

@stage
def evening(men, reserve):
    for i in range(len(men)):
        men[i] += reserve
        bleed(men, i, 0.2)

@step
def day(men, reserve):
    morning(men)
    evening(men, reserve)

@entry_point
def war(men, days, reserve):
    for _ in range(days):
        day(men, reserve)

def fight():
    men = np.array([100.0, 1000.0])
    war(men, 3, 5.0)
    return men.tolist()
"""


def expected() -> list[float]:
    men = [100.0, 1000.0]
    for _ in range(3):
        men = [m - m * 0.1 for m in men]
        men = [m + 5.0 - (m + 5.0) * 0.2 for m in men]
    return men


@pytest.fixture
def fought(tmp_path):
    """What a fresh process prints that plays a little war, and says besides."""
    (tmp_path / "war.py").write_text(WAR, "utf-8")

    def play(code: str = "") -> list[str]:
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(tmp_path)]),
            "ORONTES_CACHE": str(tmp_path / "cache"),
        }
        script = f"from war import *\n{code}\nprint(fight())\nprint(sum(war.stats.cache_hits.values()))"
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stderr
        assert not done.stderr
        return done.stdout.splitlines()

    return play


def kept(tmp_path: Path) -> list[str]:
    return sorted(path.name.split("-")[0] for path in (tmp_path / "cache").rglob("*.nbc"))


def test_stages_are_kept_and_found_again(fought, tmp_path):
    whole = ["war.evening", "war.morning", "war.war"]
    assert fought() == [str(expected()), "0"]
    assert kept(tmp_path) == whole
    assert fought() == [str(expected()), "1"]
    # One stage is missing, as after a run that was broken off: what calls it finds the new one.
    for path in (tmp_path / "cache").rglob("war.morning*"):
        path.unlink()
    assert fought() == [str(expected()), "1"]
    assert kept(tmp_path) == whole


NO_PROCESS = {
    "no interpreter": "sys.executable = '/nowhere/python'",
    "fails": "machine_code.__file__ = '/nowhere/machine_code.py'",
    "is killed": """
begin = machine_code.subprocess.Popen
def kill(*arguments, **named):
    process = begin(*arguments, **named)
    process.kill()
    return process
machine_code.subprocess.Popen = kill
""",
    "hangs": """
machine_code.PATIENCE = 0.01
begin = machine_code.subprocess.Popen
def sleep(command, **named):
    return begin([sys.executable, "-c", "import time; time.sleep(60)"], **named)
machine_code.subprocess.Popen = sleep
""",
}


@pytest.mark.parametrize("what", NO_PROCESS)
def test_without_the_other_process_the_same_is_done_here(fought, tmp_path, what):
    assert fought(NO_PROCESS[what]) == [str(expected()), "0"]
    assert fought() == [str(expected()), "1"]


def test_a_compile_that_is_broken_off_leaves_nobody_behind_and_can_be_begun_anew(fought):
    broken_off = """
begun = []
class Watched(machine_code.Commission):
    def __init__(self, request):
        super().__init__(request)
        begun.append(self.process)
def interrupt(request):
    raise KeyboardInterrupt
quicker.Commission, quicker.make = Watched, interrupt
try:
    fight()
except KeyboardInterrupt:
    print([process.poll() is not None for process in begun])
quicker.make = machine_code.make
"""
    assert fought(broken_off) == ["[True, True]", str(expected()), "0"]


def test_code_of_another_process_is_the_code_made_here():
    llvm.initialize_native_target()
    module = llvm.parse_assembly("define double @twice(double %x) { %y = fadd double %x, %x ret double %y }")
    tuning = {"speed_level": 3, "loop_vectorization": True, "slp_vectorization": False}
    request = Request(module.as_bitcode(), llvm.get_process_triple(), {"opt": 3, "jit": True}, tuning)
    commission = Commission(request)
    assert commission.process is not None
    assert commission.process.wait() == 0
    assert commission.code() == make(request)
    assert machine_code.PATIENCE > 60
