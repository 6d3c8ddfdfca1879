"""The trace of a campaign: it is played again, stage by stage, and what each stage has changed is written down.

Nothing is noted while a campaign is played, so that its log costs nothing until somebody asks for it. The trace plays
the same machine code on the same cells, and must come out at the same state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from sim.engine import entry
from sim.engine.play import PARTS, STAGES
from sim.session.causes import Causes
from sim.session.falls import Falls
from sim.session.ledger import COLUMNS, Ledger
from sim.session.log import Cause, Event, Log
from sim.session.moment import Moment
from sim.session.moves import Moves
from sim.session.orders import Order
from sim.session.session import Session
from sim.world import tables
from sim.world.tables import ACTIVE, DISPERSED, DORMANT, MARCH, SHATTERED, SURRENDERED, WITHDRAW, WITHDRAWING

IN_FIELD = (ACTIVE, WITHDRAWING, SHATTERED)
LULL_DAYS = 1.0
"""Days without assault after which the next one is an event of its own."""


class TraceError(ValueError):
    """A campaign that cannot be told from its scenario, seed and orders."""


def log_of(session: Session, watch: Callable[[Session], None] = lambda session: None) -> Log:
    """The log of a campaign so far. TraceError if its state was changed by other means than orders.

    `watch` is called with the campaign before its first tick and after each.
    """
    trace = Trace(session)
    watch(trace.session)
    for _ in range(session.tick):
        trace.step()
        watch(trace.session)
    trace.obey()
    n = session.deployment.layout.restored
    if session.cells[:n].tobytes() != trace.session.cells[:n].tobytes():
        raise TraceError(
            "the log cannot be told: this campaign does not follow from its scenario, seed and orders. It was changed"
            " by hand, or went on from a state that was drawn"
        )
    return Log(trace.events, pd.DataFrame(trace.ledger.rows, columns=list(COLUMNS)))


class Trace:
    """A campaign that is played again, with what happened so far."""

    def __init__(self, session: Session) -> None:
        self.session = Session(session.deployment, session.seed, session.replicate, situations=session.situations)
        self.given = list(session.given)
        self.events: list[Event] = []
        self.ledger = Ledger(self.session)
        self.now = Moment(self.session)
        self.before = Moment(self.session)
        self.causes = Causes(self.now, self.before, self.events)
        self.falls = Falls(self.now, self.before, self.events)
        self.moves = Moves(self.now, self.before, self.events)
        self._assaulted: dict[int, int] = {}

    def step(self) -> None:
        """Play one tick, and write down what happens in it."""
        self.obey()
        session = self.session
        for part, name in enumerate(PARTS):
            self.before.take(session.cells)
            entry.run_part(session.cells, session._whole_cells, session.world, session.deployment.atlas, part, STAGES)
            self.now.take(session.cells)
            # The clock goes on with the last stage: what happens there belongs to the tick that is played.
            self.now.tick = self.before.tick
            self.ledger.note(self.before, self.now)
            self.falls.note()
            for said in TELLERS:
                for found in said(self, name):
                    self.events.append(found)

    def obey(self) -> None:
        """Give the orders that were given before the tick that comes."""
        tick = self.session.tick
        for given in [item for item in self.given if item.tick == tick]:
            self.session.order(given.order, given.by)
            self.now.take(self.session.cells)
            self.events.append(self._ordered(given.order, given.by))

    def _event(
        self,
        kind: str,
        what: str,
        text: str,
        side: int | None = None,
        place: int | None = None,
        people: float = 0.0,
        strength: float = 0.0,
        causes: tuple[Cause, ...] = (),
        at: int | None = None,
    ) -> Event:
        now, tick = self.now, self.now.tick if at is None else at
        return Event(
            len(self.events),
            tick,
            (tick + (1 if at is None else 0)) * now.tick_days,
            kind,
            what,
            None if side is None or side < 0 else now.sides[side],
            None if place is None or place < 0 else now.places[place],
            text,
            people,
            strength,
            causes,
        )

    def _ordered(self, order: Order, by: str | None) -> Event:
        now = self.now
        row = now.names.units.get(order.who)
        side = None if row is None else int(now.world.units["side"][row])
        whom = by or "the facilitator"
        text = f"{whom} orders {order}"
        return self._event("order", order.who, text, side, now.names.places.get(order.target or ""), at=now.tick)

    # --- what has changed --------------------------------------------------------------------------------------------

    def _happenings(self, stage: str) -> Iterator[Event]:
        """Events of the scenario, and the beginning of a ceasefire."""
        now, before = self.now, self.before
        fired = now.world.events["fired_on"]
        for row in map(int, np.flatnonzero((before.world.events["fired_on"] != fired) & (fired >= 0))):
            id = now.event_ids[row]
            yield self._event("happened", id, now.event_title(id))
        if now.world.campaign["ceasefire"][0] > before.world.campaign["ceasefire"][0]:
            days = float(now.world.campaign["ceasefire"][0])
            yield self._event("began", "ceasefire", f"A ceasefire of {days:.2g} days begins")

    def _assaults(self, stage: str) -> Iterator[Event]:
        """Places that are assaulted after a lull."""
        now = self.now
        if stage != "battles":
            return
        for here in map(int, np.flatnonzero((now.world.forces["assault_power"] > 0).any(axis=1))):
            last = self._assaulted.get(int(here))
            self._assaulted[int(here)] = now.tick
            if last is not None and (now.tick - last) * now.tick_days <= LULL_DAYS:
                continue
            side = int(np.argmax(now.world.forces["assault_power"][here]))
            causes = self.causes.of_assault(int(here), side)
            place, who = now.place_name(here), now.side_name(side)
            yield self._event("assaulted", now.places[here], f"{who} assaults {place}", side, int(here), causes=causes)

    def _marches(self, stage: str) -> Iterator[Event]:
        """Formations that are sent to another place, or ordered back."""
        if stage != "orders":
            return
        old, new = self.before.world.units, self.now.world.units
        active = (old["status"] == ACTIVE) & (new["status"] == ACTIVE)
        sent = (new["task"] == MARCH) & ((old["task"] != MARCH) | (old["target"] != new["target"]))
        back = (new["task"] == WITHDRAW) & (old["task"] != WITHDRAW)
        for i in map(int, np.flatnonzero(active & (sent | back))):
            side, here, target = int(new["side"][i]), self.now.where(i), int(new["target"][i])
            id, name, strength = self.now.units[i], self.now.unit_name(i), float(new["strength"][i])
            if back[i]:
                text = f"{name} is ordered back from {self.now.place_name(here)}"
                causes = self.moves.of_withdrawal(i)
                yield self._event("ordered_back", id, text, side, here, strength=strength, causes=causes)
            elif target != here:
                text = f"{name} is sent from {self.now.place_name(here)} to {self.now.place_name(target)}"
                causes = self.moves.of_march(i)
                yield self._event("sent", id, text, side, target, strength=strength, causes=causes)

    def _formations(self, stage: str) -> Iterator[Event]:
        """Formations that break, give up, are destroyed, come into the field or are fit again."""
        old, new = self.before.world.units, self.now.world.units
        for i in map(int, np.flatnonzero((old["status"] != new["status"]) | (old["broken"] != new["broken"]))):
            found = self._formation(int(i), int(old["status"][i]), int(new["status"][i]), old[i], new[i])
            if found is not None:
                yield found

    def _formation(self, i: int, was: int, status: int, old: Any, new: Any) -> Event | None:
        now, side, here = self.now, int(new["side"]), self.now.where(i)
        id, name, near = now.units[i], now.unit_name(i), now.place_text(i)
        broke = bool(new["broken"] > old["broken"])
        lost, deserted = float(old["strength"] - new["strength"]), float(new["deserted"] - old["deserted"])
        causes = self.causes.of_break(i, old) if broke else ()

        def event(kind: str, text: str, people: float = lost) -> Event:
            return self._event(kind, id, text, side, here, people, float(old["strength"]), causes)

        if broke and status == ACTIVE and new["pause"] <= old["pause"]:  # who is repulsed has to rest
            # Of those who broke before, some may have come back in the same tick.
            people = float(new["broken"] - old["broken"]) * int(now.world.settings["morale"]["part"][0])
            return event("crumbled", f"a part of {name} breaks {near}: {people:,.0f} people", people)
        if broke and status == ACTIVE:
            return event("repulsed", f"{name} is thrown back from {near}", 0.0)
        if status == WITHDRAWING and not broke:
            causes = self.causes.of_end(i)
            return event("let_go", f"{name} is let go {near} and goes home", 0.0)
        if status == WITHDRAWING:
            return event("broke", f"{name} breaks {near} and goes home; {deserted:,.0f} of its people desert", deserted)
        if status == SURRENDERED:
            captured = float(new["captured"] - old["captured"])
            causes = causes or self.causes.of_end(i)
            broken = "breaks and " if broke else ""
            return event("surrendered", f"{name} {broken}surrenders {near}: {captured:,.0f} people", captured)
        if status == DISPERSED and was in IN_FIELD:
            causes = causes or self.causes.of_end(i)
            how = "is destroyed" if new["deserted"] == old["deserted"] else "dissolves"
            return event("dispersed", f"{name} {how} {near}")
        if was == DORMANT and status == ACTIVE:
            return event(
                "arrived", f"{name} takes the field {near}: {new['strength']:,.0f} people", float(new["strength"])
            )
        if was == WITHDRAWING and status == SHATTERED:
            return event("rallied", f"{name} has come back to its rear base {near}", 0.0)
        if was == SHATTERED and status == ACTIVE:
            return event("recovered", f"{name} is fit again {near}: {new['strength']:,.0f} people", 0.0)
        return None

    def _wings(self, stage: str) -> Iterator[Event]:
        """Air wings that lose aircraft with their base."""
        old, new = self.before.world.wings, self.now.world.wings
        for row in map(int, np.flatnonzero(new["lost"] > old["lost"])):
            side, lost = int(new["side"][row]), float(new["lost"][row] - old["lost"][row])
            id, base = self.now.wings[row], int(old["airfield"][row])
            fell = self.causes.latest("fell", "rose", place=base)
            text = f"{aircraft(lost)} lost on the ground in {self.now.place_name(base)}: {self.now.wing_name(id)}"
            causes = (Cause("base lost", lost, "aircraft", 1.0, "its base is in other hands", fell),)
            yield self._event("caught", id, text, side, base, causes=causes)

    def _places(self, stage: str) -> Iterator[Event]:
        """Places that change hands, and lines of communication that are cut."""
        old, new = self.before.world, self.now.world
        for here in map(int, np.flatnonzero(old.places["control"] != new.places["control"])):
            winner, loser = int(new.places["control"][here]), int(old.places["control"][here])
            rose, causes = self.falls.causes_of(here, winner, loser)
            place, who, whom = self.now.place_name(here), self.now.side_name(winner), self.now.side_name(loser)
            first = int(new.places["first_holder"][here]) == winner
            what = "rises for" if rose else "falls back to" if first else "falls to"
            text = f"{place} {what} {who}, against {whom}" if rose else f"{place} {what} {who} (from {whom})"
            yield self._event("rose" if rose else "fell", self.now.places[here], text, winner, int(here), causes=causes)
        for here in map(int, self.causes.cut_off()):
            side = int(new.places["control"][here])
            text = (
                f"{self.now.place_name(here)} is cut off: no line of communication leads to {self.now.side_name(side)}"
            )
            yield self._event("cut_off", self.now.places[here], text, side, int(here), causes=self.causes.of_cut(here))

    def _sides(self, stage: str) -> Iterator[Event]:
        """Sides whose rule ends, or that join the war."""
        old, new = self.before.world.sides, self.now.world.sides
        for side in map(int, np.flatnonzero(old["collapsed"] != new["collapsed"])):
            name, will = self.now.side_name(side), float(new["will"][side])
            text = f"The rule of {name} collapses at a will of {will:.2f}"
            causes = self.causes.of_collapse(int(side))
            yield self._event("collapsed", self.now.sides[side], text, int(side), causes=causes)
        for side in map(int, np.flatnonzero(old["posture"] != new["posture"])):
            posture = tables.POSTURES[new["posture"][side]]
            text = f"{self.now.side_name(side)} is now {posture}"
            yield self._event("posture", self.now.sides[side], text, int(side))


def aircraft(lost: float) -> str:
    """A number of aircraft, which need not be whole, as the subject of a sentence with its verb."""
    whole = round(lost)
    return f"{whole or 'Less than one'} aircraft {'are' if whole > 1 else 'is'}"


TELLERS = (
    Trace._happenings,
    Trace._marches,
    Trace._assaults,
    Trace._wings,
    Trace._places,
    Trace._sides,
    Trace._formations,
)
"""What is looked for in each stage, in this order: what formations lose with their place or the rule comes after it."""
