"""Ensembles: the same bytes however they are fought, found again, resumed, and never half written."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import sim.ensemble.run as running
from sim.engine.load import load
from sim.ensemble import store
from sim.ensemble.results import Results
from sim.ensemble.run import Interrupted, run
from sim.scenario.errors import ScenarioError

QUANTITIES = ("will", "strength")
WIDE = [f"{side}.{what}@day{d}" for side in ("highlands", "lowlands") for what in QUANTITIES for d in range(8)]
TABLES = (store.RUNS, store.CONTROL, store.FALLS, store.SERIES)


def bytes_of(results: Results) -> dict[str, bytes]:
    assert results.path is not None
    return {name: (results.path / name).read_bytes() for name in TABLES}


@pytest.fixture(scope="module")
def fought(crossroads, tmp_path_factory) -> Results:
    """300 campaigns on one thread."""
    return run(crossroads, 300, jobs=1, results=tmp_path_factory.mktemp("fought"), figures=False)


@pytest.mark.parametrize(("jobs", "block"), [(1, 1), (2, 7), (2, 100), (2, None)])
def test_threads_and_blocks_change_no_byte(crossroads, fought, tmp_path, jobs, block):
    other = run(crossroads, 300, jobs=jobs, block=block, results=tmp_path, figures=False)
    assert bytes_of(other) == bytes_of(fought)


def test_in_memory_and_from_the_folder_results_are_the_same(crossroads, fought):
    memory, opened = run(crossroads, 300, results=None), Results.open(fought.path)
    for results in (memory, opened):
        pd.testing.assert_frame_equal(results.runs, fought.runs)
        pd.testing.assert_frame_equal(results.series, fought.series)
        assert np.array_equal(results.control, fought.control)
        assert np.array_equal(results.falls, fought.falls)
        assert results.outcomes == fought.outcomes
    assert opened.scenario == crossroads.scenario
    assert (opened.replicates, opened.seed, opened.place_ids[2], opened.days[-1]) == (300, 1, "merrow_cross", 8.0)


def test_counts_agree_with_the_runs(fought):
    assert (fought.control_counts.sum(axis=2) == 300).all()
    for place in ("merrow_cross", "ottersby", "tarnmouth"):
        falls = fought.falls[fought.place_ids.index(place)]
        day = fought.runs[f"{place}.fall_day"]
        assert falls.sum() == day.notna().sum() > 0
        assert (falls * fought.days).sum() == pytest.approx(day.sum())
    held = pd.read_parquet(fought.path / store.CONTROL)
    last = held[(held["day"] == 8) & (held["place"] == "ottersby")].set_index("side")["share"]
    assert last["highlands"] == fought.control[-1, 3, 0]
    series = fought.series.set_index(["day", "quantity"])
    assert series.loc[(8.0, "deaths.total"), "mean"] == pytest.approx(fought.runs["deaths.total@day8"].mean())


def test_runs_have_a_row_per_replicate_and_say_what_kind_of_value_they_hold(fought):
    runs = fought.runs
    assert runs.columns.tolist() == ["replicate", *fought.scenario.outcomes]
    assert runs["replicate"].tolist() == list(range(300))
    assert runs["lowlands.collapsed"].dtype == bool


def test_seeds_and_replicates_differ(crossroads, fought):
    other = run(crossroads, 300, seed=2, results=None)
    assert not other.runs["deaths.total@day8"].equals(fought.runs["deaths.total@day8"])
    assert fought.runs["deaths.total@day8"].nunique() > 30
    first = run(crossroads, 40, results=None)
    pd.testing.assert_frame_equal(first.runs, fought.runs[:40])


def test_the_same_run_is_found_and_another_is_not(crossroads, tmp_path):
    once = run(crossroads, 20, results=tmp_path, figures=False)
    again = run(crossroads.files[0], 20, results=tmp_path, figures=False, jobs=2)
    asked = run(crossroads, 20, results=tmp_path, figures=False, outcomes=["deaths.civilian@day3"])
    variant = run(crossroads, 20, results=tmp_path, figures=False, variant="no_wing")
    anew = run(crossroads, 20, results=tmp_path, figures=False, resume=False)
    assert (once.found, again.found, asked.found, variant.found, anew.found) == (False, True, False, False, False)
    assert len({once.path, asked.path, variant.path}) == 3
    assert again.path == anew.path == once.path
    assert asked.runs.columns[-1] == "deaths.civilian@day3"


def test_the_folder_says_what_it_holds(fought):
    manifest = json.loads((fought.path / store.MANIFEST).read_text())
    assert (manifest["complete"], manifest["replicates"], manifest["failed"]) == (True, 300, 0)
    assert manifest["ns_per_unit_tick"] > 0
    assert fought.path.parent.name == "crossroads"
    assert sorted(path.name for path in fought.path.iterdir()) == sorted(
        [store.MANIFEST, store.SCENARIO, store.INPUTS, *TABLES]
    )


def test_json_and_summary(fought):
    said = fought.to_json()
    assert json.loads(json.dumps(said))["results_dir"] == str(fought.path)
    assert {"scenario", "run_id", "replicates", "failed", "seed", "seconds", "outcomes"} <= said.keys()
    summary = fought.summary()
    assert summary.loc["lowlands.collapsed", "probability"] == fought.runs["lowlands.collapsed"].mean()
    assert "merrow_cross.fall_day" in fought._repr_html_()


def stop_after(monkeypatch, blocks: int, stop) -> list[int]:
    """Has something happen after so many blocks; returns the list to which each run's first replicate is added."""
    firsts = []

    def run_blocks(deployment, plan, seed, first, *how):
        firsts.append(first)
        for number, block in enumerate(true_blocks(deployment, plan, seed, first, *how), 1):
            if number == blocks and len(firsts) == 1:
                stop()
            yield block

    true_blocks = running.run_blocks
    monkeypatch.setattr(running, "run_blocks", run_blocks)
    return firsts


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_interrupted_run_keeps_what_is_done_and_goes_on(crossroads, fought, tmp_path, monkeypatch, capsys, jobs):
    firsts = stop_after(monkeypatch, 5, lambda: signal.raise_signal(signal.SIGINT))
    with pytest.raises(Interrupted) as stopped:
        run(crossroads, 300, jobs=jobs, block=20, results=tmp_path, figures=False)
    part = stopped.value.results
    assert "interrupted after 100 of 300 campaigns" in capsys.readouterr().err
    assert (part.replicates, part.complete) == (100, False)
    pd.testing.assert_frame_equal(part.runs, fought.runs[:100])
    assert Results.open(part.path).runs.equals(part.runs)
    whole = run(crossroads, 300, jobs=jobs, block=7, results=tmp_path, figures=False)
    assert firsts == [0, 100]
    assert whole.path == part.path
    assert bytes_of(whole) == bytes_of(fought)
    assert not (whole.path / "partial").exists()


