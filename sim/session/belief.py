"""Belief: states of a campaign, drawn at random, that agree with what a side knows.

Other campaigns of the same scenario, with other draws and other luck, are played to the same moment. Those in which
places and reported enemies look most like what the side sees are kept. What the side knows takes the place of what
they had. Their enemies are moved out of places that the side knows to be in other hands or empty, and made as strong
as the side's fresh reports say, with the error that reports have. All else about the enemy is what came of the draws.

A state agrees with the view to the last number: drawn through the same fog, it gives the same view.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.engine import entry
from sim.engine.arguments import thread_count
from sim.engine.play import STAGES
from sim.session.branch import Futures, branch_seed, futures_of
from sim.session.fog import HELD, OWN, PUBLIC, SEEN
from sim.session.orders import Order
from sim.session.session import Session
from sim.world.layout import World
from sim.world.tables import ACTIVE, EVERYBODY, HOLD, NONE, SHATTERED, WITHDRAWING

if TYPE_CHECKING:
    from sim.session.view import View

STATES = 40
"""States that are drawn, at most."""
TRIED = 4
"""Campaigns that are played for each state that is kept."""
FRESH_DAYS = 1.5
"""Age up to which a report says how strong the enemy is now."""
NOBODY = 1.0
IN_FIELD = (ACTIVE, WITHDRAWING, SHATTERED)


def branch_of_view(
    view: View,
    n: int = 400,
    orders: Iterable[Order | Mapping[str, Any]] = (),
    days: float | None = None,
    outcomes: Iterable[str] = (),
    jobs: int | None = None,
) -> Futures:
    """`n` futures of states that agree with a view, under orders of its side that are given now."""
    deployment, orders = view._deployment, list(orders)
    seed = branch_seed(view._cells.tobytes())
    cells = []
    for state in states(view, min(n, STATES), seed, jobs):
        session = Session.at(deployment, state, seed, 0)
        session.give(orders, view.side)
        cells.append(session.cells)
    known = f"what {view.side} knows ({len(cells)} states drawn)"
    return futures_of(deployment, cells, n, view.tick, seed, days, outcomes, jobs, known)


def states(view: View, count: int, seed: int, jobs: int | None = None) -> list[NDArray[np.float64]]:
    """So many blocks of states that agree with a view; always the same for one view and seed."""
    cached = view._states.get((count, seed))
    if cached is None:
        drawn = Draw(view, seed)
        with ThreadPoolExecutor(thread_count(jobs), thread_name_prefix="campaigns") as threads:
            tried = list(threads.map(drawn.campaign, range(TRIED * count)))
        order = np.argsort([drawn.distance(world) for _, world in tried], kind="stable")[:count]
        cached = view._states[count, seed] = [drawn.fitted(tried[k][0], tried[k][1], int(k)) for k in order]
    return cached


class Draw:
    """Draws states for one view."""

    def __init__(self, view: View, seed: int) -> None:
        self.view, self.seed, self.deployment = view, seed, view._deployment
        self.known, self.side = view._world, view._row
        self.layout, self.atlas = self.deployment.layout, self.deployment.atlas
        masks = self.known.relations
        sides = np.arange(len(masks))
        self.hostile = (int(masks["hostile_mask"][self.side]) >> sides & 1).astype(bool)
        """By side: whether it is an enemy."""
        friends = masks["friend_mask"][:, None] >> sides & 1
        self.open_to = friends[:, self.known.places["control"]].astype(bool)
        """[side, place]: whether a friend holds it."""
        seen = self.known.side_view[self.side]
        age = (view.tick - seen["reported_on"]) * view.tick_days
        self.fresh = (seen["reported_on"] >= 0) & (age <= FRESH_DAYS)
        self.report = np.where(seen["report"] >= NOBODY, seen["report"], 0.0)
        self.error = max(0.05, float(self.known.settings["perception"]["error"][0]))

    def campaign(self, k: int) -> tuple[NDArray[np.float64], World]:
        """A campaign with other draws, played to the same tick by the staffs of all sides."""
        cells = self.layout.new_block()
        cells[:] = self.deployment.block
        world, initial = self.layout.carve(cells), self.deployment.block[: self.layout.restored].copy()
        whole, ticks = cells.view(np.int64), self.view.tick
        views = initial, cells, whole, world, self.atlas
        none, stages = entry.NO_RECORD, STAGES
        entry.run_block(*views, self.seed, k, 1, entry.OWN_SITUATIONS, 0, ticks, none, stages)
        return cells, world

    def distance(self, world: World) -> float:
        """How far a campaign is from what the side sees: who holds what, and the enemies of fresh reports."""
        differs = float((world.places["control"] != self.known.places["control"]).sum())
        power = self.enemy_power(world)
        gap = np.log((power + 100.0) / (self.report + 100.0))[self.fresh] / self.error
        return 4.0 * differs + 0.5 * float((gap * gap).sum())

    def enemy_power(self, world: World) -> NDArray[np.float64]:
        """By place: the enemies' power in and before it."""
        forces = world.forces
        return ((forces["power"] + forces["gate_power"]) * self.hostile).sum(axis=1)

    def fitted(self, cells: NDArray[np.float64], world: World, k: int) -> NDArray[np.float64]:
        """The block of a campaign, made to agree with what the side knows."""
        self._put_known(world)
        rng = np.random.default_rng([self.seed, k])
        enemies = np.flatnonzero(
            (world.units["side"] != self.side) & np.isin(world.units["status"], IN_FIELD)
        )  # fmt: skip
        self._leave_places(world, enemies)
        self._meet_reports(world, enemies[self.hostile[world.units["side"][enemies]]], rng)
        self._take_note(world)
        return cells

    def _put_known(self, world: World) -> None:
        """What the side knows takes the place of what the campaign had."""
        known, side = self.known, self.side
        own: dict[str, Any] = {"sides": slice(side, side + 1), "units": known.units["side"] == side}
        own["wings"], own["backings"] = known.wings["side"] == side, known.backings["side"] == side
        tables: list[tuple[str, tuple[str, ...], Any]] = [
            *((table, columns, slice(None)) for table, columns in PUBLIC.items()),
            *((table, columns, own[table]) for table, columns in OWN.items()),
            ("places", HELD, known.places["control"] == side),
        ]
        for table, columns, rows in tables:
            for column in columns:
                getattr(world, table)[column][rows] = getattr(known, table)[column][rows]
        world.stance[:], world.doctrines[side] = known.stance, known.doctrines[side]
        world.route[side], world.route_target[side] = known.route[side], known.route_target[side]
        world.settings["command"]["ready_to_march"] = known.settings["command"]["ready_to_march"]
        for column in SEEN:
            world.side_view[column][side] = known.side_view[column][side]
        # Its staff believes what it has been told.
        world.side_view["belief"][side] = known.side_view["report"][side]

    def _leave_places(self, world: World, others: NDArray[np.int64]) -> None:
        """Others are not inside places that their friends do not hold, nor on roads far from those."""
        units = world.units
        for i in others:
            side, road = int(units["side"][i]), int(units["road"][i])
            here = int(units["place"][i])
            if road >= 0:
                ends = self.known.roads["a"][road], self.known.roads["b"][road]
                if any(self.open_to[side, end] for end in ends):
                    continue
            elif self.open_to[side, here]:
                continue
            self._move(world, i, self._nearest(here, self.open_to[side]))

    def _nearest(self, here: int, allowed: NDArray[np.bool_]) -> int:
        """The allowed place that is nearest; the place itself if there is none."""
        if not allowed.any():
            return here
        return int(np.argmin(np.where(allowed, self.atlas.km[here], np.inf)))

    def _move(self, world: World, i: int, to: int) -> None:
        """A formation waits in a place for the orders of its staff."""
        world.units["place"][i], world.units["heading"][i] = to, to
        world.units["road"][i], world.units["km_left"][i], world.units["alarm"][i] = NONE, 0.0, 0.0
        world.units["task"][i], world.units["assault"][i] = HOLD, 0

    def _stands(self, world: World, enemies: NDArray[np.int64]) -> NDArray[np.int64]:
        """In or before which place an enemy stands; -1: out on a road."""
        units = world.units
        at_gate = np.where(units["km_left"][enemies] <= 0.0, units["heading"][enemies], NONE)
        return np.where(units["road"][enemies] < 0, units["place"][enemies], at_gate)

    def _meet_reports(self, world: World, enemies: NDArray[np.int64], rng: np.random.Generator) -> None:
        """Enemies are where fresh reports have them, as strong as they say with their error, and nowhere else there."""
        units = world.units
        active = enemies[units["status"][enemies] == ACTIVE]
        settled = np.zeros(len(units), dtype=bool)
        for here in np.flatnonzero(self.fresh):
            stands = self._stands(world, active)
            there = active[(stands == here) & ~settled[active]]
            told = float(self.report[here])
            if told == 0.0:
                for i in there:
                    friendly = self.open_to[units["side"][i]]
                    unseen = friendly & ~self.fresh
                    self._move(world, i, self._nearest(int(here), unseen if unseen.any() else friendly))
                continue
            power = told * float(np.exp(self.error * rng.standard_normal()))
            if not len(there):
                there = self._called(world, active[~settled[active]], int(here))
            self._scale(world, there, power)
            settled[there] = True

    def _called(self, world: World, free: NDArray[np.int64], here: int) -> NDArray[np.int64]:
        """The nearest free enemy comes to a place where one is reported: into it, or to its gate."""
        units = world.units
        free = free[units["strength"][free] > 0]
        if not len(free):
            return free
        i = int(free[np.argmin(self.atlas.km[units["place"][free], here])])
        side = int(units["side"][i])
        if self.open_to[side, here]:
            self._move(world, i, here)
            return np.array([i])
        first, last = self.known.places["first_neighbour"][here], self.known.places["last_neighbour"][here]
        ways = self.atlas.neighbours[first:last]
        back = next((way for way in ways if self.open_to[side, way["place"]]), ways[0] if len(ways) else None)
        if back is None:
            return free[:0]
        self._move(world, i, int(back["place"]))
        units["road"][i], units["heading"][i], units["km_left"][i] = back["road"], here, 0.0
        return np.array([i])

    def _scale(self, world: World, there: NDArray[np.int64], power: float) -> None:
        """Formations get people and equipment for so much power between them."""
        units = world.units
        now = float(units["power"][there].sum())
        if now <= 0.0:
            return
        factor = min(5.0, max(0.2, power / now))
        units["strength"][there] = np.maximum(1.0, np.round(units["strength"][there] * factor))
        units["equipment"][there] *= factor
        units["power"][there] *= factor

    def _take_note(self, world: World) -> None:
        """The lists that follow from what was changed; the count of the forces is made in each tick."""
        counts, bases = world.counts, np.flatnonzero(world.places["rear_base"] == 1)
        counts["bases"], counts["cuts"] = len(bases), int((world.roads["cut"] == 1).sum())
        counts["changed"] = EVERYBODY
        world.bases[: len(bases)] = bases
        world.campaign["tick"] = self.view.tick
