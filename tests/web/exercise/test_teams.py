"""A team of several: each role orders its own kind, some teams vote, and lessons begin as the scenario says."""

from __future__ import annotations

import pytest

from sim.web.exercise.room import sides_to_play
from tests.web.exercise.conftest import SIDES, Class, act, commit, draft, state

MARCH = {"who": "l_1", "task": "march", "target": "ottersby"}
RESERVE = {"who": "l_reserve", "task": "reserve"}
STRIKE = {"who": "l_wing", "task": "stand_down"}
BOLD = {"who": "lowlands", "task": "offensive"}
MAY = {"staff": [MARCH, RESERVE, STRIKE, BOLD], "air": [STRIKE], "logistics": [RESERVE]}


def opened(school):
    facilitator = school.facilitator()
    seats = {"commander": school.join("Ann", "lowlands")}
    for role in MAY:
        seats[role] = school.join(f"The {role}", "lowlands", role)
        assert state(seats[role])["you"]["role"] == role
    act(facilitator, "started")
    return facilitator, seats


def test_each_role_orders_its_own_kind_only(school):
    _, seats = opened(school)
    for role, may in MAY.items():
        for order in (MARCH, RESERVE, STRIKE, BOLD):
            said = draft(seats[role], "lowlands", order)
            if order in may:
                assert said.status_code == 200, said.text
                assert draft(seats["commander"], "lowlands").status_code == 200
            else:
                assert said.json()["error"].startswith(f"your role is {role}: ")
        assert "only the commander" in commit(seats[role], "lowlands").json()["error"]


def test_nobody_takes_back_or_smuggles_in_what_is_for_others(school):
    _, seats = opened(school)
    assert draft(seats["commander"], "lowlands", MARCH, RESERVE).status_code == 200
    air = seats["air"]
    for orders in ([], [RESERVE], [MARCH, RESERVE, {**STRIKE}, BOLD], [{**MARCH, "target": "quarry"}, RESERVE]):
        assert "for others of your team" in draft(air, "lowlands", *orders).json()["error"]
    assert draft(air, "lowlands", MARCH, RESERVE, STRIKE).status_code == 200
    assert state(air)["sides"]["lowlands"]["orderable"] == ["l_wing"]
    offered = air.get("/api/options", params={"side": "lowlands", "who": "l_1"}).json()
    assert offered["places"] == {} and offered["refused"]["march"] == "it is not for your role, air"


def test_a_role_is_given_by_the_facilitator_and_by_nobody_else(school):
    facilitator, seats = opened(school)
    air = state(seats["air"])["you"]["number"]
    move = {"what": "moved", "who": air, "side": "lowlands", "role": "commander"}
    for role in ("air", "commander"):
        assert seats[role].post("/api/facilitate", json=move).json()["error"] == "only facilitator may do that"
    assert facilitator.post("/api/facilitate", json={**move, "role": "facilitator"}).status_code == 400
    assert facilitator.post("/api/facilitate", json={**move, "who": 0}).json()["error"].startswith("only players")
    act(facilitator, **move)
    assert draft(seats["air"], "lowlands", MARCH).status_code == 200


def test_the_first_of_a_team_commands_it_whatever_he_asked_for(school):
    ann = school.join("Ann", "lowlands", "air")
    assert state(ann)["you"]["role"] == "commander"
    said = school.ask_to_join(school.browser(), "Bob", None, "air").json()
    assert said == {"error": "here one can be commander, not 'air'"}


def test_a_team_that_votes_commits_when_more_than_half_agree(school):
    facilitator, seats = opened(school)
    act(facilitator, "organised", side="lowlands", decides="vote")
    voters = [seats[role] for role in ("air", "logistics", "staff")]
    assert draft(seats["staff"], "lowlands", MARCH).status_code == 200
    for voter in voters[:2]:  # two of four are not more than half
        assert commit(voter, "lowlands").status_code == 200
    assert commit(voters[0], "lowlands").status_code == 200  # a vote counts once
    assert state(voters[0])["you"]["votes_for"] == ["lowlands"] and state(voters[0])["game"]["turn"] == 1
    # Another draft needs new votes.
    draft(seats["staff"], "lowlands", RESERVE)
    assert state(voters[0])["teams"][1]["in_favour"] == 0
    for voter in voters:
        commit(voter, "lowlands")
    assert state(voters[0])["game"]["turn"] == 2
    school.start()
    assert state(school.browser("Ann"))["game"]["turn"] == 2
    assert commit(facilitator, "lowlands", 2).status_code == 400


@pytest.fixture
def lesson(tmp_path, deployed):
    made = Class(tmp_path, deployed)
    yield made
    made.room.log.close()


def test_a_lesson_begins_and_ends_as_the_scenario_says(lesson, deployed):
    facilitator, ann = lesson.facilitator(), lesson.join("Ann", "highlands")
    assert sides_to_play(deployed) == SIDES
    assert facilitator.get("/api/map").json()["lesson"]["title"] == "First contact"
    assert "Take Merrow Cross" in state(ann)["sides"]["highlands"]["task"]
    assert "injects" not in state(ann) and "deserter" not in ann.get("/api/state").text
    injects = {inject["number"]: inject for inject in state(facilitator)["injects"]}
    assert len(injects) == 4 and injects[2]["order"] == {"who": "l_wing", "task": "stand_down"}
    act(facilitator, "started")
    act(facilitator, "fired", inject=4)  # an event of the scenario, now
    for turn in range(1, 7):
        act(facilitator, "adjudicated", turn=turn)
    found = state(facilitator)
    assert found["game"]["phase"] == "ended" and found["game"]["day"] == 6
    assert found["events"][0]["happened"] == 0.25
    assert [inject["fired"] for inject in found["injects"]][1] == 3
    review = facilitator.get("/review").text
    assert "A scandal shakes the Lowlands: happen" in review


def test_the_facilitator_decides_about_an_event_of_the_scenario(school):
    facilitator, seats = opened(school)
    order = {"who": "events.scandal", "task": "cancel"}
    assert "no formation" in draft(seats["commander"], "lowlands", order).json()["error"]
    act(facilitator, "overridden", order=order, reason="not today")
    act(facilitator, "adjudicated", turn=1)
    assert state(facilitator)["events"][0]["will_not"] and "events" not in state(seats["commander"])
