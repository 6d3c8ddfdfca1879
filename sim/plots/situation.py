"""The situation of a scenario before anything runs: who holds what, and who stands where."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.patches import FancyBboxPatch, RegularPolygon

from sim.plots import map_key, theme
from sim.plots.control_map import EDGE, NOTE, TEXT, TITLE, cites_geonames, draw_names, draw_network, draw_pies, panel
from sim.plots.map_layout import Layout, draws_land, lay_out
from sim.plots.placement import Array, Box, leader
from sim.plots.window import around, unwrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.scenario.schema import Scenario

LARGEST_WIDTH, LARGEST_HEIGHT = 11.0, 8.6  # inches: of the map
TOP, FOOT, SIZE = 0.78, 0.5, 7.5  # inches: title, small print; points: letters of a badge
WHITE_ON = 0.62  # of the lightness of a colour: letters on darker ones are white
DEPOT, AIRCRAFT = 4.0, "✈"  # points: a depot's mark


class Badge(NamedTuple):
    """Formations of a side at a place, or its aircraft there, as a few letters in the side's colour."""

    place: int
    side: str
    words: str
    weight: float  # those of most weight find room first


def situation(scenario: Scenario) -> theme.PlotFigure:
    """Draw who holds each place at the start, formations with their people, aircraft, depots and roads."""
    sides, places = list(scenario.sides), list(scenario.places.values())
    control = np.array([[[place.control == side for side in sides] for place in places]], dtype=float)
    start: Any = SimpleNamespace(
        scenario=scenario, place_ids=list(scenario.places), side_ids=sides, control=control, days=np.zeros(1),
    )  # fmt: skip
    lonlat = unwrapped(np.array([(place.lon, place.lat) for place in places]))
    window = around(lonlat).widened(0.07).with_aspect(0.8, 1.6)
    width = min(LARGEST_WIDTH, LARGEST_HEIGHT * window.aspect)
    height = width / window.aspect
    layout = lay_out(start, lonlat, window, 72 * width, 72 * height, False)
    earthly = draws_land(scenario, lonlat, window)
    shown = [side for i, side in enumerate(sides) if control[0, :, i].any() or _has_forces(scenario, side)]
    entries, key = map_key.arrange([map_key.sides(start, shown), map_key.roads(scenario)], width, False)
    figure = theme.new_figure(width + 2 * EDGE, height + key + TOP + FOOT + 0.1)
    axes = panel(figure, EDGE, FOOT, width, height, window if earthly else None)
    widths = map_key.road_widths(scenario)
    draw_network(axes, layout, [widths[road.road_class] for road in scenario.roads])
    draw_names(axes, layout)
    draw_pies(axes, start, layout, 0)
    _draw_depots(axes, scenario, layout)
    left_out = _draw_badges(axes, scenario, layout, Box(2, 2, 72 * width - 2, 72 * height - 2))
    _draw_words(figure, scenario, width, earthly, left_out)
    map_key.draw(figure, entries, EDGE, FOOT + height + key + 0.08)
    return figure


def badges(scenario: Scenario) -> Iterator[Badge]:
    """What stands where when the campaign begins."""
    rows = {id: i for i, id in enumerate(scenario.places)}
    stands: dict[tuple[int, str], list[float]] = {}
    for unit in scenario.formations.values():
        if unit.posture != "dormant":
            stands.setdefault((rows[unit.place], unit.side), []).append(unit.strength * unit.manning)
    for (place, side), people in stands.items():
        yield Badge(place, side, f"{len(people)}: {in_short(sum(people))}", sum(people))
    flies: dict[tuple[int, str], float] = {}
    for wing in scenario.air.values():
        flies[rows[wing.base], wing.side] = flies.get((rows[wing.base], wing.side), 0.0) + wing.aircraft
    for (place, side), aircraft in flies.items():
        yield Badge(place, side, f"{AIRCRAFT} {aircraft:.0f}", 100 * aircraft)


def in_short(people: float) -> str:
    """People in few letters: 850, 1.2k, 12k."""
    if people < 1000:
        return f"{people:.0f}"
    return f"{people / 1000:.1f}k" if people < 9950 else f"{people / 1000:.0f}k"


def _has_forces(scenario: Scenario, side: str) -> bool:
    return any(badge.side == side for badge in badges(scenario))


