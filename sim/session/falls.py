"""Falls: why places change hands, from what became of their defenders and from who came."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from sim.session.log import Cause, Event
from sim.session.moment import Moment
from sim.session.so_far import ENDS, SoFar
from sim.world.tables import ACTIVE, MARCH, NONE, WITHDRAW

FAILING_DAYS = 4.0
"""Days before a fall in which what happened to the defenders counts as its cause."""
NO_WAY_OUT = "no way out"
"""Cause of the end of those who had broken before."""
ORDERS = ("sent", "ordered_back", "order")
"""Kinds of events that make a formation leave."""
PAST = {"broke": "broke", "surrendered": "surrendered", "dispersed": "dissolved"}


class Departure(NamedTuple):
    """A formation that has left a place as it was ordered."""

    unit: int
    tick: int
    orders: tuple[int, ...]
    """Number of the event by which it was ordered to go."""
    strength: float
    where_to: str
    """In words."""


class Falls(SoFar):
    """Finds the causes of falls. It must be shown each stage of play: see `note`."""

    def __init__(self, now: Moment, before: Moment, events: list[Event]) -> None:
        super().__init__(now, before, events)
        self._departures: dict[int, dict[int, Departure]] = {}
        """Of each place: by formation, the last time that it left."""

    def note(self) -> None:
        """Note which formations have left a place on orders since the last look."""
        old, new = self.before.world.units, self.now.world.units
        active = (old["status"] == ACTIVE) & (new["status"] == ACTIVE)
        away = (old["road"] < 0) & ((new["road"] >= 0) | (new["place"] != old["place"]))
        for i in map(int, np.flatnonzero(active & away & np.isin(old["task"], (MARCH, WITHDRAW)))):
            here, side = int(old["place"][i]), int(old["side"][i])
            moved = (e for e in reversed(self.events) if e.what == self.now.units[i] and e.kind in (*ORDERS, "arrived"))
            last = next(moved, None)
            if last is not None and last.kind == "arrived":
                continue  # it set out from here as it took the field, and held nothing
            if old["task"][i] == MARCH:
                where_to = f"sent to {self.now.place_name(int(old['target'][i]))}"
            else:
                where_to = f"ordered back to {self.now.place_name(self._rear_of(here, side))}"
            orders = () if last is None else (last.number,)
            left = Departure(i, self.now.tick, orders, float(new["strength"][i]), where_to)
            self._departures.setdefault(here, {})[i] = left

    def _rear_of(self, here: int, side: int) -> int:
        """Where the line of communication of a place leads."""
        way_home = self.before.world.side_view["way_home"][side]
        while way_home[here] not in (here, NONE):
            here = int(way_home[here])
        return here

    def causes_of(self, here: int, winner: int, loser: int) -> tuple[bool, tuple[Cause, ...]]:
        """Whether the people rose, and why the place changed hands: what became of its defenders, and who took it."""
        takers = self._takers(here, winner)
        if not len(takers) and (agreed := self._agreed(here, winner, loser)):
            return False, agreed
        if not len(takers):
            weak = self.latest("collapsed", what=self.now.sides[loser]) or self._last_gone(here, loser)
            text = f"nobody of {self.now.side_name(loser)} was left to keep order, and the people were against it"
            return True, (Cause("uprising", 1.0, "", 1.0, text, weak),)
        return False, (*self._of_defenders(here, loser), self._taken(here, takers, "drove in"))

    def _of_defenders(self, here: int, loser: int) -> list[Cause]:
        """What became of those who defended a place: they gave way there, were sent away, or there were none."""
        ends = self._ends(here, loser, FAILING_DAYS)
        gave_way = {self.now.names.units[event.what] for event in ends}
        gone = [left for left in self._gone_from(here, loser, FAILING_DAYS) if left.unit not in gave_way]
        if not ends and not gone:
            return [Cause("undefended", 1.0, "", 1.0, "nobody defended it", self._last_gone(here, loser))]
        causes = [
            Cause(event.kind, max(1.0, event.strength), "people", 0.0, self._gave_way(event), (event.number,))
            for event in ends
        ]
        causes.sort(key=lambda cause: -cause.size)
        if gone:
            causes.append(self._sent_away(gone, "other defenders" if ends else "its last defenders"))
        total = sum(cause.size for cause in causes)
        return [replace(cause, share=cause.size / total) for cause in causes]

    def _taken(self, here: int, takers: np.ndarray, how: str) -> Cause:
        """Who took a place, and how, on whose orders."""
        power = float(self.now.world.units["power"][takers].sum())
        text = f"{self.names(takers)} {how} with a power of {power:,.0f}"
        assaults = [
            event.number for event in self.earlier("assaulted", place=here) if self._is_since_taken(event, here)
        ]
        links = (*self.orders_of(int(i) for i in takers), *assaults[:1])
        return Cause("taken", power, "power", 0.0, text, links)

    def _is_since_taken(self, what: Event | Departure, here: int) -> bool:
        """Whether something happened under the side that held a place until now."""
        return what.tick > int(self.before.world.places["taken_on"][here])

    def _ends(self, here: int, side: int, days: float = math.inf) -> list[Event]:
        """By which events formations that defended a place for a side gave way, the last first.

        Who had broken before, and is caught on the way to the rear, defended nothing.
        """
        return [
            event
            for event in self.earlier(*ENDS, place=here, days=days)
            if event.side == self.now.sides[side]
            and self._is_since_taken(event, here)
            and NO_WAY_OUT not in [cause.name for cause in event.causes]
        ]

    def _gave_way(self, event: Event) -> str:
        """The same in words: who, how, and whether inside the place or before it."""
        place = self.now.place_name(self.now.names.places[event.place or ""])
        where = "before it" if f" before {place}" in event.text else "there"
        how = "was destroyed" if " is destroyed " in event.text else PAST[event.kind]
        return f"{self._name_of(event)} {how} {where}"

    def _gone_from(self, here: int, side: int, days: float = math.inf) -> list[Departure]:
        """Formations of a side that left a place on orders while the side held it, the strongest first."""
        sides, since = self.now.world.units["side"], self.now.tick - days / self.now.tick_days
        gone = [
            left
            for left in self._departures.get(here, {}).values()
            if sides[left.unit] == side and left.tick >= since and self._is_since_taken(left, here)
        ]
        return sorted(gone, key=lambda left: -left.strength)

    def _sent_away(self, gone: list[Departure], who: str) -> Cause:
        """That defenders of a place were sent elsewhere."""
        ways: dict[str, list[int]] = {}
        for left in gone:
            ways.setdefault(left.where_to, []).append(left.unit)
        *most, last = [f"{where_to} ({self.names(units, '; ')})" for where_to, units in ways.items()]
        text = f"{who} were {', '.join(most)}{' and ' if most else ''}{last}"
        orders = tuple(sorted({number for left in gone for number in left.orders}))
        people = max(1.0, sum(left.strength for left in gone))
        return Cause("sent away", people, "people", 1.0, text, orders)

    def _last_gone(self, here: int, side: int) -> tuple[int, ...]:
        """The last event by which a formation of a side was lost to a place, however long ago."""
        ends = [event.number for event in self._ends(here, side)]
        orders = [number for left in self._gone_from(here, side) for number in left.orders]
        return tuple(sorted([*ends, *orders])[-1:])

    def _agreed(self, here: int, winner: int, loser: int) -> tuple[Cause, ...]:
        """Why a place into which nobody drove passed on, if its people did not rise; empty if they did."""
        old, now = self.before.world, self.now
        who, whom = now.side_name(winner), now.side_name(loser)
        if old.sides["collapsed"][loser]:
            links = self.latest("collapsed", what=now.sides[loser])
            return (Cause("collapse", 1.0, "", 1.0, f"the rule of {whom} has ended", links),)
        through = self._driven_through(here, winner)
        if len(through):
            first, *others = self._of_defenders(here, loser)
            if first.name in PAST or others:
                return (first, *others, self._taken(here, through, "drove through"))
            name = "driven through" if first.name == "undefended" else first.name
            return (replace(first, name=name, text=f"{first.text}, and {self.names(through)} drove through"),)
        if now.world.sides["occupies"][winner]:
            text = f"the garrison of {whom} had gone, and {who} moved in"
            return (Cause("occupied", 1.0, "", 1.0, text, self._last_gone(here, loser)),)
        units, after = old.units, now.world.units["status"]
        there = (units["side"] == loser) & (units["status"] == ACTIVE) & (units["place"] == here) & (units["road"] < 0)
        let_go = float(units["strength"][there & (after != ACTIVE)].sum())
        if not let_go and self._may_rise(here):
            return ()
        garrison = f"and a garrison of {let_go:,.0f} let go" if let_go else f"nobody of {whom} was there"
        text = f"it was handed over on terms, {garrison}"
        return (Cause("terms", let_go, "people", 1.0, text, self.latest("assaulted", place=here)),)

    def _driven_through(self, here: int, winner: int) -> np.ndarray:
        """Formations of the winner that drove through a place in this tick, and are on a road beyond it."""
        if self.before.world.forces["claims"][here, winner] <= 0:
            return np.arange(0)
        units = self.now.world.units
        active = (units["side"] == winner) & (units["status"] == ACTIVE)
        return np.flatnonzero(active & (units["place"] == here) & (units["road"] >= 0))

    def _may_rise(self, here: int) -> bool:
        """Whether people may have risen in a place in this tick: they do once a day, if anybody lives there."""
        world = self.now.world
        a_day = round(1 / self.now.tick_days)
        lives = world.places["population"][here] > 0 and world.settings[0].politics.uprising > 0
        return bool(lives and self.now.tick % a_day == 0)

    def _takers(self, here: int, winner: int) -> np.ndarray:
        """Formations of the winner inside, the strongest first."""
        units = self.now.world.units
        there = (units["side"] == winner) & (units["status"] == ACTIVE) & (units["place"] == here) & (units["road"] < 0)
        rows = np.flatnonzero(there)
        if self.before.world.places["control"][here] == self.now.world.places["control"][here]:
            return rows
        # Who took the field only now drove nobody out.
        rows = rows[self.before.world.units["status"][rows] == ACTIVE]
        return np.asarray(rows[np.argsort(-units["power"][rows], kind="stable")])

    def _name_of(self, event: Event) -> str:
        return self.now.unit_name(self.now.names.units[event.what])
