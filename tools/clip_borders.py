"""Cut borders.json out of Natural Earth: the whole world coarsely, and one window of it finely.

Repeat it with nothing but npm and Python:

    npm pack world-atlas@2.0.2
    python sim/plots/borders/clip.py world-atlas-2.0.2.tgz

Natural Earth is in the public domain; world-atlas repackages it as TopoJSON. A layer keeps rings of land (whose
edges are the coasts) and the lines that two countries share, as drawn by Natural Earth (the line held on the ground),
without any names.
"""

from __future__ import annotations

import json
import math
import sys
import tarfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

Point = tuple[float, float]
Line = list[Point]
Window = tuple[float, float, float, float]
"""West, south, east, north, degrees."""

FINE: Window = (30.0, 28.0, 47.0, 41.0)
WORLD: Window = (-180.0, -90.0, 180.0, 90.0)
LAYERS = [
    {"file": "countries-10m.json", "window": FINE, "tolerance": 0.004, "units": 1000, "least": 0.02},
    {"file": "countries-110m.json", "window": WORLD, "tolerance": 0.04, "units": 100, "least": 0.3},
]
"""Finest first. Tolerance of the simplification and least extent of an island in degrees; units to a degree."""


def decode(topology: dict[str, Any]) -> list[Line]:
    """The arcs of a TopoJSON file in degrees."""
    (kx, ky), (x0, y0) = topology["transform"]["scale"], topology["transform"]["translate"]
    lines = []
    for arc in topology["arcs"]:
        x = y = 0
        line: Line = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            line.append((x0 + kx * x, y0 + ky * y))
        lines.append(line)
    return lines


def rings_of(geometry: dict[str, Any]) -> Iterator[list[int]]:
    """The rings of a geometry, each a list of arc numbers (~n is arc n backwards)."""
    for part in geometry.get("geometries", [geometry]):
        if part["type"] == "GeometryCollection":
            yield from rings_of(part)
        elif part["type"] in ("Polygon", "MultiPolygon"):
            for polygon in [part["arcs"]] if part["type"] == "Polygon" else part["arcs"]:
                yield from polygon


def simplify(line: Line, tolerance: float) -> Line:
    """Douglas-Peucker: drop the points that lie within the tolerance of the line through those kept."""
    keep = {0, len(line) - 1}
    stack = [(0, len(line) - 1)]
    while stack:
        first, last = stack.pop()
        (ax, ay), (bx, by) = line[first], line[last]
        length2 = (bx - ax) ** 2 + (by - ay) ** 2
        worst, at = tolerance, None
        for i in range(first + 1, last):
            px, py = line[i][0] - ax, line[i][1] - ay
            along = max(0.0, min(1.0, (px * (bx - ax) + py * (by - ay)) / length2)) if length2 else 0.0
            distance = ((px - along * (bx - ax)) ** 2 + (py - along * (by - ay)) ** 2) ** 0.5
            if distance > worst:
                worst, at = distance, i
        if at is not None:
            keep.add(at)
            stack += [(first, at), (at, last)]
    return [line[i] for i in sorted(keep)]


def clip_ring(ring: Line, window: Window) -> Line:
    """The part of a ring inside the window (Sutherland and Hodgman 1974)."""
    for axis, bound, sign in ((0, window[0], 1), (0, window[2], -1), (1, window[1], 1), (1, window[3], -1)):
        kept: Line = []
        for a, b in zip(ring, ring[1:] + ring[:1], strict=True):
            da, db = sign * (a[axis] - bound), sign * (b[axis] - bound)
            if da >= 0:
                kept.append(a)
            if (da >= 0) != (db >= 0):
                t = da / (da - db)
                kept.append((a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])))
        ring = kept
    return ring


def clip_line(line: Line, window: Window) -> Iterator[Line]:
    """The stretches of a line that touch the window; they may stick out by one segment, beyond what is drawn."""
    stretch: Line = []
    for a, b in pairwise(line):
        apart = (
            max(a[0], b[0]) < window[0] or min(a[0], b[0]) > window[2]
            or max(a[1], b[1]) < window[1] or min(a[1], b[1]) > window[3]
        )  # fmt: skip
        if not apart:
            stretch = stretch or [a]
            stretch.append(b)
        elif stretch:
            yield stretch
            stretch = []
    if stretch:
        yield stretch


def unwrapped(line: Line) -> Line:
    """A line that goes on past 180 degrees where it crosses the date line, instead of jumping across the world."""
    turn = 0.0
    smooth = line[:1]
    for a, b in pairwise(line):
        turn += 360.0 * ((a[0] - b[0] > 180) - (b[0] - a[0] > 180))
        smooth.append((b[0] + turn, b[1]))
    return smooth


def closed(ring: Line) -> Line:
    """A ring without a jump at the date line; one around a pole is closed along the pole."""
    ring = unwrapped([*ring, ring[0]])
    if abs(ring[-1][0] - ring[0][0]) < 180:
        return ring[:-1]
    pole = math.copysign(90.0, sum(y for _, y in ring))
    return [*ring, (ring[-1][0], pole), (ring[0][0], pole)]


def turned(line: Line) -> list[Line]:
    """The line, and the line a turn of the world to the west and to the east."""
    return [[(x + turn, y) for x, y in line] for turn in (-360.0, 0.0, 360.0)]


def encode(line: Line, units: int) -> list[int]:
    """A line as whole numbers: the first point, then the steps."""
    points = [(round(x * units), round(y * units)) for x, y in line]
    flat = list(points[0])
    for a, b in pairwise(points):
        if a != b:
            flat += [b[0] - a[0], b[1] - a[1]]
    return flat


def cut(topology: dict[str, Any], window: Window, tolerance: float, units: int, least: float) -> dict[str, Any]:
    """One layer: land and borders of a topology inside a window."""
    arcs = [simplify(arc, tolerance) for arc in decode(topology)]
    land = []
    coast = set()
    for numbers in rings_of(topology["objects"]["land"]):
        ring: Line = []
        for n in numbers:
            coast.add(n if n >= 0 else ~n)
            ring += (arcs[n] if n >= 0 else arcs[~n][::-1])[:-1]
        for whole in turned(closed(ring)):
            part = clip_ring(whole, window)
            if len(part) > 2 and max(max(axis) - min(axis) for axis in zip(*part, strict=True)) >= least:
                land.append(encode(part, units))
    used = {n if n >= 0 else ~n for ring in rings_of(topology["objects"]["countries"]) for n in ring}
    lines = [line for n in sorted(used - coast) for line in turned(unwrapped(arcs[n]))]
    borders = [encode(part, units) for line in lines for part in clip_line(line, window)]
    return {"window": window, "units": units, "land": land, "borders": borders}


def main() -> None:
    """Read the world-atlas package and write borders.json into sim.plots."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    layers = []
    with tarfile.open(sys.argv[1]) as package:
        for layer in LAYERS:
            options = dict(layer)
            source = package.extractfile(f"package/{options.pop('file')}")
            assert source is not None
            layers.append(cut(json.load(source), **options))  # type: ignore[arg-type]
    target = Path(__file__).parents[1] / "sim" / "plots" / "borders" / "borders.json"
    target.write_text(json.dumps({"origin": "Natural Earth, public domain", "layers": layers}, separators=(",", ":")))
    for chosen in layers:
        print(chosen["window"], len(chosen["land"]), "rings of land,", len(chosen["borders"]), "borders")
    print(target, target.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
