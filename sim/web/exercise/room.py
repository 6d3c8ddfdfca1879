"""A game in a running server: events are written down, applied and announced, and a clock ends the turns."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import sim
from sim.ensemble.store import engine_hash
from sim.scenario.file_paths import folder_name
from sim.session.save import deployment_of
from sim.web.exercise import access
from sim.web.exercise.game import Game
from sim.web.exercise.log import Log, LogError, is_sendable
from sim.web.exercise.parts import FACILITATOR, NO_FOG, NOBODY, ORDERS, Level, Refused, Seat
from sim.web.exercise.shelf import SUFFIX
from sim.world.deploy import Deployment

HEARTBEAT = 15.0
"""Seconds after which a silent connection says that it is there."""
LOOK_AHEAD = 2.0
"""Seconds after the beginning of a turn, when all have read their briefings."""
BROKEN_TEXT = "An earlier version kept texts with half a letter in this game. They are shown as signs such as \\ud800."
ASKING_AT_ONCE = 2
"""Teams whose odds are worked out at the same time."""


class Room:
    """One game that is open to browsers."""

    def __init__(self, log: Log, deployment: Deployment | None = None, asking: asyncio.Semaphore | None = None) -> None:
        """`deployment`: of the same scenario, if there is one; `asking`: shared by all whose odds are worked out."""
        self.codes: list[str] = []
        """Of the games that were played here since the server started, the last one first."""
        self._take(log, played(log, deployment))
        self.version, self.is_closing = 0, False
        self._changed = asyncio.Event()
        self._turn_began = time.monotonic()
        self._odds = asking or asyncio.Semaphore(ASKING_AT_ONCE)

    def _take(self, log: Log, game: Game) -> None:
        self.log, self.game, self.code = log, game, str(log.start["code"])
        self.codes.insert(0, self.code)
        self.title = str(log.start.get("title") or game.deployment.scenario.title)
        self.note = None if all(map(is_sendable, log.events())) else BROKEN_TEXT
        """What the facilitator should know of the file."""

    async def switch(self, path: Path) -> None:
        """Go on with another game of the folder; its seats are those that it had. The facilitator stays."""
        log = open_game(path)
        try:
            game = await asyncio.to_thread(played, log, self.deployment_of(log))
            key = next(seat.key for seat in self.game.seats if seat.role == FACILITATOR and not seat.is_free)
            event = _facilitator(game, key)
            game.check(event)
            log.append(event)
            game.apply(event)
        except Exception:
            log.close()
            raise
        old = self.log
        self._take(log, game)
        old.close()
        self._turn_began = time.monotonic()
        self.announce()

    @property
    def switches(self) -> int:
        """How often another game was opened: the pages then begin anew."""
        return len(self.codes) - 1

    def had(self, code: str) -> bool:
        """Whether this is the code of the game, or of one from which the class went over to it."""
        return any([access.same_code(code, each) for each in self.codes])

    def deployment_of(self, log: Log) -> Deployment | None:
        """This game's deployment, if the other one plays the same scenario."""
        return self.game.deployment if log.start["scenario"] == self.log.start["scenario"] else None

    # --- events ------------------------------------------------------------------------------------------------------

    async def act(self, event: Mapping[str, Any]) -> None:
        """Let an event happen: checked, written down, applied, announced. Nothing else happens in between."""
        self.game.check(event)
        self.log.append(event)
        self._apply(event)
        if self.game.is_decided:
            await self.act({"what": "adjudicated", "seat": NOBODY, "turn": self.game.number, "why": "all are ready"})
            return
        self.announce()

    def _apply(self, event: Mapping[str, Any]) -> None:
        self.game.apply(event)
        if event["what"] in ("started", "adjudicated", "rewound", "limited", "paused"):
            self._turn_began = time.monotonic()

    def announce(self) -> None:
        """Tell all browsers that something has changed. What, each asks for itself.

        Each change has an event of its own. A lock would not do: a stream that is cancelled while it waits for one may
        leave it locked for good.
        """
        self.version += 1
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def changes(self) -> AsyncIterator[int | None]:
        """The version of the game, at once and after each change; None now and then."""
        seen = -1
        while not self.is_closing:
            if seen == self.version:
                try:
                    # Not wait_for, which in Python 3.11 may swallow that the stream was cancelled.
                    async with asyncio.timeout(HEARTBEAT):
                        await self._changed.wait()
                except TimeoutError:
                    yield None
                    continue
            seen = self.version
            if not self.is_closing:
                yield seen

    def close(self) -> None:
        """End the streams of all browsers: a server does not stop while one is open."""
        self.is_closing = True
        self.announce()

    # --- seats -------------------------------------------------------------------------------------------------------

    async def join(self, name: str, side: str | None, role: str) -> str:
        """A new seat; returns the key that its browser keeps."""
        key = access.new_key()
        await self.act(_joined(" ".join(name.split()), side, role, access.hash_of(key)))
        return key

    def seat_of(self, key: str | None) -> Seat | None:
        """The seat of a browser."""
        return self.game.seat_of(access.hash_of(key)) if key else None

    async def seat_facilitator(self, key: str) -> None:
        """The facilitator's seat is held by this key (its hash) from now on; the browser that had it loses it."""
        await self.act(_facilitator(self.game, key))

    # --- time --------------------------------------------------------------------------------------------------------

    @property
    def seconds_left(self) -> float | None:
        """Until the turn ends by itself; None: it does not."""
        game = self.game
        if game.limit is None or game.phase != ORDERS or game.is_paused:
            return None
        return max(0.0, game.limit - (time.monotonic() - self._turn_began))

    async def keep_time(self) -> None:
        """End each turn whose time is over. Runs as long as the server does."""
        while True:
            left = self.seconds_left
            if left == 0.0:
                await self.act({"what": "adjudicated", "seat": NOBODY, "turn": self.game.number, "why": "time is over"})
            await asyncio.sleep(0.2 if left is None else min(0.2, left) + 0.01)

    # --- odds --------------------------------------------------------------------------------------------------------

    async def odds(self, side: str, orders: list[Any]) -> dict[str, Any]:
        """The odds of a draft; see `odds.py`. Worked out beside the server's other work."""
        from sim.web.exercise.odds import Odds

        if not self.game.level.odds:
            raise Refused("in this game nobody is told the odds; the facilitator can change that")
        turn, checked = self.game.turn, self.game.try_orders(side, orders)
        fog = self.game.level.fog
        truth = turn.session if fog == NO_FOG else None
        odds = turn.once(("odds", side, fog), lambda: Odds(turn.view(side), truth))
        # One question of a team at a time: what it has in common with the next is worked out once.
        async with turn.once(("asking", side), asyncio.Lock), self._odds:
            return await asyncio.to_thread(odds.of, checked)

    async def look_ahead(self) -> None:
        """Work out in each turn what the staffs would do by themselves, before somebody asks for odds. Never ends."""
        seen = None
        while True:
            await asyncio.sleep(LOOK_AHEAD / 4)
            turn, is_settled = self.game.turn, time.monotonic() - self._turn_began > LOOK_AHEAD
            if turn is not seen and is_settled and self.game.phase == ORDERS and self.game.level.odds:
                seen = turn
                for side in self.game.played:
                    if self.game.turn is turn and self.game.phase == ORDERS and self.game.level.odds:
                        await self.odds(side, [])


