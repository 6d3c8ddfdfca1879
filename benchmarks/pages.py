"""What a run's pages weigh and how fast they are: size, the time to write them, and the replay in a real browser."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import NamedTuple

from sim.ensemble.results import Results

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
SEEKS = """() => { const last = replay.campaign.ticks, wait = [], slider = document.getElementById("slider");
    const order = [...Array(last + 1).keys()];
    for (const t of [...order, ...order.slice().reverse(), ...order.map((t) => (t * 37) % (last + 1))]) {
      slider.value = t; slider.dispatchEvent(new Event("input")); wait.push(replay.milliseconds); }
    return wait; }"""
"""Every moment, forwards, backwards and in jumps: what the page itself measures for each."""


class Page(NamedTuple):
    """A page that was written."""

    path: Path
    seconds: float
    bytes: int


def written(results: Results, folder: Path) -> tuple[Page, Page]:
    """Report and replay of a run."""
    found = []
    for name, make in (("report.html", results.report), ("replay.html", results.replay)):
        began = time.perf_counter()
        path = make().save(folder / name)
        found.append(Page(path, time.perf_counter() - began, path.stat().st_size))
    return found[0], found[1]


def seeks(replay: Path) -> list[float]:
    """Milliseconds that each seek takes in a headless browser; none without a browser."""
    browser = next((path for name in NAMES if (path := shutil.which(name))), None)
    if browser is None:
        return []
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        page = running.new_page(viewport={"width": 1366, "height": 768})
        page.goto(replay.resolve().as_uri())
        wait: list[float] = page.evaluate(SEEKS)
        running.close()
    return wait
