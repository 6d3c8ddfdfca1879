"""Lines of communication that are traced only where something has changed are those that a full trace would find."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.world.tables import EVERYBODY
from tests.properties.random_worlds import Said, read_world, worlds
from tests.properties.test_invariants import profile

ORDERLY = {"garrison": 0.0, "unrest": 0.0}
"""Where order in captured places never changes, lines change only with ground and roads, and not from day to day."""


@profile(40)
@given(said=worlds(), seed=st.integers(0, 99))
def test_a_full_trace_in_every_tick_changes_nothing(fight, said: Said, seed: int) -> None:
    said["rules"]["control"] = said["rules"].get("control", {}) | ORDERLY
    loaded = read_world(said)
    sparing, full = fight(loaded, seed), fight(loaded, seed)
    for tick in range(sparing.deployment.ticks):
        full.world.campaign["changed"][0] = EVERYBODY
        sparing.tick()
        full.tick()
        # What is left to be traced in the next tick is the one thing that may differ.
        full.world.campaign["changed"][0] = sparing.world.campaign["changed"][0]
        assert np.array_equal(sparing.cells, full.cells, equal_nan=True), f"tick {tick}"
