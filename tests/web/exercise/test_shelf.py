"""The games of a folder: branched from a turn with the same seats, opened for the whole class, archived, deleted."""

from __future__ import annotations

import pytest

from sim.session.save import fingerprint
from sim.web.exercise.log import Log
from sim.web.exercise.parts import Refused
from sim.web.exercise.shelf import until
from tests.web.exercise.conftest import act, commit, draft, state

MARCH = {"who": "h_1", "task": "march", "target": "merrow_cross"}


def opened(school):
    facilitator = school.facilitator()
    ann, ben = school.join("Ann", "highlands"), school.join("Ben", "lowlands")
    act(facilitator, "started")
    return facilitator, ann, ben


def games(client) -> list[dict]:
    return client.get("/api/games").json()["games"]


def shelve(client, do: str, **more):
    return client.post("/api/games", json={"do": do, **more})


def test_a_branch_stands_beside_the_old_game_with_the_same_seats(school):
    facilitator, ann, ben = opened(school)
    draft(ann, "highlands", MARCH)
    act(facilitator, "adjudicated", turn=1)
    at_turn_2 = fingerprint(school.room.game.session)
    draft(ben, "lowlands", {"who": "l_2", "task": "hold"}, turn=2)
    act(facilitator, "adjudicated", turn=2)
    school.join("Cat", "lowlands", "air")
    old, played = school.room.log.path.name, fingerprint(school.room.game.session)
    code = school.room.code
    assert shelve(facilitator, "branch", turn=2, name="What if").json()["game"] == school.room.code
    (listed,) = games(facilitator)
    assert (listed["title"], listed["turn"], listed["seats"], listed["branch_of"]) == ("What if", 2, 4, [old, 2])
    assert state(ann)["game"]["turn"] == 3  # the old game goes on
    # The whole class goes over to it, and nobody has to join again.
    assert shelve(facilitator, "open", file=listed["file"]).status_code == 200
    assert fingerprint(school.room.game.session) == at_turn_2
    for seen in (facilitator, ann, ben, school.browser("Cat")):
        found = state(seen)
        assert (found["game"]["turn"], found["game"]["title"], found["switches"]) == (2, "What if", 1)
        # A page that still names the game that it left gets the new one.
        assert seen.get("/api/hello", params={"game": code}).json()["game"] == school.room.code != code
    assert state(school.browser("Cat"))["you"]["role"] == "air" and not state(ben)["sides"]["lowlands"]["draft"]
    assert draft(ann, "highlands", {"who": "h_2", "task": "hold"}, turn=2).status_code == 200
    # And back: the old one is as it was left.
    assert shelve(facilitator, "open", file=old).status_code == 200
    assert fingerprint(school.room.game.session) == played and state(ann)["game"]["turn"] == 3


def test_a_game_is_archived_restored_and_deleted_only_from_the_archive(school):
    facilitator, *_ = opened(school)
    shelve(facilitator, "branch", turn=1, name="B")
    file = games(facilitator)[0]["file"]
    assert shelve(facilitator, "delete", file=file).json()["error"] == "put it into the archive first"
    for do, archived in (("archive", True), ("restore", False), ("archive", True)):
        assert shelve(facilitator, do, file=file).status_code == 200
        assert games(facilitator)[0]["archived"] == archived
    assert shelve(facilitator, "delete", file=file).status_code == 200 and games(facilitator) == []
    for do in ("open", "archive", "delete"):
        said = shelve(facilitator, do, file=school.room.log.path.name)
        assert said.json()["error"] == "this game is open here; close it first"
        for path in ("../x.game", "/etc/passwd", ""):
            assert shelve(facilitator, do, file=path).json()["error"] == "there is no such game in the list"


def test_players_neither_see_nor_touch_games(school):
    _, ann, _ = opened(school)
    assert ann.get("/api/games").json() == {"error": "only facilitator may do that"}
    assert shelve(ann, "branch", turn=1, name="B").json() == {"error": "only facilitator may do that"}
    assert commit(ann, "highlands").status_code == 200


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"do": "branch", "turn": 2, "name": "B"}, "turn 2 has not been played: this is turn 1"),
        ({"do": "branch", "turn": 1, "name": " "}, "the name of a game has 1 to 40 letters"),
        ({"do": "branch", "turn": "1", "name": "B"}, "'turn' is missing, or is not of the right kind"),
        ({"do": "dance"}, "with games one can branch, new, open, beside, leave, archive, restore, delete, not 'dance'"),
        ({"do": "open"}, "'file' is missing"),
    ],
)
def test_what_cannot_be_done_is_said(school, said, message):
    facilitator, *_ = opened(school)
    answer = facilitator.post("/api/games", json=said)
    assert answer.status_code == 400 and message in answer.json()["error"]
    assert games(facilitator) == []


def test_games_that_cannot_be_opened_are_listed_with_the_reason(school):
    facilitator, *_ = opened(school)
    shelve(facilitator, "branch", turn=1, name="B")
    other = Log(school.path.parent / games(facilitator)[0]["file"])
    (school.path.parent / "broken.game").write_bytes(b"no game")
    problems = {each["file"]: each["problem"] for each in games(facilitator)}
    assert problems == {other.path.name: "open in another server", "broken.game": "damaged, or no game"}
    assert "open in another server" in shelve(facilitator, "open", file=other.path.name).json()["error"]
    other.close()


def test_a_branch_takes_the_turn_that_counts_after_going_back():
    """Turn 2 was reached, left by going back to 1, and reached again: the second one counts."""
    names = ["started", "adjudicated", ("rewound", 1), "joined", "adjudicated", "drafted"]
    events = [{"what": name} if isinstance(name, str) else {"what": name[0], "to": name[1]} for name in names]
    assert [event["what"] for event in until(events, 2)] == names[:2] + ["rewound", "joined", "adjudicated"]
    assert len(until(events, 1)) == 3
    with pytest.raises(Refused, match="turn 3 has not been played"):
        until(events, 3)
