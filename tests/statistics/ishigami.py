"""The function of Ishigami and Homma (1990), whose Sobol indices are known, on inputs that are uniform on 0-1."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

Array = NDArray[np.float64]
A, B = 7.0, 0.1
FIRST_PART = 0.5 * (1 + B * math.pi**4 / 5) ** 2
SECOND_PART = A**2 / 8
TOGETHER = B**2 * math.pi**8 * (1 / 18 - 1 / 50)
VARIANCE = FIRST_PART + SECOND_PART + TOGETHER
FIRST = np.array([FIRST_PART, SECOND_PART, 0.0]) / VARIANCE
TOTAL = np.array([FIRST_PART + TOGETHER, SECOND_PART, TOGETHER]) / VARIANCE


def ishigami(shares: Array) -> Array:
    """The function at points whose last axis has the three inputs."""
    x = math.pi * (2 * shares - 1)
    value: Array = np.sin(x[..., 0]) * (1 + B * x[..., 2] ** 4) + A * np.sin(x[..., 1]) ** 2
    return value


def saltelli_values(rows: int, replicates: int, noise: float, seed: int) -> Array:
    """[row, point, replicate]: values at a Saltelli design, with normal noise of so many times the signal's size."""
    rng = np.random.default_rng(seed)
    both = qmc.Sobol(6, rng=rng).random(rows)
    points = np.repeat(both[:, None, :3], 5, axis=1)
    for i in range(3):
        points[:, 1 + i, i] = both[:, 3 + i]
    points[:, 4] = both[:, 3:]
    chance = rng.standard_normal((rows, 5, replicates))
    return np.asarray(ishigami(points)[..., None] + noise * math.sqrt(VARIANCE) * chance)
