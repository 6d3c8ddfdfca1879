"""Arguments of public functions: read as what they were meant to be, or refused with their name."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Mapping
from typing import Any

from sim.kernel.cores import all_cores
from sim.scenario.messages import describe

MOST_SEED = 2**63 - 1
MOST_REPLICATES = 2_000_000_000
"""Of a run: counts of campaigns are kept in 32 bits."""
MOST_POINTS = 10_000_000
"""Of a study."""


def whole_number(name: str, value: Any, least: int, most: int) -> int:
    """A whole number within bounds. Takes NumPy's numbers and `1e3`; TypeError or ValueError for anything else."""
    bounds = f" from {least:,} to {most:,}"
    number = any_whole_number(name, value, bounds)
    if not least <= number <= most:
        raise ValueError(f"{name} should be a whole number{bounds}, but is {number:,}")
    return number


def any_whole_number(name: str, value: Any, bounds: str = "") -> int:
    """A whole number whose bounds are checked elsewhere; `bounds` says them. TypeError for anything else."""
    value = _plain(value)
    try:
        if isinstance(value, bool):
            raise TypeError
        return int(value) if isinstance(value, float) and value.is_integer() else operator.index(value)
    except TypeError:
        raise TypeError(f"{name} should be a whole number{bounds}, but is {_said(value)}") from None


def thread_count(jobs: int | None) -> int:
    """The threads that somebody asks for; all cores if nothing is said. ValueError, TypeError: no such number."""
    return all_cores() if jobs is None else whole_number("jobs", jobs, 1, 4096)


def real_number(name: str, value: Any) -> float:
    """A number, as Python's or NumPy's. TypeError for anything else, ValueError for one that is not finite."""
    value = _plain(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} should be a number, but is {_said(value)}")
    if not math.isfinite(value):
        raise ValueError(f"{name} should be a number, but is {_said(value)}")
    return value


def mapping(name: str, value: Any, example: str) -> Mapping[str, Any]:
    """A mapping from texts. TypeError for anything else, with an example of what is meant."""
    wanted = f"{name} should be a dict like {example}"
    if not isinstance(value, Mapping):
        raise TypeError(f"{wanted}, but is {_said(value)}")
    for key in value:
        if not isinstance(key, str):
            raise TypeError(f"{wanted}, but has the key {_said(key)}")
    return value


def texts(name: str, value: Iterable[str] | str) -> list[str]:
    """A list of texts; one text alone is a list of one. TypeError for anything else."""
    if isinstance(value, str):
        return [value]
    found: list[Any] = list(value) if isinstance(value, Iterable) else [value]
    for text in found:
        if not isinstance(text, str):
            raise TypeError(f"{name} should be a list of texts, but holds {_said(text)}")
    return found


def _plain(value: Any) -> Any:
    """NumPy's single numbers as Python's."""
    return value.item() if hasattr(value, "item") and getattr(value, "ndim", 1) == 0 else value


def _said(value: Any) -> str:
    return "None" if value is None else describe(value)
