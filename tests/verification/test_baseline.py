"""What a few campaigns came to when their rules were last changed on purpose: every column of the state, to the bit.

Theory, hand-worked numbers and the twin say whether the rules are right. This says that they have not changed by
accident, ties and rare cases included. After a change that is meant: `python -m tests.verification.test_baseline`
writes the table anew, and the commit says why.
"""

from __future__ import annotations

import csv
import math
import pathlib
from typing import NamedTuple

import numpy as np
import pytest

from sim.engine.entry import start, step
from sim.engine.load import load
from sim.rules.rulebook import RULEBOOK
from sim.world.deploy import deploy

HERE = pathlib.Path(__file__).parent
SCENARIOS = HERE.parents[1] / "scenarios"
TABLE = HERE / "baseline.csv"


class War(NamedTuple):
    """A scenario, and how much of it is played."""

    scenario: pathlib.Path
    replicates: int
    ticks: int


WARS = {
    "crossroads": War(SCENARIOS / "crossroads.yaml", 6, 32),
    "siege": War(HERE / "siege.yaml", 3, 40),
    "line": War(HERE / "line.yaml", 3, 40),
    "fronts": War(HERE / "fronts.yaml", 3, 40),
    "mosul-2014": War(SCENARIOS / "mosul-2014.yaml", 2, 48),
    "hama-2024": War(SCENARIOS / "hama-2024.yaml", 1, 36),
    "afghanistan-2021": War(SCENARIOS / "afghanistan-2021.yaml", 1, 36),
}
STATE = ("units", "places", "roads", "sides", "commands", "wings", "backings", "events", "campaign", "side_view")


def totals(war: War) -> dict[str, float]:
    """The sum of each column over its rows, at the end of all campaigns. It does not depend on the order of rows."""
    deployment = deploy(load(war.scenario), RULEBOOK)
    parts: dict[str, list[float]] = {}
    for replicate in range(war.replicates):
        cells, world = deployment.new_world()
        start(world, deployment.atlas, cells, 1, replicate)
        for _ in range(war.ticks):
            step(world, deployment.atlas, cells, cells.view(np.int64))
        for table in STATE:
            rows = getattr(world, table)
            for column in rows.dtype.names:
                values = rows[column].astype(float).ravel()
                parts.setdefault(f"{table}.{column}", []).extend(values[np.isfinite(values)])
    return {column: math.fsum(values) for column, values in parts.items()}


def recorded() -> dict[str, dict[str, float]]:
    """By war: the totals of the table."""
    with TABLE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return {war: {row["column"]: float(row[war]) for row in rows} for war in WARS}


@pytest.mark.parametrize("war", WARS)
def test_campaigns_are_what_they_were(war: str) -> None:
    was, now = recorded()[war], totals(WARS[war])
    differ = {name: (was.get(name), now.get(name)) for name in was | now if was.get(name) != now.get(name)}
    assert not differ, f"{len(differ)} of {len(now)} columns changed, as {dict(list(differ.items())[:5])}"


def write() -> None:
    """Writes the table anew."""
    found = {war: totals(how) for war, how in WARS.items()}
    with TABLE.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(["column", *WARS])
        for column in found["crossroads"]:
            writer.writerow([column, *(repr(found[war][column]) for war in WARS)])


if __name__ == "__main__":
    write()
