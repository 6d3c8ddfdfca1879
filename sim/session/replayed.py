"""Campaigns that were played before: one replicate of a results folder, or a saved campaign."""

from __future__ import annotations

from pathlib import Path

from sim.engine.arguments import any_whole_number
from sim.ensemble import store
from sim.ensemble.again import placed_as
from sim.ensemble.results import Results
from sim.rules.rulebook import RULEBOOK
from sim.scenario.file_paths import absolute
from sim.session import save
from sim.session.session import Session
from sim.world.deploy import deploy


def campaign_of(results: Results | str | Path, k: int = 0) -> Session:
    """Replicate `k` of an ensemble, played to its end; of a saved campaign, that campaign.

    ValueError or ResultsError says what is wrong. Only the version of the engine that made the results comes to the
    same campaign.
    """
    if not isinstance(results, Results):
        path = absolute(results)
        if path.is_file():
            return save.load(path)
        results = Results.open(path)
    if results.loaded is None or results.manifest["engine_hash"] != store.engine_hash():
        raise store.ResultsError(f"{results.path or 'these results'} were made by another version: run them again")
    k = any_whole_number("k", k)
    if not 0 <= k < results.replicates:
        raise ValueError(f"there is no campaign {k}: the results hold 0 to {results.replicates - 1}")
    deployment = deploy(results.loaded, RULEBOOK)
    placed = placed_as(results, deployment)
    if placed is not None:
        deployment = placed(k)
    session = Session(deployment, results.seed, k, situations=results.situations)
    session.step(session.deployment.ticks)
    return session
