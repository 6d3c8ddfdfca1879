"""Words values for messages, as a person who wrote the file would call them."""

from __future__ import annotations

import html
import math
import unicodedata
from collections.abc import Mapping
from typing import Any

UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories of what does not print: control characters, marks of direction, halves of surrogate pairs."""
KEPT = frozenset("\n\t\u200c\u200d")
"""Ends of lines, tabs, and the joiners that several scripts need."""


def describe(value: Any) -> str:
    """A value in plain words, cut when long."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, str):
        return f"the text '{shorten(value)}'"
    return {"inf": ".inf", "-inf": "-.inf", "nan": ".nan"}.get(str(value), shorten(str(value)))


def shorten(text: str) -> str:
    """A text for a message, cut when long."""
    return text if len(text) <= 40 else text[:37] + "..."


def number(value: float) -> str:
    """A number as a person writes it."""
    return f"{value:g}" if abs(value) < 1e6 else f"{value:,.0f}"


def printable(text: str) -> str:
    """A text as it may reach a terminal: what does not print stands as an escape, as in `\\x1b`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        letter if letter in KEPT or unicodedata.category(letter) not in UNSEEN else ascii(letter)[1:-1]
        for letter in text
    )


def escaped(text: str) -> str:
    """A text as a part of a page: signs of markup, and what does not print, stand as escapes."""
    return html.escape(printable(text))


def printable_data(data: Any) -> Any:
    """Plain data as a page may get them: in texts what does not print stands as an escape; no number is infinite."""
    if isinstance(data, str):
        return printable(data)
    if isinstance(data, float):
        return data if math.isfinite(data) else None
    if isinstance(data, Mapping):
        return {printable_data(key): printable_data(value) for key, value in data.items()}
    # Long lists of whole numbers are left alone, for speed.
    if isinstance(data, (list, tuple)) and not (data and type(data[0]) is type(data[-1]) is int):
        return [printable_data(value) for value in data]
    return data
