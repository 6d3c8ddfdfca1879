"""`sim import`, `import-roads`, `import-control`: parts of a scenario from tables and maps that one has."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.messages import WRONG_INPUT, clear_messages, say, show
from sim.cli.options import ScenarioFile, real_number
from sim.scenario.file_paths import write_whole

Out = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="FILE", help="File to write.", show_default="the terminal")
]
SHOWN = 10
"""Reasons that are listed."""


def tables(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="Tables (CSV) or GeoJSON, named for what they hold: places.csv, north-formations.csv.",
            show_default=False,
        ),
    ],
    output: Out = None,
) -> None:
    """Turn tables and GeoJSON into YAML, to be put into a scenario. A scenario can also `include` them as they are."""
    with clear_messages():
        from sim.scenario.merge import as_yaml

        _write(as_yaml(files), output)


def roads(
    extract: Annotated[
        Path,
        typer.Argument(metavar="EXTRACT", help="GeoJSON of roads with the property `highway`.", show_default=False),
    ],
    places: Annotated[Path, typer.Option(metavar="FILE", help="Table or GeoJSON of places.", show_default=False)],
    within: Annotated[
        float, typer.Option(parser=real_number(0), metavar="KM", help="How far the nearest road of a place may be.")
    ] = 5.0,
    output: Out = None,
) -> None:
    """Thin the road network of a map extract to roads between places; writes a table like roads.csv."""
    with clear_messages():
        from sim.scenario.errors import Problem, ScenarioError
        from sim.scenario.export import table
        from sim.scenario.merge import read_part
        from sim.scenario.road_network import read_network, thinned

        problems: list[Problem] = []
        tree = read_part(places, problems, "places")
        listed = tree.data["places"]
        for name, place in listed.items():
            for key in ("lat", "lon"):
                if not isinstance(place.get(key), (int, float)):
                    problems.append(Problem(*tree.where(("places", name, key)), f"places.{name}.{key}", "is missing"))
        if problems:
            raise ScenarioError(problems)
        network = read_network(_text_of(extract, MOST_BYTES), str(extract))
        marks = {name: tree.where(("places", name)) for name in listed}
        found = thinned(network, listed, marks, extract.name, within)
        _write(table("roads", found), output)
        say(f"{len(network.ways):,} pieces of road became {len(found)} roads between {len(listed)} places")
        _left_out(network.left_out)


def control(
    events: Annotated[
        Path,
        typer.Argument(metavar="EVENTS", help="Table (CSV) of events: date, place, side.", show_default=False),
    ],
    scenario: ScenarioFile,
    actors: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Table: actor, side. Needed where events name actors.")
    ] = None,
    days: Annotated[
        float,
        typer.Option(
            parser=real_number(0), metavar="DAYS", help="How far the median may lie from the day of the event."
        ),
    ] = 1.0,
    within: Annotated[
        float,
        typer.Option(parser=real_number(0), metavar="KM", help="A row with coordinates so near belongs to a place."),
    ] = 5.0,
    backtest: Annotated[bool, typer.Option("--backtest", help="Write outcomes for `sim backtest` instead.")] = False,
    output: Out = None,
) -> None:
    """Turn dated changes of control (ACLED or your own table) into evidence and targets, to be included."""
    with clear_messages():
        from sim.engine.load import load
        from sim.scenario.control_events import (
            as_outcomes,
            as_part,
            contradictions,
            read_actors,
            read_changes,
            without_use,
        )

        loaded = load(scenario).scenario
        known = read_actors(_text_of(actors), str(actors), list(loaded.sides)) if actors else {}
        found = read_changes(_text_of(events), str(events), loaded, known, within)
        text = as_outcomes(found, loaded, events.name) if backtest else as_part(found, loaded, events.name, days)
        _write(text, output)
        say(*(f"warning: {said}" for said in contradictions(found, loaded)))
        _left_out(found.left_out + without_use(found, loaded))


MOST_BYTES = 200_000_000
"""Of a map extract."""


def _text_of(file: Path, most: int | None = None) -> str:
    """The text of a file; ScenarioError names that file if it cannot be read."""
    from sim.scenario.errors import Problem, ScenarioError
    from sim.scenario.files import FileTrouble, read_text

    try:
        return read_text(file) if most is None else read_text(file, most)
    except FileTrouble as trouble:
        raise ScenarioError([Problem(str(file), 0, 0, "", trouble.message, trouble.hint)]) from None


def _write(text: str, output: Path | None) -> None:
    if output is None:
        show(text.splitlines())
        return
    if output.exists():
        say(f"{output} is there already; name another file")
        raise typer.Exit(WRONG_INPUT)
    write_whole(output, text.encode())
    show([str(output)])


def _left_out(reasons: Mapping[str, int]) -> None:
    """Says what was not used, the most first."""
    ranked = sorted(reasons.items(), key=lambda reason: -reason[1])
    say(*(f"not used: {count} ({what})" for what, count in ranked[:SHOWN]))
    if len(ranked) > SHOWN:
        say(f"not used: {sum(count for _, count in ranked[SHOWN:])} for {len(ranked) - SHOWN} more reasons")
