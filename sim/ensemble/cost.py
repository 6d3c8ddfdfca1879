"""What a run will take: time, disk and memory, estimated before it starts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sim.engine.arguments import thread_count
from sim.outcomes.catalogue import outcomes_of
from sim.scenario.read import LoadedScenario
from sim.world.deploy import tick_count

NANOSECONDS = 240
"""Assumed for a unit-tick on one thread."""
DISK, MEMORY = 2e6, 0.4e9
"""Bytes that any run takes: figures and tables; Python with the compiled rules."""


class Cost(NamedTuple):
    """The size of a run, and what it takes in seconds and bytes."""

    replicates: int
    units: int
    ticks: int
    threads: int
    seconds: float
    disk: float
    memory: float


def cost_of(loaded: LoadedScenario, replicates: int, jobs: int | None = None, outcomes: Iterable[str] = ()) -> Cost:
    """The cost of so many campaigns on so many threads (default: all cores)."""
    scenario = loaded.scenario
    units = len(scenario.formations) + len(scenario.reinforcements) + len(scenario.air)
    ticks, threads = tick_count(scenario), thread_count(jobs)
    seconds = replicates * units * ticks * NANOSECONDS / 1e9 / threads
    # A campaign leaves a row, 8 bytes for its number and each outcome; one outcome at a time is sorted in memory.
    disk = DISK + replicates * 8 * (len(outcomes_of(loaded, outcomes)) + 1)
    return Cost(replicates, units, ticks, threads, seconds, disk, MEMORY + replicates * 24)
