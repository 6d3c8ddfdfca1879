"""kill -9 at random moments of play: what was acknowledged is there when the server is back, and the record holds."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import pytest

from sim.session.save import fingerprint, from_json
from sim.web.exercise.room import Room, new_game, open_game
from tests.web.exercise.conftest import SIDES

ROOT = Path(__file__).parents[3]


class Servers:
    """One server at a time, which can be killed at any moment and started again at the same port."""

    def __init__(self, file: Path) -> None:
        self.file = file
        command = [sys.executable, "-m", "tests.web.exercise.nursery", str(file)]
        self.nursery = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.line() == "ready"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    def line(self) -> str:
        assert self.nursery.stdout is not None
        return self.nursery.stdout.readline().strip()

    def start(self) -> str:
        """Start the server; returns the key of the facilitator's address."""
        assert self.nursery.stdin is not None
        self.nursery.stdin.write(f"{self.file} {self.port}\n")
        self.nursery.stdin.flush()
        said = [self.line()]
        while not said[-1].startswith("Saved in"):
            said.append(self.line())
            assert said[-1], said
        self.pid = int(said[0].split()[1])
        return re.search(r"key=(\S+)", "\n".join(said))[1]  # type: ignore[index]

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def end(self) -> None:
        self.nursery.kill()
        self.nursery.wait()


class Refusal(Exception):
    """The server does not do what it was asked."""


class Browser:
    """One seat. `ask` raises OSError or HTTPException when the server is killed under it."""

    def __init__(self, servers: Servers, cookie: str = "") -> None:
        self.servers, self.cookie = servers, cookie

    def ask(self, method: str, path: str, said: Any = None) -> Any:
        line = HTTPConnection("127.0.0.1", self.servers.port, timeout=20)
        try:
            headers = {"Origin": f"http://127.0.0.1:{self.servers.port}", "Cookie": self.cookie}
            line.request(method, path, None if said is None else json.dumps(said), headers)
            answer = line.getresponse()
            body = answer.read()
            if given := answer.getheader("Set-Cookie"):
                self.cookie = given.partition(";")[0]
            if answer.status >= 400:
                raise Refusal(body)
            return json.loads(body) if body.startswith(b"{") else body
        finally:
            line.close()


class Believed:
    """What the server has acknowledged, and what it was asked when it was killed."""

    def __init__(self) -> None:
        self.turn = 1
        self.drafts: dict[str, list[Any]] = {side: [] for side in SIDES}
        self.messages: list[str] = []

    def then(self, what: str, more: Any) -> Believed:
        """What is so after one more request."""
        new = Believed()
        new.turn, new.drafts, new.messages = self.turn, dict(self.drafts), list(self.messages)
        if what == "draft":
            new.drafts[more["side"]] = more["orders"]
        elif what == "messaged":
            new.messages.append(more["text"])
        else:
            new.turn = self.turn + 1 if what == "adjudicated" else more["to"]
            new.drafts = {side: [] for side in SIDES}
        return new

    def is_in(self, state: Any) -> bool:
        """Whether the server's state is this one."""
        drafts = {side: state["sides"][side]["draft"] for side in SIDES}
        said = [message["text"] for message in state["messages"]]
        return (state["game"]["turn"], drafts, said) == (self.turn, self.drafts, self.messages)


def something(rng: random.Random, believed: Believed, number: int) -> tuple[str, dict[str, Any]]:
    """The next thing that somebody does."""
    if believed.turn > 8:
        return "rewound", {"to": rng.randint(1, 4)}
    what = rng.choices(("draft", "messaged", "adjudicated"), (6, 2, 2))[0]
    if what == "messaged":
        return what, {"to": None, "text": f"message {number}"}
    if what == "adjudicated":
        return what, {"turn": believed.turn}
    side = rng.choice(SIDES)
    # A formation may be gone by now; the staff of a side always takes a stance.
    orders = [{"who": side, "task": rng.choice(("offensive", "defensive", "balanced"))}]
    return what, {"side": side, "turn": believed.turn, "orders": orders if rng.random() < 0.8 else []}


def play(servers: Servers, kills: int, seed: int) -> None:
    """Play until so many kills have come; after each, what was acknowledged must be there."""
    rng = random.Random(seed)
    chief = Browser(servers)
    chief.ask("GET", f"/enter?key={servers.start()}")
    code = chief.ask("GET", "/api/state")["code"]
    players = {}
    for side in SIDES:
        players[side] = Browser(servers)
        joins = {"code": code, "name": side, "side": side, "role": "commander"}
        players[side].ask("POST", "/api/join", joins)
    chief.ask("POST", "/api/facilitate", {"what": "started"})
    believed, number = Believed(), 0
    for _ in range(kills):
        killer = threading.Timer(rng.uniform(0.0, 0.25), servers.kill)
        killer.start()
        while True:
            number += 1
            what, more = something(rng, believed, number)
            after = believed.then(what, more)
            try:
                if what == "draft":
                    players[more["side"]].ask("POST", "/api/draft", more)
                else:
                    chief.ask("POST", "/api/facilitate", {"what": what, **more})
            except Refusal as refusal:  # a side whose rule has ended takes no orders; then nothing changes
                assert b"collapsed" in refusal.args[0]
                continue
            except (OSError, HTTPException):
                break
            believed = after
        killer.join()
        servers.start()
        state = chief.ask("GET", "/api/state")
        assert believed.is_in(state) or after.is_in(state), (number, what)
        believed = believed if believed.is_in(state) else after
    record = from_json(chief.ask("GET", "/record"))  # refuses what does not play again to the last bit
    servers.kill()
    time.sleep(0.1)
    room = Room(open_game(servers.file))
    assert fingerprint(room.game.session) == fingerprint(record)
    room.log.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="signals as on Unix")
@pytest.mark.parametrize("kills", [3, pytest.param(50, marks=pytest.mark.verify)])
def test_no_acknowledged_event_is_lost_by_a_kill(tmp_path, plain, kills):
    log = new_game(tmp_path, plain, SIDES, 1, 0, 24, None)
    log.close()
    servers = Servers(log.path)
    try:
        play(servers, kills, seed=kills)
    finally:
        servers.end()
