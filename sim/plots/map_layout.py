"""Where everything on a map of control goes: which part of the world, how many panels, which disc and name where."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.plots import theme
from sim.plots.borders import layer_for, on_land
from sim.plots.placement import Array, Box, leader, part_discs, place_labels
from sim.plots.window import Window, around, densest

if TYPE_CHECKING:
    from sim.plots.protocol import Results
    from sim.scenario.schema import Place, Scenario

Region = str | tuple[float, float, float, float]

CROWDED = 15  # networks of more places are cropped to what matters
CHANGED = 0.05  # a place belongs to the map where control of it changes in this share of replicates
DECIDED = 0.75  # the crop holds this share of all change, places weighted by symbol and people
NEAR = 0.8  # places the scenario reports come into the crop where its scale stays above this share
WIDE, HIGH = 10.2, 7.7  # inches: the panels of a sheet fit in this
LEAST, LARGEST = 1.8, 6.0  # inches: extent of a panel
BETWEEN, HEAD = 0.16, 0.36  # inches: gap between panels, line above a panel
NAME, MINOR = 10.5, 9.0  # points: names of important places and of others
FULL_SIZE = 220  # points: names are written smaller on panels of less than this extent
IMPORTANT, GREAT = 10, 0.12  # so many places, of this share of the greatest's worth, are important with the reported
ARROWS = "→↗↑↖←↙↓↘"


class Layout(NamedTuple):
    """Where everything on a panel goes; the same on every day, so that the eye can compare."""

    window: Window
    shown: list[int]  # the places on the panel, the most important first
    centres: Array
    radii: Array
    names: list[str]
    fonts: list[tuple[float, str]]  # size in points, weight
    labels: dict[int, Box]  # by position in `shown`
    insets: list[Box]  # of the places that lie outside, which come first
    roads: list[Array]


def places_of(results: Results) -> list[Place]:
    return [results.scenario.places[name] for name in results.place_ids]


def draws_land(scenario: Scenario, lonlat: Array, window: Window) -> bool:
    """Whether a map shows land and borders: the network stands on the real earth, and a layer covers the window.

    A network stands on the earth if the scenario cites a source and at least half of the places shown are on land.
    """
    shown, layer = lonlat[window.holds(lonlat)], layer_for(*window)
    return bool(scenario.sources) and len(shown) > 0 and layer is not None and on_land(layer, shown).mean() >= 0.5


def reported_places(results: Results) -> list[int]:
    """The places whose fall or holder the scenario reports."""
    words = [outcome.split("@")[0].split(".") for outcome in results.scenario.outcomes]
    named = {word[0] for word in words if len(word) > 1 and word[1] in ("fall_day", "held_by")}
    return [i for i, name in enumerate(results.place_ids) if name in named]


def worth(results: Results) -> Array:
    """How much each place means: its symbolic weight, and the root of its people against the greatest city's."""
    people = np.array([place.population for place in places_of(results)])
    symbols = np.array([place.symbol for place in places_of(results)])
    return np.asarray(symbols + np.sqrt(people / (people.max(initial=0) or 1)))


def choose_window(results: Results, lonlat: Array, region: Region | None) -> Window:
    """The part of the world that matters: the region, or else where the campaign is decided."""
    if isinstance(region, str):
        names = [place.region for place in places_of(results)]
        theme.check_known(region, {name for name in names if name}, "region")
        return around(lonlat[[name == region for name in names]])
    if region is not None:
        try:
            west, south, east, north = (float(bound) for bound in region)
            right = west < east and south < north
        except (TypeError, ValueError):
            right = False
        if not right:
            raise ValueError(f"region: west, south, east, north, each less than its opposite; not {region}")
        return Window(west, south, east, north)
    change = 0.5 * np.abs(results.control - results.control[0]).sum(axis=2).max(axis=0)
    active = change >= CHANGED
    if len(lonlat) <= CROWDED or active.sum() < 2:
        return around(lonlat)
    window = around(lonlat[active & densest(lonlat, np.where(active, change * worth(results), 0), DECIDED)])
    for i in reported_places(results):
        wider = around(np.vstack([lonlat[i], np.reshape(window, (2, 2))]))
        if wider.extent * NEAR <= window.extent:
            window = wider
    return window


def grid(panels: int, aspect: float, least: float) -> tuple[int, float, float]:
    """Columns, and width and height of a panel in inches: large panels, few gaps, at least so high in all."""

    def cell(columns: int) -> tuple[float, float]:
        return (WIDE + BETWEEN) / columns - BETWEEN, HIGH / math.ceil(panels / columns)

    def merit(columns: int) -> float:
        width, height = cell(columns)
        return min(width / aspect, height) * panels / (columns * math.ceil(panels / columns))

    columns = max(range(1, panels + 1), key=merit)
    width, height = np.clip(cell(columns) - np.array([0, HEAD]), LEAST, LARGEST).tolist()
    width, height = min(width, height * aspect * 1.15), min(height, width / aspect * 1.15)
    return columns, width, max(height, least / math.ceil(panels / columns) - HEAD)


