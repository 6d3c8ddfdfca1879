"""How well a number tells two groups apart: by hand, against the normal law, and the coverage of its interval."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from sim.statistics.separation import separation


def test_separation_by_hand() -> None:
    first = [0, 1, 0, 1]
    values = np.array([[1, 1, 4], [2, 1, 2], [3, 1, 3], [4, 1, 1]])
    area, low, high = separation(values, first)
    assert area.tolist() == [0.75, 0.5, 0.0]  # 3 of 4 pairs; all tied; each of the first is smaller
    assert (low <= area).all() and (area <= high).all() and (low >= 0).all() and (high <= 1).all()
    assert low[1] < 0.5 < high[1] and high[2] > 0
    with pytest.raises(ValueError, match="both groups need a member, but they have 4 and 0"):
        separation(values, [1, 1, 1, 1])


def test_the_interval_covers_what_the_normal_law_says() -> None:
    """Two normal groups one standard deviation apart: the chance is the normal law of 1 / sqrt(2)."""
    rng = np.random.default_rng(3)
    sets = rng.standard_normal((90, 400))
    sets[:30] += 1.0
    area, low, high = separation(sets, np.arange(90) < 30)
    truth = norm.cdf(1 / np.sqrt(2))
    assert area.mean() == pytest.approx(truth, abs=0.01)
    assert 0.91 <= ((low <= truth) & (truth <= high)).mean() <= 0.98
