"""Why places fell, in tiny worlds: who had been sent away, who gave way and where, who was let go; and the story."""

from __future__ import annotations

import pandas as pd
import pytest

from sim.session.falls import FAILING_DAYS, Falls
from sim.session.log import Cause, Event, Log
from sim.session.moment import Moment
from sim.session.orders import Order
from sim.session.session import Session
from sim.session.stories import chain
from sim.session.story import story
from sim.session.trace import aircraft, log_of
from sim.world.deploy import Deployment

PLACES = {
    "a": {"control": "red", "rear_base": True},
    "t": {"control": "blue", "name": "Tarn"},
    "c": {"control": "blue", "name": "Arnfell", "rear_base": True},
    "f": {"control": "blue", "name": "Ford"},
}
ROADS = [("a", "t", 60), ("t", "c", 60), ("t", "f", 60)]
"""Two ticks in friendly country and in enemy country alike."""
FORMATIONS = {
    "r": {"side": "red", "place": "a", "strength": 1000, "name": "Red"},
    "b": {"side": "blue", "place": "t", "strength": 200, "name": "2nd River Regiment"},
}


def campaign(tiny, orders, formations=FORMATIONS, ticks=8, places=PLACES, roads=ROADS, **more) -> Session:
    """A campaign in which orders are given before some ticks."""
    session = Session(tiny.load(places, roads, formations, **more))
    for tick in range(ticks):
        for order in orders.get(tick, []):
            session.order(order)
        session.step()
    return session


def falls(session: Session) -> list[Event]:
    return [event for event in log_of(session).events if event.kind in ("fell", "rose")]


@pytest.mark.parametrize(
    ("order", "where_to"),
    [(Order("b", "march", "f"), "sent to Ford"), (Order("b", "withdraw"), "ordered back to Arnfell")],
)
def test_defenders_who_were_sent_away_are_the_cause(tiny, order, where_to):
    session = campaign(tiny, {0: [order, Order("r", "march", "t")]})
    (fall,) = falls(session)
    cause = fall.causes[0]
    assert (cause.name, cause.size, cause.unit, cause.share) == ("sent away", 200, "people", 1.0)
    assert cause.text == f"its last defenders were {where_to} (2nd River Regiment)"
    assert [log_of(session)[number].name for number in cause.events] == ["b.order"]
    assert f"(from Blue): {cause.text}." in story(log_of(session), session.deployment.scenario)
    # Where they were sent differs from campaign to campaign.
    assert chain(log_of(session), fall)[-1] == ("Tarn falls to Red: its last defenders had been sent away", "")


def test_those_whom_an_event_orders_back_are_told_and_linked(tiny):
    evacuation = {"title": "Tarn is evacuated", "when": {"day": 0}, "effects": [{"withdraw": "formations.b"}]}
    session = campaign(tiny, {0: [Order("r", "march", "t")]}, events={"evacuation": evacuation})
    (fall,) = falls(session)
    assert fall.causes[0].text == "its last defenders were ordered back to Arnfell (2nd River Regiment)"
    assert [log_of(session)[number].name for number in fall.causes[0].events] == ["b.ordered_back"]


def test_a_column_that_sets_out_from_a_place_was_not_its_defender(tiny):
    column = {"name": "Column", "kind": "foot", "side": "blue", "origin": "t", "place": "f", "strength": 100}
    column["date"] = "2030-01-01T00:00"
    formations = {"r": FORMATIONS["r"], "b": FORMATIONS["b"] | {"place": "c", "mobile": False}}
    orders = {0: [Order("r", "march", "t")]}
    session = campaign(tiny, orders, formations, reinforcements={"column": column})
    assert log_of(session).find("column.arrived").tick == 0
    assert falls(session)[0].causes[0].text == "nobody defended it"


