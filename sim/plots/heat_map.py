"""Heat map: what an outcome comes to over a grid of two inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from sim.plots import theme

if TYPE_CHECKING:
    from sim.plots.study import Study

COLOURS = LinearSegmentedColormap.from_list("shares", ["#f3f6f9", "#9cc7e0", "#2f7fb5", "#123f66"])
SIDE = 5.0  # inches
WRITTEN = 12
"""Levels of each input up to which the numbers are written into the cells."""


def heat_map(study: Study, outcome: str, x: str | None = None, y: str | None = None) -> theme.PlotFigure:
    """Draw the estimate of an outcome in each cell of a grid over two paths.

    Without `x` and `y`: the two paths that vary; a third one is averaged over. ValueError if the study is no grid.
    """
    said = study.require(outcome)
    x, y = _axes(study, x, y)
    cells = study.points.pivot_table(outcome, y, x, aggfunc="mean", dropna=False)
    width = study.points.assign(half=(study.points[f"{outcome} high"] - study.points[f"{outcome} low"]) / 2)["half"]
    table = cells.to_numpy(float)
    share = said["kind"] != "quantity"
    figure = theme.new_figure(8.2, SIDE + 1.9)
    axes = theme.frame(figure, 1.35, 1.05, SIDE, SIDE - 0.15)
    low, high = (0.0, 1.0) if share else (float(np.nanmin(table)), float(np.nanmax(table)))
    picture = axes.imshow(table, cmap=COLOURS, vmin=low, vmax=max(high, low + 1e-12), origin="lower", aspect="auto")
    for side in axes.spines.values():
        side.set_visible(False)
    axes.tick_params(colors=theme.MUTED, labelsize=theme.LABEL, length=0, labelfontfamily=theme.FONT)
    _ticks(axes.set_xticks, cells.columns.to_numpy(float))
    _ticks(axes.set_yticks, cells.index.to_numpy(float))
    style: dict[str, Any] = {"fontsize": theme.LABEL, "color": theme.INK, "family": theme.FONT, "parse_math": False}
    axes.set_xlabel(theme.shorten(x, SIDE * 72), **style)
    axes.set_ylabel(theme.shorten(y, SIDE * 72), **style)
    if max(table.shape) <= WRITTEN:
        for (row, column), value in np.ndenumerate(table):
            dark = (value - low) / max(high - low, 1e-12) > 0.55
            text = "-" if np.isnan(value) else f"{value:.0%}" if share else f"{value:,.3g}"
            colour = theme.PAPER if dark else theme.INK
            theme.write(axes, column, row, text, theme.NOTE, color=colour, ha="center", va="center")
    bar = figure.colorbar(picture, cax=theme.frame(figure, SIDE + 1.6, 1.05, 0.16, SIDE - 0.15))
    bar.outline.set_visible(False)
    bar.ax.tick_params(colors=theme.MUTED, labelsize=theme.LABEL, length=0, labelfontfamily=theme.FONT)
    if share:
        bar.ax.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    what = (
        "share of the campaigns in which it happens" if share else f"mean, {said['unit']}" if said["unit"] else "mean"
    )
    theme.write(figure, 0.18, SIDE + 1.54, outcome, theme.TITLE, weight="bold")
    theme.write(figure, 0.18, SIDE + 1.3, f"{what}, by {x} and {y}"[:110], theme.LABEL, color=theme.MUTED)
    manifest = study.manifest
    half = f"{100 * width.max():.0f} points" if share else f"{width.max():.3g}"
    note = (
        f"{manifest['scenario']}: {manifest['points']:,} points, {manifest['replicates']:,} campaigns each; 95 %"
        f" intervals are at most ±{half} wide"
    )
    theme.write(figure, 0.18, 0.16, note, theme.NOTE, color=theme.MUTED)
    return figure


def _axes(study: Study, x: str | None, y: str | None) -> tuple[str, str]:
    """The two paths that the map shows."""
    if study.manifest["design"] not in ("grid", "table"):
        raise ValueError(
            f"a heat map needs the points of a grid, but the study has the design {study.manifest['design']}"
        )
    for path in (x, y):
        if path is not None:
            theme.check_known(path, study.paths, "path of this study")
    varied = [path for path in study.paths if study.points[path].nunique() > 1]
    left = [path for path in varied if path not in (x, y)]
    chosen = [path if path is not None else (left.pop(0) if left else "") for path in (x, y)]
    if not all(chosen) or chosen[0] == chosen[1]:
        raise ValueError(f"a heat map needs two paths that vary, but the study varies {', '.join(varied) or 'none'}")
    cells = study.points[chosen[0]].nunique() * study.points[chosen[1]].nunique()
    if cells > len(study.points):
        raise ValueError(
            f"a heat map needs the points of a grid: {len(study.points):,} points do not fill {cells:,} cells"
        )
    return chosen[0], chosen[1]


def _ticks(place: Any, levels: np.ndarray) -> None:
    """At most eight levels are named."""
    shown = np.unique(np.linspace(0, len(levels) - 1, min(8, len(levels))).round().astype(int))
    place(shown, [f"{levels[i]:.4g}" for i in shown])
