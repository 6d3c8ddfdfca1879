"""Strength and will: how many people each side has under arms, and how far it will go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import FuncFormatter

from sim.plots import theme
from sim.plots.placement import spread

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from sim.plots.protocol import Results

STILL = 0.02  # a side whose strength and will change by less than this share stands aside: drawn in grey
WIDTH, PLOT_WIDTH = 11.0, 3.0  # inches
LEAST, LINE = 2.7, 0.18  # inches: height of the plots, which grows with the lines of names at their right
ABOVE, BELOW = 0.75, 0.75  # inches: titles, the axis and the small print
LEFT, RIGHT = 0.7, 5.85  # inches: where the two plots begin


def strength_and_will(results: Results) -> theme.PlotFigure:
    """Draw each side's strength and will over time: the median replicate, and bands of 50 % and 90 % of them."""
    sides = [side for side in results.side_ids if _has_any(results, side)]
    colours = theme.side_colours(results.scenario)
    still = {side for side in sides if _stands_aside(results, side)}
    sides.sort(key=lambda side: side not in still)  # those that fight are drawn over those that stand aside
    shades = {side: theme.FAINT if side in still else colours[side] for side in sides}

    plot_height = max(LEAST, LINE * len(sides))
    height = BELOW + plot_height + ABOVE
    figure = theme.new_figure(WIDTH, height)
    left = theme.chart(figure, LEFT, BELOW, PLOT_WIDTH, plot_height)
    right = theme.chart(figure, RIGHT, BELOW, PLOT_WIDTH, plot_height)
    greatest = max((float(_curves(results, side, "strength")["p95"].max()) for side in sides), default=0)
    left.set_ylim(0, 1.05 * greatest or 1)
    left.yaxis.set_major_formatter(FuncFormatter(lambda people, _: f"{people:,.0f}"))
    right.set_ylim(0, 1)
    for axes, quantity in ((left, "strength"), (right, "will")):
        _draw(axes, results, quantity, shades, plot_height)
    theme.write(figure, LEFT, height - 0.7, "Strength: people under arms", theme.HEADING, weight="bold")
    theme.write(figure, RIGHT, height - 0.7, "Will to go on, 0 to 1", theme.HEADING, weight="bold")
    theme.write(figure, 0.18, height - 0.33, "Strength and will of the sides", theme.TITLE, weight="bold")
    grey = "; grey: sides that change little" if still else ""
    theme.small_print(figure, results, f"Lines: median; bands: 50 % and 90 % of the replicates{grey}")
    return figure


def _curves(results: Results, side: str, quantity: str) -> pd.DataFrame:
    """The rows of one side's strength or will, in order of days."""
    series = results.series
    rows = series[series["quantity"] == f"{side}.{quantity}"].sort_values("day")
    if rows.empty:
        raise ValueError(f"the results have no series {side}.{quantity}")
    return rows


def _has_any(results: Results, side: str) -> bool:
    return bool(_curves(results, side, "strength")["p95"].max() > 0)


def _stands_aside(results: Results, side: str) -> bool:
    """Whether next to nothing happens to a side: no quantile of its strength or will moves from where it starts."""
    for quantity, scale in (("strength", float(_curves(results, side, "strength")["p95"].max())), ("will", 1.0)):
        quantiles = _curves(results, side, quantity)[["p05", "median", "p95"]]
        if float(abs(quantiles - quantiles.iloc[0]).to_numpy().max()) > STILL * scale:
            return False
    return True


def _draw(axes: Axes, results: Results, quantity: str, shades: dict[str, str], plot_height: float) -> None:
    """One quantity of all sides, named at the ends of their lines."""
    last = float(results.days[-1])
    axes.set_xlim(0, last)
    axes.set_xlabel(theme.days_from(results.scenario), fontsize=theme.LABEL, color=theme.MUTED, family=theme.FONT)
    ends = []
    for side, colour in shades.items():
        curve = _curves(results, side, quantity)
        if colour != theme.FAINT:
            for low, high, alpha in (("p05", "p95", 0.14), ("p25", "p75", 0.22)):
                axes.fill_between(curve["day"], curve[low], curve[high], color=colour, alpha=alpha, linewidth=0)
        width = 1.2 if colour == theme.FAINT else 2.0
        axes.plot(curve["day"], curve["median"], color=colour, linewidth=width, gid=f"{side}.{quantity}")
        ends.append(float(curve["median"].iloc[-1]))
    top = axes.get_ylim()[1]
    heights = spread(np.array(ends), 12.5 / (72 * plot_height) * top, 0.015 * top, 0.985 * top)
    for (side, colour), end, height in zip(shades.items(), ends, heights, strict=True):
        axes.plot([last, 1.035 * last], [end, height], color=colour, linewidth=0.8, clip_on=False)
        name = theme.shorten(theme.side_name(results.scenario, side), 112)
        ink = theme.MUTED if colour == theme.FAINT else colour
        theme.write(axes, 1.045 * last, height, name, color=ink, va="center", gid="end")