def test_many_who_were_sent_away_are_told_by_where_they_went(tiny):
    names = {"b": "2nd", "d": "3rd, of Tarn", "e": "4th"}
    blue = {id: {"side": "blue", "place": "t", "strength": 200 + ord(id), "name": name} for id, name in names.items()}
    orders = [Order("b", "march", "f"), Order("d", "march", "f"), Order("e", "withdraw"), Order("r", "march", "t")]
    (fall,) = falls(campaign(tiny, {0: orders}, FORMATIONS | blue))
    assert (
        fall.causes[0].text
        == "its last defenders were ordered back to Arnfell (4th) and sent to Ford (3rd, of Tarn; 2nd)"
    )
    assert len(fall.causes[0].events) == 3


def test_who_gave_way_and_who_was_sent_away_are_both_told(tiny):
    guard = {"side": "blue", "place": "t", "strength": 300, "name": "Guard", "mobile": False}
    orders = {0: [Order("b", "march", "f"), Order("r", "attack", "t")]}
    rules = {"morale": {"baseline": 3, "attacker": -8, "ratio": 5, "part": 1000, "desertion": 0}}
    session = campaign(tiny, orders, FORMATIONS | {"d": guard}, rules=rules, ticks=20)
    (fall,) = falls(session)
    told = ["Guard broke there", "other defenders were sent to Ford (2nd River Regiment)"]
    assert [cause.text for cause in fall.causes[:2]] == told
    assert [cause.share for cause in fall.causes[:2]] == pytest.approx([0.6, 0.4])
    assert chain(log_of(session), fall)[-1][0] == "Tarn falls to Red: its defenders gave way"


@pytest.mark.parametrize(("late", "cause"), [(0, "sent away"), (1, "undefended")])
def test_who_left_long_ago_was_no_defender(tiny, late, cause):
    """Blue is on its road at the end of tick 0; Red is in the place at the end of the second tick of its march."""
    set_out = int(4 * FAILING_DAYS) - 1 + late
    orders = {0: [Order("b", "march", "f"), Order("r", "hold")], set_out: [Order("r", "march", "t")]}
    session = campaign(tiny, orders, ticks=set_out + 2)
    (fall,) = falls(session)
    assert fall.tick == set_out + 1 and fall.causes[0].name == cause
    assert [log_of(session)[number].name for number in fall.causes[0].events] == ["b.order"]


def test_who_left_before_the_place_was_lost_and_retaken_did_not_defend_it_now(tiny):
    """Tarn is left by Blue, taken and left by Red, driven through by Blue, and taken by Red again in three days."""
    roads = [("a", "t", 30), ("t", "c", 60), ("t", "f", 60)]
    formations = FORMATIONS | {"d": {"side": "blue", "place": "c", "strength": 100, "name": "Reserve"}}
    orders = {
        0: [Order("b", "march", "f"), Order("r", "hold"), Order("d", "hold")],
        1: [Order("r", "march", "t")],
        3: [Order("r", "march", "a"), Order("d", "march", "f")],
        6: [Order("r", "march", "t")],
    }
    session = campaign(tiny, orders, formations, roads=roads, ticks=9)
    told = [fall.causes[0].text for fall in falls(session)]
    assert told == [
        "its last defenders were sent to Ford (2nd River Regiment)",
        "its last defenders were sent to a (Red), and Reserve drove through",
        "nobody defended it",
    ]


@pytest.mark.parametrize(
    ("kind", "side", "text", "why", "told"),
    [
        ("broke", "blue", "breaks in Tarn and goes home", "losses", "2nd River Regiment broke there"),
        ("broke", "blue", "breaks 5 km before Tarn and goes home", "losses", "2nd River Regiment broke before it"),
        ("dispersed", "blue", "is destroyed in Tarn", "losses", "2nd River Regiment was destroyed there"),
        ("dispersed", "blue", "dissolves in Tarn", "losses", "2nd River Regiment dissolved there"),
        ("surrendered", "blue", "surrenders in Tarn: 9 people", "no way out", "nobody defended it"),
        ("broke", "red", "breaks before Tarn and goes home", "losses", "nobody defended it"),
    ],
)
def test_only_those_who_gave_way_at_a_place_were_its_defenders(tiny, kind, side, text, why, told):
    """The last two: people caught on their way to the rear, and the enemy's own, are no reason, and are not linked."""
    session = Session(tiny.load(PLACES, ROADS, FORMATIONS | {"r": FORMATIONS["r"] | {"place": "t"}}))
    names, now = session.deployment.names, Moment(session)
    what, name = ("b", "2nd River Regiment") if side == "blue" else ("r", "Red")
    cause = Cause(why, 1.0, "", 1.0, "for some reason")
    events = [Event(0, 0, 0.25, kind, what, side, "t", f"{name} {text}", 9.0, 9.0, (cause,))]
    falls = Falls(now, Moment(session), events)
    rose, found = falls.causes_of(names.places["t"], names.sides["red"], names.sides["blue"])
    assert (rose, found[0].text) == (False, told)
    assert found[0].events == (() if told == "nobody defended it" else (0,))


