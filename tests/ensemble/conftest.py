"""A small scenario, deployed once for all tests of ensembles."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.loading import load
from sim.rules.rulebook import RULEBOOK
from sim.scenario.read import LoadedScenario
from sim.world.deploy import Deployment, deploy


@pytest.fixture(scope="session")
def crossroads() -> LoadedScenario:
    return load(Path(__file__).parents[2] / "scenarios" / "crossroads.yaml")


@pytest.fixture(scope="session")
def deployed(crossroads: LoadedScenario) -> Deployment:
    return deploy(crossroads, RULEBOOK)
