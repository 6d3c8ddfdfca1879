"""Turning points: states that set campaigns apart, from the day on which they tell, and campaigns played again."""

from __future__ import annotations

import json

import numpy as np
import pytest

import sim
from sim.ensemble.again import again
from sim.ensemble.parting import FEWEST, TELLS
from sim.scenario.read import LoadedScenario

OUTCOME = "tarnmouth.fall_day"


@pytest.fixture(scope="module")
def results(crossroads: LoadedScenario) -> sim.Results:
    return sim.run(crossroads, 400, seed=3, results=None, progress=False)


def test_states_tell_as_counted_by_hand(results: sim.Results) -> None:
    found = results.turning_points(OUTCOME)
    days = results.runs[OUTCOME].to_numpy(float)
    assert found.share == np.isfinite(days).mean()
    assert {"lowlands.strength", "highlands.places"} <= set(found.states.index)
    assert found.states["from_day"].is_monotonic_increasing
    for state in ("lowlands.strength", "highlands.places"):
        row = found.states.loc[state]
        name = f"{state}@day{row['from_day']:g}"
        values = again(results, [name], 400).values(name)
        left = ~(days <= row["from_day"])
        came, stays = values[left & np.isfinite(days)], values[left & ~np.isfinite(days)]
        chance = ((came[:, None] > stays) + 0.5 * (came[:, None] == stays)).mean()
        assert row["chance"] == pytest.approx(chance) and not 1 - TELLS < chance < TELLS
        assert (row["mean_if"], row["mean_else"]) == (pytest.approx(came.mean()), pytest.approx(stays.mean()))
        assert row["high"] < 0.5 or row["low"] > 0.5
        assert min(len(came), len(stays)) >= FEWEST
    assert found.events[0].event == "merrow_cross.fall_day"
    assert json.loads(json.dumps(found.to_json()))["share"] == found.share
    assert "States that set the campaigns apart" in repr(found) and "<table" in found._repr_html_()


def test_an_outcome_that_happens_or_not_counts_all_campaigns(results: sim.Results) -> None:
    found = results.turning_points("lowlands.collapsed")
    assert found.states["last_chance"]["lowlands.will"] < 0.1  # who collapses has lost his will
    assert "not happened yet" not in found.notes[0]


def test_what_cannot_be_told_is_said(results: sim.Results, crossroads: LoadedScenario) -> None:
    for outcome, said in (
        ("tarnmouth.fal_day", "do not report whether 'tarnmouth.fal_day' happens; did you mean tarnmouth.fall_day?"),
        ("deaths.total@day8", "do not report whether 'deaths.total@day8' happens"),
    ):
        with pytest.raises(ValueError, match=said):
            results.turning_points(outcome)
    few = sim.run(crossroads, 10, seed=3, results=None, progress=False)
    with pytest.raises(ValueError, match=r"of 10 campaigns: .* must happen in at least 15 and not in at least 15"):
        few.turning_points(OUTCOME)


def test_campaigns_that_are_played_again_are_the_same(crossroads: LoadedScenario) -> None:
    shared = sim.run(crossroads, 40, seed=3, situations=4, results=None, progress=False)
    twin = again(shared, ["ottersby.fall_day"], 15)
    assert twin.replicates == 12 and twin.runs[OUTCOME].equals(shared.runs[OUTCOME][:12])
    led = sim.run(crossroads, 4, seed=3, commander={"lowlands": "random"}, progress=False)
    with pytest.raises(ValueError, match="were made with commanders: their campaigns cannot be played again"):
        again(led, [], 4)
