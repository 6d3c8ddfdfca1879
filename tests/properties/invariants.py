"""What must hold after every tick of any war, whatever the parameters: nobody and nothing comes from nowhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.world import tables
from sim.world.tables import (
    ACTIVE,
    DISPERSED,
    DORMANT,
    FLANK,
    SHATTERED,
    STATUS_NAMES,
    SURRENDERED,
    WITHDRAWING,
)

FATES = ("strength", "scattered", "wounded", "killed", "missing", "deserted", "captured")
LOST = ("killed", "missing", "deserted", "captured")
PIECES = ("equipment", "equipment_lost", "equipment_left", "equipment_taken")
NEXT = {
    DORMANT: {DORMANT, ACTIVE, WITHDRAWING, SURRENDERED, DISPERSED},
    ACTIVE: {ACTIVE, WITHDRAWING, SURRENDERED, DISPERSED},
    WITHDRAWING: {WITHDRAWING, SHATTERED, SURRENDERED, DISPERSED},
    SHATTERED: {SHATTERED, ACTIVE, SURRENDERED, DISPERSED},
    SURRENDERED: {SURRENDERED},
    DISPERSED: {DISPERSED},
}
"""What may become of a formation within one tick."""
Position = tuple[int, float, tuple[tuple[int, float], ...]]
"""Road (-1: in a place), how far from its first end, and how far it is to the places at hand."""
COUNTS_BEYOND_ONE = ("loss_recent",)
"""Shares of something that shrinks: they may add up to more than 1."""

COLUMNS = [
    (table.name, column)
    for table in tables.ALL
    for column in table.columns
    if column.is_real or column.unit in ("0-1", "share", "0/1")
]


class Watch:
    """Looks at a war before and after each tick, and says what is wrong with it.

    `injects`: its events may set, add to or scale values. Then they may give and take what else nobody could.
    """

    def __init__(self, war: Any, injects: bool = False) -> None:
        self.war, world = war, war.world
        self.injects = injects
        self.atlas, self.layout = war.deployment.atlas, war.deployment.layout
        self.unit_names, self.place_names = list(war.names.units), list(war.names.places)
        self.initial = world.units["strength"].copy()
        self.listed = world.units["equipment"].sum()
        self.stored = world.places["store_equipment"].sum()
        self.inmates = world.places["prison"].sum()
        self.population = world.places["population"].copy()
        p = world.settings
        self.roads = [(int(road["a"]), int(road["b"]), float(road["km"])) for road in world.roads]
        self.km = self.atlas.km.tolist()
        self.is_tree = len(world.roads) == len(world.places) - 1
        self.is_expected = p["combat"]["chance"][0] == 0 or injects

    def reach_of(self, world: Any) -> Any:
        """How many kilometres each formation may go in a tick."""
        p, days = world.settings, float(world.settings["clock"]["tick_days"][0])
        return world.units["speed"] * p["movement"]["march_hours"][0] * days + p["morale"]["repulse_km"][0] + 1e-6

    def tick(self) -> None:
        """Fight one tick and check it."""
        block = self.layout.new_block()
        block[:] = self.war.cells
        before, now = self.layout.carve(block), self.war.world
        self.war.tick()
        self.reach = np.maximum(self.reach_of(before), self.reach_of(now))
        self.people(now)
        self.equipment(now)
        self.values(now)
        self.civilians(now)
        self.statuses(before, now)
        self.positions(now)
        self.was, self.stands = self.places_of(before.units), self.places_of(now.units)
        self.marches(before, now)
        self.nobody_passes(before, now)
        self.captures(before, now)

    def people(self, now: Any) -> None:
        """Every person is present, wounded, dead, missing, deserted or captured; new ones were freed from prison."""
        units = now.units
        total = sum(units[fate] for fate in FATES)
        apart = np.abs(total - self.initial - units["joined"])
        assert np.all(apart <= (1e-9 * np.maximum(1, total) if self.is_expected else 0))
        for fate in () if self.is_expected else (*FATES, "joined"):
            assert np.array_equal(units[fate], np.floor(units[fate])), f"{fate}: people come whole"
        for fate in FATES:
            assert np.all(units[fate] >= 0), fate
        for side in range(len(now.sides)):
            joined = units["joined"][units["side"] == side].sum()
            assert joined >= 0 or self.injects, "transfers stay within a side"
            lost = sum(units[fate][units["side"] == side].sum() for fate in LOST)
            assert now.sides["losses"][side] + now.sides["pending_losses"][side] == pytest.approx(lost, rel=1e-12)
        freed = self.inmates - now.places["prison"].sum()
        assert 0 <= units["joined"].sum() <= freed or self.injects

    def equipment(self, now: Any) -> None:
        """Every piece runs, is destroyed, or stands abandoned until somebody takes it into use."""
        units = {name: now.units[name].sum() for name in PIECES}
        for name in PIECES:
            assert np.all(now.units[name] >= 0), name
        if self.injects:
            return
        held = units["equipment"] + units["equipment_lost"] + units["equipment_left"]
        assert held == pytest.approx(self.listed + units["equipment_taken"], rel=1e-12)
        stored = now.places["store_equipment"]
        assert np.all(stored >= 0)
        assert stored.sum() == pytest.approx(
            self.stored + units["equipment_left"] - units["equipment_taken"], rel=1e-12
        )

    def values(self, now: Any) -> None:
        """Numbers are numbers, shares lie between 0 and 1, amounts are not negative."""
        for table, column in COLUMNS:
            values = getattr(now, table)[column.name]
            # An event that is ordered to happen has no last day.
            known = ~np.isnan(values) if column.name == "until" else np.isfinite(values)
            assert not column.is_real or known.all(), (table, column.name)
            if column.unit in ("0-1", "share", "0/1") and column.name not in COUNTS_BEYOND_ONE and len(values):
                low = -1 if not column.is_real and "-1" in column.meaning else 0
                assert low <= values.min() and values.max() <= 1, (table, column.name)
        for name in ("supply", "pause", "power"):
            assert np.all(now.units[name] >= 0), name
        assert np.all(now.units["rest"][now.units["status"] == SHATTERED] >= 0)
        assert np.all(
            (now.places["stores"] >= 0) & ((now.places["stores"] <= now.places["stores_full"]) | self.injects)
        )
        assert np.all(now.wings["aircraft"] >= 0)
        assert np.all((now.side_view["closed"] >= 0) & (now.side_view["closed"] <= 1))

    def civilians(self, now: Any) -> None:
        """Nobody flees or dies who was not there, and who fled is somewhere else."""
        places = now.places
        assert np.array_equal(places["population"], self.population)
        assert np.all(places["displaced"] >= 0) and np.all(places["civilian_dead"] >= 0)
        assert np.all(places["displaced"] + places["civilian_dead"] <= self.population * (1 + 1e-12))
        assert places["sheltered"].sum() == pytest.approx(places["displaced"].sum(), rel=1e-9)

    def statuses(self, before: Any, now: Any) -> None:
        """Formations break, withdraw and gather in order; who is gone stays gone, and has nobody left."""
        for i, (old, new) in enumerate(zip(before.units["status"], now.units["status"], strict=True)):
            said = f"{self.unit_names[i]}: {STATUS_NAMES[old]} to {STATUS_NAMES[new]}"
            assert new in NEXT[int(old)], said
        gone = np.isin(now.units["status"], (SURRENDERED, DISPERSED))
        assert np.all(now.units["strength"][gone] == 0) and np.all(now.units["scattered"][gone] == 0)
        assert np.all(now.units["equipment"][gone & (self.initial > 0)] == 0)
        asleep = now.units["status"] == DORMANT
        given = () if self.injects else ("strength", "equipment")
        for column in ("place", "road", "km_left", "killed", "contact", *given):
            assert np.array_equal(before.units[column][asleep], now.units[column][asleep]), column

    def positions(self, now: Any) -> None:
        """Whoever is on a road is on it, between the place that it left and the place ahead."""
        for unit in now.units[now.units["road"] >= 0]:
            road = now.roads[unit["road"]]
            ends = (road["a"], road["b"])
            assert unit["place"] in ends and unit["heading"] in ends
            assert 0 <= unit["km_left"] <= road["km"]

    def marches(self, before: Any, now: Any) -> None:
        """Nobody goes farther in a tick than its best speed, its repulse and its way round a place allow."""
        for i, status in enumerate(before.units["status"]):
            gone = self.distance(self.was[i], self.stands[i])
            may = 0.0 if status in (SURRENDERED, DISPERSED) else self.reach[i]
            assert gone <= may, f"{self.unit_names[i]} went {gone} km, but may go {may}"

    def places_of(self, units: Any) -> list[Position]:
        """Where everybody is."""
        columns = [units[name].tolist() for name in ("place", "road", "heading", "km_left")]
        return [self.position(*values) for values in zip(*columns, strict=True)]

    def position(self, place: int, road: int, heading: int, km_left: float) -> Position:
        if road < 0:
            return -1, 0.0, ((place, 0.0),)
        a, b, km = self.roads[road]
        at_km = km - km_left if heading == b else km_left
        return road, at_km, ((a, at_km), (b, km - at_km))

    def distance(self, old: Position, new: Position) -> float:
        """Kilometres by road between two positions."""
        if old == new:
            return 0.0
        by_places = min(a + self.km[p][q] + b for p, a in old[2] for q, b in new[2])
        return min(by_places, abs(old[1] - new[1])) if old[0] == new[0] >= 0 else by_places

    def nobody_passes(self, before: Any, now: Any) -> None:
        """Hostile columns that fight do not pass each other: neither on one road, nor where there is one way only."""
        fit = (before.units["status"] == ACTIVE) & (now.units["status"] == ACTIVE)
        fit &= (before.units["task"] != FLANK) & (now.units["task"] != FLANK)
        masks, sides = before.relations["hostile_mask"] & now.relations["hostile_mask"], now.units["side"]
        for i in np.flatnonzero(fit).tolist():
            if self.was[i] == self.stands[i]:
                continue
            for j in np.flatnonzero(fit & (masks[sides[i]] >> sides & 1 == 1)).tolist():
                said = f"{self.unit_names[i]} and {self.unit_names[j]} passed each other"
                old, new, others_old, others_new = self.was[i], self.stands[i], self.was[j], self.stands[j]
                if old[0] == new[0] == others_old[0] == others_new[0] >= 0:
                    assert (old[1] - others_old[1]) * (new[1] - others_new[1]) > -1e-9, said
                elif self.is_tree:
                    assert not self.crossed(old, others_old, new, others_new), said

    def crossed(self, a: Position, b: Position, to_a: Position, to_b: Position) -> bool:
        """Whether two who stood at `a` and `b` have each gone past the other on the only way between them."""
        apart = self.distance(a, b)
        on_the_way = all(abs(self.distance(a, x) + self.distance(x, b) - apart) < 1e-6 for x in (to_a, to_b))
        return apart > 1e-6 and on_the_way and self.distance(a, to_a) > self.distance(a, to_b) + 1e-6

    def captures(self, before: Any, now: Any) -> None:
        """A place falls to an enemy whose people were there or drove through it, or by a rule that needs no fight."""
        if self.injects:
            return
        for place in np.flatnonzero(before.places["control"] != now.places["control"]):
            winner, loser = int(now.places["control"][place]), int(before.places["control"][place])
            assert now.campaign["ceasefire"][0] <= 0
            name = self.place_names[place]
            if now.sides["occupies"][winner] and self.may_occupy(now, int(place), winner, loser):
                continue
            if self.is_passed_on(now, int(place), winner, loser):
                continue
            # A collapsed side may leave a place to one who takes what others abandon, even its ally.
            heir = before.sides["collapsed"][loser] and now.sides["occupies"][winner]
            assert heir or now.relations["hostile_mask"][winner] >> loser & 1, name
            came = any(self.was_there(before, now, i, int(place)) for i in self.of_side(now, winner))
            rose = self.may_rise(now, int(place), winner, loser)
            assert came or rose or self.may_yield(before, now, int(place), winner, loser), name

    def is_passed_on(self, now: Any, place: int, winner: int, loser: int) -> bool:
        """Whether a collapsed side can have taken a place, and left it in the same tick to an enemy who is near."""
        enemies, sides = now.relations["hostile_mask"], np.arange(len(now.sides))
        between = (enemies[loser] >> sides & 1) & (enemies[winner] >> sides & 1) & now.sides["collapsed"]
        return bool(between.any()) and self.is_near(now, place, winner)

    def may_occupy(self, now: Any, place: int, winner: int, loser: int) -> bool:
        """Whether a side that takes what others abandon can have: nobody resists, and no friend has to be robbed."""
        friends = now.relations["friend_mask"][loser]
        here = (now.units["place"] == place) & (now.units["road"] < 0) & (now.units["status"] == ACTIVE)
        resisting = here & (friends >> now.units["side"] & 1 == 1)
        return not resisting.any() and not friends >> winner & 1 and self.is_near(now, place, winner)

    def may_yield(self, before: Any, now: Any, place: int, winner: int, loser: int) -> bool:
        """Whether a place can have come to terms: its side has collapsed or the enemy threatened it, and he is near."""
        threatened = now.settings["yielding"]["rate"][0] > 0 and now.threat[loser, place] > 0
        return bool(before.sides["collapsed"][loser] or threatened) and self.is_near(now, place, winner)

    def is_near(self, now: Any, place: int, side: int) -> bool:
        """Whether a side has people in a place, on a road to it or in a next place, or holds a next place."""
        next_to = [b if a == place else a for a, b, _ in self.roads if place in (a, b)]
        units = now.units[(now.units["side"] == side) & (now.units["status"] == ACTIVE)]
        present = np.isin(units["place"], [place, *next_to]) | np.isin(units["heading"], [place])
        return bool(present.any() or (now.places["control"][next_to] == side).any())

    def may_rise(self, now: Any, place: int, winner: int, loser: int) -> bool:
        """Whether a place can have turned to a side by itself: its people prefer that side, and no garrison is left."""
        here = (now.units["place"] == place) & (now.units["road"] < 0) & (now.units["status"] == ACTIVE)
        friends = now.relations["friend_mask"][loser] >> now.units["side"][here] & 1
        liked = now.side_view["affinity"][:, place]
        return now.places["population"][place] > 0 and not friends.any() and liked[winner] > liked[loser]

    def of_side(self, now: Any, side: int) -> list[int]:
        return [int(i) for i in np.flatnonzero(now.units["side"] == side)]

    def was_there(self, before: Any, now: Any, i: int, place: int) -> bool:
        """Whether a formation can have been in a place during this tick."""
        old, new = before.units[i], now.units[i]
        if old["status"] in (SURRENDERED, DISPERSED, SHATTERED, WITHDRAWING) or new["status"] == DORMANT:
            return False
        here = self.position(place, -1, place, 0.0)
        return self.distance(self.was[i], here) + self.distance(here, self.stands[i]) <= self.reach[i]
