"""The manifest of a run: what a results folder says of how it was made."""

from __future__ import annotations

import datetime
import platform
import shlex
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.ensemble import store
from sim.ensemble.aggregates import Aggregates
from sim.ensemble.spec import RunSpec
from sim.outcomes.catalogue import Outcome

MOST_NAMED = 1_000
"""Replicates that failed are named up to so many."""


def manifest_of(
    spec: RunSpec, aggregates: Aggregates, jobs: int, complete: bool, goal: NDArray[np.float64] | None
) -> dict[str, Any]:
    """The manifest of a run so far; `goal` holds the values of the outcome that `until` names."""
    unit_ticks = spec.deployment.unit_rows * spec.deployment.ticks * aggregates.replicates
    return {
        "scenario": spec.loaded.name,
        "run_id": spec.run_id,
        "complete": complete,
        "replicates": aggregates.replicates,
        "replicates_asked": spec.replicates,
        "failed": aggregates.failures,
        "failed_replicates": aggregates.failed[:MOST_NAMED],
        "situations": spec.situations,
        "posterior": spec.posterior.to_json() if spec.posterior else None,
        "until": _goal(spec, goal),
        "seed": spec.seed,
        "variant": spec.loaded.variant,
        "set": spec.loaded.overrides,
        "changes": [str(change) for change in spec.loaded.changes],
        "outcomes": declared(spec.outcomes),
        "scenario_hash": store.scenario_hash(spec.loaded),
        "engine_hash": store.engine_hash(),
        "versions": versions(),
        "machine": f"{platform.system()} {platform.machine()}",
        "command": shlex.join(sys.argv),
        "finished": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "threads": jobs,
        "seconds": aggregates.elapsed,
        "thread_seconds": aggregates.busy,
        "unit_ticks": unit_ticks,
        "campaigns_per_second": aggregates.replicates / aggregates.elapsed if aggregates.elapsed else None,
        "ns_per_unit_tick": 1e9 * aggregates.busy / unit_ticks if unit_ticks else None,
    }


def declared(outcomes: list[Outcome]) -> list[dict[str, str]]:
    """The outcomes of a run as its manifest lists them."""
    return [
        {"name": outcome.name, "kind": outcome.kind, "unit": outcome.unit}
        | ({"formula": outcome.formula.text} if outcome.formula else {})
        for outcome in outcomes
    ]


def versions() -> dict[str, str]:
    """Versions of Orontes and of the packages that its numbers depend on."""
    import numba
    import numpy
    import pyarrow

    import sim

    return {
        "orontes": sim.__version__,
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "numba": numba.__version__,
        "pyarrow": pyarrow.__version__,
    }


def _goal(spec: RunSpec, values: NDArray[np.float64] | None) -> dict[str, Any] | None:
    """What `until` asked for, and how closely it is known."""
    if spec.until is None or values is None:
        return None
    known_to = spec.until.known_to(values)
    asked = spec.until.half_width
    said = known_to if np.isfinite(known_to) else None
    goal = {"outcome": spec.until.outcome.name, "half_width": asked, "known_to": said, "reached": known_to <= asked}
    share = spec.until.defined(values)
    return goal | ({"defined": share} if share < 1.0 else {})
