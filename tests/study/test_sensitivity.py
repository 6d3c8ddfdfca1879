"""Sensitivity in one line: designs, campaigns and indices of a whole scenario; what a study tells; what is refused."""

from __future__ import annotations

import pickle
import re

import numpy as np
import pandas as pd
import pytest

from sim.engine.load import load
from sim.ensemble.inputs import InputSpace, input_rows
from sim.ensemble.run import run
from sim.rules.rulebook import RULEBOOK
from sim.scenario.errors import ScenarioError
from sim.statistics.sobol_indices import sobol_indices
from sim.study.sensitivity import read_vary_inputs, sensitivity, specify_sensitivity
from sim.study.space import EACH, RADIAL, SALTELLI, SAMPLE, make_space
from sim.study.study import BASE, POINTS, Study
from sim.study.sweep import run_study, sweep
from sim.world.deploy import deploy

STRENGTH = "formations[side=highlands].strength *"
MOST = "formations[side=lowlands].strength *"
VARY = {"sides.highlands.will": (0.2, 0.8), MOST: (0.3, 1.7), STRENGTH: None}
OUTCOME = "lowlands.strength@day8"


@pytest.fixture(scope="module")
def found(crossroads, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sensitivity")
    return sensitivity(crossroads, OUTCOME, points=64, replicates=4, vary=VARY, results=folder, progress=False)


def test_the_points_of_a_row(crossroads, deployed):
    for kind, block in ((SALTELLI, 5), (RADIAL, 4), (SAMPLE, 1)):
        design, points = make_space(deployed, kind, 8, 1, VARY, None)
        assert (design.block, len(design), len(points)) == (block, 8 * block, 8 * block)
        numbers = np.array([design.numbers(k) for k in range(len(design))]).reshape(8, block, 3)
        assert np.array_equal(numbers[:, 0], design.base)
        for group in range(1, min(block, 4)):
            differs = numbers[:, group] != numbers[:, 0]
            assert np.flatnonzero(differs.any(axis=0)).tolist() == [group - 1]
            assert np.array_equal(numbers[:, group, group - 1], design.moved[:, group - 1])
        if kind == SALTELLI:
            assert np.array_equal(numbers[:, 4], design.moved)
    will = make_space(deployed, SAMPLE, 64, 1, VARY, None)[0].base[:, 0]
    assert sorted((will - 0.2) / 0.6 * 64 // 1) == list(range(64)), "one point in each of 64 strata"


def test_a_radial_step_is_half_of_the_distribution(crossroads, deployed):
    names = list(input_rows(deployed))
    design, _ = make_space(deployed, RADIAL, 16, 1, None, None)
    assert design.inputs == tuple(names)
    space = InputSpace(deployed, names)
    grid = space.numbers(np.linspace(0, 1, 10_001)[:, None] * np.ones(len(names)))
    for column in range(len(names)):
        if np.ptp(grid[:, column]) == 0:
            continue
        shares = [
            np.interp(end[:, column], grid[:, column], np.linspace(0, 1, 10_001)) for end in (design.base, design.moved)
        ]
        assert np.abs(shares[0] - shares[1]) == pytest.approx(np.full(16, 0.5), abs=0.002)


def test_each_point_is_the_run_with_its_numbers_and_random_numbers_of_its_own(crossroads, found):
    study = found.study
    assert study.manifest["apart"] and study.manifest["points"] == 64 * 5
    numbers = study.inputs
    for point in (0, 7):
        fixed = {path: numbers[path][point] for path in VARY if path != STRENGTH}
        pinned = {"uncertainty." + STRENGTH.removesuffix(" *") + ".triangular": [numbers[STRENGTH][point]] * 3}
        results = run(crossroads, 4 * (point + 1), results=None, set=fixed | pinned, outcomes=[OUTCOME])
        assert np.array_equal(study.values(OUTCOME)[point], results.runs[OUTCOME].to_numpy()[4 * point :])


def test_the_indices_are_those_of_the_campaigns(found):
    study = found.study
    values = study.values(OUTCOME).reshape(64, 5, 4)
    expected = sobol_indices(values, study.manifest["seed"])
    table = found.table.loc[list(study.space.groups)]
    assert np.isfinite(expected.total).all()
    assert table["total"].to_numpy() == pytest.approx(expected.total)
    assert table["first_low"].to_numpy() == pytest.approx(expected.first_low)
    assert found.table["total"].is_monotonic_decreasing
    assert found.table.index[0] == MOST, "what a side begins with matters most for what it has left"
    assert found.chance == pytest.approx(expected.noise / (expected.noise + expected.variance))
    assert any("Chance makes" in note for note in found.notes)
    assert any("first-order indices sum to" in note for note in found.notes)


def test_it_is_filed_found_again_and_the_same_in_memory(crossroads, found):
    study = found.study
    assert {POINTS, BASE} <= study.manifest["files"].keys()
    again = sensitivity(crossroads, OUTCOME, points=64, replicates=4, vary=VARY, results=study.path.parents[1])
    assert again.study.found
    pd.testing.assert_frame_equal(again.table, found.table)
    memory = sensitivity(crossroads, OUTCOME, points=64, replicates=4, vary=VARY, results=None, jobs=1)
    pd.testing.assert_frame_equal(memory.table, found.table)
    pd.testing.assert_frame_equal(memory.study.points, study.points)
    pd.testing.assert_frame_equal(memory.study.inputs, study.inputs)
    pd.testing.assert_frame_equal(Study.open(study.path).sensitivity(OUTCOME).table, found.table)


def test_parts_make_the_same_study(crossroads, found, tmp_path):
    spec = specify_sensitivity(crossroads, [OUTCOME], "sobol", 64, 4, VARY, None, 1)
    run_study(spec, 2, tmp_path, False, part=(2, 2))
    whole = run_study(spec, 2, tmp_path, False)
    assert (whole.path / "runs.parquet").read_bytes() == (found.study.path / "runs.parquet").read_bytes()
    assert (
        pickle.loads(pickle.dumps(spec.points)).deployment(3).block.tobytes()
        == spec.points.deployment(3).block.tobytes()
    )


@pytest.mark.parametrize("method", ["morris", "pawn", "regression"])
def test_other_methods_agree_on_what_matters_most(crossroads, method):
    points = {"morris": 48}.get(method, 256)
    found = sensitivity(crossroads, OUTCOME, method, points, 4, vary=VARY, results=None)
    assert found.table.index[0] == MOST
    assert (found.table[f"{found.main}_low"] <= found.table[found.main]).all()
    assert (found.table[f"{found.main}_high"] >= found.table[found.main]).all()
    first = found.table.iloc[0]
    assert first["rank_low"] == 1 and found.table["rank_high"].max() <= 3
    assert first[found.main] > found.floor
    assert found.to_json()["inputs"][0]["input"] == MOST
    if method == "regression":
        # From the 5 % to the 95 % quantile, 0.37 to 1.63, what a side begins with grows by more than it has on average.
        assert first["swing"] > 0.5 * np.nanmean(found.study.values(OUTCOME))


def test_a_sobol_study_also_tells_regression_and_pawn(found):
    for method in ("regression", "pawn"):
        other = found.study.sensitivity(OUTCOME, method)
        assert other.table.index[0] == MOST
    with pytest.raises(ValueError, match="the method morris needs points of its own"):
        found.study.sensitivity(OUTCOME, "morris")
    with pytest.raises(ValueError, match="there is no method 'sobl'"):
        found.study.sensitivity(OUTCOME, "sobl")
    with pytest.raises(ValueError, match=rf"did you mean {re.escape(OUTCOME)}"):
        found.study.sensitivity("lowlands.strenght@day8")


def test_a_sweep_tells_regression_and_says_what_its_random_numbers_mean(crossroads):
    study = sweep(
        crossroads, {MOST: (0.5, 1.5), "rules.morale.contagion": (0, 1)}, "lhs", 64, 4, 1, None, [OUTCOME], None
    )
    told = study.sensitivity(OUTCOME)
    assert told.method == "regression" and told.table.index[0] == MOST
    assert any("random numbers of the same 4 replicates" in note for note in told.notes)
    with pytest.raises(ValueError, match="the method sobol needs points of its own"):
        study.sensitivity(OUTCOME, "sobol")


def test_times_and_outcomes_that_are_not_always_defined(crossroads):
    ratio = "ratio = min(ottersby.fall_day, 99) / 2"
    # With two campaigns a point, some points have fewer than two defined values, whatever the rules.
    told = sensitivity(crossroads, ratio, points=64, replicates=2, vary=VARY, results=None)
    assert told.outcome == "ratio"
    assert any(note.startswith("It is defined in") for note in told.notes)
    assert any("rows of the design" in note for note in told.notes)
    time = told.study.sensitivity("ottersby.fall_day")
    assert any("did not come; that counts as the last day" in note for note in time.notes)


def test_many_inputs_are_grouped_by_side_and_attribute(crossroads_file):
    hama = deploy(load(crossroads_file.with_name("hama-2024.yaml")), RULEBOOK)
    design, _ = make_space(hama, SALTELLI, 2, 1, None, None)
    assert len(design.inputs) > 500 and 40 <= len(design.groups) < 100
    columns = sorted(column for part in design.groups.values() for column in part)
    assert columns == list(range(len(design.inputs))), "each input belongs to one group"
    label = "formations[side=opposition].quality +" + EACH
    assert all(design.inputs[i].endswith(".quality +") for i in design.groups[label])
    assert "formations[side=regime].morale +" in design.groups, "what is drawn once for all is no group of several"
    moved = design.numbers(1 + list(design.groups).index(label)) != design.base[0]
    assert len(make_space(hama, SALTELLI, 2, 1, None, True)[0].groups) == len(design.inputs)
    assert set(np.flatnonzero(moved)) <= set(design.groups[label]) and moved.sum() > 1


@pytest.mark.parametrize(
    ("said", "arguments"),
    [
        ("should be sobol, morris, pawn, regression", {"method": "moris"}),
        ("needs at least 2 campaigns at each point", {"replicates": 1}),
        (
            "did you mean formations[side=highlands].strength *?",
            {"vary": {STRENGTH.replace("strength", "strenght"): None}},
        ),
        ("is an empty range: 1 is not below 1", {"vary": {"sides.highlands.will": (1, 1)}}),
        ("needs a range low:high", {"vary": {"sides.highlands.will": [0.1, 0.2, 0.3]}}),
        ("did you mean sides.highlands.will?", {"vary": {"sides.highlands.wil": (0, 1)}}),
        ("must be", {"vary": {"sides.highlands.will": (0, 7)}}),
        ("at most 10,000,000 can be", {"points": 9_000_000}),
        ("points 15: the method sobol needs at least 16 rows of points", {"points": 15}),
        ("points 15: the method morris needs at least 16 rows of points", {"points": 15, "method": "morris"}),
        ("pawn needs at least 34 points with 3 campaigns each", {"points": 33, "replicates": 3, "method": "pawn"}),
        (
            "points 3: the method regression needs at least 4 points for 2 inputs",
            {"points": 3, "method": "regression", "vary": {STRENGTH: None, "sides.highlands.will": (0, 1)}},
        ),
        ("ottersby", {"outcome": "ottersbi.fall_day"}),
    ],
)
def test_what_is_refused(crossroads, said, arguments):
    asked = {"scenario": crossroads, "outcome": OUTCOME, "results": None} | arguments
    with pytest.raises(ScenarioError, match=re.escape(said)):
        sensitivity(**asked)


@pytest.mark.parametrize(
    ("method", "points", "replicates"), [("sobol", 16, 2), ("morris", 16, 2), ("pawn", 34, 3), ("regression", 4, 2)]
)
def test_as_many_points_as_are_asked_for_are_enough(crossroads, method, points, replicates):
    vary = {STRENGTH: None, "sides.highlands.will": (0, 1)}
    asked = {"method": method, "points": points, "replicates": replicates, "vary": vary}
    assert sensitivity(crossroads, "deaths.total@day2", results=None, **asked) is not None


def test_reading_what_is_varied():
    said = ["a.b=0:1", "formations[side=x].y *", "rules.r.p*=0.5:2"]
    assert read_vary_inputs(said) == {"a.b": (0, 1), "formations[side=x].y *": None, "rules.r.p*": (0.5, 2)}
    for wrong in (["a.b=1"], ["a.b=x:y"], ["a.b", "a.b=0:1"]):
        with pytest.raises(ScenarioError):
            read_vary_inputs(wrong)
