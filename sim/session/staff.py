"""The commanders of a run, and what went wrong with them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sim.session.examples import EXAMPLES
from sim.session.orders import Order, OrderError, did_you_mean, orders_of
from sim.session.session import Session
from sim.session.view import View

Commander = Callable[[View], Iterable[Order | Mapping[str, Any]] | None]
"""Asked before a tick in which commanders decide; returns orders, or nothing. If it has a method `begin(side,
replicate)`, that is called at the start of each campaign."""
MOST_SECONDS = 60.0
"""That a commander may take for one answer."""
FAILURES = (Exception, SystemExit)
"""What a commander may raise without ending the run: `sys.exit` ends none either, an interrupt from outside does."""


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
        self.replicate = replicate
        self._begin(replicate, [replicate])

    def _begin(self, told: Any, replicates: Iterable[int]) -> None:
        """Tell all commanders which campaigns begin. Who fails then gives no orders in them."""
        self._failed.clear()
        for side, commander in self.of.items():
            try:
                begin = getattr(commander, "begin", None)
                if begin is not None:
                    begin(side, told)
            except FAILURES as error:
                self._failed.add(side)
                self.fallbacks += [Fallback(int(k), 0.0, side, said_of(error)) for k in replicates]

    def command(self, session: Session) -> None:
        """All commanders give their orders. They see the campaign as it was before any of them has."""
        views = {side: session.view(side) for side in self.of if side not in self._failed}
        for side, view in views.items():
            try:
                orders = self._ask(side, view)
            except FAILURES as error:
                self._fall_back(session, side, said_of(error))
                continue
            for order in orders:
                try:
                    session.order(order, side)
                except OrderError as error:
                    self.refused[side] += 1
                    self.refusals.setdefault(side, str(error))

    def _ask(self, side: str, view: View) -> list[Order]:
        """The orders of a commander; any error if he has none to give."""
        answer = self._answer(side, view)
        return orders_of([] if answer is None else answer)

    def _answer(self, side: str, view: Any) -> Any:
        """What a commander says to what it sees, in time."""
        began = time.monotonic()
        answer = self.of[side](view)
        took = time.monotonic() - began
        if took > self.most_seconds:
            raise TimeoutError(f"took {took:.1f} seconds for one answer, more than the {self.most_seconds:g} allowed")
        return answer

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


def _commander(side: str, given: Commander | str) -> Commander:
    """A commander, who may be one of the examples, by name."""
    if isinstance(given, str):
        if given not in EXAMPLES:
            raise ValueError(f"commander of {side}: there is no commander '{given}'{did_you_mean(given, EXAMPLES)}")
        return EXAMPLES[given]()
    if not callable(given):
        raise TypeError(f"commander of {side} should be a function of a view that returns orders, but is {given!r}")
    return given


def name_of(commander: Any) -> str:
    """What a commander is called."""
    return str(getattr(commander, "__name__", type(commander).__name__))


def said_of(error: BaseException) -> str:
    """What a commander did wrong, in words that follow his name."""
    if isinstance(error, TimeoutError):
        return str(error)
    if isinstance(error, OrderError):
        return f"returned what are no orders: {error}"
    return f"raised {type(error).__name__}: {error}"
