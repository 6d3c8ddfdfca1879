"""What a study costs beside one plain run of as many campaigns, in turns."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import sim
from sim.scenario.read import LoadedScenario

CROSSROADS = Path(__file__).parents[1] / "scenarios" / "crossroads.yaml"
QUIET: dict[str, Any] = {"results": None, "progress": False}
VARY = {"sides.lowlands.will": (0.599, 0.601), "formations[side=highlands].strength *": (0.999, 1.001)}
"""The points hardly differ, so that a campaign takes as long as in the plain run."""


class Race(NamedTuple):
    """Seconds of each round: of the sweep, and of a plain run of as many campaigns."""

    points: int
    campaigns: int
    sweep: list[float]
    plain: list[float]

    @property
    def ratio(self) -> float:
        """Campaigns a second of the sweep, to those of the plain run: the median of the rounds."""
        return median(one / two for one, two in zip(self.plain, self.sweep, strict=True))

    @property
    def milliseconds_a_point(self) -> float:
        """What a point takes beyond its campaigns."""
        return 1000 * median(two - one for one, two in zip(self.plain, self.sweep, strict=True)) / self.points


def race(levels: int, replicates: int, rounds: int) -> Race:
    """A grid of `levels` x `levels` points, against one run of as many campaigns."""
    loaded: LoadedScenario = sim.load(CROSSROADS)
    points = levels * levels
    sim.run(loaded, 10, results=None, progress=False)
    found = Race(points, points * replicates, [], [])
    for _ in range(rounds):
        for seconds, compute in (
            (found.sweep, lambda: sim.sweep(loaded, VARY, points=levels, replicates=replicates, **QUIET)),
            (found.plain, lambda: sim.run(loaded, points * replicates, **QUIET)),
        ):
            seconds.append(timed(compute))
    return found


def timed(compute: Callable[[], object]) -> float:
    """Seconds by the clock on the wall."""
    began = time.perf_counter()
    compute()
    return time.perf_counter() - began
