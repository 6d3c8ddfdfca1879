"""The map of a page: land, borders, roads, places and sides of a scenario, in units of which the map is 1,000 wide."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any

import numpy as np

from sim.plots import theme
from sim.plots.borders import layer_for
from sim.plots.map_key import road_widths
from sim.plots.map_layout import choose_window, draws_land
from sim.plots.placement import Array
from sim.plots.window import Window, around, unwrapped
from sim.scenario.schema import Scenario
from sim.web.shared.symbols import FRIEND, HOSTILE, NEUTRAL

WIDE = 1000.0
MARGIN, AROUND = 0.06, 0.35
"""Shares of the network's extent: around the network at the start, and as far as one can move the map."""


def geography(scenario: Scenario, control: Array) -> dict[str, Any]:
    """The map as plain data. `control` [tick, place, side]: shares, by which the map shows where all is decided."""
    lonlat = unwrapped(np.array([(place.lon, place.lat) for place in scenario.places.values()]))
    home = around(lonlat).widened(MARGIN)
    # Land is drawn as far as one can move the map, if a layer reaches so far.
    wide = around(lonlat).widened(AROUND)
    window = wide if layer_for(*wide) is not None else home
    high = WIDE / window.aspect
    at = window.project(lonlat, WIDE, high)
    layer = layer_for(*window) if draws_land(scenario, lonlat, window) else None
    found: Any = SimpleNamespace(scenario=scenario, place_ids=list(scenario.places), control=control)
    decided = choose_window(found, lonlat, None).widened(2 * MARGIN)
    return {
        "whole": _box(home, window, high),
        "decided": _box(decided, window, high),
        "sea": None if layer is None else _box(Window(*layer.window), window, high),
        "land": None if layer is None else [_path(ring, window, high, True) for ring in _near(layer.land, window)],
        "borders": [] if layer is None else [_path(line, window, high) for line in _near(layer.borders, window)],
        "places": _places(scenario, at, high),
        "roads": _roads(scenario),
        "road_classes": [[name.replace("_", " "), round(w, 2)] for name, w in road_widths(scenario).items()],
        "sides": _sides(scenario),
    }


def _box(seen: Window, window: Window, high: float) -> list[float]:
    """A part of the map: left, top, width and height."""
    (left, bottom), (right, top) = window.project(np.reshape(seen, (2, 2)), WIDE, high)
    return [round(float(v), 1) for v in (left, high - top, right - left, top - bottom)]


def _places(scenario: Scenario, at: Array, high: float) -> list[dict[str, Any]]:
    capitals = {side.capital for side in scenario.sides.values()}
    return [
        {
            "id": id, "name": place.name, "x": round(float(x), 1), "y": round(high - float(y), 1),
            "people": int(place.population), "symbol": place.symbol, "capital": id in capitals,
            "airfield": place.airfield, "depot": place.depot is not None, "base": place.rear_base,
            "region": place.region,
        }
        for (id, place), (x, y) in zip(scenario.places.items(), at, strict=True)
    ]  # fmt: skip


def _roads(scenario: Scenario) -> list[list[Any]]:
    rows = {id: i for i, id in enumerate(scenario.places)}
    classes = list(road_widths(scenario))
    return [
        [rows[road.between[0]], rows[road.between[1]], classes.index(road.road_class), round(road.km), int(road.cut)]
        for road in scenario.roads
    ]


def _sides(scenario: Scenario) -> list[dict[str, str]]:
    colours, frames = theme.side_colours(scenario), frames_of(scenario)
    return [
        {"id": id, "name": side.name, "colour": colours[id], "frame": frames[id]} for id, side in scenario.sides.items()
    ]


def frames_of(scenario: Scenario) -> dict[str, str]:
    """The frame of each side's symbols: a rectangle for the side that holds most places and its allies, a diamond for
    those hostile to it, a square for others."""
    held = Counter(place.control for place in scenario.places.values())
    first = max(scenario.sides, key=lambda side: held[side])

    def stance(a: str, b: str) -> str:
        return scenario.sides[a].stances.get(b) or scenario.sides[b].stances.get(a) or "neutral"

    frames = {"hostile": HOSTILE, "allied": FRIEND, "neutral": NEUTRAL}
    return {side: FRIEND if side == first else frames[stance(first, side)] for side in scenario.sides}


def _near(lines: list[Array], window: Window) -> list[Array]:
    """Lines of which a part may lie within a window."""
    west, south, east, north = window
    return [
        line for line in lines
        if line[:, 0].min() <= east and line[:, 0].max() >= west
        and line[:, 1].min() <= north and line[:, 1].max() >= south
    ]  # fmt: skip


def _path(line: Array, window: Window, high: float, closed: bool = False) -> str:
    """A line as an SVG path; steps too small to be seen are left out, and what lies far outside is moved nearer."""
    points = np.clip(window.project(line, WIDE, high), -WIDE, 2 * WIDE)
    points = np.asarray(np.round(np.column_stack([points[:, 0], high - points[:, 1]]), 1), dtype=float)
    kept = [points[0]]
    for point in points[1:]:
        if np.abs(point - kept[-1]).max() >= 0.5:
            kept.append(point)
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in kept) + ("Z" if closed else "")
