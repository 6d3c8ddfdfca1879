"""The map of control: who holds what, in which share of the replicates, on chosen days."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from matplotlib.collections import LineCollection, PatchCollection, PolyCollection
from matplotlib.patches import Circle, PathPatch, Rectangle
from matplotlib.path import Path

from sim.pictures import theme
from sim.pictures.borders import layer_for, on_land
from sim.pictures.placement import Array, Box, leader, part_discs, place_labels
from sim.pictures.window import Window, around, unwrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.pictures.protocol import Results
    from sim.scenario.schema import Place, Scenario

Region = str | tuple[float, float, float, float]

CROWDED = 15  # networks of more places are cropped to what matters
CHANGED = 0.05  # a place belongs to the picture where control of it changes in this share of replicates
EDGE, BETWEEN, HEAD = 0.18, 0.14, 0.24  # inches: margin of the page, gap between panels, line above a panel
OVERVIEW, SMALL_PRINT = 1.05, 0.6  # inches: height of what stands below the panels
NAMED = 8  # so many of the greatest places may have their names further off, at the end of a line


class Layout(NamedTuple):
    """Where everything on a panel goes; the same on every day, so that the eye can compare."""

    window: Window
    width: float  # points
    height: float
    shown: list[int]  # the places on the panel
    centres: Array
    radii: Array
    labels: dict[int, Box]  # by position in `shown`
    roads: list[Array]
    road_widths: list[float]


def control_map(
    results: Results, days: Sequence[float] | float | None = None, region: Region | None = None
) -> theme.Picture:
    """Draw the shares of control on chosen days, a panel each.

    Without `days`: the start, a quarter, half and all of the campaign. `region` zooms: the id of a region of the
    scenario, or west, south, east, north in degrees; otherwise the map shows where control changes.
    """
    ticks = _ticks(results, days)
    lonlat = unwrapped(np.array([(place.lon, place.lat) for place in _places(results)]))
    chosen = _window(results, lonlat, region)
    single = len(ticks) == 1
    window = chosen.widened(0.07).with_aspect(1.12 if single else 0.6, 1.7)
    columns, width, height = _grid(len(ticks), window.aspect)
    rows = math.ceil(len(ticks) / columns)
    across = max(2 * EDGE + columns * width + (columns - 1) * BETWEEN, 6.2)
    layout = _lay_out(results, lonlat, window, 72 * width, 72 * height, single)
    legend = _legend_lines(results, results.control[ticks][:, layout.shown], across - 2 * EDGE)
    whole = _overview(lonlat, window)
    bottom = (OVERVIEW if whole else SMALL_PRINT) + 2 * EDGE
    figure = theme.picture(across, 0.62 + 0.22 * len(legend) + rows * (height + HEAD) + bottom)

    earthly = _draws_land(lonlat, window)
    start = (across - columns * width - (columns - 1) * BETWEEN) / 2
    for i, tick in enumerate(ticks):
        row, column = divmod(i, columns)
        left = start + column * (width + BETWEEN)
        below = bottom + (rows - 1 - row) * (height + HEAD)
        axes = _panel(figure, left, below, width, height, window if earthly else None)
        _draw_network(axes, layout)
        _draw_control(axes, results, layout, tick)
        day = float(results.days[tick])
        theme.write(figure, left, below + height + 0.05, f"Day {day:g}", theme.HEADING, weight="bold")
        date = theme.date_of(results.scenario, day)
        theme.write(figure, left + width, below + height + 0.05, date, theme.LABEL, color=theme.MUTED, ha="right")
    _draw_heading(figure, results, legend)
    left = _draw_overview(figure, whole, window, lonlat, earthly) if whole else EDGE
    _draw_foot(figure, results, left, earthly)
    return figure


def _places(results: Results) -> list[Place]:
    return [results.scenario.places[name] for name in results.place_ids]


def _ticks(results: Results, days: Sequence[float] | float | None) -> list[int]:
    """The recorded ticks nearest to the days asked for."""
    last = float(results.days[-1])
    if days is None:
        quarters = (last * np.array([0, 0.25, 0.5, 1])).tolist()
        days = [round(day) for day in quarters] if last >= 4 else quarters
    wanted = np.atleast_1d(np.asarray(days, dtype=float))
    if wanted.size == 0:
        raise ValueError("the map of control needs at least one day")
    for day in wanted:
        if not 0 <= day <= last:
            raise ValueError(f"day {day:g} lies outside the campaign, which runs from day 0 to day {last:g}")
    return list(dict.fromkeys(int(np.abs(results.days - day).argmin()) for day in wanted))


def _window(results: Results, lonlat: Array, region: Region | None) -> Window:
    """The part of the world that matters: the region, or else where control changes."""
    if isinstance(region, str):
        names = [place.region for place in _places(results)]
        theme.check_known(region, {name for name in names if name}, "region")
        return around(lonlat[[name == region for name in names]])
    if region is not None:
        west, south, east, north = (float(bound) for bound in region)
        if not (west < east and south < north):
            raise ValueError(f"region: west, south, east, north, each less than its opposite; not {tuple(region)}")
        return Window(west, south, east, north)
    change = 0.5 * np.abs(results.control - results.control[0]).sum(axis=2).max(axis=0)
    active = change >= CHANGED
    crop = len(lonlat) > CROWDED and active.sum() >= 2
    return around(lonlat[active] if crop else lonlat)


def _overview(lonlat: Array, window: Window) -> Window | None:
    """The window of the whole network, where the panels leave much of it out."""
    whole = around(lonlat).widened(0.08)
    small = window.east - window.west < 0.8 * (whole.east - whole.west)
    low = window.north - window.south < 0.8 * (whole.north - whole.south)
    return whole.with_aspect(0.7, 2.0) if small or low else None


def _grid(panels: int, aspect: float) -> tuple[int, float, float]:
    """Columns, and width and height of a panel in inches: as large as a page of 10.5 x 7 inches lets them be."""

    def size(columns: int) -> float:
        rows = math.ceil(panels / columns)
        widest = (10.5 - 2 * EDGE - (columns - 1) * BETWEEN) / columns
        return float(min(widest, 6.0, (5.6 / rows - HEAD) * aspect))

    columns = max(range(1, panels + 1), key=size)
    return columns, size(columns), size(columns) / aspect


def _lay_out(results: Results, lonlat: Array, window: Window, width: float, height: float, single: bool) -> Layout:
    """Find room for discs, labels and roads on a panel of so many points."""
    scenario, places = results.scenario, _places(results)
    bounds = Box(2, 2, width - 2, height - 2)
    shown = np.flatnonzero(window.holds(lonlat)).tolist()
    people = np.array([places[i].population for i in shown])
    greatest = max((place.population for place in places), default=0) or 1
    largest = float(np.clip(0.042 * math.sqrt(width * height), 6.5, 15))
    radii = largest * (0.42 + 0.58 * np.sqrt(people / greatest))
    anchors = window.project(lonlat, width, height)
    centres, radii = part_discs(anchors[shown], radii, bounds)

    ends = anchors.copy()
    ends[shown] = centres
    index = {name: i for i, name in enumerate(results.place_ids)}
    fastest = max((road_class.speed for road_class in scenario.road_classes.values()), default=1)
    roads = [ends[[index[a], index[b]]] for a, b in (road.between for road in scenario.roads)]
    widths = [_road_width(scenario.road_classes[road.road_class].speed / fastest) for road in scenario.roads]
    along = np.linspace(0, 1, 60)[:, None]
    dots = np.concatenate([np.zeros((0, 2)), *(road[0] + along * (road[1] - road[0]) for road in roads)])

    size = theme.LABEL + (1 if single else 0)
    extents = [theme.extent(_label(places[i].name), size) for i in shown]
    weight = np.array([places[i].symbol for i in shown]) + np.sqrt(people / greatest)
    order = np.argsort(-weight, kind="stable").tolist()
    labels = place_labels(centres, radii, extents, order, bounds, dots, NAMED)
    return Layout(window, width, height, shown, centres, radii, labels, roads, widths)


def _label(name: str) -> str:
    """The first of a place's names: what stands before a slash or a bracket."""
    return name.split(" / ")[0].split(" (")[0].strip() or name


