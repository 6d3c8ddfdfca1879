"""Comparing what-ifs with the scenario as it is: the runs, and what is made of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, overload

import pandas as pd

from sim.engine.arguments import MOST_REPLICATES, real_number, texts, whole_number
from sim.ensemble.progress import progress_bar
from sim.ensemble.run import run
from sim.ensemble.spec import REPLICATES, loaded_scenario
from sim.outcomes.catalogue import outcomes_asked
from sim.rules.rulebook import RULEBOOK
from sim.scenario.errors import Mark, Problem, ScenarioError
from sim.scenario.read import LoadedScenario, change
from sim.study.comparison import Comparison
from sim.study.design import wrong
from sim.study.pairs import Ensemble, paired_table

Source = LoadedScenario | str | Path


@overload
def compare(
    a: Source,
    *,
    variants: Iterable[str] | None = None,
    replicates: int | None = None,
    seed: int = 1,
    jobs: int | None = None,
    outcomes: Iterable[str] = (),
    results: str | Path | None = "results",
    set: Mapping[str, Any] | None = None,
    progress: bool | None = None,
    level: float = 0.95,
) -> Comparison: ...
@overload
def compare(a: Ensemble, b: Ensemble, level: float = 0.95) -> pd.DataFrame: ...
def compare(
    a: Source | Ensemble,
    b: Ensemble | None = None,
    level: float = 0.95,
    *,
    variants: Iterable[str] | None = None,
    replicates: int | None = None,
    seed: int = 1,
    jobs: int | None = None,
    outcomes: Iterable[str] = (),
    results: str | Path | None = "results",
    set: Mapping[str, Any] | None = None,
    progress: bool | None = None,
) -> Comparison | pd.DataFrame:
    """What changes make, under the same random numbers: `compare(scenario, variants=[...])` or `compare(run, run)`.

    With a scenario: it and each of its `variants` (all of them if nothing is said) are run as by `sim.run`, with the
    same seed, and a `Comparison` is returned. `outcomes`: compare these only, instead of those that the scenario lists;
    the fewer, the narrower the intervals. With the results of two runs of the same seed: a table of the differences
    b - a. ScenarioError or ValueError says what cannot be compared.
    """
    level = real_number("level", level)
    if not 0.0 < level < 1.0:
        raise ValueError(f"level should lie between 0 and 1, like 0.95, but is {level:g}")
    if not isinstance(a, LoadedScenario | str | Path):
        if b is None:
            raise ValueError("two ensembles are compared: compare(results, other_results)")
        return paired_table(a, b, level)
    if b is not None:
        raise ValueError("compare takes a scenario with variants, or the results of two runs")
    loaded, changed = variants_of(a, variants, set)
    return compare_loaded(loaded, changed, replicates, seed, jobs, outcomes, results, progress, level)


def compare_loaded(
    loaded: LoadedScenario,
    changed: Mapping[str, LoadedScenario],
    replicates: int | None,
    seed: int,
    jobs: int | None,
    outcomes: Iterable[str],
    results: str | Path | None,
    progress: bool | None,
    level: float = 0.95,
) -> Comparison:
    """A comparison of the scenario with its variants, as `variants_of` gives them."""
    count = whole_number("replicates", REPLICATES if replicates is None else replicates, 1, MOST_REPLICATES)
    if count < 2:
        raise wrong(f"replicates {count}", "at least 2 campaigns of each are needed: their differences tell chance")
    asked = texts("outcomes", outcomes)
    listed = len(loaded.scenario.outcomes)
    marked = [(name, Mark(f"outcome {name}"), "") for name in asked]
    only = [outcome.name for outcome in outcomes_asked(loaded, marked)[listed:]] or None
    runs = {}
    with progress_bar(count * (1 + len(changed)), 0, progress) as bar:
        for name, scenario in {"": loaded, **changed}.items():
            runs[name] = run(
                scenario, count, seed, jobs, outcomes=asked, results=results, progress=False, figures=False
            )
            bar.update(count)
    return Comparison(runs.pop(""), runs, level, only)


def variants_of(
    scenario: Source, variants: Iterable[str] | None = None, set: Mapping[str, Any] | None = None
) -> tuple[LoadedScenario, dict[str, LoadedScenario]]:
    """The scenario as it is, and with each of its variants; ScenarioError if there is none, or one is unknown."""
    loaded = loaded_scenario(scenario, None, set)
    names = list(dict.fromkeys(loaded.scenario.variants if variants is None else texts("variants", variants)))
    if not names:
        message = "the scenario has no variants to compare; name some under `variants:`"
        raise ScenarioError([Problem(f"{loaded.name}.yaml", 0, 0, "variants", message)])
    changed = {name: change(loaded, RULEBOOK, name) for name in names}
    days = loaded.scenario.clock.days
    for name, other in changed.items():
        if other.scenario.clock.days != days:
            message = (
                f"ends on day {other.scenario.clock.days:g}, the scenario on day {days:g}: they cannot be compared"
            )
            raise ScenarioError([Problem(f"variant {name}", 0, 0, "", message)])
    return loaded, changed
