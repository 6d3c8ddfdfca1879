"""Fog of war: what a side knows of a campaign, as a world in which all else is blank.

A side knows its own formations, wings and people; who holds each place and which roads are cut, as everybody does; and
of the enemy what it was told by reports, with the day on which they came in. What it does not know is never copied.
The scenario file is public: of an enemy a side knows what the file says, not what was drawn.

`side_view.belief`, which the doctrine decides on, is not known: where the side sees nothing, it fades by whether an
enemy is really there. `side_view.report` stands beside it, and changes by what is seen alone.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from sim.world.deploy import Deployment
from sim.world.layout import World

MAP: dict[str, tuple[str, ...]] = {
    "places": (
        "first_neighbour", "last_neighbour", "terrain", "fortification", "population", "symbol", "region", "commerce",
        "first_holder",
    ),
    "roads": ("a", "b", "km", "march_km", "supply_km"),
    "sides": ("first_unit", "last_unit"),
    "units": ("side",),
    "wings": ("side",),
}  # fmt: skip
"""What the scenario file tells everybody; the values of the file, whatever was drawn."""
PUBLIC: dict[str, tuple[str, ...]] = {
    "places": ("control", "taken_on", "fell", "rear_base", "airfield"),
    "roads": ("cut",),
    "sides": ("capital", "collapsed", "collapsed_on"),
    "relations": ("hostile_mask", "friend_mask"),
    "campaign": ("tick", "ceasefire", "ceasefire_on", "weather"),
}
"""What everybody sees as it is now."""
OWN: dict[str, tuple[str, ...]] = {
    "sides": (
        "posture", "commander", "drive", "will_base", "will", "pay_base", "pay", "legitimacy", "hardship", "wings",
        "initial_strength", "losses",
    ),
    "units": (
        "status", "place", "road", "task", "contact", "strength", "power", "morale", "readiness", "supply",
        "equipment", "equipment_weight", "loss_recent", "morale_base", "quality", "heading", "km_left", "target",
        "assault", "pause", "wounded", "mobile", "bound", "passive", "speed", "home", "officers", "backing",
        "slot", "flank_road", "flank_days", "rest", "command", "assembly", "broken", "roll", "killed", "missing",
        "deserted", "captured", "joined", "scattered", "equipment_lost", "equipment_left", "equipment_taken",
    ),
    "wings": (
        "airfield", "backing", "aircraft", "mission", "target", "sorties", "strikes", "quality", "readiness", "flown",
        "lost",
    ),
    "backings": ("sponsor", "side", "commitment", "distraction", "friction", "weight"),
}  # fmt: skip
"""What a side knows of its own."""
HELD = ("stability", "stores", "stores_full", "store_equipment", "displaced", "sheltered", "civilian_dead")
"""What a side knows of the places that it holds."""
SEEN = ("report", "reported_on", "supply_km", "way_home", "rear_base")
"""What a side knows of every place, in its table `side_view`."""


class Fog:
    """Draws the fog over campaigns of one deployment."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.file: World = deployment.layout.carve(deployment.block)

    @functools.cached_property
    def map(self) -> np.ndarray:
        """The block of what everybody knows before the campaign begins."""
        cells = self.deployment.layout.new_block()
        world = self.deployment.layout.carve(cells)
        for table, columns in MAP.items():
            _copy(table, columns, self.file, world, slice(None))
        world.settings[:] = self.file.settings
        world.side_view["affinity"][:] = self.file.side_view["affinity"]
        return cells

    def known(self, truth: World, side: int) -> tuple[np.ndarray, World]:
        """The block, and its world, of what a side knows now."""
        cells = self.deployment.layout.new_block()
        cells[:] = self.map
        world = self.deployment.layout.carve(cells)
        for table, columns in PUBLIC.items():
            _copy(table, columns, truth, world, slice(None))
        world.stance[:] = truth.stance
        world.doctrines[side] = truth.doctrines[side]
        # Its routes follow from who holds what and which roads are cut.
        world.route[side], world.route_target[side] = truth.route[side], truth.route_target[side]
        world.settings["command"]["ready_to_march"] = truth.settings["command"]["ready_to_march"]
        own: dict[str, Any] = {"sides": slice(side, side + 1), "units": self._units_of(side)}
        own["wings"] = self.file.wings["side"] == side
        own["backings"] = self.file.backings["side"] == side
        for table, columns in OWN.items():
            _copy(table, columns, truth, world, own[table])
        _copy("places", HELD, truth, world, truth.places["control"] == side)
        view, seen = truth.side_view[side], world.side_view[side]
        for column in SEEN:
            seen[column] = view[column]
        return cells, world

    def _units_of(self, side: int) -> np.ndarray:
        """Whose formations stand together need not be his alone: the rows of a side, marked."""
        return np.asarray(self.file.units["side"] == side)


def _copy(table: str, columns: tuple[str, ...], source: World, to: World, rows: Any) -> None:
    """Copy columns of some rows of a table."""
    old, new = getattr(source, table), getattr(to, table)
    for column in columns:
        new[column][rows] = old[column][rows]
