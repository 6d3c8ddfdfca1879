"""The map of control as an animation: the shares of all campaigns, day by day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from matplotlib.artist import Artist
from matplotlib.lines import Line2D

from sim.plots import theme
from sim.plots.animation import Animation
from sim.plots.control_map import SHARES, Sheet, draw_pies, new_sheet, write_date

if TYPE_CHECKING:
    from sim.plots.map_layout import Region
    from sim.plots.protocol import Results


def control_film(results: Results, region: Region | None = None) -> Animation:
    """Draw the shares of control in each recorded tick. `region` zooms, as on the map of control."""
    ticks = list(range(len(results.days)))
    sheet = new_sheet(results, ticks, 1, region, SHARES, theme.provenance(results))

    def draw(tick: int) -> Iterator[Artist]:
        yield from draw_pies(sheet.panels[0], results, sheet.layout, tick)
        yield from write_date(sheet, 0, results.scenario, float(results.days[tick]))
        yield how_far(sheet, tick / max(1, ticks[-1]))

    what = f"who holds each place by day, in {results.replicates:,} campaigns"
    return Animation(sheet.figure, len(ticks), draw, what, float(results.days[1] if len(ticks) > 1 else 1))


def how_far(sheet: Sheet, share: float) -> Artist:
    """A bar above the map that grows with the days."""
    across, up = sheet.figure.get_size_inches()
    left, y = sheet.left[0] / across, (sheet.above[0] - 0.045) / up
    bar = Line2D([left, left + share * sheet.width / across], [y, y], color=theme.INK, linewidth=2.5)
    return sheet.figure.add_artist(bar)
