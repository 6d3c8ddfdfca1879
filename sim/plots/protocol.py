"""What a plot needs to know of an ensemble's results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from sim.scenario.schema import Scenario


class Results(Protocol):
    """An ensemble of campaigns, summed up over its replicates at each recorded tick."""

    @property
    def scenario(self) -> Scenario: ...
    @property
    def replicates(self) -> int: ...
    @property
    def seed(self) -> int: ...
    @property
    def place_ids(self) -> list[str]: ...
    @property
    def side_ids(self) -> list[str]: ...
    @property
    def days(self) -> NDArray[np.float64]:
        """Day of each recorded tick; 0 is the start."""

    @property
    def control(self) -> NDArray[np.float64]:
        """[ticks, places, sides]: share of the replicates in which the side holds the place."""

    @property
    def falls(self) -> NDArray[np.int64]:
        """[places, ticks]: number of replicates in which the place first left its first holder at that tick."""

    @property
    def series(self) -> pd.DataFrame:
        """A row per day and quantity: day, quantity, mean, p05, p25, median, p75, p95."""
