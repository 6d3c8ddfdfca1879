"""Random small wars, tick by tick: people, equipment and ground are accounted for, and nobody teleports."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from invariants import Watch
from random_worlds import Said, read_world, worlds

CALM = {"deadline": None, "suppress_health_check": list(HealthCheck), "derandomize": True, "database": None}


def watch_all(fight, said: Said, seed: int) -> None:
    war = fight(read_world(said), seed)
    watch = Watch(war)
    for _ in range(war.deployment.ticks):
        watch.tick()


@settings(max_examples=150, **CALM)
@given(said=worlds(), seed=st.integers(0, 99))
def test_what_must_hold_holds_after_every_tick(fight, said, seed):
    watch_all(fight, said, seed)
