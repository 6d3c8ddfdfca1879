"""Odds of a draft: what would follow, in so many of a hundred campaigns, against what the staff would do by itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from sim.session.orders import Order
from sim.session.view import View
from sim.statistics.intervals import wilson

FUTURES = 400
DAYS = 4.0
"""How far ahead, if the scenario goes on so long."""


def odds(view: View, orders: Iterable[Order], jobs: int | None = None, n: int = FUTURES) -> dict[str, Any]:
    """The chances with a draft and without it, from what the side knows: paired futures of the same states.

    For each place of interest: in which share of the futures the side holds it after `DAYS`.
    """
    days = min(DAYS, view.days_left)
    outcomes = [f"{place}.held_by.{view.side}" for place in view.places]
    drafted = view.branch(n, list(orders), days=days, outcomes=outcomes, jobs=jobs)
    staff = view.branch(n, [], days=days, outcomes=outcomes, jobs=jobs)
    rows = []
    for id, place in view.places.items():
        name = f"{id}.held_by.{view.side}"
        mine, theirs = drafted.runs[name].to_numpy(), staff.runs[name].to_numpy()
        if mine.min() == mine.max() == theirs.min() == theirs.max():
            continue
        low, high = (float(bound) for bound in wilson(int(mine.sum()), n))
        difference = mine.astype(float) - theirs.astype(float)
        error = 1.96 * float(np.std(difference, ddof=1)) / n**0.5
        rows.append({
            "place": id, "name": place.name, "share": float(mine.mean()), "low": low, "high": high,
            "staff": float(theirs.mean()), "gain": float(difference.mean()), "error": error,
        })  # fmt: skip
    rows.sort(key=lambda row: (-abs(row["gain"]), row["name"]))
    return {"days": days, "futures": n, "places": rows, "from": drafted.known}
