"""The square law over 36 days with three landings: Engel's curve of Iwo Jima, from the scenario that ships."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import sim

SCENARIO = Path(__file__).parents[2] / "scenarios" / "iwo-jima-1945.yaml"
LANDINGS = {2: 6000, 5: 13_000}
DAYS = range(36)


@pytest.fixture(scope="module")
def curve() -> dict[str, np.ndarray]:
    """People fit on both sides by day, just after a landing, integrated from Engel's coefficients."""
    with (Path(__file__).parent / "iwo_jima.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {side: np.array([float(row[side]) for row in rows]) for side in ("us", "japan")}


@pytest.mark.parametrize("tick_hours", [1, 6, 12])
def test_expected_casualties_are_engels_curve(curve, tick_hours):
    scenario = sim.load(SCENARIO, "expected", {"clock.tick_hours": tick_hours})
    names = {side: [f"{side}.strength@day{day}" for day in DAYS] for side in curve}
    runs = sim.run(scenario, 1, outcomes=[*names["us"], *names["japan"]], results=None, progress=False).runs
    # A day is written down before the landings of its first hour.
    landed = np.array([LANDINGS.get(day, 0) for day in DAYS])
    assert runs[names["us"]].to_numpy()[0] + landed == pytest.approx(curve["us"], rel=1e-6)
    assert runs[names["japan"]].to_numpy()[0] == pytest.approx(curve["japan"], rel=1e-6)


def test_chance_scatters_round_engels_curve(curve):
    days = (1, 6, 14, 28)
    names = [f"{side}.strength@day{day}" for day in days for side in ("us", "japan")]
    runs = sim.run(SCENARIO, 200, outcomes=names, results=None, progress=False).runs
    for day in days:
        for side in ("us", "japan"):
            found = runs[f"{side}.strength@day{day}"]
            # In a tick hits fall on those who stood at its start: the tick makes hits fewer by half their share.
            of_the_step = 0.5 * 0.0544 / 24 * (54_000 + 19_000 - curve[side][day])
            assert abs(found.mean() - curve[side][day]) < 4 * found.std() / np.sqrt(200) + of_the_step
            assert found.std() > 0
