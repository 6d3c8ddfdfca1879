"""Forest plot: what each variant changes of one outcome, with intervals that hold together, the largest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from sim.plots import theme

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

ROW = 0.24  # inches for a variant
MOST = 60
"""Variants that are drawn; of more, those that change most."""
LABELS = 190.0
"""Points that a name has at most."""


class Comparison(Protocol):
    """What the plot reads of a comparison."""

    @property
    def manifest(self) -> Mapping[str, Any]: ...
    @property
    def level(self) -> float: ...
    @property
    def replicates(self) -> int: ...
    @property
    def measures(self) -> list[tuple[str, str]]: ...
    def of(self, outcome: str, measure: str | None = None) -> pd.DataFrame: ...


class ForestPlot:
    """The plot of a comparison: `comparison.plot.forest("hill.fall_day")`."""

    def __init__(self, comparison: Comparison) -> None:
        self._comparison = comparison

    def forest(self, outcome: str | None = None, measure: str | None = None) -> theme.PlotFigure:
        """Draw the differences of one outcome (the first if nothing is said), a row per variant."""
        return forest(self._comparison, outcome or self._comparison.measures[0][0], measure)


def forest(comparison: Comparison, outcome: str, measure: str | None = None) -> theme.PlotFigure:
    """Draw the difference of each variant from the scenario as it is, with its interval and its figures."""
    rows = comparison.of(outcome, measure)
    rows = rows.iloc[np.argsort(-rows["difference"].abs().fillna(0.0).to_numpy(), kind="stable")][:MOST]
    first = rows.iloc[0]
    is_share = first["measure"] == "probability"
    scale, unit = (100.0, "percentage points") if is_share else (1.0, str(first["unit"]))
    height = 1.75 + ROW * len(rows)
    figure = theme.new_figure(8.2, height)
    changes = {str(name): scale * row[["difference", "low", "high"]].to_numpy(float) for name, row in rows.iterrows()}
    names = {name: theme.shorten(name, LABELS, weight="bold") for name in changes}
    figures = {
        name: f"{signed(change[0])}  ({signed(change[1])} to {signed(change[2])})"
        if np.isfinite(change).all()
        else "not defined"
        for name, change in changes.items()
    }
    left = (max(theme.extent(name, weight="bold")[0] for name in names.values()) + 22) / 72
    right = (max(theme.extent(said)[0] for said in figures.values()) + 22) / 72
    axes = theme.chart(figure, left, 0.75, 8.2 - left - right, height - 1.75)
    axes.grid(axis="y", visible=False)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks([])
    # Days may be parts of a day here, and amounts of any size.
    axes.xaxis.set_major_locator(theme.MaxNLocator(6))
    axes.axvline(0.0, color=theme.MUTED, linewidth=1.0)
    for i, (name, row) in enumerate(rows.iterrows()):
        colour = theme.PALETTE[0] if row["certain"] else theme.MUTED
        difference, low, high = changes[str(name)]
        axes.plot([low, high], [i, i], color=colour, linewidth=1.6, solid_capstyle="butt")
        axes.plot([difference], [i], "o", color=colour, markersize=4.5, gid=str(name))
        y = height - 1.0 - (i + 0.5) * ROW
        weight = "bold" if row["certain"] else "normal"
        theme.write(
            figure, left - 0.1, y, names[str(name)], color=theme.INK, ha="right", va="center", weight=weight, gid="name"
        )
        theme.write(figure, 8.2 - right + 0.12, y, figures[str(name)], color=colour, va="center", gid="figures")
    what = {"probability": "share of campaigns", "day": "mean day, the end of the campaign if it did not come"}
    axes.set_xlabel(f"difference in {unit}".strip(), fontsize=theme.LABEL, color=theme.MUTED, family=theme.FONT)
    theme.write(figure, 0.18, height - 0.33, f"What changes {outcome}", theme.TITLE, weight="bold")
    base = f"{100 * float(first['base']):.0f} %" if is_share else f"{float(first['base']):,.4g} {unit}"
    meaning = (
        f"{what.get(first['measure'], 'mean')}: {base} as the scenario is; the change that each variant makes, with"
        f" {100 * comparison.level:g} % intervals that hold together"
    )
    theme.write(figure, 0.18, height - 0.55, theme.shorten(meaning, 560), color=theme.MUTED)
    theme.write(figure, 0.18, height - 0.75, "bold and blue: certain for all comparisons together", color=theme.MUTED)
    about = f"{comparison.manifest['scenario']}.  {comparison.replicates:,} replicates each, seed"
    note = f"{about} {comparison.manifest['seed']}, the same random numbers"
    theme.write(figure, 0.18, 0.16, note, theme.NOTE, color=theme.MUTED)
    return figure


def signed(value: float) -> str:
    """A difference with its sign, in three figures."""
    if value == 0.0:
        return "0"
    decimals = int(np.clip(2 - np.floor(np.log10(abs(value))), 0, 3))
    text = f"{value:+,.{decimals}f}"
    return "0" if float(text.replace(",", "")) == 0.0 else text