def test_an_interrupted_run_in_memory_hands_over_what_is_done(crossroads, monkeypatch):
    stop_after(monkeypatch, 3, lambda: signal.raise_signal(signal.SIGINT))
    with pytest.raises(KeyboardInterrupt) as stopped:
        run(crossroads, 100, block=10, results=None)
    assert len(stopped.value.results.runs) == 30
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_after_a_crash_the_run_goes_on_from_the_last_checkpoint(crossroads, fought, tmp_path, monkeypatch):
    def crash():
        raise MemoryError

    firsts = stop_after(monkeypatch, 8, crash)
    monkeypatch.setattr(running, "CHECKPOINT_SECONDS", 0)
    with pytest.raises(MemoryError):
        run(crossroads, 300, jobs=1, block=20, results=tmp_path, figures=False)
    whole = run(crossroads, 300, results=tmp_path, figures=False)
    assert firsts == [0, 140]
    assert bytes_of(whole) == bytes_of(fought)


def test_a_damaged_checkpoint_is_not_trusted(crossroads, fought, tmp_path):
    folder = tmp_path / "crossroads" / fought.manifest["run_id"] / "partial"
    folder.mkdir(parents=True)
    (folder / "checkpoint.npz").write_bytes(b"PK half a file")
    (folder / "rows.bin").write_bytes(b"x" * 1000)
    assert bytes_of(run(crossroads, 300, results=tmp_path, figures=False)) == bytes_of(fought)


