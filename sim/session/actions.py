"""The orders of a side as a numbered list, for programs that choose by number. Number 0 gives no order.

What an order does is in `sim/engine/seats.py`, what is possible in `sim/engine/possible.py`: the same as of single
orders, for many campaigns.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.engine import possible, seats
from sim.session.orders import DRIVE, Order
from sim.world.deploy import Deployment
from sim.world.tables import NONE

Whole = NDArray[np.int64]
PLAIN = {"hold": possible.TO_HOLD, "withdraw": possible.TO_WITHDRAW, "release": possible.TO_RELEASE}
GO = {"march": possible.TO_MARCH, "attack": possible.TO_ATTACK}
FLY = {"stand_down": possible.TO_STAND_DOWN, "release": possible.TO_FLY_AS_NEEDED}
TO_UNIT = {**PLAIN, **GO, "reserve": possible.TO_RESERVE}
TO_WING = {**FLY, "strike": possible.TO_STRIKE}
"""Orders as the engine numbers them."""


class Actions:
    """The orders that one side can ever give, by number."""

    def __init__(self, deployment: Deployment, side: str) -> None:
        self.side, self.row = side, deployment.names.sides[side]
        names, start = deployment.names, deployment.layout.carve(deployment.block)
        self.units: Whole = np.flatnonzero(start.units["side"] == self.row)
        self.wings: Whole = np.flatnonzero(start.wings["side"] == self.row)
        places, units, wings = list(names.places), list(names.units), list(names.wings)
        self.orders: list[Order | None] = [None]
        codes = [(seats.NOTHING, 0, 0, NONE)]

        def add(order: Order, *code: int) -> None:
            self.orders.append(order)
            codes.append((*code, NONE if order.target is None else names.places[order.target]))  # type: ignore[arg-type]

        for i, stance in enumerate(DRIVE):
            add(Order(side, stance), seats.STANCE, 0, i)
        for row in self.units.tolist():
            for task, code in PLAIN.items():
                add(Order(units[row], task), seats.FORMATION, row, code)
            for task, code in GO.items():
                for place in places:
                    add(Order(units[row], task, place), seats.FORMATION, row, code)
        for row in self.wings.tolist():
            for task, code in FLY.items():
                add(Order(wings[row], task), seats.WING, row, code)
            for place in places:
                add(Order(wings[row], "strike", place), seats.WING, row, possible.TO_STRIKE)
        self.numbers = {order: number for number, order in enumerate(self.orders) if order is not None}
        self._found: dict[tuple[str | None, ...], Whole] = {}
        self.codes: Whole = np.array(codes, dtype=np.int64)
        """[number, (kind, who, task, target)]."""
        self.observed = [
            *seats.OF_SIDE,
            *(
                f"{units[row]}: {what}"
                for row in self.units
                for what in (*seats.OF_UNIT, *(f"at {place}" for place in places))
            ),
            *(f"{place}: {what}" for place in places for what in seats.OF_PLACE),
        ]
        """What each number of an observation is."""

    def find(self, who: str | None, task: str | None, target: str | None) -> Whole:
        """The numbers of all orders to somebody, of a kind, to a place; None: any."""
        found = self._found.get((who, task, target))
        if found is None:
            numbers = [
                number
                for order, number in self.numbers.items()
                if who in (None, order.who) and task in (None, order.task) and target in (None, order.target)
            ]
            found = self._found[who, task, target] = np.array(numbers, dtype=np.int64)
            found.flags.writeable = False
        return found

    def __len__(self) -> int:
        return len(self.orders)
