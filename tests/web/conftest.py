"""A real browser, headless. Without one its tests are left out; where `ORONTES_BROWSER=required` is set they fail."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
QUIET = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip

SERVER_GONE = ("net::ERR_INCOMPLETE_CHUNKED_ENCODING", "net::ERR_CONNECTION_REFUSED", "net::ERR_CONNECTION_RESET",
               "net::ERR_EMPTY_RESPONSE", "net::ERR_INTERNET_DISCONNECTED")  # fmt: skip
"""What a browser says, sooner or later, of a server that a test has stopped, or of a network that it has lost."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The browser, driven by Playwright."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        missing = "no browser is installed (chromium): tests of pages need one"
        if os.environ.get("ORONTES_BROWSER") == "required":
            pytest.fail(missing)
        pytest.skip(missing)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=found, args=list(QUIET))
        yield running
        running.close()


class Window:
    """One person's browser window. What a page complains about, and where it asks for things, is kept."""

    def __init__(self, browser: Any, width: int = 1366, height: int = 768) -> None:
        self.page = browser.new_context(viewport={"width": width, "height": height}).new_page()
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def _said(self, message: Any) -> None:
        if message.type == "error" and not any(gone in message.text for gone in SERVER_GONE):
            self.complaints.append(message.text)


@pytest.fixture
def window(browser: Any) -> Iterator[Any]:
    """Opens windows; at the end none of them has complained."""
    made: list[Window] = []

    def opened(width: int = 1366, height: int = 768) -> Window:
        made.append(Window(browser, width, height))
        return made[-1]

    yield opened
    complaints = [complaint for each in made for complaint in each.complaints]
    for each in made:
        each.page.context.close()
    assert not complaints
