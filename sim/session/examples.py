"""Examples of commanders: one that gives orders at random, one that does nothing, one that searches by branching."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from sim.engine.arguments import real_number, whole_number
from sim.session.orders import Order
from sim.session.view import View


def doctrine(view: View) -> list[Order]:
    """Leaves everything to the staff."""
    return []


class Random:
    """Orders some formations at random to do what they can."""

    def __init__(self, share: float = 0.3, seed: int = 0) -> None:
        self.share, self.seed = real_number("share", share), seed
        if not 0 <= self.share <= 1:
            raise ValueError(f"share should be from 0 to 1, but is {share:g}")
        self.begin("", 0)

    def begin(self, side: str, replicate: int) -> None:
        """Each campaign has random numbers of its own."""
        self.rng = np.random.default_rng([self.seed, replicate, *side.encode()])

    def __call__(self, view: View) -> list[Order]:
        orders = []
        for who in view.orderable:
            if self.rng.random() < self.share:
                possible = list(view.options(who))
                orders.append(possible[int(self.rng.integers(len(possible)))])
        return orders


class Search:
    """Plays out what a few plans would bring, from what the side knows, and takes the best.

    A plan is a stance of the staff, or that all who can attack one place. `outcome` is to be as large as possible, or
    with `wanted` False as small; a time counts as happening or not, and the sooner the better.
    """

    def __init__(self, outcome: str, wanted: bool = True, futures: int = 48, every_days: float = 1.0) -> None:
        self.outcome, self.sign = outcome, 1.0 if wanted else -1.0
        self.futures = whole_number("futures", futures, 1, 1_000_000)
        self.every_days = real_number("every_days", every_days)
        if self.every_days <= 0:
            raise ValueError(f"every_days should be more than 0, but is {every_days:g}")

    def __call__(self, view: View) -> list[Order]:
        if view.tick * view.tick_days % self.every_days > 1e-9 or view.days_left <= view.tick_days:
            return []
        best, most = list[Order](), -np.inf
        for plan in self.plans(view):
            worth = self.worth(view, plan)
            if worth > most:
                best, most = plan, worth
        return best

    def worth(self, view: View, plan: list[Order]) -> float:
        """What a plan brings on average."""
        futures = view.branch(self.futures, plan, outcomes=[self.outcome], jobs=1)
        values = futures.runs[self.outcome].to_numpy(float)
        end = float(futures.days[-1])
        if futures.manifest["outcomes"][futures.outcome_names.index(self.outcome)]["kind"] == "time":
            # Happening counts most; among what happens, the earlier day.
            values = np.where(np.isfinite(values), 1.0 - 0.1 * values / end, 0.0)
        return self.sign * float(np.nanmean(values))

    def plans(self, view: View) -> Iterator[list[Order]]:
        """The plans that are compared, the one that changes nothing first."""
        own = [view.formations[who] for who in view.orderable if who in view.formations]
        free = [Order(unit.id, "release") for unit in own if unit.ordered]
        for stance in ("balanced", "offensive", "defensive"):
            yield [*free, Order(view.side, stance)] if view.side in view.orderable else free
        attacks: dict[str, list[Order]] = {}
        for who in view.orderable:
            if who in view.formations:
                for place in view.options(who).places.get("attack", ()):
                    attacks.setdefault(place, []).append(Order(who, "attack", place))
        for orders in attacks.values():
            sent = {order.who for order in orders}
            yield [*orders, *(order for order in free if order.who not in sent)]


EXAMPLES: dict[str, Callable[[], Any]] = {"doctrine": lambda: doctrine, "random": Random}
"""Commanders that can be named instead of given."""
