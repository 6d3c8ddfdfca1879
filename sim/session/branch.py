"""Branches: many futures of one campaign from where it stands, as an ensemble.

Future k of any two branches from the same moment has the same random numbers: with other orders it is a paired
comparison. None of them has those of the campaign itself, so that a branch does not tell what is going to happen.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.arguments import real_number, texts, thread_count, whole_number
from sim.engine.record import RecordSpec
from sim.ensemble.aggregates import Aggregates
from sim.ensemble.blocks import run_blocks, run_states
from sim.ensemble.manifest import declared
from sim.ensemble.results import Results
from sim.outcomes.catalogue import Outcome, outcomes_of
from sim.scenario.read import LoadedScenario
from sim.session.orders import Order
from sim.session.session import Session
from sim.world.deploy import Deployment

MOST_FUTURES = 1_000_000
SMALLEST_BLOCK = 8
TRUTH = "the truth"


class Futures(Results):
    """The futures of one campaign. What is recorded begins on the day of the branch.

    Outcomes of earlier days are left out. An outcome without a day speaks of the last day that was played.
    """

    @property
    def begins(self) -> float:
        """The day on which they part."""
        return float(self.manifest["begins"])

    @property
    def known(self) -> str:
        """What they start from: the truth, or what a side knows, in so many states that agree with it."""
        return str(self.manifest["known"])

    def __repr__(self) -> str:
        name, ends = self.manifest["scenario"], float(self.days[-1])
        return f"<Futures of {name}: {self.replicates}, day {self.begins:g} to {ends:g}, from {self.known}>"


def branch(
    session: Session,
    n: int = 400,
    orders: Iterable[Order | Mapping[str, Any]] = (),
    days: float | None = None,
    by: str | None = None,
    outcomes: Iterable[str] = (),
    jobs: int | None = None,
) -> Futures:
    """`n` futures of a campaign, from the truth, under orders that are given now; see `Campaign.branch`."""
    twin = session.copy()
    twin.give(orders, by)
    seed = branch_seed(repr((session.seed, session.replicate, session.tick)).encode())
    return futures_of(session.deployment, [twin.cells], n, session.tick, seed, days, outcomes, jobs, TRUTH)


def branch_seed(moment: bytes) -> int:
    """The seed of the futures of one moment."""
    return int.from_bytes(hashlib.sha256(moment).digest()[:8]) >> 1


def futures_of(
    deployment: Deployment,
    states: Sequence[NDArray[np.float64] | None],
    n: int,
    tick: int,
    seed: int,
    days: float | None,
    outcomes: Iterable[str],
    jobs: int | None,
    known: str,
) -> Futures:
    """`n` futures of states that stand at one tick, shared out equally. One state may be None: from the start."""
    n = whole_number("n", n, 1, MOST_FUTURES)
    last = last_tick(deployment, tick, days)
    loaded, chosen = _until(deployment, tick, last, texts("outcomes", outcomes))
    there = dataclasses.replace(deployment, origin=loaded, ticks=last, values={})
    aggregates = Aggregates(RecordSpec(there, chosen, first_tick=tick))
    began = time.perf_counter()
    rows = _play(there, states, n, seed, aggregates, thread_count(jobs))
    manifest = {
        "scenario": loaded.name,
        "complete": True,
        "replicates": n,
        "seed": seed,
        "outcomes": declared(chosen),
        "begins": tick * deployment.scenario.clock.tick_hours / 24,
        "known": known,
        "states": len(states),
        "seconds": time.perf_counter() - began,
    }
    return Futures.of(loaded, manifest, aggregates, None, rows)


def last_tick(deployment: Deployment, tick: int, days: float | None) -> int:
    """The tick at which futures end: so many days from now, or at the horizon of the scenario."""
    if days is None:
        if tick >= deployment.ticks:
            raise ValueError("the campaign has reached the end of the scenario: say how many days it should go on")
        return deployment.ticks
    days = real_number("days", days)
    last = tick + round(days * 24 / deployment.scenario.clock.tick_hours)
    if not tick < last <= 100 * deployment.ticks:
        hours = deployment.scenario.clock.tick_hours
        raise ValueError(f"days should be a number of ticks of {hours} hours, at least one, but is {days!r}")
    return last


def _play(
    deployment: Deployment,
    states: Sequence[NDArray[np.float64] | None],
    n: int,
    seed: int,
    aggregates: Aggregates,
    jobs: int,
) -> NDArray[np.float64]:
    """Play all futures; returns [future, outcome]."""
    record_spec, rows = aggregates.spec, []
    bounds = [(i * n // len(states), (i + 1) * n // len(states)) for i in range(len(states))]
    parts = [(state, first, last) for state, (first, last) in zip(states, bounds, strict=True) if first < last]
    if len(parts) == 1:
        state, first, last = parts[0]
        size = max(1, min(256, -(-n // jobs), max(SMALLEST_BLOCK, n // (4 * jobs))))
        blocks = run_blocks(deployment, record_spec, seed, first, last, size, jobs, state=state)
    else:
        begun = [(state, first, last) for state, first, last in parts if state is not None]
        blocks = run_states(deployment, record_spec, seed, begun, jobs)
    with contextlib.closing(blocks):
        for done in blocks:
            rows.append(record_spec.values(done.record, done.campaigns))
            aggregates.add(done.record, done.campaigns, done.seconds)
    return np.concatenate(rows)


def _until(deployment: Deployment, tick: int, last: int, asked: list[str]) -> tuple[LoadedScenario, list[Outcome]]:
    """The scenario with the end of the futures as its horizon, and the outcomes that they can tell."""
    loaded = deployment.loaded
    known = {outcome.said: outcome for outcome in outcomes_of(loaded)}
    listed = [said for said, outcome in known.items() if _lies_within(outcome, tick, last, deployment.ticks)]
    clock = loaded.scenario.clock
    clock = clock.model_copy(update={"days": last * clock.tick_hours / 24})
    scenario = loaded.scenario.model_copy(update={"clock": clock, "outcomes": listed})
    loaded = dataclasses.replace(loaded, scenario=scenario)
    return loaded, outcomes_of(loaded, asked)


def _lies_within(outcome: Outcome, tick: int, last: int, end: int) -> bool:
    """Whether an outcome of the scenario speaks of the days of the futures; one without a day is told at their end."""
    if outcome.formula:
        return all(_lies_within(part, tick, last, end) for part in outcome.needs)
    return "@" not in outcome.name or tick <= outcome.tick <= last
