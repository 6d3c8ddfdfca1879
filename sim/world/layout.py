"""The world of one campaign, carved from one block of 8-byte cells: restoring or branching it is one copy."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from sim.kernel.compile import INTERPRETED
from sim.world import derived, tables
from sim.world.columns import CACHE_LINE

OBJECTIVE_SLOTS = 8
"""Objectives that a commander can pursue at once (doctrine says how many he does)."""
ROUTE_SLOTS = 24
"""Targets of marches for which a side's routes are kept at once."""


class World(NamedTuple):
    """What changes in a campaign: tables of rows, by entity or by side and place, and few plain arrays."""

    units: Any
    places: Any
    roads: Any
    sides: Any
    commands: Any
    wings: Any
    backings: Any
    events: Any
    objectives: Any  # [commands x OBJECTIVE_SLOTS] in falling order of score
    campaign: Any  # one row
    doctrines: Any  # one row a side
    settings: Any  # one row: the parameters of all rules
    counts: Any  # one row: how long the lists are
    presence: Any  # [place] who is there
    road_use: Any  # [road] who is on it
    relations: Any  # [side] who is its enemy and friend
    next_on_road: Any  # [unit] chain of the formations on one road
    side_view: Any  # [side, place] how a place looks to a side
    forces: Any  # [place, side] who stands in and before a place
    occupied: Any  # which places have formations of which side in or before them, as last counted
    road_combat: Any  # [road, side] meeting engagements on a road
    battle_scratch: Any  # [side] combat for one place in a tick, where casualties are expected numbers
    break_terms: Any  # [unit] why it may break, as it was last checked
    place_terms: Any  # [side, place] the same, as far as all who stand in the place share it
    search: Any  # [place + 1] scratch of the search for ways
    command_scratch: Any  # [place] scratch of a commander who gives orders
    news: Any  # [side, place] fall of places, heard there
    news_coming: Any  # the same, not heard yet
    example: Any  # [side, place] people of formations that broke near there, heard
    example_coming: Any  # the same, not heard yet
    stance: Any  # [side, side] code
    worth: Any  # [side, place] what a side sees in a place
    area: Any  # [command, place] 1 where a command plans
    aims: Any  # [command, place] factor on the worth of a place in the plans of a command
    own: Any  # scratch: numbers of the places that a side holds
    behind: Any  # scratch: of the hostile ones that its ground does not touch
    threat: Any  # [side, place] hostile power in, before and next to a place that a side looks to; elsewhere 0
    habit: Any  # [side, place] the part of it that the side is used to
    route: Any  # [side, slot, place] next place on the way to the slot's target
    route_target: Any  # [side, slot] place or -1
    present: Any  # numbers of the formations in the field: active, withdrawing or shattered as the tick began
    columns: Any  # numbers of the formations on the roads, as last counted
    marching: Any  # numbers of the formations in the next round of the march
    busy: Any  # numbers of the roads with formations on them or at their gates, as last counted
    bases: Any  # numbers of the places that are rear bases
    farthest: Any  # [slot] kilometres of the longest way of any column on the map to the slot's target
    look_ahead: Any  # [place + 1, place] exp(-km / look-ahead distance), and in the last row that distance


class Atlas(NamedTuple):
    """What does not change in a campaign: the network and the compiled scenario."""

    neighbours: Any  # [2 x roads] rows of each place together (place.first_neighbour .. last_neighbour)
    km: Any  # [place, place] shortest way along the roads
    next_hop: Any  # [from, to] next place on the quickest way
    road: Any  # [from, to] the road between neighbours; -1 to all others
    conditions: Any
    effects: Any
    uncertain_inputs: Any


def parameter_dtype(declarations: dict[str, list[str]]) -> np.dtype:
    """The nested record of rule parameters, read as `p.morale.contagion`."""
    groups = [
        (rule, np.dtype([(name, np.float64) for name in names], align=True)) for rule, names in declarations.items()
    ]
    return np.dtype(groups, align=True)


