"""Bookkeeping can be rebuilt from the state: what is kept up to date is what a count from nothing gives."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.bookkeeping.counting import count_forces
from sim.bookkeeping.presence import note_borders, note_who_is_near
from sim.bookkeeping.relations import read_stances
from sim.bookkeeping.rosters import list_bases
from sim.kernel.link import linked
from sim.world.tables import NONE
from tests.properties.random_worlds import Said, read_world, worlds
from tests.properties.test_invariants import profile

KEPT = {
    "forces": ("people", "power", "formations", "gate_power", "assault_power"),
    "presence": ("inside_mask", "gate_mask", "near_mask", "round_mask"),
    "road_use": ("traffic", "first_on_road", "columns", "is_busy"),
    "relations": ("hostile_mask", "friend_mask"),
    "counts": ("columns", "occupied", "busy", "bases"),
}
"""What bookkeeping keeps, by table."""
LISTS = KEPT["counts"]
"""Lists, whose lengths the counts of the same name are. Their order may differ."""


def forget(world: Any) -> None:
    """Take away all that bookkeeping keeps."""
    for table, columns in KEPT.items():
        for column in columns:
            getattr(world, table)[column] = NONE if column == "first_on_road" else 0
    for name in LISTS:
        rows = getattr(world, name)
        for part in rows.dtype.names or (...,):
            rows[part] = 0


def count(world: Any, closing_force: float, near_km: float) -> None:
    """Count everything."""
    read_stances(world)
    list_bases(world)
    count_forces(world, closing_force)
    note_borders(world)
    note_who_is_near(world, near_km)


counted = numba.njit(linked(count), error_model="numpy")


def listed(world: Any, name: str) -> list[Any]:
    return sorted(getattr(world, name)[: int(world.counts[name][0])].tolist())


@profile(30)
@given(said=worlds(ticks=24), seed=st.integers(0, 99))
def test_a_count_from_nothing_gives_what_is_kept(fight, said: Said, seed: int) -> None:
    war = fight(read_world(said), seed)
    lengths = [float(war.world.settings["forces"][name][0]) for name in ("closing_force", "near_km")]
    for tick in range(war.deployment.ticks):
        war.tick()
        kept, rebuilt = (war.deployment.layout.carve(war.cells.copy()) for _ in range(2))
        forget(rebuilt)
        for world in (kept, rebuilt):
            counted(world, *lengths)
        for table, columns in KEPT.items():
            for column in columns:
                one, other = (getattr(world, table)[column] for world in (kept, rebuilt))
                assert np.array_equal(one, other), (tick, table, column)
        for name in LISTS:
            assert listed(kept, name) == listed(rebuilt, name), (tick, name)
