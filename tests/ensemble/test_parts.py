"""Parts of a run: computed anywhere, in any order, they come together to the bytes of one run."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest

import sim.ensemble.run as running
from sim.ensemble import store
from sim.ensemble.join import merge, run_part
from sim.ensemble.parts import bounds, gather, read_part
from sim.ensemble.run import How, run
from sim.ensemble.signals import Stopped
from sim.ensemble.spec import specify

COUNT = 90
FILES = (store.RUNS, store.INPUTS, store.CONTROL, store.SERIES, store.FALLS)


def bytes_of(folder: Path | None) -> dict[str, bytes]:
    assert folder is not None
    return {name: (folder / name).read_bytes() for name in FILES}


@pytest.fixture(scope="module")
def whole(crossroads, tmp_path_factory) -> dict[str, bytes]:
    results = run(crossroads, COUNT, results=tmp_path_factory.mktemp("whole"), figures=False, situations=15)
    return bytes_of(results.path)


@pytest.fixture
def parts(crossroads, tmp_path) -> list[Path]:
    """Four parts, each under results of its own, the last first."""
    spec = specify(crossroads, COUNT, situations=15)
    return [run_part(spec, tmp_path / str(i), (i, 4), How(1 + i % 2)) for i in (4, 3, 2, 1)]


@pytest.mark.parametrize("parts", [1, 2, 7, 16, 200])
def test_each_campaign_belongs_to_one_part(parts):
    cut = [bounds(COUNT, (i, parts)) for i in range(1, parts + 1)]
    assert [k for first, last in cut for k in range(first, last)] == list(range(COUNT))


def test_parts_come_together_to_the_bytes_of_one_run(parts, whole, tmp_path):
    merged = merge(gather(parts), tmp_path / "all")
    assert bytes_of(merged.path) == whole
    assert merged.complete and merged.manifest["scenario"] == "crossroads"
    found = merge(gather(parts), tmp_path / "all")
    assert found.found


def test_processes_give_the_bytes_of_threads(crossroads, whole, tmp_path):
    results = run(crossroads, COUNT, results=tmp_path, figures=False, situations=15, executor="processes:2")
    assert bytes_of(results.path) == whole


def test_what_is_missing_is_named_and_what_was_merged_before_is_kept(parts, whole, tmp_path):
    with pytest.raises(store.ResultsError, match="missing or not finished: 1/4, 3/4; run them with --shard"):
        merge(gather([parts[0], parts[2]]), tmp_path / "all")
    assert bytes_of(merge(gather(parts), tmp_path / "all").path) == whole


def test_a_part_that_was_interrupted_goes_on(crossroads, whole, parts, tmp_path, monkeypatch):
    spec = specify(crossroads, COUNT, situations=15)
    shutil.rmtree(parts[1])
    true_blocks = running.run_blocks

    def stopping(*arguments):
        for number, block in enumerate(true_blocks(*arguments)):
            if number == 2:
                signal.raise_signal(signal.SIGINT)
            yield block

    monkeypatch.setattr(running, "run_blocks", stopping)
    with pytest.raises(Stopped, match="of 22 campaigns, kept in"):
        run_part(spec, tmp_path / "3", (3, 4), How(1, 5))
    with pytest.raises(store.ResultsError, match="not finished: 3/4;"):
        merge(gather(parts), tmp_path / "all")
    monkeypatch.setattr(running, "run_blocks", true_blocks)
    run_part(spec, tmp_path / "3", (3, 4), How(2))
    assert bytes_of(merge(gather(parts), tmp_path / "all").path) == whole


@pytest.mark.parametrize("name", ["part.json", "scenario.yaml", "partial/rows.bin", "partial/checkpoint.npz"])
def test_a_damaged_part_is_never_merged(parts, whole, tmp_path, name):
    file = parts[2] / name
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 4
    file.write_bytes(bytes(content))
    try:
        merged = merge(gather([parts[2], *parts]), tmp_path / "all")
    except store.ResultsError as error:
        assert "\n" not in str(error)
    else:  # the file says the same in other words, or another copy was whole
        assert bytes_of(merged.path) == whole


def test_parts_of_different_runs_do_not_go_together(crossroads, parts, tmp_path):
    other = run_part(specify(crossroads, COUNT, seed=2, situations=15), tmp_path, (1, 4), How(1))
    with pytest.raises(store.ResultsError, match="are parts of different runs, and cannot be merged"):
        gather([*parts, other])
    with pytest.raises(store.ResultsError, match="has no parts of a run or study"):
        gather([tmp_path / "nothing"])
    assert read_part(other).name == "1/4"
