"""`sim story`, `sim explain`, `sim diff`: what happened in single campaigns of a results folder, and why."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.messages import WRONG_INPUT, clear_messages, results_errors, say, show, show_json
from sim.cli.options import AsJson, whole_number

if TYPE_CHECKING:
    from sim.session.log import Log
    from sim.session.session import Session

MOST_CAMPAIGNS = 2_000_000_000
ResultsFolder = Annotated[
    Path,
    typer.Argument(metavar="RESULTS", help="A results folder, or a saved campaign.", show_default=False),
]
Number = Annotated[
    int,
    typer.Option(
        "-k", parser=whole_number(0, MOST_CAMPAIGNS), metavar="K", help="Which campaign of it.", show_default="0"
    ),
]


def story(
    results: ResultsFolder,
    k: Number = 0,
    outcome: Annotated[
        str | None,
        typer.Option(metavar="OUTCOME", help="Tell the commonest ways in which it came about, not one campaign."),
    ] = None,
    campaigns: Annotated[
        int, typer.Option("-n", parser=whole_number(1, 1_000_000), metavar="N", help="Campaigns for --outcome.")
    ] = 100,
    as_json: AsJson = False,
) -> None:
    """Tell one campaign day by day, in plain sentences; or how an outcome came about in many."""
    with mistakes():
        from sim.ensemble.results import Results
        from sim.session.story import story as told

        if outcome is not None:
            found = Results.open(results).stories(outcome, campaigns)
            if as_json:
                show_json(found.to_json())
            else:
                show(list(found.lines()))
            return
        session, log = played(results, k)
        if as_json:
            show_json({"campaign": k, "events": log.to_json()})
        else:
            show([told(log, session.deployment.scenario)])


def explain(
    results: ResultsFolder,
    k: Number = 0,
    event: Annotated[
        str | None,
        typer.Option(
            metavar="EVENT",
            help="Why it happened: PLACE.fell, SIDE.collapsed, FORMATION.broke or .sent; with @day3.5 behind it if it"
            " happened more than once.",
        ),
    ] = None,
    without: Annotated[
        str | None,
        typer.Option(
            metavar="SUSPECT", help="How much it added: events.X, formations.X, air.X, a variant, PATH=VALUE."
        ),
    ] = None,
    pairs: Annotated[
        int, typer.Option("-n", parser=whole_number(2, 1_000_000), metavar="N", help="Pairs for --without.")
    ] = 2000,
    outcome: Annotated[
        str | None,
        typer.Option(metavar="OUTCOME", help="What set the campaigns apart in which it happened, not one campaign."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say why something happened in one campaign. Without --event, list what happened.

    With --outcome: earlier events and states that set campaigns apart, and the day from which they tell.
    """
    with mistakes():
        from sim.ensemble.results import Results
        from sim.session.without import effect_of

        if outcome is not None:
            if event or without:
                raise ValueError("--outcome asks about many campaigns, --event and --without about one: give either")
            turning = Results.open(results).turning_points(outcome)
            if as_json:
                show_json(turning.to_json())
            else:
                show(turning.lines())
            return
        session, log = played(results, k)
        if event is None:
            if without:
                raise ValueError("--without needs an --event: what would not have happened?")
            found: Any = log
        else:
            found = effect_of(session, log, event, without, pairs) if without else log.why(event)
        if as_json:
            show_json({"campaign": k, "answer": found.to_json()})
        else:
            show([str(found)])


def diff(
    results: ResultsFolder,
    a: Annotated[
        int, typer.Option("-a", parser=whole_number(0, MOST_CAMPAIGNS), metavar="K", help="One campaign.")
    ] = 0,
    b: Annotated[int, typer.Option("-b", parser=whole_number(0, MOST_CAMPAIGNS), metavar="K", help="The other.")] = 1,
    with_: Annotated[
        Path | None,
        typer.Option("--with", metavar="RESULTS", help="Take the other from these results.", show_default="the same"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say when two campaigns part, and what followed in each."""
    with mistakes():
        from sim.session.diff import Diff

        names = (f"{a}", f"{b}" if with_ is None else f"{b} of {with_.name}")
        found = Diff(played(results, a)[1], played(with_ or results, b)[1], names)
        if as_json:
            show_json(found.to_json())
        else:
            show([str(found)])


def played(results: Path, k: int) -> tuple[Session, Log]:
    """A campaign played to its end, and its log."""
    from sim.session.replayed import campaign_of
    from sim.session.trace import log_of

    session = campaign_of(results, k)
    return session, log_of(session)


@contextmanager
def mistakes() -> Iterator[None]:
    """Turns what is wrong with the input into one message and an exit code."""
    from sim.ensemble.store import ResultsError
    from sim.scenario.errors import ScenarioError

    with clear_messages(), results_errors():
        try:
            yield
        except (ScenarioError, ResultsError):
            raise
        except ValueError as error:
            say(str(error))
            raise typer.Exit(WRONG_INPUT) from None
