"""Random small wars, tick by tick: people, equipment and ground are accounted for, and nobody teleports."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.properties.invariants import Watch
from tests.properties.random_worlds import Said, read_world, worlds


def profile(worlds_tried: int) -> settings:
    """The same worlds each time; a failing one is shown as it was drawn: making it smaller takes minutes."""
    return settings(
        max_examples=worlds_tried,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def watch_all(fight, said: Said, seed: int) -> None:
    war = fight(read_world(said), seed)
    watch = Watch(war)
    for _ in range(war.deployment.ticks):
        watch.tick()


@profile(50)
@given(said=worlds(), seed=st.integers(0, 99))
def test_what_must_hold_holds_after_every_tick(fight, said, seed):
    watch_all(fight, said, seed)


@pytest.mark.verify
@profile(3000)
@given(said=worlds(), seed=st.integers(0, 99))
def test_what_must_hold_holds_in_many_worlds(fight, said, seed):
    watch_all(fight, said, seed)
