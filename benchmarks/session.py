"""What one campaign in your hands costs: copies, steps, causes, futures, and the environments for learning.

Copies and steps are measured in seconds of processor time of one thread, so that other programs on the machine count
little; futures by the clock on the wall. What is compared with the engine's own time is measured in turns with it.
"""

from __future__ import annotations

import dataclasses
import functools
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

import sim
from sim.engine import entry
from sim.engine.play import STAGES
from sim.session.session import Session
from sim.session.trace import log_of
from sim.session.without import effect_of
from sim.world.deploy import Deployment

SIDE, CAMPAIGNS, DAYS, PAIRS = "highlands", 256, 8, 2000
CROSSROADS = Path(__file__).parents[1] / "scenarios" / "crossroads.yaml"


class Found(NamedTuple):
    """What each round found."""

    copy: list[float]
    """Microseconds for `Campaign.copy()`."""
    step: list[float]
    """Processor time of a tick that is stepped in Python, relative to that of the same tick in the engine."""
    beyond: list[float]
    """Microseconds that it takes beyond 1.3 times the engine's."""
    log: list[float]
    """Processor time of the log and ledger of a campaign, relative to that of playing its days in Python."""
    why: list[float]
    """Seconds for a counterfactual why with 2,000 pairs of 8 days on all cores."""
    pairs: list[float]
    """Processor time of a counterfactual why, relative to that of the same ticks in the engine."""
    branch: list[float]
    """Seconds for 400 futures of 8 days on all cores."""
    batched: list[float]
    """Steps a second and core of `sim.environment` on crossroads: a day, with orders, observations and masks."""
    parallel: list[float]
    """Steps a second of the view of all sides for PettingZoo on crossroads."""


MEANING = {
    "copy": ("a copy of a campaign", "us"),
    "step": ("a step in Python, relative to the engine's tick", "times"),
    "beyond": ("a step in Python, beyond 1.3 engine's ticks", "us"),
    "log": ("log and ledger, relative to playing the days", "times"),
    "why": (f"counterfactual why, {PAIRS:,} pairs of 8 days", "s"),
    "pairs": ("processor time of it, relative to the engine", "times"),
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

    found = Found(*([] for _ in Found._fields))
    told = Told(campaign.deployment)
    for turn in range(rounds):
        found.copy.append(1e6 * _seconds(campaign.copy, 100, time.thread_time))
        engine, python = _ticks(campaign.session)
        found.step.append(python / engine)
        found.beyond.append(1e6 * (python - 1.3 * engine))
        found.log.append(told.log())
        if turn < 3:
            seconds, times = told.why(PAIRS)
            found.why.append(seconds)
            found.pairs.append(times)
        found.branch.append(_seconds(futures, 1, time.perf_counter))
        found.batched.append(CAMPAIGNS * DAYS / _seconds(an_episode, 4, time.thread_time))
        found.parallel.append(1 / _seconds(a_day_of_all_sides, 200, time.thread_time))
    return found


TICKS = 16


def _ticks(session: Session) -> tuple[float, float]:
    """Seconds for a tick: of the engine, and stepped in Python."""
    found = []
    for play in (_at_once, Session.step):
        twin = session.copy()
        _ = twin.world
        found.append(_seconds(functools.partial(play, twin, TICKS), 1, time.thread_time) / TICKS)
    return found[0], found[1]


def _at_once(session: Session, ticks: int) -> None:
    """Ticks of one campaign in one call of the engine."""
    views = session.cells, session.cells, session._whole_cells, session.world, session.deployment.atlas
    one = session.seed, session.replicate, 1, entry.OWN_SITUATIONS, 1
    entry.run_block(*views, *one, session.tick + ticks, entry.NO_RECORD, STAGES)


class Told:
    """A campaign of 8 days whose causes are asked for."""

    def __init__(self, deployment: Deployment) -> None:
        self.start = Session(deployment, 1)
        self.session = self.start.copy()
        self.session.run_until(min(float(DAYS), deployment.scenario.clock.days))
        self.known = log_of(self.session)
        first = next(event for event in self.known if event.kind == "fell")
        # Asked as if it had happened on the last day: what is timed are campaigns of all the days.
        self.event = dataclasses.replace(first, day=self.session.day, tick=self.session.tick - 1)

    def log(self) -> float:
        """Processor time of the log, relative to that of playing the same days in Python."""
        twin = self.start.copy()
        played = _seconds(lambda: twin.step(self.session.tick), 1, time.thread_time)
        return _seconds(lambda: log_of(self.session), 1, time.thread_time) / played

    def why(self, pairs: int) -> tuple[float, float]:
        """Pairs with and without contagion: seconds, and processor time relative to that of the engine alone."""
        engine, began, busy = self._engine_seconds(100), time.perf_counter(), time.process_time()
        effect_of(self.session, self.known, self.event, "rules.morale.contagion=0", pairs)
        busy = time.process_time() - busy
        return time.perf_counter() - began, busy / (engine * 2 * pairs / 100)

    def _engine_seconds(self, campaigns: int) -> float:
        """Processor time of as many ticks of so many campaigns in the engine, nothing recorded."""
        deployment = self.session.deployment
        cells, world = deployment.new_world()
        initial = deployment.block[: deployment.layout.restored].copy()
        views = initial, cells, cells.view(np.int64), world, deployment.atlas
        many = 1, 0, campaigns, entry.OWN_SITUATIONS, 0, self.session.tick
        return _seconds(lambda: entry.run_block(*views, *many, entry.NO_RECORD, STAGES), 1, time.thread_time)


def _seconds(work: Callable[[], object], times: int, clock: Callable[[], float]) -> float:
    """For one call, on average."""
    began = clock()
    for _ in range(times):
        work()
    return (clock() - began) / times
