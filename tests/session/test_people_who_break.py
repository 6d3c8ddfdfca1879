"""People who break, as the log counts them, in a tick in which others come back."""

from __future__ import annotations

import re

import pytest

from sim.session.session import Session
from sim.session.trace import Trace

PLACES = {
    "a": {"control": "red", "rear_base": True, "name": "Arnfell"},
    "t": {"control": "blue", "name": "Tarn", "rear_base": True},
}
FORMATIONS = {
    "r": {"side": "red", "place": "a", "strength": 5000, "name": "Red Brigade", "mobile": False},
    "b": {"side": "blue", "place": "t", "strength": 300, "name": "River Regiment", "mobile": False},
}


@pytest.mark.parametrize(("part", "kind"), [(200, "crumbled"), (20_000, "broke")])
def test_who_comes_back_in_the_tick_does_not_count_against_those_who_break(tiny, part, kind):
    """Many come back on the first day, and the formation breaks in the same tick."""
    rules = {"morale": {"baseline": 3, "threatened": 0, "part": part, "desertion": 0.3, "rest_days": 1}}
    trace = Trace(Session(tiny.load(PLACES, [("a", "t", 40)], FORMATIONS, rules)))
    trace.session.world.units["scattered"][1] = 10_000
    trace.now.take(trace.session.cells)
    trace.step()
    after = trace.session.world.units[1]
    (event,) = [event for event in trace.events if event.what == "b" and event.kind == kind]
    assert event.people == float(re.search(r"([\d,]+) (of its )?people", event.text)[1].replace(",", ""))
    assert event.people == (after["broken"] * part if kind == "crumbled" else after["deserted"]) > 0
