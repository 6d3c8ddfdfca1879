"""Injects: prepared by the facilitator, fired once, by hand or by a trigger, and kept through a crash."""

from __future__ import annotations

import pytest

from tests.web.exercise.conftest import act, commit, draft, state

HOLD = {"who": "l_2", "task": "hold"}
ATTACK = [{"who": who, "task": "attack", "target": "merrow_cross"} for who in ("h_1", "h_2")]


def prepare(client, **said):
    blank = {"turn": None, "falls": None, "to": None, "text": "Rain.", "order": None}
    return client.post("/api/facilitate", json={"what": "prepared", **blank, **said})


def opened(school):
    facilitator = school.facilitator()
    ann, ben = school.join("Ann", "highlands"), school.join("Ben", "lowlands")
    return facilitator, ann, ben


def texts(client) -> list[tuple[int, str]]:
    return [(message["turn"], message["text"]) for message in state(client)["messages"]]


def test_a_message_waits_for_its_turn_and_reaches_its_team_only(school):
    facilitator, ann, ben = opened(school)
    assert prepare(facilitator, turn=1, text="To all.").status_code == 200
    assert prepare(facilitator, turn=3, to="lowlands", text="A secret bridge.").status_code == 200
    act(facilitator, "started")
    for turn in (1, 2):
        assert texts(ann) == texts(ben) == [(1, "To all.")]
        for client in (ann, ben):
            assert "bridge" not in client.get("/api/state").text and "injects" not in state(client)
        act(facilitator, "adjudicated", turn=turn)
    assert texts(ben) == [(1, "To all."), (3, "A secret bridge.")]
    assert "bridge" not in ann.get("/api/state").text
    act(facilitator, "adjudicated", turn=3)
    assert len(texts(ben)) == 2  # once only
    assert "lowlands" not in ann.get("/api/state").json()["sides"]
    page = facilitator.get("/review").text
    assert "The facilitator to Lowlands (inject: turn 3 began): A secret bridge." in page


def test_a_message_waits_until_a_place_changes_hands(school):
    facilitator, ann, _ = opened(school)
    act(facilitator, "started")
    prepare(facilitator, falls="merrow_cross", text="The cross has fallen.")
    draft(ann, "highlands", *ATTACK)
    holders = []
    for turn in range(1, 5):
        holders.append(state(school.join(f"Wall {turn}", None, "projector"))["control"]["merrow_cross"])
        assert bool(texts(ann)) == (len(set(holders)) > 1)
        act(facilitator, "adjudicated", turn=turn)
    assert len(set(holders)) > 1
    first = next(turn for turn, side in enumerate(holders, 1) if side != holders[0])
    assert texts(ann) == [(first, "The cross has fallen.")]
    assert "inject: Merrow Cross changed hands" in facilitator.get("/review").text


def test_an_order_is_given_when_its_turn_begins_and_survives_a_crash(school):
    facilitator, *_ = opened(school)
    act(facilitator, "started")
    prepare(facilitator, turn=2, order=HOLD, text="they are tired")
    prepare(facilitator, text="By hand.")
    school.start()
    facilitator = school.facilitator()
    act(facilitator, "adjudicated", turn=1)
    found = state(facilitator)
    assert found["overrides"] == [{"order": HOLD, "reason": "they are tired (inject: turn 2 began)"}]
    assert [inject["fired"] for inject in found["injects"]] == [2, None]
    act(facilitator, "fired", inject=2)
    school.start()
    assert [inject["fired"] for inject in state(school.facilitator())["injects"]] == [2, 2]
    # One goes back: both wait again, and the first is fired when its turn comes.
    facilitator = school.facilitator()
    act(facilitator, "rewound", to=1)
    assert [inject["fired"] for inject in state(facilitator)["injects"]] == [None, None]
    act(facilitator, "adjudicated", turn=1)
    assert [inject["fired"] for inject in state(facilitator)["injects"]] == [2, None]
    assert texts(school.browser("Ann")) == [(2, "By hand.")]  # what was said stays said


def test_an_order_that_is_impossible_when_its_turn_comes_is_told_and_stops_nothing(school):
    facilitator, *_ = opened(school)
    act(facilitator, "started")
    unit = school.room.game.session.world.units
    row = school.room.game.deployment.names.units["l_2"]
    assert prepare(facilitator, turn=2, order={"who": "l_2", "task": "march", "target": "ottersby"}).status_code == 200
    unit["mobile"][row] = 0
    act(facilitator, "adjudicated", turn=1)
    (inject,) = state(facilitator)["injects"]
    assert inject["fired"] == 2 and "not possible" in inject["problem"]
    assert not state(facilitator)["overrides"]
    act(facilitator, "adjudicated", turn=2)
    assert "which was not possible" in facilitator.get("/review").text


def test_orders_of_the_facilitator_never_stop_the_game(school):
    """The staff plans so many targets at once: what a team orders afterwards may take the last of them."""
    facilitator, ann, ben = opened(school)
    act(facilitator, "started")
    act(facilitator, "overridden", order={"who": "h_2", "task": "march", "target": "tarnmouth"}, reason="as a test")
    session = school.room.game.session
    session.world.units["mobile"][session.deployment.names.units["h_2"]] = 0
    commit(ann, "highlands")
    commit(ben, "lowlands")
    assert state(ann)["game"]["turn"] == 2
    assert "own orders made it impossible" in facilitator.get("/review").text


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"turn": 1}, "an inject can wait for turns 2 to 8, not for turn 1"),
        ({"turn": 9}, "not for turn 9"),
        ({"turn": 2, "falls": "arnfell"}, "for a turn or for a place, not for both"),
        ({"falls": "arnfel"}, "there is no place 'arnfel'; did you mean arnfell"),
        ({"to": "lowland"}, "'lowland' is not played here"),
        ({"text": " "}, "an inject has a message"),
        ({"text": "x" * 501}, "1 to 500 letters"),
        ({"order": {"who": "h_9", "task": "hold"}}, "no formation, air wing, staff or event 'h_9'"),
        ({"order": {"who": "h_1", "task": "dance"}}, "h_1 can be ordered to"),
        ({"order": {"who": "h_1", "task": "march", "target": "x"}}, "there is no place 'x'"),
        ({"turn": "2"}, "'turn' is missing, or is not of the right kind"),
    ],
)
def test_what_cannot_be_prepared_is_said(school, said, message):
    facilitator = school.facilitator()
    act(facilitator, "started")
    events = len(list(school.room.log.events()))
    answer = prepare(facilitator, **said)
    assert answer.status_code == 400 and message in answer.json()["error"]
    assert len(list(school.room.log.events())) == events


def test_only_the_facilitator_prepares_and_what_is_gone_is_gone(school):
    facilitator, ann, _ = opened(school)
    assert prepare(ann).status_code == 400
    prepare(facilitator)
    act(facilitator, "discarded", inject=1)
    for what in ("fired", "discarded"):
        said = facilitator.post("/api/facilitate", json={"what": what, "inject": 1})
        assert said.json() == {"error": "there is no inject 1 that waits"}
    prepare(facilitator)
    assert [inject["number"] for inject in state(facilitator)["injects"]] == [2]
