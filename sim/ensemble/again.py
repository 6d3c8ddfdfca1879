"""Campaigns of an ensemble, played again to report other outcomes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.engine.arguments import thread_count
from sim.engine.entry import OWN_SITUATIONS
from sim.engine.record import RecordSpec
from sim.ensemble import store
from sim.ensemble.aggregates import Aggregates
from sim.ensemble.blocks import block_size, run_blocks
from sim.ensemble.manifest import manifest_of
from sim.ensemble.posterior import RowPoints
from sim.ensemble.spec import specify
from sim.world.deploy import Deployment

if TYPE_CHECKING:
    from sim.ensemble.results import Results


def again(results: Results, outcomes: Iterable[str], most: int, chosen: NDArray[np.int64] | None = None) -> Results:
    """The same campaigns to the bit, `most` of them at most, with other outcomes; they stay in memory.

    `chosen`: the numbers of those that are played; the first ones if nothing is said. ResultsError or ValueError if
    this version of the engine would not come to the same campaigns.
    """
    from sim.ensemble.results import Results
    from sim.ensemble.run import run

    said, where = results.manifest, results.path or "these results"
    if results.loaded is None or said.get("engine_hash") != store.engine_hash():
        raise store.ResultsError(f"{where} were made by another version, or are not those of a run: run them again")
    if said.get("commanders"):
        raise ValueError(f"{where} were made with commanders: their campaigns cannot be played again by seed alone")
    count, shared = min(most, results.replicates), results.situations
    if chosen is None and not said.get("posterior"):
        if shared:
            count = max(2, count // shared) * shared
        return run(
            results.loaded, count, results.seed, outcomes=outcomes, results=None, situations=shared, progress=False
        )
    numbers = (np.arange(count) if chosen is None else chosen[:most]).tolist()
    spec = specify(results.loaded, len(numbers), results.seed, outcomes)
    aggregates = Aggregates(RecordSpec(spec.deployment, spec.outcomes))
    draws, placed = shared or OWN_SITUATIONS, placed_as(results, spec.deployment)
    rows = []
    jobs = thread_count(None)
    size = block_size(len(numbers), jobs)
    for block in run_blocks(
        spec.deployment, aggregates.spec, spec.seed, 0, 0, size, jobs, draws, placed=placed, chosen=numbers
    ):
        aggregates.add(block.record, block.campaigns, block.seconds)
        rows.append(aggregates.spec.values(block.record, block.campaigns))
    manifest = manifest_of(spec, aggregates, jobs, True, None)
    return Results.of(results.loaded, manifest, aggregates, None, np.concatenate(rows))


def placed_as(results: Results, deployment: Deployment) -> Callable[[int], Deployment] | None:
    """The deployment of each campaign of results, if they were drawn from a posterior; None: all have the same."""
    drawn = results.manifest.get("posterior")
    if not drawn:
        return None
    return RowPoints(deployment, drawn["inputs"], results.inputs[drawn["inputs"]].to_numpy(float)).deployment
