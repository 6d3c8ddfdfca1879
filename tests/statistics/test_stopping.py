"""Fighting until something is known: the rule keeps its coverage for any true share, however often it looks."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.signal import fftconvolve
from scipy.stats import binom, norm

from sim.engine.load import load
from sim.ensemble.summary import summarise
from sim.ensemble.until import Until, read_until
from sim.scenario.errors import ScenarioError
from sim.statistics.intervals import wilson
from sim.statistics.stopping import FEW, interim_analyses, share_is_known

CROSSROADS = load(Path(__file__).parents[2] / "scenarios" / "crossroads.yaml")
SHARES = np.array([1e-4, 4e-4, 1e-3, 3e-3, 5e-3, 0.01, 0.019, 0.02, 0.04, 0.1, 0.25, 0.5])
FINE_SHARES = np.concatenate(
    [np.geomspace(1e-6, 2e-3, 60), np.arange(0.002, 0.02, 2.5e-4), np.arange(0.02, 0.51, 0.005)]
)


def until(width: float, kind: str = "probability") -> Until:
    return Until(SimpleNamespace(kind=kind, name="it"), width)  # type: ignore[arg-type]


def coverage(share: float, width: float, enough=share_is_known, ends=interim_analyses) -> tuple[float, float]:
    """How often the interval at the end holds the true share, and how many campaigns it takes on average.

    Worked out exactly: the distribution of successes among the runs that still go on, from look to look.
    """
    going, before, covered, campaigns = np.ones(1), 0, 0.0, 0.0
    most = until(width).suffices
    assert most is not None
    for look in ends(most):
        more = binom.pmf(np.arange(look - before + 1), look - before, share)
        going = np.maximum(fftconvolve(going, more), 0.0) if len(going) > 2000 else np.convolve(going, more)
        counts = np.arange(look + 1)
        stop = np.full(look + 1, True) if look == most else enough(counts, look, width)
        low, high = wilson(counts, look)
        covered += going[stop & (low <= share) & (share <= high)].sum()
        campaigns += look * going[stop].sum()
        going, before = np.where(stop, 0.0, going), look
        if going.sum() < 1e-12:
            break
    return covered, campaigns


@pytest.mark.parametrize("width", [0.05, 0.02, 0.01])
def test_the_interval_at_the_end_holds_the_true_share_in_93_of_100_runs(width):
    assert min(coverage(share, width)[0] for share in SHARES) >= 0.93


@pytest.mark.verify
@pytest.mark.parametrize("width", [0.2, 0.05, 0.04, 0.03, 0.025, 0.02, 0.015, 0.01, 0.005])
def test_coverage_over_a_fine_grid_of_shares(width):
    worst = min((coverage(share, width)[0], share) for share in FINE_SHARES)
    print(f"±{width}: at least {worst[0]:.2%}, at a true share of {worst[1]:.2%}")
    assert worst[0] >= 0.93


def test_what_the_rule_is_there_to_avoid():
    """Looking after every campaign with the naive interval: the reference gives 0.4185 for share 0.02, width 0.01."""

    def naive(counts, trials, width):
        p = counts / trials
        return norm.ppf(0.975) * np.sqrt(p * (1 - p) / trials) <= width

    rng, held, runs = np.random.default_rng(7), 0, 4000
    for _ in range(runs):
        counts = np.cumsum(rng.random(4000) < 0.02)
        trials = np.arange(1, 4001)
        end = 29 + int(np.argmax(naive(counts[29:], trials[29:], 0.01)))
        p = counts[end] / trials[end]
        held += abs(p - 0.02) <= norm.ppf(0.975) * np.sqrt(p * (1 - p) / trials[end])
    assert held / runs == pytest.approx(0.4185, abs=4 * np.sqrt(0.25 / runs))
    assert coverage(0.02, 0.01)[0] > 0.94


def test_it_takes_little_more_than_the_least():
    for share in (0.1, 0.3, 0.5):
        least = next(n for n in range(100, 10**5) if share_is_known(round(share * n), n, 0.02))
        assert least <= coverage(share, 0.02)[1] <= 1.2 * least


@pytest.mark.parametrize(("width", "campaigns"), [(0.05, 1000), (0.02, 2398), (0.01, 9600), (0.005, 38_411)])
def test_so_many_suffice_whatever_the_share(width, campaigns):
    """4 fewer than 0.25 (z / width)^2, rounded up, which the reference gives: Wilson's interval is narrower."""
    assert until(width).suffices == campaigns
    assert share_is_known(campaigns // 2, campaigns, width)
    assert campaigns == 1000 or not share_is_known(campaigns // 2, campaigns - 2, width)


def test_hardly_any_is_no_reason_to_stop_but_none_is():
    assert share_is_known(0, 200, 0.05) and share_is_known(200, 200, 0.05)
    assert not any(share_is_known(few, 200, 0.05) or share_is_known(200 - few, 200, 0.05) for few in range(1, FEW + 1))
    assert share_is_known(FEW + 1, 200, 0.05)


def test_interim_analyses_do_not_depend_on_the_most_and_end_with_it():
    assert list(interim_analyses(300)) == [100, 111, 123, 136, 150, 165, 182, 201, 222, 245, 270, 297, 300]
    assert list(interim_analyses(299))[:-1] == list(interim_analyses(300))[:-1]
    assert list(interim_analyses(40)) == [40]


@pytest.mark.parametrize("draw", ["normal", "lognormal"])
def test_the_interval_of_a_mean_holds_it_too(draw):
    """Whoever stops by the spread of a skewed amount stops early when the large ones have not come yet."""
    rng, runs = np.random.default_rng(3), 2000
    law = {
        "normal": (lambda n: rng.normal(5, 1, n), 5.0),
        "lognormal": (lambda n: rng.lognormal(0, 0.5, n), np.exp(0.125)),
    }
    draws, mean = law[draw]
    goal, held = until(0.06, "quantity"), 0
    for _ in range(runs):
        values = draws(20_000)
        end = next(look for look in interim_analyses(len(values)) if goal.is_met(values[:look]))
        held += abs(values[:end].mean() - mean) <= goal.known_to(values[:end])
    assert held / runs > 0.93


def test_a_time_that_never_came_counts_as_a_campaign_and_a_failed_amount_does_not():
    days = np.array([3.0] * 150 + [np.nan] * 50)
    low, high = wilson(150, 200)
    assert until(0.1, "time").known_to(days) == pytest.approx((high - low) / 2)
    amounts = np.array([1.0, 3.0] * 50 + [np.nan] * 10)
    student = 1.984217  # 97.5 % of Student's distribution with 99 degrees of freedom
    assert until(0.1, "quantity").known_to(amounts) == pytest.approx(student * amounts[:100].std(ddof=1) / 10, rel=1e-6)
    assert until(0.1, "quantity").known_to([2.0]) == np.inf


def test_a_formula_that_is_0_or_1_is_a_share_and_not_known_for_sure_when_it_never_came():
    """The naive interval of a mean would have no width."""
    never = np.zeros(100)
    assert until(0.01, "quantity").known_to(never) == until(0.01).known_to(never) > 0.01
    assert not until(0.01, "quantity").is_met(never)


def test_campaigns_in_which_it_is_not_defined_do_not_count():
    """4 of 1,000 campaigns tell anything, and all four say no: the share lies between 0 and 49 %, not within 0.01."""
    mostly = np.full(1000, np.nan)
    mostly[[3, 200, 500, 999]] = 0.0
    for kind in ("quantity", "probability"):
        goal = until(0.01, kind)
        assert goal.known_to(mostly) == pytest.approx(float(wilson(0, 4)[1]) / 2)
        assert not goal.is_met(mostly)
        assert goal.defined(mostly) == 0.004
    never = np.full(1000, np.nan)
    assert until(0.01, "quantity").known_to(never) == 0.5 and not until(0.01, "quantity").is_met(never)
    alike = np.where(np.isfinite(mostly), 7.0, np.nan)
    assert until(0.01, "quantity").known_to(alike) == np.inf and not until(0.01, "quantity").is_met(alike)
    # A time that did not come is known not to have come.
    assert until(0.05, "time").is_met(never) and until(0.05, "time").defined(never) == 1.0


@pytest.mark.parametrize("runs", [100, pytest.param(10_000, marks=pytest.mark.verify)])
@pytest.mark.parametrize("share", [0.02, 0.1, 0.4, None])
def test_intervals_hold_what_is_true_where_most_values_are_not_defined(runs, share):
    """Defined in a tenth of the campaigns: a share of those, or (None) a skewed amount."""
    rng, held = np.random.default_rng(5), 0
    goal = until(0.05 if share is not None else 0.12, "quantity")
    true = np.exp(0.125) if share is None else share
    for _ in range(runs):
        values = np.full(14_000, np.nan)
        chosen = rng.random(len(values)) < 0.1
        count = int(chosen.sum())
        values[chosen] = rng.lognormal(0, 0.5, count) if share is None else rng.random(count) < share
        end = next(look for look in interim_analyses(len(values)) if goal.is_met(values[:look]))
        assert end < len(values)
        said = summarise("it", "quantity", "", values[:end])
        assert (said["mean_high"] - said["mean_low"]) / 2 == pytest.approx(goal.known_to(values[:end]))
        held += said["mean_low"] <= true <= said["mean_high"]
    print(f"{share}: held in {held / runs:.1%}")
    assert held / runs >= 0.93 - 2 * np.sqrt(0.07 * 0.93 / runs) * (runs < 1000)


@pytest.mark.parametrize("text", ["ottersby.fall_day±0.01", "ottersby.fall_day +- 0.01", "ottersby.fall_day+/-1e-2"])
def test_it_is_read_as_it_is_written(text):
    goal = read_until(text, CROSSROADS)
    assert (goal.outcome.name, goal.half_width) == ("ottersby.fall_day", 0.01)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "should be an outcome and how closely"),
        ("ottersby.fall_day", "should be an outcome and how closely"),
        ("ottersby.fal_day±0.01", "did you mean ottersby.fall_day?"),
        ("ottersby.fall_day±x", "'x' is not a number"),
        ("ottersby.fall_day±", "'' is not a number"),
        ("ottersby.fall_day±0", "more than 0, but is 0"),
        ("ottersby.fall_day±-1", "more than 0, but is -1"),
        ("deaths.total@day8±nan", "more than 0, but is nan"),
        ("ottersby.fall_day±0.5", "known to less than 0.5 in any case"),
        ("deaths.total@day99±5", "lies outside the campaign"),
    ],
)
def test_what_cannot_be_asked_is_one_message(text, said):
    with pytest.raises(ScenarioError) as refused:
        read_until(text, CROSSROADS)
    assert str(refused.value).startswith(f"until {text}: ")
    assert said in str(refused.value)
    assert len(refused.value.problems) == 1
