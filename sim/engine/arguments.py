"""Arguments of public functions: read as what they were meant to be, or refused with their name."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any

from sim.scenario.messages import describe

MOST_SEED = 2**63 - 1
MOST_REPLICATES = 2_000_000_000
"""Of a run: counts of campaigns are kept in 32 bits."""


def whole_number(name: str, value: Any, least: int, most: int) -> int:
    """A whole number within bounds. Takes NumPy's numbers and `1e3`; TypeError or ValueError for anything else."""
    wanted = f"{name} should be a whole number from {least:,} to {most:,}"
    if hasattr(value, "item") and getattr(value, "ndim", 1) == 0:
        value = value.item()
    if isinstance(value, bool):
        raise TypeError(f"{wanted}, but is {describe(value)}")
    try:
        number = int(value) if isinstance(value, float) and value.is_integer() else operator.index(value)
    except TypeError:
        said = "None" if value is None else describe(value)
        raise TypeError(f"{wanted}, but is {said}") from None
    if not least <= number <= most:
        raise ValueError(f"{wanted}, but is {number:,}")
    return number


def texts(name: str, value: Iterable[str] | str) -> list[str]:
    """A list of texts; one text alone is a list of one. TypeError for anything else."""
    if isinstance(value, str):
        return [value]
    found: list[Any] = list(value) if isinstance(value, Iterable) else [value]
    for text in found:
        if not isinstance(text, str):
            raise TypeError(f"{name} should be a list of texts, but holds {describe(text)}")
    return found
