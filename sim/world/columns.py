"""How a table is declared: its columns, and the record type of its rows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

CACHE_LINE = 8
"""Cells that the processor fetches at once."""


class Column(NamedTuple):
    """One attribute of an entity."""

    name: str
    is_real: bool
    unit: str
    meaning: str
    setting: str = ""


class Table(NamedTuple):
    """The rows of one kind of entity; `section` is the scenario's section that names them."""

    name: str
    section: str
    columns: tuple[Column, ...]

    @property
    def dtype(self) -> np.dtype:
        """Type of a row. Long rows are filled up to whole cache lines, so that a row's first columns are one fetch."""
        cells = len(self.columns)
        if cells > CACHE_LINE:
            cells += -cells % CACHE_LINE
        return np.dtype(
            {
                "names": self.names,
                "formats": [np.float64 if c.is_real else np.int64 for c in self.columns],
                "itemsize": 8 * cells,
            },
            align=True,
        )

    @property
    def names(self) -> list[str]:
        return [c.name for c in self.columns]


def real(name: str, unit: str, meaning: str, setting: str = "") -> Column:
    return Column(name, True, unit, meaning, setting)


def whole(name: str, unit: str, meaning: str, setting: str = "") -> Column:
    return Column(name, False, unit, meaning, setting)
