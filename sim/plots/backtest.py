"""Back-test: the interval that each forecast gave to each time, and when it came."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.plots import theme

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.schema import Scenario

ROW = 0.62  # inches for an outcome


def backtest(table: pd.DataFrame, horizon: float, scenario: Scenario) -> theme.PlotFigure:
    """Draw the times of a back-test's table: 90 % interval and median of each forecast, and the observed day.

    What did not come within the horizon lies on its dashed line. ValueError if no outcome is a time.
    """
    times = table[table["kind"] == "time"]
    if times.empty:
        raise ValueError("a back-test is drawn for times such as PLACE.fall_day, and there are none")
    names = list(times.index.unique("outcome"))
    forecasts = list(times.index.unique("forecast"))
    height = 1.75 + ROW * len(names)
    figure = theme.new_figure(8.2, height)
    axes = theme.chart(figure, 2.35, 0.72, 5.5, height - 1.75)
    axes.set(xlim=(0, horizon * 1.02), ylim=(len(names) - 0.5, -0.5))
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel(theme.days_from(scenario), fontsize=theme.LABEL, color=theme.MUTED, family=theme.FONT)
    axes.axvline(horizon, color=theme.MUTED, linewidth=0.9, linestyle=(0, (3, 2)))
    offsets = np.linspace(-0.27, 0.27, len(forecasts))
    for shift, forecast, colour in zip(offsets, forecasts, theme.PALETTE, strict=False):
        for i, name in enumerate(names):
            if (name, forecast) not in times.index:
                continue
            row = times.loc[(name, forecast)]
            line = 2.6 if forecast == forecasts[0] else 1.2
            axes.plot([row["low"], row["high"]], [i + shift] * 2, color=colour, linewidth=line, solid_capstyle="butt")
            axes.plot(row["median"], i + shift, "o", color=colour, markersize=3.2 if line < 2 else 5)
        axes.plot([], [], color=colour, marker="o", markersize=4, label=forecast)
    for i, name in enumerate(names):
        observed = min(float(times.loc[(name, forecasts[0])]["observed"]), horizon)
        axes.plot([observed] * 2, [i - 0.4, i + 0.4], color=theme.INK, linewidth=1.6)
    axes.plot([], [], color=theme.INK, linewidth=1.6, label="observed")
    figure.legend(
        loc="upper left",
        bbox_to_anchor=(0.02, 1 - 0.52 / height),
        ncols=len(forecasts) + 1,
        frameon=False,
        prop={"family": theme.FONT, "size": theme.LABEL},
    )
    theme.write(figure, 0.18, height - 0.36, "Forecasts and what was observed", theme.TITLE, weight="bold")
    note = f"bars: 90 % intervals, dots: medians; the dashed line is the end of the campaign, day {horizon:g}"
    theme.write(figure, 0.18, 0.12, note, theme.NOTE, color=theme.MUTED)
    return figure