def lay_out(results: Results, lonlat: Array, window: Window, width: float, height: float, pin: bool) -> Layout:
    """Find room for discs, names and roads on a panel of so many points.

    Places that the scenario reports and that lie outside are pinned to the edge, if asked for.
    """
    places, weight, reported = places_of(results), worth(results), reported_places(results)
    bounds = Box(2, 2, width - 2, height - 2)
    held = window.holds(lonlat)
    shown = [i for i in range(len(places)) if held[i] or (pin and i in reported)]
    shown.sort(key=lambda i: (held[i], i not in reported, -weight[i]))
    pinned = sum(not held[i] for i in shown)
    great = int((weight[shown] >= GREAT * weight.max()).sum())
    important = max(min(IMPORTANT, great), sum(i in reported for i in shown))
    anchors = window.project(lonlat, width, height)
    names = [
        theme.place_name(results.scenario, results.place_ids[i]) + ("" if held[i] else " " + _arrow(anchors[i], bounds))
        for i in shown
    ]
    small = float(np.clip(math.sqrt(width * height) / FULL_SIZE, 0.6, 1))
    fonts = [(small * NAME, "bold") if k < important else (small * MINOR, "normal") for k in range(len(shown))]
    extents = [theme.extent(name, *font) for name, font in zip(names, fonts, strict=True)]
    sizes = [(wide + 3, high) for wide, high in extents]  # so that two names in a row do not read as one
    radii = disc_radii(results, np.array([places[i].population for i in shown]), width, height)
    ends = [[results.place_ids.index(end) for end in road.between] for road in results.scenario.roads]

    spots = anchors[shown]
    busy = np.vstack([np.repeat(spots[pinned:], 12, axis=0), *(_dots(anchors[pair], 40) for pair in ends)])
    insets: list[Box] = []
    for k in range(pinned):
        insets.append(_inset(spots[k], radii[k], sizes[k], bounds, busy, insets))
        spots[k] = insets[k].left + radii[k] + 3, (insets[k].bottom + insets[k].top) / 2
    # The important places first, as if alone on the map; then small discs make room for them and their names.
    first = np.arange(len(shown)) < important
    centres, alone = part_discs(spots[first], radii[first], bounds, fixed=np.arange(important) < pinned, walls=insets)
    boxes = place_labels(
        centres, alone, sizes[:important], range(important), bounds, busy, important, placed=dict(enumerate(insets))
    )
    spots[first] = centres
    walls = [*boxes.values()]
    for k, box in boxes.items():
        walls += [Box(*(dot - 1), *(dot + 1)) for dot in leader(centres[k], alone[k], box)[::2]]
    shrunk = float((alone / radii[first]).min(initial=1))
    centres, radii = part_discs(spots, shrunk * radii, bounds, fixed=first, walls=walls)

    anchors[shown[pinned:]] = centres[pinned:]
    roads = [anchors[pair] for pair in ends]
    dots = np.vstack([np.zeros((0, 2)), *(_dots(road, 60) for road in roads)])
    labels = place_labels(centres, radii, sizes, range(len(shown)), bounds, dots, important, placed=boxes)
    for k, inset in enumerate(insets):
        wide, high = sizes[k]
        labels[k] = Box(inset.right - 3 - wide, centres[k][1] - high / 2, inset.right - 3, centres[k][1] + high / 2)
    return Layout(window, shown, centres, radii, names, fonts, labels, insets, roads)


def _inset(spot: Array, radius: float, size: tuple[float, float], bounds: Box, busy: Array, taken: list[Box]) -> Box:
    """Where at the edge of the panel a place that lies outside is shown with its name: near, and where little is."""
    wide, high = 2 * radius + size[0] + 10, max(2 * radius, size[1]) + 6
    lefts = np.arange(bounds.left, max(bounds.right - wide, bounds.left) + 1, 4)
    bottoms = np.arange(bounds.bottom, max(bounds.top - high, bounds.bottom) + 1, 4)
    x, y = np.clip(spot, bounds[:2], bounds[2:])  # the inset stands on an edge that lies towards the place
    spots = [(left, bottoms[0 if y == bounds.bottom else -1]) for left in lefts if y in (bounds.bottom, bounds.top)]
    spots += [(lefts[0 if x == bounds.left else -1], bottom) for bottom in bottoms if x in (bounds.left, bounds.right)]
    boxes = [Box(left, bottom, left + wide, bottom + high) for left, bottom in spots]
    free = [box for box in boxes if not any(box.overlaps(other) for other in taken)] or boxes

    def cost(box: Box) -> float:
        off = math.hypot(x - (box.left + box.right) / 2, y - (box.bottom + box.top) / 2)
        around = Box(box.left - 8, box.bottom - 8, box.right + 8, box.top + 8)
        return off + 4 * float(around.contains(busy).sum())

    return min(free, key=cost)


def disc_radii(results: Results, people: Array, width: float, height: float) -> Array:
    """How large the discs of so many people are on a panel of so many points."""
    greatest = max(place.population for place in places_of(results)) or 1
    largest = float(np.clip(0.042 * math.sqrt(width * height), 6.5, 15))
    return largest * (0.36 + 0.64 * np.sqrt(people / greatest))


def _arrow(point: Array, bounds: Box) -> str:
    """Which way a point outside lies."""
    dx, dy = point - np.clip(point, bounds[:2], bounds[2:])
    return ARROWS[round(math.atan2(dy, dx) / (math.pi / 4)) % 8]


def _dots(road: Array, count: int) -> Array:
    """Points along a road."""
    along = np.linspace(0, 1, count)[:, None]
    return np.asarray(road[0] + along * (road[1] - road[0]))


def leaves_out(lonlat: Array, window: Window) -> bool:
    """Whether a window leaves out so much of the network that an overview should show where it lies."""
    whole = around(lonlat).widened(0.08)
    small = window.east - window.west < 0.8 * (whole.east - whole.west)
    return bool(small or window.north - window.south < 0.8 * (whole.north - whole.south))


def overview(lonlat: Array, window: Window) -> Window:
    """The window of the whole network and of the part that the panels show, whose frame is drawn in it."""
    return around(np.vstack([lonlat, np.reshape(window, (2, 2))])).widened(0.08).with_aspect(0.7, 2.0)
