"""The games of a folder: listed, branched, put into the archive, and deleted."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.ensemble.store import engine_hash
from sim.web.exercise import access
from sim.web.exercise.log import Log
from sim.web.exercise.parts import LONGEST_NAME, Refused

SUFFIX, ARCHIVE, UNFINISHED = ".game", "archive", ".unfinished"
OF_SEATS = ("joined", "moved", "organised", "staffed", "freed", "rekeyed")
"""Events that say who sits where, and not what happens in the war."""
MOST_GAMES = 500
"""That are listed."""


class Shelf:
    """The games beside the one that is open."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.parent if folder.name == ARCHIVE else folder

    def games(self, without: Container[str] = ()) -> list[dict[str, Any]]:
        """All games but these files, the last that was played first; `problem` says why one cannot be opened."""
        found = sorted(self._paths(), key=lambda path: path.stat().st_mtime, reverse=True)[:MOST_GAMES]
        return [
            {
                "file": path.name,
                "archived": path.parent.name == ARCHIVE,
                "changed": path.stat().st_mtime,
                **_summary(path),
            }
            for path in found
            if path.name not in without
        ]

    def find(self, file: str) -> Path:
        """A game of the list by its file's name; what is not in the list is no game."""
        for path in self._paths():
            if path.name == file:
                return path
        raise Refused("there is no such game in the list")

    def archive(self, file: str) -> None:
        """Put a game out of the way. It can be put back."""
        path = self.find(file)
        if path.parent.name == ARCHIVE:
            raise Refused("it is in the archive already")
        (self.folder / ARCHIVE).mkdir(exist_ok=True)
        path.rename(self.folder / ARCHIVE / path.name)

    def restore(self, file: str) -> None:
        """Put a game back from the archive."""
        self._archived(file).rename(self.folder / file)

    def delete(self, file: str) -> None:
        """Delete a game for good. Only one that is in the archive, so that no slip of the hand loses a lesson."""
        self._archived(file).unlink()

    def branch(self, log: Log, turn: int, name: str) -> Path:
        """A new game, which stands at the beginning of a turn of another one, with the same seats."""
        events = [event for event in log.events() if event["what"] != "made"]
        kept = until(events, turn)
        seats = [event for event in events[len(kept) :] if event["what"] in OF_SEATS]
        return self._made(log, {"title": _name(name), "branch_of": [log.path.name, turn]}, [*kept, *seats])

    def another(self, log: Log, name: str) -> Path:
        """A new game with the scenario, the seed and the settings of another one, and nobody in it."""
        return self._made(log, {"title": _name(name), "branch_of": None}, [])

    def _made(self, log: Log, differs: Mapping[str, Any], events: Iterable[Mapping[str, Any]]) -> Path:
        """The file of a game that begins as another one, but for what differs."""
        code = access.new_code()
        start = {key: value for key, value in log.start.items() if key not in ("what", "format")}
        path = self.folder / f"{log.path.stem.rpartition('-')[0] or log.path.stem}-{code}{SUFFIX}"
        # Under another name until all is in it: half a game is never in the list.
        draft = path.with_suffix(UNFINISHED)
        new = Log(draft, {**start, **differs, "code": code})
        try:
            new.extend(events)
        finally:
            new.close()
        os.replace(draft, path)
        return path

    def _archived(self, file: str) -> Path:
        path = self.find(file)
        if path.parent.name != ARCHIVE:
            raise Refused("put it into the archive first")
        return path

    def _paths(self) -> Iterator[Path]:
        for folder in (self.folder, self.folder / ARCHIVE):
            yield from folder.glob(f"*{SUFFIX}")


def _name(said: str) -> str:
    """A name for a game, without superfluous blanks."""
    name = " ".join(said.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Refused(f"the name of a game has 1 to {LONGEST_NAME} letters")
    return name


def until(events: Sequence[Mapping[str, Any]], turn: int) -> list[Mapping[str, Any]]:
    """The events up to the last time that a turn began, which may be after one had gone back to it."""
    number, last = 0, 0
    for count, event in enumerate(events, 1):
        before = number
        number = number_after(number, event)
        if number == turn and (number != before or event["what"] == "rewound"):
            last = count
        if number < turn:
            last = 0  # one has gone back: what was played of that turn no longer counts
    if not last:
        raise Refused(f"turn {turn} has not been played: this is turn {number}" if number else "nothing was played yet")
    return list(events[:last])


def number_after(number: int, event: Mapping[str, Any]) -> int:
    """The number of the turn after an event; 0 before the game has started."""
    what = event["what"]
    return {"started": 1, "adjudicated": number + 1, "rewound": event.get("to", 0)}.get(what, number)


def _summary(path: Path) -> dict[str, Any]:
    """What the list says of a game that is not open here."""
    said: dict[str, Any] = {"title": path.stem, "turn": 0, "seats": 0, "problem": None}
    file = None
    try:
        file = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=0.05)
        events = [json.loads(data) for (data,) in file.execute("SELECT data FROM events ORDER BY number")]
        start = events[0]
        said["title"] = start.get("title") or start["name"]
        said["branch_of"] = start.get("branch_of")
        for event in events:
            said["turn"] = number_after(said["turn"], event)
            said["seats"] += {"joined": 1, "freed": -1}.get(event["what"], 0)
        if start["engine"] != engine_hash():
            said["problem"] = f"begun with another version (Orontes {start['orontes']})"
    except sqlite3.OperationalError as error:
        said["problem"] = "open in another server" if "locked" in str(error) else "cannot be read"
    except (sqlite3.DatabaseError, ValueError, KeyError, IndexError):
        said["problem"] = "damaged, or no game"
    finally:
        if file is not None:
            file.close()
    return said
