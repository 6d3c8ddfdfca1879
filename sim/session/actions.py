"""The orders of a side as a numbered list, for programs that choose by number, with masks of those that are possible.

Number 0 gives no order: the staff goes on. Masks and effects are those of single orders, for many campaigns at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.session.batch import Batch
from sim.session.orders import DRIVE, Order
from sim.world.deploy import Deployment
from sim.world.layout import ROUTE_SLOTS
from sim.world.tables import (
    ACTIVE,
    ACTIVE_POSTURE,
    AS_NEEDED,
    DOCTRINE,
    FREE,
    HOLD,
    MARCH,
    NONE,
    ORDERED,
    OUTSIDE,
    SHARED,
    STAND_DOWN,
    STRIKE,
    UNTIL_ARRIVAL,
    WITHDRAW,
)

NOTHING, STANCE, UNIT, WING = range(4)
PLAIN, GO = ("hold", "withdraw", "release"), ("march", "attack")
Mask = NDArray[np.bool_]
Whole = NDArray[np.int64]


class Actions:
    """The orders that one side can ever give, by number."""

    def __init__(self, deployment: Deployment, side: str) -> None:
        self.deployment, self.side, self.row = deployment, side, deployment.names.sides[side]
        names, start = deployment.names, deployment.layout.carve(deployment.block)
        self.units = np.flatnonzero(start.units["side"] == self.row)
        self.wings = np.flatnonzero(start.wings["side"] == self.row)
        self.places = len(names.places)
        places, units, wings = list(names.places), list(names.units), list(names.wings)
        self.orders: list[Order | None] = [None, *(Order(side, stance) for stance in DRIVE)]
        codes = [(NOTHING, 0, 0, NONE), *((STANCE, 0, i, NONE) for i in range(len(DRIVE)))]
        for number, row in enumerate(self.units):
            self.orders += [Order(units[row], task) for task in PLAIN]
            codes += [(UNIT, number, i, NONE) for i in range(len(PLAIN))]
            for i, task in enumerate(GO):
                self.orders += [Order(units[row], task, place) for place in places]
                codes += [(UNIT, number, len(PLAIN) + i, place) for place in range(self.places)]
        for number, row in enumerate(self.wings):
            self.orders += [Order(wings[row], "stand_down"), Order(wings[row], "release")]
            codes += [(WING, number, i, NONE) for i in range(2)]
            self.orders += [Order(wings[row], "strike", place) for place in places]
            codes += [(WING, number, 2, place) for place in range(self.places)]
        self.kind, self.who, self.task, self.target = np.array(codes, dtype=np.int64).T
        self._reached: dict[bytes, Mask] = {}

    def __len__(self) -> int:
        return len(self.orders)

    # --- what is possible --------------------------------------------------------------------------------------------

    def masks(self, batch: Batch, out: Mask | None = None) -> Mask:
        """[campaign, number]: whether an order is possible now."""
        world, n, sides = batch.world, batch.count, batch.world.sides
        mask = np.zeros((n, len(self)), dtype=bool) if out is None else out
        mask[:, 0] = True
        plans = (sides["collapsed"][:, self.row] == 0) & (sides["posture"][:, self.row] == ACTIVE_POSTURE)
        mask[:, 1 : 1 + len(DRIVE)] = plans[:, None]
        held = np.left_shift(1, world.places["control"])
        friendly = held & world.relations["friend_mask"][:, self.row, None] != 0
        hostile = held & world.relations["hostile_mask"][:, self.row, None] != 0
        at = 1 + len(DRIVE)
        width = len(PLAIN) + len(GO) * self.places
        if len(self.units):
            found = self._units(batch, plans, friendly, hostile)
            mask[:, at : at + len(self.units) * width] = found.reshape(n, -1)
        at += len(self.units) * width
        if len(self.wings):
            flies = plans[:, None] & (world.wings["aircraft"][:, self.wings] > 0)
            found = np.repeat(flies[:, :, None], 2 + self.places, axis=2)
            found[:, :, 2:] &= (hostile | (world.side_view["report"][:, self.row] >= 1))[:, None, :]
            mask[:, at:] = found.reshape(n, -1)
        return mask

    def _units(self, batch: Batch, plans: Mask, friendly: Mask, hostile: Mask) -> Mask:
        """[campaign, formation, task and place]."""
        world, rows = batch.world, self.units
        unit = {
            name: world.units[name][:, rows]
            for name in ("status", "bound", "mobile", "readiness", "passive", "pause", "place", "road", "heading")
        }
        obeys = plans[:, None] & (unit["status"] == ACTIVE) & (unit["bound"] != UNTIL_ARRIVAL)
        inside = unit["road"] < 0
        home = world.side_view["way_home"][:, self.row]
        campaigns = np.arange(batch.count)[:, None]
        back = home[campaigns, unit["place"]]
        ahead = home[campaigns, unit["heading"]]
        way_back = np.where(inside, (back >= 0) & (back != unit["place"]), (back >= 0) | (ahead >= 0))
        moves = obeys & (unit["mobile"] == 1)
        moves &= unit["readiness"] >= world.settings["command"]["ready_to_march"][:, :1]
        attacks = moves & (unit["passive"] == 0) & (unit["pause"] <= 0) & (world.campaign["ceasefire"][:, :1] <= 0)
        reach = self._reach(batch, friendly | hostile, unit["place"], np.where(inside, unit["place"], unit["heading"]))
        if self.places > ROUTE_SLOTS:
            reach &= self._slots(batch)
        to = np.where((unit["passive"] == 1)[:, :, None], reach & friendly[:, None, :], reach)
        march = moves[:, :, None] & to
        which = np.nonzero(inside)
        march[which[0], which[1], unit["place"][which]] = False
        attack = attacks[:, :, None] & reach & hostile[:, None, :]
        plain = np.stack([obeys, obeys & way_back, obeys], axis=2)
        return np.concatenate([plain, march, attack], axis=2)

    def _reach(self, batch: Batch, passable: Mask, one: Whole, other: Whole) -> Mask:
        """[campaign, formation, place]: whether roads that are not cut lead there, round neutral ground."""
        cut = batch.world.roads["cut"]
        found = np.empty((batch.count, one.shape[1], self.places), dtype=bool)
        keys = [a.tobytes() + b.tobytes() for a, b in zip(passable, cut, strict=True)]
        for key in set(keys):
            which = np.array([k for k, seen in enumerate(keys) if seen == key])
            if key not in self._reached:
                self._reached[key] = self._connected(passable[which[0]], cut[which[0]])
            table = self._reached[key]
            found[which] = table[one[which]] | table[other[which]]
        return found & passable[:, None, :]

    def _connected(self, passable: Mask, cut: Whole) -> Mask:
        """[from, to]: whether a way leads there."""
        roads = self.deployment.layout.carve(self.deployment.block).roads
        step = np.eye(self.places, dtype=bool)
        open_road = cut == 0
        for a, b in zip(roads["a"][open_road], roads["b"][open_road], strict=True):
            step[a, b] |= passable[b]
            step[b, a] |= passable[a]
        while True:
            wider = step @ step
            if (wider == step).all():
                return step
            step = wider

    def _slots(self, batch: Batch) -> Mask:
        """[campaign, formation, place]: whether the staff has routes left, besides those of other formations."""
        units = batch.world.units
        ordered = (units["bound"][:, self.units] == ORDERED) & (units["task"][:, self.units] == MARCH)
        targets = units["target"][:, self.units]
        own = np.zeros((batch.count, len(self.units), self.places), dtype=np.int64)
        k, i = np.nonzero(ordered)
        own[k, i, targets[k, i]] = 1
        others = own.sum(axis=1, keepdims=True) - own > 0
        return (others.sum(axis=2, keepdims=True) < ROUTE_SLOTS) | others

    # --- what an order does ------------------------------------------------------------------------------------------

    def give(self, batch: Batch, chosen: Whole, mask: Mask) -> Mask:
        """One order a campaign, by number. Those that the mask does not allow are not given; returns which were."""
        given = mask[np.arange(batch.count), chosen]
        kind = np.where(given, self.kind[chosen], NOTHING)
        campaigns = np.flatnonzero(kind == STANCE)
        drives = np.array(list(DRIVE.values()))
        batch.world.sides["drive"][campaigns, self.row] = drives[self.task[chosen[campaigns]]]
        campaigns = np.flatnonzero(kind == WING)
        if len(campaigns):
            self._order_wings(batch, campaigns, chosen[campaigns])
        campaigns = np.flatnonzero(kind == UNIT)
        if len(campaigns):
            self._order_units(batch, campaigns, chosen[campaigns])
        return np.asarray(given & (kind != NOTHING))

    def _order_wings(self, batch: Batch, k: Whole, chosen: Whole) -> None:
        wings, rows = batch.world.wings, self.wings[self.who[chosen]]
        wings["mission"][k, rows] = np.array([STAND_DOWN, AS_NEEDED, STRIKE])[self.task[chosen]]
        wings["target"][k, rows] = self.target[chosen]

    def _order_units(self, batch: Batch, k: Whole, chosen: Whole) -> None:
        """As `Session` does it for one formation."""
        world, rows, said = batch.world, self.units[self.who[chosen]], self.task[chosen]
        units, sides = world.units, world.sides
        inside = units["road"][k, rows] < 0
        here = np.where(inside, units["place"][k, rows], units["heading"][k, rows])
        released = said == PLAIN.index("release")
        units["bound"][k, rows] = np.where(released, FREE, ORDERED)
        target = np.where(self.target[chosen] < 0, here, self.target[chosen])
        task = np.full(len(k), MARCH)
        task[said == PLAIN.index("hold")] = HOLD
        task[said == PLAIN.index("withdraw")] = WITHDRAW
        leaves = (task == WITHDRAW) & ~released & inside & (units["task"][k, rows] != WITHDRAW)
        leaves &= world.places["first_holder"][k, here] == self.row
        world.places["garrison_left"][k[leaves], here[leaves]] += units["strength"][k[leaves], rows[leaves]]
        task[(task == MARCH) & inside & (target == here)] = HOLD
        k2, rows2, ordered = k[~released], rows[~released], ~released
        units["task"][k2, rows2], units["target"][k2, rows2] = task[ordered], target[ordered]
        units["assault"][k2, rows2] = said[ordered] == len(PLAIN) + GO.index("attack")
        commander = sides["commander"][k, self.row]
        any_ordered = (units["bound"][k][:, self.units] == ORDERED).any(axis=1)
        now = np.where(commander == OUTSIDE, commander, np.where(any_ordered, SHARED, DOCTRINE))
        sides["commander"][k, self.row] = now
