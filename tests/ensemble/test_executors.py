"""Shards: wherever they are computed, and whatever dies, the same rows come back."""

from __future__ import annotations

import os
import signal
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor

import numpy as np
import pytest

from sim.engine.record import RecordSpec
from sim.ensemble.executors import run_shards
from sim.ensemble.points import InputPoints, OnePoint, SetPoints
from sim.ensemble.pools import Borrowed, WorkersLost, pool_of
from sim.ensemble.run import run
from sim.ensemble.shards import Done, Job, Shard
from sim.outcomes.catalogue import outcomes_of
from sim.scenario.errors import ScenarioError

PATHS = ("sides.lowlands.will", "formations[side=highlands].strength *")
NUMBERS = np.array([[0.2, 1.0], [0.6, 1.0], [0.6, 0.5], [1.0, 1.5]])


@pytest.fixture(scope="module")
def study(crossroads, deployed) -> Job:
    return Job(SetPoints(deployed, PATHS, NUMBERS), RecordSpec(deployed, outcomes_of(crossroads)), seed=1)


SHARDS = [Shard(0, 2, 0, 20), Shard(2, 4, 0, 20), Shard(0, 3, 20, 30), Shard(3, 4, 20, 30)]


def rows_of(done: list[Done]) -> np.ndarray:
    """[point, replicate, outcome]"""
    rows = np.full((4, 30, done[0].rows.shape[1]), -1.0)
    for shard, part, *_ in done:
        size = (shard.last_point - shard.first_point, shard.last - shard.first, -1)
        rows[shard.first_point : shard.last_point, shard.first : shard.last] = part.reshape(size)
    return rows


@pytest.fixture(scope="module")
def rows(study) -> np.ndarray:
    return rows_of(list(run_shards(study, SHARDS, 1)))


def test_each_point_is_a_run_with_these_settings(crossroads, rows):
    for point, numbers in enumerate(NUMBERS):
        values = dict(zip(PATHS, numbers.tolist(), strict=True))
        results = run(crossroads, 30, results=None, set=values)
        for column, name in enumerate(results.outcome_names):
            assert np.array_equal(rows[point, :, column], results.runs[name].to_numpy(float), equal_nan=True)


def test_threads_and_the_cut_into_shards_change_nothing(study, rows):
    one_by_one = [Shard(p, p + 1, r, r + 10) for r in (0, 10, 20) for p in range(4)]
    assert np.array_equal(rows_of(list(run_shards(study, one_by_one, 2))), rows, equal_nan=True)


@pytest.mark.parametrize("address", ["threads", "processes:2"])
def test_an_executor_changes_nothing(study, rows, address):
    pool = pool_of(ThreadPoolExecutor(2) if address == "threads" else address)
    assert np.array_equal(rows_of(list(run_shards(study, SHARDS, 1, pool))), rows, equal_nan=True)


def kill_once(flag: str) -> None:
    """Ends the process that runs this, the first time."""
    if not os.path.exists(flag):
        open(flag, "w").close()
        os.kill(os.getpid(), signal.SIGKILL)


class Deadly(SetPoints):
    """Points of which the third kills its worker, once."""

    flag = ""

    def deployment(self, index):
        if index == 2 and self.flag:
            kill_once(self.flag)
        return super().deployment(index)


def test_a_worker_that_dies_costs_its_shard_once(crossroads, deployed, study, rows, tmp_path):
    points = Deadly(deployed, PATHS, NUMBERS)
    points.flag = str(tmp_path / "killed")
    job = Job(points, study.spec, seed=1)
    assert np.array_equal(rows_of(list(run_shards(job, SHARDS, 1, pool_of("processes:2")))), rows, equal_nan=True)
    assert (tmp_path / "killed").exists()


def test_out_of_order_all_shards_come_once(study, rows):
    done = list(run_shards(study, SHARDS, 2, in_order=False))
    assert sorted(part.shard for part in done) == sorted(SHARDS)
    assert np.array_equal(rows_of(done), rows, equal_nan=True)


def test_whoever_keeps_shards_has_each_before_it_comes(study):
    kept = []
    for pool in (None, pool_of("processes:1")):
        kept.clear()
        for number, done in enumerate(run_shards(study, SHARDS, 2, pool, keep=kept.append)):
            assert done in kept and len(kept) > number
        assert sorted(part.shard for part in kept) == sorted(SHARDS)