def _road_width(speed: float) -> float:
    return 0.6 + 1.8 * float(speed**1.5)


def _draws_land(lonlat: Array, window: Window) -> bool:
    """Whether the network stands on the real earth: at least half of its places on land."""
    shown = lonlat[window.holds(lonlat)]
    return len(shown) > 0 and float(on_land(layer_for(*window), shown).mean()) >= 0.5


def _panel(figure: theme.Picture, left: float, bottom: float, width: float, height: float, window: Window | None) -> Axes:
    """Axes whose unit is the point, with land and borders of a window."""
    axes = theme.frame(figure, left, bottom, width, height)
    across, up = 72 * width, 72 * height
    axes.set(xlim=(0, across), ylim=(0, up), xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set_color(theme.FAINT)
    axes.set_facecolor(theme.SEA if window else theme.LAND)
    if window:
        layer = layer_for(*window)
        for turn in (-360, 0, 360) if window.west < -180 or window.east > 180 else (0,):
            rings = [window.project(ring + (turn, 0), across, up) for ring in layer.land]
            land = Path.make_compound_path(*(Path(np.vstack([ring, ring[:1]]), closed=True) for ring in rings))
            axes.add_patch(PathPatch(land, facecolor=theme.LAND, edgecolor=theme.COAST, linewidth=0.7))
            lines = [window.project(line + (turn, 0), across, up) for line in layer.borders]
            axes.add_collection(LineCollection(lines, colors=theme.BORDER, linewidths=0.9, linestyles=(0, (5, 2.5))))
    return axes


def _draw_network(axes: Axes, layout: Layout) -> None:
    axes.add_collection(
        LineCollection(layout.roads, colors=theme.ROAD, linewidths=layout.road_widths, capstyle="round", zorder=2)
    )


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


def _draw_control(axes: Axes, results: Results, layout: Layout, tick: int) -> None:
    """The pies of one day, and the names of places."""
    colours = theme.side_colours(results.scenario)
    outlines, fills = [], []
    for i, centre, radius in zip(layout.shown, layout.centres, layout.radii, strict=True):
        for side, outline in wedges(results.control[tick, i], centre, radius):
            outlines.append(outline)
            fills.append(colours[results.side_ids[side]])
    axes.add_collection(PolyCollection(outlines, facecolors=fills, edgecolors="none", zorder=3))
    rims = [Circle(tuple(centre), radius) for centre, radius in zip(layout.centres, layout.radii, strict=True)]
    axes.add_collection(PatchCollection(rims, facecolors="none", edgecolors=theme.PAPER, linewidths=0.9, zorder=4))
    places = _places(results)
    lines = [leader(layout.centres[i], layout.radii[i], box) for i, box in layout.labels.items()]
    axes.add_collection(LineCollection(lines, colors=theme.INK, linewidths=0.6, zorder=5))
    for i, box in layout.labels.items():
        name = _label(places[layout.shown[i]].name)
        size = (box.top - box.bottom) / theme.extent(name, 1)[1]
        middle = (box.left + box.right) / 2, (box.bottom + box.top) / 2
        theme.write(axes, *middle, name, size, halo=True, ha="center", va="center", zorder=5, gid="place")


def _legend_lines(results: Results, control: Array, width: float) -> list[list[tuple[str, str, float]]]:
    """The sides that hold anything on the days shown, in lines that fit: name, colour, inches from the left."""
    held = control.max(axis=(0, 1), initial=0) > 0
    colours = theme.side_colours(results.scenario)
    lines: list[list[tuple[str, str, float]]] = [[]]
    left = 0.0
    for name in np.array(results.side_ids)[held].tolist():
        text = theme.shorten(results.scenario.sides[name].name, 72 * width - 30)
        needed = theme.extent(text)[0] / 72 + 0.36
        if lines[-1] and left + needed > width:
            lines.append([])
            left = 0.0
        lines[-1].append((text, colours[name], left))
        left += needed
    return lines


def _draw_heading(figure: theme.Picture, results: Results, legend: list[list[tuple[str, str, float]]]) -> None:
    """Title of the scenario, what the pies mean, and the sides."""
    across, up = figure.get_size_inches()
    title = theme.shorten(results.scenario.title, 72 * (across - 2 * EDGE), theme.TITLE, "bold")
    theme.write(figure, EDGE, up - 0.33, title, theme.TITLE, weight="bold")
    meaning = "Who holds each place: a pie shows the share of replicates in which each side does"
    theme.write(figure, EDGE, up - 0.52, meaning, theme.LABEL, color=theme.MUTED)
    for row, line in enumerate(legend):
        base = up - 0.76 - 0.22 * row
        for text, colour, left in line:
            chip = Rectangle(
                ((EDGE + left) / across, (base - 0.01) / up), 0.13 / across, 0.13 / up,
                facecolor=colour, transform=figure.transFigure,
            )  # fmt: skip
            figure.add_artist(chip)
            theme.write(figure, EDGE + left + 0.18, base, text, theme.LABEL)


def _draw_overview(figure: theme.Picture, whole: Window, window: Window, lonlat: Array, earthly: bool) -> float:
    """The whole network, with a frame around the part that the panels show; returns where it ends, inches."""
    width = OVERVIEW * whole.aspect
    axes = _panel(figure, EDGE, EDGE, width, OVERVIEW, whole if earthly else None)
    dots = whole.project(lonlat, 72 * width, 72 * OVERVIEW)
    axes.plot(*dots.T, ".", color=theme.MUTED, markersize=2.2)
    corners = np.array([window[:2], window[2:]])
    (x0, y0), (x1, y1) = whole.project(corners, 72 * width, 72 * OVERVIEW)
    axes.add_patch(Rectangle((x0, y0), x1 - x0, y1 - y0, facecolor="none", edgecolor=theme.INK, linewidth=1))
    return EDGE + width + 0.15


def _draw_foot(figure: theme.Picture, results: Results, left: float, earthly: bool) -> None:
    """The classes of road and the small print."""
    across = float(figure.get_size_inches()[0])
    classes = sorted(results.scenario.road_classes.items(), key=lambda item: -item[1].speed)
    x, y = left, EDGE + 0.42
    for name, road_class in classes:
        word = name.replace("_", " ")
        needed = 0.38 + theme.extent(word, theme.NOTE)[0] / 72 + 0.14
        if x + needed > across - EDGE:
            break
        key = theme.frame(figure, x, y, 0.3, 0.12)
        key.set_axis_off()
        key.plot([0, 1], [0, 0], color=theme.ROAD, linewidth=_road_width(road_class.speed / classes[0][1].speed))
        theme.write(figure, x + 0.36, y + 0.02, word, theme.NOTE, color=theme.MUTED)
        x += needed
    sizes = "Larger discs: more people. Discs that would hide each other are moved apart."
    sources = ["Places: GeoNames CC BY 4.0"] if _cites_geonames(results.scenario) else []
    sources += ["borders: Natural Earth"] if earthly else []
    theme.write(figure, left, EDGE + 0.2, sizes, theme.NOTE, color=theme.MUTED)
    small_print = ".  ".join([theme.provenance(results), "; ".join(sources)] if sources else [theme.provenance(results)])
    theme.write(figure, left, EDGE + 0.02, small_print, theme.NOTE, color=theme.MUTED)


def _cites_geonames(scenario: Scenario) -> bool:
    """Whether a source of the scenario is GeoNames, whose licence asks to be named."""
    return any("geonames" in text.lower() for text in scenario.sources.values())
