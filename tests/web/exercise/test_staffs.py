"""A team is played by its staff, for a rehearsal or because it is absent, and gets its side back."""

from __future__ import annotations

import json

import pytest

from sim.session.save import fingerprint, from_json
from sim.session.session import Session
from tests.web.exercise.conftest import act, commit, draft, state

MARCH = {"who": "h_1", "task": "march", "target": "merrow_cross"}
HOLD = {"who": "l_reserve", "task": "hold"}


def opened(school):
    facilitator = school.facilitator()
    return facilitator, school.join("Ann", "highlands"), school.join("Ben", "lowlands")


def turn_of(client) -> int:
    return state(client)["game"]["turn"]


def test_a_rehearsal_alone_goes_on_as_soon_as_one_has_decided(school, deployed):
    facilitator, ann = school.facilitator(), school.join("Ann", "highlands")
    act(facilitator, "staffed", side="lowlands", commits="at once")
    act(facilitator, "started")
    draft(ann, "highlands", MARCH)
    commit(ann, "highlands")
    assert turn_of(ann) == 2
    # The staff is the doctrine: without the lowlands' people the same orders bring the same war.
    session = Session(deployed, 1, 0)
    session.order(MARCH, by="highlands")
    session.step(4)
    assert fingerprint(session) == fingerprint(school.room.game.session)
    # With all sides in the hands of their staffs, each turn waits for the facilitator.
    act(facilitator, "staffed", side="highlands", commits="at once")
    assert turn_of(ann) == 2
    act(facilitator, "adjudicated", turn=2)
    assert turn_of(ann) == 3


def test_an_absent_team_no_longer_stops_the_room(school):
    facilitator, ann, ben = opened(school)
    act(facilitator, "started")
    draft(ben, "lowlands", HOLD)
    commit(ann, "highlands")
    assert state(ann)["game"]["waiting_for"] == ["lowlands"]
    act(facilitator, "staffed", side="lowlands", commits="at the deadline")
    assert state(ann)["game"]["waiting_for"] == ["lowlands"] and turn_of(ann) == 1
    for said in (draft(ben, "lowlands", HOLD), commit(ben, "lowlands")):
        assert "the staff plays this side now" in said.json()["error"]
    # Who gets the side back in the same turn has the draft again.
    act(facilitator, "staffed", side="lowlands", commits=None)
    assert state(ben)["sides"]["lowlands"]["draft"] == [HOLD]
    act(facilitator, "staffed", side="lowlands", commits="at once")
    assert turn_of(ann) == 2 and not school.room.game.session.world.units["bound"].any()


def test_a_staff_takes_back_what_its_team_ordered_and_the_record_plays_again(school):
    facilitator, ann, ben = opened(school)
    act(facilitator, "started")
    draft(ben, "lowlands", HOLD, {"who": "lowlands", "task": "defensive"}, {"who": "l_wing", "task": "stand_down"})
    act(facilitator, "overridden", order={"who": "l_2", "task": "hold"}, reason="a roadblock")
    act(facilitator, "adjudicated", turn=1)
    act(facilitator, "staffed", side="lowlands", commits="at once")
    taken_back = [("l_reserve", "release"), ("lowlands", "balanced"), ("l_wing", "release")]
    assert [(order["who"], order["task"]) for order in state(facilitator)["sides"]["lowlands"]["draft"]] == taken_back
    assert "draft" not in json.dumps(state(ann)["teams"])
    commit(ann, "highlands", 2)
    assert turn_of(ann) == 3 and not state(facilitator)["sides"]["lowlands"]["draft"]
    session = school.room.game.session
    units, rows = session.world.units, session.deployment.names.units
    # The facilitator's own order is left alone.
    assert not units["bound"][rows["l_reserve"]] and units["bound"][rows["l_2"]]
    # Killed and started again, and gone back: the staff plays on.
    before = fingerprint(session)
    school.start()
    assert fingerprint(school.room.game.session) == before
    facilitator, ben = school.facilitator(), school.browser("Ben")
    act(facilitator, "rewound", to=2)
    assert [(order["who"], order["task"]) for order in state(ben)["sides"]["lowlands"]["draft"]] == taken_back
    act(facilitator, "adjudicated", turn=2)
    assert fingerprint(school.room.game.session) == before
    # And the team plays again.
    act(facilitator, "staffed", side="lowlands", commits=None)
    assert draft(ben, "lowlands", HOLD, turn=3).status_code == 200
    act(facilitator, "adjudicated", turn=3)
    again = from_json(json.loads(facilitator.get("/record").text))
    assert fingerprint(again) == fingerprint(school.room.game.session)
    assert "2,1,lowlands,l_reserve,release,,played by its staff" in facilitator.get("/orders.csv").text
    review = facilitator.get("/review").text
    assert review.count("was played by its staff, which no longer obeyed 3 earlier orders") == 1


@pytest.mark.parametrize(
    ("side", "commits", "message"),
    [("lowland", "at once", "'lowland' is not played here"), ("lowlands", "soon", "at once or at the deadline")],
)
def test_what_a_staff_cannot_do_is_said(school, side, commits, message):
    facilitator, ann, _ = opened(school)
    said = {"what": "staffed", "side": side, "commits": commits}
    assert message in facilitator.post("/api/facilitate", json=said).json()["error"]
    assert ann.post("/api/facilitate", json=said).json()["error"] == "only facilitator may do that"
