"""Messages and results of the command line: where they go, and the exit code that goes with each failure."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from sim.scenario.errors import Problem

FAILED, WRONG_INPUT, SIGNALLED = 1, 2, 128
"""Exit codes beside 0; to the last, the number of the signal is added: 130 after Ctrl-C, 143 after SIGTERM."""


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
        raise typer.Exit(SIGNALLED + getattr(stopped, "signal", signal.SIGINT)) from None
    except OSError as error:
        raise typer.Exit(cannot_go_on(error)) from None
    except MemoryError:
        say("there is not enough memory for this; run fewer campaigns, or ask for fewer outcomes")
        raise typer.Exit(FAILED) from None


def cannot_go_on(error: OSError) -> int:
    """Says what the system refused; the exit code that goes with it."""
    say(f"cannot go on: {error.filename or 'output'}: {error.strerror or error}")
    return FAILED


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
    from sim.scenario.messages import printable

    for line in lines:
        print(printable(line), file=sys.stderr, flush=True)


def warn(warnings: Sequence[Problem], most: int | None = None) -> None:
    """Warnings to the user, on stderr; of more than `most`, how many there are besides."""
    say(*(f"warning: {warning}" for warning in warnings[:most]))
    if most is not None and len(warnings) > most:
        say(f"warning: {len(warnings) - most} more; sim validate shows all")


def show(lines: Iterable[str]) -> None:
    """Results, on stdout; who reads them may stop reading."""
    from sim.scenario.messages import printable

    try:
        for line in lines:
            print(printable(line))
        sys.stdout.flush()
    except OSError as error:
        # What could not be written must not be tried again when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise


def show_json(answer: Any) -> None:
    """One JSON object, on stdout."""
    show([json.dumps(answer, indent=2)])


def prepare_streams() -> None:
    """Letters that an output's encoding lacks are written as escapes; an output that is closed swallows all."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115 (open as long as the process lives)
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def obey_signals() -> None:
    """SIGTERM and SIGHUP end the command in order, as Ctrl-C does; `nohup` is left alone."""
    from sim.ensemble.signals import STOPPING, raise_stopped

    for number in STOPPING:
        if number != signal.SIGINT and signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, raise_stopped)
