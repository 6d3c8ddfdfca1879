"""History matching in waves: which inputs are implausible, given what was observed.

A wave runs the simulator at points of the space that is left, fits an emulator for each observation, and rules out the
points at which an emulator, with all errors, lies too far from what was observed. The space that is left is known by a
sample of it (particles), which is moved at random after each wave.
"""

from __future__ import annotations

import dataclasses
import math
import warnings
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sim.statistics.emulator import FEWEST, Emulator, fit
from sim.statistics.implausibility import cutoff, implausibility, log_likelihood
from sim.statistics.intervals import NORMAL_95
from sim.statistics.one_thread import one_thread
from sim.statistics.particles import STEPS, moved, select, weighted

Array = NDArray[np.float64]
Estimates = Sequence[tuple[Array, float]]
"""For each observation its statistic at each point (NaN: undefined), and the variance of its chance."""
PARTICLES, SURVEYED = 1024, 4096
MOST_FITTED = 512
"""Points that an emulator is fitted to, the latest first: the time of a fit grows with their third power."""
FEW_LEFT, MANY_STEPS = 50, 40
"""If fewer particles are left after a wave, those that are copied from them take so many steps."""
FAR_INSIDE = 4.0
"""Standard deviations from both ends of its range at which an observation is sure to be met."""
LITTLE = 0.02
"""A wave that rules out less than this share of what was left is the last one."""


class Observed(Protocol):
    """A statistic that should lie from `low` to `high`, up to an error with the standard deviation `sd`."""

    @property
    def name(self) -> str: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...
    @property
    def sd(self) -> float: ...


@dataclasses.dataclass(frozen=True)
class Wave:
    """One wave: its points [point, input], and for each observation its emulator, or None if it was not defined.

    `kept`: the share of the space left before that is left after it. `alone`: for each observation the share that it
    alone would rule out. `predicted`: the share of this wave's results that lay within the 95 % intervals of the wave
    before, which had not seen them; NaN for the first wave.
    """

    points: Array
    estimates: Estimates
    emulators: tuple[Emulator | None, ...]
    kept: float
    alone: Array
    predicted: float


@dataclasses.dataclass(frozen=True)
class Match:
    """What is left after all waves.

    `sample` [draw, input] and `weights` (summing to 1): the inputs given the observations, none if nothing is left.
    `survey` and `surveyed`: a uniform sample of the whole space, and which of it is left. `left`: the share of the
    space that is left.
    """

    waves: tuple[Wave, ...]
    left: float
    sample: Array
    weights: Array
    survey: Array
    surveyed: NDArray[np.bool_]
    nearest: Array
    """For each observation the least implausibility that was found at any of the points that were left before the last
    wave."""
    cutoff: float


class Judge:
    """Holds points against the observations, wave by wave."""

    def __init__(self, observed: Sequence[Observed]) -> None:
        self.observed = observed
        self.cutoff = cutoff(len(observed))
        self.waves: list[tuple[Emulator | None, ...]] = []

    def each(self, points: Array, emulators: Sequence[Emulator | None]) -> Array:
        """[point, observation]: the implausibility by the emulators of one wave."""
        found = np.zeros((len(points), len(self.observed)))
        for column, (one, emulator) in enumerate(zip(self.observed, emulators, strict=True)):
            if emulator is not None:
                mean = emulator.mean(points)
                outside = (mean < one.low) | (mean > one.high)  # elsewhere nothing is implausible, whatever the errors
                variance = emulator.variance(points[outside]) + one.sd**2
                found[outside, column] = implausibility(mean[outside], variance, one.low, one.high)
        return found

    def keeps(self, points: Array) -> NDArray[np.bool_]:
        """Which points no wave has ruled out."""
        left = np.ones(len(points), dtype=bool)
        for emulators in self.waves:
            left[left] = self.each(points[left], emulators).max(axis=1, initial=0.0) <= self.cutoff
        return left

    def log_likelihood(self, points: Array) -> Array:
        """The logarithm of the likelihood of all observations, by the last wave."""
        total = np.zeros(len(points))
        for one, emulator in zip(self.observed, self.waves[-1], strict=True):
            if emulator is not None:
                mean = emulator.mean(points)
                far = FAR_INSIDE * np.sqrt(emulator.most_variance(points) + one.sd**2)
                near = (mean - far < one.low) | (mean + far > one.high)  # elsewhere the likelihood is 1
                variance = emulator.variance(points[near]) + one.sd**2
                total[near] += log_likelihood(mean[near], variance, one.low, one.high)
        return total


