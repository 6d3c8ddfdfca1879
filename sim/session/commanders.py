"""Commanders that are programs: a function from what a side knows to orders commands the side in every campaign.

    def cautious(view):
        return [{"who": view.side, "task": "defensive"}] if view.state["will"] < 0.4 else []

    sim.run("scenarios/crossroads.yaml", 200, commander={"south": cautious})

It is asked whenever commanders decide. The doctrine, its staff, commands all that it gives no orders.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

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
from sim.session.examples import EXAMPLES
from sim.session.orders import Order, OrderError, did_you_mean, orders_of
from sim.session.session import Session
from sim.session.view import View

Commander = Callable[[View], Iterable[Order | Mapping[str, Any]] | None]
"""Asked before a tick in which commanders decide; returns orders, or nothing. If it has a method `begin(side,
replicate)`, that is called at the start of each campaign."""
MOST_SECONDS = 60.0
"""That a commander may take for one answer."""
BATCH = 64


@dataclass(frozen=True)
class Fallback:
    """A commander who failed in a campaign: from that day on the doctrine commanded his side."""

    replicate: int
    day: float
    side: str
    reason: str


class Staff:
    """The commanders of a run, and what went wrong with them."""

    def __init__(self, commanders: Mapping[str, Commander | str], sides: Iterable[str], most_seconds: float) -> None:
        known = list(sides)
        for side in commanders:
            if side not in known:
                raise ValueError(f"commander: there is no side '{side}'{did_you_mean(side, known)}")
        self.of = {side: _commander(side, given) for side, given in commanders.items()}
        self.most_seconds = most_seconds
        self.fallbacks: list[Fallback] = []
        self.refused: Counter[str] = Counter()
        """By side: orders that could not be carried out."""
        self.refusals: dict[str, str] = {}
        """By side: why the first of them could not."""
        self._failed: set[str] = set()

    def begin(self, replicate: int) -> None:
        """A campaign begins: all commanders are in command."""
        self._failed.clear()
        self.replicate = replicate
        for side, commander in self.of.items():
            begin = getattr(commander, "begin", None)
            if begin is not None:
                begin(side, replicate)

    def command(self, session: Session) -> None:
        """All commanders give their orders. They see the campaign as it was before any of them has."""
        views = {side: session.view(side) for side in self.of if side not in self._failed}
        for side, view in views.items():
            try:
                orders = self._ask(side, view)
            except Exception as error:
                self._fall_back(session, side, _said(error))
                continue
            for order in orders:
                try:
                    session.order(order, side)
                except OrderError as error:
                    self.refused[side] += 1
                    self.refusals.setdefault(side, str(error))

    def _ask(self, side: str, view: View) -> list[Order]:
        """The orders of a commander; any error if he has none to give."""
        began = time.monotonic()
        answer = self.of[side](view)
        took = time.monotonic() - began
        if took > self.most_seconds:
            raise TimeoutError(f"took {took:.1f} seconds for one answer, more than the {self.most_seconds:g} allowed")
        return orders_of([] if answer is None else answer)

    def _fall_back(self, session: Session, side: str, reason: str) -> None:
        """The doctrine takes over for the rest of the campaign."""
        self._failed.add(side)
        self.fallbacks.append(Fallback(self.replicate, session.day, side, reason))
        session.release_all(side)

    def report(self, replicates: int) -> list[str]:
        """What went wrong, a line for each commander."""
        lines = []
        for side, commander in self.of.items():
            name = name_of(commander)
            failed = [fallback for fallback in self.fallbacks if fallback.side == side]
            if failed:
                first = failed[0]
                lines.append(
                    f"the commander of {side}, {name}, {first.reason} (first in campaign {first.replicate}, day"
                    f" {first.day:g}). In {len(failed):,} of {replicates:,} campaigns the doctrine took over from him"
                )
            if self.refused[side]:
                lines.append(
                    f"the commander of {side}, {name}, gave {self.refused[side]:,} orders that could not be carried"
                    f" out, and were not; the first: {self.refusals[side]}"
                )
        return lines


def run_commanded(
    spec: RunSpec,
    commanders: Mapping[str, Commander | str],
    progress: bool | None = None,
    most_seconds: float = MOST_SECONDS,
) -> Results:
    """Run campaigns under commanders, one at a time; the results are kept in memory."""
    if spec.until is not None or spec.situations is not None:
        raise ValueError("a run with commanders takes neither 'until' nor 'situations'")
    deployment = spec.deployment
    staff = Staff(commanders, deployment.names.sides, most_seconds)
    aggregates = Aggregates(RecordSpec(deployment, spec.outcomes))
    parts: list[NDArray[np.float64]] = []
    began = time.perf_counter()
    with progress_bar(spec.replicates, 0, progress) as bar:
        for first in range(0, spec.replicates, BATCH):
            count = min(BATCH, spec.replicates - first)
            batch_began = time.perf_counter()
            record = aggregates.spec.new_record(count)
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


def _commander(side: str, given: Commander | str) -> Commander:
    """A commander, who may be one of the examples, by name."""
    if isinstance(given, str):
        if given not in EXAMPLES:
            raise ValueError(
                f"commander of {side}: there is no commander '{given}'{did_you_mean(given, EXAMPLES)}; known are"
                f" {', '.join(EXAMPLES)}"
            )
        return EXAMPLES[given]()
    if not callable(given):
        raise TypeError(f"commander of {side} should be a function of a view that returns orders, but is {given!r}")
    return given


def name_of(commander: Any) -> str:
    """What a commander is called."""
    return str(getattr(commander, "__name__", type(commander).__name__))


def _said(error: Exception) -> str:
    """What a commander did wrong, in words that follow his name."""
    if isinstance(error, TimeoutError):
        return str(error)
    if isinstance(error, OrderError):
        return f"returned what are no orders: {error}"
    return f"raised {type(error).__name__}: {error}"
