"""Plots of an ensemble's results: the map of control, fall times, strength and will.

Each figure is a function in the module of its name; matplotlib is imported when the first is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sim.plots.protocol import Results

if TYPE_CHECKING:
    from sim.plots.animation import Animation
    from sim.plots.map_layout import Region
    from sim.plots.theme import PlotFigure

__all__ = ["FILMS", "Plot", "Results", "plot_names", "save_all"]

FILMS = (".gif", ".mp4")
"""How names of animations end."""


class Plot:
    """The plots of one ensemble: `results.plot.control_map(day=8)`."""

    def __init__(self, results: Results) -> None:
        self._results = results

    def control_map(
        self, day: float | None = None, *, days: Sequence[float] | None = None, region: Region | None = None
    ) -> PlotFigure:
        """The shares of control on a map: on one day, on several, or from the start to the end."""
        from sim.plots.control_map import control_map

        return control_map(self._results, days if day is None else day, region)

    def control_film(self, *, region: Region | None = None) -> Animation:
        """The shares of control day by day, as an animation: `.save("control.gif")`, or `.mp4` where ffmpeg is."""
        from sim.plots.control_film import control_film

        return control_film(self._results, region)

    def fall_times(self, *places: str) -> PlotFigure:
        """By which day each place has fallen, in which share of the replicates."""
        from sim.plots.fall_times import fall_times

        return fall_times(self._results, *places)

    def strength_and_will(self) -> PlotFigure:
        """Strength and will of each side over time, with bands."""
        from sim.plots.strength_and_will import strength_and_will

        return strength_and_will(self._results)


def plot_names(results: Results) -> list[str]:
    """The plots that `save_all` draws. One place makes no map."""
    return [*(["control_map"] if len(results.place_ids) > 1 else []), "fall_times", "strength_and_will"]


def save_all(results: Results, folder: str | Path) -> list[Path]:
    """Write every plot of the results into `figures/` of a folder; returns the files."""
    from sim.plots.theme import save

    plot = Plot(results)
    files = {name: Path(folder) / "figures" / f"{name}.png" for name in plot_names(results)}
    return [save(getattr(plot, name)(), path) for name, path in files.items()]
