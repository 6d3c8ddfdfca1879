"""How the campaigns of an ensemble are summarised, by the kind of outcome."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.ensemble.summary import summarise


def test_a_time_that_did_not_come_is_later_than_all_others():
    said = summarise("x", "time", "day", [1.0, 2.0, 3.0, math.nan])
    assert (said["probability"], said["p05"], said["median"], said["p95"]) == (0.75, 1.0, 2.0, None)
    assert said["probability_low"] < 0.75 < said["probability_high"] < 1
    never = summarise("x", "time", "day", [math.nan] * 4)
    assert (never["probability"], never["probability_low"], never["median"]) == (0.0, 0.0, None)


def test_a_quantity_has_a_mean_with_its_interval_and_quantiles():
    sample = np.random.default_rng(1).normal(100, 10, 400)
    said = summarise("x", "quantity", "people", sample)
    assert said["mean_high"] - said["mean_low"] == pytest.approx(2 * 1.965927 * sample.std(ddof=1) / 20, rel=1e-6)
    assert (said["p05"], said["median"]) == (np.quantile(sample, 0.05), np.median(sample))
    alone = summarise("x", "quantity", "people", [5.0])
    assert (alone["mean"], alone["mean_low"], alone["p95"]) == (5.0, None, 5.0)


@pytest.mark.parametrize("sample", [[1.0] * 3 + [0.0] * 7, [0.0] * 10, [1.0] * 10, [1.0, 0.0, math.nan]])
def test_an_amount_that_is_0_or_1_in_all_campaigns_has_the_interval_of_a_share(sample):
    """A mean with its error would say that what never came in ten campaigns never comes."""
    amount, share = (summarise("x", kind, "", sample) for kind in ("quantity", "probability"))
    assert [amount[key] for key in ("mean", "mean_low", "mean_high")] == [
        share[key] for key in ("probability", "probability_low", "probability_high")
    ]
    assert 0 <= amount["mean_low"] < amount["mean_high"] <= 1


def test_a_probability_is_a_share_with_its_interval():
    said = summarise("x", "probability", "", [1.0] * 3 + [0.0] * 7)
    assert said == {
        "name": "x",
        "kind": "probability",
        "probability": 0.3,
        "probability_low": pytest.approx(0.1078, abs=1e-4),
        "probability_high": pytest.approx(0.6032, abs=1e-4),
    }
