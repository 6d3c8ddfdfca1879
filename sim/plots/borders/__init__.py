"""Land and borders that lie within a window of the world, from borders.json (cut out by tools/clip_borders.py)."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Layer(NamedTuple):
    """Rings of land and lines between countries, in degrees, within a window: west, south, east, north."""

    window: tuple[float, float, float, float]
    land: list[Array]
    borders: list[Array]


@functools.cache
def layers() -> list[Layer]:
    """All layers, finest first."""
    data = json.loads(Path(__file__).with_name("borders.json").read_text())
    return [
        Layer(
            tuple(layer["window"]),
            [_decode(line, layer["units"]) for line in layer["land"]],
            [_decode(line, layer["units"]) for line in layer["borders"]],
        )
        for layer in data["layers"]
    ]


def layer_for(west: float, south: float, east: float, north: float) -> Layer:
    """The finest layer that covers a window."""
    for layer in layers():
        w, s, e, n = layer.window
        if w <= west and s <= south and east <= e and north <= n:
            return layer
    return layers()[-1]


def on_land(layer: Layer, lonlat: Array) -> NDArray[np.bool_]:
    """Which coordinates [n, 2] lie on land; a ring inside a ring is an inland sea."""
    from matplotlib.path import Path as Outline

    lonlat = np.column_stack([(lonlat[:, 0] + 180) % 360 - 180, lonlat[:, 1]])
    around = np.zeros(len(lonlat), dtype=int)
    for ring in layer.land:
        around += Outline(ring, closed=False).contains_points(lonlat)
    return np.asarray(around % 2 == 1)


def _decode(line: list[int], units: int) -> Array:
    return np.asarray(np.cumsum(np.array(line, dtype=float).reshape(-1, 2), axis=0) / units)
