"""The ledger of losses: every person who leaves or joins a formation is booked to a cause.

The entries of a formation and tick add up to the change of its strength.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from sim.rules.combat import fire_on
from sim.session.moment import Moment
from sim.session.session import Session
from sim.world.layout import readable
from sim.world.tables import ACTIVE, ASSAULTED, BESIEGED, MEETING, SURRENDERED

COLUMNS = ("tick", "day", "formation", "side", "place", "cause", "people")
BOOKED = ("killed", "missing", "wounded", "deserted", "captured", "scattered")
"""Columns of formations into which people leave; `joined` counts those who come."""
FATES = ("killed", "missing", "wounded")


class Ledger:
    """Rows of `COLUMNS`: people who left, by cause; negative where people came."""

    def __init__(self, session: Session) -> None:
        self.rows: list[tuple[Any, ...]] = []
        self.scratch = Moment(session)
        self._rows = readable(self.scratch.world)
        self._taken = False
        self._known: dict[tuple[int, ...], dict[str, float]] = {}

    def note(self, before: Moment, now: Moment) -> None:
        """Book what one part of a tick has changed."""
        self._known.clear()
        self._taken = False
        old, new = before.world.units, now.world.units
        for i in np.flatnonzero(
            (old["strength"] != new["strength"])
            | (old["wounded"] != new["wounded"])
            | (old["joined"] != new["joined"])
            | (old["deserted"] != new["deserted"])
            | (old["scattered"] != new["scattered"])
        ):
            for cause, people in self._entries(int(i), before, now):
                row, here = new[i], now.places[now.where(int(i))]
                day = (now.tick + 1) * now.tick_days
                self.rows.append((now.tick, day, now.units[i], now.sides[row["side"]], here, cause, people))

    def _entries(self, i: int, before: Moment, now: Moment) -> Iterator[tuple[str, float]]:
        old, new = before.world.units[i], now.world.units[i]
        change = {name: float(new[name] - old[name]) for name in (*BOOKED, "joined")}
        hit = change["killed"] + change["missing"]
        # Wounds and returns of one tick are told apart by the losses that go with wounds.
        fought = hit > 0 or (new["hazard"] > 0 and change["wounded"] > 0)
        if fought:
            key = tuple(int(v) for v in (new["side"], now.where(i), new["road"] < 0, new["contact"]))
            if key not in self._known:
                self._known[key] = self._shares(i, now)
            shares = self._known[key]
            for fate in FATES:
                people = change[fate]
                if fate == "wounded" and people < 0:
                    yield "returned from wounds", people
                    continue
                for cause, share in shares.items():
                    if people * share:
                        yield f"{fate} {cause}", people * share
        elif change["wounded"]:
            yield "returned from wounds", change["wounded"]
        if change["deserted"]:
            broke = new["broken"] > old["broken"] or new["status"] != ACTIVE
            yield ("deserted on breaking" if broke else "deserted day by day"), change["deserted"]
        if change["captured"]:
            yield ("surrendered" if new["status"] == SURRENDERED else "captured"), change["captured"]
        if change["scattered"]:
            gone = change["scattered"] > 0
            yield ("went to the rear with parts that broke" if gone else "left the rear"), change["scattered"]
        if change["joined"]:
            yield ("joined" if change["joined"] > 0 else "left for others"), -change["joined"]

    def _shares(self, i: int, now: Moment) -> dict[str, float]:
        """By what a formation was hit, as shares of its hazard in the fighting of this tick."""
        world, here = now.world, now.where(i)
        unit = world.units[i]
        if unit["contact"] == MEETING:
            return {"in a meeting engagement": 1.0}
        inside = unit["road"] < 0
        side = int(unit["side"])
        whole = self._hit(now, here, side, inside)
        air = whole - self._hit(now, here, side, inside, strikes=False)
        # Without besiegers the rule knows no enemy, and so no strikes either: these stay booked to the air.
        siege = min(whole - air, whole - self._hit(now, here, side, inside, siege=False)) if inside else 0.0
        parts = {"from the air": air, "in a siege": siege}
        rest = max(0.0, whole - sum(parts.values()))
        if not inside:
            name = "before its gates in a siege" if unit["contact"] == BESIEGED else "in an assault on it"
            parts[name] = rest
        else:
            enemies = int(world.relations["hostile_mask"][side]) >> np.arange(len(world.sides)) & 1
            within = float((world.forces["power"][here] * enemies).sum())
            against = float((world.forces["assault_power"][here] * enemies).sum())
            parts["in fighting inside"] = rest * within / max(1e-12, within + against)
            parts["in an assault"] = rest - parts["in fighting inside"]
        total = sum(value for value in parts.values() if value > 0)
        if total <= 0:
            return {"in an assault" if unit["contact"] == ASSAULTED else "in a siege": 1.0}
        return {cause: value / total for cause, value in parts.items() if value > 0}

    def _hit(self, now: Moment, here: int, side: int, inside: bool, strikes: bool = True, siege: bool = True) -> float:
        """The hazard of the rule of combat for a side in or before a place, with some of its causes taken away."""
        world, rules = self.scratch.world, now.world.settings[0]
        if not self._taken:
            self._taken = True
            self.scratch.take(now.cells)
        before = world.forces[here].copy()
        enemies = np.flatnonzero(int(world.relations["hostile_mask"][side]) >> np.arange(len(world.sides)) & 1)
        if not strikes:
            world.forces["strikes"][here, enemies] = 0.0
        if not siege:
            world.forces["gate_power"][here, enemies] = world.forces["assault_power"][here, enemies]
        fire_on(self._rows, here, side, rules.combat, float(rules.clock.tick_days))
        hit = world.forces["hit_inside"][here, side] if inside else world.side_view["hit_gate"][side, here]
        found = float(hit)
        world.forces[here] = before
        return found
