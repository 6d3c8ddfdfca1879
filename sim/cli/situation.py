"""`sim map`: the situation of a scenario before anything is run, as a picture and as a page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.messages import WRONG_INPUT, clear_messages, results_errors, say, show, show_json, warn
from sim.cli.options import AsJson, Quiet, ScenarioFile, Settings, Variant

PICTURES, PAGE = (".png", ".svg", ".pdf"), ".html"


def situation(
    scenario: ScenarioFile,
    settings: Settings = None,
    variant: Variant = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="A picture (.png, .svg, .pdf) or a page (.html), not both.",
            show_default="NAME-map.png and .html, here",
        ),
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Show who holds what and who stands where before anything is run, and what in the scenario is strange."""
    with clear_messages(), results_errors():
        from sim.engine.load import load
        from sim.plots.situation import situation as picture
        from sim.plots.theme import save
        from sim.rules.rulebook import RULEBOOK
        from sim.scenario.settings import parse_settings
        from sim.web.replay.situation import situation_page
        from sim.web.shared.single_page import write_page
        from sim.world.deploy import deploy

        loaded = load(scenario, variant=variant, set=parse_settings(settings or ()))
        if output and output.suffix.lower() not in (*PICTURES, PAGE):
            say(f"{output}: the name should end in one of {', '.join((*PICTURES, PAGE))}")
            raise typer.Exit(WRONG_INPUT)
        files = [output] if output else [Path(f"{loaded.name}-map{ending}") for ending in (".png", ".html")]
        written = [
            write_page(file, situation_page(loaded))
            if file.suffix.lower() == PAGE
            else save(picture(loaded.scenario), file)
            for file in files
        ]
        if as_json:
            show_json({"files": [str(path) for path in written]})
        else:
            show(map(str, written))
        if not quiet:
            warn(deploy(loaded, RULEBOOK).warnings, most=20)
