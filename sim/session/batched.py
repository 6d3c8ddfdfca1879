"""Commanders that are programs for many campaigns at once: from arrays of what a side knows to an array of orders.

    @sim.batched
    def cautious(views):
        heartless = views.state["will"] < 0.4
        return np.where(heartless, views.number(views.side, "defensive"), views.number(views.side, "balanced"))

Orders are given by number, as environments for learning give them: [campaign] or [campaign, order], given from left to
right, and 0 is none. The same policy as a function of one view leads to the same campaigns, to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.record import Record
from sim.scenario.messages import describe
from sim.session.actions import Actions, Whole
from sim.session.batch import Batch
from sim.session.orders import OrderError
from sim.session.staff import FAILURES, Commander, Fallback, Staff, name_of, said_of
from sim.session.views import Views
from sim.world.deploy import Deployment


def batched(commander: Any) -> Any:
    """Marks a commander that is asked for many campaigns at once: it takes `Views` and returns numbers of orders."""
    if not callable(commander):
        raise TypeError(f"a commander is a function or an object that is called, but this is {describe(commander)}")
    commander.batched = True
    return commander


def is_batched(commander: Any) -> bool:
    """Whether a commander is marked so."""
    return bool(getattr(commander, "batched", False))


class BatchedStaff(Staff):
    """Commanders of a run, all of whom are asked for many campaigns at once."""

    def __init__(self, commanders: Mapping[str, Commander | str], sides: Iterable[str], most_seconds: float) -> None:
        simple = [name_of(one) for one in commanders.values() if not is_batched(one) and one != "doctrine"]
        if simple:
            raise ValueError(
                f"commander: {', '.join(simple)} is asked for one campaign at a time, and another commander for many at"
                " once; mark all with sim.batched, or none"
            )
        super().__init__({side: one for side, one in commanders.items() if one != "doctrine"}, sides, most_seconds)

    def begin_many(self, replicates: Whole) -> None:
        """Campaigns begin: all commanders are in command."""
        self._begin(replicates, replicates)

    def choose(self, batch: Batch, replicates: Whole) -> None:
        """All commanders choose; they see the campaigns as they were before any of them has."""
        chosen = []
        for seat, side in enumerate(self.of):
            views = Views(batch, seat, replicates)
            numbers = np.zeros((batch.count, 0), dtype=np.int64)
            if side not in self._failed:
                try:
                    numbers = self._numbers(side, views)
                except FAILURES as error:
                    numbers = self._fall_back_in_all(batch.sides[seat], views, said_of(error))
            chosen.append(numbers)
        most = max((numbers.shape[1] for numbers in chosen), default=0)
        batch.chosen = np.zeros((batch.count, len(chosen), most), dtype=np.int64)
        for seat, numbers in enumerate(chosen):
            batch.chosen[:, seat, : numbers.shape[1]] = numbers
        batch.given = np.zeros(batch.chosen.shape, dtype=np.bool_)

    def _numbers(self, side: str, views: Views) -> Whole:
        """[campaign, order]: what a commander chose. OrderError if these are no numbers of orders."""
        answer = self._answer(side, views)
        numbers = np.zeros((len(views), 0), dtype=np.int64) if answer is None else np.asarray(answer)
        fits = np.issubdtype(numbers.dtype, np.integer) and numbers.ndim in (1, 2) and len(numbers) == len(views)
        if not fits or (numbers.size and not 0 <= numbers.min() <= numbers.max() < len(views.orders)):
            raise OrderError(
                f"they should be whole numbers from 0 to {len(views.orders) - 1}, [campaign] or [campaign, order] for"
                f" {len(views)} campaigns, but are {_shown(answer)}"
            )
        return numbers.reshape(len(views), -1).astype(np.int64)

    def _fall_back_in_all(self, actions: Actions, views: Views, reason: str) -> Whole:
        """The doctrine takes over in all these campaigns: the orders that release everybody."""
        self._failed.add(actions.side)
        self.fallbacks += [Fallback(int(k), views.day, actions.side, reason) for k in views.replicates]
        free = [views.number(actions.side, "balanced"), *views.numbers(task="release")]
        return np.where(views.possible[:, free], free, 0)

    def note_refused(self, batch: Batch, replicates: Whole, day: float) -> None:
        """Count the orders that were chosen, and could not be carried out."""
        for seat, side in enumerate(self.of):
            refused = (batch.chosen[:, seat] != 0) & ~batch.given[:, seat]
            if refused.any():
                self.refused[side] += int(refused.sum())
                k, j = np.argwhere(refused)[0]
                order = batch.sides[seat].orders[batch.chosen[k, seat, j]]
                self.refusals.setdefault(side, f"'{order}' was not possible in campaign {replicates[k]} on day {day:g}")


def _shown(answer: Any) -> str:
    if isinstance(answer, np.ndarray):
        return f"an array of {answer.dtype} of shape {answer.shape}" + _range_of(answer)
    return repr(answer)[:80]


def _range_of(answer: NDArray[Any]) -> str:
    whole = np.issubdtype(answer.dtype, np.integer) and answer.size
    return f" from {answer.min()} to {answer.max()}" if whole else ""


def play_batch(deployment: Deployment, seed: int, first: int, count: int, staff: BatchedStaff, record: Record) -> None:
    """Play campaigns to their end under commanders, side by side, and write them down."""
    batch = Batch(deployment, count, sides=[Actions(deployment, side) for side in staff.of])
    replicates = np.arange(first, first + count)
    none = np.zeros(count, dtype=np.int64)
    staff.begin_many(replicates)
    batch.play(none, none + 1, seed, replicates, record)
    every = max(1, int(batch.world.settings["clock"]["decision_ticks"][0, 0]))
    for tick in range(0, deployment.ticks, every):
        staff.choose(batch, replicates)
        batch.play(none + min(every, deployment.ticks - tick), none, seed, replicates, record)
        staff.note_refused(batch, replicates, tick * deployment.scenario.clock.tick_hours / 24)
