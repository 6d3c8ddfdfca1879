"""`sim replay`: one campaign of a results folder as a page that opens without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.messages import say, show, show_json
from sim.cli.options import FILMS, PAGES, AsJson, Quiet, file_of, whole_number
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
            parser=file_of(*PAGES, *FILMS),
            metavar="FILE",
            help="A page (.html), or an animation (.gif, .mp4).",
            show_default="replay.html in RESULTS",
        ),
    ] = None,
    of_all: Annotated[
        bool, typer.Option("--all", help="Show first how all campaigns went: who holds each place, by day.")
    ] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Write a replay: a page with a map on which one campaign is played forwards and backwards; or an animation."""
    with mistakes():
        from sim.plots.animation import check_film
        from sim.web.replay.course import replay_film
        from sim.web.replay.page import replay_page
        from sim.web.shared.single_page import write_page

        # Beside a saved campaign, which is a file, a page of its name.
        path = output or (results.with_suffix(".html") if results.is_file() else results / "replay.html")
        is_film = path.suffix.lower() in FILMS
        if is_film:
            if beside is not None:
                raise ValueError("--beside is for a page: an animation shows one campaign, or --all")
            path = replay_film(results, k, of_all).save(check_film(path))
        else:
            path = write_page(path, replay_page(results, k, beside, of_all))
        if as_json:
            show_json({"animation" if is_film else "page": str(path)})
        else:
            show([str(path)])
        if not quiet and not is_film:
            say("open it in a browser: it needs no network")
