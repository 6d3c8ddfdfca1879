"""Writing rows: values into the columns of a table, and dates into days of the campaign."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np

from sim.scenario.schema import Scenario


def day_of(scenario: Scenario, moment: datetime) -> float:
    """Days from the start of the campaign."""
    return (moment - scenario.start).total_seconds() / 86_400


def fill(table: np.ndarray, row: int, values: Mapping[str, Any]) -> None:
    """Write one row of a table."""
    for column, value in values.items():
        table[column][row] = value
