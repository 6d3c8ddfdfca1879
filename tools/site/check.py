"""Checks a built site: no page loads anything from a network, and no link leads nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {("script", "src"), ("link", "href"), ("img", "src"), ("iframe", "src"), ("source", "src"), ("video", "src")}
"""What a browser fetches without being asked; an `a` is only followed."""
NOT_FETCHED = {"canonical", "author", "license"}
"""Values of `rel` of a `link` that only inform."""
CSS_URL = re.compile(r"""url\(\s*['"]?([^'")]+)|@import\s+['"]([^'"]+)""")


class Page(HTMLParser):
    """The addresses that one page loads or links to, and the anchors that it has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self._in_style = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        self.anchors |= {named[name] for name in ("id", "name") if name in named}
        if tag == "a" and "href" in named:
            self.links.append(named["href"])
        for name in ("src", "href", "srcset"):
            if (tag, name) in LOADED and name in named and named.get("rel", "") not in NOT_FETCHED:
                self.loads.append(named[name])
        self.loads += _addresses(named.get("style", ""))
        self._in_style = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.loads += _addresses(data)


def faults(folder: Path) -> list[str]:
    """What is wrong with a site, a line each: `page: what`."""
    pages = {path: Page(path.read_text("utf-8")) for path in sorted(folder.rglob("*.html"))}
    if not pages:
        return [f"{folder}: there is no page"]
    found = []
    for path, page in pages.items():
        name = path.relative_to(folder)
        found += [f"{name}: loads {address} from a network" for address in page.loads if _is_remote(address)]
        for address in (*page.loads, *page.links):
            if not urlsplit(address).scheme and not _is_remote(address) and not _leads_somewhere(address, path, pages):
                found.append(f"{name}: dead link {address}")
    for path in sorted(folder.rglob("*.css")):
        for address in _addresses(path.read_text("utf-8")):
            if _is_remote(address):
                found.append(f"{path.relative_to(folder)}: loads {address} from a network")
    return found


def _addresses(css: str) -> Iterator[str]:
    return (first or second for first, second in CSS_URL.findall(css))


def _is_remote(address: str) -> bool:
    return urlsplit(address).scheme in ("http", "https", "ftp") or address.startswith("//")


def _leads_somewhere(address: str, path: Path, pages: dict[Path, Page]) -> bool:
    split = urlsplit(address)
    target = (path.parent / unquote(split.path)).resolve() if split.path else path.resolve()
    if target.is_dir():
        target /= "index.html"
    if not target.is_file():
        return False
    by_path = {page_path.resolve(): page for page_path, page in pages.items()}
    return not split.fragment or target not in by_path or unquote(split.fragment) in by_path[target].anchors
