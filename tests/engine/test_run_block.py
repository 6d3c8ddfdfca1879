"""The engine and the recorder: a block, single ticks and a campaign taken up again are the same campaign."""

from __future__ import annotations

import numpy as np
import pytest

from sim.engine.entry import NO_RECORD, OWN_SITUATIONS, run_block, start, step
from sim.engine.load import load
from sim.engine.play import STAGES
from sim.engine.record import RecordSpec
from sim.ensemble.blocks import Worker, block_size, run_blocks
from sim.outcomes.catalogue import outcomes_of
from sim.rules.rulebook import RULEBOOK
from sim.world import tables
from sim.world.deploy import deploy

ASKED = ["ottersby.held_by.highlands@day3", "ceasefire.day", "deaths.lowlands@day2.5", "lowlands.will@day3"]
FIGHTING = (tables.ACTIVE, tables.WITHDRAWING, tables.SHATTERED)


@pytest.fixture(scope="module")
def plan(crossroads, deployed):
    return RecordSpec(deployed, outcomes_of(crossroads, ASKED))


def test_step_by_step_and_in_a_block_a_campaign_ends_the_same(deployed, plan):
    cells, world = deployed.new_world()
    start(world, deployed.atlas, cells, 5, 3)
    for _ in range(deployed.ticks):
        step(world, deployed.atlas, cells, cells.view(np.int64))
    field = Worker(deployed, plan, 4)
    field.run(5, 0, 4)
    assert world.campaign["tick"][0] == deployed.ticks
    assert cells.tobytes() == field.cells.tobytes()


def test_a_campaign_goes_on_from_its_middle_and_branches_under_other_numbers(deployed):
    begun, world = deployed.new_world()
    start(world, deployed.atlas, begun, 5, 3)
    for _ in range(10):
        step(world, deployed.atlas, begun, begun.view(np.int64))
    ends = []
    for replicate in (3, 4):
        cells, world = deployed.new_world()
        views = (begun, cells, cells.view(np.int64), world, deployed.atlas)
        run_block(*views, 5, replicate, 1, OWN_SITUATIONS, 1, deployed.ticks, NO_RECORD, STAGES)
        ends.append(cells.copy())
    whole, world = deployed.new_world()
    views = (deployed.block.copy(), whole, whole.view(np.int64), world, deployed.atlas)
    run_block(*views, 5, 3, 1, OWN_SITUATIONS, 0, deployed.ticks, NO_RECORD, STAGES)
    assert ends[0].tobytes() == whole.tobytes() != ends[1].tobytes()


def test_all_callers_share_one_compiled_function(deployed, plan):
    Worker(deployed, plan, 1).run(1, 0, 1)
    cells, world = deployed.new_world()
    start(world, deployed.atlas, cells, 1, 0)
    step(world, deployed.atlas, cells, cells.view(np.int64))
    assert len(run_block.signatures) == 1


def test_what_is_written_down_is_what_the_rows_say(crossroads, deployed, plan):
    cells, world = deployed.new_world()
    names, quantities = deployed.names, {}
    held = np.zeros(plan.shape, int)
    start(world, deployed.atlas, cells, 9, 0)
    for tick in range(deployed.ticks + 1):
        if tick:
            step(world, deployed.atlas, cells, cells.view(np.int64))
        held[tick, np.arange(len(names.places)), world.places["control"]] = 1
        killed = {}
        for side, j in names.sides.items():
            rows = world.units[world.units["side"] == j]
            killed[side] = rows["killed"].sum()
            quantities[tick, f"{side}.strength"] = rows["strength"][np.isin(rows["status"], FIGHTING)].sum()
            present = rows[np.isin(rows["status"], FIGHTING)]
            people = max(1, present["strength"].sum())
            quantities[tick, f"{side}.morale"] = (present["morale"] * present["strength"]).sum() / people
            mine = world.places["control"] == j
            quantities[tick, f"{side}.places"] = mine.sum()
            lost = (world.places["fell"] >= 0) & (world.places["first_holder"] == j)
            quantities[tick, f"{side}.regained"] = (mine & lost).sum()
            quantities[tick, f"{side}.equipment"] = rows["equipment"].sum()
            quantities[tick, f"{side}.equipment_taken"] = rows["equipment_taken"].sum()
            quantities[tick, f"{side}.captured"] = rows["captured"].sum()
            quantities[tick, f"{side}.deserted"] = rows["deserted"].sum()
            quantities[tick, f"{side}.will"] = world.sides["will"][j]
            quantities[tick, f"deaths.{side}"] = killed[side]
        quantities[tick, "deaths.combatant"] = sum(killed.values())
        quantities[tick, "deaths.civilian"] = world.places["civilian_dead"].sum()
        quantities[tick, "deaths.total"] = sum(killed.values()) + world.places["civilian_dead"].sum()
        quantities[tick, "displaced.total"] = world.places["displaced"].sum()

    field = Worker(deployed, plan, 1)
    record = field.run(9, 0, 1).record
    assert np.array_equal(record.control_counts, held)
    sampled = np.flatnonzero(plan.sample_at >= 0)
    assert {0, 4, 10, 32} <= set(sampled)
    for s, tick in enumerate(sampled):
        for q, name in enumerate(plan.quantities):
            assert record.samples[0, s, q] == pytest.approx(quantities[tick, name], rel=1e-12), (tick, name)
    said = dict(zip([outcome.name for outcome in plan.outcomes], plan.values(record, 1)[0], strict=True))
    assert said["deaths.lowlands@day2.5"] == quantities[10, "deaths.lowlands"]
    assert said["ottersby.held_by.highlands@day3"] == held[12, names.places["ottersby"], names.sides["highlands"]]
    fell = world.places["fell"][names.places["ottersby"]]
    assert fell >= 0
    assert said["ottersby.fall_day"] == (fell + 1) / 4
    assert np.array_equal(np.argwhere(record.fall_counts)[:, 1], world.places["fell"][world.places["fell"] >= 0] + 1)
    assert np.isnan(said["ceasefire.day"])


