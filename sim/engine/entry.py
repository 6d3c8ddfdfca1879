"""The engine: the one compiled function that plays all campaigns, in blocks or tick by tick."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.engine.play import STAGES, Stages, begin, play_part, play_tick
from sim.engine.record import Record, note_falls, note_inputs, note_tick
from sim.engine.seats import Seats, give, look
from sim.kernel.compile import entry_point
from sim.world.layout import Atlas, World

OWN_SITUATIONS = 2**32
"""As many as there are replicates with draws of their own: each campaign has a situation of its own."""


@entry_point
def run_block(
    initial: np.ndarray,
    cells: np.ndarray,
    whole_cells: np.ndarray,
    world: World,
    atlas: Atlas,
    seed: int,
    first_replicate: int,
    count: int,
    situations: int,
    begun: int,
    last_tick: int,
    record: Record,
    stages: Stages,
) -> None:
    """Play `count` campaigns, one after the other in one world, up to a tick, and write each down.

    Each starts from the block `initial`: the deployment, or (`begun` 1) the middle of a campaign that goes on from
    there. What lies behind its end lasts. Replicate k takes situation k modulo `situations`. An empty record is
    left alone.
    """
    recording = len(record.sample_at) > 0
    for k in range(count):
        for c in range(len(initial)):
            cells[c] = initial[c]
        campaign = world.campaign[0]
        if begun == 1:
            campaign.seed = seed
            campaign.replicate = first_replicate + k
        else:
            replicate = first_replicate + k
            begin(world, atlas, cells, seed, replicate, replicate % situations, stages)
        if record.inputs.shape[1] > 0:
            note_inputs(world, atlas, record, k)
        if recording:
            note_tick(world, whole_cells, record, k)
        while campaign.tick < last_tick:
            play_tick(world, atlas, cells, whole_cells, stages)
            if recording:
                note_tick(world, whole_cells, record, k)
        if recording:
            note_falls(world, record)


@entry_point
def play_many(
    blocks: np.ndarray,
    initial: np.ndarray,
    cells: np.ndarray,
    whole_cells: np.ndarray,
    world: World,
    atlas: Atlas,
    seed: int,
    replicates: np.ndarray,
    ticks: np.ndarray,
    fresh: np.ndarray,
    seats: Seats,
    record: Record,
    stages: Stages,
) -> None:
    """Play campaigns that lie side by side in `blocks` for so many ticks each; one that is `fresh` begins anew first.

    In the others the orders that were chosen at the seats are given. At the end all seats look round. An empty record
    is left alone. The campaigns are played one after the other in one world, whose cells behind the length of a block
    last.
    """
    recording = len(record.sample_at) > 0
    for k in range(len(blocks)):
        block = blocks[k]
        campaign = world.campaign[0]
        if fresh[k] == 1:
            for c in range(len(block)):
                cells[c] = initial[c]
            begin(world, atlas, cells, seed, replicates[k], replicates[k], stages)
            if recording:
                note_tick(world, whole_cells, record, k)
        else:
            for c in range(len(block)):
                cells[c] = block[c]
            give(world, atlas, seats, k)
        last_tick = campaign.tick + ticks[k]
        while campaign.tick < last_tick:
            play_tick(world, atlas, cells, whole_cells, stages)
            if recording:
                note_tick(world, whole_cells, record, k)
        if recording and campaign.tick == seats.last_tick[0]:
            note_falls(world, record)
        look(world, atlas, seats, k)
        for c in range(len(block)):
            block[c] = cells[c]


@entry_point
def run_part(cells: np.ndarray, whole_cells: np.ndarray, world: World, atlas: Atlas, part: int, stages: Stages) -> None:
    """Play one part of a tick of one campaign: whoever looks between the parts sees what each has changed."""
    play_part(world, atlas, cells, whole_cells, part, stages)


def start(
    world: World, atlas: Atlas, cells: np.ndarray, seed: int, replicate: int, situations: int = OWN_SITUATIONS
) -> None:
    """One campaign is set up in a freshly deployed world."""
    views = cells, cells, cells.view(np.int64), world, atlas
    run_block(*views, seed, replicate, 1, situations, 0, 0, NO_RECORD, STAGES)


def step(world: World, atlas: Atlas, cells: np.ndarray, whole_cells: np.ndarray) -> None:
    """Play one campaign for one tick."""
    now = world.campaign[0]
    seed, replicate, tick = int(now["seed"]), int(now["replicate"]), int(now["tick"])
    views = cells, cells, whole_cells, world, atlas
    run_block(*views, seed, replicate, 1, OWN_SITUATIONS, 1, tick + 1, NO_RECORD, STAGES)


def make_ready(world: World, atlas: Atlas, cells: np.ndarray) -> None:
    """Compile the rules, or load what an earlier run has compiled; says so when it takes long."""
    views = cells, cells, cells.view(np.int64), world, atlas
    run_block.prepare(*views, 0, 0, 0, OWN_SITUATIONS, 0, 0, NO_RECORD, STAGES)


def _no_record() -> Record:
    """A record of the right type that nothing is written into."""
    whole: Any = np.int64
    return Record(
        np.zeros((0, 0, 0), whole),
        np.zeros((0, 0), whole),
        np.zeros(0, whole),
        np.zeros((0, 0, 0)),
        np.zeros(0, whole),
        np.zeros(0, whole),
        np.zeros((0, 0), whole),
        np.zeros((0, 0)),
    )


NO_RECORD = _no_record()
