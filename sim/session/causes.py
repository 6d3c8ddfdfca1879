"""Causes: why formations break and rule collapses, from the terms of the rules themselves. Of falls see `falls`.

The hazard of breaking is a row of named terms, kept by the rules. What a collapse rests on follows from the events
before it, with the weights that the rules give them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sim.session.falls import NO_WAY_OUT
from sim.session.log import Cause, Event
from sim.session.so_far import ENDS, LOSSES_OF_GROUND, MOST_LINKED, SoFar
from sim.world import derived
from sim.world.tables import ACTIVE, ADD

LOG_HAZARD = "log hazard"
MEANING = {column.name: column.meaning for column in derived.BREAK_TERMS.columns}


class Causes(SoFar):
    """Finds the causes of what happens now among the state and the earlier events."""

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
            near = {self.now.places[place] for place in self.next_to(here)}
            ends = [e for e in self.earlier(*ENDS, days=3.0) if e.side == name and e.place in near]
            ends = sorted(ends, key=lambda event: -event.people)[:MOST_LINKED]
            return tuple(sorted(event.number for event in ends))
        if term in ("ratio", "besieged", "losses"):
            return self.latest("assaulted", place=here)
        if term == "isolation":
            return self.latest("cut_off", place=here)
        if term in ("encirclement", "threatened"):
            return self.lost_nearby(here, name)
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
        lost = self.latest(*LOSSES_OF_GROUND, place=here)
        if self.before.world.units["status"][i] != ACTIVE:
            gave_way = self.latest("broke", "let_go", what=self.now.units[i])
            had = "been let go" if gave_way and self.events[gave_way[0]].kind == "let_go" else "broken"
            links = (*gave_way, *(lost or self.latest("cut_off", place=here)))
            return (Cause(NO_WAY_OUT, 1.0, "", 1.0, f"it had {had}, and its way out was closed", links),)
        if self.before.world.places["control"][here] != self.now.world.places["control"][here]:
            return (Cause("ground lost", 1.0, "", 1.0, "the place where it was is in other hands", lost),)
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
        text = f"{self.names(who)} attack with a power of {power:,.0f} against {against:,.0f}"
        orders = self.orders_of(int(i) for i in who)
        staff = "orders from outside" if orders else "the staff of the side wants the place"
        return (
            Cause("power", power, "power", 1.0, text, orders),
            Cause("order", 0.0, "", 0.0, staff, orders),
        )

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
