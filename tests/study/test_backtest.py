"""Back-tests: what is read from a file of outcomes, the naive forecasts, and the scores beside each other."""

from __future__ import annotations

import math
import re
from datetime import timedelta

import numpy as np
import pytest

from sim.outcomes.catalogue import QUANTITY, TIME
from sim.scenario.errors import ScenarioError
from sim.study.backtest import ADVANCE, ENSEMBLE, HAZARD, PERSISTENCE, backtest, read_observations, score


@pytest.fixture
def write(tmp_path):
    """A file of outcomes with this text."""

    def write(text: str):
        path = tmp_path / "outcomes.yaml"
        path.write_text(text, "utf-8")
        return path

    return write


def test_days_dates_and_never_are_read(crossroads, write):
    start, place = crossroads.scenario.start, next(iter(crossroads.scenario.places))
    later = (start + timedelta(days=2)).isoformat()
    for said, value in (("3", 3.0), (later, 2.0), ("never", math.inf), ("1e6", math.inf)):
        text = f"outcomes: {{{place}.fall_day: {{value: {said}, basis: a diary}}}}"
        read = read_observations(write(text), crossroads)
        assert [(each.value, each.basis) for each in read.observed] == [(value, "a diary")]


def test_a_time_is_scored_to_the_end_of_the_campaign():
    sample = np.array([1.0, 2.0, np.nan, np.nan])
    row = score(TIME, sample, math.inf, horizon=4.0)
    assert row["probability"] == 0.5
    assert row["brier"] == 0.25
    # Values 1, 2, 4, 4 against 4: mean distance 5/4; mean difference of all 16 pairs 22/16.
    assert row["crps"] == pytest.approx(5 / 4 - 11 / 16)
    assert row["inside"]
    assert not score(QUANTITY, np.array([1.0, 2.0, 3.0]), 9.0, 4.0)["inside"]


def test_naive_forecasts_of_a_war(crossroads, write):
    places = crossroads.scenario.places
    place = next(name for name in places if f"{name}.fall_day" in crossroads.scenario.outcomes)
    path = write(f"baselines: {{hazard: 0.5, advance: 1000}}\noutcomes: {{{place}.fall_day: 1, deaths.total: 0}}")
    tested = backtest(crossroads, path, replicates=40, results=None, progress=False)
    rows = tested.table.loc[f"{place}.fall_day"]
    assert set(rows.index) == {ENSEMBLE, PERSISTENCE, HAZARD, ADVANCE}
    assert rows.loc[PERSISTENCE, "probability"] == 0.0
    assert rows.loc[ADVANCE, "probability"] == 1.0
    horizon = crossroads.scenario.clock.days
    assert rows.loc[HAZARD, "probability"] == pytest.approx(1 - math.exp(-0.5 * horizon), abs=0.03)
    assert rows.loc[HAZARD, "median"] == pytest.approx(math.log(2) / 0.5, rel=0.1)
    assert tested.table.loc[("deaths.total", PERSISTENCE), "crps"] == 0.0
    assert tested.counted == 2
    assert tested.means.loc[PERSISTENCE, "skill"] == pytest.approx(
        1 - tested.means.loc[ENSEMBLE, "crps"] / tested.means.loc[PERSISTENCE, "crps"]
    )


def test_the_naive_advance_comes_from_the_nearest_enemy_by_road(crossroads, write):
    """The Highlands hold Arnfell and Stonegate; their neighbours in the list of places are the Lowlands'."""
    km = {"stonegate": 28, "merrow_cross": 28, "ottersby": 33, "tarnmouth": 28 + 48}
    listed = ", ".join(f"{place}.fall_day: 1" for place in km)
    path = write(f"baselines: {{advance: 20}}\noutcomes: {{{listed}}}")
    tested = backtest(crossroads, path, replicates=40, results=None, progress=False)
    reached = {place: tested.table.loc[(f"{place}.fall_day", ADVANCE), "median"] for place in km}
    assert reached == pytest.approx({place: distance / 20 for place, distance in km.items()})


WRONG = {
    "outcomes: {PLACE.fell_day: 3}": "no outcome is called",
    "outcomes: {PLACE.fall_day: soon}": "a day, a date or 'never'",
    "outcomes: {PLACE.fall_day: -1}": "before the start",
    "outcomes: {deaths.total: many}": "should be a number",
    "outcomes: {deaths.total: {value: 3, bases: x}}": "did you mean basis?",
    "outcome: {deaths.total: 3}": "did you mean outcomes?",
    "outcomes: {}": "should list what was observed",
    "outcomes: [deaths.total]": "should list what was observed",
    "baselines: {hazard: 0}\noutcomes: {deaths.total: 3}": "a number above 0",
    "baselines: 3\noutcomes: {deaths.total: 3}": "should be a mapping",
    "just text": "should be a mapping",
    "title: a war\nplaces: {PLACE: {name: Place}}": "is a scenario, not a file of what was observed",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_named_with_its_place(crossroads, write, text):
    place = next(iter(crossroads.scenario.places))
    path = write(text.replace("PLACE", place))
    with pytest.raises(ScenarioError, match=re.escape(WRONG[text])) as error:
        read_observations(path, crossroads)
    assert str(path) in str(error.value)


def test_a_file_that_is_not_there_is_named(crossroads, tmp_path):
    with pytest.raises(ScenarioError, match="there is no such file"):
        read_observations(tmp_path / "none.yaml", crossroads)
