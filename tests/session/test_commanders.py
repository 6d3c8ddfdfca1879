"""Commanders as programs: they command, see only what their side knows, and are replaced when they fail."""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np
import pytest

import sim
from sim.ensemble.spec import specify
from sim.scenario.read import LoadedScenario
from sim.session.commanders import run_commanded
from sim.session.examples import Random, Search
from sim.session.orders import Order
from sim.session.session import Session
from sim.session.view import View


def run(crossroads: LoadedScenario, n: int = 12, **commander: Any) -> sim.Results:
    return sim.run(crossroads, n, seed=4, commander=commander, progress=False)


def test_a_commander_who_does_nothing_changes_nothing(crossroads: LoadedScenario) -> None:
    """The same numbers as the ensemble, in every table of the results."""
    base = sim.run(crossroads, 12, seed=4, results=None, progress=False)
    led = run(crossroads, highlands="doctrine", lowlands=lambda view: None)
    assert led.runs.equals(base.runs) and led.series.equals(base.series)
    assert np.array_equal(led.control_counts, base.control_counts) and np.array_equal(led.falls, base.falls)
    assert led.manifest["commanders"] == {"highlands": "doctrine", "lowlands": "<lambda>"}
    assert led.manifest["fallbacks"] == [] and led.manifest["refused"] == {}


def test_orders_of_a_commander_are_those_of_a_session(crossroads: LoadedScenario) -> None:
    seen = []

    def hold(view: View) -> list[Order]:
        seen.append((view.side, view.day))
        return [Order(unit, "hold") for unit in view.formations if unit in view.orderable] if view.day == 1 else []

    led = run(crossroads, 2, highlands=hold)
    assert seen == [("highlands", day / 2) for day in range(16)] * 2
    session = Session(crossroads, 4, 1)
    session.run_until(1)
    for order in hold(session.view("highlands")):
        session.order(order, "highlands")
    session.run_until(8)
    units = session.world.units[session.world.units["side"] == session.deployment.names.sides["highlands"]]
    alive = np.isin(units["status"], (1, 2, 3))
    assert led.runs["highlands.strength@day8"].to_numpy(float)[1] == units["strength"][alive].sum()


def test_all_commanders_see_the_same_moment(crossroads: LoadedScenario) -> None:
    """The second sees the world before the first has ordered anything; orders of others are never seen."""
    found: dict[str, bytes] = {}

    def look(view: View) -> list[Order]:
        found.setdefault(f"{view.side}{view.day}", view._cells.tobytes())
        return [Order(view.side, "offensive")]

    run(crossroads, 1, highlands=look, lowlands=look)
    alone = dict(found)
    found.clear()
    run(crossroads, 1, lowlands=look)
    assert found["lowlands0.0"] == alone["lowlands0.0"]


def raises(view: View) -> list[Order]:
    if view.day >= 2:
        raise KeyError("the_map")
    return [Order("highlands", "defensive")]


def leaves(view: View) -> list[Order]:
    sys.exit("not my war")


@sim.batched
def leaves_all(views: Any) -> None:
    sys.exit("not my war")


@pytest.mark.parametrize(
    ("commander", "reason"),
    [
        (raises, "raised KeyError: 'the_map'"),
        (leaves, "raised SystemExit: not my war"),
        (leaves_all, "raised SystemExit: not my war"),
        (lambda view: ["attack"], "returned what are no orders: orders[0]: an order looks like"),
        (lambda view: 7, "returned what are no orders: orders are a list"),
        (lambda view: [{"who": "h_1", "tusk": "hold"}], "did you mean task?"),
    ],
)
def test_who_fails_is_named_and_the_doctrine_takes_over(
    crossroads: LoadedScenario, capsys: pytest.CaptureFixture[str], commander: Any, reason: str
) -> None:
    led = run(crossroads, 3, highlands=commander)
    assert [fallback["replicate"] for fallback in led.manifest["fallbacks"]] == [0, 1, 2]
    assert reason in led.manifest["fallbacks"][0]["reason"]
    told = capsys.readouterr().err
    assert "the commander of highlands," in told and reason in told and "in 3 of 3 campaigns" in told.lower()
    assert led.runs.notna().any().any()


