"""`sim edit`: a scenario in the browser, with its mistakes and its map while one types."""

from __future__ import annotations

from typing import Annotated

import typer

from sim.cli.messages import WRONG_INPUT, clear_messages, say
from sim.cli.options import ScenarioFile, whole_number


def edit(
    scenario: ScenarioFile,
    port: Annotated[
        int, typer.Option(parser=whole_number(0, 65_535), metavar="N", help="Port to listen on; 0: any.")
    ] = 8764,
    browser: Annotated[bool, typer.Option(help="Open the page.")] = True,
) -> None:
    """Edit a scenario in the browser: its files and tables, what is wrong or strange as you type, and the map.

    Files are saved as you write them, comments and all. Only this machine can reach the page.
    """
    with clear_messages():
        from sim.web.edit.app import serve
        from sim.web.edit.open_files import OpenFiles
        from sim.web.exercise.serve import PortTaken

        try:
            serve(OpenFiles(scenario), port, browser, say)
        except PortTaken as error:
            say(str(error))
            raise typer.Exit(WRONG_INPUT) from None
