"""The events of a game on disk: a file of SQLite, in which an event stands before it is acknowledged."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

FORMAT = 1
PATIENCE = 1.0
"""Seconds for which another process may hold the file."""


def is_sendable(said: Any) -> bool:
    """Whether data can be sent as they are: not half a letter ("\\ud800"), nor a number beyond all bounds (1e999)."""
    try:
        json.dumps(said, ensure_ascii=False, allow_nan=False).encode()
    except ValueError:
        return False
    return True


class LogError(ValueError):
    """A file of a game that cannot be used; the message says why."""


class Log:
    """The file of one game. One process at a time may have it open."""

    def __init__(self, path: Path, start: Mapping[str, Any] | None = None) -> None:
        """Opens a file; with `start`, what the game is played with, it makes a new one."""
        self.path = path
        self._file: Any = None
        if start is None and not path.is_file():
            raise LogError(f"{path}: there is no such game")
        try:
            if start is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
            self._file.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._file.execute("PRAGMA synchronous=FULL")
            # The lock is taken by the first write, and held as long as the process lives.
            self._file.execute("BEGIN EXCLUSIVE")
            if start is not None:
                self._file.execute(
                    "CREATE TABLE events (number INTEGER PRIMARY KEY, at REAL NOT NULL, data TEXT NOT NULL)"
                )
            self._file.execute("COMMIT")
            if start is not None:
                self.append({"what": "made", "format": FORMAT, **start})
            first = next(self.events(), None)
        except sqlite3.OperationalError as error:
            self.close()
            if "locked" in str(error):
                raise LogError(f"{path} is open in another server; stop that one first") from error
            raise LogError(f"cannot open {path}: {error}") from error
        except OSError as error:
            raise LogError(f"cannot write {path}: {error.strerror or error}") from error
        except sqlite3.DatabaseError as error:
            self.close()
            raise LogError(f"{path} is no game, or is damaged: {error}") from error
        if not first or first.get("what") != "made" or first.get("format") != FORMAT:
            self.close()
            raise LogError(f"{path} is no game of this version")
        self.start = first

    def append(self, event: Mapping[str, Any]) -> None:
        """Write an event down. When this returns it is on the disk."""
        try:
            self._file.execute("INSERT INTO events (at, data) VALUES (?, ?)", (time.time(), json.dumps(event)))
        except sqlite3.Error as error:
            raise LogError(f"cannot write {self.path}: {error}") from error

    def extend(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Write several events down: all or none."""
        try:
            self._file.execute("BEGIN")
            for event in events:
                self.append(event)
            self._file.execute("COMMIT")
        except sqlite3.Error as error:
            raise LogError(f"cannot write {self.path}: {error}") from error

    def events(self) -> Iterator[dict[str, Any]]:
        """All events, in order."""
        for (data,) in self._file.execute("SELECT data FROM events ORDER BY number"):
            yield json.loads(data)

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
