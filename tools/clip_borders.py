"""`python -m tools.clip_borders SCENARIO`: adds land and borders for the maps of a scenario.

The layer is clipped from Natural Earth as the npm package world-atlas carries it (public domain; TopoJSON), and written
into `sim/plots/borders/`. Without `--atlas` the package is fetched by `npm pack`. A layer keeps rings of land, whose
edges are the coasts, and the lines that two countries share, without any names. The lines are those of Natural Earth,
which draws the line held on the ground.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import sim
from sim.plots.borders import FOLDER, layer_for
from sim.plots.window import around, unwrapped
from sim.scenario.errors import ScenarioError

Point = tuple[float, float]
Line = list[Point]
Window = tuple[float, float, float, float]
"""West, south, east, north, degrees."""

PACKAGE = "world-atlas@2.0.2"
MARGIN = 0.6
"""Of the extent of a network: the map adds a margin, and widens a narrow network to the shape of a sheet."""
LARGE = 40.0
"""Degrees across from which the coarser source is fine enough."""


class Fineness(NamedTuple):
    """How a layer is clipped: the source, tolerance and least size of an island in degrees, units to a degree, and the
    least extent of maps, in degrees, on which the layer is drawn."""

    file: str
    tolerance: float
    island: float
    units: int
    least_extent: float

    @classmethod
    def of(cls, window: Window) -> Fineness:
        """What suits a window: a line of a map has some thousand points at most."""
        extent = max(window[2] - window[0], window[3] - window[1])
        tolerance = max(0.001, round(extent / 4250, 4))
        source = "countries-10m.json" if extent <= LARGE else "countries-50m.json"
        return cls(source, tolerance, 5 * tolerance, 1000, 0.0)


WORLD = Fineness("countries-110m.json", 0.04, 0.3, 100, 25.0)


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


def without_jump(line: Line) -> Line:
    """A line that goes on past 180 degrees where it crosses the date line, instead of jumping across the world."""
    turn = 0.0
    smooth = line[:1]
    for a, b in pairwise(line):
        turn += 360.0 * ((a[0] - b[0] > 180) - (b[0] - a[0] > 180))
        smooth.append((b[0] + turn, b[1]))
    return smooth


def closed(ring: Line) -> Line:
    """A ring without a jump at the date line; one around a pole is closed along the pole."""
    ring = without_jump([*ring, ring[0]])
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


def cut(topology: dict[str, Any], window: Window, fineness: Fineness) -> dict[str, Any]:
    """One layer: land and borders of a topology inside a window."""
    units = fineness.units
    arcs = [simplify(arc, fineness.tolerance) for arc in decode(topology)]
    land = []
    coast = set()
    for numbers in rings_of(topology["objects"]["land"]):
        ring: Line = []
        for n in numbers:
            coast.add(n if n >= 0 else ~n)
            ring += (arcs[n] if n >= 0 else arcs[~n][::-1])[:-1]
        for whole in turned(closed(ring)):
            part = clip_ring(whole, window)
            if len(part) > 2 and max(max(axis) - min(axis) for axis in zip(*part, strict=True)) >= fineness.island:
                land.append(encode(part, units))
    used = {n if n >= 0 else ~n for ring in rings_of(topology["objects"]["countries"]) for n in ring}
    lines = [line for n in sorted(used - coast) for line in turned(without_jump(arcs[n]))]
    borders = [encode(part, units) for line in lines for part in clip_line(line, window)]
    return {
        "origin": "Natural Earth, public domain",
        "window": window,
        "least_extent": fineness.least_extent,
        "units": units,
        "land": land,
        "borders": borders,
    }


def network_of(path: Path) -> Window:
    """The window of a scenario's places, the smallest that a map of it has."""
    places = sim.load(path).scenario.places.values()
    west, south, east, north = around(unwrapped(np.array([(place.lon, place.lat) for place in places])))
    return west, south, east, north


def with_room(network: Window) -> Window:
    """The window with room for any map of a network, in whole degrees."""
    west, south, east, north = network
    room = MARGIN * max(east - west, north - south)
    across = room / max(0.05, math.cos(math.radians((south + north) / 2)))
    return (
        float(math.floor(west - across)),
        float(max(-90, math.floor(south - room))),
        float(math.ceil(east + across)),
        float(min(90, math.ceil(north + room))),
    )


def is_covered(least: Window, window: Window) -> bool:
    """Whether there are layers for the smallest and the largest map. That of the world is only for large ones."""
    return layer_for(*window) is not None and layer_for(*least) is not None


def name_of(window: Window) -> str:
    """The name of a layer's file: its south-western and north-eastern corners, as in N28E030-N41E047."""
    west, south, east, north = (round(bound) for bound in window)
    corners = ((south, west), (north, east))
    return "-".join(f"{'NS'[y < 0]}{abs(y):02d}{'EW'[x < 0]}{abs(x):03d}" for y, x in corners)


def read_atlas(path: Path | None, file: str) -> dict[str, Any]:
    """One file of the package, from a downloaded archive or through npm. RuntimeError if it cannot be had."""
    with tempfile.TemporaryDirectory() as folder:
        if path is None:
            path = Path(folder) / fetch(folder)
        try:
            with tarfile.open(path) as package:
                source = package.extractfile(f"package/{file}")
                assert source is not None
                return json.load(source)
        except OSError as error:
            raise RuntimeError(f"{path}: {error.strerror}") from None
        except (KeyError, tarfile.TarError):
            raise RuntimeError(f"{path}: this is no archive of {PACKAGE}") from None


def fetch(folder: str) -> str:
    """Download the package into a folder; the name of its archive."""
    try:
        done = subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, capture_output=True, text=True)
    except FileNotFoundError:
        raise RuntimeError(f"npm is not installed: install it, or download {PACKAGE} and name it by --atlas") from None
    if done.returncode:
        raise RuntimeError(f"npm could not fetch {PACKAGE}: {done.stderr.strip()}")
    return done.stdout.strip()


def write(layer: dict[str, Any], name: str, folder: Path) -> Path:
    """Write a layer into the folder of layers."""
    target = folder / f"{name}.json"
    target.write_text(json.dumps(layer, separators=(",", ":")), "utf-8")
    print(
        f"{target}: {len(layer['land'])} rings of land, {len(layer['borders'])} borders, {target.stat().st_size} bytes"
    )
    return target


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("scenario", nargs="?", type=Path, metavar="SCENARIO")
    what.add_argument("--window", nargs=4, type=float, metavar=("WEST", "SOUTH", "EAST", "NORTH"))
    what.add_argument("--world", action="store_true", help="the coarse layer for maps of a continent")
    parser.add_argument("--atlas", type=Path, metavar="FILE", help=f"an archive of {PACKAGE}, instead of npm")
    parser.add_argument("--into", type=Path, default=FOLDER, metavar="DIR", help="default: %(default)s")
    given = parser.parse_args(arguments)
    try:
        if given.world:
            write(cut(read_atlas(given.atlas, WORLD.file), (-180.0, -90.0, 180.0, 90.0), WORLD), "world", given.into)
            return
        least: Window = tuple(given.window) if given.window else network_of(given.scenario)
        window = least if given.window else with_room(least)
        if given.into == FOLDER and is_covered(least, window):
            print(f"a layer covers {name_of(window)} already")
            return
        fineness = Fineness.of(window)
        write(cut(read_atlas(given.atlas, fineness.file), window, fineness), name_of(window), given.into)
    except (RuntimeError, ScenarioError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
