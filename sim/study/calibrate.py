"""Calibration in one line: which inputs agree with the targets of a scenario, by history matching in waves."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.arguments import MOST_REPLICATES, MOST_SEED, texts, thread_count, whole_number
from sim.ensemble import store
from sim.ensemble.manifest import versions
from sim.ensemble.pools import Pool, pool_of
from sim.ensemble.spec import loaded_scenario
from sim.outcomes.catalogue import Outcome
from sim.rules.rulebook import RULEBOOK
from sim.scenario.file_paths import absolute, folder_name
from sim.scenario.read import LoadedScenario, change
from sim.statistics.emulator import FEWEST
from sim.statistics.particles import select
from sim.study.calibration import Calibration, calibration_of
from sim.study.design import wrong
from sim.study.history_matching import Estimates, match
from sim.study.learnt import DUMMIES
from sim.study.observations import Observation, estimates, observations_of
from sim.study.space import SAMPLE
from sim.study.sweep import StudySpec, run_study
from sim.study.targets import outcomes_of_targets
from sim.study.wide import WideSpace
from sim.world.deploy import deploy

Array = NDArray[np.float64]
WAVES, REPLICATES = 3, 32
MOST_WAVES = 20
LEAST_POINTS, MOST_POINTS = 64, 512
"""Points of a wave: about ten for each direction of the space, but no fewer and no more than these by default."""
MOST_OF_WAVE = 2048
CHECKED = 64
"""Points of what is left at which the targets are checked by simulation."""


class VariantSpec(NamedTuple):
    """A scenario as it is run at the points: as it is, or one of its variants."""

    loaded: LoadedScenario
    space: WideSpace
    outcomes: list[Outcome]


@dataclasses.dataclass(frozen=True)
class CalibrationSpec:
    """A calibration: all that determines its result."""

    loaded: LoadedScenario
    space: WideSpace
    observations: list[Observation]
    notes: list[str]
    points: int
    replicates: int
    waves: int
    seed: int
    variants: Mapping[str, VariantSpec]
    """Those that a target compares with."""

    @property
    def campaigns(self) -> int:
        """The most that are run."""
        return (self.waves * self.points + CHECKED) * self.replicates * (1 + len(self.variants))

    @property
    def outcomes(self) -> list[Outcome]:
        return list({one.outcome.name: one.outcome for one in self.observations}.values())

    @property
    def calibration_id(self) -> str:
        """The name of its folder."""
        what = ("calibration", self.space.names, list(self.space.inputs), self.points, self.waves, list(self.variants))
        ends = self.space.numbers(np.array([[0.0], [1.0]]) * np.ones(len(self.space.names)))
        return store.run_id(self.loaded, self.seed, self.replicates, self.outcomes, *what, ends.tolist())

    def study(self, number: int, places: Array, variant: str | None = None) -> StudySpec:
        """The campaigns of one wave, at points of the unit cube; each wave has random numbers of its own, and those of
        a variant are the same.
        """
        what = VariantSpec(self.loaded, self.space, self.outcomes) if variant is None else self.variants[variant]
        design, placed = what.space.points(places)
        return StudySpec(
            what.loaded, placed.deployment(0), what.outcomes, design.inputs, placed, design.base, SAMPLE,
            self.replicates, (self.seed + number) % (MOST_SEED + 1), True, design,
        )  # fmt: skip


def calibrate(
    scenario: LoadedScenario | str | Path,
    points: int | None = None,
    replicates: int = REPLICATES,
    waves: int = WAVES,
    vary: Mapping[str, Any] | Iterable[str] | None = None,
    each: bool | None = None,
    seed: int = 1,
    jobs: int | None = None,
    results: str | Path | None = "results",
    variant: str | None = None,
    set: Mapping[str, Any] | None = None,
    progress: bool | None = None,
    resume: bool = True,
    executor: Executor | str | None = None,
    variants: bool = True,
) -> Calibration:
    """Which inputs agree with the targets of a scenario and their stated errors: what is ruled out, what is learnt.

    All inputs that the scenario calls uncertain are varied over their whole ranges; or those that `vary` names, with a
    range (low, high) for any other path. More than 100 inputs are moved in groups, unless `each` is true. Each of the
    `waves` runs `points` points (about ten for each input or group, if nothing is said) with `replicates` campaigns
    each, and stops early when hardly anything is ruled out any more. For targets that compare with variants, these are
    run besides at all points; `variants=False` leaves out such targets. The folder has `posterior.parquet`, which
    `sim.run(..., posterior=...)` takes. ScenarioError or ValueError says what cannot be.
    """
    named = vary if isinstance(vary, Mapping) or vary is None else dict.fromkeys(texts("vary", vary))
    loaded = loaded_scenario(scenario, variant, set)
    spec = specify_calibration(loaded, points, replicates, waves, named, each, seed, variants)
    return run_calibration(spec, thread_count(jobs), results, progress, resume, pool_of(executor))


def specify_calibration(
    loaded: LoadedScenario,
    points: int | None,
    replicates: int,
    waves: int,
    vary: Mapping[str, Any] | None,
    each: bool | None,
    seed: int,
    variants: bool = True,
) -> CalibrationSpec:
    """The calibration that these arguments describe; ScenarioError or ValueError if there is none."""
    seed = whole_number("seed", seed, 0, MOST_SEED)
    replicates = whole_number("replicates", replicates, 1, MOST_REPLICATES)
    waves = whole_number("waves", waves, 1, MOST_WAVES)
    if replicates < 2:
        raise wrong(
            f"replicates {replicates}", "at least 2 campaigns at each point are needed: their differences tell chance"
        )
    observations, notes = observations_of(loaded, variants)
    space = WideSpace(deploy(loaded, RULEBOOK), vary, each)
    if points is None:
        points = 2 ** round(np.log2(np.clip(10 * len(space.names), LEAST_POINTS, MOST_POINTS)))
    points = whole_number("points", points, 1, MOST_REPLICATES)
    if points < 2 * FEWEST:
        raise wrong(f"points {points}", f"an emulator needs at least {2 * FEWEST} points")
    if points > MOST_OF_WAVE:
        message = (
            f"are more than {MOST_OF_WAVE:,}: the time of an emulator grows with their third power; take more waves"
        )
        raise wrong(f"points {points}", message)
    compared = dict.fromkeys(one.variant for one in observations if one.variant is not None)
    of_variants = {name: _variant(loaded, name, space, observations) for name in compared}
    for one in (space, *(variant.space for variant in of_variants.values())):
        one.points(np.array([[0.0], [1.0]]) * np.ones(len(space.names)))  # what cannot be is said before anything runs
    spec = CalibrationSpec(loaded, space, observations, notes, points, replicates, waves, seed, of_variants)
    if spec.campaigns > MOST_REPLICATES:
        raise wrong("points", f"{spec.campaigns:,} campaigns are more than {MOST_REPLICATES:,}")
    return spec


def _variant(loaded: LoadedScenario, name: str, space: WideSpace, observations: Sequence[Observation]) -> VariantSpec:
    """A variant that targets compare with, and the outcomes for which they do."""
    changed = change(loaded, RULEBOOK, name)
    outcomes = outcomes_of_targets(changed)
    chosen = {one.outcome.name: outcomes[one.target] for one in observations if one.variant == name}
    return VariantSpec(changed, space.of_variant(name, deploy(changed, RULEBOOK)), list(chosen.values()))


def run_calibration(
    spec: CalibrationSpec,
    jobs: int,
    results: str | Path | None,
    progress: bool | None = None,
    resume: bool = True,
    pool: Pool | None = None,
) -> Calibration:
    """Run the waves, check what is left by simulation, and file the posterior."""
    inputs = len(spec.space.names)

    def values(study: StudySpec) -> dict[str, Array]:
        done = run_study(study, jobs, results, progress, resume, pool)
        return {one.name: done.values(one.name) for one in study.outcomes}

    def simulate(number: int, places: Array) -> Estimates:
        at = places[:, :inputs]
        of_variants = {name: values(spec.study(number, at, name)) for name in spec.variants}
        return estimates(spec.observations, values(spec.study(number, at)), of_variants)

    found = match(spec.observations, simulate, inputs + DUMMIES, spec.points, spec.waves, spec.seed)
    check = None
    if len(found.sample):
        drawn = select(found.weights, CHECKED, np.random.default_rng(spec.seed))
        check = simulate(spec.waves, found.sample[drawn])
    calibration = calibration_of(
        spec.loaded.name, spec.seed, spec.replicates, spec.space, spec.observations, found, check, spec.notes
    )
    if results is None:
        return calibration
    folder = absolute(results) / folder_name(spec.loaded.name) / spec.calibration_id
    changed = {"variant": spec.loaded.variant, "set": json.loads(json.dumps(spec.loaded.overrides, default=str))}
    return calibration.save(folder, {"calibration_id": spec.calibration_id, **changed, "versions": versions()})
