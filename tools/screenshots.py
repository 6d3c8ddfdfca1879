"""`python -m tools.screenshots [-n 1000] [--seed 1]`: pictures of pages for `docs/images/`, by a headless browser."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

import sim
from tools.ablations import SCENARIO
from tools.pages import DOCS

DAY, WIDTH, HEIGHT = 5.0, 1366, 768


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=1000, help="campaigns (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--browser", default="/usr/bin/chromium", help="default %(default)s")
    given = parser.parse_args()
    results = sim.run(SCENARIO, given.n, given.seed, results=None)
    tick = round(DAY * 24 / results.scenario.clock.tick_hours)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        page_file = results.replay().save(Path(folder) / "replay.html")
        browser = driver.chromium.launch(executable_path=given.browser, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.goto(f"{page_file.as_uri()}#tick={tick}")
        page.wait_for_selector("#replay:not([hidden])")
        page.wait_for_timeout(500)
        path = DOCS / "images" / "replay.png"
        page.screenshot(path=path)
        print(path)
        browser.close()


if __name__ == "__main__":
    main()
