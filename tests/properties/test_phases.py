"""What must hold after every single phase: the engine's rules as plain Python, in a process of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.parametrize("worlds", [40, pytest.param(1500, marks=pytest.mark.verify)])
def test_what_must_hold_holds_after_every_phase(worlds):
    path = os.pathsep.join([str(HERE.parents[1]), str(HERE)])
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": path}
    done = subprocess.run(
        [sys.executable, str(HERE / "phases.py"), str(worlds)], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-4000:]