@pytest.mark.parametrize(
    ("home", "name", "text", "counted"),
    [("t", "b.dispersed", "2nd River Regiment dissolves in Tarn", "dissolved or was destroyed"),
     ("c", "b.let_go", "2nd River Regiment is let go in Tarn and goes home", "was let go")],
)  # fmt: skip
def test_a_garrison_that_was_let_go_did_not_break_or_lose_its_people(tiny, home, name, text, counted):
    places = {"a": PLACES["a"], "t": PLACES["t"], "c": PLACES["c"]}
    formations = {
        "r": FORMATIONS["r"] | {"posture": "passive"},
        "b": FORMATIONS["b"] | {"mobile": False, "home": home},
    }
    rules = {"yielding": {"rate": 10, "odds": 0}, "politics": {"collapse": -20, "uprising": 0}}
    session = Session(tiny.load(places, [("a", "t", 40), ("t", "c", 400)], formations, rules))
    session.step(4)
    log = log_of(session)
    assert not [event for event in log if event.kind == "broke"]
    gone = log.find(name)
    assert gone.text == text
    assert f"Blue: 1 {counted}: 2nd River Regiment (Tarn)." in story(log, session.deployment.scenario)
    assert [(cause.name, cause.events) for cause in gone.causes] == [("ground lost", (log.find("t.fell").number,))]


def test_an_assault_is_told_before_the_fall_of_the_same_day(deployed: Deployment) -> None:
    told = [
        ("assaulted", "merrow_cross", "Highlands assaults Merrow Cross"),
        ("fell", "merrow_cross", "Merrow Cross falls to Highlands"),
        ("assaulted", "merrow_cross", "Lowlands assaults Merrow Cross"),
        ("assaulted", "ottersby", "Highlands assaults Ottersby"),
        ("fell", "arnfell", "Arnfell falls to Lowlands"),
    ]
    events = [Event(n, 0, 0.25, kind, what, None, what, text) for n, (kind, what, text) in enumerate(told)]
    losses = pd.DataFrame(columns=["side", "cause", "people"])
    lines = story(Log(events, losses), deployed.scenario).splitlines()
    assert [line.strip() for line in lines if "falls" in line or "assaults" in line] == [
        "Highlands assaults Merrow Cross.",
        "Merrow Cross falls to Highlands.",
        "Arnfell falls to Lowlands.",
        "Lowlands assaults Merrow Cross.",
        "Highlands assaults Ottersby.",
    ]


@pytest.mark.parametrize(
    ("lost", "told"),
    [(8.0, "8 aircraft are"), (1.7, "2 aircraft are"), (1.2, "1 aircraft is"), (0.3, "Less than one aircraft is")],
)
def test_aircraft_are_counted_whole(lost, told):
    assert aircraft(lost) == told


def test_aircraft_that_are_lost_with_their_base_are_told(tiny):
    wing = {"name": "Wing", "side": "blue", "base": "t", "aircraft": 8, "sorties": 0, "strikes": 0}
    places = PLACES | {"t": PLACES["t"] | {"airfield": True}}
    orders = {0: [Order("b", "march", "f"), Order("r", "march", "t")]}
    session = campaign(tiny, orders, places=places, air={"wing": wing})
    log = log_of(session)
    caught = log.find("wing.caught")
    assert caught.text == "8 aircraft are lost on the ground in Tarn: Wing"
    assert caught.causes[0].events == (log.find("t.fell").number,)
