"""Every wrong piece of science in the list is found out by the test that it names."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.mutants.mutation import ROOT, read_mutants

MUTANTS = read_mutants()


def test_every_mutant_has_its_place_and_says_what_is_wrong():
    assert len(MUTANTS) >= 12
    for mutant in MUTANTS:
        assert mutant.occurrences() == 1, (mutant.name, mutant.file)
        assert mutant.text != mutant.by and mutant.because, mutant.name
        assert mutant.file.startswith("sim/"), mutant.name


def test_every_test_that_is_to_kill_one_exists():
    tests = sorted({mutant.test for mutant in MUTANTS})
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-m", "", "-p", "no:cacheprovider", *tests]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.verify
def test_all_mutants_are_killed():
    done = subprocess.run(
        [sys.executable, "-m", "tests.mutants"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
