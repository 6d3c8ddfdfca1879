"""The figures of a study and of a sensitivity analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from sim.plots.theme import PlotFigure


class Study(Protocol):
    """What a plot needs to know of a study."""

    @property
    def manifest(self) -> Mapping[str, Any]: ...
    @property
    def points(self) -> pd.DataFrame: ...
    @property
    def paths(self) -> list[str]: ...
    def require(self, outcome: str) -> dict[str, Any]: ...
    def sensitivity(self, outcome: str, method: str | None = None) -> Sensitivity: ...


class Sensitivity(Protocol):
    """What a plot needs to know of a sensitivity analysis."""

    @property
    def outcome(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def table(self) -> pd.DataFrame: ...
    @property
    def main(self) -> str: ...
    @property
    def chance(self) -> float: ...
    @property
    def floor(self) -> float: ...
    @property
    def study(self) -> Study: ...


class Calibration(Protocol):
    """What a plot needs to know of a calibration."""

    @property
    def scenario(self) -> str: ...
    @property
    def left(self) -> float: ...
    @property
    def inputs(self) -> pd.DataFrame: ...
    @property
    def survey(self) -> pd.DataFrame: ...
    @property
    def draws(self) -> pd.DataFrame: ...
    @property
    def waves(self) -> pd.DataFrame: ...
    @property
    def headline(self) -> tuple[str, ...]: ...


class StudyPlot:
    """The plots of one study: `study.plot.heat_map("hill.fall_day")`."""

    def __init__(self, study: Study) -> None:
        self._study = study

    def heat_map(self, outcome: str, x: str | None = None, y: str | None = None) -> PlotFigure:
        """What an outcome comes to over a grid of two paths; those that vary, or `x` and `y`."""
        from sim.plots.heat_map import heat_map

        return heat_map(self._study, outcome, x, y)

    def tornado(self, outcome: str, method: str | None = None) -> PlotFigure:
        """Which inputs an outcome depends on, the most important first."""
        from sim.plots.tornado import tornado

        return tornado(self._study.sensitivity(outcome, method))


class SensitivityPlot:
    """The plot of one sensitivity analysis: `sensitivity.plot.tornado()`."""

    def __init__(self, sensitivity: Sensitivity) -> None:
        self._sensitivity = sensitivity

    def tornado(self, most: int = 15) -> PlotFigure:
        """Bars of the indices, the most important input first, with 95 % intervals."""
        from sim.plots.tornado import tornado

        return tornado(self._sensitivity, most)


class CalibrationPlot:
    """The plot of one calibration: `calibration.plot.ruled_out()`."""

    def __init__(self, calibration: Calibration) -> None:
        self._calibration = calibration

    def ruled_out(self, *inputs: str, most: int = 4) -> PlotFigure:
        """Which parts of the inputs' ranges are left, one by one and in pairs; those of which most was learnt."""
        from sim.plots.ruled_out import ruled_out

        return ruled_out(self._calibration, inputs, most)