def _facilitator(game: Game, key: str) -> dict[str, Any]:
    """The event by which the holder of a key is the facilitator."""
    for seat in game.seats:
        if seat.role == FACILITATOR and not seat.is_free:
            return {"what": "rekeyed", "seat": NOBODY, "who": seat.number, "key": key}
    return _joined("Facilitator", None, FACILITATOR, key)


def _joined(name: str, side: str | None, role: str, key: str) -> dict[str, Any]:
    return {"what": "joined", "seat": NOBODY, "name": name, "side": side, "role": role, "key": key}


def played(log: Log, deployment: Deployment | None = None) -> Game:
    """The game of a file, as its events have made it. `deployment`: of the same scenario, if there is one."""
    start = log.start
    told = [start[name] for name in ("sides", "seed", "replicate", "turn_hours", "turns")]
    game = Game(deployment or deployment_of(start), *told)
    game.limit, game.level = start.get("limit"), Level(**start.get("level", {}))
    for event in log.events():
        if event["what"] != "made":
            game.apply(event)
    return game


def new_game(
    folder: Path,
    deployment: Deployment,
    sides: list[str],
    seed: int,
    replicate: int,
    turn_hours: int,
    limit: float | None,
    turns: int | None = None,
    level: Level = Level(),  # noqa: B008 - it cannot change
    title: str | None = None,
) -> Log:
    """The file of a new game, in a folder. `title`: if it has a name of its own."""
    code, loaded = access.new_code(), deployment.loaded
    # Refuses what cannot be played before there is a file.
    Game(deployment, sides, seed, replicate, turn_hours, turns)
    start = {
        "engine": engine_hash(), "orontes": sim.__version__, "name": loaded.name, "scenario": loaded.as_yaml(),
        "sides": sides, "seed": seed, "replicate": replicate, "turn_hours": turn_hours, "turns": turns,
        "limit": limit, "level": asdict(level), "code": code, "title": title,
    }  # fmt: skip
    return Log(folder / f"{folder_name(loaded.name)}-{code}{SUFFIX}", start)


def sides_to_play(deployment: Deployment) -> list[str]:
    """The sides of the scenario's exercise; without one those that plan and attack, which are those worth playing."""
    exercise = deployment.scenario.exercise
    if exercise and exercise.sides:
        return list(exercise.sides)
    return [id for id, side in deployment.scenario.sides.items() if side.posture == "active"]


def open_game(path: Path) -> Log:
    """The file of a game that goes on. LogError if it is none, or was begun with another version of the engine."""
    log = Log(path)
    if log.start["engine"] != engine_hash():
        version = log.start["orontes"]
        log.close()
        raise LogError(
            f"{path} was begun with another version of the engine (Orontes {version}): the same orders could lead to "
            "another war. Go on with the version that began it"
        )
    return log
