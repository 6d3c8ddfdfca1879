"""Orders: what a player may tell a formation, an air wing or a side's staff to do, and a facilitator an event.

An order is data: who, what, and where to. What there is to order is said in `sim.scenario.tasks`. It is checked before
anything changes; `OrderError` says what is possible. All players give their orders here: people, programs, pages and
learning agents.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from sim.scenario.messages import describe
from sim.scenario.names import nearest

DRIVE = {"offensive": 1.5, "balanced": 1.0, "defensive": 0.0}
"""Stance of a side's staff: the factor on the worth of its attacks and on the odds at which it assaults."""


class OrderError(ValueError):
    """An order that cannot be carried out. The message says why, and what is possible."""


@dataclass(frozen=True)
class Order:
    """An order: who (id of a formation, wing, side or event), which of `TASKS`, and the place if it needs one."""

    who: str
    task: str
    target: str | None = None

    def __post_init__(self) -> None:
        for name, value in (("who", self.who), ("task", self.task), ("target", self.target)):
            if not isinstance(value, str) and not (name == "target" and value is None):
                id = getattr(value, "id", None)
                meant = f"did you mean its id, '{id}'?" if isinstance(id, str) else f"an order looks like {EXAMPLE}"
                said = "None" if value is None else describe(value)
                raise OrderError(f"'{name}' must be a text, but is {said}; {meant}")

    def to_json(self) -> dict[str, str]:
        """The order as plain data."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def from_json(cls, data: Any, where: str = "order") -> Order:
        """The order that plain data describe; OrderError names what is wrong with them."""
        if isinstance(data, cls):
            return data
        if not isinstance(data, Mapping):
            raise OrderError(f"{where}: an order looks like {EXAMPLE}, not like {data!r}")
        known = [field.name for field in fields(cls)]
        for key in data:
            if key not in known:
                raise OrderError(
                    f"{where}: an order has no '{key}'{did_you_mean(str(key), known)}; an example: {EXAMPLE}"
                )
        for key in ("who", "task"):
            if key not in data:
                raise OrderError(f"{where}: '{key}' is missing; an order looks like {EXAMPLE}")
        try:
            return cls(**data)
        except OrderError as error:
            raise OrderError(f"{where}: {error}") from None

    def __str__(self) -> str:
        return f"{self.who}: {self.task}" + (f" {self.target}" if self.target else "")


EXAMPLE = '{"who": "1st_brigade", "task": "march", "target": "crossing"}'


def orders_of(data: Iterable[Any]) -> list[Order]:
    """A list of orders from plain data or orders; OrderError names the first that is none."""
    if isinstance(data, (str, Mapping, Order)) or not isinstance(data, Iterable):
        raise OrderError(f"orders are a list, like [{EXAMPLE}]")
    return [Order.from_json(item, f"orders[{i}]") for i, item in enumerate(data)]


FEW = 12
"""Words that a message lists."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint at the known word that looks most like one that is unknown; where none does, at all if they are few."""
    words = list(known)
    near = nearest(word, words)
    if near:
        return f"; did you mean {near}?"
    return f"; there are {', '.join(words)}" if 0 < len(words) <= FEW else ""


def listed(words: Iterable[str], most: int = FEW) -> str:
    """Words in one line; of many only the first."""
    shown = list(words)
    more = f" and {len(shown) - most} more" if len(shown) > most else ""
    return ", ".join(shown[:most]) + more
