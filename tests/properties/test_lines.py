"""Lines of communication that are traced only where something has changed are those that a full trace would find."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.world.tables import EVERYBODY
from tests.properties.random_worlds import Said, read_world, worlds
from tests.properties.test_invariants import profile

ORDERLY = {"control": {"garrison": 0.0}, "politics": {"unrest": 0.0}}
"""Where order in captured places never changes, lines change only with ground and roads, and not from day to day."""

STATE = ("units", "places", "roads", "sides", "wings", "side_view")
"""What a campaign is at a moment; lists and scratch that speed it up may differ."""


@profile(40)
@given(said=worlds(), seed=st.integers(0, 99))
def test_a_full_trace_in_every_tick_changes_nothing(fight, said: Said, seed: int) -> None:
    for rule, values in ORDERLY.items():
        said["rules"][rule] = said["rules"].get(rule, {}) | values
    loaded = read_world(said)
    sparing, full = fight(loaded, seed), fight(loaded, seed)
    for tick in range(sparing.deployment.ticks):
        full.world.counts["changed"][0] = EVERYBODY
        sparing.tick()
        full.tick()
        for name in STATE:
            one, other = (np.array(getattr(war.world, name)) for war in (sparing, full))
            for column in one.dtype.names or ():
                assert np.array_equal(one[column], other[column], equal_nan=True), (tick, name, column)
