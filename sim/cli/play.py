"""`sim play`: an exercise in the browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.messages import WRONG_INPUT, clear_messages, say
from sim.cli.options import Seed, Settings, Variant, real_number, whole_number


def play(
    scenario: Annotated[
        list[Path],
        typer.Argument(
            metavar="SCENARIO", help="Scenario file (YAML), or the files of games to go on with.", show_default=False
        ),
    ],
    side: Annotated[
        list[str] | None,
        typer.Option(
            "--as",
            metavar="SIDE",
            help="A side that people play. Repeatable.",
            show_default="the scenario's exercise, else all active sides",
        ),
    ] = None,
    host: Annotated[
        bool, typer.Option("--host", help="Open it to the network of the room, not to this machine only.")
    ] = False,
    port: Annotated[
        int, typer.Option(parser=whole_number(0, 65_535), metavar="N", help="Port to listen on; 0: any.")
    ] = 8765,
    turn_hours: Annotated[
        int | None,
        typer.Option(
            parser=whole_number(1, 24 * 30),
            metavar="HOURS",
            help="Length of a turn in the war.",
            show_default="the scenario's exercise, else 24",
        ),
    ] = None,
    turns: Annotated[
        int | None,
        typer.Option(
            parser=whole_number(1, 1000),
            metavar="N",
            help="Turns after which the game ends.",
            show_default="the scenario's exercise, else all",
        ),
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(
            parser=real_number(0.2, 1440),
            metavar="MINUTES",
            help="Time limit for a turn.",
            show_default="the scenario's exercise, else none",
        ),
    ] = None,
    fog: Annotated[
        str | None,
        typer.Option(
            metavar="FOG",
            help="What teams see of others: full, reports with age and error; none, where all formations stand and how "
            "strong they are.",
            show_default="the scenario's exercise, else full",
        ),
    ] = None,
    odds: Annotated[
        bool | None,
        typer.Option(
            help="Whether teams may ask for the odds of their orders.", show_default="the scenario's exercise, else yes"
        ),
    ] = None,
    groups: Annotated[
        int,
        typer.Option(
            parser=whole_number(1, 1000), metavar="N", help="Games side by side, each with a code of its own."
        ),
    ] = 1,
    seed: Seed = 1,
    replicate: Annotated[
        int, typer.Option(parser=whole_number(0, 2**32 - 1), metavar="K", help="Which campaign of this seed is played.")
    ] = 0,
    variant: Variant = None,
    settings: Settings = None,
    games: Annotated[Path, typer.Option(metavar="DIR", help="Folder in which games are kept.")] = Path("results/games"),
    browser: Annotated[bool, typer.Option(help="Open the facilitator's page.")] = True,
) -> None:
    """Play a campaign in the browser, in turns: teams give orders, the rules decide. Nothing needs the internet."""
    with clear_messages():
        from sim.web.exercise.log import LogError
        from sim.web.exercise.parts import Level, Refused
        from sim.web.exercise.room import new_game, open_game, sides_to_play
        from sim.web.exercise.rooms import Rooms, check_count
        from sim.web.exercise.serve import PortTaken, serve
        from sim.web.exercise.shelf import SUFFIX

        try:
            if any(path.suffix == SUFFIX for path in scenario):
                logs = [open_game(path) for path in scenario]
            elif len(scenario) > 1:
                raise Refused("one scenario can be played at a time; --groups opens several games of it")
            else:
                from sim.scenario.exercise import Exercise
                from sim.scenario.settings import parse_settings
                from sim.session.session import deployed

                deployment = deployed(scenario[0], variant, parse_settings(settings or ()))
                lesson = deployment.scenario.exercise or Exercise(title="")
                minutes = minutes or lesson.turn_minutes
                limit = None if minutes is None else 60.0 * minutes
                hours, turns = turn_hours or lesson.turn_hours, turns or lesson.turns
                check_count(groups)
                level = Level(fog or lesson.fog, lesson.odds if odds is None else odds)
                sides = side or sides_to_play(deployment)
                names = [None] if groups == 1 else [f"Group {number}" for number in range(1, groups + 1)]
                told = games, deployment, sides, seed, replicate, hours, limit, turns, level
                logs = [new_game(*told, name) for name in names]
            serve(Rooms(logs), port, host, browser, say)
        except (Refused, LogError, PortTaken) as error:
            say(str(error))
            raise typer.Exit(WRONG_INPUT) from None
