"""Causes: the trace is the campaign, the ledger adds up, events name their causes, pairs tell what they were worth."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.session.diff import Diff
from sim.session.ledger import Ledger
from sim.session.log import UnknownEvent
from sim.session.moment import Moment
from sim.session.orders import Order
from sim.session.session import Session
from sim.session.story import story
from sim.session.trace import TraceError, log_of
from sim.session.without import effect_of
from sim.world.deploy import Deployment
from sim.world.tables import BESIEGED
from tests.properties.random_worlds import Said, read_world, worlds
from tests.properties.test_invariants import profile

KEYS = ("tick", "formation", "people")


def check_ledger(said: Said, seed: int) -> None:
    """The trace comes to the same state (else TraceError), and each change of strength is booked to its causes."""
    session = Session(read_world(said), seed)
    begun = session.copy()
    session.step(session.deployment.ticks)
    log = log_of(session)
    booked: dict[tuple[int, str], float] = {}
    for tick, formation, people in zip(*(log.losses[name].tolist() for name in KEYS), strict=True):
        booked[tick, formation] = booked.get((tick, formation), 0.0) + people
    for tick in range(session.deployment.ticks):
        before = begun.world.units["strength"].copy()
        begun.step()
        change = begun.world.units["strength"] - before
        for id, i in begun.deployment.names.units.items():
            assert booked.get((tick, id), 0.0) == pytest.approx(-change[i], abs=1e-9), (tick, id)
    for event in log:
        shares = [cause.share for cause in event.causes]
        assert not shares or sum(shares) == pytest.approx(1.0) or max(shares) == 0
        assert all(n < event.number for cause in event.causes for n in cause.events)
    json.dumps(log.to_json())


@profile(10)
@given(said=worlds(ticks=24), seed=st.integers(0, 99))
def test_the_ledger_adds_up_to_every_change(said: Said, seed: int) -> None:
    check_ledger(said, seed)


@pytest.mark.verify
@profile(200)
@given(said=worlds(), seed=st.integers(0, 99))
def test_the_ledger_adds_up_in_many_worlds(said: Said, seed: int) -> None:
    check_ledger(said, seed)


@pytest.fixture(scope="module")
def war(deployed: Deployment) -> Session:
    """A campaign in which the Highlands are ordered to attack, and in the end take the capital."""
    session = Session(deployed, seed=1, replicate=2)
    session.give([Order("h_2", "attack", "ottersby"), Order("highlands", "offensive")], "highlands")
    session.step(deployed.ticks)
    return session


def test_what_breaks_a_formation_is_the_rows_of_its_hazard(war: Session) -> None:
    log = log_of(war)
    broke = next(event for event in log if event.kind == "broke")
    twin = Session(war.deployment, 1, 2)
    for item in war.given:
        twin.order(item.order, item.by)
    twin.step(broke.tick + 1)
    row = twin.world.break_terms[twin.deployment.names.units[broke.what]]
    for cause in broke.causes:
        assert cause.size == row[cause.name]
    named = sum(cause.size for cause in broke.causes) + row["baseline"]
    assert named == pytest.approx(sum(row[name] for name in row.dtype.names))


def test_why_leads_from_a_fall_back_to_the_order(war: Session) -> None:
    log = log_of(war)
    told = str(log.why("ottersby.fell", depth=4))
    assert told.startswith("day ") and "Ottersby falls to Highlands" in told
    assert "highlands orders h_2: attack ottersby" in told
    data = log.why("ottersby.fell").to_json()
    assert {event["name"] for event in data["events"]} >= {"ottersby.fell", "h_2.order"}
    text = story(log, war.deployment.scenario)
    assert text.startswith("Crossroads\n\nDay 1, 04 May 2031\n") and "Ottersby falls to Highlands" in text


def test_an_event_that_did_not_happen_is_named(war: Session) -> None:
    log = log_of(war)
    with pytest.raises(UnknownEvent, match=r"'ottersby\.fel' did not happen .* did you mean ottersby\.fell"):
        log.find("ottersby.fel")
    with pytest.raises(UnknownEvent, match=r"it happened as ottersby\.fell@day"):
        log.find("ottersby.fell@day99")


def test_a_campaign_that_was_changed_by_hand_has_no_log(deployed: Deployment) -> None:
    session = Session(deployed, seed=1)
    session.step(2)
    session.world.units["strength"][0] += 1
    with pytest.raises(TraceError, match="this campaign does not follow from"):
        log_of(session)


@pytest.mark.parametrize("ticks", [0, 3])
def test_an_order_that_waits_for_the_next_tick_is_in_the_log(deployed: Deployment, ticks: int) -> None:
    session = Session(deployed, seed=1)
    session.step(ticks)
    session.order(Order("h_2", "hold"), by="highlands")
    log = log_of(session)
    assert (log.events[-1].name, log.events[-1].tick) == ("h_2.order", ticks)
    session.step()
    assert log_of(session).events[: len(log.events)] == log.events


def test_strikes_and_sieges_are_told_apart(tiny) -> None:
    """Without aircraft all hits inside come from the siege; strikes add theirs, by the formulas of combat."""
    places = {"a": {"control": "red", "rear_base": True}, "x": {"control": "blue"}}
    formations = {
        "red": {"side": "red", "place": "a", "strength": 1000},
        "blue": {"side": "blue", "place": "x", "strength": 1000},
    }
    rules = {"combat": {"rate": 0.4, "chance": 0, "siege": 0.5, "return_rate": 0, "strike_hits": 1}}
    session = Session(tiny.load(places, [("a", "x", 20)], formations, rules))
    session.world.sides["commander"] = 1
    attacker = session.deployment.names.units["red"]
    for column, value in (("road", 0), ("heading", session.deployment.names.places["x"]), ("km_left", 0.0)):
        session.world.units[column][attacker] = value
    started = session.copy()
    session.step()
    ledger, now = Ledger(started), Moment(session)
    row = session.deployment.names.units["blue"]
    assert session.world.units["contact"][row] == BESIEGED
    assert ledger._shares(row, now) == {"in a siege": pytest.approx(1.0)}
    here, side = session.deployment.names.places["x"], session.deployment.names.sides["red"]
    siege = ledger._hit(now, here, 1 - side, True)
    now.world.places["struck"][here] = 3.0
    now.world.forces["strikes"][here, side] = 3.0
    ledger = Ledger(started)
    air = ledger._hit(now, here, 1 - side, True) - siege
    assert air > 0
    shares = ledger._shares(row, now)
    assert shares["from the air"] == pytest.approx(air / (air + siege))
    assert sum(shares.values()) == pytest.approx(1.0)


def test_who_is_sent_where_is_told(war: Session) -> None:
    sent = [event for event in log_of(war) if event.kind == "sent"]
    assert len(sent) > 3
    assert all(" is sent from " in event.text for event in sent)
    assert "was sent: " in story(log_of(war), war.deployment.scenario)


def test_a_place_that_comes_to_terms_has_not_risen(tiny) -> None:
    places = {
        "a": {"control": "red", "rear_base": True},
        "t": {"control": "blue"},
        "c": {"control": "blue", "rear_base": True},
    }
    formations = {
        "r": {"side": "red", "place": "a", "strength": 1000, "posture": "passive"},
        "b": {"side": "blue", "place": "t", "strength": 200, "mobile": False},
    }
    rules = {"yielding": {"rate": 10, "odds": 0}, "politics": {"collapse": -20, "uprising": 0}}
    session = Session(tiny.load(places, [("a", "t", 40), ("t", "c", 400)], formations, rules), 1)
    session.step(4)
    log = log_of(session)
    fall = log.find("t.fell")
    assert [cause.name for cause in fall.causes] == ["terms"] and fall.causes[0].size == 200
    assert "handed over on terms, and a garrison of 200 let go" in story(log, session.deployment.scenario)
    assert not [event for event in log if event.kind == "rose"]


def test_a_place_that_columns_drive_through_has_not_come_to_terms(tiny) -> None:
    places = {"a": {"control": "red", "rear_base": True}, "t": {"control": "blue"}, "f": {"control": "red"}}
    column = {"name": "Column", "kind": "foot", "side": "red", "origin": "a", "place": "f", "strength": 100}
    column["date"] = "2030-01-01T00:00"
    formations = {"r": {"side": "red", "place": "a", "strength": 10, "mobile": False}}
    roads = [("a", "t", 1), ("t", "f", 400)]
    session = Session(tiny.load(places, roads, formations, reinforcements={"column": column}), 1)
    session.step(1)
    fall = log_of(session).find("t.fell")
    assert [cause.name for cause in fall.causes] == ["driven through"]
    assert "nobody defended it, and" in story(log_of(session), session.deployment.scenario)


def test_pairs_tell_what_a_suspect_was_worth(war: Session) -> None:
    log = log_of(war)
    event = log.find("ottersby.fell")
    guard = effect_of(war, log, event, "formations.l_2", 200)
    assert guard.decided and guard.high < 0 and guard.pairs == 200
    assert "with formations.l_2" in str(guard)
    offensive = effect_of(war, log, "ottersby.fell", "highlands.order", 100)
    assert offensive.begins == 0 and offensive.low <= offensive.difference <= offensive.high
    nothing = effect_of(war, log, event, "formations.l_guard.equipment*=1", 100)
    assert nothing.difference == 0 and nothing.is_change
    few = effect_of(war, log, event, "no_wing", 20)
    assert few.more is None or (few.more > 20 and "pairs would tell" in str(few))


@pytest.mark.parametrize(
    ("event", "suspect", "said"),
    [
        ("ottersby.fell", "formations.l_gard", "did you mean formations.l_guard"),
        ("ottersby.fell", "nowing", "did you mean no_wing"),
        ("h_2.order", "no_wing", "is no outcome of a campaign"),
    ],
)
def test_a_suspect_that_is_none_is_named(war: Session, event: str, suspect: str, said: str) -> None:
    log = log_of(war)
    with pytest.raises(ValueError, match=said):
        effect_of(war, log, event, suspect, 10)


def test_a_difference_begins_where_the_orders_do(deployed: Deployment) -> None:
    one, other = Session(deployed, seed=5), Session(deployed, seed=5)
    for session in (one, other):
        session.step(8)
    other.order(Order("highlands", "defensive"))
    for session in (one, other):
        session.step(24)
    found = Diff(log_of(one), log_of(other), ("one", "other"))
    assert found.tick == 8
    assert str(found).startswith(f"{found.shared} events happen in both. On day 2.00 they part.")
    assert any(name == "tarnmouth.fell" and days[1] is None for name, *days in found.ground())
    same = Diff(log_of(one), log_of(one), ("one", "one"))
    assert str(same) == f"The same {len(log_of(one))} events happen in both."
    assert np.isfinite(found.to_json()["tick"])


def test_parts_that_break_are_booked_too(deployed: Deployment) -> None:
    """Formations break by parts of 200 people: those in the rear are in the ledger, and it adds up."""
    session = Session(deployed, 1, 5, set={"rules.morale.part": 200})
    start = session.world.units["strength"].copy()
    session.step(deployed.ticks)
    losses = log_of(session).losses
    assert losses["cause"].str.startswith("went to the rear").any()
    for id, row in deployed.names.units.items():
        left = float(losses.loc[losses["formation"] == id, "people"].sum())
        assert left == pytest.approx(start[row] - session.world.units["strength"][row], abs=1e-9)
