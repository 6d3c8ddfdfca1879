"""Tornado: how much an outcome depends on each input, the most important first, with 95 % intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.plots import theme

if TYPE_CHECKING:
    from sim.plots.study import Sensitivity

MOST = 15
ROW = 0.3  # inches for an input
NAMES = 3.3  # inches for their names
WORDS = {
    "sobol": "share of the variance of its expectation: alone (dark) and with all that it interacts in (light)",
    "morris": "mean size of the effect over the input's whole distribution",
    "pawn": "median distance of its distribution where the input is known",
    "regression": "standardised coefficient: right raises it, left lowers it",
}


def tornado(sensitivity: Sensitivity, most: int = MOST) -> theme.PlotFigure:
    """Draw the indices of a sensitivity analysis, `most` inputs of them. ValueError if it has no indices."""
    table = sensitivity.table.head(most)
    main = sensitivity.main
    if table.empty or table[main].isna().any():
        raise ValueError(f"the study cannot tell what {sensitivity.outcome} depends on, so there is nothing to draw")
    height = 1.62 + ROW * len(table)
    figure = theme.new_figure(8.2, height)
    axes = theme.chart(figure, NAMES + 0.25, 0.78, 8.2 - NAMES - 0.5, height - 1.62)
    rows = np.arange(len(table))
    middle, low, high = (table[column].to_numpy(float) for column in (main, f"{main}_low", f"{main}_high"))
    signed = sensitivity.method == "regression"
    colours = [theme.PALETTE[1] if signed and value < 0 else theme.PALETTE[0] for value in middle]
    light = 0.35 if sensitivity.method == "sobol" else 0.85
    axes.barh(rows, middle, 0.62, color=colours, alpha=light, linewidth=0)
    if sensitivity.method == "sobol":
        axes.barh(rows, np.clip(table["first"], 0.0, None), 0.34, color=theme.PALETTE[0], linewidth=0)
    axes.hlines(rows, low, high, color=theme.INK, linewidth=1.1)
    axes.axvline(0.0, color=theme.MUTED, linewidth=0.9)
    if sensitivity.floor:
        axes.axvline(sensitivity.floor, color=theme.MUTED, linewidth=0.9, linestyle=(0, (3, 2)))
    least, greatest = min(0.0, float(low.min())), max(0.0, float(high.max()))
    room = 0.04 * max(greatest - least, 1e-9)
    axes.set(xlim=(least - room, greatest + room), ylim=(len(table) - 0.4, -0.6))
    axes.xaxis.set_major_locator(theme.MaxNLocator(7))
    axes.set_yticks(rows, [theme.shorten(str(name), NAMES * 72, theme.LABEL) for name in table.index])
    axes.grid(visible=False, axis="y")
    unit = f", {sensitivity.unit}" if sensitivity.method == "morris" and sensitivity.unit else ""
    label = WORDS[sensitivity.method] + unit
    floor = "; dashed: what chance alone makes" if sensitivity.floor else ""
    theme.write(figure, 0.18, height - 0.36, f"What {sensitivity.outcome} depends on", theme.TITLE, weight="bold")
    theme.write(figure, 0.18, height - 0.58, f"{label}; lines: 95 % intervals{floor}", theme.LABEL, color=theme.MUTED)
    manifest = sensitivity.study.manifest
    note = f"{manifest['scenario']}: {manifest['points']:,} points, {manifest['replicates']:,} campaigns each"
    chance = "" if np.isnan(sensitivity.chance) else f".  Chance makes {sensitivity.chance:.0%} of the variance"
    left = len(sensitivity.table) - len(table)
    more = f".  {left} more inputs are not shown" if left else ""
    theme.write(figure, 0.18, 0.16, note + chance + more, theme.NOTE, color=theme.MUTED)
    return figure
