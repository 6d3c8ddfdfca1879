"""`sim report`: what a run says, how sure it is and what it rests on, as a page or as Markdown."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.messages import show, show_json
from sim.cli.options import PAGES, AsJson, file_of
from sim.cli.story import mistakes


class Format(StrEnum):
    """How a report is written."""

    HTML = "html"
    MARKDOWN = "md"


def report(
    results: Annotated[Path, typer.Argument(metavar="RESULTS", help="A results folder.", show_default=False)],
    other: Annotated[
        Path | None,
        typer.Argument(metavar="RESULTS2", help="Another, of the same scenario and seed: what differs."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            parser=file_of(*PAGES, ".md"),
            metavar="FILE",
            help="Where it is written; the ending says in which format.",
            show_default="in RESULTS",
        ),
    ] = None,
    format: Annotated[Format, typer.Option(help="A page that opens offline, or Markdown; without -o.")] = Format.HTML,
    as_json: AsJson = False,
) -> None:
    """Write the report of a run, or of what differs between two."""
    with mistakes():
        from sim.ensemble.results import Results

        found = Results.open(results)
        made = found.report(None if other is None else Results.open(other))
        name = "report" if other is None else "comparison"
        path = made.save(output or results / f"{name}.{format.value}")
        if as_json:
            show_json({"report": str(path)})
        else:
            show([str(path)])