@pytest.mark.parametrize("limit", [1_000, 30_000])
def test_a_full_disk_is_one_message_and_the_run_goes_on_later(crossroads, fought, tmp_path, monkeypatch, limit):
    resource = pytest.importorskip("resource")
    monkeypatch.setattr(running, "CHECKPOINT_SECONDS", 0)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        with pytest.raises(store.ResultsError, match=r"cannot write .*: File too large"):
            run(crossroads, 300, jobs=1, block=50, results=tmp_path, figures=False, outcomes=WIDE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    after = run(crossroads, 300, results=tmp_path, figures=False, outcomes=WIDE)
    pd.testing.assert_frame_equal(after.runs[fought.runs.columns], fought.runs)


def test_two_runs_of_one_folder_at_the_same_time_are_told_apart(tmp_path):
    bench = store.Workbench(tmp_path / "a", 3, afresh=False)
    with pytest.raises(store.ResultsError, match="another run is writing"):
        store.Workbench(tmp_path / "a", 3, afresh=False)
    bench.close(remove=True)
    store.Workbench(tmp_path / "a", 3, afresh=False).close(remove=True)


def test_a_folder_that_cannot_be_written_is_one_message(crossroads, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(store.ResultsError, match=r"cannot write .*: Not a directory"):
        run(crossroads, 5, results=tmp_path / "file", figures=False)


def test_a_folder_without_results_is_one_message(tmp_path):
    with pytest.raises(store.ResultsError, match="is not a results folder"):
        Results.open(tmp_path)
    (tmp_path / store.MANIFEST).write_text("{")
    with pytest.raises(store.ResultsError, match="cannot read"):
        Results.open(tmp_path)


def test_one_campaign_is_enough(crossroads):
    assert len(run(crossroads, 1, results=None, progress=False).runs) == 1


@pytest.mark.parametrize("wrong", [{"replicates": 0}, {"jobs": 0}, {"block": 0}, {"seed": -1}])
def test_numbers_out_of_range_are_refused(crossroads, wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} should be a whole number from"):
        run(crossroads, **({"replicates": 5} | wrong), results=None)


def test_a_setting_and_a_variant_reach_the_campaigns(crossroads, fought):
    weaker = run(crossroads, 50, results=None, set={"formations.h_1.strength": 0})
    assert weaker.series["median"][0] < fought.series["median"][0]
    wingless = run(crossroads, 50, results=None, variant="no_wing")
    assert wingless.manifest["variant"] == "no_wing"
    assert not wingless.runs.equals(fought.runs[:50])
    with pytest.raises(ScenarioError, match="has no variant 'no_wings'"):
        run(crossroads, 5, results=None, variant="no_wings")


def test_row_groups_do_not_follow_the_blocks(tmp_path, crossroads, deployed):
    from sim.outcomes.catalogue import outcomes_of

    rows = np.zeros((25_000, 6))
    bench = store.Workbench(tmp_path, 6, afresh=False)
    for start in range(0, 25_000, 999):
        bench.append(rows[start : start + 999])
    store.write_runs(tmp_path / "runs.parquet", outcomes_of(crossroads), bench.chunks())
    bench.close(remove=True)
    file = pq.ParquetFile(tmp_path / "runs.parquet").metadata
    assert [file.row_group(i).num_rows for i in range(file.num_row_groups)] == [10_000, 10_000, 5_000]


def test_figures_are_drawn_into_the_folder(crossroads, tmp_path):
    results = run(crossroads, 10, results=tmp_path)
    assert {path.name for path in Path(results.path, "figures").iterdir()} >= {"control_map.png", "fall_times.png"}
    assert results.plot.fall_times("ottersby") is not None


def test_a_scenario_that_lists_no_outcome_is_run_all_the_same(crossroads_file, tmp_path):
    results = run(load(crossroads_file, set={"outcomes": []}), 12, results=tmp_path, figures=False)
    assert results.path is not None
    assert len(results.runs) == len(Results.open(results.path).runs) == 12