def match(
    observed: Sequence[Observed],
    simulate: Callable[[int, Array], Estimates],
    inputs: int,
    points: int,
    waves: int,
    seed: int,
    particles: int = PARTICLES,
) -> Match:
    """Rule out what disagrees with the observations.

    simulate: runs wave i at points [point, input] of the unit cube. `points`: those of each wave.
    """
    with one_thread():
        return _match(observed, simulate, inputs, points, waves, seed, particles)


def _match(
    observed: Sequence[Observed],
    simulate: Callable[[int, Array], Estimates],
    inputs: int,
    points: int,
    waves: int,
    seed: int,
    particles: int,
) -> Match:
    judge = Judge(observed)
    rng = np.random.default_rng(seed)
    cloud, survey = _even(inputs, particles, rng), _even(inputs, SURVEYED, rng)
    done: list[Wave] = []
    left = 1.0
    nearest = np.zeros(len(observed))
    for number in range(waves):
        fresh = _even(inputs, points, rng) if number == 0 else rng.permutation(cloud)[:points]
        found = simulate(number, fresh)
        predicted = _predicted(done[-1].emulators, fresh, found) if done else math.nan
        emulators = _fitted(judge, [*done, Wave(fresh, found, (), 1.0, np.empty(0), math.nan)])
        each = judge.each(cloud, emulators)
        keeps = each.max(axis=1, initial=0.0) <= judge.cutoff
        kept = float(keeps.mean())
        nearest = each.min(axis=0)
        judge.waves.append(emulators)
        done.append(Wave(fresh, found, emulators, kept, (each > judge.cutoff).mean(axis=0), predicted))
        left *= kept
        if kept == 0.0:
            empty = np.zeros(len(survey), dtype=bool)
            return Match(tuple(done), 0.0, np.empty((0, inputs)), np.empty(0), survey, empty, nearest, judge.cutoff)
        if kept < 1.0:
            chosen = cloud[keeps][select(np.ones(int(keeps.sum())), particles, rng)]
            # Few that are left lie close together by chance; the space that is left is wider than they are.
            least = 0.1 * kept ** (1.0 / inputs) if keeps.sum() < FEW_LEFT else 1e-5
            steps = MANY_STEPS if keeps.sum() < FEW_LEFT else STEPS
            cloud, _ = moved(chosen, lambda at: np.where(judge.keeps(at), 0.0, -np.inf), rng, steps, least)
        if number > 0 and 1.0 - kept < LITTLE:
            break
    sample, weights = weighted(cloud, judge.keeps, judge.log_likelihood, seed)
    return Match(tuple(done), left, sample, weights, survey, judge.keeps(survey), nearest, judge.cutoff)


def _even(inputs: int, count: int, rng: np.random.Generator) -> Array:
    """Points spread evenly over the unit cube: a scrambled Sobol sequence."""
    from scipy.stats import qmc

    with warnings.catch_warnings():
        # A number of points that is no power of 2 is not as even as it could be, and may be wanted all the same.
        warnings.simplefilter("ignore", UserWarning)
        return np.asarray(qmc.Sobol(inputs, rng=rng).random(count))


def _fitted(judge: Judge, waves: Sequence[Wave]) -> tuple[Emulator | None, ...]:
    """An emulator for each observation, fitted to the points of all waves that are left, the latest first."""
    points = np.concatenate([wave.points for wave in reversed(waves)])
    left = np.flatnonzero(judge.keeps(points))[: max(MOST_FITTED, len(waves[-1].points))]
    emulators: list[Emulator | None] = []
    for column in range(len(judge.observed)):
        output = np.concatenate([wave.estimates[column][0] for wave in reversed(waves)])[left]
        known = np.isfinite(output)
        if known.sum() < FEWEST:
            emulators.append(None)
            continue
        noise = [wave.estimates[column][1] for wave in waves if math.isfinite(wave.estimates[column][1])]
        emulators.append(fit(points[left][known], output[known], float(np.mean(noise))))
    return tuple(emulators)


def _predicted(emulators: Sequence[Emulator | None], points: Array, found: Estimates) -> float:
    """The share of new results that lie in the 95 % intervals of emulators that have not seen them."""
    inside: list[NDArray[np.bool_]] = []
    for emulator, (output, noise) in zip(emulators, found, strict=True):
        known = np.isfinite(output)
        if emulator is None or not known.any():
            continue
        mean, variance = emulator.predict(points[known])
        inside.append(np.abs(output[known] - mean) <= NORMAL_95 * np.sqrt(variance + noise))
    return float(np.concatenate(inside).mean()) if inside else math.nan
