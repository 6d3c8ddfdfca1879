"""The table that learning programs sit at: many campaigns, one order a side and step, observations under fog, rewards.

It knows no library for learning: the environments of Gymnasium and PettingZoo are thin faces of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from sim.session.actions import Actions, Mask, Whole
from sim.session.batch import Batch
from sim.session.orders import did_you_mean
from sim.world.deploy import Deployment
from sim.world.layout import World
from sim.world.tables import ACTIVE, AWAY, ORDERED

Real = NDArray[np.float64]
Reward = Callable[[World, int], Real]
OF_SIDE = ("time gone", "will", "ceasefire")
OF_UNIT = ("active", "strength", "morale", "readiness", "supply", "on a road", "way left", "in contact", "ordered")
OF_PLACE = ("own", "hostile", "report", "age of report", "never seen")
"""What is observed of the side, of each of its formations (then of each place whether it is there), of each place."""
OPPONENTS = ("doctrine", "random")
LARGE = 1000.0
"""Power that a report is compared with."""
OLD_DAYS = 10.0


def ground(world: World, side: int) -> Real:
    """The symbolic weight of what a side holds, less what its enemies hold, -1 to 1. The reward is its change."""
    held = np.left_shift(1, world.places["control"])
    symbol = world.places["symbol"]
    friends = held & world.relations["friend_mask"][:, side, None] != 0
    enemies = held & world.relations["hostile_mask"][:, side, None] != 0
    worth = np.where(friends, symbol, np.where(enemies, -symbol, 0.0))
    return np.asarray(worth.sum(axis=1) / np.maximum(1e-9, symbol.sum(axis=1)))


class Table:
    """Campaigns side by side. All sides in `players` give one order a step; the doctrine does the rest."""

    def __init__(
        self,
        deployment: Deployment,
        players: tuple[str, ...],
        campaigns: int,
        days: float = 1.0,
        seed: int = 1,
        reward: Reward = ground,
        opponents: Mapping[str, str] | None = None,
        jobs: int = 1,
    ) -> None:
        known = deployment.names.sides
        for side in (*players, *(opponents or {})):
            if side not in known:
                raise ValueError(f"there is no side '{side}'{did_you_mean(side, known)}")
        for side, name in (opponents or {}).items():
            if name not in OPPONENTS:
                near = did_you_mean(name, OPPONENTS)
                raise ValueError(f"opponent of {side}: there is no '{name}'{near}; known are {', '.join(OPPONENTS)}")
        ticks = days * 24 / deployment.scenario.clock.tick_hours
        if ticks < 1 or abs(ticks - round(ticks)) > 1e-9:
            hours = deployment.scenario.clock.tick_hours
            raise ValueError(f"days should be a whole number of ticks of {hours} hours, but is {days!r}")
        self.deployment, self.players, self.reward = deployment, players, reward
        self.ticks, self.horizon = round(ticks), deployment.ticks
        self.batch = Batch(deployment, campaigns, jobs)
        others = {side: name for side, name in (opponents or {}).items() if side not in players}
        self.random = tuple(side for side, name in others.items() if name == "random")
        self.actions = {side: Actions(deployment, side) for side in (*players, *self.random)}
        self.masks: dict[str, Mask] = {
            side: np.zeros((campaigns, len(actions)), dtype=bool) for side, actions in self.actions.items()
        }
        self.worth = {side: np.zeros(campaigns) for side in players}
        self.seed = seed
        self.replicates: Whole = np.arange(campaigns)
        self._full_strength = np.maximum(1.0, deployment.layout.carve(deployment.block).units["roll"])
        self._road_km = np.maximum(1e-9, deployment.layout.carve(deployment.block).roads["km"])

    @property
    def campaigns(self) -> int:
        return self.batch.count

    def observed(self, side: str) -> list[str]:
        """What each number of an observation is."""
        names = list(self.deployment.names.units)
        places = list(self.deployment.names.places)
        units = [names[row] for row in self.actions[side].units]
        return [
            *OF_SIDE,
            *(f"{unit}: {what}" for unit in units for what in (*OF_UNIT, *(f"at {place}" for place in places))),
            *(f"{place}: {what}" for place in places for what in OF_PLACE),
        ]

    def begin(self, seed: int | None = None) -> None:
        """All campaigns begin anew, from the first replicates of a seed."""
        self.seed = self.seed if seed is None else seed
        self.replicates = np.arange(self.campaigns)
        self._play(np.zeros(self.campaigns, dtype=bool), np.ones(self.campaigns, dtype=bool))
        for side in self.players:
            self.worth[side][:] = self.reward(self.batch.world, self.deployment.names.sides[side])

    def step(
        self, chosen: Mapping[str, Whole], anew: Mask
    ) -> tuple[dict[str, NDArray[np.float64]], Mask, dict[str, Mask]]:
        """Orders are given and a step is played; campaigns that are to begin `anew` begin instead, whatever was chosen.

        Returns the rewards of the players, which campaigns have come to their horizon, and which orders were given.
        """
        given = {}
        for side, actions in self.actions.items():
            number = np.asarray(chosen[side], dtype=np.int64) if side in chosen else self._at_random(side)
            number = np.where(anew, 0, number)
            given[side] = actions.give(self.batch, number, self.masks[side])
        self.replicates = self.replicates + np.where(anew, self.campaigns, 0)
        self._play(~anew, anew)
        rewards = {}
        for side in self.players:
            worth = self.reward(self.batch.world, self.deployment.names.sides[side])
            rewards[side] = np.where(anew, 0.0, worth - self.worth[side])
            self.worth[side][:] = worth
        return rewards, self.batch.world.campaign["tick"][:, 0] >= self.horizon, given

    def _play(self, on: Mask, anew: Mask) -> None:
        left = self.horizon - self.batch.world.campaign["tick"][:, 0]
        ticks = np.where(on, np.minimum(self.ticks, np.maximum(0, left)), 0)
        self.batch.play(ticks.astype(np.int64), anew.astype(np.int64), self.seed, self.replicates)
        for side, actions in self.actions.items():
            actions.masks(self.batch, self.masks[side])

    def _at_random(self, side: str) -> Whole:
        """An order of those possible for each campaign, by its own random numbers."""
        mask = self.masks[side]
        tick = self.batch.world.campaign["tick"][:, 0]
        row = self.deployment.names.sides[side]
        counts = mask.sum(axis=1)
        pick = [
            np.random.default_rng([self.seed, int(k), int(t), row]).integers(int(count))
            for k, t, count in zip(self.replicates, tick, counts, strict=True)
        ]
        return np.asarray((mask.cumsum(axis=1) > np.array(pick)[:, None]).argmax(axis=1))

    def observe(self, side: str, out: NDArray[np.float32]) -> None:
        """[campaign, number]: what a side knows, written into `out`."""
        world, actions, n = self.batch.world, self.actions[side], self.campaigns
        row, places, rows = actions.row, actions.places, actions.units
        tick_days = self.deployment.scenario.clock.tick_hours / 24
        out[:, 0] = world.campaign["tick"][:, 0] / self.horizon
        out[:, 1] = world.sides["will"][:, row]
        out[:, 2] = world.campaign["ceasefire"][:, 0] > 0
        width = len(OF_UNIT) + places
        at = len(OF_SIDE) + len(rows) * width
        if len(rows):
            units = {name: world.units[name][:, rows] for name in NEEDED}
            inside = units["road"] < 0
            part = out[:, len(OF_SIDE) : at].reshape(n, len(rows), width)
            part[:, :, 0] = units["status"] == ACTIVE
            part[:, :, 1] = units["strength"] / self._full_strength[rows]
            part[:, :, 2] = units["morale"]
            part[:, :, 3] = units["readiness"]
            part[:, :, 4] = units["supply"] / 5.0
            part[:, :, 5] = ~inside
            part[:, :, 6] = np.where(inside, 0.0, units["km_left"] / self._road_km[np.maximum(0, units["road"])])
            part[:, :, 7] = units["contact"] != AWAY
            part[:, :, 8] = units["bound"] == ORDERED
            where = np.where(inside, units["place"], units["heading"])
            part[:, :, len(OF_UNIT) :] = where[:, :, None] == np.arange(places)
        part = out[:, at:].reshape(n, places, len(OF_PLACE))
        held = np.left_shift(1, world.places["control"])
        seen = world.side_view[:, row]
        never = seen["reported_on"] < 0
        age = (world.campaign["tick"][:, :1] - seen["reported_on"]) * tick_days
        part[:, :, 0] = held & world.relations["friend_mask"][:, row, None] != 0
        part[:, :, 1] = held & world.relations["hostile_mask"][:, row, None] != 0
        part[:, :, 2] = np.log1p(np.where(never, 0.0, seen["report"]) / LARGE)
        part[:, :, 3] = np.where(never, 1.0, np.minimum(age, OLD_DAYS) / OLD_DAYS)
        part[:, :, 4] = never

    def close(self) -> None:
        self.batch.close()


NEEDED = (
    "status", "strength", "morale", "readiness", "supply", "road", "km_left", "contact", "bound", "place", "heading",
)  # fmt: skip
