"""Words values for messages, as a person who wrote the file would call them."""

from __future__ import annotations

from typing import Any


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
