"""The key of a map of control: which colour is which side, which line which road, how many people a disc means."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from matplotlib.patches import Circle, Rectangle

from sim.plots import theme
from sim.plots.map_layout import disc_radii, places_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.plots.protocol import Results
    from sim.scenario.schema import Scenario

TEXT, LINE = 9.5, 0.23  # points; inches
MARK, AFTER = 0.46, 0.24  # inches: what the mark of an entry takes, the gap after its words


class Entry(NamedTuple):
    """A mark and what it means; sizes in inches."""

    words: str
    indent: float
    height: float
    draw: Callable[[Axes], object]  # on axes whose unit is the inch, the mark's left end at 0, its middle at 0


Place = tuple[Entry, float, float]  # with its left end and its middle, the latter downwards from the key's top


def sides(results: Results, names: list[str]) -> list[Entry]:
    """An entry for each of the sides."""
    colours = theme.side_colours(results.scenario)

    def chip(name: str) -> Callable[[Axes], object]:
        return lambda axes: axes.add_patch(Rectangle((0, -0.075), 0.15, 0.15, facecolor=colours[name]))

    return [Entry(theme.side_name(results.scenario, name), 0.24, LINE, chip(name)) for name in names]


def road_widths(scenario: Scenario) -> dict[str, float]:
    """The classes of road, fastest first, and how broad each is drawn, in points."""
    classes = sorted(scenario.road_classes.items(), key=lambda item: -item[1].speed)
    return {name: 0.6 + 2.2 * float((one.speed / classes[0][1].speed) ** 1.5) for name, one in classes}


def roads(scenario: Scenario) -> list[Entry]:
    """An entry for each class of road that is built."""

    def line(width: float) -> Callable[[Axes], object]:
        return lambda axes: axes.plot([0, 0.36], [0, 0], color=theme.ROAD, linewidth=width)

    built = {road.road_class for road in scenario.roads}
    return [
        Entry(name.replace("_", " "), MARK, LINE, line(width))
        for name, width in road_widths(scenario).items()
        if name in built
    ]


def discs(results: Results, width: float, height: float) -> list[Entry]:
    """Two entries that say how many people a disc means, on a panel of so many inches."""
    greatest = max(place.population for place in places_of(results))
    if greatest < 100:
        return []
    people = 10 ** math.floor(math.log10(greatest)) / np.array([1, 10])
    radii = disc_radii(results, people, 72 * width, 72 * height) / 72

    def disc(radius: float) -> Callable[[Axes], object]:
        return lambda axes: axes.add_patch(Circle((0.18, 0), radius, color=theme.FAINT))

    return [
        Entry(f"{count:,.0f}{unit}", MARK, max(LINE, 2 * float(radius) + 0.03), disc(float(radius)))
        for count, radius, unit in zip(people, radii, ("", " people"), strict=True)
    ]


def arrange(groups: list[list[Entry]], width: float, column: bool) -> tuple[list[Place], float]:
    """Where the entries stand, one below the other or in lines that fit a width; and the height of all."""
    places: list[Place] = []
    line: list[tuple[Entry, float]] = []
    y = x = 0.0

    def end_line() -> None:
        nonlocal x, y
        high = max((entry.height for entry, _ in line), default=0.0)
        places.extend((entry, left, y + high / 2) for entry, left in line)
        line.clear()
        x, y = 0.0, y + high

    for group in groups:
        words = [theme.shorten(entry.words, 72 * (width - entry.indent), TEXT) for entry in group]
        needed = [entry.indent + theme.extent(text, TEXT)[0] / 72 for entry, text in zip(group, words, strict=True)]
        if x + sum(needed) + AFTER * (len(group) - 1) > width:
            end_line()
        for entry, text, wide in zip(group, words, needed, strict=True):
            if line and (column or x + wide > width):
                end_line()
            line.append((entry._replace(words=text), x))
            x += wide + AFTER
        if column and group:
            end_line()
            y += LINE / 2
    end_line()
    return places, y


def draw(figure: theme.PlotFigure, places: list[Place], left: float, top: float) -> None:
    """Put the entries on the sheet."""
    for entry, x, y in places:
        axes = theme.frame(figure, left + x, top - y - entry.height / 2, entry.indent, entry.height)
        axes.set(xlim=(0, entry.indent), ylim=(-entry.height / 2, entry.height / 2))
        axes.set_axis_off()
        entry.draw(axes)
        theme.write(figure, left + x + entry.indent, top - y, entry.words, TEXT, va="center_baseline")
