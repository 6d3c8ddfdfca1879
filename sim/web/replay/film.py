"""A film of one campaign: where everybody was after each tick, in whole numbers that a page can read."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.session.session import Session
from sim.world.tables import ACTIVE, NONE, SHATTERED, WITHDRAWING

IN_FIELD = (ACTIVE, WITHDRAWING, SHATTERED)
INVESTED, CUT_OFF = 1, 2
"""Of a place: enemies close most of its roads; no line of communication leads from it."""
Whole = NDArray[np.int64]


class Film:
    """Columns with a row for each tick, the state before the first tick included. `note` adds one."""

    def __init__(self) -> None:
        self.units: dict[str, list[Whole]] = {}
        self.places: dict[str, list[Whole]] = {}
        self.sides: dict[str, list[Whole]] = {}
        self.wings: dict[str, list[Whole]] = {}
        self.ceasefire: list[int] = []

    def note(self, session: Session) -> None:
        """Write down the state of a campaign."""
        world = session.world
        for table, found in (
            (self.units, _of_units(session)),
            (self.places, _of_places(session)),
            (self.sides, _of_sides(session)),
            (self.wings, {"aircraft": _whole(world.wings["aircraft"], 10)}),
        ):
            for name, values in found.items():
                table.setdefault(name, []).append(values)
        self.ceasefire.append(int(world.campaign["ceasefire"][0] > 0))

    def to_json(self) -> dict[str, Any]:
        """Each column as one list, row after row of entities: first value, then changes from tick to tick."""
        tables = {"units": self.units, "places": self.places, "sides": self.sides, "wings": self.wings}
        plain: dict[str, Any] = {
            name: {column: changes(np.array(rows)) for column, rows in table.items()} for name, table in tables.items()
        }
        return plain | {"ceasefire": self.ceasefire}


def changes(rows: Whole) -> list[int]:
    """[tick, entity] numbers as one list, entity after entity: the first number, then by how much each is more."""
    by_entity = rows.T
    return [int(value) for value in np.diff(by_entity, axis=1, prepend=0).reshape(-1)]


def _of_units(session: Session) -> dict[str, Whole]:
    """`at`: a place, or the number of places and twice the road (+1: it goes from the road's second end to the first).

    `along`: how much of the road it has behind it, in per cent; -1 in a place.
    """
    world, places = session.world, len(session.world.places)
    units, roads = world.units, world.roads
    on_road = units["road"] >= 0
    road, back, share = units["road"][on_road], np.zeros(len(units), dtype=np.int64), np.zeros(len(units))
    back[on_road] = units["heading"][on_road] == roads["a"][road]
    share[on_road] = 1 - units["km_left"][on_road] / np.maximum(1e-9, roads["km"][road])
    in_field = np.isin(units["status"], IN_FIELD)
    return {
        "at": np.where(on_road, places + 2 * units["road"] + back, units["place"]),
        "along": np.where(on_road, np.clip(_whole(share, 100), 0, 100), -1),
        "status": units["status"].astype(np.int64),
        "strength": np.where(in_field, _whole(units["strength"]), 0),
        "morale": np.where(in_field, _whole(units["morale"], 100), 0),
        "contact": np.where(in_field, units["contact"], 0),
        "task": np.where(in_field, units["task"], 0),
        "target": np.where(in_field, units["target"], NONE),
    }


def _of_places(session: Session) -> dict[str, Whole]:
    world = session.world
    places, rows = world.places, np.arange(len(world.places))
    holder = places["control"]
    defended = world.forces["formations"][rows, holder] >= 1
    lost_way = world.side_view["way_home"][holder, rows] < 0
    invested = places["invested_on"] == session.tick - 1 if session.tick else np.zeros(len(rows), dtype=bool)
    return {
        "control": holder.astype(np.int64),
        "closed": np.where(defended & lost_way, CUT_OFF, np.where(defended & invested, INVESTED, 0)).astype(np.int64),
        "strikes": _whole(places["struck"], 10) if session.tick else np.zeros(len(rows), dtype=np.int64),
        "displaced": _whole(places["displaced"], 0.01) * 100,
        "dead": _whole(places["civilian_dead"]),
    }


def _of_sides(session: Session) -> dict[str, Whole]:
    """Strength as the results count it: people in the field, those of parts that broke included."""
    units, sides = session.world.units, session.world.sides
    people = np.where(np.isin(units["status"], IN_FIELD), units["strength"] + units["scattered"], 0.0)
    strength = np.bincount(units["side"], weights=people, minlength=len(sides))
    return {"strength": _whole(strength), "will": _whole(sides["will"], 1000)}


def _whole(values: Any, scale: float = 1.0) -> Whole:
    return np.round(np.asarray(values, dtype=float) * scale).astype(np.int64)
