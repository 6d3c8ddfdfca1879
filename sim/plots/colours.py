"""Colours for more sides than a palette has: each as far as can be from all others, to the eye."""

from __future__ import annotations

import colorsys
from collections.abc import Iterable

import numpy as np
from matplotlib.colors import to_hex, to_rgb
from numpy.typing import NDArray

LIGHTNESS, SATURATION, HUES = (0.2, 0.3, 0.42, 0.55), (1.0, 0.55), 24
"""Of the colours to choose from."""
LIGHTEST = 0.74
"""In Oklab: darker colours can be read as letters on paper."""
TO_LMS = np.array(
    [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
     [0.0883024619, 0.2817188376, 0.6299787005]]
)  # fmt: skip
TO_LAB = np.array(
    [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
     [0.0259040371, 0.7827717662, -0.8086757660]]
)  # fmt: skip


def oklab(colours: Iterable[str]) -> NDArray[np.float64]:
    """Colours in the space Oklab (Ottosson 2020), in which distance is how different they look: [n, 3]."""
    rgb = np.array([to_rgb(colour) for colour in colours])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.cbrt(linear @ TO_LMS.T) @ TO_LAB.T)


def apart_from(taken: Iterable[str], count: int) -> list[str]:
    """So many colours, each in turn the one farthest from those taken and those chosen before it."""
    candidates = [
        to_hex(colorsys.hls_to_rgb(hue / HUES, lightness, saturation))
        for lightness in LIGHTNESS
        for saturation in SATURATION
        for hue in range(HUES)
    ]
    spots = oklab(candidates)
    candidates = [colour for colour, spot in zip(candidates, spots, strict=True) if spot[0] <= LIGHTEST]
    spots = spots[spots[:, 0] <= LIGHTEST]
    distance = np.linalg.norm(spots[:, None] - oklab(taken)[None], axis=2).min(axis=1)
    chosen = []
    for _ in range(count):
        best = int(distance.argmax())
        chosen.append(candidates[best])
        distance = np.minimum(distance, np.linalg.norm(spots - spots[best], axis=1))
    return chosen
