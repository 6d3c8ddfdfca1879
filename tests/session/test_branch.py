"""Branches: paired futures of one campaign, from the truth or from what a side knows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sim
from sim.session.belief import Draw, states
from sim.session.branch import Futures, branch
from sim.session.fog import Fog
from sim.session.orders import Order, OrderError
from sim.session.session import Session
from sim.world.deploy import Deployment
from tests.properties.random_worlds import Said, read_world, worlds
from tests.properties.test_invariants import profile


@pytest.fixture
def session(deployed: Deployment) -> Session:
    session = Session(deployed, seed=3)
    session.run_until(2)
    return session


def difference(a: Futures, b: Futures) -> dict[str, float]:
    """What changed in the share of futures in which the capital of the Lowlands falls."""
    table = sim.compare(a, b).reset_index()
    row = table[(table["outcome"] == "tarnmouth.fall_day") & (table["measure"] == "probability")]
    return {name: float(row[name].iloc[0]) for name in ("a", "b", "difference", "low", "high")}


def test_a_future_is_the_campaign_played_on_with_other_random_numbers(session: Session) -> None:
    order, before = Order("h_1", "hold"), session.cells.tobytes()
    futures = branch(session, 7, [order], days=3, outcomes=["highlands.strength", "merrow_cross.held_by.lowlands"])
    assert session.cells.tobytes() == before
    seed, names = futures.seed, session.deployment.names
    assert seed != session.seed
    own = session.world.units["side"] == names.sides["highlands"]
    for k in (0, 6):
        twin = session.copy()
        twin.order(order)
        twin.world.campaign["seed"], twin.world.campaign["replicate"] = seed, k
        twin.step(12)
        there = own & np.isin(twin.world.units["status"], (1, 2, 3))
        row = futures.runs.loc[k]
        assert row["highlands.strength"] == twin.world.units["strength"][there].sum()
        held = twin.world.places["control"][names.places["merrow_cross"]] == names.sides["lowlands"]
        assert row["merrow_cross.held_by.lowlands"] == held
    assert (futures.begins, futures.days[-1], futures.known) == (2, 5, "the truth")
    assert futures.series["day"].min() == 2
    assert np.allclose(futures.control[8:].sum(axis=2), 1)


def test_futures_do_not_depend_on_threads_and_pair_up(session: Session) -> None:
    base = branch(session, 60, jobs=1)
    assert base.runs.equals(branch(session, 60, jobs=3).runs)
    assert base.runs[:20].equals(branch(session, 20).runs)
    change = difference(base, branch(session, 60, [Order("highlands", "defensive")]))
    assert change["b"] < change["a"] and change["high"] < 0


def test_outcomes_of_days_that_are_over_or_to_come_are_left_out(session: Session) -> None:
    futures = branch(session, 5, days=2)
    assert "deaths.total@day8" not in futures.outcome_names and "tarnmouth.fall_day" in futures.outcome_names
    asked = branch(session, 5, outcomes=["lowlands.will@day8"])
    assert {"deaths.total@day8", "lowlands.will@day8"} <= set(asked.outcome_names)


def test_mistakes_are_named(session: Session) -> None:
    with pytest.raises(OrderError, match="highlands has no formation"):
        branch(session, 5, [Order("l_1", "hold")], by="highlands")
    with pytest.raises(ValueError, match="days should be a number of ticks of 6 hours"):
        branch(session, 5, days=0)
    with pytest.raises(ValueError, match="n should be a whole number from 1"):
        branch(session, 0)
    with pytest.raises(sim.ScenarioError, match=r"no outcome is called 'tarnmouth\.fell'"):
        branch(session, 5, outcomes=["tarnmouth.fell"])
    session.run_until(8)
    with pytest.raises(ValueError, match="has reached the end of the scenario"):
        branch(session, 5)
    assert branch(session, 5, days=1).days[-1] == 9


@profile(8)
@given(said=worlds(ticks=24), seed=st.integers(0, 99))
def test_states_drawn_for_a_side_look_to_it_as_the_campaign_does(said: Said, seed: int) -> None:
    session = Session(read_world(said), seed)
    fog = Fog(session.deployment)
    for ticks in (3, 8):
        session.step(ticks)
        for side, row in session.deployment.names.sides.items():
            view = session.view(side)
            for cells in states(view, 3, seed):
                known, _ = fog.known(session.deployment.layout.carve(cells), row)
                assert known.tobytes() == view._cells.tobytes()
                future = Session.at(session.deployment, cells, 5, 0)
                future.step(6)
                assert np.isfinite(future.world.units["strength"]).all()
                assert (future.world.units["strength"] >= 0).all()


def test_enemies_are_drawn_as_strong_as_reported_and_not_as_they_are(session: Session) -> None:
    """The same view, however strong the enemy really is; the power drawn errs as reports do."""
    session.run_until(3)
    view = session.view("highlands")
    drawn = Draw(view, 9)
    fresh = np.flatnonzero(drawn.fresh & (drawn.report > 0))
    assert len(fresh)
    gaps = []
    for cells in states(view, 40, 9):
        world = session.deployment.layout.carve(cells)
        foes = world.units["side"] == session.deployment.names.sides["lowlands"]
        place = np.where(world.units["road"] < 0, world.units["place"], world.units["heading"])
        for here in fresh:
            there = foes & (place == here) & (world.units["status"] == 1)
            gaps.append(np.log(world.units["power"][there].sum() / drawn.report[here]))
    assert abs(np.median(gaps)) < 0.25 and 0.1 < np.std(gaps) < 0.8
    session.world.units["strength"][session.deployment.names.units["l_reserve"]] *= 9
    twin = session.view("highlands")
    assert all(a.tobytes() == b.tobytes() for a, b in zip(states(view, 5, 1), states(twin, 5, 1), strict=True))


def test_a_side_branches_from_what_it_knows(session: Session) -> None:
    view = session.view("highlands")
    futures = view.branch(80, [Order("h_1", "hold")])
    assert futures.known == "what highlands knows (40 states drawn)" and futures.replicates == 80
    assert futures.runs.equals(session.view("highlands").branch(80, [Order("h_1", "hold")], jobs=1).runs)
    base = view.branch(80)
    assert difference(base, futures)["difference"] < 0
    with pytest.raises(OrderError, match="highlands has no formation"):
        view.branch(5, [Order("l_1", "hold")])
