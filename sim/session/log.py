"""The log of a campaign: what happened, in order, each event with its causes by name and size.

A cause may lead to earlier events: `why` follows them back to orders, and to what the scenario brought about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, SupportsIndex, overload

import pandas as pd

from sim.engine.arguments import any_whole_number
from sim.scenario.messages import escaped, printable
from sim.scenario.names import nearest
from sim.session.show import html_table

DEPTH = 2
"""Steps that `why` goes back."""
LEAST_SHARE = 0.05
"""Causes of less than this share are left out of texts; data hold them all."""


@dataclass(frozen=True)
class Cause:
    """One of the causes of an event."""

    name: str
    size: float
    """In the unit of its kind: a term of a log hazard, people, a power."""
    unit: str
    share: float
    """Of all causes that speak for the event. Causes that held it back have a share of 0 and a negative size."""
    text: str
    events: tuple[int, ...] = ()
    """Numbers of the earlier events that it comes from."""


@dataclass(frozen=True)
class Event:
    """Something that happened in a campaign."""

    number: int
    tick: int
    day: float
    """When the tick ended in which it happened."""
    kind: str
    what: str
    """Id of the place, formation, wing, side or event of the scenario."""
    side: str | None
    place: str | None
    text: str
    people: float = 0.0
    """Who left by it."""
    strength: float = 0.0
    """Of the formation, before it."""
    causes: tuple[Cause, ...] = field(default=())

    @property
    def name(self) -> str:
        """By which it is asked for: `crossing.fell`."""
        return f"{self.what}.{self.kind}"

    def __str__(self) -> str:
        return f"day {self.day:5.2f}  {self.text}"


class UnknownEvent(ValueError):
    """An event that did not happen in the campaign; the message names what was meant, or what happened."""


@dataclass(frozen=True)
class Why:
    """An event with its causes, and theirs."""

    event: Event
    log: Log
    depth: int = DEPTH

    def lines(self) -> Iterator[tuple[int, str]]:
        """Indentation and text of each line."""
        yield 0, f"day {self.event.day:.2f}: {self.event.text}"
        yield from self._below(self.event, 1, {self.event.number})

    def _below(self, event: Event, level: int, told: set[int]) -> Iterator[tuple[int, str]]:
        for cause in event.causes:
            if cause.share < LEAST_SHARE and cause.size >= 0:
                continue
            share = f"{100 * cause.share:.0f} %" if cause.size >= 0 else "against"
            yield level, f"{share:>7}  {cause.text}"
            for number in cause.events:
                earlier = self.log[number]
                again = " (see above)" if number in told else ""
                yield level + 1, f"day {earlier.day:.2f}: {earlier.text}{again}"
                if not again and level < 2 * self.depth:
                    told.add(number)
                    yield from self._below(earlier, level + 2, told)

    def __str__(self) -> str:
        return printable("\n".join("  " * level + text for level, text in self.lines()))

    def _repr_html_(self) -> str:
        rows = (f'<div style="margin-left:{1.5 * level}em">{escaped(text)}</div>' for level, text in self.lines())
        return "".join(rows)

    def to_json(self) -> dict[str, Any]:
        """The event and all that led to it, as plain data: `events` by number."""
        found: dict[int, Event] = {}
        waiting = [self.event.number]
        while waiting:
            number = waiting.pop()
            if number not in found:
                found[number] = self.log[number]
                waiting += [n for cause in self.log[number].causes for n in cause.events]
        return {"event": self.event.number, "events": [as_json(found[number]) for number in sorted(found)]}


class Log:
    """The events of a campaign in order, and the ledger of its losses."""

    def __init__(self, events: Iterable[Event], losses: pd.DataFrame) -> None:
        self.events = list(events)
        self.losses = losses
        """A row for each formation, tick and cause: `people` who left it (negative: who came)."""

    def __len__(self) -> int:
        return len(self.events)

    def __iter__(self) -> Iterator[Event]:
        return iter(self.events)

    @overload
    def __getitem__(self, which: SupportsIndex | str) -> Event: ...
    @overload
    def __getitem__(self, which: slice) -> list[Event]: ...
    def __getitem__(self, which: SupportsIndex | str | slice) -> Event | list[Event]:
        """An event by its number or name, or several: `log[-5:]`."""
        if isinstance(which, slice):
            return self.events[which]
        if isinstance(which, str):
            return self.find(which)
        number = any_whole_number("an event", which, ", or a name like crossing.fell")
        if not -len(self) <= number < len(self):
            held = f"the log holds 0 to {len(self) - 1}" if self.events else "nothing has happened yet"
            raise IndexError(f"there is no event {number}: {held}")
        return self.events[number]

    def find(self, name: str) -> Event:
        """The first event of a name (`crossing.fell`), or that of a day (`crossing.fell@day3.5`)."""
        wanted, _, day = name.partition("@day")
        found = [event for event in self.events if event.name == wanted]
        if day:
            found = [event for event in found if f"{event.day:g}" == day]
        if found:
            return found[0]
        known = {event.name: None for event in self.events}
        days = ", ".join(f"{wanted}@day{event.day:g}" for event in self.events if event.name == wanted)
        near = nearest(wanted, known)
        hint = f"; it happened as {days}" if days else f"; did you mean {near}?" if near else ""
        if not hint:
            what = wanted.rpartition(".")[0]
            of = [name for name in known if name.startswith(f"{what}.")] or [*known][:8]
            hint = f"; what happened: {', '.join(of)}" if of else "; nothing did"
        raise UnknownEvent(f"'{name}' did not happen in this campaign{hint}")

    def why(self, event: str | int | Event, depth: int = DEPTH) -> Why:
        """Why something happened, back to orders and to the events of the scenario."""
        return Why(event if isinstance(event, Event) else self[event], self, depth)

    def table(self) -> pd.DataFrame:
        """A row per event."""
        rows = [{"day": e.day, "event": e.name, "side": e.side, "place": e.place, "text": e.text} for e in self.events]
        return pd.DataFrame(rows, columns=["day", "event", "side", "place", "text"])

    def to_json(self) -> list[dict[str, Any]]:
        """All events as plain data."""
        return [as_json(event) for event in self.events]

    def __str__(self) -> str:
        return printable("\n".join(map(str, self.events)))

    def __repr__(self) -> str:
        return f"<Log: {len(self.events)} events>"

    def _repr_html_(self) -> str:
        rows = [(f"{e.day:.2f}", e.name, e.side or "", e.place or "", e.text) for e in self.events]
        return html_table(f"{len(rows)} events", ("day", "event", "side", "place", "text"), rows)


def as_json(event: Event) -> dict[str, Any]:
    """An event as plain data, with its name."""
    return {"name": event.name} | asdict(event)
