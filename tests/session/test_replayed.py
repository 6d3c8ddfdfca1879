"""Single campaigns of an ensemble are those that the ensemble played, wherever their inputs came from."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import sim
from sim.session.replayed import campaign_of

COUNT = 6


@pytest.fixture
def weighted(tmp_path):
    """A file of points: an input of the scenario, and a value that is no input."""
    path = tmp_path / "posterior.csv"
    points = {"formations.l_reserve.strength": [300, 2500], "rules.combat.rate": [0.02, 0.09], "weight": [1, 3]}
    pd.DataFrame(points).to_csv(path, index=False)
    return path


@pytest.mark.parametrize("how", ["own", "situations", "posterior"])
def test_campaigns_add_up_to_the_ensemble(crossroads, weighted, how):
    options = {"own": {}, "situations": {"situations": 2}, "posterior": {"posterior": weighted}}[how]
    results = sim.run(crossroads, COUNT, seed=4, results=None, progress=False, **options)
    counts = np.zeros_like(results.control_counts[-1])
    for k in range(COUNT):
        held = campaign_of(results, k).world.places["control"]
        counts[np.arange(len(held)), held] += 1
    assert (counts == results.control_counts[-1]).all()
