"""Land and borders for maps, in layers: each file `*.json` here covers one window of the world.

`python -m tools.clip_borders SCENARIO` adds the layer of a scenario.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
FOLDER = Path(__file__).parent


class Layer(NamedTuple):
    """Rings of land and lines between countries, in degrees, within a window: west, south, east, north.

    The layer is drawn on maps that are at least `least_extent` degrees across. On smaller maps it would be too coarse.
    """

    window: tuple[float, float, float, float]
    least_extent: float
    land: list[Array]
    borders: list[Array]

    def covers(self, west: float, south: float, east: float, north: float) -> bool:
        """Whether a map of this window can be drawn from this layer."""
        w, s, e, n = self.window
        inside = w <= west and s <= south and east <= e and north <= n
        # A layer of the whole world is drawn again on the other side of the date line.
        inside |= e - w >= 360 and s <= south and north <= n
        return inside and max(east - west, north - south) >= self.least_extent


@functools.cache
def layers() -> list[Layer]:
    """All layers, finest first."""
    found = [json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))]
    found.sort(key=lambda layer: (-layer["units"], layer["least_extent"]))
    return [
        Layer(
            tuple(layer["window"]),
            layer["least_extent"],
            [_decode(line, layer["units"]) for line in layer["land"]],
            [_decode(line, layer["units"]) for line in layer["borders"]],
        )
        for layer in found
    ]


def layer_for(west: float, south: float, east: float, north: float) -> Layer | None:
    """The finest layer that covers a window; None if there is none, and the map has no borders then."""
    return next((layer for layer in layers() if layer.covers(west, south, east, north)), None)


def on_land(layer: Layer, lonlat: Array) -> NDArray[np.bool_]:
    """Which coordinates [n, 2] lie on land. A ring inside a ring is an inland sea."""
    from matplotlib.path import Path as Outline

    west = layer.window[0]
    lonlat = np.column_stack([(lonlat[:, 0] - west) % 360 + west, lonlat[:, 1]])
    rings = np.zeros(len(lonlat), dtype=int)
    for ring in layer.land:
        rings += Outline(ring, closed=False).contains_points(lonlat)
    return np.asarray(rings % 2 == 1)


def _decode(line: list[int], units: int) -> Array:
    return np.asarray(np.cumsum(np.array(line, dtype=float).reshape(-1, 2), axis=0) / units)
