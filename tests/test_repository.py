"""The engine knows no particular war, and the files stay readable and free of the machine they were written on."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Iterator

import pytest

from sim.engine.load import load

ROOT = pathlib.Path(__file__).parents[1]
SCENARIOS = sorted((ROOT / "scenarios").glob("*.yaml"))
PLAIN_WORDS = {"south", "opposition", "government", "quarry"}
"""Names in the scenarios that are plain words as well."""
NATIONS = {
    "syria",
    "syrian",
    "russian",
    "iranian",
    "turkish",
    "turkey",
    "hts",
    "assad",
    "taliban",
    "afghan",
    "afghanistan",
}
TEXT = {".py", ".yaml", ".yml", ".md", ".toml", ".txt", ".json", ".ipynb", ".html", ".cfg", ""}
AT_THE_TOP = ("Makefile", "pyproject.toml", "README.md", "CONTRIBUTING.md")
KEPT = ("sim", "scenarios", "tests", "seeds", "docs", "tools", "notebooks", "benchmarks", ".ci")


def texts(*folders: str) -> Iterator[pathlib.Path]:
    """Files that people write, below some folders or at the top."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix in TEXT and "__pycache__" not in path.parts:
                yield path
    yield from (ROOT / name for name in AT_THE_TOP)


@pytest.fixture(scope="module")
def names() -> set[str]:
    """Ids and names of the places, sides and sponsors of all scenarios, in small letters."""
    found = set(NATIONS)
    for path in SCENARIOS:
        scenario = load(path).scenario
        for part in (scenario.places, scenario.sides, scenario.sponsors):
            found |= {id.replace("_", " ") for id in part} | {entry.name.lower() for entry in part.values()}
    return {name for name in found - PLAIN_WORDS if len(name) > 2}


def test_no_name_of_a_war_in_the_engine(names: set[str]) -> None:
    assert {"hama", "regime", "aleppo", "russia"} <= names
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, sorted(names)))})\b")
    for path in [*(ROOT / "sim").rglob("*.py"), *(ROOT / "sim").rglob("*.yaml")]:
        text = path.read_text("utf-8").lower().replace("_", " ")
        assert not pattern.findall(text), path


def test_no_path_of_a_machine_and_no_address_of_a_registry() -> None:
    folders = "|".join(("work", "root", "home", "Users", "opt", "mnt"))
    pattern = re.compile(rf"(?<![\w.}}~*])/({folders})/\w|[.][.]/shared|[A-Z]:\\\w|--(extra-)?index-url|--find-links")
    for path in texts(*KEPT):
        if path != pathlib.Path(__file__):
            assert not pattern.search(path.read_text("utf-8")), path


def test_no_source_file_is_long() -> None:
    """The plain twin is exempt: it is laid out in few files, to be read beside the rules."""
    twin = ROOT / "tests" / "verification" / "twin"
    long = {
        path: lines
        for folder in ("sim", "tests", "benchmarks", "tools")
        for path in (ROOT / folder).rglob("*.py")
        if path.parent != twin and (lines := path.read_text("utf-8").count("\n")) >= 400
    }
    assert not long


def test_pinned_versions_are_exact() -> None:
    for path in (ROOT / ".ci").glob("requirements*.txt"):
        for line in path.read_text("utf-8").splitlines():
            assert re.match(r"#|-r requirements(-\w+)?\.txt$|[\w-]+==[\w.]+( ; \w+ [<>=]+ \S+)?$", line), line
