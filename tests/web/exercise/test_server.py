"""An exercise over HTTP: turns are played, what is acknowledged is kept, and nobody gets what is not his."""

from __future__ import annotations

import json
import re
import sqlite3

import pytest
from starlette.testclient import TestClient

from sim.session.save import fingerprint, from_json
from sim.session.session import Session
from sim.web.exercise.app import application
from sim.web.exercise.log import Log, LogError
from sim.web.exercise.room import open_game
from sim.web.exercise.serve import THIS_MACHINE, PortTaken, addresses, listening
from tests.web.exercise.conftest import act, commit, draft, state

MARCH = {"who": "h_1", "task": "march", "target": "merrow_cross"}
HOLD = {"who": "l_1", "task": "hold"}


def opened(school):
    facilitator = school.facilitator()
    ann, ben = school.join("Ann", "highlands"), school.join("Ben", "lowlands")
    act(facilitator, "started")
    return facilitator, ann, ben


def test_a_turn_is_played_when_all_are_ready(school, deployed):
    _, ann, ben = opened(school)
    assert draft(ann, "highlands", MARCH).status_code == 200
    assert state(ann)["sides"]["highlands"]["draft"] == [MARCH]
    commit(ann, "highlands")
    assert state(ben)["game"]["waiting_for"] == ["lowlands"] and state(ben)["game"]["turn"] == 1
    commit(ben, "lowlands")
    found = state(ann)
    assert (found["game"]["turn"], found["game"]["day"]) == (2, 1.0)
    assert found["sides"]["highlands"]["standing"] == [MARCH]
    # The same orders in a session of one's own bring the same war.
    session = Session(deployed, 1, 0)
    session.order(MARCH, by="highlands")
    session.step(4)
    assert fingerprint(session) == fingerprint(school.room.game.session)


def test_a_server_that_was_killed_goes_on_where_it_was(school):
    facilitator, ann, ben = opened(school)
    draft(ann, "highlands", MARCH)
    act(facilitator, "adjudicated", turn=1)
    draft(ben, "lowlands", HOLD, turn=2)
    act(facilitator, "messaged", to="lowlands", text="Hold the crossing.")
    before, played = state(school.browser("Ben")), fingerprint(school.room.game.session)
    school.start()
    after = state(school.browser("Ben"))
    assert {**after, "version": 0} == {**before, "version": 0}
    assert fingerprint(school.room.game.session) == played
    assert commit(school.browser("Ann"), "highlands", 2).status_code == 200


def test_the_campaign_ends_and_its_record_plays_again(school):
    facilitator, ann, _ = opened(school)
    assert ann.get("/record").status_code == 400 and ann.get("/review").status_code == 400
    draft(ann, "highlands", MARCH)
    for turn in range(1, 9):
        act(facilitator, "adjudicated", turn=turn)
    assert state(ann)["game"]["phase"] == "ended"
    assert "the game is over" in draft(ann, "highlands", MARCH, turn=9).json()["error"]
    again = from_json(json.loads(ann.get("/record").text))
    assert fingerprint(again) == fingerprint(school.room.game.session)
    table = ann.get("/orders.csv").text.splitlines()
    assert table == ["turn,day,side,who,task,target,reason", "1,0,highlands,h_1,march,merrow_cross,"]


def test_the_review_tells_decisions_and_what_they_were_worth(school):
    facilitator, ann, _ = opened(school)
    draft(ann, "highlands", MARCH)
    act(facilitator, "overridden", order={"who": "l_2", "task": "hold"}, reason="<i>to see what happens</i>")
    act(facilitator, "adjudicated", turn=1)
    page = facilitator.get("/review").text
    assert "1st Hill Brigade: march Merrow Cross" in page and "of 100 futures" in page
    assert "&lt;i&gt;to see what happens&lt;/i&gt;" in page and "<script" not in page


# --- fog -------------------------------------------------------------------------------------------------------------


