"""Ctrl-C and SIGTERM while campaigns run: noted, so that what is being written is finished first."""

from __future__ import annotations

import signal
import threading
from typing import Any

STOPPING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
"""Ctrl-C; the end of a job on a cluster or of a container; a terminal that is closed."""


class Stopped(KeyboardInterrupt):
    """A signal asked the process to end; `signal` is its number."""

    def __init__(self, message: str = "", number: int = signal.SIGINT) -> None:
        super().__init__(*([message] if message else []))
        self.signal = number


def raise_stopped(number: int, _: object = None) -> None:
    """A handler of signals that ends the program in order."""
    raise Stopped("", number)


class StopSignal:
    """While it is open, a signal of STOPPING is noted in `asked` instead of ending the process; a second one ends it.

    A signal that is ignored (`nohup`) stays so.
    """

    def __init__(self) -> None:
        self.asked: int = 0
        """The number of the signal that came, or 0."""
        self._before: dict[int, Any] = {}

    def __enter__(self) -> StopSignal:
        if threading.current_thread() is threading.main_thread():
            for number in STOPPING:
                if signal.getsignal(number) not in (signal.SIG_IGN, None):
                    self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *error: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def _note(self, number: int, _: object) -> None:
        if self.asked:
            raise Stopped("", number)
        self.asked = number
