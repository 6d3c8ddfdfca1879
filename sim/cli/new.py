"""`sim new`: a scenario of one's own that runs at once."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from sim.cli.messages import WRONG_INPUT, clear_messages, say, show
from sim.cli.options import whole_number

SIDES = ("North", "South")
SCHEMA = "scenario.schema.json"
"""Editors complete and check by it: the first line of the scenario names it."""
FORBIDDEN = "it is the name of a folder and a file: letters, digits, - and _"


def new(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder to make.", show_default=False)],
    title: Annotated[str | None, typer.Option(metavar="TEXT", help="Title of the war.", show_default="FOLDER")] = None,
    side: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A side. Repeatable.", show_default="North and South"),
    ] = None,
    places: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Table (CSV) or GeoJSON of places: id, name, lat, lon, and what else is known. Or a list of names "
            "(.txt), a line each, which GeoNames places.",
        ),
    ] = None,
    roads: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Table of roads.", show_default="proposed from nearness")
    ] = None,
    formations: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Table of formations.", show_default="a few are proposed")
    ] = None,
    regions: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Polygons (GeoJSON) with ids: a place has the region in which it lies."),
    ] = None,
    like: Annotated[
        Path | None, typer.Option("--from", metavar="SCENARIO", help="Begin with a copy of this scenario, as tables.")
    ] = None,
    start: Annotated[
        str, typer.Option(metavar="DATE", help="First day, as 2031-05-04 or 2031-05-04T06:00.")
    ] = "2031-05-04",
    days: Annotated[int, typer.Option(parser=whole_number(1, 120), metavar="N", help="Length of the campaign.")] = 10,
) -> None:
    """Make a folder with a scenario that runs: a file with comments, and tables to fill in a spreadsheet.

    Without options it asks, where there is somebody to answer.
    """
    with clear_messages():
        from sim.engine.load import load
        from sim.rules.rulebook import RULEBOOK
        from sim.scenario.errors import ScenarioError
        from sim.scenario.json_schema import json_schema
        from sim.scenario.schema_base import moment
        from sim.scenario.starter import Draft, new_scenario, slug

        name = folder.name
        if not name or slug(name.replace("-", "_")) != name.replace("-", "_"):
            _wrong(f"'{name}' cannot be the name of a scenario; {FORBIDDEN}", slug(name))
        if folder.exists() and any(folder.iterdir() if folder.is_dir() else [folder]):
            _wrong(f"{folder} is there already; name a new folder")
        if like is not None and any(given is not None for given in (title, side, places, roads, formations, regions)):
            _wrong("--from copies a scenario as it is; no title, sides or tables go with it")
        begins = moment(start)
        if begins is None:
            _wrong(f"--start should be a date like 2031-05-04 or 2031-05-04T06:00, but is '{start}'")
        notes: tuple[str, ...] = ()
        tables = {"places": places, "roads": roads, "formations": formations, "regions": regions}
        if like is not None:
            files = {
                (f"{name}.yaml" if file.endswith(".yaml") else file): text
                for file, text in load(like).as_files().items()
            }
        else:
            if title is None and side is None and places is None and sys.stdin.isatty():
                title, side = _asked(name)
            chosen = tuple(side or SIDES)
            ids = [slug(one) for one in chosen]
            if len(chosen) < 2 or not all(ids) or len(set(ids)) < len(ids):
                _wrong("--side should name two sides or more, each with letters a to z and a name of its own")
            known = {section: path for section, path in tables.items() if path is not None}
            proposal = new_scenario(name, Draft(title or _spoken(name), chosen, begins, days), known)
            files, notes = proposal.files, proposal.notes
        main = folder / f"{name}.yaml"
        files[main.name] = f"# yaml-language-server: $schema={SCHEMA}\n{files[main.name]}"
        files[SCHEMA] = json.dumps(json_schema(RULEBOOK))
        _write(folder, files)
        try:
            load(main)
        except ScenarioError as error:
            # The same command can be given again, once the tables are mended where their author has them.
            for file in files:
                (folder / file).unlink()
            folder.rmdir()
            given = {str(folder / f"{section}.csv"): tables[section] for section in ("roads", "formations")}
            theirs = [
                dataclasses.replace(problem, file=str(path))
                for problem in error.problems
                if (path := given.get(problem.file))
            ]
            raise ScenarioError(theirs or error.problems) from None
        say(*notes)
        show([*(str(folder / file) for file in files), f"Next: sim run {main}"])


def _write(folder: Path, files: Mapping[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in files.items():
        (folder / file).write_text(text, "utf-8")


def _asked(name: str) -> tuple[str, list[str]]:
    """Title and sides, from somebody at the terminal."""
    title = typer.prompt("Title of the war", default=_spoken(name), err=True)
    first = typer.prompt("One side", default=SIDES[0], err=True)
    second = typer.prompt("The other side", default=SIDES[1], err=True)
    return title, [first, second]


def _spoken(name: str) -> str:
    return name.replace("-", " ").replace("_", " ").capitalize()


def _wrong(message: str, hint: str = "") -> NoReturn:
    say(message + (f"; did you mean {hint}?" if hint else ""))
    raise typer.Exit(WRONG_INPUT)
