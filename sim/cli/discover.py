"""`sim discover`: in which futures something happens, as a box of the uncertain inputs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.console import wrapped
from sim.cli.cost import cost, ends_with_cost
from sim.cli.messages import WRONG_INPUT, clear_messages, results_errors, say, show, show_json
from sim.cli.options import (
    AsJson,
    DryRun,
    Folder,
    Jobs,
    Outcomes,
    Quiet,
    Resume,
    ScenarioFile,
    Seed,
    Settings,
    Variant,
    Yes,
    campaigns_of,
)

if TYPE_CHECKING:
    from sim.ensemble.discovery import Discovery

REPLICATES = 4000


def discover(
    scenario: ScenarioFile,
    condition: Annotated[
        str,
        typer.Argument(metavar="CONDITION", help='What is met or not: "PLACE.fall_day > 10".', show_default=False),
    ],
    replicates: Annotated[int | None, campaigns_of("Campaigns to run.", "4000")] = None,
    seed: Seed = 1,
    jobs: Jobs = None,
    settings: Settings = None,
    variant: Variant = None,
    outcomes: Outcomes = None,
    folder: Folder = Path("results"),
    as_json: AsJson = False,
    quiet: Quiet = False,
    dry_run: DryRun = False,
    resume: Resume = True,
    yes: Yes = False,
) -> None:
    """In which futures a condition is met: the limits of the uncertain inputs within which it is most frequent."""
    with clear_messages(), results_errors():
        from sim.ensemble.cost import cost_of
        from sim.ensemble.discovery import require_possible
        from sim.ensemble.run import run
        from sim.ensemble.spec import loaded_scenario
        from sim.outcomes.conditions import ConditionError, parse_condition
        from sim.rules.rulebook import RULEBOOK
        from sim.scenario.settings import parse_settings
        from sim.world.deploy import deploy

        try:
            named = parse_condition(condition).operands
        except ConditionError as error:
            say(f"CONDITION: {error}")
            raise typer.Exit(WRONG_INPUT) from None
        loaded = loaded_scenario(scenario, variant, parse_settings(settings or ()))
        asked = [*(outcomes or ()), *named]
        count = REPLICATES if replicates is None else replicates
        require_possible(deploy(loaded, RULEBOOK), count)
        if ends_with_cost(count, lambda: cost(cost_of(loaded, count, jobs, asked)), dry_run, yes):
            return
        results = run(
            loaded,
            count,
            seed,
            jobs,
            outcomes=asked,
            results=folder,
            progress=False if quiet else None,
            resume=resume,
            figures=False,
        )
        try:
            found = results.discover(condition)
        except ValueError as error:
            say(f"no answer: {error}")
            raise typer.Exit(WRONG_INPUT) from None
        if as_json:
            show_json(found.to_json() | {"results_dir": str(results.path), "seed": seed})
        else:
            show(_answer(found, results.scenario.title, results.path))


def _answer(found: Discovery, title: str, path: Path | None) -> Iterator[str]:
    """The box, in words and as a table."""
    yield " ".join(title.split())
    yield ""
    for line in found.in_words():
        yield from wrapped(line, "  ")
    if not found.box.empty:
        yield ""
        yield f"{'Limits of the box':<46}{'from':>10}{'to':>10}{'p':>10}"
        for name, row in found.box.iterrows():
            shown = str(name) if len(str(name)) < 46 else f"{str(name)[:42]}..."
            low, high = ("" if abs(row[end]) == float("inf") else f"{row[end]:.4g}" for end in ("low", "high"))
            yield f"{shown:<46}{low:>10}{high:>10}{row['p']:>10.2g}"
    yield ""
    yield f"Results: {path}"
