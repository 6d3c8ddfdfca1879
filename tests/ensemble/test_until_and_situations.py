"""Runs that end when an outcome is known, runs that share situations, and campaigns that fail."""

from __future__ import annotations

import signal

import numpy as np
import pandas as pd
import pytest

import sim.ensemble.run as running
from sim.cli.run import answer
from sim.engine.record import RecordSpec
from sim.ensemble import store
from sim.ensemble.blocks import Worker
from sim.ensemble.results import Results
from sim.ensemble.run import Interrupted, run
from sim.ensemble.until import read_until
from sim.scenario.errors import ScenarioError
from sim.statistics.stopping import interim_analyses

FALL = "merrow_cross.fall_day"
TABLES = (store.RUNS, store.CONTROL, store.FALLS, store.SERIES)


def bytes_of(results: Results) -> dict[str, bytes]:
    assert results.path is not None
    return {name: (results.path / name).read_bytes() for name in TABLES}


@pytest.fixture(scope="module")
def known(crossroads, tmp_path_factory) -> Results:
    return run(crossroads, until=f"{FALL}±0.04", results=tmp_path_factory.mktemp("known"), figures=False)


def test_it_ends_at_the_first_look_that_is_enough(known):
    row = next(outcome for outcome in known.outcomes if outcome["name"] == FALL)
    half = (row["probability_high"] - row["probability_low"]) / 2
    assert half <= 0.04
    assert known.manifest["until"] == {"outcome": FALL, "half_width": 0.04, "known_to": half, "reached": True}
    assert known.replicates in set(interim_analyses(10_000)) - {100}
    assert known.complete
    assert any("Run until merrow_cross.fall_day was known to ±0.04" in line for line in lines(known))


def test_its_campaigns_are_those_of_a_run_of_that_many(crossroads, known, tmp_path):
    same = run(crossroads, known.replicates, jobs=1, results=tmp_path, figures=False)
    assert bytes_of(same) == bytes_of(known)
    assert same.manifest["run_id"] != known.manifest["run_id"]


def test_it_is_found_again_and_goes_on_after_an_interruption(crossroads, known, tmp_path, monkeypatch):
    again = run(crossroads, until=f"{FALL}+-0.04", results=known.path.parents[1], figures=False)
    assert again.found and again.path == known.path
    true_blocks, blocks = running.run_blocks, []

    def run_blocks(*arguments):
        for block in true_blocks(*arguments):
            blocks.append(block)
            if len(blocks) == known.replicates // 20:  # half-way
                signal.raise_signal(signal.SIGINT)
            yield block

    monkeypatch.setattr(running, "run_blocks", run_blocks)
    with pytest.raises(Interrupted) as stopped:
        run(crossroads, until=f"{FALL}±0.04", block=10, results=tmp_path, figures=False)
    part = stopped.value.results
    assert not part.complete and 0 < part.replicates < known.replicates
    whole = run(crossroads, until=f"{FALL}±0.04", results=tmp_path, figures=False)
    assert bytes_of(whole) == bytes_of(known)
    assert not (whole.path / "partial").exists()


def test_it_says_when_the_most_campaigns_were_not_enough(crossroads):
    short = run(crossroads, 150, until=f"{FALL}±0.01", results=None)
    assert (short.replicates, short.complete) == (150, True)
    assert short.manifest["until"]["reached"] is False
    assert any("not to ±0.01: these were the most campaigns that -n allows" in line for line in lines(short))


def test_an_amount_is_known_by_its_mean_and_need_not_be_listed(crossroads):
    results = run(crossroads, until="deaths.civilian@day3±2", results=None)
    row = results.outcomes[-1]
    assert row["name"] == "deaths.civilian@day3"
    assert (row["mean_high"] - row["mean_low"]) / 2 <= 2
    assert results.replicates < 200_000


def lines(results: Results) -> list[str]:
    return list(answer(results.to_json(), "Title", 8))


def test_campaigns_of_one_situation_differ_by_chance_and_situations_by_what_is_not_known(crossroads):
    own, shared = run(crossroads, 60, results=None), run(crossroads, 60, situations=20, results=None)
    pd.testing.assert_frame_equal(shared.runs[:20], own.runs[:20])
    assert not shared.runs[20:].equals(own.runs[20:])
    more = run(crossroads, 80, situations=20, results=None, jobs=1)
    pd.testing.assert_frame_equal(more.runs[:60], shared.runs)
    assert shared.manifest["run_id"] != own.manifest["run_id"]


def test_replicate_k_is_fought_in_situation_k_modulo_their_number(crossroads, deployed):
    worker = Worker(deployed, RecordSpec(deployed, []), 8, draws=4)
    cells = [cell for cell in deployed.atlas.uncertain_inputs["cell"] if cell >= 0]
    assert cells
    drawn = []
    for replicate in range(8):
        worker.last_tick = 0
        worker.run(1, replicate, 1)
        drawn.append(worker.cells[cells].copy())
        assert worker.world.campaign["input_draw"][0] == replicate % 4
    for first, second in zip(drawn[:4], drawn[4:], strict=True):
        assert np.array_equal(first, second)
    assert len({row.tobytes() for row in drawn}) == 4


