"""Stories of an ensemble: chains of causes from single logs, counted over campaigns."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import sim
from sim.scenario.read import LoadedScenario
from sim.session.log import Cause, Event, Log
from sim.session.replayed import campaign_of
from sim.session.stories import THEN, chain, event_of
from sim.session.trace import log_of

OUTCOME = "tarnmouth.fall_day"


def held(place: str) -> str:
    return f"{place} falls to South (from North)"


def event(number: int, kind: str, what: str, text: str, *causes: Cause) -> Event:
    return Event(number, number, number / 4, kind, what, "south", what, text, causes=causes)


def test_a_chain_by_hand() -> None:
    """The heaviest cause that leads to ground is followed, through formations that broke and assaults."""
    events = [
        event(0, "happened", "coup", "A coup"),
        event(1, "fell", "ford", held("Ford"), Cause("undefended", 1, "", 1, "nobody was there")),
        event(2, "assaulted", "hill", "South assaults Hill"),
        event(
            3, "broke", "n_1", "1st breaks in Hill",
            Cause("ratio", 2, "", 0.6, "enemy to own power (+2.00 of the log hazard)", (2,)),
            Cause("encirclement", 1, "", 0.3, "closed roads (+1.00 of the log hazard)", (1,)),
            Cause("despair", 1, "", 0.1, "will (+0.20 of the log hazard)", (0,)),
        ),
        event(4, "fell", "hill", held("Hill"), Cause("broke", 9, "people", 1, "1st broke", (3,))),
    ]  # fmt: skip
    log = Log(events, pd.DataFrame())
    assert chain(log, events[4]) == [
        ("Ford falls to South: nobody was there", ""),
        ("Hill falls to South: its defenders gave way", "enemy to own power"),
    ]
    assert event_of(log, "hill.fall_day") is events[4]


@pytest.fixture(scope="module")
def results(crossroads: LoadedScenario) -> sim.Results:
    return sim.run(crossroads, 30, seed=3, results=None, progress=False)


def test_stories_are_counted(results: sim.Results) -> None:
    found = results.stories(OUTCOME, campaigns=16)
    came = results.runs[OUTCOME][:16].notna()
    assert (found.campaigns, found.came) == (16, came.sum())
    assert found.table["campaigns"].sum() == came.sum() and found.table["campaigns"].is_monotonic_decreasing
    assert (found.table["low"] <= found.table["share"]).all() and (found.table["share"] <= found.table["high"]).all()
    first = found.table.iloc[0]
    log = log_of(campaign_of(results, int(first["example"])))
    steps = [step for step, _ in chain(log, event_of(log, OUTCOME))]
    assert [text.partition(" (")[0] for text in first["story"].split(THEN)] == steps
    assert steps[-1].startswith("Tarnmouth falls to Highlands")
    assert json.loads(json.dumps(found.to_json()))["came"] == found.came
    assert "How it came about" in repr(found) and "<table" in found._repr_html_()


def test_only_events_have_stories(results: sim.Results) -> None:
    with pytest.raises(ValueError, match=r"'deaths.total@day8' is no event .*; those that are: mer"):
        results.stories("deaths.total@day8")
