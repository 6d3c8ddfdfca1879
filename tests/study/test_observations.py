"""What targets ask of an ensemble: statistics, ranges, errors and chance against numbers worked out by hand."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from sim.engine.load import load
from sim.scenario.errors import ScenarioError
from sim.study.observations import DIFFERENCE, MEDIAN, SHARE, observations_of

NAN = math.nan


@pytest.fixture
def of(crossroads_file, tmp_path):
    """The observations of targets, by name, and the notes."""

    def build(variants=True, **targets):
        said = {name: {"title": name, **target} for name, target in targets.items()}
        file = tmp_path / "s.yaml"
        file.write_text(crossroads_file.read_text("utf-8") + f"\ntargets: {json.dumps(said)}\n", "utf-8")
        observations, notes = observations_of(load(file), variants)
        return {one.name: one for one in observations}, notes

    return build


def margin(by, unit):
    return {"by": by, "unit": unit, "why": "a test"}


def test_a_median_has_errors_in_its_own_unit_or_as_a_share_of_it(of):
    found, _ = of(
        a={"outcome": "deaths.total", "median_within": [600, 800], "error": margin(0.1, "share")},
        b={"outcome": "deaths.total", "median_within": [600, 800], "error": margin(40, "people")},
        c={"outcome": "half = deaths.total / 2", "median_within": [0, 1], "error": margin(0.3, "ratio")},
        d={
            "outcome": "ottersby.fall_day", "median_within": [2, 3],
            "error": margin(0.6, "days"), "discrepancy": margin(0.8, "days"),
        },
    )  # fmt: skip
    assert {name: one.statistic for name, one in found.items()} == dict.fromkeys("abcd", MEDIAN)
    # Two standard deviations are stated; 10 % are those of 700, the middle.
    assert found["a"].sd == pytest.approx(35)
    assert found["b"].sd == 20
    assert found["c"].sd == 0.15
    assert found["d"].sd == pytest.approx(0.5), "error and discrepancy add as squares"
    assert found["d"].unit == "day" and (found["d"].low, found["d"].high) == (2, 3)


def test_an_error_of_the_outcome_widens_the_range_in_which_campaigns_count(of):
    found, notes = of(
        a={
            "outcome": "ottersby.fall_day", "share_within": [2, 4], "at_least": 0.7,
            "error": margin(0.5, "days"), "discrepancy": margin(0.1, "share"),
        },
        b={"outcome": "ottersby.fall_day", "p05_to_p95_within": [1, 6], "error": margin(0.5, "day")},
        c={"outcome": "lowlands.collapsed", "probability_at_least": 0.5, "error": margin(1, "sides")},
    )  # fmt: skip
    assert (found["a"].counted, found["a"].low, found["a"].high, found["a"].sd) == ((1.5, 4.5), 0.7, math.inf, 0.05)
    days = np.array([[0.4, 0.5, 6.5, 6.75, NAN, 2.0, 2.0, 2.0, 2.0, 2.0]])
    early, late = (found[f"b {part}"].estimate(days)[0][0] for part in ("early", "late"))
    assert (early, late) == (0.1, 0.2), "what never came is later than any day; the ends of the range count as within"
    assert (found["b early"].low, found["b early"].high) == (-math.inf, 0.05)
    assert any("c: its `error` of 1 sides cannot be used" in note and "give it in share" in note for note in notes)
    assert any(note.startswith("b, c: no `discrepancy` is stated") for note in notes)


def test_shares_and_their_chance(of):
    found, _ = of(
        a={"outcome": "ottersby.fall_day", "share_within": [2, 4], "at_least": 0.7},
        b={"outcome": "rung = ottersby.fall_day - 3", "probability_at_least": 0.5},
    )
    values = np.array([[2.0, 4.0, 5.0, NAN], [3.0, 3.0, 3.0, 3.0]])
    share, chance = found["a"].estimate(values)
    assert share.tolist() == [0.5, 1.0]
    assert chance == pytest.approx((0.25 / 3 + 0.0) / 2), "p (1 - p) / (n - 1), the mean over the points"
    undefined = np.array([[1.0, -1.0, NAN, NAN], [1.0, NAN, NAN, NAN]])
    share, chance = found["b"].estimate(undefined)
    assert share[0] == 0.5 and np.isnan(share[1]), "one campaign is no statistic"
    assert chance == pytest.approx(0.25 / 1)
    assert np.isnan(found["b"].estimate(np.full((2, 3), NAN))[1])


def test_medians_and_their_chance(of):
    found, _ = of(
        a={"outcome": "deaths.total", "median_within": [0, 1]},
        b={"outcome": "ottersby.fall_day", "median_within": [0, 1]},
    )
    rng = np.random.default_rng(1)
    values = rng.standard_normal((400, 101))
    middle, chance = found["a"].estimate(values)
    assert np.array_equal(middle, np.median(values, axis=1))
    # The median of n normal numbers has the variance pi / (2 n).
    assert chance == pytest.approx(math.pi / 202, rel=0.2)
    assert np.var(middle) == pytest.approx(math.pi / 202, rel=0.2)
    days, _ = found["b"].estimate(np.array([[1.0, NAN, NAN]]))
    assert days[0] == 8.0, "what never came counts as the last day"


def test_differences_from_a_variant_and_their_chance(of):
    versus = {"variant": "no_wing"}
    found, notes = of(
        a={"outcome": "deaths.total", "difference_within": [-50, 1], "error": margin(8, "people"), **versus},
        b={
            "outcome": "ottersby.fall_day", "share_within": [2, 4], "difference_within": [-0.5, 1],
            "error": margin(0.5, "days"), "discrepancy": margin(0.1, "share"), **versus,
        },
        c={"outcome": "lowlands.collapsed", "difference_within": [-1, 0.2], "error": margin(1, "sides"), **versus},
        d={"outcome": "deaths.total", "difference_within": [0, 1], "error": margin(0.1, "share"), **versus},
    )  # fmt: skip
    assert {one.statistic for one in found.values()} == {DIFFERENCE}
    assert {name: one.unit for name, one in found.items()} == {"a": "people", "b": "share", "c": "share", "d": "people"}
    assert (found["a"].sd, found["b"].sd, found["b"].counted) == (4, 0.05, (1.5, 4.5))
    assert (found["a"].low, found["a"].high) == (-50, 1)
    assert (found["b"].low, found["b"].high, found["b"].shown) == (-0.5, math.inf, (-0.5, 1))
    assert (found["c"].low, found["c"].shown) == (-math.inf, (-1, 0.2))
    assert any(
        "c: its `error` of 1 sides cannot be used" in n and "a difference of shares; give it in share" in n
        for n in notes
    )
    assert any("d: its `error` of 0.1 share" in n and "a difference in people; give it in people" in n for n in notes)
    one, other = np.array([[10.0, 20, 30, NAN], [1, 1, 1, 1]]), np.array([[11.0, 24, 30, 7], [1, 1, 1, NAN]])
    mean, chance = found["a"].estimate(one, other)
    assert mean == pytest.approx([5 / 3, 0.0])
    assert chance == pytest.approx((np.var([1, 4, 0], ddof=1) / 3 + 0.0) / 2)
    days, later = np.array([[2.0, 4.0, 5.0, NAN]]), np.array([[1.0, 4.4, 4.5, 3.0]])
    assert found["b"].estimate(days, later)[0] == pytest.approx([3 / 4 - 2 / 4]), "shares in the range, widened"
    fell, held = np.array([[1.0, 0, 1, NAN]]), np.array([[1.0, 1, 1, 1]])
    assert found["c"].estimate(fell, held)[0] == pytest.approx([1 / 3])


def test_what_cannot_be_calibrated_to(of, crossroads):
    with pytest.raises(ScenarioError, match="the scenario has no targets to calibrate to"):
        observations_of(crossroads)
    versus = {"outcome": "deaths.total", "variant": "no_wing", "difference_within": [-1, 1]}
    with pytest.raises(ScenarioError, match="all targets compare with variants"):
        of(False, a=versus)
    found, notes = of(False, a=versus, b={"outcome": "lowlands.collapsed", "probability_at_least": 0.5})
    assert list(found) == ["b"] and found["b"].statistic == SHARE
    assert notes[0] == "Left out, because they compare with a variant: a."
    assert notes[1].startswith("No target states a `discrepancy`")
