"""Damage to results folders: named when read, and run again when the same run is asked for."""

from __future__ import annotations

import json
import shutil
import signal

import pytest

import sim.ensemble.run as running
from sim.ensemble import store
from sim.ensemble.folder import seal
from sim.ensemble.results import Results
from sim.ensemble.run import Interrupted, run
from sim.scenario.file_paths import absolute, folder_name

QUIET = {"jobs": 1, "figures": False, "progress": False}


def flip(path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def test_a_damaged_table_is_named_and_made_anew(crossroads, tmp_path, capsys):
    made = run(crossroads, 40, results=tmp_path, **QUIET)
    whole = made.path.joinpath(store.RUNS).read_bytes()
    flip(made.path / store.RUNS, 300)
    with pytest.raises(store.ResultsError, match=r"runs\.parquet is damaged: its content is not what was written"):
        _ = Results.open(made.path).runs
    again = run(crossroads, 40, results=tmp_path, **QUIET)
    assert "runs.parquet is damaged" in capsys.readouterr().err
    assert not again.found and (made.path / store.RUNS).read_bytes() == whole
    assert run(crossroads, 40, results=tmp_path, **QUIET).found


def test_plots_that_cannot_be_saved_take_no_campaign_away(crossroads, tmp_path, capsys):
    """As where the folder of a complete run is read-only."""
    made = run(crossroads, 40, results=tmp_path, **QUIET)
    (made.path / "figures").write_text("in the way")
    again = run(crossroads, 40, results=tmp_path, **QUIET | {"figures": True})
    assert again.found and again.runs.equals(made.runs)
    said = capsys.readouterr().err
    assert said.startswith("the run is complete, but its plots could not be saved: cannot write") and "figures" in said


def test_a_manifest_that_was_changed_is_not_believed(crossroads, tmp_path):
    made = run(crossroads, 40, results=tmp_path, **QUIET)
    path = made.path / store.MANIFEST
    manifest = json.loads(path.read_text())
    assert seal(manifest) == manifest
    path.write_text(json.dumps(manifest | {"replicates": 41}))
    with pytest.raises(store.ResultsError, match="does not fit its own checksum"):
        Results.open(made.path)
    path.write_text(json.dumps({name: value for name, value in manifest.items() if name != "sha256"}))
    with pytest.raises(store.ResultsError, match="it has no checksums"):
        Results.open(made.path)


def test_only_the_campaigns_around_a_damaged_row_are_run_again(crossroads, tmp_path, monkeypatch, capsys):
    whole = run(crossroads, 2600, results=tmp_path / "whole", **QUIET)
    ranges, blocks = [], running.run_blocks

    def stopping(deployment, spec, seed, first, last, *how):
        ranges.append((first, last))
        for block in blocks(deployment, spec, seed, first, last, *how):
            if (first, last) == (0, 2600) and len(ranges) == 1:
                stopping.done = getattr(stopping, "done", 0) + block.campaigns
                if stopping.done >= 2400:
                    signal.raise_signal(signal.SIGINT)
            yield block

    monkeypatch.setattr(running, "run_blocks", stopping)
    with pytest.raises(Interrupted):
        run(crossroads, 2600, block=200, results=tmp_path / "half", **QUIET)
    partial = next((tmp_path / "half").rglob("rows.bin"))
    flip(partial, 1500 * (partial.stat().st_size // 2400) + 3)
    again = run(crossroads, 2600, results=tmp_path / "half", **QUIET)
    assert ranges == [(0, 2600), (1000, 2000), (2400, 2600)]
    assert "rows.bin is damaged: 1,000 of 2,400 campaigns are run again" in capsys.readouterr().err
    assert again.path.joinpath(store.RUNS).read_bytes() == whole.path.joinpath(store.RUNS).read_bytes()


def test_a_folder_that_is_removed_under_a_run_is_an_error(crossroads, tmp_path, monkeypatch):
    blocks = running.run_blocks

    def removing(*how):
        for number, block in enumerate(blocks(*how)):
            if number == 3:
                shutil.rmtree(tmp_path / "crossroads")
            yield block

    monkeypatch.setattr(running, "run_blocks", removing)
    with pytest.raises(store.ResultsError, match="was removed while a run was writing it"):
        run(crossroads, 100, block=10, results=tmp_path, **QUIET)
    assert not (tmp_path / "crossroads").exists()


def test_pictures_that_are_lost_or_cut_are_drawn_again(crossroads, tmp_path):
    made = run(crossroads, 10, results=tmp_path, progress=False)
    files = sorted((made.path / "figures").iterdir())
    whole = [file.read_bytes() for file in files]
    files[0].write_bytes(whole[0][:1000])
    files[1].unlink()
    assert run(crossroads, 10, results=tmp_path, progress=False).found
    assert [file.read_bytes() for file in sorted((made.path / "figures").iterdir())] == whole


def test_a_name_is_never_a_path_and_a_path_is_absolute(monkeypatch, tmp_path):
    for name in ("..", ".", "", "a/b", "..\\x", "a\x1b[31mb", "con:", "x" * 300):
        made = folder_name(name)
        assert made and made not in (".", "..") and not set(made) & set("/\\:\x1b") and len(made) <= 100
    assert folder_name("hama-2024") == "hama-2024"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert absolute("~/out") == absolute("out") == tmp_path / "out"


def test_an_interrupted_run_anew_leaves_the_complete_one(crossroads, tmp_path, monkeypatch):
    made = run(crossroads, 100, results=tmp_path, **QUIET)
    blocks = running.run_blocks

    def stopping(*how):
        for block in blocks(*how):
            signal.raise_signal(signal.SIGTERM)
            yield block
            return

    monkeypatch.setattr(running, "run_blocks", stopping)
    with pytest.raises(Interrupted, match=r"the complete run in .* stays as it was") as stopped:
        run(crossroads, 100, block=10, results=tmp_path, resume=False, **QUIET)
    assert stopped.value.signal == signal.SIGTERM
    assert Results.open(made.path).replicates == 100
