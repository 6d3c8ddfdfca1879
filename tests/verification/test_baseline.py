"""What a few campaigns came to when their rules were last changed on purpose: every column of the state, to the bit.

Theory, hand-worked numbers and the twin say whether the rules are right. This says that they have not changed by
accident, not in rare cases either: the wars of worlds.json, from tests/properties/random_worlds.py, pass together
through all but a few of the branches that 800 such wars passed. After a change that is meant,
`python -m tests.verification.test_baseline` writes the table anew, and the commit says why.
"""

from __future__ import annotations

import csv
import json
import math
import pathlib
from typing import NamedTuple

import numpy as np
import pytest

from sim.engine.entry import start, step
from sim.engine.load import load
from sim.rules.rulebook import RULEBOOK
from sim.scenario.read import LoadedScenario
from sim.world.deploy import deploy
from tests.properties.random_worlds import read_world

HERE = pathlib.Path(__file__).parent
SCENARIOS = HERE.parents[1] / "scenarios"
TABLE = HERE / "baseline.csv"


class War(NamedTuple):
    """A scenario, and how much of it is played."""

    loaded: LoadedScenario
    replicates: int
    ticks: int


PLAYED = {
    "crossroads": (SCENARIOS / "crossroads.yaml", 6, 32),
    "siege": (HERE / "siege.yaml", 3, 40),
    "line": (HERE / "line.yaml", 3, 40),
    "fronts": (HERE / "fronts.yaml", 3, 40),
    "mosul-2014": (SCENARIOS / "mosul-2014.yaml", 2, 48),
    "hama-2024": (SCENARIOS / "hama-2024.yaml", 1, 24),
    "afghanistan-2021": (SCENARIOS / "afghanistan-2021.yaml", 1, 24),
}
WORLDS = 24
TOGETHER = 4
"""Random wars that share a column of the table."""
GROUPS = [*PLAYED, *(f"worlds {first}-{first + TOGETHER - 1}" for first in range(0, WORLDS, TOGETHER))]
STATE = ("units", "places", "roads", "sides", "commands", "wings", "backings", "events", "campaign", "side_view")


def wars_of(group: str) -> list[War]:
    """What a column of the table sums up."""
    if group in PLAYED:
        file, replicates, ticks = PLAYED[group]
        return [War(load(file), replicates, ticks)]
    first = int(group.split()[1].split("-")[0])
    worlds = json.loads((HERE / "worlds.json").read_text(encoding="utf-8"))
    return [War(read_world(said), 2, 24) for said in worlds[first : first + TOGETHER]]


def totals(group: str) -> dict[str, float]:
    """The sum of each column over its rows, at the end of all campaigns, exact whatever the order."""
    parts: dict[str, list[float]] = {}
    for war in wars_of(group):
        deployment = deploy(war.loaded, RULEBOOK)
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
    """By group: the totals of the table."""
    with TABLE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return {group: {row["column"]: float(row[group]) for row in rows} for group in GROUPS}


@pytest.mark.parametrize("group", GROUPS)
def test_campaigns_are_what_they_were(group: str) -> None:
    was, now = recorded()[group], totals(group)
    differ = {name: (was.get(name), now.get(name)) for name in was | now if was.get(name) != now.get(name)}
    assert not differ, f"{len(differ)} of {len(now)} columns changed, as {dict(list(differ.items())[:5])}"


def write() -> None:
    """Writes the table anew."""
    found = {group: totals(group) for group in GROUPS}
    with TABLE.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(["column", *GROUPS])
        for column in found["crossroads"]:
            writer.writerow([column, *(repr(found[group][column]) for group in GROUPS)])


if __name__ == "__main__":
    write()
