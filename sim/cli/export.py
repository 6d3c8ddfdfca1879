"""`sim export`: a scenario as a short file and tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.messages import WRONG_INPUT, clear_messages, say, show
from sim.cli.options import ScenarioFile, Settings, Variant
from sim.scenario.file_paths import write_whole


def export(
    scenario: ScenarioFile,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the files go.", show_default=False)],
    settings: Settings = None,
    variant: Variant = None,
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there.")] = False,
) -> None:
    """Write a scenario as one YAML file and tables (CSV) of places, roads, formations, reinforcements and air wings.

    The file includes the tables and reads back to the same scenario. Comments are not kept.
    """
    with clear_messages():
        from sim.engine.load import load
        from sim.scenario.settings import parse_settings

        files = load(scenario, variant, parse_settings(settings or ())).as_files()
        there = [name for name in files if (folder / name).exists()]
        if there and not force:
            say(f"{folder} has {', '.join(there)} already; name another folder, or say --force")
            raise typer.Exit(WRONG_INPUT)
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            write_whole(folder / name, text.encode())
        show(str(folder / name) for name in files)
