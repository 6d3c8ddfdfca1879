"""Orders: what a player may tell a formation to do, checked before anything changes.

The Mesa model, a program and a page all give orders through `give`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sim.scenario.names import nearest
from sim.world.layout import World
from sim.world.names import Names
from sim.world.tables import (
    ACTIVE,
    ACTIVE_POSTURE,
    HOLD,
    MARCH,
    OUTSIDE,
    POSTURES,
    STATUS_NAMES,
    WITHDRAW,
)

TASKS = {"hold": HOLD, "march": MARCH, "withdraw": WITHDRAW}
"""Tasks that can be ordered. Moving round to another gate is the formation's own decision."""


class OrderError(ValueError):
    """An order that cannot be carried out. The message says why, and what is possible."""


@dataclass(frozen=True)
class Order:
    """An order to one formation. A march to a hostile place ends in an assault unless `assault` is False."""

    formation: str
    task: str = "march"
    target: str | None = None
    assault: bool | None = None


def give(world: World, names: Names, order: Order) -> None:
    """Check an order and write it into the state; its side is commanded from outside from then on.

    OrderError if the order cannot be carried out. Nothing has changed then.
    """
    check(world, names, order)
    row = names.units[order.formation]
    units = world.units
    if order.target is not None:
        units["target"][row] = names.places[order.target]
    units["task"][row] = TASKS[order.task]
    units["assault"][row] = order.task == "march" if order.assault is None else order.assault
    units["bound"][row] = 0
    world.sides["commander"][units["side"][row]] = OUTSIDE


def check(world: World, names: Names, order: Order) -> None:
    """Raise OrderError if an order cannot be carried out."""
    _require("formation", order.formation, names.units)
    if order.task not in TASKS:
        raise OrderError(f"'{order.task}' is no order{_hint(order.task, TASKS)}; orders are {', '.join(TASKS)}")
    row = names.units[order.formation]
    unit = world.units[row]
    side = world.sides[unit["side"]]
    refused = f"{order.formation} takes no orders: it"
    if side["posture"] != ACTIVE_POSTURE or side["collapsed"]:
        state = "has collapsed" if side["collapsed"] else f"is {POSTURES[side['posture']]}"
        raise OrderError(f"{refused}s side '{list(names.sides)[unit['side']]}' {state}")
    if unit["status"] != ACTIVE:
        raise OrderError(f"{refused} is {STATUS_NAMES[unit['status']]}")
    if not unit["mobile"]:
        raise OrderError(f"{refused} may not be sent elsewhere")
    if order.target is not None:
        if order.task != "march":
            raise OrderError(f"'{order.task}' has no target; only a march has")
        _require("place", order.target, names.places)


def _require(what: str, id: str, known: Iterable[str]) -> None:
    if id not in known:
        raise OrderError(f"there is no {what} '{id}'{_hint(id, known)}")


def _hint(word: str, known: Iterable[str]) -> str:
    near = nearest(word, known)
    return f"; did you mean {near}?" if near else ""
