"""Sweeps: each point is the run with these settings, whatever way it was computed; designs and what is refused."""

from __future__ import annotations

import signal

import numpy as np
import pandas as pd
import pytest

import sim.study.sweep as sweeping
from sim.ensemble import store
from sim.ensemble.parts import read_part
from sim.ensemble.run import run
from sim.scenario.errors import ScenarioError
from sim.statistics.intervals import wilson
from sim.study.design import design_of_table, make_design, read_vary
from sim.study.study import POINTS, Study
from sim.study.sweep import sweep

VARY = {"sides.lowlands.will": (0.2, 0.8), "formations[side=highlands].strength *": [0.5, 1.0, 1.5]}


@pytest.fixture(scope="module")
def swept(crossroads, tmp_path_factory) -> Study:
    return sweep(crossroads, VARY, points=2, replicates=40, results=tmp_path_factory.mktemp("swept"), progress=False)


def bytes_of(study: Study) -> dict[str, bytes]:
    assert study.path is not None
    return {name: (study.path / name).read_bytes() for name in (POINTS, store.RUNS, store.SCENARIO)}


def test_a_grid_has_all_combinations():
    design = make_design({"a": (0, 1), "b *": [1, 2, 4]}, "grid", [2, 1])
    assert design.paths == ("a", "b *")
    assert design.numbers.tolist() == [[0, 1], [0, 2], [0, 4], [1, 1], [1, 2], [1, 4]]


@pytest.mark.parametrize("kind", ["lhs", "sobol"])
def test_designs_fill_the_space(kind):
    design = make_design({"a": (10, 20), "b": (-1, 1)}, kind, 64, seed=3)
    assert np.array_equal(design.numbers, make_design({"a": (10, 20), "b": (-1, 1)}, kind, 64, seed=3).numbers)
    unit = (design.numbers - [10, -1]) / [10, 2]
    for column in unit.T:
        assert sorted((column * 64).astype(int)) == list(range(64)), "one point in each of 64 strata"


def test_each_point_is_the_run_with_its_settings(crossroads, swept):
    assert len(swept.points) == 6
    for point in swept.points.to_dict("records"):
        settings = {path: point[path] for path in VARY}
        results = run(crossroads, 40, results=None, set=settings)
        for name in results.outcome_names:
            values = swept.values(name)[int(point["point"])]
            assert np.array_equal(values, results.runs[name].to_numpy(float), equal_nan=True)
        summary = results.summary()
        assert point["lowlands.collapsed"] == summary.loc["lowlands.collapsed", "probability"]
        assert point["highlands.strength@day8"] == pytest.approx(summary.loc["highlands.strength@day8", "mean"])
        low, high = wilson(results.runs["lowlands.collapsed"].sum(), 40)
        assert (point["lowlands.collapsed low"], point["lowlands.collapsed high"]) == (low, high)


def test_threads_and_memory_change_nothing_and_it_is_found_again(crossroads, swept, tmp_path):
    other = sweep(crossroads, VARY, points=2, replicates=40, jobs=1, results=tmp_path, progress=False)
    assert bytes_of(other) == bytes_of(swept)
    memory = sweep(crossroads, VARY, points=2, replicates=40, results=None)
    pd.testing.assert_frame_equal(memory.points, swept.points)
    pd.testing.assert_frame_equal(memory.runs, swept.runs, check_dtype=False)
    assert swept.path is not None
    again = sweep(crossroads, VARY, points=2, replicates=40, results=swept.path.parents[1])
    assert again.found
    pd.testing.assert_frame_equal(again.points, swept.points)


def test_more_replicates_or_points_begin_with_the_same_campaigns(crossroads, swept):
    more = sweep(crossroads, VARY, points=2, replicates=50, results=None)
    assert np.array_equal(more.values("ottersby.fall_day")[:, :40], swept.values("ottersby.fall_day"), equal_nan=True)


def test_after_an_interruption_it_goes_on_and_redoes_nothing(crossroads, swept, tmp_path, monkeypatch):
    true_shards, computed, left = sweeping.run_shards, [], [3]

    def run_shards(*arguments, keep, **named):
        def counted(done):
            computed.append(done.shard)
            keep(done)

        for done in true_shards(*arguments, keep=counted, **named):
            left[0] -= 1
            if left[0] == 0:
                signal.raise_signal(signal.SIGINT)
            yield done

    monkeypatch.setattr(sweeping, "run_shards", run_shards)
    monkeypatch.setattr(sweeping, "SHARD", 40)
    with pytest.raises(sweeping.Interrupted, match="kept in"):
        sweep(crossroads, VARY, points=2, replicates=40, results=tmp_path)
    whole = sweep(crossroads, VARY, points=2, replicates=40, results=tmp_path)
    assert len(computed) == len(set(computed)) == 9
    pd.testing.assert_frame_equal(whole.points, swept.points)
    assert whole.path is not None and not (whole.path / "partial").exists()


