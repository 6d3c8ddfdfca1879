"""A window on the map: which part of the world a panel shows, and where on the panel a coordinate lies."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
LEAST = 0.2  # degrees: the least extent of a window, so that a single place has a map too


class Window(NamedTuple):
    """Degrees: west, south, east, north. East may pass 180 where a network crosses the date line."""

    west: float
    south: float
    east: float
    north: float

    @property
    def squeeze(self) -> float:
        """How much shorter a degree of longitude is than one of latitude, at mid-height."""
        return max(0.05, math.cos(math.radians((self.south + self.north) / 2)))

    @property
    def aspect(self) -> float:
        """Width over height on the ground."""
        return (self.east - self.west) * self.squeeze / (self.north - self.south)

    @property
    def extent(self) -> float:
        """The greater of width and height on the ground, in degrees of latitude."""
        return max((self.east - self.west) * self.squeeze, self.north - self.south)

    def widened(self, share: float) -> Window:
        """The window with a margin, a share of its greater extent, on all sides."""
        margin = share * self.extent
        across = margin / self.squeeze
        return Window(self.west - across, self.south - margin, self.east + across, self.north + margin)

    def with_aspect(self, least: float, most: float) -> Window:
        """The window, grown on the shorter side until its aspect lies between two bounds."""
        west, south, east, north = self
        if self.aspect < least:
            grow = (least / self.aspect - 1) * (east - west) / 2
            return Window(west - grow, south, east + grow, north)
        if self.aspect > most:
            grow = (self.aspect / most - 1) * (north - south) / 2
            return Window(west, south - grow, east, north + grow)
        return self

    def holds(self, lonlat: Array) -> NDArray[np.bool_]:
        """Which coordinates [n, 2] lie in the window."""
        lon, lat = lonlat.T
        inside = (lon >= self.west) & (lon <= self.east) & (lat >= self.south) & (lat <= self.north)
        return np.asarray(inside)

    def project(self, lonlat: Array, width: float, height: float) -> Array:
        """Coordinates [n, 2] as points on a panel (equidistant cylindrical, true at mid-height)."""
        scale = np.array([width / (self.east - self.west), height / (self.north - self.south)])
        return np.asarray((lonlat - np.array([self.west, self.south])) * scale)


def around(lonlat: Array) -> Window:
    """The smallest window that holds the coordinates."""
    west, south = lonlat.min(axis=0)
    east, north = lonlat.max(axis=0)
    across, up = max(0.0, LEAST - (east - west)) / 2, max(0.0, LEAST - (north - south)) / 2
    return Window(float(west - across), float(south - up), float(east + across), float(north + up))


def unwrapped(lonlat: Array) -> Array:
    """The coordinates with those west of the date line moved east of it, where the network crosses it."""
    lonlat = lonlat.copy()
    if np.ptp(lonlat[:, 0]) > 180:
        lonlat[lonlat[:, 0] < 0, 0] += 360
    return lonlat


def densest(lonlat: Array, weight: Array, share: float, most: int = 100) -> NDArray[np.bool_]:
    """Which places lie in the smallest square on the ground that holds a share of the weight.

    Only the `most` weighty places count, so that large networks take no time.
    """
    chosen = np.argsort(-weight, kind="stable")[:most]
    across = (lonlat[:, 0] - lonlat[:, 0].min()) * around(lonlat).squeeze
    x, y, w = across[chosen], lonlat[chosen, 1], weight[chosen]
    best, corner = math.inf, (0.0, 0.0)
    for left in x:
        right_of = np.where(x >= left, x - left, np.inf)
        above = np.where(y >= y[:, None], y - y[:, None], np.inf)  # [lower edge, place]
        side = np.maximum(right_of, above)  # of the square from that corner that just holds the place
        nearest = np.argsort(side, axis=1, kind="stable")
        enough = np.cumsum(w[nearest], axis=1) >= share * w.sum() * (1 - 1e-9)
        at = np.take_along_axis(nearest, enough.argmax(axis=1)[:, None], axis=1)
        needed = np.where(enough.any(axis=1), np.take_along_axis(side, at, axis=1)[:, 0], np.inf)
        if needed.min() < best:
            best, corner = float(needed.min()), (float(left), float(y[needed.argmin()]))
    best += 1e-9
    inside = (across >= corner[0]) & (across <= corner[0] + best)
    return np.asarray(inside & (lonlat[:, 1] >= corner[1]) & (lonlat[:, 1] <= corner[1] + best))
