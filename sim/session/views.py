"""What a side knows of many campaigns at one moment: arrays with a campaign axis in front.

The same fog as that of single views (`sim/session/fog.py`) lies over them: the same columns, and nothing else.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.session.actions import Whole
from sim.session.batch import Batch
from sim.session.by_id import UnknownId
from sim.session.fog import HELD, MAP, OWN, PUBLIC, SEEN
from sim.session.orders import Order, did_you_mean


class Columns(Mapping[str, NDArray[Any]]):
    """Arrays by name, as `sim.world.tables` names them. They are copies."""

    def __init__(self, what: str, read: Mapping[str, Any]) -> None:
        self._what, self._read = what, read

    def __getitem__(self, name: str) -> NDArray[Any]:
        if name not in self._read:
            raise UnknownId(f"nothing is known of {self._what} as '{name}'{did_you_mean(name, self._read)}")
        found: NDArray[Any] = self._read[name]()
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._read)

    def __len__(self) -> int:
        return len(self._read)


class Views:
    """What one side knows of so many campaigns at one moment, and the orders that it may give by number."""

    def __init__(self, batch: Batch, seat: int, replicates: Whole) -> None:
        self._batch, self._actions = batch, batch.sides[seat]
        self._row, self._world = self._actions.row, batch.world
        deployment = batch.deployment
        names = deployment.names
        self.side = self._actions.side
        self.replicates: Whole = replicates
        """Which campaigns these are."""
        self.tick = int(self._world.campaign["tick"][0, 0])
        """Ticks played so far."""
        self.tick_days = deployment.scenario.clock.tick_hours / 24
        self.day = self.tick * self.tick_days
        self.days_left = (deployment.ticks - self.tick) * self.tick_days
        units, wings = list(names.units), list(names.wings)
        self.formation_ids = [units[row] for row in self._actions.units]
        """The side's own formations, in the order of the arrays in `formations`."""
        self.wing_ids = [wings[row] for row in self._actions.wings]
        self.place_ids, self.side_ids = list(names.places), list(names.sides)
        self.orders: list[Order | None] = self._actions.orders
        """What each number orders; number 0 leaves all to the staff."""
        self.possible: NDArray[np.bool_] = batch.masks[seat].copy()
        """[campaign, number]: which orders are possible now."""
        self.seen: NDArray[np.float32] = batch.seen[seat].copy()
        """[campaign, number]: what environments for learning observe."""
        self.observed: list[str] = self._actions.observed
        """What each number of `seen` is."""

    def __len__(self) -> int:
        return len(self.replicates)

    def __repr__(self) -> str:
        return f"<Views of {self.side}: {len(self)} campaigns, day {self.day:g}>"

    @functools.cached_property
    def state(self) -> Columns:
        """The side itself [campaign]: will, pay, losses and so on; and `ceasefire` (days that are left)."""
        own = {name: functools.partial(self._of_side, name) for name in OWN["sides"]}
        return Columns("the side", {**own, "ceasefire": lambda: self._world.campaign["ceasefire"][:, 0].copy()})

    @functools.cached_property
    def formations(self) -> Columns:
        """The side's own formations [campaign, formation]; places and roads as numbers, -1: none."""
        return self._own("a formation", "units", self._actions.units)

    @functools.cached_property
    def air(self) -> Columns:
        """The side's own air wings [campaign, wing]."""
        return self._own("an air wing", "wings", self._actions.wings)

    @functools.cached_property
    def places(self) -> Columns:
        """All places [campaign, place]: `control` (number of the holder), `friendly`, `hostile`, the last `report` and
        the tick in which it came in (`reported_on`, -1: never seen), and so on. What only the holder knows is NaN where
        another side holds it.
        """
        read: dict[str, Any] = {name: functools.partial(self._of_file, name) for name in MAP["places"]}
        read |= {name: functools.partial(self._of_place, name) for name in PUBLIC["places"]}
        read |= {name: functools.partial(self._of_held, name) for name in HELD}
        read |= {name: functools.partial(self._as_seen, name) for name in SEEN}
        read["friendly"] = functools.partial(self._held_by, "friend_mask")
        read["hostile"] = functools.partial(self._held_by, "hostile_mask")
        return Columns("a place", read)

    # --- orders ------------------------------------------------------------------------------------------------------

    def number(self, who: str, task: str, target: str | None = None) -> int:
        """The number of an order. ValueError if there is none."""
        order = Order(who, task, target)
        if order not in self._actions.numbers:
            known = map(str, self._actions.numbers)
            raise ValueError(f"{self.side} has no order '{order}' by number{did_you_mean(str(order), known)}")
        return self._actions.numbers[order]

    def numbers(self, who: str | None = None, task: str | None = None, target: str | None = None) -> Whole:
        """The numbers of all orders to somebody, of a kind, to a place."""
        return self._actions.find(who, task, target)

    # --- columns -----------------------------------------------------------------------------------------------------

    def _own(self, what: str, table: str, rows: Whole) -> Columns:
        def read(name: str) -> NDArray[Any]:
            found: NDArray[Any] = getattr(self._world, table)[name][:, rows]
            return found

        return Columns(what, {name: functools.partial(read, name) for name in OWN[table]})

    def _of_side(self, name: str) -> NDArray[Any]:
        return np.array(self._world.sides[name][:, self._row])

    def _of_place(self, name: str) -> NDArray[Any]:
        return np.array(self._world.places[name])

    def _of_file(self, name: str) -> NDArray[Any]:
        deployment = self._batch.deployment
        said = deployment.layout.carve(deployment.block).places[name]
        return np.broadcast_to(said, (len(self), len(said))).copy()

    def _of_held(self, name: str) -> NDArray[Any]:
        return np.where(self._world.places["control"] == self._row, self._world.places[name], np.nan)

    def _as_seen(self, name: str) -> NDArray[Any]:
        return np.array(self._world.side_view[name][:, self._row])

    def _held_by(self, mask: str) -> NDArray[Any]:
        held = np.left_shift(1, self._world.places["control"])
        return np.asarray(held & self._world.relations[mask][:, self._row, None] != 0)
