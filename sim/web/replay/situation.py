"""The situation before anything runs, on the map of the replay: a campaign of no ticks, with the values of the file."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.rules.rulebook import RULEBOOK
from sim.scenario.read import LoadedScenario
from sim.session.session import Session
from sim.web.replay.film import Film
from sim.web.replay.page import THIS, content, page_of
from sim.world.deploy import deploy


def situation_page(loaded: LoadedScenario) -> str:
    """The page of `sim map`: what the file says, before what is uncertain is drawn."""
    deployment = deploy(loaded, RULEBOOK)
    film = Film()
    session = Session.at(deployment, deployment.block, seed=0, replicate=0)
    units = session.world.units
    # As the rules begin a campaign: those who are present; reinforcements have nobody until they set out.
    units["strength"] = np.where(units["draws_people"] == 1, 0.0, np.floor(units["roll"] * units["manning"] + 0.5))
    units["morale"] = units["morale_base"]
    film.note(session)
    still: dict[str, Any] = {
        "k": 0, "seed": 0, "label": THIS, "ticks": 0, "orders": 0, "film": film.to_json(), "events": [], "texts": [],
    }  # fmt: skip
    warnings = [str(warning) for warning in deployment.warnings]
    return page_of(content(deployment, [still], None) | {"warnings": warnings}, "Situation")
