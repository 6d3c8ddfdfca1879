"""The table that learning programs sit at: many campaigns, one order a side and step, observations under fog, rewards.

It knows no library for learning: the environments of Gymnasium and PettingZoo are thin faces of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.arguments import real_number, thread_count, whole_number
from sim.engine.seats import AT_RANDOM
from sim.scenario.messages import describe
from sim.session.actions import Actions, Whole
from sim.session.batch import Batch
from sim.session.orders import did_you_mean
from sim.world.deploy import Deployment
from sim.world.layout import World

Mask = NDArray[np.bool_]
Real = NDArray[np.float64]
Reward = Callable[[World, int], Real]
OPPONENTS = ("doctrine", "random")


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
                raise ValueError(f"opponent of {side}: there is no '{name}'{did_you_mean(name, OPPONENTS)}")
        campaigns = whole_number("campaigns", campaigns, 1, 1_000_000)
        jobs = thread_count(jobs)
        if not callable(reward):
            raise TypeError(f"reward should be a function, but is {describe(reward)}")
        days = real_number("days", days)
        ticks = days * 24 / deployment.scenario.clock.tick_hours
        if ticks < 1 or abs(ticks - round(ticks)) > 1e-9:
            hours = deployment.scenario.clock.tick_hours
            raise ValueError(f"days should be a whole number of ticks of {hours} hours, but is {days!r}")
        self.deployment, self.players, self.reward = deployment, players, reward
        self.ticks, self.horizon = round(ticks), deployment.ticks
        others = {side: name for side, name in (opponents or {}).items() if side not in players}
        self.seats = (*players, *(side for side, name in others.items() if name == "random"))
        self.actions = {side: Actions(deployment, side) for side in self.seats}
        self.batch = Batch(deployment, campaigns, jobs, list(self.actions.values()))
        self.masks = dict(zip(self.seats, self.batch.masks, strict=True))
        """By side [campaign, number]: whether an order is possible now."""
        self.seen = dict(zip(self.seats, self.batch.seen, strict=True))
        """By side [campaign, number]: what it knows; `actions[side].observed` names the numbers."""
        self.worth = {side: np.zeros(campaigns) for side in players}
        self.seed = seed
        self.replicates: Whole = np.arange(campaigns)
        self._begun = False

    @property
    def campaigns(self) -> int:
        return self.batch.count

    def begin(self, seed: int | None = None) -> None:
        """All campaigns begin anew, from the first replicates of a seed."""
        self.seed = self.seed if seed is None else seed
        self.replicates = np.arange(self.campaigns)
        self._begun = True
        self._play(np.zeros(self.campaigns, dtype=bool), np.ones(self.campaigns, dtype=bool))
        for side in self.players:
            self.worth[side][:] = self.reward(self.batch.world, self.deployment.names.sides[side])

    def step(
        self, chosen: Mapping[str, Whole], anew: Mask
    ) -> tuple[dict[str, NDArray[np.float64]], Mask, dict[str, Mask]]:
        """Orders are given and a step is played; campaigns that are to begin `anew` begin instead, whatever was chosen.

        Returns the rewards of the players, which campaigns have come to their horizon, and which orders were given.
        """
        if not self._begun:
            raise ValueError("no campaign has begun: call reset before the first step")
        self.batch.chosen[:] = AT_RANDOM
        for s, side in enumerate(self.players):
            self.batch.chosen[:, s, 0] = self._numbers(side, chosen.get(side, 0))
        self.replicates = self.replicates + np.where(anew, self.campaigns, 0)
        self._play(~anew, anew)
        rewards = {}
        for side in self.players:
            worth = self.reward(self.batch.world, self.deployment.names.sides[side])
            rewards[side] = np.where(anew, 0.0, worth - self.worth[side])
            self.worth[side][:] = worth
        given = {side: self.batch.given[:, s, 0] & ~anew for s, side in enumerate(self.players)}
        return rewards, self.batch.world.campaign["tick"][:, 0] >= self.horizon, given

    def _numbers(self, side: str, chosen: Any) -> Whole:
        """The numbers that a side chose. ValueError unless they are numbers of its orders, one a campaign."""
        numbers, orders = np.asarray(chosen), len(self.actions[side])
        fits = numbers.shape in ((), (self.campaigns,)) and np.issubdtype(numbers.dtype, np.integer)
        if not fits or numbers.min() < 0 or numbers.max() >= orders:
            raise ValueError(
                f"actions of {side} should be {self.campaigns} whole numbers from 0 to {orders - 1}, but are {chosen!r}"
            )
        return numbers

    def _play(self, on: Mask, anew: Mask) -> None:
        left = self.horizon - self.batch.world.campaign["tick"][:, 0]
        ticks = np.where(on, np.minimum(self.ticks, np.maximum(0, left)), 0)
        self.batch.play(ticks.astype(np.int64), anew.astype(np.int64), self.seed, self.replicates)

    def look(self) -> None:
        """All seats look round, as they do after each step."""
        nothing = np.zeros(self.campaigns, dtype=np.int64)
        self.batch.chosen[:] = 0
        self.batch.play(nothing, nothing, self.seed, self.replicates)

    def close(self) -> None:
        self.batch.close()
