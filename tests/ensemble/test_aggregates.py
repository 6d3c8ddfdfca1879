"""Aggregates: quantiles close to the exact ones, the same in whatever order blocks come in."""

from __future__ import annotations

import pickle
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.ensemble.aggregates import SHARES, Aggregates, bin_edges, bin_of
from sim.world.limits import MOST_PEOPLE

QUANTITIES = ["north.strength", "north.will", "north.equipment", "displaced.total"]
PLAN = SimpleNamespace(
    shape=(3, 2, 2), series_days=np.array([0.0, 1.0]), quantities=QUANTITIES, day_samples=np.array([0, 2]), ticks=2
)


def record_of(samples: np.ndarray) -> SimpleNamespace:
    return SimpleNamespace(samples=samples, control_counts=np.ones((3, 2, 2), int), fall_counts=np.ones((2, 3), int))


def campaigns(count: int) -> np.ndarray:
    """Quantities of very different size, at three samples of which two are days."""
    rng = np.random.default_rng(3)
    samples = np.empty((count, 3, 4))
    samples[..., 0] = rng.poisson(30_000 * rng.lognormal(0, 0.3, (count, 3)))
    samples[..., 1] = rng.beta(2, 3, (count, 3))
    samples[..., 2] = rng.gamma(3, 80, (count, 3))
    samples[..., 3] = np.where(rng.random((count, 3)) < 0.3, 0, rng.lognormal(12, 1, (count, 3)))
    samples[:, 0, 1] = 0.6
    return samples


@pytest.mark.parametrize(("low", "high", "median"), [(5, 6, 1000), (6, 5, 1)])
def test_the_median_is_the_value_in_the_middle_and_not_the_edge_of_the_bin_before(low, high, median):
    samples = np.zeros((low + high, 3, 4))
    samples[:, 0, 0] = [1] * low + [1000] * high
    aggregates = Aggregates(PLAN)
    aggregates.add(record_of(samples), low + high, 0.0)
    series = aggregates.series().set_index(["day", "quantity"])
    assert series.loc[(0.0, "north.strength")]["median"] == pytest.approx(median, rel=0.02)


def test_bands_lie_within_two_per_cent_of_the_exact_ones():
    samples = campaigns(3000)
    aggregates = Aggregates(PLAN)
    aggregates.add(record_of(samples), 3000, 0.0)
    series = aggregates.series().set_index(["day", "quantity"])
    for day, at in ((0.0, 0), (1.0, 2)):
        for q, name in enumerate(QUANTITIES):
            row, exact = series.loc[(day, name)], samples[:, at, q]
            assert row["mean"] == pytest.approx(exact.mean(), rel=1e-6, abs=1e-5)
            for band, share in SHARES.items():
                assert row[band] == pytest.approx(np.quantile(exact, share), rel=0.02, abs=1e-3), (name, band)
    assert series.loc[(0.0, "north.will")][["mean", *SHARES]].tolist() == [0.6] * 6


def test_order_and_size_of_blocks_change_nothing():
    samples = campaigns(500)
    whole, parts = Aggregates(PLAN), Aggregates(PLAN)
    whole.add(record_of(samples), 500, 0.0)
    for start in (400, 0, 250):
        part = samples[start : {400: 500, 0: 250, 250: 400}[start]]
        parts.add(record_of(part), len(part), 0.0)
    parts.control_counts, parts.fall_counts = whole.control_counts, whole.fall_counts
    for name, array in whole.state().items():
        assert np.array_equal(array, parts.state()[name]), name


def test_a_campaign_whose_numbers_broke_is_counted_and_left_out():
    samples = campaigns(10)
    samples[3, 0, 2] = np.nan
    aggregates, sound = Aggregates(PLAN), Aggregates(PLAN)
    aggregates.add(record_of(samples), 10, 0.0)
    sound.add(record_of(np.delete(samples, 3, axis=0)), 9, 0.0)
    assert (aggregates.replicates, aggregates.failures) == (10, 1)
    assert aggregates.series().equals(sound.series())


def test_state_is_restored():
    aggregates, other = Aggregates(PLAN), Aggregates(PLAN)
    aggregates.add(record_of(campaigns(20)), 20, 1.5)
    other.restore(aggregates.state())
    assert other.series().equals(aggregates.series())
    assert (other.replicates, other.busy) == (20, 1.5)


@given(st.floats(2**-8, 2**32, exclude_max=True))
def test_every_value_lies_in_its_bin(value):
    edges = bin_edges()
    here = int(bin_of(np.array([value]))[0])
    assert edges[here] <= value < edges[here + 1] <= edges[here] * (1 + 1 / 64)


@pytest.mark.parametrize(("value", "expected"), [(0.0, 0), (1e-9, 0), (1e300, len(bin_edges()) - 2)])
def test_what_is_too_small_or_too_large_counts_at_the_end(value, expected):
    assert bin_of(np.array([value]))[0] == expected


def test_parts_that_were_merged_are_the_whole_in_any_order():
    samples = campaigns(500)
    whole = Aggregates(PLAN)
    whole.add(record_of(samples), 500, 2.0)
    for order in ([(0, 200), (200, 450), (450, 500)], [(450, 500), (0, 200), (200, 450)]):
        merged = Aggregates(PLAN)
        for k, (first, last) in enumerate(order):
            part = Aggregates(PLAN)
            part.add(record_of(samples[first:last]), last - first, 2.0 * (k == 0))
            merged.merge(pickle.loads(pickle.dumps(part)))
        merged.control_counts, merged.fall_counts = whole.control_counts, whole.fall_counts
        for name, array in whole.state().items():
            assert np.array_equal(array, merged.state()[name]), name
    assert len(pickle.dumps(part)) < 0.2 * part.histogram.nbytes


def test_the_largest_amounts_of_many_campaigns_keep_their_mean_and_their_bands():
    """A sum in whole 1/65536 would overflow 64 bits after 74,000 campaigns of so many people."""
    samples = np.full((20_000, 3, 4), MOST_PEOPLE)
    samples[::2, :, 0] -= 1.0
    samples[..., 1] = 0.7
    aggregates = Aggregates(PLAN)
    for _ in range(10):
        aggregates.add(record_of(samples), len(samples), 0.0)
    series = aggregates.series().set_index(["day", "quantity"])
    assert series.loc[(1.0, "north.strength"), "mean"] == MOST_PEOPLE - 0.5
    assert series.loc[(1.0, "displaced.total")][["mean", *SHARES]].tolist() == [MOST_PEOPLE] * 6
    assert series.loc[(1.0, "north.will"), "mean"] == pytest.approx(0.7, abs=1e-5)
