"""Games side by side in one server: each has its code and its seats, and nobody sees anything of another game."""

from __future__ import annotations

import pytest

from sim.session.save import fingerprint
from sim.web.exercise.app import application
from sim.web.exercise.parts import MOST_OPEN, Refused
from sim.web.exercise.room import open_game
from sim.web.exercise.rooms import Rooms, check_count
from tests.web.exercise.conftest import act, commit, draft, state

MARCH = {"who": "h_1", "task": "march", "target": "merrow_cross"}
PATHS = ("/api/hello", "/api/map", "/api/state", "/api/options?side=highlands&who=h_1", "/api/games", "/review",
         "/record", "/orders.csv", "/qr.svg")  # fmt: skip


def shelve(client, do: str, **more):
    return client.post("/api/games", json={"do": do, **more})


@pytest.fixture
def two(school):
    """A second game beside the first. Ann plays in the first, Bea in the second, each for the highlands."""
    facilitator, ann = school.facilitator(), school.join("Ann", "highlands")
    code = shelve(facilitator, "new", name=" Group  2 ").json()["game"]
    second = school.rooms.open[1]
    assert (second.code, second.title) == (code, "Group 2") and code != school.room.code
    bea = school.browser()
    assert school.ask_to_join(bea, "Bea", "highlands", code=code).json() == {"ok": True, "game": code}
    facilitator.second = f"?game={code}"
    yield facilitator, ann, bea
    for room in school.rooms.open[1:]:
        room.log.close()


def facilitate(client, game: str, what: str, **more):
    said = client.post(f"/api/facilitate{game}", json={"what": what, **more})
    assert said.status_code == 200, said.text


def test_each_game_goes_on_by_itself_and_the_facilitator_sees_both(school, two):
    facilitator, ann, bea = two
    act(facilitator, "started")
    draft(ann, "highlands", MARCH)
    commit(ann, "highlands")
    assert state(ann)["game"]["turn"] == 2 and state(bea)["game"]["phase"] == "lobby"
    facilitate(facilitator, facilitator.second, "started")
    assert state(bea)["game"]["turn"] == 1
    told = [(each["title"], each["turn"], each["waiting_for"]) for each in state(facilitator)["open"]]
    assert told == [("Crossroads", 2, ["highlands"]), ("Group 2", 1, ["highlands"])]
    shown = facilitator.get(f"/api/state{facilitator.second}").json()
    assert (shown["code"], shown["game"]["title"]) == (school.rooms.open[1].code, "Group 2")
    # The same war with the same luck: the same order brings the second group where the first one is.
    draft(bea, "highlands", MARCH)
    commit(bea, "highlands")
    first, second = (fingerprint(room.game.session) for room in school.rooms.open)
    assert first == second


def test_a_seat_gets_nothing_of_another_game(school, two):
    """All that a seat is sent is the same, whatever happens in the game beside it; asked about that, it is refused."""
    facilitator, ann, bea = two
    act(facilitator, "started")
    sent = [ann.get(path).text for path in PATHS]
    facilitate(facilitator, facilitator.second, "started")
    facilitate(facilitator, facilitator.second, "messaged", to=None, text="For the second group.")
    draft(bea, "highlands", MARCH)
    commit(bea, "highlands")
    assert [ann.get(path).text for path in PATHS] == sent
    others = school.rooms.open[1].code
    for path in PATHS[1:]:
        said = ann.get(path, params={"game": others})
        assert said.status_code == 401 and "no seat in this game" in said.json()["error"], path
    for path, said in (
        ("/api/draft", {"side": "highlands", "turn": 1, "orders": []}),
        ("/api/commit", {"side": "highlands", "turn": 1, "ready": True}),
        ("/api/odds", {"side": "highlands", "orders": []}),
        ("/api/facilitate", {"what": "started"}),
        ("/api/games", {"do": "leave", "code": others}),
    ):
        assert ann.post(path, params={"game": others}, json=said).status_code == 401, path
    assert not any(word in "".join(sent) for word in (others, "Bea", "Group 2"))


def test_who_joins_needs_the_code_of_a_game_and_guessing_is_slowed_down(school, two):
    stranger = school.browser()
    assert stranger.get("/api/hello").json() == {"title": "An exercise", "sides": [], "seated": False}
    found = stranger.get("/api/hello", params={"game": school.rooms.open[1].code}).json()
    assert found["title"] == "Crossroads: Group 2" and len(found["sides"]) == 2 and "game" not in found
    # A page with an old code gets back to its own seat; the code of the other group leads to the other group.
    _, ann, bea = two
    for client, room in ((ann, school.rooms.open[0]), (bea, school.rooms.open[1])):
        assert client.get("/api/hello", params={"game": "OLDONE"}).json()["game"] == room.code
        assert client.get("/api/hello", params={"game": room.code}).json()["seated"]
    assert ann.get("/api/hello", params={"game": school.rooms.open[1].code}).json()["seated"] is False
    guesses = [stranger.get("/api/hello", params={"game": "ABCDEF"}).status_code for _ in range(12)]
    assert guesses == [403] * 8 + [429] * 4


def test_games_are_opened_beside_closed_and_put_away(school, two):
    facilitator, ann, bea = two
    second = school.rooms.open[1]
    file = second.log.path.name
    assert facilitator.get("/api/games").json()["games"] == []  # both are open
    for do, more in (("archive", {"file": file}), ("beside", {"file": file}), ("open", {"file": file})):
        assert shelve(facilitator, do, **more).json() == {"error": "this game is open here; close it first"}
    assert shelve(facilitator, "leave", code="ABCDEF").json() == {"error": "there is no such game open"}
    assert shelve(facilitator, "leave", code=second.code).json()["game"] == school.room.code
    assert bea.get("/api/state").status_code == 401 and state(ann)["you"]["name"] == "Ann"
    assert "the only game" in shelve(facilitator, "leave", code=school.room.code).json()["error"]
    (listed,) = facilitator.get("/api/games").json()["games"]
    assert (listed["file"], listed["title"], listed["problem"]) == (file, "Group 2", None)
    assert shelve(facilitator, "beside", file=file).json() == {"ok": True, "game": second.code}
    assert state(bea)["you"]["name"] == "Bea"  # the same seat as before
    # A server that was killed is started with both files; one key is the facilitator's in both games.
    files = [room.log.path for room in school.rooms.open]
    for room in school.rooms.open:
        room.log.close()
    school.rooms = Rooms([open_game(path) for path in files])
    school.app = application(school.rooms, {"localhost"})
    chief = school.facilitator()
    assert [each["title"] for each in state(chief)["open"]] == ["Crossroads", "Group 2"]
    for room in school.rooms.open:
        assert chief.get("/api/state", params={"game": room.code}).json()["you"]["role"] == "facilitator"
    assert school.rooms.open[0].game.deployment is school.rooms.open[1].game.deployment


def test_so_many_games_and_no_more():
    check_count(MOST_OPEN)
    with pytest.raises(Refused, match="at most 12 games can be open at the same time, not 13"):
        check_count(MOST_OPEN + 1)
