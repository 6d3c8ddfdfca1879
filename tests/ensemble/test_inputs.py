"""What was drawn: the numbers that the engine really used, by the names of the inputs."""

from __future__ import annotations

import numpy as np
import pytest

from sim.engine.record import RecordSpec
from sim.ensemble.blocks import Worker
from sim.ensemble.inputs import draw_inputs, input_rows, inputs_table


def cells_at_start(deployed, replicates, draws):
    """[replicate, row]: the values that the rows of the uncertain inputs act on, once they have been drawn."""
    worker = Worker(deployed, RecordSpec(deployed, []), 1, draws)
    worker.last_tick = 0
    cells = deployed.atlas.uncertain_inputs["cell"]
    found = []
    for k in range(replicates):
        worker.run(1, k, 1)
        found.append(worker.cells[cells].copy())
    return np.array(found)


def test_a_draw_is_the_number_that_the_engine_applied(deployed):
    used = cells_at_start(deployed, 40, 2**32)
    drawn = draw_inputs(deployed, 1, 0, 40)
    names = list(input_rows(deployed))
    posts = names.index("formations.l_posts.manning")
    row = deployed.inputs.index("formations.l_posts.manning")
    assert np.array_equal(drawn[:, posts], used[:, row])
    assert 0.4 < drawn[:, posts].min() < drawn[:, posts].max() < 0.8
    factor = drawn[:, names.index("formations[side=highlands].strength *")]
    for row, name in enumerate(deployed.inputs):
        if name == "formations[side=highlands].strength *":
            before = deployed.block[deployed.atlas.uncertain_inputs["cell"][row]]
            assert np.array_equal(used[:, row], before * factor)


def test_shared_draws_come_again_and_parts_are_parts_of_the_whole(deployed):
    shared = draw_inputs(deployed, 1, 0, 40, draws=8)
    assert np.array_equal(shared[:8], shared[8:16])
    assert len(np.unique(shared[:, 0])) == 8
    whole = draw_inputs(deployed, 1, 0, 600)
    assert np.array_equal(draw_inputs(deployed, 1, 250, 300), whole[250:300])
    assert not np.array_equal(draw_inputs(deployed, 2, 0, 40), whole[:40])


def test_the_table_has_a_column_for_each_input(deployed):
    table = inputs_table(deployed, 1, 500)
    assert table.columns[0] == "replicate" and len(table) == 500
    assert table.columns.is_unique
    assert set(table.columns[1:]) == set(input_rows(deployed))
    law = deployed.scenario.uncertainty["formations[side=highlands].strength"].triangular
    assert table["formations[side=highlands].strength *"].mean() == pytest.approx(np.mean(law), abs=0.01)
