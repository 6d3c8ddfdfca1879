"""Fall times: by which day each place has fallen, in which share of the replicates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.plots import theme
from sim.plots.placement import Array, spread
from sim.statistics.intervals import wilson

if TYPE_CHECKING:
    from sim.plots.protocol import Results

MOST = 6  # places shown where the scenario names none
STYLES = ("-", (0, (5, 2)), (0, (1.5, 1.5)))  # the colours come round again with another line


def fall_times(results: Results, *places: str) -> theme.PlotFigure:
    """Draw the share of replicates in which each place has fallen by each day, with 95 % Wilson intervals.

    Without `places`: those whose `<place>.fall_day` the scenario reports, or else those that fall most.
    """
    for name in places:
        theme.check_known(name, results.place_ids, "place")
    names = list(dict.fromkeys(places)) or _default_places(results)
    curves = {name: fall_curve(results, name) for name in names}
    # The highest curve first, and of two that end level the one that rose sooner.
    names.sort(key=lambda name: (-curves[name][0][-1], -curves[name][0].sum()))

    height = max(4.4, 1.5 + 0.19 * len(names))
    figure = theme.new_figure(8.2, height)
    axes = theme.chart(figure, 0.65, 0.75, 5.75, height - 1.5)
    last = float(results.days[-1])
    axes.set(xlim=(0, last), ylim=(0, 1))
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    axes.set_xlabel(theme.days_from(results.scenario), fontsize=theme.LABEL, color=theme.MUTED, family=theme.FONT)
    axes.axvline(last, color=theme.MUTED, linewidth=0.9, linestyle=(0, (3, 2)), clip_on=False)
    horizon = f"end of the campaign: day {last:g}"
    theme.write(axes, last, 1.02, horizon, theme.NOTE, color=theme.MUTED, ha="right", va="bottom", clip_on=False)

    ends = np.array([curves[name][0][-1] for name in names])
    # Spread from the bottom up, so that of two level ends the first named stands above.
    heights = spread(ends[::-1], 13 / (72 * (height - 1.5)), 0.01, 0.99)[::-1]
    for i, name in enumerate(names):
        share, low, high = curves[name]
        colour = theme.PALETTE[i % len(theme.PALETTE)]
        style = STYLES[i // len(theme.PALETTE) % len(STYLES)]
        axes.fill_between(results.days, low, high, step="post", color=colour, alpha=0.16, linewidth=0)
        axes.step(
            results.days, share, where="post", color=colour, linewidth=1.8, linestyle=style, gid=name, clip_on=False
        )
        axes.plot(
            [last, last * 1.025],
            [ends[i], heights[i]],
            color=colour,
            linewidth=0.8,
            clip_on=False,
            solid_capstyle="round",
        )
        label = f"{theme.shorten(theme.place_name(results.scenario, name), 84)}  {percent(ends[i])}"
        theme.write(axes, last * 1.032, heights[i], label, color=colour, va="center", weight="bold", gid="end")

    theme.write(figure, 0.18, height - 0.33, "When places fall", theme.TITLE, weight="bold")
    meaning = "Share of replicates in which the place has left its first holder by that day, with 95 % intervals"
    theme.write(figure, 0.18, height - 0.53, meaning, theme.LABEL, color=theme.MUTED)
    theme.small_print(figure, results)
    return figure


def fall_curve(results: Results, place: str) -> tuple[Array, Array, Array]:
    """The share of replicates in which a place has fallen by each tick, and the bounds of its 95 % interval."""
    fallen = np.cumsum(results.falls[results.place_ids.index(place)])
    low, high = wilson(fallen, results.replicates)
    return fallen / results.replicates, low, high


def percent(share: float) -> str:
    """A share in whole per cent; never 0 % of something that happened, nor 100 % of something that did not always."""
    if 0 < share < 0.005:
        return "<1 %"
    if 0.995 <= share < 1:
        return ">99 %"
    return f"{100 * share:.0f} %"


def _default_places(results: Results) -> list[str]:
    asked = [
        outcome.removesuffix(".fall_day") for outcome in results.scenario.outcomes if outcome.endswith(".fall_day")
    ]
    reported = [name for name in dict.fromkeys(asked) if name in results.place_ids]
    if reported:
        return reported
    falls = results.falls.sum(axis=1)
    people = np.array([results.scenario.places[name].population for name in results.place_ids])
    most = np.lexsort((-people, -falls))[:MOST]
    return [results.place_ids[i] for i in most if falls[i] > 0 or falls.max() == 0]