def _draw_depots(axes: Axes, scenario: Scenario, layout: Layout) -> None:
    """A small square on the rim of the disc of a place that has a depot, a triangle of one that is a rear base."""
    for k, (i, centre, radius) in enumerate(zip(layout.shown, layout.centres, layout.radii, strict=True)):
        place = scenario.places[list(scenario.places)[i]]
        for has, corners, way in ((place.depot is not None, 4, -1), (place.rear_base, 3, 1)):
            if has:
                spot = (centre[0] + way * 0.7 * radius, centre[1] + 0.7 * radius)
                turn = np.pi / 4 if corners == 4 else 0.0
                mark = RegularPolygon(spot, corners, radius=DEPOT, orientation=turn, facecolor=theme.INK)
                mark.set(edgecolor=theme.PAPER, linewidth=0.6, zorder=6, gid=f"mark{k}")
                axes.add_patch(mark)


def _draw_badges(axes: Axes, scenario: Scenario, layout: Layout, bounds: Box) -> int:
    """Badges beside their places where nothing else is; returns how many found no room and were left out."""
    colours = theme.side_colours(scenario)
    at = {i: k for k, i in enumerate(layout.shown)}
    taken, left_out = list(layout.labels.values()), 0
    for badge in sorted(badges(scenario), key=lambda badge: -badge.weight):
        k = at[badge.place]
        wide, high = theme.extent(badge.words, SIZE, "bold")
        box = room_beside(layout.centres[k], float(layout.radii[k]), (wide + 5, high + 2), layout, taken, bounds)
        if box is None:
            left_out += 1
            continue
        taken.append(box)
        line = leader(layout.centres[k], float(layout.radii[k]), box)
        axes.plot(*line.T, color=theme.INK, linewidth=0.5, zorder=4)
        size = (box.right - box.left, box.top - box.bottom)
        shape = FancyBboxPatch(box[:2], *size, boxstyle="round,pad=0,rounding_size=2", facecolor=colours[badge.side])
        shape.set(edgecolor=theme.INK, linewidth=0.5, zorder=6)
        axes.add_patch(shape)
        middle = ((box.left + box.right) / 2, (box.bottom + box.top) / 2)
        ink = theme.PAPER if lightness(colours[badge.side]) < WHITE_ON else theme.INK
        theme.write(axes, *middle, badge.words, SIZE, weight="bold", color=ink, ha="center", va="center_baseline",
                    zorder=7, gid="badge")  # fmt: skip
    return left_out


def room_beside(
    centre: Array, radius: float, size: tuple[float, float], layout: Layout, taken: list[Box], bounds: Box
) -> Box | None:
    """A free rectangle near a disc, to which a line leads over no name; None if there is none."""
    for off in (3, 9, 16, 25, 36, 48, 62):
        for angle in np.radians([0, 180, 90, 270, 45, 135, 315, 225]):
            ahead = np.array([np.cos(angle), np.sin(angle)])
            x, y = centre + ahead * (radius + off) + np.clip(1.5 * ahead, -1, 1) * np.array(size) / 2
            box = Box(x - size[0] / 2, y - size[1] / 2, x + size[0] / 2, y + size[1] / 2)
            line = leader(centre, radius, box)
            clear = box.gaps(layout.centres, layout.radii).min(initial=1) > 0.5
            clear &= not any(label.contains(line).any() for label in layout.labels.values())
            if clear and box.inside(bounds) and not any(box.overlaps(other) for other in taken):
                return box
    return None


def lightness(colour: str) -> float:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return 0.3 * red + 0.59 * green + 0.11 * blue


def _draw_words(figure: theme.PlotFigure, scenario: Scenario, width: float, earthly: bool, left_out: int) -> None:
    """Title above, and what the marks mean below."""
    up = float(figure.get_size_inches()[1])
    title = theme.title_of(scenario, 72 * width, TITLE, "bold")
    theme.write(figure, EDGE, up - 0.38, title, TITLE, weight="bold")
    theme.write(figure, EDGE, up - 0.6, f"The situation on {theme.date_of(scenario, 0)}", TEXT, color=theme.MUTED)
    marks = f"3: 4.2k means 3 formations with 4,200 people; {AIRCRAFT} 24 means 24 aircraft."
    lost = f" {left_out} badges found no room." if left_out else ""
    meaning = f"{marks} Square: depot. Triangle: rear base.{lost}"
    theme.write(figure, EDGE, 0.29, meaning, NOTE, color=theme.MUTED)
    sources = ["Places: GeoNames CC BY 4.0"] if cites_geonames(scenario) else []
    sources += ["Borders: Natural Earth"] if earthly else []
    sources += list(filter(None, [theme.not_written(scenario)]))
    theme.write(figure, EDGE, 0.13, ".  ".join(sources), NOTE, color=theme.MUTED)
