"""The first campaigns of an ensemble, played again to report other outcomes of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sim.ensemble import store

if TYPE_CHECKING:
    from sim.ensemble.results import Results


def again(results: Results, outcomes: Iterable[str], most: int) -> Results:
    """The same campaigns to the bit, `most` of them at most, with other outcomes; they stay in memory.

    ResultsError or ValueError if this version of the engine would not come to the same campaigns.
    """
    from sim.ensemble.run import run

    said, where = results.manifest, results.path or "these results"
    if results.loaded is None or said.get("engine_hash") != store.engine_hash():
        raise store.ResultsError(f"{where} were made by another version, or are not those of a run: run them again")
    for key, what in (("commanders", "commanders"), ("posterior", "a posterior")):
        if said.get(key):
            raise ValueError(f"{where} were made with {what}: their campaigns cannot be played again by seed alone")
    count, shared = min(most, results.replicates), results.situations
    if shared:
        count = max(2, count // shared) * shared
    return run(results.loaded, count, results.seed, outcomes=outcomes, results=None, situations=shared, progress=False)
