"""Commanders of many campaigns at once: the same campaigns as with single views, fog, refusals and failures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sim
from sim.rules.rulebook import RULEBOOK
from sim.scenario.read import LoadedScenario
from sim.session.actions import Actions
from sim.session.batch import Batch
from sim.session.fog import HELD
from sim.session.orders import Order
from sim.session.session import Session
from sim.session.view import View
from sim.session.views import Views
from sim.world.deploy import Deployment, deploy
from tests.conftest import CROSSROADS


def run(scenario: LoadedScenario, n: int = 12, **commander: Any) -> sim.Results:
    return sim.run(scenario, n, seed=4, commander=commander, progress=False)


def one_by_one(view: View) -> list[Order]:
    """Formations in good heart attack the first place that they can; the others hold; the wing stands down late."""
    orders = [Order(view.side, "defensive" if view.state["will"] < 0.6 else "offensive")]
    for who, unit in view.formations.items():
        options = view.options(who)
        if unit.morale > 0.6 and "attack" in options.places:
            orders.append(Order(who, "attack", options.places["attack"][0]))
        elif "hold" in options.places:
            orders.append(Order(who, "hold"))
    if view.day > 3:
        orders += [Order(who, "stand_down") for who in view.air if "stand_down" in view.options(who).places]
    return orders


@sim.batched
def side_by_side(views: Views) -> np.ndarray:
    """The same for many campaigns."""
    stances = [views.number(views.side, stance) for stance in ("offensive", "defensive")]
    chosen = [np.where(views.state["will"] < 0.6, stances[1], stances[0])]
    morale = views.formations["morale"]
    for i, who in enumerate(views.formation_ids):
        attacks, hold = views.numbers(who, "attack"), views.number(who, "hold")
        can_attack = views.possible[:, attacks].any(axis=1) & (morale[:, i] > 0.6)
        first = attacks[views.possible[:, attacks].argmax(axis=1)]
        chosen.append(np.where(can_attack, first, np.where(views.possible[:, hold], hold, 0)))
    for who in views.wing_ids if views.day > 3 else ():
        number = views.number(who, "stand_down")
        chosen.append(np.where(views.possible[:, number], number, 0))
    return np.stack(chosen, axis=1)


def test_the_same_policy_leads_to_the_same_campaigns(crossroads: LoadedScenario) -> None:
    commanded = ("lowlands", "highlands")
    single = run(crossroads, 20, **dict.fromkeys(commanded, one_by_one))
    many = run(crossroads, 20, **dict.fromkeys(commanded, side_by_side))
    assert many.runs.equals(single.runs) and many.series.equals(single.series)
    assert np.array_equal(many.control_counts, single.control_counts)
    assert np.array_equal(many.falls, single.falls)
    assert many.manifest["refused"] == single.manifest["refused"]
    assert many.manifest["fallbacks"] == single.manifest["fallbacks"] == []
    assert many.manifest["commanders"] == dict.fromkeys(commanded, "side_by_side")


def test_one_who_does_nothing_changes_nothing(crossroads: LoadedScenario) -> None:
    base = sim.run(crossroads, 20, seed=4, results=None, progress=False)
    led = run(crossroads, 20, lowlands=sim.batched(lambda views: None), highlands="doctrine")
    assert led.runs.equals(base.runs) and led.series.equals(base.series)
    assert np.array_equal(led.control_counts, base.control_counts) and np.array_equal(led.falls, base.falls)


def test_campaigns_in_one_world_keep_the_distances_over_which_their_commanders_look_ahead() -> None:
    drawn = {"rules.command.look_ahead_km": {"uniform": [10, 500]}}
    deployment = deploy(sim.load(CROSSROADS, set={"uncertainty": drawn}), RULEBOOK)
    batch, ticks = Batch(deployment, 3), 30
    none = np.zeros(3, dtype=np.int64)
    batch.play(none, none + 1, 4, np.arange(3))
    for _ in range(ticks):
        batch.play(none + 1, none, 4, np.arange(3))
    for k in range(3):
        session = Session(deployment, 4, k)
        session.step(ticks)
        assert session.cells[: batch.width].tobytes() == batch.blocks[k].tobytes(), k


def test_arrays_are_what_single_views_show(deployed: Deployment) -> None:
    batch = Batch(deployed, 3, sides=[Actions(deployed, "lowlands")])
    none = np.zeros(3, dtype=np.int64)
    batch.play(none, none + 1, 4, np.arange(3))
    batch.play(none + 12, none, 4, np.arange(3))
    views = Views(batch, 0, np.arange(3))
    for k in range(3):
        session = Session(deployed, 4, k)
        session.step(12)
        view = session.view("lowlands")
        assert (views.day, views.days_left) == (view.day, view.days_left)
        assert {name: views.state[name][k] for name in view.state} == view.state
        for name in ("strength", "morale", "readiness", "supply", "power"):
            expected = [getattr(unit, name) for unit in view.formations.values()]
            assert views.formations[name][k].tolist() == expected
        assert views.formation_ids == list(view.formations) and views.wing_ids == list(view.air)
        shown = list(view.places.values())
        assert [views.side_ids[row] for row in views.places["control"][k]] == [place.control for place in shown]
        assert views.places["hostile"][k].tolist() == [place.stance == "hostile" for place in shown]
        assert (views.places["reported_on"][k] < 0).tolist() == [place.report is None for place in shown]
        for name in HELD:
            known = ~np.isnan(views.places[name][k])
            assert known.tolist() == [place.stance == "own" for place in shown]
        ordered = {order for n, order in enumerate(views.orders) if views.possible[k, n] and order is not None}
        assert ordered == {o for who in view.orderable for o in view.options(who) if o.task != "reserve"}


def test_nothing_hidden_is_in_the_arrays(deployed: Deployment) -> None:
    """What the enemy has is changed: no array of the side follows."""
    batch = Batch(deployed, 2, sides=[Actions(deployed, "highlands")])
    none = np.zeros(2, dtype=np.int64)
    batch.play(none + 0, none + 1, 5, np.arange(2))
    batch.play(none + 8, none, 5, np.arange(2))

    def seen() -> bytes:
        views = Views(batch, 0, np.arange(2))
        tables = (views.state, views.formations, views.air, views.places)
        return b"".join(table[name].tobytes() for table in tables for name in table) + views.possible.tobytes()

    before, world, foe = seen(), batch.world, deployed.names.sides["lowlands"]
    units = np.flatnonzero(world.units["side"][0] == foe)
    for column in ("strength", "morale", "place", "supply", "task", "target"):
        world.units[column][:, units] = 3
    for column in HELD:
        world.places[column][world.places["control"] == foe] = 5
    world.side_view["belief"][:] = 77
    world.sides["will"][:, foe] = 0
    assert seen() == before


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda views: "attack", "returned what are no orders: they should be whole numbers from 0 to"),
        (lambda views: np.full((len(views), 2), 9999), "int64 of shape (3, 2) from 9999 to 9999"),
        (lambda views: [0] * (len(views) + 1), "for 3 campaigns"),
        (lambda views: views.formations["moral"], "of a formation as 'moral'; did you mean morale?"),
        (lambda views: views.number("h_1", "attack", "quary"), "did you mean h_1: attack quarry?"),
    ],
)
def test_who_fails_is_named_and_the_doctrine_takes_over(
    crossroads: LoadedScenario, capsys: pytest.CaptureFixture[str], answer: Any, said: str
) -> None:
    def fails(views: Views) -> Any:
        return answer(views) if views.day >= 2 else views.number("highlands", "defensive") + 0 * views.replicates

    def single(view: View) -> list[Order]:
        if view.day >= 2:
            raise KeyError
        return [Order("highlands", "defensive")]

    led = run(crossroads, 3, highlands=sim.batched(fails))
    assert [(f["replicate"], f["day"]) for f in led.manifest["fallbacks"]] == [(0, 2), (1, 2), (2, 2)]
    assert said in led.manifest["fallbacks"][0]["reason"] and "the doctrine took over" in capsys.readouterr().err
    assert led.runs.equals(run(crossroads, 3, highlands=single).runs)


def test_orders_that_cannot_be_carried_out_are_counted(
    crossroads: LoadedScenario, capsys: pytest.CaptureFixture[str]
) -> None:
    @sim.batched
    def guard(views: Views) -> np.ndarray:
        return np.full((len(views), 2), [views.number("h_guard", "march", "quarry"), views.number("h_1", "hold")])

    led = run(crossroads, 2, highlands=guard)
    assert led.manifest["refused"]["highlands"] >= 32 and led.manifest["fallbacks"] == []
    assert "'h_guard: march quarry' was not possible in campaign 0 on day 0" in capsys.readouterr().err


def test_one_kind_of_commander_in_a_run(crossroads: LoadedScenario) -> None:
    with pytest.raises(ValueError, match=r"Random is asked for one campaign at a time.*mark all with sim.batched"):
        run(crossroads, 2, highlands=side_by_side, lowlands=sim.session.examples.Random())
