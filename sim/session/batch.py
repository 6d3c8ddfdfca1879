"""Many campaigns side by side: their states as arrays with a campaign axis in front, played a step at a time.

Campaign k with a seed and replicate is the campaign that a `Session` of these is, to the last bit.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine import entry
from sim.engine.play import STAGES
from sim.engine.record import Record
from sim.engine.seats import Seats
from sim.session.actions import Actions, Whole
from sim.session.orders import DRIVE
from sim.world.columns import CACHE_LINE
from sim.world.deploy import Deployment
from sim.world.layout import World


class Batch:
    """So many campaigns of one deployment. `world` has a row of each table for each campaign: `units["morale"][k]`.

    Programs choose orders by number at seats: `chosen`, `given` [campaign, seat, order], which may be replaced to give
    another number of orders, and for seat s `masks[s]` and `seen[s]` [campaign, number], views of one array each.
    """

    def __init__(self, deployment: Deployment, count: int, jobs: int = 1, sides: Sequence[Actions] = ()) -> None:
        self.deployment, self.count = deployment, count
        self.width = deployment.layout.restored
        spare = np.zeros(count * self.width + CACHE_LINE)
        skip = -(spare.ctypes.data // 8) % CACHE_LINE
        self.blocks: NDArray[np.float64] = spare[skip : skip + count * self.width].reshape(count, self.width)
        self.world = _side_by_side(deployment, self.blocks)
        self.initial = deployment.block[: self.width].copy()
        seats = seats_of(deployment, count, sides)
        self.chosen, self.given = seats.chosen, seats.given
        self.sides = list(sides)
        self.masks = [seats.mask[:, a:b] for a, b in itertools.pairwise(seats.first_number)]
        self.seen = [seats.seen[:, a:b] for a, b in itertools.pairwise(seats.first_seen)]
        shares = np.linspace(0, count, min(jobs, count) + 1).astype(int)
        self._parts = [
            (slice(a, b), *deployment.new_world(), _part_of(seats, slice(a, b))) for a, b in itertools.pairwise(shares)
        ]
        self._threads = ThreadPoolExecutor(len(self._parts)) if len(self._parts) > 1 else None
        _, cells, world, _ = self._parts[0]
        entry.make_ready(world, deployment.atlas, cells)

    def play(self, ticks: Whole, fresh: Whole, seed: int, replicates: Whole, record: Record = entry.NO_RECORD) -> None:
        """Each campaign is played on for so many ticks, after the orders that were chosen at the seats.

        One that is `fresh` begins anew first, and then no order is given. At the end all seats look round. A record can
        be written by one thread only.
        """

        def part(i: int) -> None:
            rows, cells, world, seats = self._parts[i]
            seats = seats._replace(chosen=self.chosen[rows], given=self.given[rows])
            entry.play_many(
                self.blocks[rows], self.initial, cells, cells.view(np.int64), world, self.deployment.atlas, seed,
                replicates[rows], ticks[rows], fresh[rows], seats, record, STAGES,
            )  # fmt: skip

        if self._threads is None:
            part(0)
        else:
            list(self._threads.map(part, range(len(self._parts))))

    def close(self) -> None:
        """End the threads."""
        if self._threads is not None:
            self._threads.shutdown()


def seats_of(deployment: Deployment, count: int, sides: Sequence[Actions]) -> Seats:
    """A seat for each of these sides, in so many campaigns."""
    start, places = deployment.layout.carve(deployment.block), len(deployment.names.places)
    codes = np.concatenate([np.zeros((0, 4), dtype=np.int64), *(actions.codes for actions in sides)])
    first_number = _firsts(len(actions) for actions in sides)
    first_seen = _firsts(len(actions.observed) for actions in sides)
    nobody = np.zeros(0, dtype=np.int64)
    return Seats(
        side=np.array([actions.row for actions in sides], dtype=np.int64),
        first_wing=_firsts(len(actions.wings) for actions in sides),
        wings=np.concatenate([nobody, *(actions.wings for actions in sides)]),
        first_number=first_number,
        **{name: codes[:, i].copy() for i, name in enumerate(("kind", "who", "task", "target"))},
        first_seen=first_seen,
        drives=np.array(list(DRIVE.values())),
        strength=np.maximum(1.0, start.units["roll"]),
        road_km=np.maximum(1e-9, start.roads["km"]),
        last_tick=np.array([deployment.ticks]),
        chosen=np.zeros((count, len(sides), 1), dtype=np.int64),
        given=np.zeros((count, len(sides), 1), dtype=np.bool_),
        mask=np.zeros((count, int(first_number[-1])), dtype=np.bool_),
        seen=np.zeros((count, int(first_seen[-1])), dtype=np.float32),
        **_scratch(places),
    )


def _firsts(lengths: Iterable[int]) -> Whole:
    """Where parts of such lengths begin that lie one after the other, and where the last one ends."""
    return np.array([0, *itertools.accumulate(lengths)], dtype=np.int64)


def _scratch(places: int) -> dict[str, NDArray[Any]]:
    return {
        "reached": np.zeros((places, places), dtype=np.bool_),
        "waiting": np.zeros(places, dtype=np.int64),
        **{name: np.zeros(places, dtype=np.bool_) for name in ("known", "friendly", "hostile", "has_route")},
    }


def _part_of(seats: Seats, rows: slice) -> Seats:
    """The seats of some campaigns, for a thread of its own."""
    by_campaign = {name: getattr(seats, name)[rows] for name in ("mask", "seen")}
    return seats._replace(**by_campaign, **_scratch(len(seats.known)))


def _side_by_side(deployment: Deployment, blocks: NDArray[np.float64]) -> World:
    """The tables of all campaigns, as views of their blocks; what lies behind the restored cells is left out."""
    layout, count = deployment.layout, len(blocks)
    views = []
    for name, (dtype, shape) in layout.fields.items():
        if layout.offset[name] >= layout.restored:
            views.append(np.zeros((count, 0), dtype))
            continue
        inner = np.ndarray(shape, dtype).strides
        views.append(np.ndarray((count, *shape), dtype, blocks, layout.offset[name] * 8, (blocks.strides[0], *inner)))
    return World(*views)
