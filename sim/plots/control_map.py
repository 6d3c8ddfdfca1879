"""The map of control: who holds what, in which share of the replicates, on chosen days."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from matplotlib.collections import LineCollection, PatchCollection, PolyCollection
from matplotlib.patches import Circle, PathPatch, Rectangle
from matplotlib.path import Path

from sim.plots import map_key, theme
from sim.plots.borders import layer_for
from sim.plots.map_layout import (
    BETWEEN,
    HEAD,
    Layout,
    Region,
    choose_window,
    draws_land,
    grid,
    lay_out,
    leaves_out,
    overview,
    places_of,
)
from sim.plots.placement import Array, leader
from sim.plots.window import Window, unwrapped
from sim.scenario.messages import describe

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import Collection
    from matplotlib.text import Text

    from sim.plots.protocol import Results
    from sim.scenario.schema import Scenario

EDGE, KEY, GAP = 0.22, 2.15, 0.24  # inches: margin of the page, width of the key at the right, gap before it
TOP, FOOT = 0.76, 0.5  # inches: title, small print
OVERVIEW, ABOVE = 1.3, 0.3  # inches: the least height of the overview, what stands above it
TITLE, HEADING, TEXT, NOTE = 17.0, 12.0, 9.5, 8.0  # points
SHARES = "Who holds each place: a pie shows the share of replicates in which each side does"


class Sheet(NamedTuple):
    """A sheet with maps of one layout on it, and room above each for a line."""

    figure: theme.PlotFigure
    layout: Layout
    panels: list[Axes]
    left: list[float]  # inches: where each panel begins, and the line above it
    above: list[float]
    width: float  # inches: of a panel


def control_map(
    results: Results, days: Sequence[float] | float | None = None, region: Region | None = None
) -> theme.PlotFigure:
    """Draw the shares of control on chosen days, a panel each.

    Without `days`: the start, a quarter, half and all of the campaign. `region` zooms: the id of a region of the
    scenario, or west, south, east, north in degrees; otherwise the map shows where the campaign is decided.
    """
    ticks = _ticks(results, days)
    sheet = new_sheet(results, ticks, len(ticks), region, SHARES, theme.provenance(results))
    for i, tick in enumerate(ticks):
        draw_pies(sheet.panels[i], results, sheet.layout, tick)
        write_date(sheet, i, results.scenario, float(results.days[tick]))
    return sheet.figure


def new_sheet(
    results: Results, ticks: list[int], count: int, region: Region | None, meaning: str, origin: str, foot: float = FOOT
) -> Sheet:
    """A sheet with so many maps, on which all is drawn but what changes from day to day: pies and dates.

    Its key names the sides that hold something in one of the ticks. `foot`: inches below the maps.
    """
    lonlat = unwrapped(np.array([(place.lon, place.lat) for place in places_of(results)]))
    window = choose_window(results, lonlat, region).widened(0.07)
    # With an overview the key stands above it at the right; otherwise in lines below the title.
    aside = leaves_out(lonlat, window)
    most = [map_key.sides(results, results.side_ids), map_key.roads(results.scenario), map_key.discs(results, 4, 4)]
    least = map_key.arrange(most, KEY, True)[1] + OVERVIEW + ABOVE if aside else 0.0
    columns, width, height = grid(count, float(np.clip(window.aspect, 0.85, 1.5)), least)
    window = window.with_aspect(width / height, width / height)
    earthly = draws_land(results.scenario, lonlat, window)
    layout = lay_out(results, lonlat, window, 72 * width, 72 * height, region is None)

    rows = math.ceil(count / columns)
    inner = columns * (width + BETWEEN) - BETWEEN
    sides = map_key.sides(results, _holders(results, ticks, layout.shown))
    groups = [sides, map_key.roads(results.scenario), map_key.discs(results, width, height)]
    entries, key_height = map_key.arrange(groups, KEY if aside else inner, aside)
    across = inner + 2 * EDGE + (GAP + KEY if aside else 0)
    top = foot + rows * (height + HEAD) + (0 if aside else key_height + 0.06)
    sheet = Sheet(theme.new_figure(across, top + TOP), layout, [], [], [], width)
    widths = map_key.road_widths(results.scenario)
    for i in range(count):
        row, column = divmod(i, columns)
        left = EDGE + column * (width + BETWEEN)
        below = foot + (rows - 1 - row) * (height + HEAD)
        axes = panel(sheet.figure, left, below, width, height, window if earthly else None)
        draw_network(axes, layout, [widths[road.road_class] for road in results.scenario.roads])
        draw_names(axes, layout)
        sheet.panels.append(axes)
        sheet.left.append(left)
        sheet.above.append(below + height + 0.07)
    _draw_heading(sheet.figure, results, meaning)
    left = across - EDGE - KEY if aside else EDGE
    map_key.draw(sheet.figure, entries, left, top - HEAD if aside else top)
    if aside:
        room = top - HEAD - key_height - ABOVE - foot
        _draw_overview(sheet.figure, results, layout, lonlat, overview(lonlat, window), earthly, foot, room)
    _draw_small_print(sheet.figure, results, layout, earthly, origin)
    return sheet


def write_date(sheet: Sheet, i: int, scenario: Scenario, day: float) -> list[Text]:
    """Day and date above a panel."""
    left, above, date = sheet.left[i], sheet.above[i], theme.date_of(scenario, day)
    return [
        theme.write(sheet.figure, left, above, f"Day {day:g}", HEADING, weight="bold"),
        theme.write(sheet.figure, left + sheet.width, above, date, TEXT, color=theme.MUTED, ha="right"),
    ]


def _ticks(results: Results, days: Sequence[float] | float | None) -> list[int]:
    """The recorded ticks nearest to the days asked for."""
    last = float(results.days[-1])
    if days is None:
        quarters = (last * np.array([0, 0.25, 0.5, 1])).tolist()
        days = [round(day) for day in quarters] if last >= 4 else quarters
    try:
        wanted = np.atleast_1d(np.asarray(days, dtype=float))
    except (TypeError, ValueError):
        raise TypeError(f"days should be numbers, but are {describe(days)}") from None
    if wanted.size == 0:
        raise ValueError("the map of control needs at least one day")
    for day in wanted:
        if not 0 <= day <= last:
            raise ValueError(f"day {day:g} lies outside the campaign, which runs from day 0 to day {last:g}")
    return list(dict.fromkeys(int(np.abs(results.days - day).argmin()) for day in wanted))


def _holders(results: Results, ticks: list[int], shown: list[int]) -> list[str]:
    """The sides that hold any of the places shown on the days shown."""
    held = results.control[np.ix_(ticks, shown)].max(axis=(0, 1), initial=0) > 0
    return [name for name, holds in zip(results.side_ids, held, strict=True) if holds]


def panel(
    figure: theme.PlotFigure, left: float, bottom: float, width: float, height: float, window: Window | None
) -> Axes:
    """Axes whose unit is the point, with land and borders of a window."""
    axes = theme.frame(figure, left, bottom, width, height)
    across, up = 72 * width, 72 * height
    axes.set(xlim=(0, across), ylim=(0, up), xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set_color(theme.FAINT)
    layer = layer_for(*window) if window else None
    axes.set_facecolor(theme.SEA if layer else theme.LAND)
    if window and layer:
        for turn in (-360, 0, 360) if window.west < -180 or window.east > 180 else (0,):
            rings = [window.project(ring + (turn, 0), across, up) for ring in layer.land]
            land = Path.make_compound_path(*(Path(np.vstack([ring, ring[:1]]), closed=True) for ring in rings))
            axes.add_patch(PathPatch(land, facecolor=theme.LAND, edgecolor=theme.COAST, linewidth=0.7))
            lines = [window.project(line + (turn, 0), across, up) for line in layer.borders]
            axes.add_collection(LineCollection(lines, colors=theme.BORDER, linewidths=0.9, linestyles=(0, (5, 2.5))))
    return axes


def draw_network(axes: Axes, layout: Layout, widths: list[float]) -> None:
    """The roads, broader where one marches faster."""
    axes.add_collection(LineCollection(layout.roads, colors=theme.ROAD, linewidths=widths, capstyle="round", zorder=2))


def wedges(shares: Array, centre: Array, radius: float) -> list[tuple[int, Array]]:
    """The slices of a pie, clockwise from the top: which side, and the outline of its slice."""
    total = float(shares.sum())
    slices = []
    turned = 0.0
    for side, share in enumerate(shares / total if total > 0 else shares):
        if share <= 0:
            continue
        angle = 2 * math.pi * np.linspace(turned, turned + share, max(3, math.ceil(48 * share)))
        outline = centre + radius * np.stack([np.sin(angle), np.cos(angle)], axis=1)
        slices.append((side, outline if share > 0.9999 else np.vstack([centre, outline])))
        turned += share
    return slices


def draw_pies(axes: Axes, results: Results, layout: Layout, tick: int) -> list[Collection]:
    """The pies of one day."""
    colours = theme.side_colours(results.scenario)
    outlines, fills = [], []
    for i, centre, radius in zip(layout.shown, layout.centres, layout.radii, strict=True):
        for side, outline in wedges(results.control[tick, i], centre, radius):
            outlines.append(outline)
            fills.append(colours[results.side_ids[side]])
    rims = [Circle(tuple(centre), radius) for centre, radius in zip(layout.centres, layout.radii, strict=True)]
    return [
        axes.add_collection(PolyCollection(outlines, facecolors=fills, edgecolors="none", zorder=3)),
        axes.add_collection(PatchCollection(rims, facecolors="none", edgecolors=theme.PAPER, linewidths=0.9, zorder=4)),
    ]


def draw_names(axes: Axes, layout: Layout) -> None:
    """The names of places, and lines to the discs of those that stand further off."""
    for left, bottom, right, top in layout.insets:
        inset = Rectangle((left, bottom), right - left, top - bottom, facecolor=theme.PAPER, edgecolor=theme.FAINT)
        axes.add_patch(inset).set_zorder(2.5)
    lines = [leader(layout.centres[k], layout.radii[k], box) for k, box in layout.labels.items()]
    axes.add_collection(LineCollection(lines, colors=theme.INK, linewidths=0.6, zorder=5))
    for k, box in layout.labels.items():
        size, weight = layout.fonts[k]
        middle = (box.left + box.right) / 2, (box.bottom + box.top) / 2
        theme.write(axes, *middle, layout.names[k], size, halo=True, weight=weight, ha="center", va="center", zorder=5,
                    gid="place")  # fmt: skip


def _draw_heading(figure: theme.PlotFigure, results: Results, meaning: str) -> None:
    """Title of the scenario, and what the discs mean."""
    across, up = figure.get_size_inches()
    title = theme.title_of(results.scenario, 72 * (across - 2 * EDGE), TITLE, "bold")
    theme.write(figure, EDGE, up - 0.38, title, TITLE, weight="bold")
    theme.write(figure, EDGE, up - 0.6, meaning, TEXT, color=theme.MUTED)


def _draw_overview(
    figure: theme.PlotFigure,
    results: Results,
    layout: Layout,
    lonlat: Array,
    whole: Window,
    earthly: bool,
    foot: float,
    room: float,
) -> None:
    """The whole network below the key, with a frame around the part that the panels show."""
    width, height = min(KEY, room * whole.aspect), min(room, KEY / whole.aspect)
    left = float(figure.get_size_inches()[0]) - EDGE - KEY
    axes = panel(figure, left, foot, width, height, whole if earthly else None)
    dots = whole.project(lonlat, 72 * width, 72 * height)
    axes.plot(*dots.T, ".", color=theme.MUTED, markersize=2.6)
    (x0, y0), (x1, y1) = whole.project(np.reshape(layout.window, (2, 2)), 72 * width, 72 * height)
    axes.add_patch(Rectangle((x0, y0), x1 - x0, y1 - y0, facecolor="none", edgecolor=theme.INK, linewidth=1))
    for i in layout.shown[: len(layout.insets)]:
        axes.plot(*dots[i], "o", color=theme.INK, markersize=4)
        name, right = theme.place_name(results.scenario, results.place_ids[i]), dots[i, 0] < 36 * width
        x = dots[i, 0] + (5 if right else -5)
        theme.write(axes, x, dots[i, 1], name, NOTE, halo=True, va="center", ha="left" if right else "right")
    theme.write(figure, left, foot + height + 0.06, "The whole map", TEXT, color=theme.MUTED)


def _draw_small_print(figure: theme.PlotFigure, results: Results, layout: Layout, earthly: bool, origin: str) -> None:
    """What the discs say, and where it all comes from."""
    sizes = "Discs that would hide each other are moved apart."
    if layout.insets:
        sizes += " An arrow: the place lies outside the map, that way."
    sizes = " ".join(filter(None, [sizes, theme.not_written(results.scenario)]))
    sources = ["Places: GeoNames CC BY 4.0"] if cites_geonames(results.scenario) else []
    sources += ["Borders: Natural Earth"] if earthly else []
    theme.write(figure, EDGE, 0.29, sizes, NOTE, color=theme.MUTED)
    theme.write(figure, EDGE, 0.13, ".  ".join([origin, *sources]), NOTE, color=theme.MUTED)


def cites_geonames(scenario: Scenario) -> bool:
    """Whether a source of the scenario is GeoNames, whose licence asks to be named."""
    return any("geonames" in str(source).lower() for source in scenario.sources.values())