def test_the_answer_tells_what_is_not_known_from_chance(crossroads, tmp_path):
    results = run(crossroads, 2000, situations=50, results=tmp_path, figures=False)
    components = Results.open(results.path).variance_components()
    assert list(components.index) == results.outcome_names
    known = components.dropna()
    assert np.allclose(known["between"] + known["within"], 1.0)
    # The scenario is sure of all but the strength of one side.
    assert known.loc["highlands.strength@day8", "between_low"] > 0.03
    assert known["between"].idxmax() == "highlands.strength@day8"
    assert any(line.startswith("Share of variance from") for line in lines(results))
    with pytest.raises(ValueError, match="its own draw"):
        run(crossroads, 20, results=None).variance_components()


def test_shared_situations_make_intervals_wider(crossroads):
    """50 situations are known less well than 1,000, however often each is fought: by the design effect of Kish."""
    own, shared = (run(crossroads, 1000, situations=n, results=None) for n in (None, 50))
    strength = "highlands.strength@day8"
    rows = [results.summary().loc[strength] for results in (own, shared)]
    width, other = (row["mean_high"] - row["mean_low"] for row in rows)
    effect = 1 + (1000 / 50 - 1) * shared.variance_components().loc[strength, "between"]
    assert effect > 1.5
    assert other == pytest.approx(width * np.sqrt(effect), rel=0.25)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"situations": 1}, "situations 1: there should be 2 or more"),
        ({"situations": 30}, "100 campaigns cannot be shared out among 30 situations"),
        ({"situations": 100}, "200 can"),
        ({"situations": 20, "until": f"{FALL}±0.1"}, "does not go with until"),
        ({"until": "merrow_cros.fall_day±0.1"}, "did you mean merrow_cross.fall_day?"),
    ],
)
def test_what_cannot_be_asked_is_one_message(crossroads, asked, said):
    with pytest.raises(ScenarioError) as refused:
        run(crossroads, 100, results=None, **asked)
    assert said in str(refused.value)
    assert len(refused.value.problems) == 1


def test_the_narrowest_and_the_widest_that_can_be_asked_for(crossroads):
    for width in (0.0001, 0.4999):
        assert read_until(f"lowlands.collapsed±{width}", crossroads).half_width == width
    for width, said in (
        (0.00009, "the narrowest that can be asked for is ±0.0001"),
        (0.5, "less than 0.5 in any case"),
    ):
        with pytest.raises(ScenarioError, match=said):
            read_until(f"lowlands.collapsed±{width}", crossroads)


def test_failed_campaigns_stay_in_every_denominator(crossroads, monkeypatch):
    """Every tenth campaign comes out as no number: it counts as fought wherever shares are told."""
    true_blocks = running.run_blocks

    def run_blocks(deployment, plan, seed, first, *how):
        for block in true_blocks(deployment, plan, seed, first, *how):
            replicates = np.arange(first, first + block.campaigns)
            block.record.samples[: block.campaigns][replicates % 10 == 0] = np.nan
            first += block.campaigns
            yield block

    sound = run(crossroads, 200, results=None)
    monkeypatch.setattr(running, "run_blocks", run_blocks)
    results = run(crossroads, 200, results=None)
    assert (results.manifest["failed"], results.replicates, len(results.runs)) == (20, 200, 200)
    assert (results.control_counts.sum(axis=2) == 200).all()
    assert np.array_equal(results.control, sound.control)
    for row, other in zip(results.outcomes, sound.outcomes, strict=True):
        if row["kind"] != "quantity":
            assert row == other
    deaths = results.runs["deaths.total@day8"]
    assert deaths.isna().sum() == 20
    series = results.series.set_index(["day", "quantity"])
    assert series.loc[(8.0, "deaths.total"), "mean"] == pytest.approx(deaths.mean(), rel=1e-6)
    assert any("20 of them failed" in line for line in lines(results))


def test_campaigns_in_which_it_is_not_defined_do_not_end_the_run(crossroads):
    """What is known of a place that fell is known of the campaigns in which it fell."""
    name = "tarnmouth.invested_when_fell"
    results = run(crossroads, 400, until=f"{name}±0.03", results=None)
    row, goal = results.outcomes[-1], results.manifest["until"]
    fell = np.isfinite(results.runs[name])
    assert row["name"] == name and row["defined"] == goal["defined"] == fell.mean() < 1
    assert goal["known_to"] == pytest.approx((row["mean_high"] - row["mean_low"]) / 2)
    assert goal["known_to"] > 0.03 or fell.sum() >= 100
    assert any("(defined in" in line and name in line for line in lines(results)[2:3])
