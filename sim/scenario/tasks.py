"""The words of orders, which scenarios and sessions share: what can be ordered, to whom, and whether to a place."""

from __future__ import annotations

from dataclasses import dataclass

FORMATION, WING, SIDE, EVENT = "formation", "air wing", "side", "event"
SECTIONS = {FORMATION: "formations", WING: "air", SIDE: "sides", EVENT: "events"}
"""Sections of the scenario, which can stand before an id that several sections have: `air.falcons`."""
ARRIVAL = "arrival:"
"""Before the id of a reinforcement: the event that it sets out."""
NO_PLACE, MAY_NAME, MUST_NAME = range(3)
"""Whether an order names a place."""


@dataclass(frozen=True)
class Task:
    """What can be ordered: to whom, whether with a place, and what it means."""

    of: tuple[str, ...]
    place: int
    meaning: str


TASKS: dict[str, Task] = {
    "march": Task((FORMATION,), MUST_NAME, "go to a place; enter it if nobody defends it, else stop at its gate"),
    "attack": Task((FORMATION,), MUST_NAME, "go to a hostile place and assault it"),
    "hold": Task((FORMATION,), NO_PLACE, "stay and defend"),
    "withdraw": Task((FORMATION,), NO_PLACE, "go back along the line of communication to a rear base"),
    "reserve": Task((FORMATION,), MAY_NAME, "go to a friendly place, or to the rear base, and wait there"),
    "strike": Task((WING,), MUST_NAME, "strike the enemy in and before a place"),
    "stand_down": Task((WING,), NO_PLACE, "do not fly"),
    "release": Task((FORMATION, WING), NO_PLACE, "be commanded by the staff (the doctrine) again"),
    "offensive": Task((SIDE,), NO_PLACE, "the staff attacks more, and at worse odds"),
    "balanced": Task((SIDE,), NO_PLACE, "the staff attacks as its doctrine says"),
    "defensive": Task((SIDE,), NO_PLACE, "the staff plans no attack"),
    "happen": Task((EVENT,), NO_PLACE, "happen in the next tick, whatever its conditions"),
    "postpone": Task((EVENT,), NO_PLACE, "happen a day later at the earliest"),
    "cancel": Task((EVENT,), NO_PLACE, "not happen at all"),
}
"""All orders. Those to events are for whoever speaks for no side: the facilitator of an exercise."""


def tasks_of(kind: str) -> list[str]:
    """What can be ordered to one kind."""
    return [task for task, said in TASKS.items() if kind in said.of]
