"""Room for everything on a picture: discs that give way to each other, labels that never overlap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

DIRECTIONS = np.radians([0, 180, 90, 270, 45, 315, 135, 225, *np.arange(22.5, 360, 45)])
"""Where a label may stand beside its disc, best first: right, left, above, below, corners, in between."""


class Box(NamedTuple):
    """A rectangle: left, bottom, right, top."""

    left: float
    bottom: float
    right: float
    top: float

    def overlaps(self, other: Box) -> bool:
        """Whether two rectangles share any area."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.bottom < other.top
            and other.bottom < self.top
        )  # fmt: skip

    def inside(self, other: Box) -> bool:
        """Whether this rectangle lies wholly within another."""
        return (
            self.left >= other.left
            and self.bottom >= other.bottom
            and self.right <= other.right
            and self.top <= other.top
        )  # fmt: skip

    def contains(self, points: Array) -> NDArray[np.bool_]:
        """Which of the points [n, 2] lie within."""
        return (
            (points[:, 0] > self.left)
            & (points[:, 0] < self.right)
            & (points[:, 1] > self.bottom)
            & (points[:, 1] < self.top)
        )  # fmt: skip

    def touches_disc(self, centres: Array, radii: Array) -> bool:
        """Whether any of the discs reaches into the rectangle."""
        nearest = np.clip(centres, (self.left, self.bottom), (self.right, self.top))
        return bool(np.any(np.hypot(*(centres - nearest).T) < radii))


def part_discs(anchors: Array, radii: Array, bounds: Box, gap: float = 1.0) -> tuple[Array, Array]:
    """Move discs as little as needed for none to hide another; returns their centres and radii.

    The smaller disc of a pair gives way. Where there is no room for all, all shrink.
    """
    radii = radii.astype(float)
    count = len(radii)
    turn = 2.399963 * np.arange(count)  # discs on one spot part in different directions (golden angle)
    nudge = 1e-3 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    while True:
        centres = anchors + nudge
        share = radii**2 / (radii[:, None] ** 2 + radii**2)  # of a push: the other's part of the pair's area
        for _ in range(150):
            centres = np.clip(centres, np.array(bounds[:2]) + radii[:, None], np.array(bounds[2:]) - radii[:, None])
            apart = centres[:, None] - centres
            meet = np.abs(apart).sum(axis=2) == 0  # both pressed into one corner
            apart[meet] = (nudge[:, None] - nudge)[meet]
            distance = np.hypot(apart[..., 0], apart[..., 1]) + np.eye(count)
            lack = np.maximum(0, radii[:, None] + radii + gap - distance)
            np.fill_diagonal(lack, 0)
            if lack.max(initial=0) < 0.05 * gap:
                return centres, radii
            centres = centres + 0.6 * ((lack * share / distance)[..., None] * apart).sum(axis=1)
        radii, gap = 0.9 * radii, 0.9 * gap


def place_labels(
    centres: Array,
    radii: Array,
    sizes: Sequence[tuple[float, float]],
    order: Sequence[int],
    bounds: Box,
    avoid: Array,
    important: int = 0,
    pad: float = 1.5,
) -> dict[int, Box]:
    """Where each label may stand without touching a disc or another label; those that find no room are left out.

    The first in `order` choose first; of the free positions they take the one that covers fewest points of `avoid`.
    The first `important` of them may stand further off, at the end of a line that crosses no disc and no label.
    """
    placed: dict[int, Box] = {}
    lines = np.zeros((0, 2))
    for rank, i in enumerate(order):
        others = np.arange(len(radii)) != i
        for off in (0, 8, 16, 24, 32) if rank < important else (0,):
            best: tuple[int, Box] | None = None
            for box in _positions(centres[i], radii[i] + pad, off, sizes[i]):
                line = leader(centres[i], radii[i], box)
                free = (
                    box.inside(bounds)
                    and not any(box.overlaps(other) or other.contains(line).any() for other in placed.values())
                    and not box.touches_disc(centres, radii)
                    and not box.contains(lines).any()
                    and not _any_in_disc(line, centres[others], radii[others] + pad)
                )
                covered = int(box.contains(avoid).sum()) if free else 0
                if free and (best is None or covered < best[0]):
                    best = covered, box
            if best is not None:
                placed[i] = best[1]
                lines = np.vstack([lines, leader(centres[i], radii[i], best[1])])
                break
    return placed


def leader(centre: Array, radius: float, box: Box, least: float = 4) -> Array:
    """Points along the line from a disc's edge to its label; none where the label stands beside the disc."""
    end = np.clip(centre, box[:2], box[2:])
    distance = float(np.hypot(*(end - centre)))
    if distance - radius < least:
        return np.zeros((0, 2))
    along = np.linspace((radius + 1) / distance, 1 - 1 / distance, 24)[:, None]
    return np.asarray(centre + along * (end - centre))


def _positions(centre: Array, reach: float, off: float, size: tuple[float, float]) -> Iterator[Box]:
    """Rectangles of a size around a disc, best first, so far off its edge."""
    width, height = size
    for angle in DIRECTIONS:
        ahead = np.array([np.cos(angle), np.sin(angle)])
        x, y = centre + ahead * (reach + off) + np.clip(1.5 * ahead, -1, 1) * (width / 2, height / 2)
        yield Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def _any_in_disc(points: Array, centres: Array, radii: Array) -> bool:
    apart = points[:, None] - centres
    return bool(np.any(np.hypot(apart[..., 0], apart[..., 1]) < radii))


def spread(wanted: Array, gap: float, low: float, high: float) -> Array:
    """Heights nearest to those wanted, in their order, at least a gap apart and between low and high."""
    order = np.argsort(wanted, kind="stable")
    steps = gap * np.arange(len(wanted))
    blocks: list[tuple[float, int]] = []  # mean and size; blocks that would overlap are merged
    for value in np.asarray(wanted, dtype=float)[order] - steps:
        mean, size = float(value), 1
        while blocks and blocks[-1][0] > mean:
            other, others = blocks.pop()
            mean, size = (mean * size + other * others) / (size + others), size + others
        blocks.append((mean, size))
    level = np.repeat([mean for mean, _ in blocks], [size for _, size in blocks])
    heights = np.empty(len(wanted))
    heights[order] = np.clip(level, low, max(low, high - gap * (len(wanted) - 1))) + steps
    return heights
