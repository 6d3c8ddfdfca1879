"""Odds of a draft: what would follow, in so many of a hundred campaigns, against what the staff would do by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.session.branch import branch
from sim.session.orders import Order
from sim.session.session import Session
from sim.session.view import View
from sim.statistics.intervals import wilson

FUTURES = 400
DAYS = 4.0
"""How far ahead, if the scenario goes on so long."""


class Odds:
    """The odds of one side's drafts in one turn: paired futures of states that agree with what the side knows.

    What the staff would do by itself is the same for all drafts, and is worked out once; so is a draft that is asked
    for twice.
    """

    def __init__(self, view: View, truth: Session | None = None, n: int = FUTURES) -> None:
        """`truth`: the campaign of a game without fog, whose futures are played instead."""
        self.view, self.truth, self.n = view, truth, n
        self.days = min(DAYS, view.days_left)
        self._held: dict[tuple[Order, ...], NDArray[np.float64]] = {}

    def of(self, orders: Sequence[Order], jobs: int | None = None) -> dict[str, Any]:
        """The chances with a draft and without it.

        For each place of interest: in which share of the futures the side holds it after `days`.
        """
        drafted, staff = (self._futures(tuple(given), jobs) for given in (orders, ()))
        rows = []
        for mine, theirs, (id, place) in zip(drafted.T, staff.T, self.view.places.items(), strict=True):
            if mine.min() == mine.max() == theirs.min() == theirs.max():
                continue
            low, high = (float(bound) for bound in wilson(int(mine.sum()), self.n))
            difference = mine - theirs
            error = 1.96 * float(np.std(difference, ddof=1)) / self.n**0.5
            rows.append({
                "place": id, "name": place.name, "share": float(mine.mean()), "low": low, "high": high,
                "staff": float(theirs.mean()), "gain": float(difference.mean()), "error": error,
            })  # fmt: skip
        rows.sort(key=lambda row: (-abs(row["gain"]), row["name"]))
        return {"days": self.days, "futures": self.n, "places": rows}

    def _futures(self, orders: tuple[Order, ...], jobs: int | None) -> NDArray[np.float64]:
        """[future, place]: whether the side holds it at the end."""
        if orders not in self._held:
            outcomes = [f"{place}.held_by.{self.view.side}" for place in self.view.places]
            if self.truth is None:
                futures = self.view.branch(self.n, orders, self.days, outcomes, jobs)
            else:
                futures = branch(self.truth, self.n, orders, self.days, self.view.side, outcomes, jobs)
            self._held[orders] = futures.runs[outcomes].to_numpy(dtype=float)
        return self._held[orders]
