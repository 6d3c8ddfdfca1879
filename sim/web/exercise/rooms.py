"""The games that are open in one server, side by side: each has its code and its seats, and none sees another's."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sim.web.exercise import access
from sim.web.exercise.log import Log
from sim.web.exercise.parts import MOST_OPEN, Refused, Seat
from sim.web.exercise.room import ASKING_AT_ONCE, Room, open_game
from sim.web.exercise.shelf import Shelf

FILE = {"file": str}
SHELVE: dict[str, dict[str, Any]] = {
    "branch": {"turn": int, "name": str},
    "new": {"name": str},
    "open": FILE,
    "beside": FILE,
    "leave": {"code": str},
    "archive": FILE,
    "restore": FILE,
    "delete": FILE,
}
"""What the facilitator may do with games, and what each needs to be told."""


def check_count(games: int) -> None:
    """Refused if so many games cannot be open in one server."""
    if games > MOST_OPEN:
        raise Refused(f"at most {MOST_OPEN} games can be open at the same time, not {games}")


class Rooms:
    """The open games of a server, and what one can do with those of its folder."""

    def __init__(self, logs: Iterable[Log]) -> None:
        self.facilitator_key = access.new_key()
        self._asking = asyncio.Semaphore(ASKING_AT_ONCE)
        self.open: list[Room] = []
        logs = list(logs)
        check_count(len(logs))
        for log in logs:
            self.open.append(self._room(log))
        self._work: dict[Room, list[asyncio.Task[None]]] | None = None

    # --- who is where ------------------------------------------------------------------------------------------------

    def of_code(self, code: str) -> Room | None:
        """The game with this code. All are compared, so that time tells nothing."""
        found = [room for room in self.open if access.same_code(code, room.code)]
        return found[0] if found else None

    def seat_of(self, key: str | None, code: str | None) -> tuple[Room, Seat] | None:
        """The game and the seat of a browser. `code`: of the game; None: of the first in which it has a seat."""
        rooms = [*self.open]
        if code is not None:
            rooms = [room for room in (self.of_code(code), *self.open) if room is not None and room.had(code)]
        for room in rooms:
            seat = room.seat_of(key)
            if seat is not None:
                return room, seat
        return None

    async def take_facilitator(self) -> str:
        """The facilitator's seat in all games; the browser that had it loses it. Returns the key for the new one."""
        key = access.new_key()
        for room in self.open:
            await room.seat_facilitator(access.hash_of(key))
        return key

    # --- games -------------------------------------------------------------------------------------------------------

    def games(self, room: Room) -> dict[str, Any]:
        """The open games, and the others of the folder."""
        closed = [game for game in self._shelf(room).games() if game["file"] not in self._files]
        return {"open": self.told(), "games": closed}

    def _room(self, log: Log) -> Room:
        """A game that is opened; games of one scenario share what does not change."""
        known = next((known for room in self.open if (known := room.deployment_of(log))), None)
        return Room(log, known, self._asking)

    def told(self) -> list[dict[str, Any]]:
        """What the facilitator sees of all open games."""
        return [
            {
                "code": room.code,
                "title": room.title,
                "file": room.log.path.name,
                "phase": room.game.phase,
                "turn": room.game.number,
                "waiting_for": room.game.waiting_for,
                "seats": sum(not seat.is_free for seat in room.game.seats),
            }
            for room in self.open
        ]

    async def shelve(self, room: Room, facilitator: Seat, said: Mapping[str, Any]) -> str:
        """Make, open, close or put away a game. Returns the code of the game that the facilitator sees after it."""
        does, shelf = said["do"], self._shelf(room)
        if does == "branch":
            shelf.branch(room.log, said["turn"], said["name"])
        elif does == "new":
            check_count(len(self.open) + 1)
            return await self._open_beside(shelf.another(room.log, said["name"]), facilitator)
        elif does == "leave":
            await self._leave(said["code"])
            return self.open[0].code if room not in self.open else room.code
        else:
            file = said["file"]
            if file in self._files:
                raise Refused("this game is open here; close it first")
            if does == "open":
                await room.switch(shelf.find(file))
            elif does == "beside":
                check_count(len(self.open) + 1)
                return await self._open_beside(shelf.find(file), facilitator)
            else:
                getattr(shelf, does)(file)
        return room.code

    @property
    def _files(self) -> set[str]:
        return {room.log.path.name for room in self.open}

    def _shelf(self, room: Room) -> Shelf:
        return Shelf(room.log.path.parent)

    async def _open_beside(self, path: Path, facilitator: Seat) -> str:
        log = open_game(path)
        try:
            room = await asyncio.to_thread(self._room, log)
            await room.seat_facilitator(facilitator.key)
        except Exception:
            log.close()
            raise
        self.open.append(room)
        self._begin(room)
        return room.code

    async def _leave(self, code: str) -> None:
        room = self.of_code(code)
        if room is None:
            raise Refused("there is no such game open")
        if len(self.open) == 1:
            raise Refused("this is the only game that is open; stop the server instead")
        self.open.remove(room)
        self._stop(room)
        room.close()
        room.log.close()

    # --- running -----------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Keep the time of all games, from now on."""
        self._work = {}
        for room in self.open:
            self._begin(room)

    def _begin(self, room: Room) -> None:
        if self._work is not None:
            self._work[room] = [asyncio.create_task(work) for work in (room.keep_time(), room.look_ahead())]

    def _stop(self, room: Room) -> None:
        for task in (self._work or {}).pop(room, ()):
            task.cancel()

    def end(self) -> None:
        """Stop keeping the time."""
        for room in self.open:
            self._stop(room)

    def close(self) -> None:
        """End the streams of all browsers: a server does not stop while one is open."""
        for room in self.open:
            room.close()
