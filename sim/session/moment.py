"""A moment of a campaign: its state, kept, with the names of all that is in it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.scenario.schema import Scenario
from sim.scenario.tasks import ARRIVAL
from sim.session.session import Session
from sim.world.layout import World, readable


class Moment:
    """A copy of a campaign's state. Rows are read by columns; the settings, as rules do, by attributes."""

    def __init__(self, session: Session) -> None:
        self.deployment = session.deployment
        self.names, scenario = session.deployment.names, session.deployment.scenario
        self.sides, self.places = list(self.names.sides), list(self.names.places)
        self.units, self.wings = list(self.names.units), list(self.names.wings)
        self.event_ids = list(self.names.events)
        self.tick_days = scenario.clock.tick_hours / 24
        self._said = scenario
        self._of_units: dict[str, Any] = {**scenario.formations, **scenario.reinforcements}
        self.cells = session.deployment.layout.new_block()
        world = session.deployment.layout.carve(self.cells)
        # Tables whose rows have attributes are read several times as slowly.
        self.world: World = readable(world, "settings")
        self.take(session.cells)

    def take(self, cells: NDArray[np.float64]) -> None:
        """Keep another state."""
        self.cells[:] = cells
        self.tick = int(self.world.campaign["tick"][0])

    def place_name(self, row: int) -> str:
        return str(self._said.places[self.places[row]].name)

    def side_name(self, row: int) -> str:
        return str(self._said.sides[self.sides[row]].name)

    def unit_name(self, row: int) -> str:
        return str(self._of_units[self.units[row]].name)

    def wing_name(self, id: str) -> str:
        return str(self._said.air[id].name)

    def event_title(self, id: str) -> str:
        """What the scenario calls an event."""
        return event_title(self._said, id)

    def where(self, i: int) -> int:
        """The place where a formation is, or that it faces on its road."""
        unit = self.world.units
        return int(unit["place"][i] if unit["road"][i] < 0 else unit["heading"][i])

    def place_text(self, i: int) -> str:
        """The same in words."""
        unit, name = self.world.units, self.place_name(self.where(i))
        if unit["road"][i] < 0:
            return f"in {name}"
        return f"before {name}" if unit["km_left"][i] <= 0 else f"{unit['km_left'][i]:.0f} km before {name}"


def event_title(scenario: Scenario, id: str) -> str:
    """What a scenario calls an event: its title, or that a reinforcement sets out."""
    if id in scenario.events:
        return scenario.events[id].title
    # Authors name them as they like, by a noun or a sentence: the name stands by itself.
    return f"Reinforcement sets out: {scenario.reinforcements[id.removeprefix(ARRIVAL)].name}"
