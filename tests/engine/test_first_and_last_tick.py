"""What happens in the first and in the last tick is told as happening, and what never happens as never."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from sim.engine.record import RecordSpec, note_falls
from sim.outcomes.catalogue import outcomes_of

ASKED = [
    "ottersby.fall_day",
    "lowlands.collapse_day",
    "lowlands.collapsed",
    "ceasefire.day",
    "ottersby.repulses",
    "ottersby.held_by.highlands",
    "ottersby.held_by.lowlands",
]
NEVER, FIRST, LAST = -1, 0, 31


@pytest.fixture(scope="module")
def spec(crossroads, deployed):
    return RecordSpec(deployed, outcomes_of(crossroads, ASKED))


def told(spec, seen):
    """What the outcomes come to if these numbers were written down of the watched cells."""
    record = spec.new_record(len(seen))
    record.watched[:] = np.array(seen)[:, None]
    names = [outcome.name for outcome in spec.outcomes]
    values = spec.values(record, len(seen))
    return {name: values[:, names.index(name)].tolist() for name in ASKED}


def test_times_of_the_first_and_the_last_tick_are_days(spec):
    values = told(spec, [FIRST, LAST])
    for name in ("ottersby.fall_day", "lowlands.collapse_day", "ceasefire.day"):
        assert values[name] == [0.25, 8.0], name
    assert values["lowlands.collapsed"] == [1.0, 1.0]


def test_what_never_happens_has_no_day(spec):
    values = told(spec, [NEVER])
    for name in ("ottersby.fall_day", "lowlands.collapse_day", "ceasefire.day"):
        assert np.isnan(values[name]).all(), name
    assert values["lowlands.collapsed"] == [0.0]


def test_counts_are_told_from_nought_on_and_holders_by_their_number(spec, deployed):
    sides = list(deployed.names.sides)
    values = told(spec, [sides.index("highlands"), sides.index("lowlands")])
    assert values["ottersby.held_by.highlands"] == [1.0, 0.0]
    assert values["ottersby.held_by.lowlands"] == [0.0, 1.0]
    assert told(spec, [0, 1, 7])["ottersby.repulses"] == [0.0, 1.0, 7.0]


def test_falls_are_counted_in_the_tick_after_which_they_are_seen(spec, deployed):
    _, world = deployed.new_world()
    record = spec.new_record(1)
    places = [deployed.names.places[name] for name in ("arnfell", "ottersby", "tarnmouth")]
    world.places["fell"] = NEVER
    world.places["fell"][places[0]], world.places["fell"][places[1]] = FIRST, LAST
    note_falls(SimpleNamespace(places=world.places.view(np.recarray)), record)
    assert record.fall_counts[places[0]].nonzero()[0].tolist() == [1]
    assert record.fall_counts[places[1]].nonzero()[0].tolist() == [32]
    assert record.fall_counts[places[2]].sum() == 0 and record.fall_counts.sum() == 2


def test_a_place_that_falls_at_once_falls_on_the_first_tick_of_every_campaign(tiny):
    """A road march of no length into an empty place: control changes in tick 0, seen after it."""
    places = {"a": {"control": "red"}, "b": {"control": "blue"}}
    formations = {"r": {"side": "red", "place": "a", "strength": 500}}
    war = tiny(places, [("a", "b", 40)], formations)
    war.put("r", "a", "b", 0.0, target="b", task=1)
    war.tick()
    assert war.place("b")["fell"] == 0 and war.place("b")["control"] == war.names.sides["red"]
