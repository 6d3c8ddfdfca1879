"""Levels of pay and legitimacy reach Hama, and Russia flies as often as was thought likely."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import sim
from sim.engine.entry import start, step
from sim.engine.load import load
from sim.rules.rulebook import RULEBOOK
from sim.world.deploy import deploy

SCENARIO = Path(__file__).parents[2] / "scenarios" / "hama-2024.yaml"


def hama_by_day10(**values: float) -> np.ndarray:
    known = {path.replace("__", "."): value for path, value in values.items()}
    runs = sim.run(SCENARIO, 3000, 1, results=None, figures=False, progress=False, set=known).runs
    return runs["hama_by_day10"].to_numpy(float)


def test_better_pay_and_a_rule_that_is_accepted_hold_hama_longer() -> None:
    """SF40, SF41, SF45: want and poor pay had worn down support. Paired, under the same seed."""
    base = hama_by_day10()
    for values in ({"sides__regime__pay": 0.5}, {"sides__regime__legitimacy": 0.75}):
        change = hama_by_day10(**values) - base
        assert change.mean() < -2 * change.std() / np.sqrt(len(change)), values


def test_russia_flies_8_to_60_sorties_a_day() -> None:
    """RR12, in the mean of each campaign's first eight days, in most campaigns."""
    deployment = deploy(load(SCENARIO), RULEBOOK)
    wings = [row for name, row in deployment.names.wings.items() if name.startswith("a_ru_")]
    flown = []
    for replicate in range(40):
        cells, world = deployment.new_world()
        start(world, deployment.atlas, cells, 1, replicate)
        for _ in range(32):
            step(world, deployment.atlas, cells, cells.view(np.int64))
        flown.append(world.wings["flown"][wings].sum() / 8)
    print(np.quantile(flown, [0.05, 0.5, 0.95]))
    assert np.mean((np.array(flown) >= 8) & (np.array(flown) <= 60)) >= 0.8
