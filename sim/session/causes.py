"""Causes: why formations break, places fall and rule collapses, from the terms of the rules themselves.

The hazard of breaking is a row of named terms, kept by the rules. What a fall or a collapse rests on follows from the
events before it, with the weights that the rules give them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from sim.session.ledger import Ledger
from sim.session.log import Cause, Event
from sim.session.moment import Moment
from sim.world import derived
from sim.world.tables import ACTIVE, ADD, ORDERED

LOSSES_OF_GROUND = ("fell", "rose")
ENDS = ("broke", "surrendered", "dispersed")
FAILING_DAYS = 4.0
"""Days before a fall in which what happened to the defenders counts as its cause."""
MOST_LINKED = 3
LOG_HAZARD = "log hazard"
MEANING = {column.name: column.meaning for column in derived.BREAK_TERMS.columns}


class Causes:
    """Finds the causes of what happens now among the state, the ledger and the earlier events."""

    def __init__(self, now: Moment, before: Moment, events: list[Event], ledger: Ledger) -> None:
        self.now, self.before, self.events, self.ledger = now, before, events, ledger

    # --- earlier events ----------------------------------------------------------------------------------------------

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

    def _orders(self, units: Iterable[int]) -> tuple[int, ...]:
        """The last orders from outside that formations obey."""
        found: list[int] = []
        for i in units:
            if self.now.world.units["bound"][i] == ORDERED:
                found += self.latest("order", what=self.now.units[i])
        return tuple(sorted(set(found)))

    def _next_to(self, here: int) -> list[int]:
        """The places next to one, and itself."""
        places, ways = self.now.world.places, self.now.deployment.atlas.neighbours
        first, last = int(places["first_neighbour"][here]), int(places["last_neighbour"][here])
        return [here, *(int(place) for place in ways["place"][first:last])]

    # --- breaking ----------------------------------------------------------------------------------------------------

    def of_break(self, i: int, old: Any) -> tuple[Cause, ...]:
        """The terms of the log hazard by which a formation broke; those that held it back have negative sizes."""
        row = self.now.world.break_terms[i]
        terms = {name: float(row[name]) for name in MEANING if name != "baseline" and row[name] != 0}
        pressing = sum(value for value in terms.values() if value > 0) or 1.0
        here, side = self.before.where(i), int(old["side"])
        found = []
        for name, value in sorted(terms.items(), key=lambda item: -item[1]):
            share = max(0.0, value) / pressing
            links = self._links(name, here, side) if value > 0 else ()
            text = f"{MEANING[name]} ({value:+.2f} of the {LOG_HAZARD})"
            found.append(Cause(name, value, LOG_HAZARD, share, text, links))
        return tuple(found)

    def _links(self, term: str, here: int, side: int) -> tuple[int, ...]:
        """The earlier events from which a term of the hazard comes."""
        name = self.now.sides[side]
        if term == "contagion":
            return self._news(here, name)
        if term == "despair":
            return self._news(None, name)
        if term == "neighbours":
            near = {self.now.places[place] for place in self._next_to(here)}
            ends = [e for e in self.earlier(*ENDS, days=3.0) if e.side == name and e.place in near]
            ends = sorted(ends, key=lambda event: -event.people)[:MOST_LINKED]
            return tuple(sorted(event.number for event in ends))
        if term in ("ratio", "besieged", "losses"):
            return self.latest("assaulted", place=here)
        if term == "isolation":
            return self.latest("cut_off", place=here)
        if term in ("encirclement", "threatened"):
            near = {self.now.places[place] for place in self._next_to(here)}
            lost = [e for e in self.earlier(*LOSSES_OF_GROUND) if e.place in near and e.side != name]
            return tuple(event.number for event in lost[:1])
        return ()

    def _news(self, here: int | None, side: str) -> tuple[int, ...]:
        """The falls that count most for a side: by symbol, nearness and how recent they are, as news does."""
        now, p = self.now, self.now.world.settings[0].morale
        weights = []
        for event in self.earlier(*LOSSES_OF_GROUND, days=4 * float(p.news_memory)):
            place = now.names.places[event.place or ""]
            if event.side == side:
                continue
            weight = float(now.world.places["symbol"][place])
            if here is not None:
                age = (now.tick - event.tick) * now.tick_days
                km = float(now.deployment.atlas.km[place, here])
                weight *= math.exp(-km / p.news_km - age / p.news_memory)
            weights.append((weight, event.number))
        return tuple(sorted(number for _, number in sorted(weights, reverse=True)[:MOST_LINKED]))

    def of_end(self, i: int) -> tuple[Cause, ...]:
        """Why a formation that did not break just now is no more."""
        here, side = self.before.where(i), int(self.before.world.units["side"][i])
        if self.now.world.sides["collapsed"][side]:
            links = self.latest("collapsed", what=self.now.sides[side])
            return (Cause("collapse", 1.0, "", 1.0, "the rule of its side has ended", links),)
        broke = self.latest("broke", what=self.now.units[i])
        ground = self.latest(*LOSSES_OF_GROUND, place=here) or self.latest("cut_off", place=here)
        if broke:
            return (Cause("no way out", 1.0, "", 1.0, "it had broken, and its way out was closed", (*broke, *ground)),)
        if ground:
            return (Cause("ground lost", 1.0, "", 1.0, "the place where it was is in other hands", ground),)
        return (Cause("losses", 1.0, "", 1.0, "it has lost all its people", self.latest("assaulted", place=here)),)

    # --- ground ------------------------------------------------------------------------------------------------------

    def of_assault(self, here: int, side: int) -> tuple[Cause, ...]:
        """Who assaults, with what power against what is there, and on whose orders."""
        world = self.now.world
        units = world.units
        who = np.flatnonzero(
            (units["side"] == side) & (units["assault"] == 1) & (units["heading"] == here) & (units["road"] >= 0)
        )
        who = who[np.argsort(-units["power"][who], kind="stable")]
        power = float(world.forces["assault_power"][here, side])
        enemies = int(world.relations["hostile_mask"][side]) >> np.arange(len(world.sides)) & 1
        against = float((world.forces["power"][here] * enemies).sum())
        listed = ", ".join(self.now.unit_name(int(i)) for i in who[:MOST_LINKED])
        more = f" and {len(who) - MOST_LINKED} more" if len(who) > MOST_LINKED else ""
        text = f"{listed}{more} attack with a power of {power:,.0f} against {against:,.0f}"
        orders = self._orders(int(i) for i in who)
        staff = "orders from outside" if orders else "the staff of the side wants the place"
        return (
            Cause("power", power, "power", 1.0, text, orders),
            Cause("order", 0.0, "", 0.0, staff, orders),
        )

    def of_fall(self, here: int, winner: int, loser: int) -> tuple[bool, tuple[Cause, ...]]:
        """Whether the people rose, and why the place changed hands: what became of its defenders, and who took it."""
        takers = self._takers(here, winner)
        if not len(takers) and (agreed := self._agreed(here, winner, loser)):
            return False, agreed
        if not len(takers):
            weak = self.latest("collapsed", what=self.now.sides[loser]) or self.latest(
                "broke", "surrendered", "dispersed", place=here
            )
            text = f"nobody of {self.now.side_name(loser)} was left to keep order, and the people were against it"
            return True, (Cause("uprising", 1.0, "", 1.0, text, weak),)
        ends = [
            event for event in self.earlier(*ENDS, place=here, days=FAILING_DAYS) if event.side == self.now.sides[loser]
        ]
        units = self.now.world.units
        power = float(units["power"][takers].sum())
        listed = ", ".join(self.now.unit_name(int(i)) for i in takers[:MOST_LINKED])
        more = f" and {len(takers) - MOST_LINKED} more" if len(takers) > MOST_LINKED else ""
        orders = self._orders(int(i) for i in takers)
        assault = self.latest("assaulted", place=here) if ends else ()
        people = [max(1.0, event.strength) for event in ends]
        causes = [
            Cause(
                event.kind,
                size,
                "people",
                size / sum(people),
                f"{self._name_of(event)} {PAST[event.kind]}",
                (event.number,),
            )
            for event, size in zip(ends, people, strict=True)
        ]
        if not causes:
            text = "nobody defended it"
            gone = self.latest("broke", "surrendered", "dispersed", place=here)
            causes = [Cause("undefended", 1.0, "", 1.0, text, gone)]
        causes.sort(key=lambda cause: -cause.share)
        text = f"{listed}{more} drove in with a power of {power:,.0f}"
        return False, (*causes, Cause("taken", power, "power", 0.0, text, tuple({*orders, *assault})))

    def _agreed(self, here: int, winner: int, loser: int) -> tuple[Cause, ...]:
        """Why a place into which nobody drove passed on, if its people did not rise; empty if they did."""
        old, now = self.before.world, self.now
        who, whom = now.side_name(winner), now.side_name(loser)
        if old.sides["collapsed"][loser]:
            links = self.latest("collapsed", what=now.sides[loser])
            return (Cause("collapse", 1.0, "", 1.0, f"the rule of {whom} has ended", links),)
        if now.world.sides["occupies"][winner]:
            gone = self.latest("broke", "surrendered", "dispersed", place=here)
            text = f"the garrison of {whom} had gone, and {who} moved in"
            return (Cause("occupied", 1.0, "", 1.0, text, gone),)
        through = self._driven_through(here, winner)
        if len(through):
            listed = ", ".join(now.unit_name(int(i)) for i in through[:MOST_LINKED])
            return (Cause("driven through", 1.0, "", 1.0, f"nobody defended it, and {listed} drove through", ()),)
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
        woken = (self.before.world.units["status"][rows] != ACTIVE) if len(rows) else rows
        rows = rows[woken == 0] if len(rows) else rows
        return np.asarray(rows[np.argsort(-units["power"][rows], kind="stable")])

    def _name_of(self, event: Event) -> str:
        return self.now.unit_name(self.now.names.units[event.what])

    def cut_off(self) -> list[int]:
        """Places whose holder has formations there, and from which no line of communication leads any more."""
        old, new = self.before.world, self.now.world
        places, holder = np.arange(len(new.places)), new.places["control"]
        defended = (old.places["control"] == holder) & (new.forces["formations"][places, holder] >= 1)
        had, has = (world.side_view["way_home"][holder, places] >= 0 for world in (old, new))
        return [int(here) for here in np.flatnonzero(defended & had & ~has)]

    def of_cut(self, here: int) -> tuple[Cause, ...]:
        """What closed the line: ground that was lost just now, or enemies on the roads."""
        side = self.now.sides[int(self.now.world.places["control"][here])]
        lost = [event for event in self.earlier(*LOSSES_OF_GROUND, days=2 * self.now.tick_days) if event.side != side]
        links = tuple(event.number for event in lost[:MOST_LINKED])
        text = "places on its line of communication were lost" if links else "enemies closed its roads"
        return (Cause("line", 1.0, "", 1.0, text, links),)

    # --- politics ----------------------------------------------------------------------------------------------------

    def of_collapse(self, side: int) -> tuple[Cause, ...]:
        """What has cost the side its will, as the rules of politics count it; pay and recovery are left out."""
        now, p = self.now, self.now.world.settings[0].politics
        row, name = now.world.sides[side], now.sides[side]
        weights: list[tuple[float, str, tuple[int, ...]]] = []
        for event in self.earlier(*LOSSES_OF_GROUND):
            place = now.names.places[event.place or ""]
            if event.side == name or not self._held(event, name):
                continue
            size = float(p.place_lost * now.world.places["symbol"][place])
            if place == row["capital"]:
                size += float(p.capital_lost)
            weights.append((size, f"the loss of {now.place_name(place)}", (event.number,)))
        if row["initial_strength"] > 0:
            people = float(p.strength_lost * row["losses"] / row["initial_strength"])
            ends = sorted((e for e in self.earlier(*ENDS) if e.side == name), key=lambda e: -e.people)
            links = tuple(sorted(event.number for event in ends[:MOST_LINKED]))
            weights.append((people, f"{row['losses']:,.0f} people lost for good", links))
        for number in [e.number for e in self.earlier("happened")]:
            event = self.events[number]
            change = self._will_by(event.what, side)
            if change < 0:
                weights.append((-change, event.text, (number,)))
        total = sum(size for size, _, _ in weights) or 1.0
        found = [Cause("will", size, "will", size / total, text, links) for size, text, links in weights if size > 0]
        return tuple(sorted(found, key=lambda cause: -cause.share))

    def _held(self, event: Event, side: str) -> bool:
        """Whether a side had held the place that an event took away."""
        return bool(event.causes) and self.now.side_name(self.now.names.sides[side]) in event.text

    def _will_by(self, id: str, side: int) -> float:
        """By how much an event of the scenario changes the will of a side."""
        now = self.now
        row = now.world.events[now.names.events[id]]
        cell, _ = now.deployment.layout.cell("sides", side, "will")
        effects = now.deployment.atlas.effects[int(row["first_effect"]) : int(row["last_effect"])]
        return float(sum(effect["value"] for effect in effects if effect["cell"] == cell and effect["act"] == ADD))


PAST = {"broke": "broke there", "surrendered": "surrendered there", "dispersed": "dissolved there"}
