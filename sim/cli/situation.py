"""`sim map`: the situation of a scenario before anything is run, as a picture and as a page."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.messages import clear_messages, results_errors, say, show, show_json, warn
from sim.cli.options import PAGES, PICTURES, AsJson, Quiet, ScenarioFile, Settings, Variant, file_of

if TYPE_CHECKING:
    from sim.scenario.read import LoadedScenario

POLL = 0.5
"""Seconds between two looks at the files."""


def situation(
    scenario: ScenarioFile,
    settings: Settings = None,
    variant: Variant = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            parser=file_of(*PICTURES, *PAGES),
            metavar="FILE",
            help="A picture (.png, .svg, .pdf) or a page (.html), not both.",
            show_default="NAME-map.png and .html, here",
        ),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Draw again whenever a file of the scenario changes, until Ctrl-C.")
    ] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Show who holds what and who stands where before anything is run, and what in the scenario is strange."""
    with clear_messages(), results_errors():
        from sim.engine.load import load
        from sim.plots.situation import situation as picture
        from sim.plots.theme import save
        from sim.rules.rulebook import RULEBOOK
        from sim.scenario.errors import ScenarioError
        from sim.scenario.settings import parse_settings
        from sim.web.replay.situation import situation_page
        from sim.web.shared.single_page import write_page
        from sim.world.deploy import deploy

        def draw() -> LoadedScenario:
            loaded = load(scenario, variant=variant, set=parse_settings(settings or ()))
            files = [output] if output else [Path(f"{loaded.name}-map{ending}") for ending in (".png", ".html")]
            written = [
                write_page(file, situation_page(loaded))
                if file.suffix.lower() in PAGES
                else save(picture(loaded.scenario), file)
                for file in files
            ]
            if as_json:
                show_json({"files": [str(path) for path in written]})
            else:
                show(map(str, written))
            if not quiet:
                warn(deploy(loaded, RULEBOOK).warnings, most=20)
            return loaded

        files = draw().files
        seen = _changed_on(files)
        while watch:
            time.sleep(POLL)
            if _changed_on(files) != seen:
                seen = _changed_on(files)
                try:
                    files = draw().files
                except ScenarioError as error:
                    say(str(error))


def _changed_on(files: Iterable[Path]) -> list[float]:
    """When each file was changed last; 0 for one that is gone for a moment, as editors do it."""
    return [file.stat().st_mtime if file.exists() else 0.0 for file in files]
