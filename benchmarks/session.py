"""What one campaign in your hands costs: copies, futures, and the environments for learning.

Copies and steps are measured in seconds of processor time of one thread, so that other programs on the machine count
little; futures by the clock on the wall.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

import sim

SIDE, CAMPAIGNS, DAYS = "highlands", 256, 8
CROSSROADS = Path(__file__).parents[1] / "scenarios" / "crossroads.yaml"


class Found(NamedTuple):
    """What each round found."""

    copy: list[float]
    """Microseconds for `Campaign.copy()`."""
    branch: list[float]
    """Seconds for 400 futures of 8 days on all cores."""
    batched: list[float]
    """Steps a second and core of `sim.environment` on crossroads: a day, with orders, observations and masks."""
    parallel: list[float]
    """Steps a second of the view of all sides for PettingZoo on crossroads."""


MEANING = {
    "copy": ("a copy of a campaign", "us"),
    "branch": ("400 futures of 8 days, all cores", "s"),
    "batched": (f"environment, {CAMPAIGNS} campaigns", "steps a second and core"),
    "parallel": ("all sides of one campaign", "steps a second and core"),
}


def measure(path: Path, rounds: int = 7) -> Found:
    """All of it, in turns."""
    from sim.adapters.environment import environment
    from sim.adapters.parallel import AllSides

    campaign = sim.Campaign(path, seed=1)
    campaign.run_until(min(3.0, campaign.deployment.scenario.clock.days / 2))
    many, one = environment(CROSSROADS, SIDE, CAMPAIGNS), AllSides(CROSSROADS)
    actions = np.random.default_rng(1).integers(0, len(many.orders), (DAYS, CAMPAIGNS))
    many.reset(seed=1)
    one.reset(seed=1)

    def a_day_of_all_sides() -> None:
        if not one.agents:
            one.reset()
        one.step(dict.fromkeys(one.agents, 0))

    def an_episode() -> None:
        for chosen in actions:
            many.step(chosen)

    def futures() -> None:
        campaign.branch(400, days=min(8.0, campaign.deployment.scenario.clock.days - campaign.day))

    found = Found([], [], [], [])
    for _ in range(rounds):
        found.copy.append(1e6 * _seconds(campaign.copy, 100, time.thread_time))
        found.branch.append(_seconds(futures, 1, time.perf_counter))
        found.batched.append(CAMPAIGNS * DAYS / _seconds(an_episode, 4, time.thread_time))
        found.parallel.append(1 / _seconds(a_day_of_all_sides, 200, time.thread_time))
    return found


def _seconds(work: Callable[[], object], times: int, clock: Callable[[], float]) -> float:
    """For one call, on average."""
    began = clock()
    for _ in range(times):
        work()
    return (clock() - began) / times
