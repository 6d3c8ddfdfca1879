"""Figures that a verb draws beside its answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli.messages import say

if TYPE_CHECKING:
    from sim.plots.theme import PlotFigure


def draw(make: Callable[[], PlotFigure], picture: Path | None) -> None:
    """Save a figure if one is asked for, or say why there is none. The answer stands without it."""
    if picture is None:
        return
    from sim.plots.theme import save

    try:
        figure = make()
    except ValueError as error:
        say(f"no figure: {error}")
    else:
        save(figure, picture)
