"""Formulas in an ensemble: a column of each campaign like any other outcome, the same however the work is split."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.ensemble.results import Results
from sim.ensemble.run import run

CROSSROADS = Path(__file__).parents[2] / "scenarios" / "crossroads.yaml"
PACE = "pace = (28 / (ottersby.fall_day - merrow_cross.fall_day)) / max(merrow_cross.fall_day, 0.25)"
SHARE = "share = deaths.civilian@day8 / deaths.total@day8"


def test_a_formula_is_a_column_and_is_summed_up(tmp_path: Path) -> None:
    asked = [PACE, SHARE, "deaths.civilian@day8"]
    results = run(CROSSROADS, replicates=60, seed=3, outcomes=asked, results=tmp_path, figures=False)
    runs = results.runs
    np.testing.assert_array_equal(runs["share"], runs["deaths.civilian@day8"] / runs["deaths.total@day8"])
    gap = runs["ottersby.fall_day"] - runs["merrow_cross.fall_day"]
    known = runs["pace"].notna()
    assert 0 < known.sum() < 60
    np.testing.assert_array_equal(known, gap.notna() & (gap != 0))
    said = {outcome["name"]: outcome for outcome in results.to_json()["outcomes"]}
    assert said["pace"]["defined"] == known.mean()
    assert said["pace"]["mean"] == pytest.approx(float(runs["pace"].mean()), rel=1e-12)
    assert results.manifest["outcomes"][-3]["formula"] == PACE.removeprefix("pace = ")
    assert results.path is not None
    assert Results.open(results.path).outcomes == results.outcomes


def test_threads_and_blocks_leave_the_bytes_alone_and_another_formula_is_another_run(tmp_path: Path) -> None:
    ways = (("a", 1, 40), ("b", 2, 7))
    runs = [
        run(CROSSROADS, 40, 5, jobs, block, [PACE, SHARE], tmp_path / name, figures=False) for name, jobs, block in ways
    ]
    paths = [found.path for found in runs if found.path is not None]
    one, two = (path / "runs.parquet" for path in paths)
    assert one.read_bytes() == two.read_bytes()
    assert paths[0].name == paths[1].name
    assert "ottersby.fall_day" in pd.read_parquet(one)
    other = run(CROSSROADS, 40, 5, 1, 40, [PACE, SHARE + " * 2"], tmp_path / "a", figures=False)
    assert other.path != paths[0] and not other.found


def test_a_formula_that_is_never_defined_says_so_and_breaks_nothing() -> None:
    nothing = "nothing = deaths.total@day0 / deaths.total@day0"
    for situations in (None, 4):
        results = run(CROSSROADS, 24, 1, outcomes=[nothing], results=None, situations=situations)
        said = results.to_json()["outcomes"][-1]
        assert (said["defined"], said["mean"], said["mean_low"], said["median"]) == (0.0, None, None, None)