PATHS = ("/api/hello", "/api/map", "/api/state", "/review", "/record", "/orders.csv")


def all_that_is_sent(client: TestClient, side: str) -> str:
    """Every byte that a player can get hold of."""
    sent = [
        client.get(path).text for path in ("/api/hello", "/api/map", "/api/state", "/review", "/record", "/orders.csv")
    ]
    known = client.get("/api/state").json()["sides"][side]
    for who in [*known["orderable"], "l_1", "h_1", "nobody"]:
        sent.append(client.get("/api/options", params={"side": side, "who": who}).text)
        for task, target in (("march", "tarnmouth"), ("attack", "arnfell"), ("hold", None)):
            order = {"who": who, "task": task} | ({"target": target} if target else {})
            sent.append(draft(client, side, order, turn=school_turn(client)).text)
    draft(client, side, turn=school_turn(client))
    sent.append(client.post("/api/odds", json={"side": side, "orders": []}).text)
    return "\n".join(sent)


def plain(line: str) -> str:
    """Without the number of changes that all have made."""
    return re.sub(r'"version":\d+', "", line)


def school_turn(client: TestClient) -> int:
    return client.get("/api/state").json()["game"]["turn"]


def test_nothing_that_fog_hides_is_ever_sent(school):
    """Two campaigns that differ only in what a side cannot know: all that its seat is sent is the same."""
    facilitator, ann, ben = opened(school)
    act(facilitator, "adjudicated", turn=1)
    sent = all_that_is_sent(ann, "highlands")
    session = school.room.game.session
    row = session.deployment.names.units["l_reserve"]
    assert session.world.units["strength"][row] > 0
    session.world.units["strength"][row] *= 1.5
    session.world.units["morale"][row] = 0.123
    session.world.sides["will"][session.deployment.names.sides["lowlands"]] = 0.111
    school.room.game.turn.forget()
    draft(ben, "lowlands", HOLD, turn=2)
    after = all_that_is_sent(ann, "highlands")
    pairs = zip(sent.splitlines(), after.splitlines(), strict=True)
    hidden = [pair for pair in pairs if plain(pair[0]) != plain(pair[1])]
    assert not hidden
    assert "0.123" not in after and "0.111" not in after


def test_a_side_that_there_is_not_is_refused_for_the_facilitator_too(school):
    facilitator, ann, _ = opened(school)
    for client in (facilitator, ann):
        for path in ("/api/options", "/api/options?side=nobody&who=h_1"):
            answer = client.get(path)
            assert answer.status_code == 400 and "is played in this game" in answer.json()["error"]


@pytest.mark.parametrize("path", ["/api/options?side=lowlands&who=l_1"])
def test_another_team_is_closed(school, path):
    _, ann, _ = opened(school)
    assert ann.get(path).json() == {"error": "you do not belong to that team"}
    assert draft(ann, "lowlands", HOLD).json() == {"error": "you do not belong to that team"}
    assert ann.post("/api/odds", json={"side": "lowlands", "orders": []}).status_code == 400
    assert commit(ann, "lowlands").status_code == 400
    assert set(state(ann)["sides"]) == {"highlands"}


# --- who may do what -------------------------------------------------------------------------------------------------


def test_roles_cannot_be_raised(school):
    _, ann, _ = opened(school)
    cat = school.join("Cat", "highlands")
    assert state(cat)["you"]["role"] == "staff"
    assert draft(cat, "highlands", MARCH).status_code == 200
    assert "only the commander" in commit(cat, "highlands").json()["error"]
    for what, more in (("adjudicated", {"turn": 1}), ("rewound", {"to": 1}), ("freed", {"who": 1})):
        assert (
            ann.post("/api/facilitate", json={"what": what, **more}).json()["error"] == "only facilitator may do that"
        )
    said = school.ask_to_join(school.browser(), "Eve", None, "facilitator")
    assert said.json() == {"error": "join as commander, staff, air, logistics or projector"}
    assert "code" not in state(ann)


