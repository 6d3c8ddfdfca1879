"""All sides of one campaign at one table: a parallel environment for PettingZoo. Extra: `pip install orontes[rl]`."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from gymnasium.spaces import Box, Dict, Discrete
from numpy.typing import NDArray
from pettingzoo import ParallelEnv

from sim.adapters.environment import Scenario
from sim.session.session import deployed
from sim.session.table import Reward, Table, ground
from sim.world.tables import ACTIVE_POSTURE


class AllSides(ParallelEnv[str, dict[str, NDArray[Any]], int]):
    """One campaign in which each active side gives one order a step. Campaigns are replicate after replicate of a seed.

    An observation is a dict: `observation`, what the side knows, and `action_mask`, which orders are possible.
    """

    metadata: dict[str, Any] = {"name": "orontes_v0", "render_modes": []}  # noqa: RUF012

    def __init__(self, scenario: Scenario, days: float = 1.0, seed: int = 1, reward: Reward = ground) -> None:
        deployment = deployed(scenario)
        start = deployment.layout.carve(deployment.block)
        names = deployment.names.sides
        self.possible_agents = [side for side, row in names.items() if start.sides["posture"][row] == ACTIVE_POSTURE]
        self.agents: list[str] = []
        self.table = Table(deployment, tuple(self.possible_agents), 1, days, seed, reward)
        self.render_mode = None
        self._begun, self._none = False, np.zeros(1, dtype=bool)

    @functools.cache  # noqa: B019 - the space of an agent must always be the same object
    def observation_space(self, agent: str) -> Dict:
        return Dict(
            {
                "observation": Box(-np.inf, np.inf, (len(self.table.actions[agent].observed),), np.float32),
                "action_mask": Box(0, 1, (len(self.table.actions[agent]),), np.int8),
            }
        )

    @functools.cache  # noqa: B019
    def action_space(self, agent: str) -> Discrete:
        return Discrete(len(self.table.actions[agent]))

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, dict[str, NDArray[Any]]], dict[str, dict[str, Any]]]:
        """The next campaign begins; with a seed, the first one of that seed."""
        if seed is not None or not self._begun:
            self.table.begin(seed)
            self._begun = True
        else:
            self.table.step({}, np.ones(1, dtype=bool))
        self.agents = list(self.possible_agents)
        return self._seen(), {side: {} for side in self.agents}

    def step(self, actions: dict[str, int]) -> tuple[
        dict[str, dict[str, NDArray[Any]]],
        dict[str, float],
        dict[str, bool],
        dict[str, bool],
        dict[str, dict[str, Any]],
    ]:  # fmt: skip
        """One step of all sides; who gives no action leaves all to its staff."""
        chosen = {side: np.asarray(action) for side, action in actions.items() if side in self.possible_agents}
        rewards, ended, given = self.table.step(chosen, self._none)
        over, agents = bool(ended[0]), self.agents
        seen = self._seen()
        if over:
            self.agents = []
        return (
            seen,
            {side: float(rewards[side][0]) for side in agents},
            dict.fromkeys(agents, over),
            dict.fromkeys(agents, False),
            {side: {"given": bool(given[side][0])} for side in agents},
        )

    def _seen(self) -> dict[str, dict[str, NDArray[Any]]]:
        table = self.table
        return {
            side: {"observation": table.seen[side][0].copy(), "action_mask": table.masks[side][0].astype(np.int8)}
            for side in self.agents
        }

    def render(self) -> None:
        """There is nothing to see: `Campaign.show` is for people."""

    def close(self) -> None:
        self.table.close()
