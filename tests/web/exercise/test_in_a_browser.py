"""An exercise played by two teams, with a facilitator and a projector, each in a browser of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sim.session.session import deployed
from tests.web.exercise.players import choose_by_keyboard, join_here, started
from tests.web.labels import LABELS

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


def join(page: Any, server: Server, name: str, choice: str, role: str | None = None) -> None:
    page.goto(server.players)
    join_here(page, name, choice, role)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="signals as on Unix")
def test_a_game_from_joining_to_the_review(window, tmp_path):
    server = Server(str(ROOT / "scenarios/crossroads.yaml"), "--port", "0", "--games", str(tmp_path), "--turns", "3")
    try:
        windows = [window(), window(), window(), window(390, 800), window()]
        chief, ann, cat, ben, wall = (each.page for each in windows)
        chief.goto(server.facilitator)
        chief.wait_for_selector("#start")
        join(ann, server, "Ann <img src=x onerror=alert(1)>", "highlands")
        join(cat, server, "Cat", "highlands", "logistics")
        join(ben, server, "Ben", "lowlands")
        join(wall, server, "Wall", "projector")
        assert "onerror" in ann.inner_text("#who")
        wall.wait_for_selector("#panel:has-text('First contact')")
        chief.click("#start")

        # An order by click, one by drag, one by keyboard, and the odds.
        ann.click("[data-unit=h_1]")
        cat.wait_for_selector("#panel:has-text('Take Merrow Cross')")
        ann.click("[data-task=march]")
        ann.click("#map [data-place=merrow_cross]")
        ann.wait_for_selector("#draft:has-text('1st Hill Brigade: March → Merrow Cross')")
        drag(ann, "stonegate", "ottersby")
        ann.wait_for_selector("#draft:has-text('→ Ottersby')")
        assert ann.evaluate(ARROWS) == [3, 0, 0]
        ann.click("#ask")
        ann.wait_for_selector("#odds:has-text('Merrow Cross')")
        choose_by_keyboard(ben, "l_1")
        ben.focus("[data-task=hold]")
        ben.keyboard.press("Enter")
        ben.wait_for_selector("#draft li")

        # What the facilitator has prepared reaches its team when the turn begins.
        chief.click("#tabs button:has-text('Control')")
        chief.wait_for_selector("#events li:has-text('A scandal shakes the Lowlands')")
        chief.select_option("[aria-label=When]", "turn")
        chief.select_option("[aria-label=To]", "highlands")
        chief.fill("[aria-label=Message]", "The ford is flooded.")
        chief.click("#message")
        chief.wait_for_selector("#injects li:has-text('when turn 2 begins')")
        chief.click("#tabs button:has-text('Room')")

        assert not cat.query_selector("#commit")
        ann.click("#commit")
        wall.wait_for_selector("#waiting:has-text('Waiting for Lowlands')")
        ben.click("#commit")
        for page in (chief, ann, ben, wall):
            page.wait_for_selector("#clock:has-text('Turn 2')")
        ann.wait_for_selector("#panel:has-text('Turn 2, to Highlands: The ford is flooded.')")
        assert "1st River Regiment" not in ann.inner_text("body") and "flooded" not in ben.inner_text("body")

        # The server is killed and started again: the browsers come back by themselves, and nothing is lost.
        ann.click("button:has-text('Orders')")
        ann.click("[data-unit=h_2]")
        ann.click("[data-task=hold]")
        ann.wait_for_selector("#draft li")
        assert server.stop(signal.SIGKILL) == -signal.SIGKILL
        server = Server(server.file, "--port", server.port)
        ann.wait_for_selector("#lost:has-text('cannot be reached')")
        ann.wait_for_selector("#lost", state="hidden", timeout=15_000)
        ann.click("#commit")
        ann.wait_for_selector("#actions:has-text('Orders are committed')")
        assert "2nd Hill Brigade: Hold" in ann.inner_text("#draft")

        chief.goto(server.facilitator)
        for turn in (2, 3):
            chief.wait_for_selector(f"#clock:has-text('Turn {turn} of')")
            chief.click("#adjudicate")
        ben.wait_for_selector("#waiting:has-text('The campaign is over')")
        review = ben.context.new_page()
        review.goto(f"http://localhost:{server.port}/review")
        assert "Decisions, turn by turn" in review.inner_text("main") and "onerror" in review.inner_text("main")
        assert review.evaluate("getComputedStyle(document.querySelector('table,p')).fontFamily").startswith("system-ui")

        # No page has asked another machine; and the server stops without complaint while they are open.
        own = f"http://localhost:{server.port}"
        assert {re.match(r"\w+://[^/]+", url)[0] for each in windows for url in each.asked} == {own}
    finally:
        server.stop()
    assert server.process.stderr.read().strip() in ("", "interrupted")


def drag(page: Any, start: str, end: str) -> None:
    """Drag the forces of a place to another place."""
    page.hover(f"[data-forces={start}]")
    page.mouse.down()
    to = page.locator(f"[data-place={end}] .place").bounding_box()
    page.mouse.move(to["x"] + 5, to["y"] + 5, steps=5)
    page.mouse.up()


OVERLAPS = """() => {
    const boxes = (css) => [...document.querySelectorAll(css)].map((node) => node.getBoundingClientRect());
    const names = boxes("#map .place-name"), forces = boxes("#map .force"), discs = boxes("#map .place");
    const meet = (p, q, off) => p.left + 1 < q.right - 1 && q.left + 1 < p.right - 1
      && p.top + off < q.bottom - off && q.top + off < p.bottom - off;
    const between = (some, others, off) => some.filter((p) => others.some((q) => p !== q && meet(p, q, off))).length;
    // A leader line runs through nothing but the forces that it leads to: its parts, in steps of a pixel.
    const ends = (line) => ["1", "2"].map((i) => new DOMPoint(line["x" + i].baseVal.value, line["y" + i].baseVal.value)
      .matrixTransform(line.getScreenCTM()));
    const is_in = (p, b, off) => p.x > b.left + 2 && p.x < b.right - 2 && p.y > b.top + off && p.y < b.bottom - off;
    const steps = (a, b, count = Math.ceil(Math.hypot(b.x - a.x, b.y - a.y))) => Array.from({ length: count }, (_, i) =>
      ({ x: a.x + (b.x - a.x) * i / count, y: a.y + (b.y - a.y) * i / count }));
    const lines = [...document.querySelectorAll("#map .leader")].map(ends);
    const run = (is_over) => lines.filter(([a, b]) => steps(a, b).some((p) => is_over(p, b))).length;
    return [between(names, names, 3), between(forces, forces, 0), between(names, forces, 3), between(forces, discs, 1),
      run((p) => names.some((box) => is_in(p, box, 4))),
      run((p, end) => forces.some((box) => is_in(p, box, 2) && !is_in(end, box, 0)))];
}"""


ARROWS = """() => {
    const arrows = [...document.querySelectorAll("#map .arrow")], first = document.querySelector("#map .node");
    const above = arrows.filter((arrow) => first.compareDocumentPosition(arrow) & Node.DOCUMENT_POSITION_FOLLOWING);
    const head = (arrow) => arrow.getPointAtLength(arrow.getTotalLength()).matrixTransform(arrow.getScreenCTM());
    const boxes = [...document.querySelectorAll("#map .force, #map .place-name")].map((n) => n.getBoundingClientRect());
    const is_in = (p, b) => p.x > b.left && p.x < b.right && p.y > b.top && p.y < b.bottom;
    const covered = arrows.map(head).filter((p) => boxes.some((b) => is_in(p, b)));
    return [arrows.length, above.length, covered.length];
}"""
"""Arrows on the map; those that lie above forces and names; those whose head is covered by one."""


def test_the_map_opens_at_the_front_and_nothing_overlaps(opened):
    page, *_ = opened(deployed(ROOT / "scenarios/hama-2024.yaml"), "regime")
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
        *overlaps, struck = page.evaluate(OVERLAPS)
        assert overlaps == [0, 0, 0, 0, 0], zoom
        # A line runs over forces only where there is no other room, as on a map of the whole country.
        assert struck == 0 or zoom != "front"
        assert page.evaluate(LABELS)["misread"] == [], zoom
        assert page.evaluate("document.querySelectorAll('#map .force').length") > 20
    page.click("[data-zoom=fit]")
    assert front < 0.7 * page.evaluate(unit)
    # So it is on a tablet and a phone, and nothing is wider than the window.
    for wide, high in ((820, 1180), (390, 800)):
        page.set_viewport_size({"width": wide, "height": high})
        for zoom in ("fit", "front"):
            page.click(f"[data-zoom={zoom}]")
            assert page.evaluate(OVERLAPS)[:-1] == [0, 0, 0, 0, 0], wide
            assert page.evaluate(LABELS)["misread"] == [], wide
        # The greatest towns of the front are named even there.
        assert {"Aleppo", "Hama"} <= set(page.locator("#map .place-name").all_text_contents())
        assert page.evaluate("document.documentElement.scrollWidth") <= wide


def test_a_team_votes_and_the_class_goes_over_to_a_branch(opened, window, plain):
    ann, address, rooms = opened(plain, "highlands")
    bob = window().page
    bob.goto(f"{address}/?code={rooms.open[0].code}")
    join_here(bob, "Bob", "highlands", "air")
    chief = started(window, address, rooms)
    chief.select_option("[aria-label='How Highlands decides']", "vote")
    for page in (ann, bob):
        page.click("#commit:has-text('I agree')")
    ann.wait_for_selector("#clock:has-text('Turn 2')")
    assert "forces of all sides" in chief.inner_text("#legend") and not ann.query_selector("#truth")
    chief.check("#truth")
    assert chief.evaluate("document.querySelectorAll('#map .force').length") == 5  # of both sides, by place

    chief.click("#tabs button:has-text('Games')")
    chief.fill("[aria-label='Name of the new game']", "What if?")
    chief.click("#branch")
    chief.click("#games li:has-text('What if?') button:has-text('Open')")
    for page in (ann, bob, chief):
        page.wait_for_selector("#clock:has-text('Turn 1')")
    chief.click("#tabs button:has-text('Games')")
    chief.wait_for_selector("h2:has-text('This game: What if?')")
    chief.click("#games button:has-text('Archive')")
    chief.click("#archive button:has-text('Delete …')")
    chief.click("#archive button:has-text('Delete for good')")
    chief.wait_for_selector("#archive", state="detached")
    room = rooms.open[0]
    assert [path.name for path in room.log.path.parent.rglob("*.game")] == [room.log.path.name]

    # A game for another group is opened beside this one, and the facilitator comes back to this one.
    chief.click("#new")
    chief.wait_for_selector("#game h1:has-text('Crossroads: Group 2')")
    cleo = window().page
    cleo.goto(address)
    cleo.fill("[name=code]", rooms.open[1].code)
    cleo.click("#join button:has-text('Go on')")
    cleo.wait_for_selector("[name=name]")
    join_here(cleo, "Cleo", "highlands")
    chief.select_option("#game-choice", room.code)
    chief.wait_for_selector("#game h1:has-text('What if?')")
