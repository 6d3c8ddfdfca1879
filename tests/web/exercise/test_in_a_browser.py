"""An exercise played by two teams, with a facilitator and a projector, each in a browser of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]


class Server:
    """`sim play`, as a teacher starts it."""

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "sim", "play", "--no-browser", *arguments]
        self.process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
        said: list[str] = []
        assert self.process.stderr is not None
        while not any(line.startswith("Saved in") for line in said):
            line = self.process.stderr.readline()
            assert line, said
            said.append(line)
        text = "".join(said)
        self.players = re.search(r"Players: +(\S+)", text)[1]  # type: ignore[index]
        self.facilitator = re.search(r"Facilitator: +(\S+)", text)[1]  # type: ignore[index]
        self.port = re.search(r":(\d+)/", self.players)[1]  # type: ignore[index]
        self.file = re.search(r"Saved in (\S+?)\.? Stop", text)[1]  # type: ignore[index]

    def stop(self, how: int = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(20)


def join(page: Any, server: Server, name: str, choice: str) -> None:
    page.goto(server.players)
    page.fill("[name=name]", name)
    page.check(f"input[value='{choice}']")
    page.click("#join button")
    page.wait_for_selector("#game:not([hidden])")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="signals as on Unix")
def test_a_game_from_joining_to_the_review(window, tmp_path):
    server = Server(str(ROOT / "scenarios/crossroads.yaml"), "--port", "0", "--games", str(tmp_path))
    try:
        windows = [window(), window(), window(390, 800), window()]
        chief, ann, ben, wall = (each.page for each in windows)
        chief.goto(server.facilitator)
        chief.wait_for_selector("#start")
        join(ann, server, "Ann <img src=x onerror=alert(1)>", "highlands")
        join(ben, server, "Ben", "lowlands")
        join(wall, server, "Wall", "projector")
        assert "onerror" in ann.inner_text("#who")
        chief.click("#start")

        # An order by click, one by keyboard, and the odds.
        ann.click("[data-unit=h_1]")
        ann.click("[data-task=march]")
        ann.click("#map [data-place=merrow_cross]")
        assert "1st Hill Brigade: March → Merrow Cross" in ann.inner_text("#draft")
        ann.click("#ask")
        ann.wait_for_selector("#odds")
        assert "Merrow Cross" in ann.inner_text("#odds")
        ben.focus("[data-unit=l_1]")
        ben.keyboard.press("Enter")
        ben.wait_for_selector("[data-task=hold]")
        ben.focus("[data-task=hold]")
        ben.keyboard.press("Enter")
        ben.wait_for_selector("#draft li")

        ann.click("#commit")
        wall.wait_for_selector("#waiting:has-text('Waiting for Lowlands')")
        ben.click("#commit")
        for page in (chief, ann, ben, wall):
            page.wait_for_selector("#clock:has-text('Turn 2')")
        assert "1st River Regiment" not in ann.inner_text("body")

        # The server is killed and started again: the browsers come back by themselves, and nothing is lost.
        ann.click("button:has-text('Orders')")
        ann.click("[data-unit=h_2]")
        ann.click("[data-task=hold]")
        ann.wait_for_selector("#draft li")
        assert server.stop(signal.SIGKILL) == -signal.SIGKILL
        server = Server(server.file, "--port", server.port)
        ann.click("#commit", timeout=15_000)
        ann.wait_for_selector("#actions:has-text('Orders are committed')", timeout=15_000)
        assert "2nd Hill Brigade: Hold" in ann.inner_text("#draft")

        chief.goto(server.facilitator)
        for turn in range(2, 9):
            chief.wait_for_selector(f"#clock:has-text('Turn {turn} of')")
            chief.click("#adjudicate")
        ben.wait_for_selector("#waiting:has-text('The campaign is over')")
        review = ben.context.new_page()
        review.goto(f"http://localhost:{server.port}/review")
        assert "Decisions, turn by turn" in review.inner_text("main") and "onerror" in review.inner_text("main")
        assert review.evaluate("getComputedStyle(document.querySelector('table,p')).fontFamily").startswith("system-ui")
    finally:
        server.stop()


def test_no_page_asks_another_machine(window, tmp_path):
    server = Server(str(ROOT / "scenarios/crossroads.yaml"), "--port", "0", "--games", str(tmp_path))
    try:
        ann = window()
        join(ann.page, server, "Ann", "highlands")
        ann.page.wait_for_selector("#map .place-name")
        assert {re.match(r"\w+://[^/]+", url)[0] for url in ann.asked} == {f"http://localhost:{server.port}"}
    finally:
        server.stop()


@pytest.fixture
def opened(window, tmp_path):
    """Opens an exercise as a player; the servers are stopped at the end."""
    servers: list[Server] = []

    def as_player(scenario: str, choice: str) -> Any:
        servers.append(Server(str(ROOT / "scenarios" / scenario), "--port", "0", "--games", str(tmp_path)))
        seen = window()
        join(seen.page, servers[-1], "Ann", choice)
        seen.page.wait_for_selector("#map .place-name")
        return seen.page, servers[-1]

    yield as_player
    for each in servers:
        each.stop()


OVERLAPS = """() => {
    const boxes = (css) => [...document.querySelectorAll(css)].map((node) => node.getBoundingClientRect());
    const names = boxes("#map .place-name"), forces = boxes("#map .force rect"), discs = boxes("#map .place");
    const meet = (p, q, off) => p.left + 1 < q.right - 1 && q.left + 1 < p.right - 1
      && p.top + off < q.bottom - off && q.top + off < p.bottom - off;
    const between = (some, others, off) => some.filter((p) => others.some((q) => p !== q && meet(p, q, off))).length;
    return [between(names, names, 3), between(forces, forces, 0), between(names, forces, 3),
      between(forces, discs, 1)];
}"""


def test_the_map_opens_at_the_front_and_nothing_overlaps(opened):
    page, _ = opened("hama-2024.yaml", "regime")
    unit = "document.getElementById('map').viewBox.baseVal.width"
    front = page.evaluate(unit)
    # All that the side knows of the enemy lies in the window.
    held = page.evaluate(
        """() => { const b = document.getElementById("canvas").getBoundingClientRect();
        const known = (n) => n.getAttribute("aria-label").includes("enemy:");
        return [...document.querySelectorAll("#map .node")].filter(known)
          .map((n) => n.querySelector(".place").getBoundingClientRect())
          .map((p) => p.left > b.left && p.right < b.right && p.top > b.top && p.bottom < b.bottom); }"""
    )
    assert len(held) >= 5 and all(held)
    for zoom in ("front", "fit", "in", "front"):
        page.click(f"[data-zoom={zoom}]")
        assert page.evaluate(OVERLAPS) == [0, 0, 0, 0], zoom
        assert page.evaluate("document.querySelectorAll('#map .force').length") > 20
    page.click("[data-zoom=fit]")
    assert front < 0.7 * page.evaluate(unit)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="signals as on Unix")
def test_it_stops_without_complaint_while_browsers_are_open(tmp_path):
    server = Server(str(ROOT / "scenarios/crossroads.yaml"), "--port", "0", "--games", str(tmp_path))
    streams = []
    for _ in range(3):
        line = HTTPConnection("localhost", int(server.port), timeout=20)
        line.request("GET", server.facilitator.partition(server.port)[2])
        answer = line.getresponse()
        answer.read()
        cookie = {"Cookie": answer.getheader("Set-Cookie").partition(";")[0]}
        line.request("GET", "/api/stream", headers=cookie)
        assert line.getresponse().readline().startswith(b"data:")
        streams.append(line)
    server.stop()
    assert server.process.stderr.read().strip() in ("", "interrupted")


def test_forces_are_dragged_to_another_place(opened, window):
    page, server = opened("crossroads.yaml", "highlands")
    chief = window().page
    chief.goto(server.facilitator)
    chief.click("#start")
    page.wait_for_selector("#units")
    page.hover("[data-forces=stonegate]")
    page.mouse.down()
    to = page.locator("[data-place=ottersby] .place").bounding_box()
    page.mouse.move(to["x"] + 5, to["y"] + 5, steps=5)
    page.mouse.up()
    page.wait_for_selector("#draft li")
    assert "→ Ottersby" in page.inner_text("#draft")


def test_the_facilitator_prepares_an_inject_and_it_is_fired(opened, window):
    page, server = opened("crossroads.yaml", "highlands")
    chief = window().page
    chief.goto(server.facilitator)
    chief.click("#start")
    chief.click("#tabs button:has-text('Control')")
    chief.select_option("[aria-label=When]", "turn")
    chief.select_option("[aria-label=To]", "highlands")
    chief.fill("[aria-label=Message]", "The ford is flooded.")
    chief.click("#message")
    chief.wait_for_selector("#injects li:has-text('when turn 2 begins')")
    chief.click("#tabs button:has-text('Room')")
    chief.click("#adjudicate")
    page.wait_for_selector("#panel:has-text('Turn 2, to Highlands: The ford is flooded.')")