class Layout:
    """Where everything lies in the block of cells, for so many places, roads, sides, units..."""

    def __init__(self, rows: dict[str, int], settings: np.dtype, doctrine: np.dtype) -> None:
        places, roads, sides = rows["places"], rows["roads"], rows["sides"]
        real, whole = np.dtype(np.float64), np.dtype(np.int64)
        fields: dict[str, tuple[np.dtype, tuple[int, ...]]] = {
            table.name: (table.dtype, (rows[table.name],)) for table in tables.ALL
        }
        fields["doctrines"] = (doctrine, (sides,))
        fields["settings"] = (settings, (1,))
        fields |= {
            "counts": (derived.COUNTS.dtype, (1,)),
            "presence": (derived.PRESENCE.dtype, (places,)),
            "road_use": (derived.ROAD_USE.dtype, (roads,)),
            "relations": (derived.RELATIONS.dtype, (sides,)),
            "next_on_road": (whole, (rows["units"],)),
            "side_view": (derived.SIDE_VIEW.dtype, (sides, places)),
            "forces": (derived.FORCES.dtype, (places, sides)),
            "occupied": (derived.OCCUPIED.dtype, (rows["units"],)),
            "road_combat": (derived.ROAD_COMBAT.dtype, (roads, sides)),
            "battle_scratch": (derived.BATTLE_SCRATCH.dtype, (sides,)),
            "break_terms": (derived.BREAK_TERMS.dtype, (rows["units"],)),
            "place_terms": (derived.BREAK_TERMS.dtype, (sides, places)),
            "search": (derived.SEARCH.dtype, (places + 1,)),
            "command_scratch": (derived.COMMAND_SCRATCH.dtype, (places,)),
            "news": (real, (sides, places)),
            "news_coming": (real, (sides, places)),
            "example": (real, (sides, places)),
            "example_coming": (real, (sides, places)),
            "stance": (whole, (sides, sides)),
            "worth": (real, (sides, places)),
            "area": (whole, (rows["commands"], places)),
            "aims": (real, (rows["commands"], places)),
            "own": (whole, (places,)),
            "behind": (whole, (places,)),
            "threat": (real, (sides, places)),
            "habit": (real, (sides, places)),
            "look_ahead": (real, (places + 1, places)),
            "route": (whole, (sides, ROUTE_SLOTS, places)),
            "route_target": (whole, (sides, ROUTE_SLOTS)),
            "present": (whole, (rows["units"],)),
            "columns": (whole, (rows["units"],)),
            "marching": (whole, (rows["units"],)),
            "busy": (whole, (roads,)),
            "bases": (whole, (places,)),
            "farthest": (real, (ROUTE_SLOTS,)),
        }
        self.fields = {name: fields[name] for name in World._fields}
        self.offset: dict[str, int] = {}
        position = 0
        for name, (dtype, shape) in self.fields.items():
            self.offset[name] = position
            cells = dtype.itemsize // 8 * int(np.prod(shape))
            position += -(-cells // CACHE_LINE) * CACHE_LINE
        self.cells = position
        self.restored = self.offset["look_ahead"]
        """Cells that are laid anew for a campaign. What is reckoned from the map alone lies behind them, and lasts."""

    def new_block(self, cleared: bool = True) -> np.ndarray:
        """Cells for one world, all 0 if `cleared`, starting on a boundary of cache lines."""
        spare = (np.zeros if cleared else np.empty)(self.cells + CACHE_LINE)
        skip = -(spare.ctypes.data // 8) % CACHE_LINE
        return spare[skip : skip + self.cells]

    def carve(self, block: np.ndarray) -> World:
        """A World whose arrays are views of `block` (float64 cells)."""
        views = (
            np.ndarray(shape, dtype, buffer=block, offset=self.offset[name] * 8)
            for name, (dtype, shape) in self.fields.items()
        )
        return World(*map(as_rows, views))

    def cell(self, table: str, row: int, column: str) -> tuple[int, bool]:
        """Number of the cell of one value, and whether it is a real number. `column` may be dotted (nested)."""
        dtype, _ = self.fields[table]
        inner, offset = dtype, 0
        for part in column.split("."):
            assert inner.fields is not None
            inner, step = inner.fields[part][:2]
            offset += step
        return self.offset[table] + (row * dtype.itemsize + offset) // 8, inner.kind == "f"

    def array_cell(self, name: str, *index: int) -> tuple[int, bool]:
        """Number of the cell of one element of a dense array."""
        dtype, shape = self.fields[name]
        return self.offset[name] + int(np.ravel_multi_index(index, shape)), dtype.kind == "f"


def as_rows(array: np.ndarray) -> np.ndarray:
    """Rows with attributes, for rules that run as plain Python; other arrays as they are."""
    if array.dtype.names is None or not INTERPRETED:
        return array
    return array.view(np.recarray)


def readable(world: World, *tables: str) -> World:
    """The same world, whose rows (of these tables, or of all) have attributes: rules run on it as plain Python."""
    named = tables or [name for name, table in world._asdict().items() if table.dtype.names]
    return world._replace(**{name: getattr(world, name).view(np.recarray) for name in named})


def plain_row(row: np.void) -> Any:
    """A copy of a row with attributes, which are read faster than those of NumPy's records."""
    return SimpleNamespace(**dict(zip(row.dtype.names or (), row.item(), strict=True)))
