"""The short form of `make torture` for scenario files: some damaged ones, some typos. `-m verify` tries more."""

from __future__ import annotations

import pathlib

import pytest

from tests.mutants.hunt import ROOT, STRATA, chosen
from tests.mutants.sites import files_of
from tests.torture import fuzz, typos
from tests.torture.mutate import make, read_starts


def judged(seed: int, numbers: list[int], folder: pathlib.Path) -> list[fuzz.Finding]:
    fuzz.warm_up()
    return list(fuzz.findings(seed, numbers, folder))


def test_damaged_files_are_refused_in_words_or_run_soundly(tmp_path: pathlib.Path) -> None:
    found = judged(7, list(range(120)), tmp_path)
    assert [finding for finding in found if finding["fate"] not in ("ok", "refused")] == []
    fates = [finding["fate"] for finding in found]
    assert fates.count("ok") >= 20 and fates.count("refused") >= 40


def test_a_seed_makes_the_same_cases() -> None:
    starts = read_starts()
    once = [make(3, number, starts) for number in range(60)]
    assert once == [make(3, number, read_starts()) for number in range(60)]
    assert len({case.text for case in once}) > 50 and {case.start for case in once} == {start.name for start in starts}


def test_typos_are_told_with_the_right_word() -> None:
    found = list(typos.outcomes(seed=5, most=4))
    assert len(found) > 60
    assert [outcome for outcome in found if not outcome.told] == []
    assert sum(outcome.right for outcome in found) >= 0.95 * len(found)


def test_random_changes_of_the_code_come_from_every_part_of_it() -> None:
    changes = chosen(ROOT, seed=2, count=40)
    assert changes == chosen(ROOT, seed=2, count=40)
    for share, packages in STRATA.values():
        files = {file for package in packages for file in files_of(ROOT, package)}
        assert sum(change.file in files for change in changes) == round(share * 40)
    for change in changes:
        raw = (ROOT / change.file).read_bytes()
        assert raw[change.start : change.end].decode() == change.old != change.new


@pytest.mark.verify
def test_thousands_of_damaged_files(tmp_path: pathlib.Path) -> None:
    found = judged(11, list(range(4000)), tmp_path)
    assert [finding for finding in found if finding["fate"] not in ("ok", "refused")] == []


@pytest.mark.verify
def test_typos_of_every_word() -> None:
    found = list(typos.outcomes(seed=6))
    assert [outcome for outcome in found if not outcome.told] == []
    assert sum(outcome.right for outcome in found) >= 0.95 * len(found)
