"""The inputs with which the observations were made are not ruled out, in as many cases as promised."""

from __future__ import annotations

import json

import numpy as np
import pytest

from sim.engine.load import load
from sim.rules.rulebook import RULEBOOK
from sim.study.calibrate import CalibrationSpec
from sim.study.observations import estimates, observations_of
from sim.study.sweep import run_study
from sim.study.wide import WideSpace
from sim.world.deploy import deploy
from tests.study.truth import case, seen

REPLICATES = 16
TARGETS = {
    "deaths": {"outcome": "deaths.total@day8", "median_within": [0, 1e6]},
    "highlands": {"outcome": "highlands.strength@day8", "median_within": [0, 1e6]},
    "ottersby": {"outcome": "ottersby.fall_day", "share_within": [0, 2], "at_least": 0},
    "tarnmouth": {"outcome": "tarnmouth.fall_day", "probability_at_least": 0},
}
ERRORS = {"deaths": 2.0, "highlands": 100.0, "ottersby": 0.05, "tarnmouth": 0.05}
VARY = {
    "formations[side=highlands].strength *": None,
    "sides.lowlands.will": (0.2, 0.9),
    "formations.l_reserve.strength": (300, 2400),
}


def test_of_a_known_function_with_noise():
    def outputs(t):
        return [np.sin(4 * t[:, 0]) + t[:, 1] ** 2, t[:, 0] * t[:, 1] + np.exp(t[:, 2])]

    rng = np.random.default_rng(1)
    kept, left = 0, []
    for number in range(20):
        truth = rng.random(3)

        def simulate(_wave, t):
            drawn = [y[:, None] + 0.3 * rng.standard_normal((len(t), 16)) for y in outputs(t)]
            return [(one.mean(axis=1), float((one.var(axis=1, ddof=1) / 16).mean())) for one in drawn]

        observed = seen([float(y[0]) for y in outputs(truth[None, :])], [0.05, 0.05], [0.0, 0.0], rng)
        ok, found = case(truth, observed, simulate, 48, 2, number, 256)
        kept += ok
        left.append(found.left)
    # 95 % are promised; at 3 standard deviations of two normal errors 99.5 % are expected, and fewer than 18 of 20
    # then have a chance of 0.01 %.
    assert kept >= 18
    assert np.mean(left) < 0.15, "and most of the space was ruled out"


@pytest.mark.verify
def test_of_a_scenario(crossroads_file, tmp_path):
    kept, left = truths_kept(crossroads_file, tmp_path, 200)
    print(f"kept {kept} of 200; left {np.median(left):.3f} of the space (median)")
    assert kept >= 190
    assert np.median(left) < 0.3


def truths_kept(scenario, folder, cases):
    """In how many cases the truth was kept, and the shares of the space that were left."""
    targets = {name: {"title": name, **target} for name, target in TARGETS.items()}
    file = folder / "s.yaml"
    file.write_text(scenario.read_text("utf-8") + f"\ntargets: {json.dumps(targets)}\n", "utf-8")
    loaded = load(file)
    space = WideSpace(deploy(loaded, RULEBOOK), VARY)
    observations, _ = observations_of(loaded)

    def at(seed, replicates, places):
        spec = CalibrationSpec(loaded, space, observations, [], len(places), replicates, 1, seed, {})
        study = run_study(spec.study(0, places), 2, None, False)
        return estimates(observations, {one.name: study.values(one.name) for one in spec.outcomes})

    rng = np.random.default_rng(7)
    errors = [ERRORS[one.name] for one in observations]
    kept, left = 0, []
    for number in range(cases):
        truth = rng.random(len(space.names))
        true = at(10**6 + number, 1000, truth[None, :])
        observed = seen([float(value[0]) for value, _ in true], errors, [chance for _, chance in true], rng)

        def simulate(wave, places, number=number):
            return at(10 * number + wave, REPLICATES, places)

        ok, found = case(truth, observed, simulate, 64, 2, number, 256)
        kept += ok
        left.append(found.left)
    return kept, left
