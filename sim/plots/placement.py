"""Room for everything on a plot: discs that give way to each other, labels that never overlap."""

from __future__ import annotations

import math
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

    def gaps(self, centres: Array, radii: Array) -> Array:
        """How far off the edges of discs are; negative for those that reach into the rectangle."""
        nearest = np.clip(centres, (self.left, self.bottom), (self.right, self.top))
        return np.asarray(np.hypot(*(centres - nearest).T) - radii)


def part_discs(
    anchors: Array,
    radii: Array,
    bounds: Box,
    gap: float = 1.0,
    fixed: NDArray[np.bool_] | None = None,
    walls: Sequence[Box] = (),
) -> tuple[Array, Array]:
    """Move discs as little as needed for none to hide another; returns their centres and radii.

    The smaller disc of a pair gives way; those that are `fixed` stay. Discs also leave the `walls`. Where there is
    no room for all, all shrink; walls that are still in the way when they are a third smaller are given up.
    """
    radii, full = radii.astype(float), radii.max(initial=0)
    count = len(radii)
    turn = 2.399963 * np.arange(count)  # discs on one spot part in different directions (golden angle)
    nudge = 1e-3 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    free = np.ones(count, dtype=bool) if fixed is None else ~fixed
    while True:
        centres = anchors + nudge
        share = radii**2 / (radii[:, None] ** 2 + radii**2)  # of a push: the other's part of the pair's area
        share = np.where(free, share, 1.0) * free[:, None]  # beside one that stays, all of it
        for _ in range(150):
            centres = np.clip(centres, np.array(bounds[:2]) + radii[:, None], np.array(bounds[2:]) - radii[:, None])
            apart = centres[:, None] - centres
            meet = np.abs(apart).sum(axis=2) == 0  # both pressed into one corner
            apart[meet] = (nudge[:, None] - nudge)[meet]
            distance = np.hypot(apart[..., 0], apart[..., 1]) + np.eye(count)
            lack = np.maximum(0, radii[:, None] + radii + gap - distance)
            lack[np.ix_(~free, ~free)] = 0
            np.fill_diagonal(lack, 0)
            ways = free[:, None] * _ways_out(centres, radii + gap, np.reshape(walls, (-1, 4)), bounds)
            blocked = np.abs(ways).max(axis=(1, 2), initial=0) >= 0.05 * gap
            if lack.max(initial=0) < 0.05 * gap and not blocked.any():
                return centres, radii
            push = ((lack * share / distance)[..., None] * apart).sum(axis=1)
            if len(ways):
                worst = np.abs(ways).sum(axis=2).argmax(axis=0)
                out = ways[worst, np.arange(count)]
                # Sliding along the wall to its nearer end frees a disc caught between a wall and one that stays.
                middle = np.reshape(walls, (-1, 2, 2)).mean(axis=1)[worst]
                push += out + 0.3 * np.abs(out[:, ::-1]) * np.sign(centres - middle)
            centres = np.asarray(centres + 0.6 * push)
        if blocked.any() and radii.max() < 0.7 * full:
            walls = [wall for wall, stuck in zip(walls, blocked, strict=True) if not stuck]
        else:
            radii, gap = 0.9 * radii, 0.9 * gap


def _ways_out(centres: Array, reach: Array, walls: Array, bounds: Box) -> Array:
    """[walls, discs, 2]: the shortest ways by which discs leave walls, if possible within the bounds."""
    low, high = walls[:, None, :2], walls[:, None, 2:]
    apart = centres - np.clip(centres, low, high)
    distance = np.hypot(apart[..., 0], apart[..., 1])
    ways = apart * (np.maximum(0, reach - distance) / np.where(distance > 0, distance, 1))[..., None]
    inside = np.nonzero(distance == 0)
    at, r = centres[inside[1]], reach[inside[1], None]
    before, after = low[inside[0], 0] - r, high[inside[0], 0] + r  # x and y of the four ways out
    exits = np.repeat(at[:, None], 4, axis=1)
    exits[:, [0, 1], [0, 1]], exits[:, [2, 3], [0, 1]] = before, after
    beyond = np.any((exits - r[:, None] < bounds[:2]) | (exits + r[:, None] > bounds[2:]), axis=2)
    nearest = (np.abs(exits - at[:, None]).sum(axis=2) + 1e6 * beyond).argmin(axis=1)
    ways[inside] = exits[np.arange(len(at)), nearest] - at
    return np.asarray(ways)


def place_labels(
    centres: Array,
    radii: Array,
    sizes: Sequence[tuple[float, float]],
    order: Sequence[int],
    bounds: Box,
    avoid: Array,
    important: int = 0,
    pad: float = 1.5,
    placed: dict[int, Box] | None = None,
) -> dict[int, Box]:
    """Where each label may stand without touching a disc or another label; those that find no room are left out.

    The first in `order` choose first; of the free positions they take the handiest that covers few points of
    `avoid`, and none that another disc could claim.
    The first `important` of them may stand further off, at the end of a line that crosses no label, and no disc
    if that can be. Labels that were `placed` before stay where they are, unless another disc has come in their way.
    """
    others = ~np.eye(len(radii), dtype=bool)
    placed = {
        i: box
        for i, box in (placed or {}).items()
        if box.gaps(centres[others[i]], radii[others[i]]).min(initial=0) >= 0
        and not _any_in_disc(leader(centres[i], radii[i], box), centres[others[i]], radii[others[i]])
    }
    lines = np.vstack([np.zeros((0, 2)), *(leader(centres[i], radii[i], box) for i, box in placed.items())])
    for rank, i in enumerate(order):
        if i in placed:
            continue
        steps = [(off, strict) for strict in (True, False) for off in range(0, 65, 8)]
        for off, strict in steps if rank < important else [(0, True)]:
            best: tuple[float, Box] | None = None
            for turn, box in enumerate(_positions(centres[i], radii[i] + pad, off, sizes[i])):
                line = leader(centres[i], radii[i], box)
                gaps = box.gaps(centres, radii)
                # A name nearer to another disc than to its own would be read as that one's.
                misread = int((gaps[others[i]] < gaps[i]).sum())
                if (
                    box.inside(bounds)
                    and gaps.min(initial=0) >= 0
                    and (rank < important or not misread)
                    and not any(box.overlaps(other) or other.contains(line).any() for other in placed.values())
                    and not box.contains(lines).any()
                    and not (strict and _any_in_disc(line, centres[others[i]], radii[others[i]] + pad))
                ):
                    cost = int(box.contains(avoid).sum()) + 6 * misread + 2 * turn
                    best = min(best or (math.inf, box), (cost, box))
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
