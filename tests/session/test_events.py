"""Orders to events: whoever speaks for no side lets an event of the scenario happen, postpones or cancels it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from sim.session.moment import event_title
from sim.session.orders import Order, OrderError
from sim.session.save import as_json, fingerprint, from_json
from sim.session.session import Session


def test_an_event_happens_in_the_next_tick_whatever_its_conditions(deployed) -> None:
    """The scandal lowers the will of the Lowlands, from day 2 on and by a hazard. Now it does at once."""
    quiet, session = Session(deployed, 1, 0), Session(deployed, 1, 0)
    session.order(Order("scandal", "happen"))
    quiet.step()
    session.step()
    row = deployed.names.sides["lowlands"]
    assert session.world.events["fired_on"][deployed.names.events["scandal"]] == 0
    assert session.world.sides["will"][row] < quiet.world.sides["will"][row]
    with pytest.raises(OrderError, match=r"'cancel' is not possible: it has happened on day 0\.25"):
        session.order(Order("scandal", "cancel"))
    assert fingerprint(from_json(as_json(session))) == fingerprint(session)


def test_an_event_is_postponed_day_by_day_and_cancelled(deployed) -> None:
    session = Session(deployed, 1, 0)
    rows, row = session.world.events, deployed.names.events["scandal"]
    session.order(Order("scandal", "postpone"))
    session.order(Order("events.scandal", "postpone"))
    assert rows["day"][row] == 4.0  # 2 by the scenario, and two days
    session.order(Order("scandal", "cancel"))
    session.run_until(8)
    assert session.world.events["fired_on"][row] == -2
    assert list(session.options("scandal").places) == ["happen"]


def test_no_side_commands_events(deployed) -> None:
    session = Session(deployed, 1, 0)
    with pytest.raises(OrderError, match="lowlands has no formation, air wing or staff 'scandal'"):
        session.order(Order("scandal", "cancel"), by="lowlands")
    assert "scandal" not in session.view("lowlands").orderable


@pytest.mark.parametrize("name", ["25th Division", "The 25th Division is sent to the north"])
def test_a_reinforcement_is_told_by_any_name(name):
    said = SimpleNamespace(events={}, reinforcements={"r": SimpleNamespace(name=name)})
    assert event_title(said, "arrival:r") == f"Reinforcement sets out: {name}"
