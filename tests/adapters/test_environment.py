"""Environments for learning: many campaigns are the single ones, masks are what may be ordered, fog holds."""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from hypothesis import given
from hypothesis import strategies as st
from pettingzoo.test import parallel_api_test, parallel_seed_test

from sim.adapters.environment import Campaigns, OneCampaign, environment
from sim.adapters.parallel import AllSides
from sim.session.actions import Actions
from sim.session.batch import Batch
from sim.session.orders import Order, OrderError
from sim.session.session import Session
from sim.world.deploy import Deployment
from tests.properties.random_worlds import Said, read_world, worlds
from tests.properties.test_invariants import profile


@profile(8)
@given(said=worlds(ticks=24), seed=st.integers(0, 99))
def test_many_campaigns_are_the_single_ones_and_masks_are_what_may_be_ordered(said: Said, seed: int) -> None:
    """Random orders, possible or not, by mask and by the checker, with the same bits in the end."""
    deployment = Session(read_world(said), seed).deployment
    actions = [Actions(deployment, side) for side in deployment.names.sides]
    batch = Batch(deployment, 3, sides=actions)
    singles = [Session(deployment, seed, k) for k in range(3)]
    rng = np.random.default_rng(seed)
    steps, fresh, replicates = np.full(3, 3), np.zeros(3, dtype=np.int64), np.arange(3)
    batch.play(fresh, fresh + 1, seed, replicates)
    for _ in range(6):
        for s, own in enumerate(actions):
            for k, session in enumerate(singles):
                mask = batch.masks[s][k]
                chosen = rng.integers(len(own)) if rng.random() < 0.3 else rng.choice(np.flatnonzero(mask))
                batch.chosen[k, s, 0] = chosen
                order = own.orders[chosen]
                if order is not None:
                    try:
                        session.order(order, own.side)
                        assert mask[chosen], order
                    except OrderError:
                        assert not mask[chosen], order
        batch.play(steps, fresh, seed, replicates)
        for k, session in enumerate(singles):
            session.step(3)
            assert session.cells[: batch.width].tobytes() == batch.blocks[k].tobytes()


def test_a_step_is_a_day_of_the_campaign(deployed: Deployment) -> None:
    env = Campaigns(deployed, "highlands", 4, seed=7)
    seen, info = env.reset(seed=7)
    assert seen.shape == (4, len(env.observed)) and info["action_mask"].shape == (4, len(env.orders))
    number = env.orders.index(Order("h_1", "attack", "merrow_cross"))
    guard = env.orders.index(Order("h_guard", "march", "quarry"))
    assert info["action_mask"][:, number].all() and not info["action_mask"][:, guard].any()
    single = Session(deployed, 7, 2)
    single.order(Order("h_1", "attack", "merrow_cross"))
    for day in range(8):
        seen, _rewards, ended, truncated, info = env.step(np.full(4, number if day == 0 else 0))
        single.step(4)
        assert env.table.batch.blocks[2].tobytes() == single.cells[: env.table.batch.width].tobytes()
        assert ended.all() == (day == 7) and not truncated.any()
        assert info["given"].all() == (day == 0)
    places = single.world.places
    own = places["control"] == deployed.names.sides["highlands"]
    worth = float(np.where(own, places["symbol"], -places["symbol"]).sum() / places["symbol"].sum())
    assert env.table.worth["highlands"][2] == pytest.approx(worth)


def test_rewards_add_up_and_campaigns_begin_anew(deployed: Deployment) -> None:
    mine = {"rewards": np.zeros(3), "masks": np.zeros((3, len(Actions(deployed, "lowlands"))), dtype=bool)}
    env = Campaigns(deployed, "lowlands", 3, arrays=mine)
    env.reset()
    began = env.table.worth["lowlands"].copy()
    total = np.zeros(3)
    for _ in range(8):
        _, rewards, ended, _, _ = env.step(np.zeros(3, dtype=np.int64))
        assert rewards is mine["rewards"] and env.masks is mine["masks"]
        total += rewards
    assert ended.all() and total == pytest.approx(env.table.worth["lowlands"] - began)
    _, rewards, ended, _, _ = env.step(np.ones(3, dtype=np.int64))
    assert not rewards.any() and not ended.any()
    assert list(env.table.replicates) == [3, 4, 5]
    assert env.table.batch.blocks[1].tobytes() == Session(deployed, 1, 4).cells[: env.table.batch.width].tobytes()


def test_threads_change_nothing(deployed: Deployment) -> None:
    found = []
    for jobs in (1, 3):
        env = Campaigns(deployed, "highlands", 7, jobs=jobs, opponents={"lowlands": "random"})
        env.reset(seed=3)
        for _ in range(10):
            seen, *_ = env.step(np.arange(7))
        found.append(seen.tobytes())
        env.close()
    assert found[0] == found[1]


