"""Messages and results of the command line: where they go, and the exit code that goes with each failure."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import typer

FAILED, WRONG_INPUT, INTERRUPTED = 1, 2, 130
"""Exit codes beside 0."""


@contextmanager
def clear_messages() -> Iterator[None]:
    """Turns each failure into one clear message and an exit code."""
    from sim.scenario.errors import ScenarioError

    try:
        yield
    except ScenarioError as error:
        say(str(error))
        raise typer.Exit(WRONG_INPUT) from None
    except KeyboardInterrupt as stopped:
        # An ensemble that was stopped has said already what is kept, and how to go on.
        if not stopped.args:
            say("interrupted")
        raise typer.Exit(INTERRUPTED) from None
    except OSError as error:
        say(f"cannot go on: {error.filename or 'output'}: {error.strerror or error}")
        raise typer.Exit(FAILED) from None
    except MemoryError:
        say("there is not enough memory for this; run fewer campaigns, or ask for fewer outcomes")
        raise typer.Exit(FAILED) from None


@contextmanager
def results_errors() -> Iterator[None]:
    """Turns what is wrong with a results folder into one message and an exit code."""
    from sim.ensemble.store import ResultsError

    try:
        yield
    except ResultsError as error:
        say(str(error))
        raise typer.Exit(FAILED) from None


def say(*lines: str) -> None:
    """Messages to the user, beside the results: on stderr."""
    for line in lines:
        print(line, file=sys.stderr, flush=True)


def show(lines: Iterable[str]) -> None:
    """Results, on stdout; who reads them may stop reading."""
    try:
        for line in lines:
            print(line)
        sys.stdout.flush()
    except OSError as error:
        # What could not be written must not be tried again when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise


def show_json(answer: Any) -> None:
    """One JSON object, on stdout."""
    show([json.dumps(answer, indent=2)])
