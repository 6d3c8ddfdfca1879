"""What was drawn for the uncertain inputs of each campaign.

The draws are a function of the seed and the replicate, so they are worked out again, by the engine, when they are asked
for: a run pays nothing for them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.engine.entry import OWN_SITUATIONS
from sim.engine.record import RecordSpec
from sim.ensemble.blocks import LARGEST_BLOCK, Worker
from sim.world.deploy import Deployment


def input_rows(deployment: Deployment) -> dict[str, int]:
    """The uncertain inputs by name, and the first row of each in the atlas. Rows of one stream have the same draw."""
    streams = deployment.atlas.uncertain_inputs["stream"]
    rows: dict[str, int] = {}
    seen: set[int] = set()
    for row, (name, stream) in enumerate(zip(deployment.inputs, streams.tolist(), strict=True)):
        if stream not in seen:
            seen.add(stream)
            # A value may have a range and a distribution besides.
            rows[name if name not in rows else f"{name} (uncertainty)"] = row
    return rows


def draw_inputs(
    deployment: Deployment, seed: int, first: int, last: int, draws: int = OWN_SITUATIONS
) -> NDArray[np.float64]:
    """[replicate, input]: what was drawn for replicates `first` to `last` (not included), before it was applied."""
    columns = list(input_rows(deployment).values())
    worker = Worker(deployment, RecordSpec(deployment, [], with_inputs=True), LARGEST_BLOCK, draws)
    worker.last_tick = 0  # the campaigns are only set up
    drawn = np.empty((last - first, len(columns)))
    for begin in range(first, last, LARGEST_BLOCK):
        block = worker.run(seed, begin, min(LARGEST_BLOCK, last - begin))
        drawn[begin - first :][: block.campaigns] = block.record.inputs[: block.campaigns, columns]
    return drawn


def inputs_table(deployment: Deployment, seed: int, replicates: int, draws: int | None = None) -> pd.DataFrame:
    """A row per replicate: replicate, and a column for each uncertain input, named as in `input_rows`."""
    drawn = draw_inputs(deployment, seed, 0, replicates, draws or OWN_SITUATIONS)
    columns = {"replicate": np.arange(replicates)} | dict(zip(input_rows(deployment), drawn.T, strict=True))
    return pd.DataFrame(columns)
