"""How quickly an exercise answers: orders of a whole class at once, the play of a turn, and odds.

The real server runs as a process of its own, and clients talk to it by HTTP on the loopback address. They run on the
same machine, so what they need is part of what is measured.
"""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from threading import Barrier, Thread
from typing import Any, NamedTuple
from urllib.parse import urlsplit

ASKING = 6
"""Teams that ask for odds at once."""


class Found(NamedTuple):
    """Seconds that each request took."""

    orders: list[float]
    """Until an order was acknowledged, and so was on disk: all clients at once."""
    orders_watched: list[float]
    """The same, while every client reads its new briefing after each change, as its page does."""
    turns: list[float]
    """Until a turn of a day was played."""
    odds_first: list[float]
    """Of one team that asks alone, for the first time in a turn."""
    odds: list[float]
    """Of the same team for other drafts, in the same turn."""
    odds_at_once: list[float]
    """Of all teams, each for a draft of its own that nobody has asked for."""


MEANING = {
    "orders": "order acknowledged, 30 clients at once",
    "orders_watched": "the same while all read their briefings",
    "turns": "a turn of a day is played, meanwhile",
    "odds_first": "odds, first in a turn",
    "odds": "odds, another draft in that turn",
    "odds_at_once": f"odds, {ASKING} teams at once",
}


class Client:
    """One browser, with the cookie of its seat. Each request has a connection of its own."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self.port, self.cookie = port, cookie
        self.line = HTTPConnection("localhost", port, timeout=60)

    def ask(self, method: str, path: str, said: Any = None) -> bytes:
        """The body of an answer. RuntimeError if the server refuses."""
        headers = {"Origin": f"http://localhost:{self.port}", "Cookie": self.cookie}
        self.line.request(method, path, None if said is None else json.dumps(said), headers)
        answer = self.line.getresponse()
        body = answer.read()
        self.line.close()
        if answer.status >= 400:
            raise RuntimeError(f"{path}: {body.decode()}")
        if given := answer.getheader("Set-Cookie"):
            self.cookie = given.partition(";")[0]
        return body

    def timed(self, path: str, said: Any) -> float:
        """Seconds until the answer is there."""
        began = time.perf_counter()
        self.ask("POST", path, said)
        return time.perf_counter() - began

    def watch(self) -> None:
        """Read the briefing after each change, as the page of a seat does, until the server is gone."""
        stream = Client(self.port, self.cookie)
        seen = -1
        with contextlib.suppress(OSError, ValueError, RuntimeError, AttributeError):
            stream.line.request("GET", "/api/stream", headers={"Cookie": self.cookie})
            reader, asker = stream.line.getresponse(), Client(self.port, self.cookie)
            while line := reader.readline():
                if line.startswith(b"data:") and int(line[5:]) > seen:
                    seen = json.loads(asker.ask("GET", "/api/state"))["version"]


@contextlib.contextmanager
def server(scenario: Path, games: Path) -> Iterator[tuple[str, str]]:
    """`sim play` as a teacher starts it: the addresses for players and for the facilitator."""
    command = [sys.executable, "-m", "sim", "play", str(scenario), "--no-browser", "--port", "0", "--games", str(games)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        said = ""
        while "Saved in" not in said:
            line = process.stderr.readline()
            if not line:
                raise RuntimeError(said)
            said += line
        yield re.findall(r"Players: +(\S+)", said)[0], re.findall(r"Facilitator: +(\S+)", said)[0]
    finally:
        # Orders are on disk when they are acknowledged, so nothing is lost.
        process.kill()
        process.wait()


def measure(scenario: Path, games: Path, clients: int = 30, rounds: int = 5, turns: int = 8) -> Found:
    """Everything about one scenario. `rounds`: of orders by all clients, and of odds; `turns`: days that are played."""
    with server(scenario, games) as (players, facilitator):
        port, code = urlsplit(players).port or 0, players.rpartition("=")[2]
        chief = Client(port)
        chief.ask("GET", urlsplit(facilitator).path + "?" + urlsplit(facilitator).query)
        sides = [side["id"] for side in json.loads(chief.ask("GET", "/api/hello"))["sides"]]
        seats = []
        for number in range(max(clients, ASKING)):
            client, side = Client(port), sides[number % len(sides)]
            said = {"code": code, "name": f"Client {number}", "side": side, "role": "commander"}
            client.ask("POST", "/api/join", said)
            seats.append((client, side))
        chief.ask("POST", "/api/facilitate", {"what": "started"})
        state = json.loads(chief.ask("GET", "/api/state"))
        drafts = {side: {"side": side, "turn": 1, "orders": _orders(state["sides"][side], 0)} for side in sides}
        submits = [partial(client.timed, "/api/draft", drafts[side]) for client, side in seats[:clients]]
        seats[0][0].timed("/api/odds", {"side": sides[0], "orders": []})  # the first loads the rules
        orders = at_once(submits, rounds)
        for client, _ in seats[:clients]:
            Thread(target=client.watch, daemon=True).start()
        time.sleep(1.0)  # until all have read their first briefing
        watched = at_once(submits, rounds)
        days = min(turns, state["game"]["turns"])
        played: list[float] = []
        odds: list[float] = []
        odds_at_once: list[float] = []
        for turn in range(1, days + 1):
            played.append(chief.timed("/api/facilitate", {"what": "adjudicated", "turn": turn}))
            if turn == max(1, days // 2):
                state = json.loads(chief.ask("GET", "/api/state"))
                time.sleep(1.0)
                # A side whose rule has ended by then has nobody to order, and asks nothing.
                able = [seat for seat in seats if _orders(state["sides"][seat[1]], 0)]
                odds = [_ask(*seat, state, draft)() for seat in able[:1] for draft in range(1 + rounds)]
                asks = [_ask(*seat, state, 1 + rounds + number) for number, seat in enumerate(able[:ASKING])]
                odds_at_once = at_once(asks, 1) if asks else []
    return Found(orders, watched, played, odds[:1], odds[1:], odds_at_once)


def _orders(briefing: Any, number: int) -> list[dict[str, str]]:
    """An order that a side can give: one of its formations holds. None if it has no formation to order."""
    units = {unit["id"] for unit in briefing["view"]["formations"]}
    can = [id for id in briefing["orderable"] if id in units]
    return [{"who": can[number % len(can)], "task": "hold"}] if can else []


def _ask(client: Client, side: str, state: Any, draft: int) -> Callable[[], float]:
    """Asks for the odds of one of many drafts."""
    return partial(client.timed, "/api/odds", {"side": side, "orders": _orders(state["sides"][side], draft)})


def at_once(requests: Sequence[Callable[[], float]], rounds: int) -> list[float]:
    """Seconds of each request; in every round all are made at the same moment."""
    start = Barrier(len(requests))

    def when_all_are_ready(request: Callable[[], float]) -> float:
        start.wait()
        return request()

    with ThreadPoolExecutor(len(requests)) as pool:
        return [seconds for _ in range(rounds) for seconds in pool.map(when_all_are_ready, requests)]