OF_A_PLACE = (
    "repulses",
    "invested_when_fell",
    "garrison_left",
    "garrison_deserted",
    "garrison_surrendered",
    "garrison_died",
)


def test_what_became_of_a_place_is_read_from_its_row(crossroads):
    """Real and whole cells alike; whether a place was invested is unknown where it did not fall."""
    loaded = load(crossroads.files[0], set={"rules.forces.investing_roads": 2})
    deployment = deploy(loaded, RULEBOOK)
    towns = ("merrow_cross", "ottersby", "tarnmouth")
    asked = [f"{town}.{what}" for town in towns for what in OF_A_PLACE] + ["lowlands.captured", "lowlands.collapse_day"]
    plan = RecordSpec(deployment, outcomes_of(loaded, asked))
    field = Worker(deployment, plan, 24)
    values = plan.values(field.run(9, 0, 24).record, 24)
    said = {outcome.name: values[:, i] for i, outcome in enumerate(plan.outcomes)}
    for replicate in range(24):
        cells, world = deployment.new_world()
        start(world, deployment.atlas, cells, 9, replicate)
        for _ in range(deployment.ticks):
            step(world, deployment.atlas, cells, cells.view(np.int64))
        for town in towns:
            row = world.places[deployment.names.places[town]]
            for what in OF_A_PLACE:
                found = said[f"{town}.{what}"][replicate]
                if what == "invested_when_fell" and row["fell"] < 0:
                    assert np.isnan(found) and np.isnan(said.get(f"{town}.fall_day", [np.nan] * 24)[replicate])
                else:
                    assert found == row[what], (town, what)
        units = world.units[world.units["side"] == deployment.names.sides["lowlands"]]
        assert said["lowlands.captured"][replicate] == units["captured"].sum()
    # All of it happens in some campaign, and not in all.
    assert set(said["merrow_cross.invested_when_fell"][~np.isnan(said["merrow_cross.invested_when_fell"])]) <= {
        0.0,
        1.0,
    }
    for what in ("repulses", "garrison_left", "garrison_deserted", "garrison_died"):
        seen = np.concatenate([said[f"{town}.{what}"] for town in towns])
        assert seen.max() > 0 and seen.std() > 0
    invested = np.concatenate([said[f"{town}.invested_when_fell"] for town in towns])
    assert {0.0, 1.0} <= set(invested[~np.isnan(invested)]) and np.isnan(invested).any()


def test_displaced_people_are_counted_by_region(crossroads):
    regions = {"places.ottersby.region": "east", "places.quarry.region": "east", "places.tarnmouth.region": "south"}
    loaded = load(crossroads.files[0], set=regions)
    deployment = deploy(loaded, RULEBOOK)
    asked = ["displaced.east", "displaced.south", "displaced.total"]
    plan = RecordSpec(deployment, outcomes_of(loaded, asked))
    field = Worker(deployment, plan, 1)
    values = plan.values(field.run(2, 0, 1).record, 1)[0][-3:]
    gone = dict(zip(deployment.names.places, field.world.places["displaced"], strict=True))
    assert values.tolist() == pytest.approx([gone["ottersby"] + gone["quarry"], gone["tarnmouth"], sum(gone.values())])
    assert values[0] > 0


@pytest.mark.parametrize(("jobs", "size"), [(1, 7), (2, 7), (3, 50)])
def test_blocks_come_in_order_and_miss_nothing(deployed, plan, jobs, size):
    counts, days = [], []
    for block in run_blocks(deployed, plan, 1, 11, 60, size, jobs):
        counts.append(block.campaigns)
        days.append(plan.values(block.record, block.campaigns))
    field = Worker(deployed, plan, 49)
    assert counts == [size] * (49 // size) + [49 % size] * (49 % size > 0)
    assert np.array_equal(np.concatenate(days), plan.values(field.run(1, 11, 49).record, 49), equal_nan=True)


@pytest.mark.parametrize(
    ("replicates", "jobs", "size"), [(1, 8, 1), (100, 2, 2), (1000, 2, 20), (1000, 64, 3), (10**6, 2, 256)]
)
def test_a_block_is_a_small_part_of_a_run(replicates, jobs, size):
    assert block_size(replicates, jobs) == size
