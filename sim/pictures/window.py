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

    def widened(self, share: float) -> Window:
        """The window with a margin, a share of its greater extent, on all sides."""
        margin = share * max((self.east - self.west) * self.squeeze, self.north - self.south)
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
