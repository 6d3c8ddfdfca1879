"""Sensitivity analysis in one line: a design over the uncertain inputs, its campaigns, and the indices.

Each point has random numbers of its own, so that the noise of different points is independent. That is what makes the
corrections of the indices for noise unbiased; sweeps, which compare points, share random numbers instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sim.engine.arguments import MOST_POINTS, MOST_REPLICATES, MOST_SEED, texts, thread_count, whole_number
from sim.ensemble.pools import pool_of
from sim.ensemble.spec import loaded_scenario
from sim.outcomes.catalogue import outcomes_asked, outcomes_of
from sim.rules.rulebook import RULEBOOK
from sim.scenario.names import nearest
from sim.scenario.read import LoadedScenario
from sim.scenario.settings import split_setting
from sim.scenario.yaml_reader import Mark
from sim.statistics.pawn import LEAST_VALUES
from sim.statistics.regression import least_values
from sim.statistics.sobol_indices import LEAST_ROWS
from sim.study.design import wrong
from sim.study.indices import METHODS, MORRIS, PAWN, REGRESSION, SOBOL, Sensitivity
from sim.study.space import RADIAL, SALTELLI, SAMPLE, SpaceDesign, make_space
from sim.study.sweep import StudySpec, run_study
from sim.world.deploy import deploy


class Plan(NamedTuple):
    """What a method runs: its design, how many rows and replicates it takes by default, and the fewest replicates."""

    design: str
    points: int
    replicates: int
    fewest: int


PLANS = {
    SOBOL: Plan(SALTELLI, 256, 2, 2),
    MORRIS: Plan(RADIAL, 64, 8, 2),
    PAWN: Plan(SAMPLE, 4096, 1, 1),
    REGRESSION: Plan(SAMPLE, 2048, 2, 1),
}


def sensitivity(
    scenario: LoadedScenario | str | Path,
    outcome: str,
    method: str = SOBOL,
    points: int | None = None,
    replicates: int | None = None,
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
) -> Sensitivity:
    """Which inputs an outcome depends on, by `sobol` indices, `morris` effects, `pawn` indices or `regression`.

    All inputs that the scenario calls uncertain are varied, each along its own distribution; or those that `vary`
    names, with a range (low, high) for any other path. What is uncertain and not varied counts as chance. More than
    100 inputs are varied in groups, unless `each` is true. `points`: rows of the design. A row has one point for each
    input or group and two more (sobol, 256 rows by default), or one more (morris, 64), or is one point of a sample
    (pawn, 4,096; regression, 2,048). `replicates`: campaigns at each point; sobol and morris need at least 2.
    Everything else as in `sim.sweep`. The campaigns are kept: `sensitivity.study`. ScenarioError or ValueError says
    what cannot be.
    """
    named = vary if isinstance(vary, Mapping) or vary is None else dict.fromkeys(texts("vary", vary))
    loaded = loaded_scenario(scenario, variant, set)
    spec = specify_sensitivity(loaded, [outcome], method, points, replicates, named, each, seed)
    study = run_study(spec, thread_count(jobs), results, progress, resume, pool_of(executor))
    return study.sensitivity(name_of(loaded, outcome), method)


def name_of(loaded: LoadedScenario, outcome: str) -> str:
    """The name under which a study reports an outcome that was asked for, which may be a formula."""
    return outcomes_asked(loaded, [(outcome, Mark("--outcome"), "")])[-1].name


def specify_sensitivity(
    loaded: LoadedScenario,
    outcomes: Iterable[str],
    method: str,
    points: int | None,
    replicates: int | None,
    vary: Mapping[str, Any] | None,
    each: bool | None,
    seed: int,
) -> StudySpec:
    """The study that a method needs; ScenarioError or ValueError if there is none."""
    if method not in METHODS:
        raise wrong(f"method {method}", f"should be {', '.join(METHODS)}", nearest(method, METHODS))
    plan = PLANS[method]
    seed = whole_number("seed", seed, 0, MOST_SEED)
    points = whole_number("points", plan.points if points is None else points, 1, MOST_POINTS)
    replicates = whole_number("replicates", replicates or plan.replicates, 1, MOST_REPLICATES)
    if replicates < plan.fewest:
        raise wrong(
            f"replicates {replicates}",
            f"the method {method} needs at least {plan.fewest} campaigns at each point: their differences tell chance"
            " from the inputs",
        )
    chosen = outcomes_of(loaded, texts("outcomes", outcomes))
    deployment = deploy(loaded, RULEBOOK)
    design, placed = make_space(deployment, plan.design, points, seed, vary, each)
    _require_enough(method, points, replicates, design)
    if len(placed) * replicates > MOST_REPLICATES:
        raise wrong("points", f"{len(placed):,} points x {replicates:,} campaigns are more than {MOST_REPLICATES:,}")
    numbers = np.concatenate([design.base, design.moved])
    return StudySpec(
        loaded,
        placed.deployment(0),
        chosen,
        design.inputs,
        placed,
        numbers,
        plan.design,
        replicates,
        seed,
        True,
        design,
    )


def _require_enough(method: str, points: int, replicates: int, design: SpaceDesign) -> None:
    """ScenarioError if a method could say nothing with so few points, whatever the campaigns come to."""
    inputs = int((np.ptp(design.base, axis=0) > 0).sum())
    what, least = {
        SOBOL: ("rows of points", LEAST_ROWS),
        MORRIS: ("rows of points", LEAST_ROWS),
        PAWN: (f"points with {replicates:,} campaigns each", -(-LEAST_VALUES // replicates)),
        REGRESSION: (f"points for {inputs:,} inputs", least_values(inputs)),
    }[method]
    if points < least:
        raise wrong(f"points {points}", f"the method {method} needs at least {least:,} {what}")


def read_vary_inputs(said: Iterable[str]) -> dict[str, tuple[float, float] | None]:
    """Reads `path=low:high`, and the name of an uncertain input alone."""
    vary: dict[str, tuple[float, float] | None] = {}
    for text in said:
        path, numbers = split_setting(text) or (text.strip(), None)
        if path in vary:
            raise wrong(f"vary {text}", f"{path} is varied twice")
        if numbers is None:
            vary[path] = None
            continue
        try:
            low, high = (float(part) for part in numbers.split(":"))
        except ValueError:
            raise wrong(f"vary {text}", f"'{numbers}' is not a range low:high") from None
        vary[path] = (low, high)
    return vary
