"""Orders: checked before anything changes, refused with what is possible, and data."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from sim.scenario.tasks import TASKS
from sim.session.orders import DRIVE, Order, OrderError, orders_of
from sim.session.session import Session
from sim.world.deploy import Deployment
from sim.world.tables import DOCTRINE, FREE, HOLD, MARCH, ORDERED, SHARED, STAND_DOWN, STRIKE, WITHDRAW


@pytest.fixture
def session(deployed: Deployment) -> Session:
    return Session(deployed, seed=3)


def unit(session: Session, name: str) -> Any:
    return session.world.units[session.deployment.names.units[name]]


def place(session: Session, name: str) -> int:
    return session.deployment.names.places[name]


def test_every_kind_of_order_has_its_effect(session: Session) -> None:
    session.give(
        [
            {"who": "h_1", "task": "march", "target": "stonegate"},
            {"who": "h_2", "task": "attack", "target": "merrow_cross"},
            {"who": "h_raiders", "task": "hold"},
            {"who": "h_armour", "task": "reserve", "target": "stonegate"},
            {"who": "l_2", "task": "withdraw"},
            {"who": "l_wing", "task": "strike", "target": "stonegate"},
            {"who": "lowlands", "task": "defensive"},
        ]
    )
    names = ("h_1", "h_2", "h_raiders", "h_armour", "l_2")
    expected = [(MARCH, 0), (MARCH, 1), (HOLD, 0), (MARCH, 0), (WITHDRAW, 0)]
    assert [(unit(session, name)["task"], unit(session, name)["assault"]) for name in names] == expected
    assert all(unit(session, name)["bound"] == ORDERED for name in names)
    assert unit(session, "h_2")["target"] == place(session, "merrow_cross")
    wing = session.world.wings[0]
    assert (wing["mission"], wing["target"]) == (STRIKE, place(session, "stonegate"))
    sides = session.deployment.names.sides
    assert session.world.sides["drive"][sides["lowlands"]] == DRIVE["defensive"] == 0
    assert list(session.world.sides["commander"]) == [SHARED, SHARED]
    session.give([Order("h_1", "release"), Order("l_wing", "stand_down"), Order("highlands", "offensive")])
    assert unit(session, "h_1")["bound"] == FREE
    assert wing["mission"] == STAND_DOWN
    session.give([Order(name, "release") for name in names[1:]])
    assert list(session.world.sides["commander"]) == [DOCTRINE, DOCTRINE]
    assert len(session.given) == 7 + 3 + 4 and session.given[0].tick == 0


def test_orders_without_a_target_are_about_the_place_where_a_formation_is(session: Session) -> None:
    """Who is ordered back leaves the garrison of the place, which is counted once."""
    where = {name: int(unit(session, name)["place"]) for name in ("h_1", "l_2")}
    people = float(unit(session, "l_2")["strength"])
    session.give([{"who": "h_1", "task": "hold"}, {"who": "l_2", "task": "withdraw"}])
    session.give([{"who": "l_2", "task": "withdraw"}])
    assert [int(unit(session, name)["target"]) for name in where] == list(where.values())
    assert session.world.places["garrison_left"][where["l_2"]] == people > 0


def test_reserves_go_to_the_rear_base_unless_told_where(session: Session) -> None:
    session.order(Order("h_raiders", "reserve"))
    assert unit(session, "h_raiders")["target"] == place(session, "arnfell")
    session.run_until(3)
    raiders = unit(session, "h_raiders")
    assert (raiders["place"], raiders["road"], raiders["task"]) == (place(session, "arnfell"), -1, HOLD)


def test_a_defensive_staff_attacks_nothing(deployed: Deployment) -> None:
    """Over 20 campaigns no place falls to the Highlands whose staff was told to defend; without it most do."""
    fallen = {"balanced": 0, "defensive": 0}
    for stance in fallen:
        for replicate in range(20):
            session = Session(deployed, 1, replicate)
            session.give([Order("highlands", stance), Order("lowlands", stance)])
            session.step(deployed.ticks)
            fallen[stance] += int((session.world.places["fell"] >= 0).sum())
    assert fallen["defensive"] == 0 < 20 < fallen["balanced"]


@pytest.mark.parametrize(
    ("order", "by", "said"),
    [
        (("h_1", "march"), None, "'march' needs a place to go to; possible: stonegate, merrow_cross"),
        (
            ("h_1", "marsh", "quarry"),
            None,
            "'marsh' is no order for a formation; did you mean march?; orders are",
        ),
        (("h_1", "march", "quary"), None, "there is no place 'quary'; did you mean quarry?"),
        (("h_1", "march", "arnfell"), None, "'march' to arnfell is not possible: it is there"),
        (("h_1", "attack", "stonegate"), None, "highlands holds it, and is no enemy; possible: merrow_cross"),
        (("h_1", "reserve", "quarry"), None, "lowlands holds it, and is no friend; possible: arnfell, stonegate"),
        (("h_1", "hold", "quarry"), None, "'hold' takes no place, but 'quarry' is named"),
        (("h_1", "withdraw"), None, "it is at a rear base; possible now: march, attack, hold, reserve, release"),
        (("h_guard", "march", "stonegate"), None, "it may not be sent elsewhere; possible now: hold, release"),
        (
            ("h_armou", "hold"),
            None,
            "there is no formation, air wing, staff or event 'h_armou'; did you mean h_armour?",
        ),
        (("1st Hill Brigade", "hold"), None, "staff or event '1st Hill Brigade'; did you mean h_1?"),
        (("l_1", "hold"), "highlands", "highlands has no formation, air wing or staff 'l_1'; did you mean h_"),
        (("h_1", "hold"), "lowland", "there is no side 'lowland'; did you mean lowlands?"),
        (("lowlands", "defensive"), "highlands", "highlands has no formation, air wing or staff 'lowlands'"),
        (("l_wing", "strike", "quarry"), None, "lowlands holds it, and no enemy is reported there; possible: arnfell"),
        (("l_wing", "march", "quarry"), None, "'march' is no order for an air wing"),
        (("highlands", "offensiv"), None, "did you mean offensive?; orders are offensive, balanced, defensive"),
    ],
)
def test_refusals_say_what_is_possible_and_change_nothing(
    session: Session, order: tuple[str, ...], by: str | None, said: str
) -> None:
    before = session.cells.tobytes()
    with pytest.raises(OrderError) as error:
        session.give([Order("h_2", "hold"), Order(*order)] if by is None else [Order(*order)], by)
    assert said in str(error.value)
    assert session.cells.tobytes() == before and not session.given


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"bound": 1, "task": 1, "target": 1}, "its orders stand until it has arrived (stonegate)"),
        ({"readiness": 0.25}, "it is not ready to march: its readiness is 0.25, needed is 0.50"),
        ({"passive": 1}, "it defends itself only"),
        ({"pause": 0.5}, "it was thrown back and rests for 0.5 more days"),
        ({"status": 0}, "it is not in the field yet"),
        ({"status": 2}, "it broke and goes home"),
        ({"status": 3, "rest": 2.0}, "it broke, and is fit for orders in 2 days at the earliest"),
        ({"status": 4}, "it laid down its arms"),
        ({"status": 5}, "it no longer exists"),
    ],
)
def test_a_formation_says_why_it_cannot_attack(session: Session, change: dict[str, float], said: str) -> None:
    for column, value in change.items():
        session.world.units[column][session.deployment.names.units["h_1"]] = value
    with pytest.raises(OrderError) as error:
        session.order(Order("h_1", "attack", "merrow_cross"))
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda s: s.world.sides.__setitem__("posture", 1), "its side is passive"),
        (lambda s: s.world.sides.__setitem__("collapsed", 1), "its side has collapsed"),
        (lambda s: s.world.campaign.__setitem__("ceasefire", 1.5), "a ceasefire holds for 1.5 more days"),
        (lambda s: s.world.roads.__setitem__("cut", 1), "no hostile place can be reached"),
    ],
)
def test_a_war_says_why_nobody_attacks(session: Session, change: Callable[[Session], None], said: str) -> None:
    change(session)
    with pytest.raises(OrderError) as error:
        session.order(Order("h_1", "attack", "merrow_cross"))
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("h_1", "orders are a list"),
        (["h_1"], "orders[0]: an order looks like"),
        ([{"task": "hold"}], "orders[0]: 'who' is missing"),
        ([{"who": "h_1"}], "orders[0]: 'task' is missing"),
        ([{"who": "h_1", "task": "hold"}, {"who": "h_2", "tusk": "hold"}], "no 'tusk'; did you mean task?"),
        ([{"who": 1, "task": "hold"}], "orders[0]: 'who' must be a text, but is 1"),
        ([{"who": "h_1", "task": "march", "target": ["a"]}], "'target' must be a text, but is a list; an order looks"),
        ([{"who": SimpleNamespace(id="h_1"), "task": "hold"}], "; did you mean its id, 'h_1'?"),
    ],
)
def test_orders_are_read_from_plain_data(data: Any, said: str) -> None:
    with pytest.raises(OrderError) as error:
        orders_of(data)
    assert said in str(error.value)


def test_a_side_that_there_is_not_gives_no_orders_either(session: Session) -> None:
    for orders in ([], [Order("h_1", "hold")]):
        with pytest.raises(OrderError, match="there is no side 'x'; there are highlands, lowlands"):
            session.give(orders, "x")


def test_an_order_is_the_same_as_its_json() -> None:
    for order in (Order("h_1", "march", "quarry"), Order("h_1", "hold")):
        assert orders_of(json.loads(json.dumps([order.to_json()]))) == [order]


def test_two_orders_for_one_formation_are_refused(session: Session) -> None:
    with pytest.raises(OrderError, match="h_1 is given two orders: 'h_1: hold' and 'h_1: march stonegate'"):
        session.give([Order("h_1", "hold"), Order("h_1", "march", "stonegate")])


def test_what_is_possible_is_accepted_and_all_else_is_refused(session: Session) -> None:
    """For everybody, on three days of a campaign: each order with each place, and without one."""
    names = session.deployment.names
    for day in (0, 2, 6):
        session.run_until(day)
        for who in [*names.units, *names.wings, *names.sides]:
            offered = set(session.options(who))
            for task in TASKS:
                for target in [None, *names.places]:
                    twin, order = session.copy(), Order(who, task, target)
                    try:
                        twin.order(order)
                    except OrderError:
                        assert order not in offered
                        assert twin.cells.tobytes() == session.cells.tobytes()
                    else:
                        assert order in offered


def test_options_are_shown(session: Session) -> None:
    shown = session.options("h_1")
    assert "  attack      merrow_cross, ottersby, quarry, tarnmouth" in str(shown)
    assert "(withdraw)  it is at a rear base" in str(shown)
    assert ">it is at a rear base</td>" in shown._repr_html_()
