"""Intervals agree with reference values and keep their coverage."""

import numpy as np
import pytest

from sim.statistics.intervals import quantile_interval, quantile_ranks, wilson

WILSON95 = {
    (0, 1000): (0, 0.0038267584855551234),
    (5, 10): (0.236593090512564, 0.7634069094874361),
    (81, 263): (0.2552885198782742, 0.36620957698280004),
    (500, 1000): (0.4690696003681042, 0.5309303996318958),
    (0, 1_000_000): (0, 3.841444063944942e-06),
}


@pytest.mark.parametrize(("counted", "bounds"), WILSON95.items())
def test_wilson_agrees_with_the_reference(counted, bounds):
    assert [float(bound) for bound in wilson(*counted)] == pytest.approx(bounds, rel=1e-12, abs=1e-15)


def test_wilson_takes_arrays_and_mirrors_at_the_middle():
    low, high = wilson(np.arange(11), 10)
    assert low.shape == (11,)
    assert low == pytest.approx(1 - high[::-1], abs=1e-15)
    assert low[0] == 0
    assert high[-1] == 1
    assert np.all(low <= np.arange(11) / 10)
    assert np.all(high >= np.arange(11) / 10)


def test_wilson_without_trials_knows_nothing_and_refuses_impossible_counts():
    assert [float(bound) for bound in wilson(0, 0)] == [0, 1]
    for counted in ((3, 2), (-1, 2), (0, -1)):
        with pytest.raises(ValueError, match="successes"):
            wilson(*counted)


def test_a_higher_level_is_wider():
    (low, high), (lower, higher) = wilson(30, 100), wilson(30, 100, level=0.99)
    assert lower < low < high < higher


@pytest.mark.parametrize(
    ("n", "q", "ranks"), [(1000, 0.95, (936, 964)), (1000, 0.5, (469, 532)), (10_000, 0.95, (9457, 9543))]
)
def test_quantile_ranks_agree_with_the_reference(n, q, ranks):
    assert quantile_ranks(n, q) == ranks


def test_quantile_interval_reads_the_ranks_and_is_open_where_the_sample_is_small():
    values = np.random.default_rng(0).permutation(np.arange(1.0, 1001.0))
    assert quantile_interval(values, 0.95) == (936, 964)
    assert quantile_interval([3.0, 1.0, 2.0], 0.5) == (-np.inf, np.inf)


def test_times_that_never_came_are_later_than_all_others():
    values = np.concatenate([np.arange(50.0), np.full(50, np.inf)])
    low, high = quantile_interval(values, 0.5)
    assert low == quantile_ranks(100, 0.5)[0] - 1
    assert high == np.inf


@pytest.mark.parametrize("wrong", [(0, 0.5), (10, 0.0), (10, 1.0)])
def test_quantile_ranks_refuse_what_has_no_quantile(wrong):
    with pytest.raises(ValueError, match="quantile_ranks"):
        quantile_ranks(*wrong)
