"""A small exercise: crossroads, two teams and a facilitator."""

from __future__ import annotations

from threading import Thread
from typing import Any

import pytest
import uvicorn
from starlette.testclient import TestClient

from sim.session.session import deployed as deploy
from sim.web.exercise.app import application
from sim.web.exercise.room import Room, new_game, open_game
from sim.web.exercise.rooms import Rooms
from sim.web.exercise.serve import THIS_MACHINE, listening
from tests.web.exercise.players import join_here

BASE = "http://localhost:8765"
SIDES = ["highlands", "lowlands"]


class Class:
    """A room with browsers. `start` opens the game again, as a server does that was killed."""

    def __init__(self, folder, deployment) -> None:
        lesson = deployment.scenario.exercise
        made = new_game(folder, deployment, SIDES, 1, 0, 24, None, lesson and lesson.turns)
        made.close()
        self.path, self.rooms = made.path, Rooms([open_game(made.path)])
        self.keys: dict[str, str] = {}
        self.app = application(self.rooms, {"localhost"})

    @property
    def room(self) -> Room:
        """The first game."""
        return self.rooms.open[0]

    def start(self) -> None:
        self.room.log.close()
        self.rooms = Rooms([open_game(self.path)])
        self.app = application(self.rooms, {"localhost"})

    def browser(self, name: str | None = None) -> TestClient:
        client = TestClient(self.app, base_url=BASE, headers={"origin": BASE}, raise_server_exceptions=True)
        if name in self.keys:
            client.cookies.set("orontes_seat", self.keys[name], domain="localhost.local", path="/")
        return client

    def join(self, name: str, side: str | None, role: str = "commander") -> TestClient:
        client = self.browser()
        said = self.ask_to_join(client, name, side, role)
        assert said.status_code == 200, said.text
        self.keys[name] = client.cookies["orontes_seat"]
        return client

    def ask_to_join(self, client: TestClient, name: str, side: str | None, role: str = "commander", code: str = ""):
        said = {"code": code or self.room.code, "name": name, "side": side, "role": role}
        return client.post("/api/join", json=said)

    def facilitator(self) -> TestClient:
        client = self.browser()
        assert (
            client.get("/enter", params={"key": self.rooms.facilitator_key}, follow_redirects=False).status_code == 303
        )
        self.keys["Facilitator"] = client.cookies["orontes_seat"]
        return client


@pytest.fixture(scope="package")
def plain(deployed):
    """Crossroads without its lesson: turns to the end, and nothing prepared."""
    return deploy(deployed, set={"exercise": None})


@pytest.fixture
def school(tmp_path, plain):
    """An exercise in which nobody has joined yet."""
    made = Class(tmp_path, plain)
    yield made
    made.room.log.close()


def state(client: TestClient) -> dict:
    found = client.get("/api/state")
    assert found.status_code == 200, found.text
    return found.json()


def act(client: TestClient, what: str, **more) -> None:
    said = client.post("/api/facilitate", json={"what": what, **more})
    assert said.status_code == 200, said.text


def draft(client: TestClient, side: str, *orders: dict, turn: int = 1):
    return client.post("/api/draft", json={"side": side, "turn": turn, "orders": list(orders)})


def commit(client: TestClient, side: str, turn: int = 1, ready: bool = True):
    return client.post("/api/commit", json={"side": side, "turn": turn, "ready": ready})


@pytest.fixture
def opened(window, tmp_path):
    """Opens an exercise as a player. Its server runs in this process, which has the rules ready."""
    running: list[tuple[uvicorn.Server, Thread, Rooms]] = []

    def as_player(deployment: Any, side: str) -> Any:
        rooms = Rooms([new_game(tmp_path, deployment, [side], 1, 0, 24, None)])
        room = rooms.open[0]
        with listening(THIS_MACHINE, 0) as listener:
            port = listener.getsockname()[1]
            config = uvicorn.Config(application(rooms, {"localhost"}), log_level="warning", ws="none")
            server = uvicorn.Server(config)
            thread = Thread(target=server.run, kwargs={"sockets": [listener.dup()]})
            thread.start()
        running.append((server, thread, rooms))
        page = window().page
        page.goto(f"http://localhost:{port}/?code={room.code}")
        join_here(page, "Ann", side)
        page.wait_for_selector("#map .place-name")
        return page, f"http://localhost:{port}", rooms

    yield as_player
    for server, thread, rooms in running:
        server.should_exit = True
        rooms.close()
        thread.join(20)
        for room in rooms.open:
            room.log.close()
