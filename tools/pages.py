"""Pages with parts that a program writes: each stands between two markers with its name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

MODEL = Path(__file__).parents[1] / "docs" / "model.md"
PART = re.compile(
    r"(?P<begin><!-- begin (?P<name>[\w.-]+)[^>]*-->\n)(?P<body>.*?)(?P<end><!-- end (?P=name) -->)", re.S
)


def parts(text: str) -> dict[str, str]:
    """The parts of a page that are written by a program, by name."""
    return {part["name"]: part["body"] for part in PART.finditer(text)}


def put(text: str, bodies: Mapping[str, str]) -> str:
    """A page with new bodies in the parts of these names; the other parts stay as they are."""
    unknown = bodies.keys() - parts(text).keys()
    if unknown:
        raise ValueError(f"the page has no markers for {', '.join(sorted(unknown))}")
    return PART.sub(
        lambda part: (
            part["begin"] + bodies.get(part["name"], part["body"]).rstrip("\n") + "\n" + part["end"]
            if part["name"] in bodies
            else part[0]
        ),
        text,
    )


def by_hand(text: str) -> str:
    """What people wrote of a page: all that stands outside the markers."""
    return PART.sub("", text)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines) + "\n"


def _cell(value: object) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text.replace("|", "\\|")
