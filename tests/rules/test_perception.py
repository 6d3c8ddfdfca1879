"""Perception: estimates of enemy power err as they should, are renewed, and fade."""

from __future__ import annotations

import numpy as np
import pytest

PLACES = {"a": {"control": "red"}, "b": {"control": "blue"}, "c": {"control": "blue"}}
FORMATIONS = {
    "r": {"side": "red", "place": "a", "strength": 100},
    "b": {"side": "blue", "place": "b", "strength": 1000},
    "c": {"side": "blue", "place": "c", "strength": 1000},
}


def seen(tiny, error, **rules):
    perception = {"error": error, "freshness": 0.6, "staleness": 2} | rules
    return tiny(PLACES, [("a", "b", 40), ("b", "c", 40)], FORMATIONS, {"perception": perception})


def test_reports_come_from_the_next_place_and_err_by_their_spread(tiny):
    war = seen(tiny, 0.4)
    beliefs = []
    for replicate in range(1000):
        war.begin(1, replicate).tick()
        beliefs.append(float(war.view("red", "b")["belief"]))
        assert war.view("red", "c")["belief"] == 0
    logs = np.log(np.array(beliefs) / 1000)
    assert logs.mean() == pytest.approx(0, abs=4 * 0.4 / np.sqrt(1000))
    assert logs.std() == pytest.approx(0.4, rel=0.1)


def test_new_reports_replace_part_of_the_old_and_what_is_gone_fades(tiny):
    war = seen(tiny, 0)
    war.tick()
    assert war.view("red", "b")["belief"] == pytest.approx(1000)
    war.unit("b")["strength"] = 500
    war.tick()
    assert war.view("red", "b")["belief"] == pytest.approx(1000 - 0.6 * 500)
    war.unit("b")["place"] = war.names.places["c"]
    war.tick(4)
    assert war.view("red", "b")["belief"] == pytest.approx(700 * np.exp(-1 / 2))
