"""The site: it builds without a warning, loads nothing from a network, and no link is dead."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.site.build import build
from tools.site.check import faults


def test_the_site_builds_and_works_offline(tmp_path: Path) -> None:
    build(tmp_path / "site")
    assert faults(tmp_path / "site") == []
    assert (tmp_path / "site" / "reference" / "scenario.html").is_file()


def test_what_sphinx_warns_of_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = tmp_path / "docs"
    pages.mkdir()
    (pages / "index.md").write_text("# Front\n\n[nowhere](gone.md)\n")
    monkeypatch.setattr("tools.site.build.DOCS", pages)
    with pytest.raises(RuntimeError, match=r"index\.md:3.*gone\.md"):
        build(tmp_path / "site")


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        ('<script src="https://cdn.example/x.js"></script>', "index.html: loads https://cdn.example/x.js"),
        ('<link rel="stylesheet" href="//fonts.example/a.css">', "index.html: loads //fonts.example/a.css"),
        ('<img src="https://img.example/a.png">', "index.html: loads https://img.example/a.png"),
        ('<p style="background: url(http://a.example/b.png)">', "index.html: loads http://a.example/b.png"),
        ('<a href="gone.html">', "index.html: dead link gone.html"),
        ('<a href="other.html#no">', "index.html: dead link other.html#no"),
        ('<a href="#no">', "index.html: dead link #no"),
        ('<img src="gone.png">', "index.html: dead link gone.png"),
        ('<style>@import "https://a.example/b.css"</style>', "index.html: loads https://a.example/b.css"),
    ],
)
def test_each_kind_of_fault_is_found(page: str, fault: str, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(page)
    (tmp_path / "other.html").write_text('<h1 id="yes">Other</h1>')
    (found,) = faults(tmp_path)
    assert found.startswith(fault)


def test_what_is_only_followed_may_lead_anywhere(tmp_path: Path) -> None:
    page = '<a href="https://example.org">, <a href="other.html#yes">, <a href="#here" id="here">, <a href="sub/">'
    (tmp_path / "index.html").write_text(page)
    (tmp_path / "other.html").write_text('<h1 id="yes">Other</h1>')
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "index.html").write_text("")
    assert faults(tmp_path) == []


def test_a_style_sheet_that_loads_from_a_network_is_found(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("")
    (tmp_path / "site.css").write_text("@font-face {src: url('https://a.example/f.woff2')}")
    assert faults(tmp_path) == ["site.css: loads https://a.example/f.woff2 from a network"]