def test_a_slot_that_was_damaged_is_redone(crossroads, swept, tmp_path, monkeypatch):
    monkeypatch.setattr(sweeping, "SHARD", 40)
    spec = sweeping.specify_sweep(crossroads, VARY, "grid", 2, 40, 1, ())
    parts = [sweeping.run_study(spec, 2, tmp_path, False, part=(i, 2)).path for i in (1, 2)]
    rows = parts[0] / "partial" / "rows.bin"
    content = bytearray(rows.read_bytes())
    content[100] ^= 1
    rows.write_bytes(bytes(content))
    with pytest.raises(store.ResultsError, match="not finished: 1/2; run them with --shard"):
        sweeping.merge([read_part(part) for part in parts], tmp_path)
    sweeping.run_study(spec, 2, tmp_path, False, part=(1, 2))
    whole = sweeping.merge([read_part(part) for part in parts], tmp_path)
    pd.testing.assert_frame_equal(whole.points, swept.points)
    pd.testing.assert_frame_equal(whole.runs, swept.runs)
    assert not (whole.path / "parts").exists()


def test_a_file_of_points(crossroads, swept, tmp_path):
    table = swept.points[list(VARY)].iloc[[4, 1]]
    table.to_csv(tmp_path / "points.csv", index=False)
    study = sweep(crossroads, design=str(tmp_path / "points.csv"), replicates=40, results=None)
    assert np.array_equal(study.values("ottersby.fall_day"), swept.values("ottersby.fall_day")[[4, 1]], equal_nan=True)
    assert study.manifest["design"] == "table"
    again = sweep(crossroads, design=table, replicates=40, results=None)
    pd.testing.assert_frame_equal(again.points, study.points)


def test_paths_that_need_a_new_deployment_can_be_swept(crossroads):
    vary = {"roads.arnfell-stonegate.km": [20, 60]}
    study = sweep(crossroads, vary, replicates=20, results=None)
    for point, km in enumerate([20, 60]):
        results = run(crossroads, 20, results=None, set={"roads.arnfell-stonegate.km": km})
        assert np.array_equal(
            study.values("ottersby.fall_day")[point], results.runs["ottersby.fall_day"], equal_nan=True
        )


def test_exports(swept):
    experiments, outcomes = swept.to_ema()
    assert len(experiments) == 6 and set(outcomes) == set(swept.outcome_names)
    assert outcomes["lowlands.collapsed"].shape == (6, 40)
    day = swept.numbers_of("ottersby.fall_day")
    assert np.isfinite(day).all() and day.max() <= 8
    with pytest.raises(ValueError, match=r"did you mean ottersby\.fall_day"):
        swept.values("ottersby.fal_day")


def test_a_range_without_levels_is_refused():
    with pytest.raises(ScenarioError, match="at least 1 level"):
        read_vary(["sides.x.will=0.2:0.8:0"])


def test_what_is_varied_is_read_as_it_is_written():
    vary, counts = read_vary(["sides.x.will=0.2:0.8", "formations[side=a].strength*=0.5:1.5:3", "rules.a.b=1,2,4"])
    assert vary == {"sides.x.will": (0.2, 0.8), "formations[side=a].strength *": (0.5, 1.5), "rules.a.b": [1, 2, 4]}
    assert counts == [None, 3, None]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"vary": {"sides.lowlands.wil": (0, 1)}}, "did you mean sides.lowlands.will?"),
        ({"vary": {"formations[side=low].morale": (0, 1)}}, "selects nothing"),
        ({"vary": {"sides.lowlands.will": (0.2, 1.8)}}, "must be at most 1, but is 1.8"),
        ({"vary": {"sides.lowlands.will": (0.8, 0.2)}}, "is an empty range: 0.8 is not below 0.2"),
        ({"vary": {"sides.lowlands.will": (0, np.nan)}}, "finite numbers"),
        ({"vary": {"sides.lowlands.will": "much"}}, "should be numbers"),
        ({"vary": {"sides.lowlands.will": [0.1, 0.1]}}, "the same level twice"),
        ({"vary": {}}, "says no path that is varied"),
        ({"vary": {"sides.lowlands.will": (0, 1)}, "design": "random"}, "should be grid, lhs, sobol or a file"),
        ({"vary": {"sides.lowlands.will": (0, 1)}, "design": "lhs"}, "needs a number of points"),
        ({"vary": {"sides.lowlands.will": [0, 1]}, "design": "lhs", "points": 4}, "only a grid takes levels"),
        ({"vary": {"sides.lowlands.will": (0, 1)}, "points": 10**8}, "a design has at most 10,000,000"),
        ({"vary": {"clock.days": [5, 8]}}, "campaigns of different length"),
        ({"design": "no.csv"}, "design no.csv: cannot be read: No such file"),
        (
            {"vary": {"sides.lowlands.will": (0, 1)}, "outcomes": ["ottersby.fal_day"]},
            "did you mean ottersby.fall_day?",
        ),
    ],
)
def test_what_cannot_be_is_one_message(crossroads, arguments, said):
    with pytest.raises(ScenarioError) as refused:
        sweep(crossroads, replicates=10, results=None, **arguments)
    assert said in str(refused.value)
    assert len(refused.value.problems) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "comma-separated"),
        ("a\n", "has no points"),
        ("a,a *\n1,x\n", "the column a *"),
        ("a,b\n1,\n", "row 1 has no number"),
    ],
)
def test_a_file_of_points_that_is_none(tmp_path, content, said):
    (tmp_path / "p.csv").write_text(content)
    with pytest.raises(ScenarioError, match=said.replace("*", r"\*")):
        design_of_table(tmp_path / "p.csv")
