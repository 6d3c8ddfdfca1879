"""Simulation-based checks of history matching: a truth is drawn, observed with error, and should not be ruled out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.statistics.one_thread import one_thread
from sim.study.history_matching import Estimates, Judge, Match, match

Array = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Seen:
    """A number that was observed, with the standard deviation of its error."""

    name: str
    low: float
    high: float
    sd: float


def seen(
    values: Sequence[float], errors: Sequence[float], chances: Sequence[float], rng: np.random.Generator
) -> list[Seen]:
    """What is observed of values that are known up to their chance (a variance): each with a normal error."""
    found = []
    for i, (value, sd, chance) in enumerate(zip(values, errors, chances, strict=True)):
        told = value + sd * rng.standard_normal()
        found.append(Seen(str(i), told, told, float(np.hypot(sd, np.sqrt(chance)))))
    return found


def case(
    truth: Array,
    observed: Sequence[Seen],
    simulate: Callable[[int, Array], Estimates],
    points: int,
    waves: int,
    seed: int,
    particles: int = 512,
) -> tuple[bool, Match]:
    """Whether the truth [input] is kept by all waves, and what was found."""
    found = match(observed, simulate, len(truth), points, waves, seed, particles)
    judge = Judge(observed)
    judge.waves = [wave.emulators for wave in found.waves]
    with one_thread():
        return bool(judge.keeps(truth[None, :])[0]), found
