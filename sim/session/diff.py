"""The difference between two campaigns: the first event that sets them apart, and what followed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sim.scenario.messages import printable
from sim.session.log import Event, Log, as_json

AFTER = 8
"""Events that are told of each campaign after they part."""
GROUND = ("fell", "rose", "collapsed", "began")


@dataclass(frozen=True)
class Diff:
    """Two logs side by side."""

    a: Log
    b: Log
    names: tuple[str, str]

    @property
    def shared(self) -> int:
        """Events that both campaigns have in common before they part."""
        return sum(event.tick < self.tick for event in self.a)

    @property
    def tick(self) -> int:
        """The first tick in which not the same things happen; one past the last if there is none."""
        ticks = sorted({event.tick for log in (self.a, self.b) for event in log})
        for tick in ticks:
            if Counter(_at(self.a, tick)) != Counter(_at(self.b, tick)):
                return tick
        return ticks[-1] + 1 if ticks else 0

    def only(self, log: Log, other: Log) -> list[Event]:
        """What happens in one campaign from when they part, and not in the other at the same time."""
        there = {(event.tick, event.name) for event in other}
        return [event for event in log if event.tick >= self.tick and (event.tick, event.name) not in there]

    def ground(self) -> list[tuple[str, float | None, float | None]]:
        """Falls, risings and collapses: name, and the day in each campaign (None: it did not happen)."""
        rows: dict[str, list[float | None]] = {}
        for i, log in enumerate((self.a, self.b)):
            for event in log:
                row = rows.setdefault(event.name, [None, None]) if event.kind in GROUND else None
                if row is not None and row[i] is None:
                    row[i] = event.day
        return sorted(
            ((name, days[0], days[1]) for name, days in rows.items() if days[0] != days[1]),
            key=lambda row: min(day for day in row[1:] if day is not None),
        )

    def lines(self) -> Iterator[str]:
        """The difference as text."""
        parted = [self.only(self.a, self.b), self.only(self.b, self.a)]
        if not any(parted):
            yield f"The same {len(self.a)} events happen in both."
            return
        first = min(event.day for events in parted for event in events)
        yield f"{self.shared} events happen in both. On day {first:.2f} they part."
        for name, events in zip(self.names, parted, strict=True):
            yield ""
            yield f"{name}:"
            yield from (f"  {event}" for event in events[:AFTER])
            if len(events) > AFTER:
                yield f"  ... ({len(events) - AFTER} more)"
        yield ""
        yield f"{'what differs in the end':40}{self.names[0]:>16}{self.names[1]:>16}"
        for name, *days in self.ground():
            cells = "".join(f"{'never' if day is None else f'day {day:.2f}':>16}" for day in days)
            yield f"{name:40}{cells}"

    def __str__(self) -> str:
        return printable("\n".join(self.lines()))

    def to_json(self) -> dict[str, Any]:
        """The difference as plain data."""
        parted = (self.only(self.a, self.b), self.only(self.b, self.a))
        return {
            "campaigns": list(self.names),
            "shared": self.shared,
            "tick": self.tick,
            "only": [[as_json(event) for event in events] for events in parted],
            "ground": [{"event": name, "days": days} for name, *days in self.ground()],
        }


def _at(log: Log, tick: int) -> list[str]:
    return [event.name for event in log if event.tick == tick]
