"""Why formations are sent or ordered back, in tiny worlds: by their command or by an event."""

from __future__ import annotations

import pytest

from sim.session.orders import Order
from sim.session.session import Session
from sim.session.trace import log_of

PLACES = {
    "a": {"control": "red", "rear_base": True, "name": "Arnfell"},
    "t": {"control": "blue", "name": "Tarn", "symbol": 1},
    "c": {"control": "blue", "name": "Crossing", "rear_base": True},
}
ROADS = [("a", "t", 40), ("t", "c", 60)]
RED = {"side": "red", "place": "a", "strength": 1000, "name": "Red Brigade"}
BLUE = {"side": "blue", "place": "c", "strength": 200, "name": "River Regiment"}


def played(tiny, formations, ticks=1, orders=(), **more) -> Session:
    session = Session(tiny.load(PLACES, ROADS, formations, **more))
    for order in orders:
        session.order(order)
    session.step(ticks)
    return session


def first(session: Session, name: str):
    return log_of(session).find(name)


def test_an_attack_is_what_its_command_wants_to_take(tiny):
    (cause,) = first(played(tiny, {"r": RED}), "r.sent").causes
    assert (cause.name, cause.unit, cause.share, cause.events) == ("attack", "worth", 1.0, ())
    assert cause.text == "its command wants to take Tarn, and reckons that this takes a power of 150"


def test_a_command_has_its_name_and_takes_back_what_was_lost(tiny):
    commands = {"north": {"name": "Northern command", "side": "blue", "area": ["t", "c"], "formations": ["b"]}}
    more = {"commands": commands, "clock": {"decision_hours": 48}, "rules": {"perception": {"habit": 1}}}
    session = played(tiny, {"r": RED, "b": BLUE}, 12, [Order("r", "march", "t")], **more)
    log = log_of(session)
    sent = [event for event in log if event.name == "b.sent" and event.number > log.find("t.fell").number]
    (cause,) = sent[0].causes
    assert cause.text.startswith("Northern command wants to take Tarn back, and reckons that this takes a power of ")
    assert cause.events == (log.find("t.fell").number,)


def test_a_place_is_kept_against_what_is_feared_there(tiny):
    session = played(tiny, {"r": RED, "b": BLUE}, rules={"perception": {"habit": 0}})
    (cause,) = first(session, "b.sent").causes
    assert cause.name == "defence" and cause.text.startswith(
        "its command wants to keep Tarn, and reckons that this takes a power of"
    )


@pytest.mark.parametrize(
    ("doctrine", "name", "text"),
    [
        ({"withdraw_ratio": 1}, "odds", "its command holds Tarn for lost, where a power of 200 stands against"),
        (
            {"withdraw_ratio": 100, "redeployment": 5},
            "given up",
            "its side gives up Tarn, where a power of",
        ),
    ],
)
def test_a_withdrawal_says_why(tiny, doctrine, name, text):
    garrison = BLUE | {"place": "t", "home": "c"}
    capital = BLUE | {"strength": 20, "mobile": False}
    sides = {"blue": {"name": "Blue", "serviceable": 1.0, "capital": "c", "doctrine": doctrine}}
    rules = {"perception": {"habit": 0}}
    session = played(
        tiny, {"r": RED | {"posture": "passive"}, "b": garrison, "d": capital}, 3, sides=sides, rules=rules
    )
    (cause,) = first(session, "b.ordered_back").causes
    assert cause.name == name and cause.text.startswith(text)


def test_an_event_orders_back(tiny):
    evacuation = {"title": "Tarn is evacuated", "when": {"day": 0}, "effects": [{"withdraw": "formations.b"}]}
    session = played(tiny, {"r": RED, "b": BLUE | {"place": "t"}}, events={"evacuation": evacuation})
    log = log_of(session)
    (cause,) = log.find("b.ordered_back").causes
    assert (cause.name, cause.text) == ("event", "Tarn is evacuated")
    assert cause.events == (log.find("evacuation.happened").number,)


def test_an_objective_beyond_the_enemy_says_through_what_the_way_leads(tiny):
    places = PLACES | {
        "x": {"control": "blue", "name": "Xanten", "symbol": 1},
        "y": {"control": "red", "name": "Yburg"},
    }
    red = {"name": "Red", "stances": {"blue": "hostile"}, "aims": {"t": 0, "c": 0}}
    roads = [*ROADS, ("c", "x", 30), ("x", "y", 500)]
    session = Session(tiny.load(places, roads, {"r": RED}, sides={"red": red}))
    session.step(1)
    texts = [cause.text for event in log_of(session) if event.kind == "sent" for cause in event.causes]
    assert texts == [
        "its command wants to take Xanten, and reckons that this takes a power of 150;"
        " the quickest way leads through Tarn, which the enemy holds"
    ]
