"""History matching where the answer is known: a straight line, nothing to rule out, nothing left, nothing defined."""

from __future__ import annotations

import numpy as np
import pytest

from sim.study.history_matching import LITTLE, match
from tests.study.truth import Seen


def line(_wave, t):
    """A simulator without chance: the first input."""
    return [(t[:, 0].copy(), 0.0)]


def test_a_line_leaves_three_standard_deviations_around_what_was_observed():
    found = match([Seen("a", 0.45, 0.55, 0.02)], line, 2, 32, 3, 1, 1024)
    assert found.cutoff == 3.0
    assert found.left == pytest.approx(0.1 + 6 * 0.02, abs=0.03)
    assert found.surveyed.mean() == pytest.approx(found.left, abs=0.03)
    sample, weights = found.sample, found.weights
    assert sample[:, 0].min() > 0.38 and sample[:, 0].max() < 0.62
    # A uniform input seen in a range with a normal error: the convolution of both, with the sum of their variances.
    mean = weights @ sample[:, 0]
    assert mean == pytest.approx(0.5, abs=0.004)
    assert weights @ (sample[:, 0] - mean) ** 2 == pytest.approx(0.1**2 / 12 + 0.02**2, rel=0.1)
    assert weights @ sample[:, 1] == pytest.approx(0.5, abs=0.04), "nothing is said of the second"
    assert len(found.waves) == 2 and 1 - found.waves[1].kept < LITTLE, "the second wave rules out hardly anything"
    assert found.waves[1].predicted == 1.0 and np.isnan(found.waves[0].predicted)


def test_the_same_seed_gives_the_same_bytes():
    one, other = (match([Seen("a", 0.5, 0.5, 0.05)], line, 3, 24, 2, 5, 256) for _ in range(2))
    assert one.sample.tobytes() == other.sample.tobytes() and one.weights.tobytes() == other.weights.tobytes()
    assert match([Seen("a", 0.5, 0.5, 0.05)], line, 3, 24, 2, 6, 256).sample.tobytes() != one.sample.tobytes()


def test_a_thin_slice_is_explored_though_few_points_of_it_are_found():
    found = match([Seen("a", 0.3, 0.3, 0.0005)], line, 2, 32, 2, 1, 1024)
    assert found.left == pytest.approx(0.003, abs=0.003) and found.waves[0].kept * 1024 < 10
    assert np.abs(found.sample[:, 0] - 0.3).max() < 0.002
    assert found.sample[:, 1].std() == pytest.approx(np.sqrt(1 / 12), rel=0.25), "all along the slice"


def test_what_is_met_everywhere_rules_out_nothing():
    found = match([Seen("a", -1.0, 2.0, 0.01)], line, 2, 24, 3, 1, 256)
    assert found.left == 1.0 and found.surveyed.all() and len(found.waves) == 2
    assert found.weights == pytest.approx(np.full(256, 1 / 256))


def test_what_is_met_nowhere_leaves_nothing():
    found = match([Seen("a", 3.0, 4.0, 0.1)], line, 2, 24, 3, 1, 256)
    assert (found.left, len(found.sample), len(found.waves)) == (0.0, 0, 1)
    assert found.nearest[0] == pytest.approx(20, rel=0.1), "2 away, with a standard deviation of 0.1"


def test_contradicting_observations_leave_nothing_though_each_can_be_met():
    def twice(_wave, t):
        return [(t[:, 0].copy(), 0.0), (t[:, 0].copy(), 0.0)]

    found = match([Seen("a", 0.0, 0.1, 0.01), Seen("b", 0.9, 1.0, 0.01)], twice, 2, 24, 2, 1, 256)
    assert found.left == 0.0 and found.nearest.tolist() == [0.0, 0.0]


def test_a_statistic_that_is_hardly_ever_defined_is_not_used():
    def rare(_wave, t):
        return [(np.where(t[:, 0] < 0.1, t[:, 0], np.nan), 0.0), (t[:, 1].copy(), 0.0)]

    found = match([Seen("a", 5.0, 6.0, 0.1), Seen("b", 0.0, 0.5, 0.01)], rare, 2, 32, 2, 1, 256)
    assert all(wave.emulators[0] is None for wave in found.waves)
    assert found.left == pytest.approx(0.53, abs=0.05)