class NeverBegins:
    batched = False

    def begin(self, side: str, replicate: object) -> None:
        raise SystemExit("too early")

    def __call__(self, view: object) -> None:
        raise AssertionError("it has failed, and is not asked")


@pytest.mark.parametrize("many", [False, True])
def test_who_fails_before_the_first_day_is_named_too(crossroads: LoadedScenario, many: bool) -> None:
    commander = NeverBegins()
    commander.batched = many
    led = run(crossroads, 3, highlands=commander)
    found = [(fallback["replicate"], fallback["day"], fallback["reason"]) for fallback in led.manifest["fallbacks"]]
    assert found == [(k, 0, "raised SystemExit: too early") for k in range(3)]
    assert led.runs.equals(run(crossroads, 3, highlands=lambda view: []).runs)


def test_an_interrupt_ends_the_run(crossroads: LoadedScenario) -> None:
    def interrupted(view: View) -> list[Order]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(crossroads, 1, highlands=interrupted)


def test_after_a_failure_the_side_is_as_if_it_had_never_been_commanded(crossroads: LoadedScenario) -> None:
    session = Session(crossroads, 4)
    session.give([Order("h_1", "attack", "merrow_cross"), Order("highlands", "defensive")], "highlands")
    session.give([Order("l_wing", "stand_down")], "lowlands")
    session.release_all("highlands")
    session.release_all("lowlands")
    side = session.world.sides
    assert list(side["commander"]) == [0, 0] and list(side["drive"]) == [1, 1]
    assert session.world.wings["mission"][0] == 0 and (session.world.units["bound"] == 0).all()


def test_a_slow_commander_is_replaced(crossroads: LoadedScenario) -> None:
    def slow(view: View) -> list[Order]:
        time.sleep(0.02)
        return []

    spec = specify(crossroads, 1, 4)
    led = run_commanded(spec, {"lowlands": slow}, False, most_seconds=0.01)
    assert "seconds for one answer, more than the 0.01 allowed" in led.manifest["fallbacks"][0]["reason"]


def test_orders_that_cannot_be_carried_out_are_counted(
    crossroads: LoadedScenario, capsys: pytest.CaptureFixture[str]
) -> None:
    led = run(crossroads, 1, highlands=lambda view: [Order("l_1", "hold"), Order("highlands", "offensive")])
    assert led.manifest["refused"] == {"highlands": 16} and led.manifest["fallbacks"] == []
    assert "gave 16 orders that could not be carried out" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("commander", "said"),
    [
        ({"highland": "random"}, "there is no side 'highland'; did you mean highlands"),
        ({"highlands": "randon"}, "there is no commander 'randon'; did you mean random?"),
        ({"highlands": "clausewitz"}, "there is no commander 'clausewitz'; there are doctrine, random"),
        ({"nobody": "random"}, "there is no side 'nobody'; there are highlands, lowlands"),
        ({"highlands": 5}, "should be a function of a view"),
    ],
)
def test_mistakes_are_named(crossroads: LoadedScenario, commander: Any, said: str) -> None:
    with pytest.raises((ValueError, TypeError)) as error:
        sim.run(crossroads, 2, commander=commander)
    assert said in str(error.value)


def test_a_random_commander_gives_only_orders_that_are_possible(crossroads: LoadedScenario) -> None:
    led = run(crossroads, 6, highlands=Random(0.5), lowlands="random")
    assert led.manifest["fallbacks"] == [] and led.manifest["refused"] == {}
    assert led.runs.equals(run(crossroads, 6, highlands=Random(0.5), lowlands="random").runs)


def test_a_searching_commander_takes_the_best_plan(crossroads: LoadedScenario) -> None:
    session = Session(crossroads, 4)
    search = Search("tarnmouth.fall_day", futures=24)
    view = session.view("highlands")
    plans = list(search.plans(view))
    worths = [search.worth(view, plan) for plan in plans]
    assert plans[0] == [Order("highlands", "balanced")] and len(plans) >= 6
    assert search(view) == plans[int(np.argmax(worths))]
    assert Search("tarnmouth.fall_day", wanted=False, futures=24).worth(view, plans[0]) == -worths[0]
