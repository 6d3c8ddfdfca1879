"""Random sequences of orders: each is refused clearly or has an effect, what must hold holds, and they can be replayed.

Orders are possible ones, for anybody's formations, from the wrong side, malformed, and for sides that have collapsed.
"""

from __future__ import annotations

import json
from collections import Counter
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.scenario.tasks import FORMATION, SIDE, TASKS
from sim.session import save
from sim.session.orders import Order, OrderError
from sim.session.session import Given, Session, deployed
from sim.world.deploy import Deployment
from tests.properties.invariants import Watch
from tests.properties.random_worlds import Said, read_world, worlds
from tests.properties.test_invariants import profile

SEQUENCES = 20
"""In each world."""
TICKS = 12
WRONG: tuple[Any, ...] = (
    None, 7, "hold", {}, {"who": "f0"}, {"who": "f0", "task": 3}, {"who": "f0", "task": "hold", "when": 1},
    {"who": ["f0"], "task": "hold"}, {"who": "f0", "task": "march", "target": {}},
)  # fmt: skip


REASONS = ("collapsed", "has no formation", "an order looks like", "is no order for", "there is no side", "two orders")
"""Of refusals that should come up."""


def side_of(session: Session, who: str) -> str:
    """The side that may order somebody."""
    names, world = session.deployment.names, session.world
    rows = ((names.units, world.units["side"]), (names.wings, world.wings["side"]))
    return next((list(names.sides)[side[known[who]]] for known, side in rows if who in known), who)


def an_order(session: Session, rng: np.random.Generator) -> tuple[Any, str | None]:
    """What somebody might order, and as whom."""
    names = session.deployment.names
    sides, everybody = list(names.sides), [*names.units, *names.wings, *names.sides, *names.events]
    who, place = str(rng.choice(everybody)), str(rng.choice([*names.places, *names.units, "nowhere"]))
    by = (None, side_of(session, who), str(rng.choice(sides)))[rng.choice(3, p=(0.2, 0.6, 0.2))]
    kind = rng.random()
    if kind < 0.08:
        return WRONG[rng.integers(len(WRONG))], by
    if kind < 0.6 and (possible := list(session.options(who))):
        return possible[rng.integers(len(possible))], by
    if kind > 0.97:
        who, by = str(rng.choice([f"{who}x", "", "formations.", f"sides.{who}"])), str(rng.choice([*sides, "nobody"]))
    target = place if rng.random() < 0.7 else None
    return Order(who, str(rng.choice([*TASKS, "retreat"])), target).to_json(), by


def try_orders(session: Session, rng: np.random.Generator, seen: Counter[str]) -> None:
    """Give orders at one moment; `seen` counts tasks that were ordered, and reasons of refusals."""
    for _ in range(rng.integers(4)):
        orders, by = [], None
        for _ in range(1 if rng.random() < 0.8 else 2):
            order, by = an_order(session, rng)
            orders.append(order)
        before, known = session.cells.tobytes(), list(session.given)
        try:
            session.give(orders, by)
        except OrderError as error:
            said = str(error)
            assert len(said) > 15 and "\n" not in said and "Traceback" not in said
            assert session.cells.tobytes() == before and session.given == known
            seen.update(reason for reason in REASONS if reason in said)
        else:
            assert [item.tick for item in session.given[len(known) :]] == [session.tick] * len(orders)
            seen.update(item.order.task for item in session.given[len(known) :])


def play(deployment: Deployment, seed: int, replicate: int, seen: Counter[str]) -> Session:
    """One sequence of orders in one campaign, watched."""
    session, rng = Session(deployment, seed, replicate), np.random.default_rng([seed, replicate])
    war = SimpleNamespace(
        deployment=deployment, world=session.world, cells=session.cells, names=deployment.names, tick=session.step
    )
    watch = Watch(war)
    for _ in range(TICKS):
        try_orders(session, rng, seen)
        watch.tick()
    return session


def sequences(said: Said, seed: int, count: int) -> Counter[str]:
    """So many sequences in one world, each of which comes to the same bits when it is played again from its data."""
    # In half of the worlds the rule of sides ends soon: from then on they take no orders.
    said.setdefault("rules", {}).setdefault("politics", {})["collapse"] = -1.0 if seed % 2 else -20.0
    deployment = deployed(read_world(said))
    seen: Counter[str] = Counter()
    for k in range(count):
        session = play(deployment, seed, k, seen)
        orders = json.loads(json.dumps([(tick, by, order.to_json()) for tick, by, order in session.given]))
        given = [Given(tick, by, Order.from_json(order)) for tick, by, order in orders]
        again = save.replay(deployment, seed, k, given, session.tick)
        assert again.cells.tobytes() == session.cells.tobytes()
    assert save.from_json(json.loads(json.dumps(save.as_json(session)))).cells.tobytes() == session.cells.tobytes()
    return seen


def in_worlds(count: int) -> Counter[str]:
    """Sequences in so many random worlds, the same ones each time."""
    seen: Counter[str] = Counter()

    @profile(count)
    @given(said=worlds(ticks=TICKS), seed=st.integers(0, 9999))
    def try_world(said: Said, seed: int) -> None:
        seen.update(sequences(said, seed, SEQUENCES))

    try_world()
    return seen


def test_two_hundred_sequences_of_orders() -> None:
    """All kinds of orders for formations and staffs are carried out, and refused for all these reasons."""
    seen = in_worlds(10)
    assert [task for task, said in TASKS.items() if {FORMATION, SIDE} & set(said.of) and not seen[task]] == []
    assert [reason for reason in REASONS if not seen[reason]] == []


@pytest.mark.verify
def test_ten_thousand_sequences_of_orders() -> None:
    seen = in_worlds(500)
    assert [task for task in TASKS if not seen[task]] == []
