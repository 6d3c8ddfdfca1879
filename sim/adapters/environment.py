"""Environments for learning: a vector of campaigns for Gymnasium, and one campaign.

A step is a day (or `days`) of one side: it gives one order, by number, and its staff and the other sides do the rest.
What it observes is what it knows; `info["action_mask"]` says which orders are possible. An order that is not possible
is not given. Extra: `pip install orontes[rl]`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from gymnasium.spaces import Box, Discrete
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from sim.engine.arguments import whole_number
from sim.scenario.messages import describe
from sim.scenario.read import LoadedScenario
from sim.session.orders import Order
from sim.session.session import deployed
from sim.session.table import Reward, Table, ground
from sim.world.deploy import Deployment

Scenario = Deployment | LoadedScenario | str | Path


ARRAYS = ("observations", "rewards", "masks")
"""Arrays that a caller may own."""


class Campaigns(VectorEnv[NDArray[np.float32], NDArray[np.int64], NDArray[Any]]):
    """Many campaigns of one side. Campaign k of the first episodes is replicate k of the ensemble with the same seed.

    A campaign that has come to its end begins anew in the next step, whose action is ignored and whose reward is 0.
    `arrays` may hold arrays of the caller's own, into which `observations`, `rewards` and `masks` are written.
    """

    metadata: dict[str, Any] = {"autoreset_mode": AutoresetMode.NEXT_STEP}  # noqa: RUF012

    def __init__(
        self,
        scenario: Scenario,
        side: str,
        campaigns: int = 256,
        days: float = 1.0,
        seed: int = 1,
        reward: Reward = ground,
        opponents: Mapping[str, str] | None = None,
        jobs: int = 1,
        arrays: Mapping[str, NDArray[Any]] | None = None,
    ) -> None:
        self.num_envs = whole_number("campaigns", campaigns, 1, 1_000_000)
        self.side = side
        self.table = Table(deployed(scenario), (side,), self.num_envs, days, seed, reward, opponents, jobs)
        self.actions = self.table.actions[side]
        size, width = len(self.actions.observed), len(self.actions)
        self.single_observation_space = Box(-np.inf, np.inf, (size,), np.float32)
        self.single_action_space = Discrete(width)
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.action_space = batch_space(self.single_action_space, self.num_envs)
        if unknown := [name for name in arrays or {} if name not in ARRAYS]:
            raise ValueError(f"arrays has no '{unknown[0]}'; it may hold {', '.join(ARRAYS)}")
        self.observations = _own(arrays, "observations", (self.num_envs, size), np.float32)
        self.rewards = _own(arrays, "rewards", (self.num_envs,), np.float64)
        self.masks = _own(arrays, "masks", (self.num_envs, width), np.bool_)
        self._ended = np.zeros(self.num_envs, dtype=bool)

    @property
    def orders(self) -> list[Order | None]:
        """What each number orders; number 0 leaves all to the staff."""
        return self.actions.orders

    @property
    def observed(self) -> list[str]:
        """What each number of an observation is."""
        return self.actions.observed

    def reset(
        self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """All campaigns begin anew. `seed`: of all of them, as `sim.run` takes it."""
        if isinstance(seed, (list, tuple)):
            seed = next((number for number in seed if number is not None), None)
        self.table.begin(seed)
        self._ended[:] = False
        self._see()
        return self.observations, {"action_mask": self.masks}

    def step(
        self, actions: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]:
        """One step of all campaigns. The arrays that come back are written anew in the next step."""
        rewards, ended, given = self.table.step({self.side: actions}, self._ended)
        self.rewards[:] = rewards[self.side]
        self._ended = ended
        self._see()
        info = {"action_mask": self.masks, "given": given[self.side]}
        return self.observations, self.rewards, ended.copy(), np.zeros(self.num_envs, dtype=bool), info

    def _see(self) -> None:
        self.observations[:], self.masks[:] = self.table.seen[self.side], self.table.masks[self.side]

    def close_extras(self, **kwargs: Any) -> None:
        self.table.close()


class OneCampaign(gymnasium.Env[NDArray[np.float32], np.int64]):
    """One campaign of one side: replicate after replicate of a seed."""

    metadata: dict[str, Any] = {"render_modes": []}  # noqa: RUF012

    def __init__(self, scenario: Scenario, side: str, **options: Any) -> None:
        self.vector = Campaigns(scenario, side, 1, **options)
        self.observation_space = self.vector.single_observation_space
        self.action_space = self.vector.single_action_space
        self._replicate = -1

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """The next campaign begins; with a seed, the first one of that seed."""
        super().reset(seed=seed)
        if seed is not None or self._replicate < 0:
            self._replicate = 0
            observations, info = self.vector.reset(seed=seed)
        else:
            self._replicate += 1
            self.vector._ended[:] = True
            observations, *_, info = self.vector.step(np.zeros(1, dtype=np.int64))
        return observations[0].copy(), {"action_mask": info["action_mask"][0].astype(np.int8)}

    def step(self, action: np.int64) -> tuple[NDArray[np.float32], float, bool, bool, dict[str, Any]]:
        """One step of the campaign."""
        observations, rewards, ended, _, info = self.vector.step(np.array([action]))
        mask = info["action_mask"][0].astype(np.int8)
        return observations[0].copy(), float(rewards[0]), bool(ended[0]), False, {"action_mask": mask}

    def close(self) -> None:
        self.vector.close()


def _own(arrays: Mapping[str, NDArray[Any]] | None, name: str, shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
    """An array of the caller, if he gives one that fits."""
    given = (arrays or {}).get(name)
    if given is None:
        return np.zeros(shape, dtype)
    if not isinstance(given, np.ndarray):
        raise TypeError(f"arrays['{name}'] should be an array, but is {describe(given)}")
    if given.shape != shape or given.dtype != np.dtype(dtype) or not given.flags.writeable:
        raise ValueError(
            f"arrays['{name}'] should be a writeable array of {np.dtype(dtype)} of shape {shape}, but is of"
            f" {given.dtype} and {given.shape}"
        )
    return given


def environment(scenario: Scenario, side: str, campaigns: int = 256, **options: Any) -> Campaigns:
    """Many campaigns of one side, as a `VectorEnv` of Gymnasium; see `Campaigns` for the options."""
    return Campaigns(scenario, side, campaigns, **options)