class Plain(ThreadPoolExecutor):
    """An executor that knows no more than it must, as that of Dask."""

    def shutdown(self, wait=True):
        super().shutdown(wait)


def test_an_executor_needs_to_know_no_more_than_it_must(study, rows):
    assert np.array_equal(rows_of(list(run_shards(study, SHARDS, 1, Borrowed(Plain(2))))), rows, equal_nan=True)


def test_a_scheduler_that_is_gone_and_workers_that_die_again_and_again_are_told(study):
    killed = pytest.importorskip("distributed").KilledWorker

    class Gone(Plain):
        def submit(self, *work):
            future = Future()
            future.set_exception(self.error)
            return future

    for Gone.error in (CancelledError(), killed("shard", None, 3)):
        with pytest.raises(WorkersLost, match="the workers died; what is finished is kept, the same command goes on"):
            list(run_shards(study, SHARDS, 1, Borrowed(Gone(1))))


def test_a_shard_that_fails_is_handed_in_again_and_then_told(deployed, study):
    class Failing(SetPoints):
        failures = 0

        def deployment(self, index):
            Failing.failures += index == 3
            if index == 3 and Failing.failures <= self.times:
                raise OSError("the disk is gone")
            return super().deployment(index)

    points = Failing(deployed, PATHS, NUMBERS)
    points.times = 1
    assert len(list(run_shards(Job(points, study.spec, seed=1), SHARDS, 2))) == 4
    Failing.failures, points.times = 0, 100
    with pytest.raises(OSError, match="the disk is gone"):
        list(run_shards(Job(points, study.spec, seed=1), SHARDS, 2))


def test_replicates_of_their_own(deployed, study):
    same = Job(OnePoint(deployed), study.spec, seed=1)
    (one,) = run_shards(same, [Shard(0, 1, 0, 20)], 1)
    apart = Job(SetPoints(deployed, PATHS, [[0.6, 1.0]] * 2), study.spec, seed=1, apart=10)
    (two,) = run_shards(apart, [Shard(0, 2, 0, 10)], 1)
    pinned = Job(SetPoints(deployed, PATHS, [[0.6, 1.0]]), study.spec, seed=1)
    (whole,) = run_shards(pinned, [Shard(0, 1, 0, 20)], 1)
    assert np.array_equal(two.rows, whole.rows, equal_nan=True)
    assert one.rows.shape == whole.rows.shape


def test_inputs_that_are_fixed_have_their_number_in_every_campaign(deployed, study):
    name = "formations[side=highlands].strength *"
    points = InputPoints(deployed, [name, "formations.l_posts.manning"], [[0.0, 0.5], [0.25, 1.0]])
    low, mode, high = deployed.scenario.uncertainty["formations[side=highlands].strength"].triangular
    quarter = low + (0.25 * (high - low) * (mode - low)) ** 0.5
    assert points.space.numbers(points.shares) == pytest.approx(np.array([[low, 0.6], [quarter, 0.8]]))
    for point, factor in ((0, low), (1, quarter)):
        fixed = points.deployment(point)
        table = fixed.atlas.uncertain_inputs[[label == name for label in fixed.inputs]]
        assert table["a"] == pytest.approx(np.full(5, factor)) and (table["a"] == table["b"]).all()
    assert len(list(run_shards(Job(points, study.spec, seed=1), [Shard(0, 2, 0, 5)], 1))) == 1
    with pytest.raises(ValueError, match=r"did you mean formations\.l_posts\.manning"):
        InputPoints(deployed, ["formations.l_post.manning"], [[0.5]])


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("processes:0", "processes:N with N from 1 to 4096"),
        ("processes:many", "processes:N with N from 1 to 4096"),
        ("slurm://x", "should be dask://HOST:PORT or processes:N"),
        ("dask://", "should be dask://HOST:PORT or processes:N"),
    ],
)
def test_an_address_that_is_none_is_one_message(address, said):
    with pytest.raises(ScenarioError, match=said):
        pool_of(address)


def test_a_pool_of_the_user_that_broke_is_told(study, deployed, tmp_path):
    points = Deadly(deployed, PATHS, NUMBERS)
    points.flag = str(tmp_path / "killed")
    with pool_of("processes:1").open() as pool, pytest.raises(WorkersLost, match="the workers died"):
        list(run_shards(Job(points, study.spec, seed=1), SHARDS, 1, Borrowed(pool)))
