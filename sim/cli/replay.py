"""`sim replay`: one campaign of a results folder as a page that opens without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.messages import say, show, show_json
from sim.cli.options import PAGES, AsJson, Quiet, file_of, whole_number
from sim.cli.story import MOST_CAMPAIGNS, ResultsFolder, mistakes


def replay(
    results: ResultsFolder,
    k: Annotated[
        int | None,
        typer.Option(
            "-k",
            parser=whole_number(0, MOST_CAMPAIGNS),
            metavar="K",
            help="Which campaign of it.",
            show_default="the most ordinary",
        ),
    ] = None,
    beside: Annotated[
        int | None,
        typer.Option(parser=whole_number(0, MOST_CAMPAIGNS), metavar="K", help="Another campaign, side by side."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            parser=file_of(*PAGES),
            metavar="FILE",
            help="Where the page is written (.html).",
            show_default="in RESULTS",
        ),
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Write a replay: a page with a map on which one campaign is played forwards and backwards."""
    with mistakes():
        from sim.web.replay.page import replay_page
        from sim.web.shared.single_page import write_page

        # Beside a saved campaign, which is a file, a page of its name.
        near = results.with_suffix(".html") if results.is_file() else results / "replay.html"
        path = write_page(output or near, replay_page(results, k, beside))
        if as_json:
            show_json({"page": str(path)})
        else:
            show([str(path)])
        if not quiet:
            say("open it in a browser: it needs no network")
