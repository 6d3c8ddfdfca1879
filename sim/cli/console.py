"""Numbers as people read them, and tables of 80 columns."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Iterator, Mapping
from typing import Any

WIDTH = 80


def table(
    head: tuple[str, ...],
    least: tuple[int, ...],
    outcomes: list[Mapping[str, Any]],
    cells_of: Callable[[Mapping[str, Any]], list[str]],
) -> Iterator[str]:
    """Rows of a table of 80 columns; a name too long for its column stands on a line of its own."""
    rows = [cells_of(outcome) for outcome in outcomes]
    widths = [max([width, *(len(row[i]) + 1 for row in rows)]) for i, width in enumerate(least)]
    room = WIDTH - sum(widths)
    yield head[0].ljust(room) + "".join(map(str.rjust, head[1:], widths))
    for outcome, cells in zip(outcomes, rows, strict=True):
        name = outcome.get("name") or outcome["outcome"]
        if (defined := outcome.get("defined", 1.0)) < 1.0:
            name += f" (defined in {percent(defined)})"
        if len(name) > room:
            yield name
            name = ""
        yield (name.ljust(room) + "".join(map(str.rjust, cells, widths))).rstrip()


def percent(share: float) -> str:
    """A share in per cent, with a decimal where it matters: near never and near always."""
    decimals = 0 if 0.02 <= share <= 0.98 or share in (0.0, 1.0) else 1
    text = f"{share * 100:.{decimals}f}"
    if share > 0.0 and text == "0.0":
        return "<0.1 %"
    return ">99.9 %" if share < 1.0 and text == "100.0" else f"{text} %"


def number(value: float | None) -> str:
    """A number as people read it: three figures that count, thousands set apart."""
    if value is None or not math.isfinite(value):
        return "-"
    if value == 0:
        return "0"
    decimals = 2 - math.floor(math.log10(abs(value)))
    rounded = round(value, decimals)
    return f"{rounded:,.{max(0, min(decimals, 6))}f}"


def duration(seconds: float) -> str:
    """A stretch of time in the unit that suits it."""
    if seconds < 90:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.1f} hours" if seconds < 2 * 86_400 else f"{seconds / 86_400:.1f} days"


def size(count: float) -> str:
    """An amount of memory or disk in the unit that suits it."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if count >= 10 or unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:,.1f} TB"


def wrapped(text: str, indent: str = "") -> Iterator[str]:
    """A paragraph as lines of 80 columns; names are not broken."""
    yield from textwrap.wrap(text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
