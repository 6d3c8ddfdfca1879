"""What has happened so far in a campaign, as those look for it who find causes in it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from sim.session.log import Event
from sim.session.moment import Moment
from sim.world.tables import ORDERED

LOSSES_OF_GROUND = ("fell", "rose")
ENDS = ("broke", "surrendered", "dispersed")
MOST_LINKED = 3
"""Events that a cause leads to, and formations that it names."""


class SoFar:
    """The state now and before what happens now, and the earlier events."""

    def __init__(self, now: Moment, before: Moment, events: list[Event]) -> None:
        self.now, self.before, self.events = now, before, events

    def earlier(
        self, *kinds: str, place: int | None = None, what: str | None = None, days: float = math.inf
    ) -> list[Event]:
        """Events of some kinds, the last first."""
        here = None if place is None else self.now.places[place]
        since = self.now.tick - days / self.now.tick_days
        return [
            event
            for event in reversed(self.events)
            if event.kind in kinds
            and event.tick >= since
            and (here is None or event.place == here)
            and (what is None or event.what == what)
        ]

    def latest(self, *kinds: str, place: int | None = None, what: str | None = None) -> tuple[int, ...]:
        """The number of the last such event, if there is one."""
        return tuple(event.number for event in self.earlier(*kinds, place=place, what=what)[:1])

    def next_to(self, here: int) -> list[int]:
        """The places next to one, and itself."""
        places, ways = self.now.world.places, self.now.deployment.atlas.neighbours
        first, last = int(places["first_neighbour"][here]), int(places["last_neighbour"][here])
        return [here, *(int(place) for place in ways["place"][first:last])]

    def lost_nearby(self, here: int, side: str) -> tuple[int, ...]:
        """The last loss of a place to the enemies of a side, there or in a next place."""
        near = {self.now.places[place] for place in self.next_to(here)}
        lost = [event for event in self.earlier(*LOSSES_OF_GROUND) if event.place in near and event.side != side]
        return tuple(event.number for event in lost[:1])

    def orders_of(self, units: Iterable[int]) -> tuple[int, ...]:
        """The last orders from outside that formations obey."""
        found: list[int] = []
        for i in units:
            if self.now.world.units["bound"][i] == ORDERED:
                found += self.latest("order", what=self.now.units[i])
        return tuple(sorted(set(found)))

    def names(self, units: Sequence[int] | np.ndarray, between: str = ", ") -> str:
        """Formations in words: the first by name, the others by number."""
        more = f" and {len(units) - MOST_LINKED} more" if len(units) > MOST_LINKED else ""
        return between.join(self.now.unit_name(int(i)) for i in units[:MOST_LINKED]) + more