def test_without_the_code_nobody_joins_and_guessing_is_slowed_down(school):
    guesses = [school.ask_to_join(school.browser(), f"Eve {i}", None, code="ABCDEF") for i in range(12)]
    assert [guess.status_code for guess in guesses] == [403] * 10 + [429] * 2
    assert not school.room.game.seats


def test_a_browser_without_a_seat_sees_nothing_but_the_sides(school):
    opened(school)
    stranger = school.browser()
    for path in (
        "/api/state",
        "/api/map",
        "/api/games",
        "/api/options?side=highlands&who=h_1",
        "/review",
        "/record",
        "/orders.csv",
    ):
        assert stranger.get(path).status_code == 401, path
    stranger.cookies.set("orontes_seat", "guessed")
    assert stranger.get("/api/state").status_code == 401
    assert stranger.get("/enter", params={"key": "guessed"}).status_code == 403
    assert set(stranger.get("/api/hello").json()) == {"title", "sides", "seated"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "evil.example"}, 421),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "http://localhost:9999"}, 403),
        ({"origin": "null"}, 403),
    ],
)
def test_forged_hosts_and_origins_are_refused(school, headers, status):
    _, ann, _ = opened(school)
    said = ann.post("/api/commit", json={"side": "highlands", "turn": 1, "ready": True}, headers=headers)
    assert said.status_code == status
    assert not school.room.game.turn.ready


def test_every_answer_has_the_headers(school):
    ann = opened(school)[1]
    for path in ("/", "/pages/main.js", "/api/state", "/nowhere", "/pages/../game.py"):
        headers = ann.get(path).headers
        assert (
            "default-src 'none'" in headers["content-security-policy"]
            and headers["x-content-type-options"] == "nosniff"
        )
    assert ann.get("/pages/..%2Fgame.py").status_code == 404


def test_the_projector_shows_where_to_join_if_others_may(school):
    opened(school)
    wall = school.join("Wall", None, "projector")
    assert "--host opens it" in wall.get("/qr.svg").json()["error"] and state(wall)["address"] is None
    school.app = application(school.rooms, {"localhost"}, "192.0.2.7:8765")
    for name in ("Wall", "Facilitator"):
        seen = school.browser(name)
        assert (state(seen)["address"], state(seen)["code"]) == ("192.0.2.7:8765", school.room.code)
        drawn = seen.get("/qr.svg")
        assert drawn.headers["content-type"] == "image/svg+xml" and "<path" in drawn.text
    ann = school.browser("Ann")
    assert ann.get("/qr.svg").status_code == 400 and "address" not in state(ann)


def test_a_seat_is_held_by_a_cookie_that_scripts_and_other_sites_cannot_use(school):
    said = school.ask_to_join(school.browser(), "Ann", "highlands")
    given = said.headers["set-cookie"].lower()
    assert "httponly" in given and "samesite=strict" in given
    key = said.cookies["orontes_seat"]
    assert key not in school.path.read_bytes().decode("latin-1")  # whoever reads the file cannot take the seat


def test_a_spreadsheet_runs_nothing_of_what_the_facilitator_wrote(school):
    facilitator, *_ = opened(school)
    act(facilitator, "overridden", order={"who": "l_2", "task": "hold"}, reason="=1+1")
    act(facilitator, "adjudicated", turn=1)
    assert facilitator.get("/orders.csv").text.splitlines()[1] == "1,0,facilitator,l_2,hold,,'=1+1"


def test_nothing_listens_beyond_this_machine_unless_asked(school):
    assert addresses(to_room=False) == ("localhost", {"127.0.0.1", "localhost", "::1"})
    with listening(THIS_MACHINE, 0) as first:
        host, port = first.getsockname()
        assert host == "127.0.0.1"
        with pytest.raises(PortTaken, match=f"port {port} cannot be used: .*choose another"), listening(host, port):
            pass


# --- bad input -------------------------------------------------------------------------------------------------------

