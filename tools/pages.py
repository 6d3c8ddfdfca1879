"""Pages of `docs/` with generated parts. A part stands between two markers that carry its name:

<!-- begin outcomes (make docs) -->
...
<!-- end outcomes -->
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
MODEL = DOCS / "model.md"
PART = re.compile(
    r"(?P<begin><!-- begin (?P<name>[\w.-]+)[^>]*-->\n)(?P<body>.*?)(?P<end><!-- end (?P=name) -->)", re.S
)


def pages() -> list[Path]:
    """All pages of the documentation, in order of their paths."""
    return sorted(DOCS.rglob("*.md"))


def parts(text: str) -> dict[str, str]:
    """The generated parts of a page, by name."""
    return {part["name"]: part["body"] for part in PART.finditer(text)}


def put(text: str, bodies: Mapping[str, str]) -> str:
    """The page with these bodies in the parts of these names. The other parts stay as they are.

    Raises ValueError if the page has no part of a name.
    """
    unknown = bodies.keys() - parts(text).keys()
    if unknown:
        raise ValueError(f"the page has no markers for {', '.join(sorted(unknown))}")

    def replaced(part: re.Match[str]) -> str:
        if part["name"] not in bodies:
            return part[0]
        return part["begin"] + bodies[part["name"]].rstrip("\n") + "\n" + part["end"]

    return PART.sub(replaced, text)


def by_hand(text: str) -> str:
    """The page without its generated parts."""
    return PART.sub("", text)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines) + "\n"


def _cell(value: object) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text.replace("|", "\\|")
