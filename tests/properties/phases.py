"""The sequence of play as plain Python, with a look at the world after every phase. Run with NUMBA_DISABLE_JIT=1.

`python phases.py WORLDS`: so many random wars; fails with the name of the phase that broke what must hold.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sim.engine import play
from sim.rules import supply as supplying
from sim.world.tables import ACTIVE
from tests.conftest import Campaign
from tests.properties.invariants import FATES, PIECES
from tests.properties.random_worlds import Said, read_world, worlds

DRAW_SUPPLY = supplying.draw_supply


def played_by(name: str) -> list[str]:
    """What one part of the sequence of play calls."""
    return [called for called in getattr(play, name).__code__.co_names if callable(getattr(play, called, None))]


PHASES = [phase for stage in played_by("play_tick") for phase in played_by(stage)]
PEOPLE_MOVE = {"events", "combat", "morale", "control", "yielding", "politics"}
"""Phases in which people may change state; in all others nobody may."""
STORES_MOVE = {"supply", "control", "yielding", "politics"}
GROUND_MOVES = {"control", "yielding", "politics"}


class Ledger:
    """What a phase may change, and what it must keep."""

    def __init__(self, war: Campaign) -> None:
        self.world, self.drawn = war.world, 0.0

    def open(self) -> ExitStack:
        """While this is open, the engine plays the watched phases."""
        watching = ExitStack()
        for name in PHASES:
            watching.enter_context(patch.object(play, name, self.watched(name, getattr(play, name))))
        watching.enter_context(patch.object(supplying, "draw_supply", self.draw_supply))
        return watching

    def draw_supply(self, unit: Any, place: Any, wanted: float) -> float:
        """What leaves a store arrives with the formation that drew it, to the last billionth."""
        stores, carried = float(place.stores), float(unit.supply)
        got = float(DRAW_SUPPLY(unit, place, wanted))
        weight = float(unit.strength) / supplying.PERSON_DAYS
        assert 0 <= got <= wanted + 1e-12
        assert stores - float(place.stores) == pytest.approx(got * weight, rel=1e-9, abs=1e-12)
        assert float(unit.supply) - carried == pytest.approx(got, rel=1e-9, abs=1e-12)
        self.drawn += got * weight
        return got

    def watched(self, name: str, phase: Any) -> Any:
        def play_phase(*arguments: Any) -> None:
            world, before = self.world, self.state()
            self.drawn = 0.0
            phase(*arguments)
            now = self.state()
            assert np.array_equal(before["people"], now["people"]), f"{name}: people"
            assert now["pieces"] == pytest.approx(before["pieces"], rel=1e-9, abs=1e-9), f"{name}: equipment"
            if name not in PEOPLE_MOVE:
                assert np.array_equal(before["strength"], now["strength"]), f"{name}: nobody joins or leaves here"
            if name not in GROUND_MOVES:
                assert np.array_equal(before["control"], now["control"]), f"{name}: no place falls here"
            if name not in STORES_MOVE:
                assert np.array_equal(before["stores"], now["stores"]), f"{name}: stores"
            if name == "supply":
                self.supply(before, now)
            if name in ("update_units", "count_forces"):
                self.sums()
            for column in ("morale", "readiness"):
                assert np.all((world.units[column] >= 0) & (world.units[column] <= 1)), f"{name}: {column}"

        return play_phase

    def state(self) -> dict[str, Any]:
        units, places = self.world.units, self.world.places
        joined = np.array([units["joined"][units["side"] == side].sum() for side in range(len(self.world.sides))])
        people = np.array(sum(units[fate] for fate in FATES) - units["joined"])
        pieces = {name: units[name].sum() for name in PIECES}
        return {
            "people": people,
            "joined": joined,
            "pieces": pieces["equipment"] + pieces["equipment_lost"] + places["store_equipment"].sum(),
            "strength": units["strength"].copy(),
            "supply": units["supply"].copy(),
            "stores": places["stores"].copy(),
            "control": places["control"].copy(),
        }

    def supply(self, before: dict[str, Any], now: dict[str, Any]) -> None:
        """Stores and loads close: what came in from outside, less what was used, is all that is there more."""
        world, p = self.world, self.world.settings[0]
        units, days = world.units, float(p["clock"]["tick_days"])
        refilled = now["stores"].sum() - before["stores"].sum() + self.drawn
        most = np.where(world.places["rear_base"] == 1, world.places["stores_full"], 0).sum() * float(
            p["supply"]["refill"]
        )
        assert -1e-9 <= refilled <= most + 1e-9
        weight = units["strength"] / supplying.PERSON_DAYS
        used = self.drawn - ((now["supply"] - before["supply"]) * weight).sum()
        rate = max(float(p["supply"]["fighting"]), float(p["supply"]["marching"]))
        burnt = np.minimum(before["supply"], rate * days) * weight
        assert -1e-9 <= used <= burnt.sum() + 1e-9
        idle = (units["contact"] < 2) & (units["road"] < 0)
        assert np.all(now["supply"][idle] >= before["supply"][idle]), "who neither fights nor marches uses nothing"

    def sums(self) -> None:
        """The sums by place, gate and road are those of the formations that fight there."""
        world, units = self.world, self.world.units
        fit = units["status"] == ACTIVE
        for i, present in enumerate(world.presence):
            inside = gates = 0
            for side in range(len(world.sides)):
                of_side = fit & (units["side"] == side)
                here = of_side & (units["road"] < 0) & (units["place"] == i)
                before = of_side & (units["road"] >= 0) & (units["heading"] == i) & (units["km_left"] <= 0)
                inside |= int(here.any()) << side
                gates |= int(before.any()) << side
                assert world.forces["people"][i, side] == pytest.approx(units["strength"][here].sum())
                assert world.forces["gate_power"][i, side] == pytest.approx(units["power"][before].sum())
            assert (present["inside_mask"], present["gate_mask"]) == (inside, gates)


@given(said=worlds(ticks=16), seed=st.integers(0, 99))
def war_by_phases(said: Said, seed: int) -> None:
    war = Campaign(read_world(said), seed, by_hand=False)
    with Ledger(war).open():
        war.tick(war.deployment.ticks)


if __name__ == "__main__":
    profile = settings(
        max_examples=int(sys.argv[1]),
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    profile(war_by_phases)()
