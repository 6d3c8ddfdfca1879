"""What a change of the scenario must do to its campaigns, in random small wars: nothing, the same, or more of it."""

from __future__ import annotations

import copy
import random
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from random_worlds import Said, read_world, worlds
from test_invariants import profile

from sim.rules.rulebook import RULEBOOK
from sim.world.tables import PLACES, SIDES, UNITS, WINGS

ROW_NUMBERS = {"place", "side", "road", "formations", "unit", "way", "sides", "backing", "region", "slot"}
"""Units of columns that hold the number of a row: they change when rows change places."""
LISTED = {
    "units": [c.name for c in UNITS.columns if c.unit not in ROW_NUMBERS],
    "places": [c.name for c in PLACES.columns if c.unit not in ROW_NUMBERS],
    "sides": [c.name for c in SIDES.columns if c.unit not in ROW_NUMBERS],
    "wings": [c.name for c in WINGS.columns if c.unit not in ROW_NUMBERS],
}


def fought(fight: Any, said: Said, seed: int) -> Any:
    war = fight(read_world(said), seed)
    war.tick(war.deployment.ticks)
    return war


def fates(war: Any, exactly: bool = True) -> dict[str, dict[str, Any]]:
    """By name: all that became of everybody. Not exactly: to 9 digits, where sums run in another order."""
    said = {}
    for table, columns in LISTED.items():
        rows = getattr(war.world, table)
        for name, row in getattr(war.names, table).items():
            values = {c: rows[row][c].item() for c in columns}
            said[f"{table}.{name}"] = values if exactly else {c: float(f"{v:.9g}") for c, v in values.items()}
    for name, row in war.names.places.items():
        said[f"places.{name}"]["holder"] = list(war.names.sides)[war.world.places["control"][row]]
    for name, row in war.names.units.items():
        said[f"units.{name}"]["is at"] = list(war.names.places)[war.world.units["place"][row]]
    return said


def shuffled(section: dict[str, Any], order: random.Random) -> dict[str, Any]:
    names = list(section)
    order.shuffle(names)
    return {name: section[name] for name in names}


@profile(40)
@given(said=worlds(), seed=st.integers(0, 9))
def test_the_order_of_air_wings_and_events_of_their_own_does_not_matter(fight, said, seed):
    other = copy.deepcopy(said)
    for section in ("air", "sponsors"):
        if section in other:
            other[section] = dict(reversed(other[section].items()))
    assert fates(fought(fight, said, seed), False) == fates(fought(fight, other, seed), False)
