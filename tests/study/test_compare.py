"""Comparison of two ensembles: by hand, what can be compared at all, and what common random numbers are worth."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sim.engine.load import load
from sim.ensemble.run import run
from sim.study.compare import compare

OUTCOMES = [
    {"name": "x.fall_day", "kind": "time", "unit": "day"},
    {"name": "x.collapsed", "kind": "probability", "unit": ""},
    {"name": "deaths", "kind": "quantity", "unit": "people"},
]


def results(seed=1, situations=None, end=10.0, **columns):
    """Results of a made-up ensemble."""
    runs = pd.DataFrame(columns)
    manifest = {"scenario": "s", "seed": seed, "replicates": len(runs), "situations": situations, "outcomes": OUTCOMES}
    return SimpleNamespace(manifest=manifest, runs=runs, days=np.arange(0, end + 0.5, 0.5))


A = {"x.fall_day": [2.0, 4.0, np.nan, 6.0], "x.collapsed": [True, False, False, True], "deaths": [10.0, 20, 30, 40]}
B = {"x.fall_day": [2.5, np.nan, np.nan, 7.0], "x.collapsed": [True, False, True, True], "deaths": [11.0, 22, 33, 44]}


def test_by_hand():
    table = compare(results(**A), results(**B))
    assert table.index.tolist() == [
        ("x.fall_day", "probability"), ("x.fall_day", "day"), ("x.collapsed", "probability"), ("deaths", "mean"),
    ]  # fmt: skip
    fell, day = table.loc[("x.fall_day", "probability")], table.loc[("x.fall_day", "day")]
    assert (fell["a"], fell["b"], fell["difference"]) == (0.75, 0.5, -0.25)
    assert (day["a"], day["b"]) == ((2 + 4 + 10 + 6) / 4, (2.5 + 10 + 10 + 7) / 4)
    deaths = table.loc[("deaths", "mean")]
    assert (deaths["a"], deaths["b"], deaths["difference"]) == (25, 27.5, 2.5)
    assert deaths["paired_error"] == pytest.approx(np.std([1, 2, 3, 4], ddof=1) / 2)
    assert deaths["unpaired_error"] == pytest.approx(
        np.sqrt((np.var(A["deaths"], ddof=1) + np.var(B["deaths"], ddof=1)) / 4)
    )
    assert deaths["gain"] == pytest.approx((deaths["unpaired_error"] / deaths["paired_error"]) ** 2)
    assert compare(results(**B), results(**A)).loc[("deaths", "mean"), "difference"] == -2.5


def test_only_ensembles_with_the_same_numbers_are_compared():
    one = results(**A)
    with pytest.raises(ValueError, match="same seed, but they have 1 and 2"):
        compare(one, results(seed=2, **B))
    with pytest.raises(ValueError, match="same replicates, but they have 4 and 3"):
        compare(one, results(**{name: values[:3] for name, values in B.items()}))
    with pytest.raises(ValueError, match="its own draw"):
        compare(one, results(situations=2, **B))
    with pytest.raises(ValueError, match="end on day 10 and day 8"):
        compare(one, results(end=8.0, **B))


def test_the_same_war_gains_all_and_other_numbers_nothing(crossroads_file):
    scenario = load(crossroads_file)
    one = run(scenario, 300, results=None)
    other = run(scenario, 300, results=None, set={"formations.l_reserve.strength": 1230})
    table = compare(one, other)
    deaths = table.loc[("deaths.total@day8", "mean")]
    assert deaths["gain"] > 3
    assert deaths["low"] < deaths["difference"] < deaths["high"]
    strange = run(scenario, 300, seed=2, results=None)
    strange.manifest["seed"] = 1
    assert compare(one, strange).loc[("deaths.total@day8", "mean"), "gain"] == pytest.approx(1, abs=0.3)
    assert (compare(one, one)["difference"] == 0).all()
