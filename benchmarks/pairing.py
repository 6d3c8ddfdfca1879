"""What common random numbers are worth: how many campaigns a paired comparison saves, per what-if and outcome."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import sim
from sim.scenario.read import LoadedScenario
from sim.study.compare import compare

MANY = 1000.0
"""A gain above this is told as such: hardly a pair differs."""


class Gain(NamedTuple):
    """Variance of a difference between two separate ensembles, relative to that between pairs."""

    outcome: str
    measure: str
    gain: float


def gains(scenario: LoadedScenario, campaigns: int) -> Iterator[tuple[str, list[Gain]]]:
    """For each what-if: what pairing it with the scenario as it stands gains, per outcome on which the two differ."""
    base = sim.run(scenario, campaigns, results=None, progress=False)
    for variant in scenario.scenario.variants:
        table = compare(base, sim.run(scenario, campaigns, variant=variant, results=None, progress=False))
        rows = table.reset_index()[["outcome", "measure", "gain"]].itertuples(index=False)
        found = [Gain(str(row.outcome), str(row.measure), float(row.gain)) for row in rows]  # type: ignore[arg-type]
        yield variant, [gain for gain in found if not math.isnan(gain.gain)]


def told(gain: float) -> str:
    """A gain as people read it."""
    if gain > MANY:
        return "> 1000" if math.isfinite(gain) else "all"
    return f"{gain:.1f}"
