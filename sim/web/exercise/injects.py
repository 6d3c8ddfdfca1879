"""Injects: messages and orders that the facilitator has prepared. Each is fired once, by hand or by its trigger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sim.session.orders import Order
from sim.session.session import Session


@dataclass(frozen=True)
class Inject:
    """A prepared message, or an order on behalf of a side. Without `turn` and `falls` it waits for the facilitator."""

    number: int
    text: str
    """The message, or the reason for the order."""
    to: str | None
    """Side that gets the message; None: all."""
    order: Order | None
    turn: int | None
    """Fired when this turn begins."""
    falls: str | None
    """Fired when a turn begins in which this place has another holder than a turn before."""

    def why_due(self, number: int, before: Session | None, now: Session) -> str | None:
        """Why it is fired at the beginning of turn `number`; None: it is not. `before`: the turn before."""
        if self.turn is not None:
            return f"turn {number} began" if self.turn == number else None
        if self.falls is None or before is None:
            return None
        row = now.deployment.names.places[self.falls]
        if before.world.places["control"][row] == now.world.places["control"][row]:
            return None
        return f"{now.deployment.scenario.places[self.falls].name} changed hands"

    def to_json(self) -> dict[str, Any]:
        """The inject as plain data."""
        order = None if self.order is None else self.order.to_json()
        return {"number": self.number, "text": self.text, "to": self.to, "order": order,
                "turn": self.turn, "falls": self.falls}  # fmt: skip
