"""`sim validate`: everything that is wrong with scenario files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.messages import FAILED, clear_messages, show, warn

if TYPE_CHECKING:
    from sim.scenario.errors import Problem


def validate(
    scenarios: Annotated[
        list[Path], typer.Argument(metavar="SCENARIO...", help="Scenario files (YAML).", show_default=False)
    ],
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit code 1 if anything is possible but strange, and not `accepted`.")
    ] = False,
) -> None:
    """Check scenario files. All that is wrong, in any variant: file:line:column, what it is, what was meant."""
    with clear_messages():
        from sim.scenario.errors import ScenarioError
        from sim.study.check import checked, contents

        problems: list[Problem] = []
        strange = 0
        for path in scenarios:
            try:
                found = checked(path)
                warn(found.warnings)
                strange += len(found.warnings)
                show([f"{path}: ok ({contents(found.loaded)})"])
            except ScenarioError as error:
                problems += error.problems
        if problems:
            raise ScenarioError(problems)
        if strict and strange:
            raise typer.Exit(FAILED)
