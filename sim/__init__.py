"""Orontes: open scenario wargames, run a thousand times over.

    scenario = sim.load("scenarios/crossroads.yaml")
    results = sim.run(scenario, replicates=1000, seed=1)
    results.summary()

`Campaign` is a single campaign, played tick by tick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.adapters.environment import environment
    from sim.adapters.mesa import Campaign
    from sim.engine.load import load
    from sim.ensemble.results import Results
    from sim.ensemble.run import run
    from sim.scenario.errors import ScenarioError
    from sim.session.batched import batched
    from sim.session.orders import Order, OrderError
    from sim.session.view import View
    from sim.study.calibrate import calibrate
    from sim.study.calibration import Calibration
    from sim.study.compare import compare
    from sim.study.indices import Sensitivity
    from sim.study.sensitivity import sensitivity
    from sim.study.study import Study
    from sim.study.sweep import sweep

__version__ = "0.1.0"
__all__ = [
    "Calibration", "Campaign", "Order", "OrderError", "Results", "ScenarioError", "Sensitivity", "Study", "View",
    "__version__",
    "batched", "calibrate", "compare", "environment", "load", "run", "sensitivity", "sweep",
]  # fmt: skip

_HOMES = {
    "Calibration": "sim.study.calibration",
    "Campaign": "sim.adapters.mesa",
    "Order": "sim.session.orders",
    "OrderError": "sim.session.orders",
    "Results": "sim.ensemble.results",
    "ScenarioError": "sim.scenario.errors",
    "batched": "sim.session.batched",
    "calibrate": "sim.study.calibrate",
    "compare": "sim.study.compare",
    "environment": "sim.adapters.environment",
    "load": "sim.engine.load",
    "Sensitivity": "sim.study.indices",
    "Study": "sim.study.study",
    "View": "sim.session.view",
    "run": "sim.ensemble.run",
    "sensitivity": "sim.study.sensitivity",
    "sweep": "sim.study.sweep",
}


def __getattr__(name: str) -> Any:
    """Public names are imported when they are used, so that `import sim` costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'sim' has no attribute '{name}'")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
