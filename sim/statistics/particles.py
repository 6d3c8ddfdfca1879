"""Samples of a part of the unit cube, moved at random until they forget where they began (sequential Monte Carlo)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
STEPS = 8
"""Random moves after each selection."""
LEAST_WORTH = 0.5
"""A sample whose weights leave less than this share of its worth is selected anew, and moved."""


def worth(weights: Array) -> float:
    """How many independent, equally weighted draws tell a mean as well (Kish 1965)."""
    total = float(weights.sum())
    return total**2 / float((weights**2).sum()) if total > 0.0 else 0.0


def select(weights: Array, count: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Numbers of `count` particles, each as often as its weight says, rounded up or down (systematic resampling)."""
    steps = (rng.random() + np.arange(count)) / count
    return np.minimum(np.searchsorted(np.cumsum(weights / weights.sum()), steps), len(weights) - 1)


def moved(
    particles: Array,
    log_density: Callable[[Array], Array],
    rng: np.random.Generator,
    steps: int = STEPS,
    least: float = 1e-5,
) -> tuple[Array, Array]:
    """The particles after Metropolis steps that leave their density as it is, and the density there.

    log_density: of points [point, input] in the unit cube; minus infinity where no point may be. `least`: standard
    deviation of a step in each direction, at least, at the beginning.
    """
    inputs = particles.shape[1]
    spread = np.cov(particles, rowvar=False).reshape(inputs, inputs) + least**2 * np.eye(inputs)
    root = np.linalg.cholesky(spread)
    now, density = particles.copy(), log_density(particles)
    scale = 2.38 / np.sqrt(inputs)
    for _ in range(steps):
        # Reflection at the faces keeps the step symmetric.
        step = np.abs(now + scale * rng.standard_normal(now.shape) @ root.T) % 2.0
        step = np.where(step > 1.0, 2.0 - step, step)
        there = log_density(step)
        taken = np.log(rng.random(len(now))) < there - density
        now[taken], density[taken] = step[taken], there[taken]
        share = float(taken.mean())
        scale *= 1.4 if share > 0.35 else 0.7 if share < 0.15 else 1.0
    return now, density


def weighted(
    particles: Array, inside: Callable[[Array], NDArray[np.bool_]], log_weight: Callable[[Array], Array], seed: int
) -> tuple[Array, Array]:
    """Particles and weights (summing to 1) of a density: `log_weight` where `inside` holds, 0 elsewhere.

    particles: uniform where `inside` holds. The weight is raised in steps, so that the sample keeps half its worth in
    each; in between it is selected and moved.
    """
    rng = np.random.default_rng(seed)
    reached, logs = 0.0, log_weight(particles)
    while True:
        step = _step(logs, 1.0 - reached)
        weights = np.exp(step * (logs - logs.max()))
        reached += step
        if reached >= 1.0:
            return particles, weights / weights.sum()
        chosen = particles[select(weights, len(particles), rng)]
        level = reached

        def density(points: Array, level: float = level) -> Array:
            return np.where(inside(points), level * log_weight(points), -np.inf)

        particles, _ = moved(chosen, density, rng)
        logs = log_weight(particles)


def _step(logs: Array, most: float) -> float:
    """How much of the weight can be taken without losing more than half of the sample's worth."""
    least = LEAST_WORTH * len(logs)

    def left(step: float) -> float:
        return worth(np.exp(step * (logs - logs.max())))

    if left(most) >= least:
        return most
    low, high = 0.0, most
    for _ in range(40):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if left(middle) >= least else (low, middle)
    return max(low, 1e-3 * most)
