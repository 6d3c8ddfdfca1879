"""What a calibration ruled out: the share of the space that is left, for pairs of inputs, and what each may be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from sim.plots import theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.plots.study import Calibration

CELLS = 6
BARS = 16
CELLS_WIDE = (1.55, 2.4)  # inches of a panel, at least and at most
GAP = 0.16  # inches between panels
LEFT, BOTTOM, TOP = 1.35, 1.05, 0.86
NARROWEST = 7.6
SHADES = LinearSegmentedColormap.from_list("left", ["#ffffff", "#bcd7ea", theme.PALETTE[0], "#063a5c"])


def ruled_out(calibration: Calibration, inputs: Sequence[str] = (), most: int = 4) -> theme.PlotFigure:
    """Draw the inputs of which most was learnt, or those that are named. ValueError for a name that there is not."""
    known = [str(name) for name in calibration.inputs.index]
    for name in inputs:
        theme.check_known(name, known, "input of this calibration")
    names = list(inputs) or known[: max(1, most)]
    count = len(names)
    cell = min(CELLS_WIDE[1], max(CELLS_WIDE[0], (NARROWEST - LEFT - 0.3) / count - GAP))
    width = max(NARROWEST, LEFT + count * (cell + GAP) + 0.3)
    height = BOTTOM + count * (cell + GAP) + TOP
    figure = theme.new_figure(width, height)
    for row, down in enumerate(names):
        for column, across in enumerate(names[: row + 1]):
            bottom = BOTTOM + (count - 1 - row) * (cell + GAP)
            axes = theme.chart(figure, LEFT + column * (cell + GAP), bottom, cell, cell)
            if row == column:
                _bars(axes, calibration, across)
            else:
                _shares(axes, calibration, across, down)
            _ticks(axes, calibration, across, down, row == count - 1, column == 0 and row > 0, cell)
    titled = "What the evidence leaves of the inputs' ranges"
    theme.write(figure, 0.18, height - 0.36, titled, theme.TITLE, weight="bold")
    said = "squares: share of the space that is left over two inputs, from white (none) to dark (all)"
    more = "bars: what agrees with the targets, as against before (dashed); grey: nothing was learnt"
    theme.write(figure, 0.18, height - 0.58, said, theme.LABEL, color=theme.MUTED)
    theme.write(figure, 0.18, height - 0.76, more, theme.LABEL, color=theme.MUTED)
    count = len(calibration.waves)
    waves = f"{count} wave{'s' if count != 1 else ''}"
    note = f"{calibration.scenario}: {waves}.  {calibration.headline[0]}"
    theme.write(figure, 0.18, 0.16, theme.shorten(note, 72 * (width - 0.4), theme.NOTE), theme.NOTE, color=theme.MUTED)
    return figure


def _bars(axes: Axes, calibration: Calibration, name: str) -> None:
    """The distribution of one input, as a multiple of what it was before."""
    draws = calibration.draws
    edges = np.linspace(0.0, 1.0, BARS + 1)
    high = 2.0
    if len(draws):
        density, _ = np.histogram(draws[name], edges, weights=draws["weight"] * BARS)
        colour = theme.PALETTE[0] if calibration.inputs["learnt"][name] else theme.FAINT
        axes.bar(edges[:-1], density, 1.0 / BARS, align="edge", color=colour, alpha=0.85, linewidth=0)
        high = max(high, 1.1 * float(density.max()))
    axes.axhline(1.0, color=theme.INK, linewidth=0.9, linestyle=(0, (3, 2)))
    axes.set(xlim=(0, 1), ylim=(0, high))
    axes.grid(visible=False)


def _shares(axes: Axes, calibration: Calibration, across: str, down: str) -> None:
    """The share of the space that is left, over two inputs; the others anywhere in their ranges."""
    survey = calibration.survey
    edges = np.linspace(0.0, 1.0, CELLS + 1)
    every, _, _ = np.histogram2d(survey[across], survey[down], [edges, edges])
    left, _, _ = np.histogram2d(survey[across], survey[down], [edges, edges], weights=survey["left"].astype(float))
    share = np.where(every > 0, left / np.maximum(every, 1), 0.0)
    axes.pcolormesh(edges, edges, share.T, cmap=SHADES, vmin=0.0, vmax=1.0, linewidth=0, rasterized=True)
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.grid(visible=False)


def _ticks(
    axes: Axes, calibration: Calibration, across: str, down: str, lowest: bool, first: bool, cell: float
) -> None:
    """The ends of the ranges and the names, at the outer panels only."""
    table = calibration.inputs
    ends = dict(zip(map(str, table.index), table[["low", "high"]].to_numpy(float).tolist(), strict=True))
    axes.set_xticks([0.0, 1.0], [_number(value) for value in ends[across]] if lowest else ["", ""])
    axes.set_yticks([0.04, 0.96], [_number(value) for value in ends[down]] if first else ["", ""])
    left, right = axes.get_xticklabels()
    left.set_horizontalalignment("left")
    right.set_horizontalalignment("right")
    axes.tick_params(length=0)
    room = cell * 72 + 8
    place: dict[str, Any] = {"transform": axes.transAxes, "ha": "center"}
    if lowest:
        for line, part in enumerate(_lines(across, room)):
            theme.write(axes, 0.5, -(0.34 + 0.155 * line) / cell, part, theme.NOTE, **place)
    if first:
        for line, part in enumerate(_lines(down, room)):
            beside = (-0.96 + 0.155 * line) / cell
            theme.write(axes, beside, 0.5, part, theme.NOTE, va="center", rotation=90, **place)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _lines(name: str, room: float) -> list[str]:
    """A name on up to three lines, broken at its dots."""
    lines = [""]
    for part in name.replace(".", ". ").split():
        joined = f"{lines[-1]}{'' if lines[-1].endswith('.') or not lines[-1] else ' '}{part}"
        if theme.extent(joined, theme.NOTE)[0] <= room or not lines[-1]:
            lines[-1] = joined
        else:
            lines.append(part)
    return [theme.shorten(line, room, theme.NOTE) for line in lines[:3]]