def test_what_is_observed_of_formations_is_their_state(deployed: Deployment) -> None:
    """On roads that are not the first: how much of the way is left is told as a share of that road."""
    env = Campaigns(deployed, "highlands", 1)
    env.reset(seed=5)
    roads_used = set()
    for _ in range(12):
        env.step(np.zeros(1, dtype=np.int64))
        seen = dict(zip(env.observed, env.table.seen["highlands"][0].tolist(), strict=True))
        units, roads = env.table.batch.world.units[0], deployed.new_world()[1].roads
        for name, row in deployed.names.units.items():
            if name.startswith("h_"):
                unit, road = units[row], int(units[row]["road"])
                roads_used.add(road)
                told = {what: seen[f"{name}: {what}"] for what in ("morale", "readiness", "on a road", "way left")}
                left = unit["km_left"] / roads["km"][road] if road >= 0 else 0.0
                expected = {"morale": unit["morale"], "readiness": unit["readiness"], "on a road": float(road >= 0)}
                assert told == pytest.approx(expected | {"way left": left}, rel=1e-6)
    assert len(roads_used - {-1, 0}) >= 2


def test_what_is_observed_is_what_the_side_knows(deployed: Deployment) -> None:
    """The enemy's hidden numbers are changed: no observation follows, nor any mask."""
    env = Campaigns(deployed, "highlands", 2)
    env.reset(seed=5)
    env.step(np.zeros(2, dtype=np.int64))
    world, table = env.table.batch.world, env.table
    before = env.observations.copy(), env.masks.copy()
    foes = np.flatnonzero(world.units["side"][0] == deployed.names.sides["lowlands"])
    for column in ("strength", "morale", "place", "supply", "task", "target"):
        world.units[column][:, foes] = 3
    world.side_view["belief"][:] = 77
    world.sides["will"][:, deployed.names.sides["lowlands"]] = 0
    table.look()
    assert np.array_equal(before[0], table.seen["highlands"])
    assert np.array_equal(before[1], table.masks["highlands"])


def test_gymnasium_and_pettingzoo_accept_the_environments(deployed: Deployment) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*Box observation space m.* value is.*infinity")
        check_env(OneCampaign(deployed, "highlands"), skip_render_check=True)
    parallel_api_test(AllSides(deployed), num_cycles=40)
    parallel_seed_test(lambda: AllSides(deployed), num_cycles=20)


def test_one_campaign_is_the_first_of_many(deployed: Deployment) -> None:
    one, many = OneCampaign(deployed, "lowlands"), environment(deployed, "lowlands", 1)
    seen, _ = one.reset(seed=9)
    together, _ = many.reset(seed=9)
    assert np.array_equal(seen, together[0])
    for _ in range(8):
        seen, reward, ended, _, _ = one.step(np.int64(1))
        together, rewards, _, _, _ = many.step(np.array([1]))
        assert np.array_equal(seen, together[0]) and reward == rewards[0]
    assert ended
    after, _ = one.reset()
    together, *_ = many.step(np.array([0]))
    assert np.array_equal(after, together[0])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"side": "highland"}, "there is no side 'highland'; did you mean highlands"),
        ({"side": "highlands", "opponents": {"lowlands": "randon"}}, "there is no 'randon'; did you mean random?"),
        ({"side": "highlands", "days": 0.1}, "days should be a whole number of ticks of 6 hours"),
        ({"side": "highlands", "arrays": {"rewards": np.zeros(3)}}, r"arrays['rewards'] should be a writeable array"),
    ],
)
def test_mistakes_are_named(deployed: Deployment, options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError) as error:
        environment(deployed, **options)
    assert said in str(error.value)


@pytest.mark.parametrize("actions", [[0, 0, 0], [0, -1], [0, 79], [0.5, 0], "go"])
def test_actions_that_are_no_numbers_of_orders_are_refused(deployed: Deployment, actions: Any) -> None:
    env = environment(deployed, "highlands", 2)
    with pytest.raises(ValueError, match="call reset before the first step"):
        env.step(np.zeros(2, dtype=np.int64))
    env.reset()
    before = env.table.batch.blocks.tobytes()
    with pytest.raises(ValueError, match="actions of highlands should be 2 whole numbers from 0 to 78"):
        env.step(np.array(actions))
    assert env.table.batch.blocks.tobytes() == before


def test_a_random_opponent_gives_each_order_that_is_possible(deployed: Deployment) -> None:
    """Each as often as the others: 4,000 choices among the orders that are possible at the start."""
    env = environment(deployed, "highlands", 4000, opponents={"lowlands": "random"})
    env.reset(seed=1)
    table = env.table
    possible = table.masks["lowlands"][0].sum()
    table.batch.chosen[:, :, 0] = [0, -1]
    nothing = np.zeros(4000, dtype=np.int64)
    table.batch.play(nothing, nothing, 1, table.replicates)
    drives, counts = np.unique(table.batch.world.sides["drive"][:, 1], return_counts=True)
    expected = 4000 / possible
    assert list(drives) == [0.0, 1.0, 1.5] and abs(counts[[0, 2]] - expected).max() < 5 * expected**0.5


def test_the_rewards_can_be_the_users_own(deployed: Deployment) -> None:
    def losses(world: Any, side: int) -> Any:
        return -world.units["killed"].sum(axis=1)

    env = environment(deployed, "highlands", 2, reward=losses)
    env.reset(seed=2)
    total = sum(env.step(np.zeros(2, dtype=np.int64))[1] for _ in range(8))
    assert (total == -env.table.batch.world.units["killed"].sum(axis=1)).all()
    assert pickle.loads(pickle.dumps(env.orders)) == env.orders