BAD = {
    "no JSON": ("draft", b"{", "the request is no JSON"),
    "a list": ("draft", b"[]", "the request is no JSON object"),
    "a turn that is a text": ("draft", b'{"side":"highlands","turn":"1","orders":[]}', "'turn' is missing, or is not"),
    "an order that is none": ("draft", b'{"side":"highlands","turn":1,"orders":[7]}', "an order looks like"),
    "another turn": ("draft", b'{"side":"highlands","turn":9,"orders":[]}', "turn 9 is over; this is turn 1"),
    "an unknown side": ("draft", b'{"side":"hihglands","turn":1,"orders":[]}', "'hihglands' is not played here"),
    "somebody else's formation": (
        "draft", b'{"side":"highlands","turn":1,"orders":[{"who":"l_1","task":"hold"}]}', "highlands has no formation",
    ),
    "nowhere": (
        "draft", b'{"side":"highlands","turn":1,"orders":[{"who":"h_1","task":"march","target":"x"}]}', "no place 'x'",
    ),
    "too much": ("draft", b'{"side":"' + b"x" * 70_000 + b'"}', "that is too much at once"),
    "deep": ("draft", b"[" * 50_000, "the request is no JSON"),
    "half a letter": ("draft", b'{"side":"highlands","turn":1,"orders":["\\ud800"]}', "the request is no JSON"),
    "no number": ("draft", b'{"side":"highlands","turn":1,"orders":[1e999]}', "the request is no JSON"),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_bad_requests_get_one_sentence_and_change_nothing(school, what):
    _, ann, _ = opened(school)
    path, body, message = BAD[what]
    events = len(list(school.room.log.events()))
    said = ann.post(f"/api/{path}", content=body)
    assert said.status_code == 400 and message in said.json()["error"]
    assert len(list(school.room.log.events())) == events


def test_seats_are_freed_and_a_name_is_taken_once(school):
    facilitator, ann, _ = opened(school)
    said = school.ask_to_join(school.browser(), "ann", "lowlands")
    assert "'ann' is taken" in said.json()["error"]
    act(facilitator, "freed", who=state(ann)["you"]["number"])
    assert ann.get("/api/state").status_code == 401
    assert state(school.join("ann", "highlands"))["you"]["role"] == "commander"


def test_orders_after_the_turn_are_refused_and_the_game_goes_on(school):
    facilitator, ann, _ = opened(school)
    act(facilitator, "paused", on=True)
    assert "paused" in draft(ann, "highlands", MARCH).json()["error"]
    act(facilitator, "paused", on=False)
    commit(ann, "highlands")
    assert "take them back first" in draft(ann, "highlands", MARCH).json()["error"]
    act(facilitator, "adjudicated", turn=1)
    assert "turn 1 is over" in draft(ann, "highlands", MARCH).json()["error"]
    act(facilitator, "rewound", to=1)
    assert (state(ann)["game"]["turn"], state(ann)["sides"]["highlands"]["draft"]) == (1, [])


# --- the file of a game ----------------------------------------------------------------------------------------------


def test_two_servers_never_share_a_game(school):
    with pytest.raises(LogError, match="open in another server"):
        Log(school.path)


@pytest.mark.parametrize("content", [b"", b"no game", b"SQLite format 3\0" + bytes(84)])
def test_what_is_no_game_is_said(tmp_path, content):
    path = tmp_path / "x.game"
    path.write_bytes(content)
    with pytest.raises(LogError, match=r"x\.game"):
        open_game(path)


def test_a_full_disk_changes_nothing_and_is_said(school, monkeypatch):
    _, ann, _ = opened(school)

    class Full:
        def execute(self, *of):
            raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(school.room.log, "_file", Full())
        said = draft(ann, "highlands", MARCH)
        assert said.status_code == 507 and "disk is full" in said.json()["error"]
        assert not school.room.game.turn.drafts
    assert draft(ann, "highlands", MARCH).status_code == 200
