"""Commanders that are programs: a function from what a side knows to orders commands the side in every campaign.

    def cautious(view):
        return [{"who": view.side, "task": "defensive"}] if view.state["will"] < 0.4 else []

    sim.run("scenarios/crossroads.yaml", 200, commander={"south": cautious})

It is asked whenever commanders decide. The doctrine, its staff, commands all that it gives no orders. A function that
is marked with `sim.batched` is asked for many campaigns at once, and answers with an array (`sim/session/batched.py`).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from sim.engine import entry
from sim.engine.play import STAGES
from sim.engine.record import Record, RecordSpec
from sim.ensemble.aggregates import Aggregates
from sim.ensemble.manifest import manifest_of
from sim.ensemble.progress import progress_bar, tell
from sim.ensemble.results import Results
from sim.ensemble.spec import RunSpec
from sim.session.batched import BatchedStaff, is_batched, play_batch
from sim.session.session import Session
from sim.session.staff import MOST_SECONDS, Commander, Staff, name_of

BATCH = 256


def run_commanded(
    spec: RunSpec,
    commanders: Mapping[str, Commander | str],
    progress: bool | None = None,
    most_seconds: float = MOST_SECONDS,
) -> Results:
    """Run campaigns under commanders; the results are kept in memory."""
    for name in ("until", "situations", "posterior"):
        if getattr(spec, name) is not None:
            raise ValueError(f"a run with commanders does not take '{name}': run it without one of them")
    deployment = spec.deployment
    many = any(is_batched(commander) for commander in commanders.values())
    staff = (BatchedStaff if many else Staff)(commanders, deployment.names.sides, most_seconds)
    aggregates = Aggregates(RecordSpec(deployment, spec.outcomes))
    parts: list[NDArray[np.float64]] = []
    began = time.perf_counter()
    with progress_bar(spec.replicates, 0, progress) as bar:
        for first in range(0, spec.replicates, BATCH):
            count = min(BATCH, spec.replicates - first)
            batch_began = time.perf_counter()
            record = aggregates.spec.new_record(count)
            if isinstance(staff, BatchedStaff):
                play_batch(deployment, spec.seed, first, count, staff, record)
                bar.update(count)
            else:
                for k in range(count):
                    play(Session(deployment, spec.seed, first + k), staff, _of_one(record, k))
                    bar.update(1)
            parts.append(aggregates.spec.values(record, count))
            aggregates.add(record, count, time.perf_counter() - batch_began)
    aggregates.elapsed = time.perf_counter() - began
    for line in staff.report(spec.replicates):
        tell(line)
    manifest = manifest_of(spec, aggregates, 1, True, None)
    manifest |= {
        "commanders": {side: name_of(commander) for side, commander in staff.of.items()},
        "fallbacks": [asdict(fallback) for fallback in staff.fallbacks],
        "refused": dict(staff.refused),
    }
    return Results.of(spec.loaded, manifest, aggregates, None, np.concatenate(parts))


def play(session: Session, staff: Staff, record: Record) -> None:
    """Play one campaign to its end under commanders, and write it down."""
    staff.begin(session.replicate)
    deployment = session.deployment
    every = max(1, int(session.world.settings["clock"]["decision_ticks"][0]))
    seen = Record(*(part if name in SHARED else np.zeros_like(part) for name, part in record._asdict().items()))
    for tick in range(0, deployment.ticks, every):
        staff.command(session)
        views = session.cells, session.cells, session._whole_cells, session.world, deployment.atlas
        until = min(tick + every, deployment.ticks)
        one = session.seed, session.replicate, 1, entry.OWN_SITUATIONS, 1
        entry.run_block(*views, *one, until, seen, STAGES)
    # The tick at which a piece ends is written down again when the next one begins: it counts once.
    record.control_counts[...] += seen.control_counts > 0
    record.fall_counts[...] += seen.fall_counts > 0


SHARED = ("sample_at", "samples", "watched_cells", "watched_at", "watched", "inputs")
"""Parts of a record into which each campaign writes cells of its own."""


def _of_one(record: Record, k: int) -> Record:
    """The record of campaign `k` alone; the counts are those of all."""
    return record._replace(
        samples=record.samples[k : k + 1], watched=record.watched[k : k + 1], inputs=record.inputs[k : k + 1]
    )
