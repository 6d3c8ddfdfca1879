"""PRIM: a box that is there is found with its limits; none is found in noise; what is reported is counted elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from sim.statistics.prim import find_box, inside

RNG = np.random.default_rng(7)
INPUTS = RNG.random((4000, 8))
TRUE = (INPUTS[:, 2] > 0.6) & (INPUTS[:, 5] < 0.4)


def test_a_box_is_found_with_its_limits():
    cases = (RNG.random(4000) < np.where(TRUE, 0.85, 0.05)).astype(float)
    box = find_box(INPUTS, cases, np.ones(4000))
    assert box.limited == [2, 5]
    assert box.low[2] == pytest.approx(0.6, abs=0.03) and np.isinf(box.high[2])
    assert box.high[5] == pytest.approx(0.4, abs=0.03) and np.isinf(box.low[5])
    assert box.density == pytest.approx(0.85, abs=0.06)
    assert box.coverage == pytest.approx(0.16 * 0.85 / (0.16 * 0.85 + 0.84 * 0.05), abs=0.06)
    assert box.mass == pytest.approx(0.16, abs=0.03)
    assert (box.p[[2, 5]] < 1e-9).all() and np.isnan(np.delete(box.p, [2, 5])).all()


def test_without_noise_it_is_the_true_box():
    box = find_box(INPUTS, TRUE.astype(float), np.ones(4000))
    assert box.density > 0.97 and box.coverage > 0.95
    assert (inside(INPUTS, box.low, box.high) & ~TRUE).mean() < 0.01


def test_noise_is_not_taken_for_a_box():
    """Half of the points are searched; in the other half the box must be no denser than all of them."""
    densities, bases = [], []
    for seed in range(15):
        rng = np.random.default_rng(seed)
        box = find_box(rng.random((600, 6)), (rng.random(600) < 0.3).astype(float), np.ones(600), seed)
        densities.append(box.density)
        bases.append(box.base)
    assert np.mean(densities) == pytest.approx(np.mean(bases), abs=0.03)


def test_inputs_with_few_levels():
    levels = np.stack(np.meshgrid(np.arange(16.0), np.arange(16.0)), axis=-1).reshape(-1, 2)
    cases = np.where((levels >= 8).all(axis=1), 90.0, 10.0)
    box = find_box(levels, cases, np.full(256, 100.0), seed=2)
    assert box.low.tolist() == [8, 8] and np.isinf(box.high).all()
    assert (box.density, box.cases / 90) == (0.9, box.inside / 100)


def test_the_same_seed_gives_the_same_box():
    cases = TRUE.astype(float)
    one, other = (find_box(INPUTS, cases, np.ones(4000), seed=3) for _ in range(2))
    assert np.array_equal(one.low, other.low) and one.density == other.density
