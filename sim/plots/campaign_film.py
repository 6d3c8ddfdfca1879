"""One campaign as an animation: who holds each place, and where formations are, tick by tick."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch
from numpy.typing import NDArray

from sim.plots import theme
from sim.plots.animation import Animation
from sim.plots.control_film import how_far
from sim.plots.control_map import EDGE, FOOT, NOTE, TEXT, Sheet, draw_pies, new_sheet, places_of, write_date
from sim.plots.placement import Array, Box, leader
from sim.plots.situation import WHITE_ON, in_short, lightness, room_beside
from sim.plots.window import unwrapped

if TYPE_CHECKING:
    from sim.plots.map_layout import Region
    from sim.scenario.schema import Scenario

SIZE = 7.5  # points: letters of a badge
SAID, LINE = 0.47, 0.17  # inches: of the two lines below the map, and of one
FIGHT, ALARM, STRIKE = "⚔", "#b91c1c", "#f97316"
MEANING = f"3: 4.2k: 3 formations, 4,200 people; square: no room for it. Red edge, {FIGHT}: combat. Star: air strikes."


class Column(NamedTuple):
    """The formations of a side in a place, or on one road to it."""

    side: int
    place: int
    origin: int  # where the road begins; -1: they are in the place
    along: float  # how much of the road is behind them
    formations: int
    people: float
    fights: bool


class Course(NamedTuple):
    """One campaign, by tick."""

    k: int
    seed: int
    control: NDArray[np.int64]  # [tick, place]: the side that holds it
    strikes: Array  # [tick, place]
    columns: list[list[Column]]
    said: list[str]  # what happened last


def campaign_film(scenario: Scenario, course: Course, region: Region | None = None) -> Animation:
    """Draw a campaign in each tick: holders, formations with their people, air strikes, and what happened last."""
    ticks, sides = len(course.control), list(scenario.sides)
    tick_days = scenario.clock.tick_hours / 24
    results: Any = SimpleNamespace(
        scenario=scenario, place_ids=list(scenario.places), side_ids=sides, days=np.arange(ticks) * tick_days,
        control=(course.control[..., None] == np.arange(len(sides))).astype(float),
    )  # fmt: skip
    meaning = "Who held each place, and who stood where"
    origin = f"Campaign {course.k}, seed {course.seed}"
    sheet = new_sheet(results, list(range(ticks)), 1, region, meaning, origin, FOOT + SAID)
    at = _spots(results, sheet)
    theme.write(sheet.figure, EDGE, 0.43, MEANING, NOTE, color=theme.MUTED)

    def draw(tick: int) -> Iterator[Artist]:
        yield from draw_pies(sheet.panels[0], results, sheet.layout, tick)
        yield from _strikes(sheet, at, course.strikes[tick])
        yield from _badges(sheet, scenario, at, course.columns[tick])
        yield from write_date(sheet, 0, scenario, tick * tick_days)
        for i, line in enumerate(_two_lines(course.said[tick], 72 * sheet.width)):
            yield theme.write(sheet.figure, EDGE, FOOT + SAID - LINE * (i + 1), line, TEXT, weight="bold")
        yield how_far(sheet, tick / max(1, ticks - 1))

    return Animation(sheet.figure, ticks, draw, f"campaign {course.k} day by day", tick_days)


def _two_lines(said: str, room: float) -> list[str]:
    """What happened on up to two lines, broken between words; what finds no room is cut."""
    words, first = said.split(" "), ""
    while words and theme.extent(longer := f"{first} {words[0]}".strip(), TEXT, "bold")[0] <= room:
        first = longer
        words.pop(0)
    return [line for line in (first, theme.shorten(" ".join(words), room, TEXT, "bold")) if line]


def _spots(results: Any, sheet: Sheet) -> dict[int, tuple[Array, float]]:
    """Where places are on the map, in points, with the radius of their discs; 0 for one that lies outside."""
    lonlat = unwrapped(np.array([(place.lon, place.lat) for place in places_of(results)]))
    layout, across, up = sheet.layout, sheet.panels[0].get_xlim()[1], sheet.panels[0].get_ylim()[1]
    found = {i: (spot, 0.0) for i, spot in enumerate(layout.window.project(lonlat, across, up))}
    for i, centre, radius in zip(layout.shown, layout.centres, layout.radii, strict=True):
        if layout.window.holds(lonlat)[i]:
            found[i] = (centre, float(radius))
    return found


def _strikes(sheet: Sheet, at: dict[int, tuple[Array, float]], strikes: Array) -> Iterator[Artist]:
    for i in np.flatnonzero(strikes):
        (x, y), radius = at[int(i)]
        if radius:
            star = Line2D([x], [y + radius], marker="*", markersize=8 + min(6.0, float(strikes[i]) / 4), color=STRIKE)
            star.set(markeredgecolor="#7c2d12", markeredgewidth=0.6, zorder=6)
            yield sheet.panels[0].add_line(star)


def _badges(
    sheet: Sheet, scenario: Scenario, at: dict[int, tuple[Array, float]], columns: list[Column]
) -> Iterator[Artist]:
    """A badge for each column near where it is; one that finds no room is a small square in its side's colour."""
    axes, layout = sheet.panels[0], sheet.layout
    colours = list(theme.side_colours(scenario).values())
    bounds = Box(2, 2, axes.get_xlim()[1] - 2, axes.get_ylim()[1] - 2)
    taken = list(layout.labels.values())
    for column in sorted(columns, key=lambda one: (not one.fights, one.origin < 0, -one.people)):
        spot, radius = _where(column, at)
        if not Box(spot[0], spot[1], spot[0], spot[1]).inside(bounds) or (column.origin < 0 and radius == 0):
            continue
        words = f"{FIGHT} " * column.fights + f"{column.formations}: {in_short(column.people)}"
        wide, high = theme.extent(words, SIZE, "bold")
        box = _free(spot, radius, (wide + 5, high + 2), sheet, taken, bounds)
        edge, width = (ALARM, 1.6) if column.fights else (theme.INK, 0.5)
        if box is None:
            square = Line2D([spot[0]], [spot[1]], marker="s", markersize=5, color=colours[column.side])
            square.set(markeredgecolor=edge, markeredgewidth=0.8, zorder=6)
            yield axes.add_line(square)
            continue
        taken.append(box)
        line = leader(spot, radius, box)
        yield axes.add_line(Line2D(*line.T, color=theme.INK, linewidth=0.5, zorder=4.5))
        size = (box.right - box.left, box.top - box.bottom)
        shape = FancyBboxPatch(box[:2], *size, boxstyle="round,pad=0,rounding_size=2", facecolor=colours[column.side])
        shape.set(edgecolor=edge, linewidth=width, zorder=6)
        yield axes.add_patch(shape)
        middle = ((box.left + box.right) / 2, (box.bottom + box.top) / 2)
        ink = theme.PAPER if lightness(colours[column.side]) < WHITE_ON else theme.INK
        yield theme.write(axes, *middle, words, SIZE, weight="bold", color=ink, ha="center", va="center_baseline",
                          zorder=7, gid="badge")  # fmt: skip


def _where(column: Column, at: dict[int, tuple[Array, float]]) -> tuple[Array, float]:
    """The point a column stands at, and how much around it is taken by a disc."""
    spot, radius = at[column.place]
    if column.origin < 0:
        return spot, radius
    start = at[column.origin][0]
    far = float(np.hypot(*(spot - start))) or 1.0
    # Before the gate, not in it: a column never reaches the disc.
    left = max((1 - column.along) * far, min(far / 2, radius + 9))
    return spot + (start - spot) * left / far, 0.0


def _free(
    spot: Array, radius: float, size: tuple[float, float], sheet: Sheet, taken: list[Box], bounds: Box
) -> Box | None:
    """Room on the spot itself on a road, else beside it."""
    box = Box(spot[0] - size[0] / 2, spot[1] - size[1] / 2, spot[0] + size[0] / 2, spot[1] + size[1] / 2)
    layout = sheet.layout
    clear = radius == 0 and box.inside(bounds) and not any(box.overlaps(other) for other in taken)
    if clear and box.gaps(layout.centres, layout.radii).min(initial=1) > 0.5:
        return box
    return room_beside(spot, radius, size, layout, taken, bounds)
