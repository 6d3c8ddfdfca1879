"""How long marches take, as a side reckons: what the engine then plays."""

from __future__ import annotations

import pytest

from sim.session.orders import Order
from sim.session.session import Session
from sim.world.deploy import Deployment


def test_a_march_takes_as_long_as_its_side_reckons(deployed: Deployment) -> None:
    """In their own country, ready and supplied, formations come to a place in the tick in which they should."""
    session = Session(deployed, seed=3)
    units, names = session.world.units, session.deployment.names
    row, goal = names.units["h_1"], names.places["stonegate"]
    units["readiness"][row] = 1.0
    days = session.view("highlands").march_days("h_1")["stonegate"]
    session.order(Order("h_1", "march", "stonegate"))
    while units["place"][row] != goal or units["road"][row] >= 0:
        session.step()
        assert not session.ended
    came = session.day
    tick = deployed.scenario.clock.tick_hours / 24
    assert days <= came + 1e-9 and came - days <= 2 * tick  # it marches in the tick after the order


def test_days_add_up_along_the_road(deployed: Deployment) -> None:
    session = Session(deployed, seed=3)
    view = session.view("highlands")
    days = view.march_days("h_1")
    assert set(days) == {place for places in view.options("h_1").places.values() for place in places}
    assert days["arnfell"] == 0 < days["stonegate"] < days["merrow_cross"]
    session.world.roads["cut"][:] = 1
    assert session.view("highlands").march_days("h_1") == {"arnfell": 0}
    assert session.view("highlands").march_days("highlands") == {}


def test_on_a_road_both_ends_count(deployed: Deployment) -> None:
    session = Session(deployed, seed=3)
    row = session.deployment.names.units["h_1"]
    session.world.units["readiness"][row] = 1.0
    session.order(Order("h_1", "march", "merrow_cross"))
    before = session.view("highlands").march_days("h_1")
    while session.world.units["road"][row] < 0:
        session.step()
    unit = session.world.units[row]
    left = unit["km_left"] / session.world.roads["km"][unit["road"]]
    days = session.view("highlands").march_days("h_1")
    assert days["merrow_cross"] == pytest.approx(before["merrow_cross"] * left)
    assert days["stonegate"] == pytest.approx(days["arnfell"] + before["stonegate"])
    assert 0 < days["arnfell"] < before["merrow_cross"] * (1 - left)  # its own country lies behind it
