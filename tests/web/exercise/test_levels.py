"""Levels of fog and difficulty: what each tells a team, and that it tells no more."""

from __future__ import annotations

import pytest

from sim.session.session import deployed as deploy
from sim.web.exercise.odds import Odds
from sim.web.exercise.parts import Level, Refused
from sim.web.exercise.room import new_game, open_game, played
from tests.web.exercise.conftest import SIDES, act, commit, draft, state
from tests.web.exercise.test_server import HOLD, all_that_is_sent, opened, plain

SECRET = 0.123


def strength_of(school, unit: str) -> float:
    session = school.room.game.session
    return float(session.world.units["strength"][session.deployment.names.units[unit]])


def change_what_is_hidden(school) -> None:
    """What the lowlands feel and believe is not what stands where, and how strong."""
    session = school.room.game.session
    names, world = session.deployment.names, session.world
    world.units["morale"][names.units["l_reserve"]] = SECRET
    world.sides["will"][names.sides["lowlands"]] = SECRET
    world.side_view["report"][names.sides["lowlands"]] = 1000 * SECRET
    school.room.game.turn.forget()


def test_without_fog_a_team_sees_all_forces_and_nothing_more(school):
    facilitator, ann, ben = opened(school)
    act(facilitator, "adjudicated", turn=1)
    assert "others" not in state(ann)
    act(facilitator, "adjusted", fog="none", odds=False)
    seen = {unit["name"]: unit for unit in state(ann)["others"]["lowlands"]}
    assert seen["Armoured Reserve"]["strength"] == strength_of(school, "l_reserve")
    assert set(seen["Armoured Reserve"]) == {"name", "kind", "status", "place", "strength"}
    before = all_that_is_sent(ann, "highlands")
    change_what_is_hidden(school)
    draft(ben, "lowlands", HOLD, turn=2)
    facilitator.post("/api/facilitate", json={"what": "prepared", "turn": 3, "falls": None, "to": "lowlands",
                                              "text": "A secret bridge.", "order": None})  # fmt: skip
    after = all_that_is_sent(ann, "highlands")
    assert plain(before) == plain(after)
    assert str(SECRET) not in after and str(1000 * SECRET) not in after
    # The odds come from the true state, whatever others draft. With fog again, all is as hidden as before.
    act(facilitator, "adjusted", fog="none", odds=True)
    ask = {"side": "highlands", "orders": []}
    odds = ann.post("/api/odds", json=ask).json()
    draft(ben, "lowlands", turn=2)
    school.room.game.turn.forget()
    assert ann.post("/api/odds", json=ask).json() == odds
    game = school.room.game
    assert odds == Odds(game.turn.view("highlands"), game.session).of(())
    act(facilitator, "adjusted", fog="full", odds=True)
    assert "others" not in state(ann) and ann.post("/api/odds", json=ask).json() != odds
    assert facilitator.get("/review").text.count("Played without") == 0  # no turn was ended without fog


def test_where_odds_are_off_nobody_is_told_them(school):
    facilitator, ann, ben = opened(school)
    act(facilitator, "adjusted", fog="full", odds=False)
    for client, side in ((ann, "highlands"), (ben, "lowlands")):
        said = client.post("/api/odds", json={"side": side, "orders": []})
        assert said.status_code == 400 and "nobody is told the odds" in said.json()["error"]
        commit(client, side)
    school.start()
    assert state(school.browser("Ann"))["game"]["odds"] is False
    assert "Played without odds: turn 1." in school.facilitator().get("/review").text


@pytest.mark.parametrize(
    ("fog", "odds", "message"),
    [
        ("thick", True, "fog is full or none, not 'thick'"),
        ("none", 1, "'odds' is missing, or is not of the right kind"),
    ],
)
def test_only_the_facilitator_chooses_and_only_what_there_is(school, fog, odds, message):
    facilitator, ann, _ = opened(school)
    said = {"what": "adjusted", "fog": fog, "odds": odds}
    assert facilitator.post("/api/facilitate", json=said).json() == {"error": message}
    assert ann.post("/api/facilitate", json=said).json()["error"] == "only facilitator may do that"


def test_a_level_belongs_to_the_lesson_and_to_the_file_of_the_game(tmp_path, deployed):
    lesson = deploy(deployed, set={"exercise.fog": "none", "exercise.odds": False}).scenario.exercise
    level = Level(lesson.fog, lesson.odds)
    assert level == Level("none", False)
    made = new_game(tmp_path, deployed, SIDES, 1, 0, 24, None, level=level)
    made.close()
    log = open_game(made.path)
    assert played(log, deployed).level == level
    log.start.pop("level")  # a game that was begun before there were levels
    assert played(log, deployed).level == Level("full", True)
    log.close()
    with pytest.raises(Refused, match="fog is full or none"):
        Level("thick")


def test_the_news_of_a_formation_are_one_line(school):
    """In five turns, in which formations march, fight and break."""
    ann = school.join("Ann", "highlands")
    chief = school.facilitator()
    act(chief, "started")
    joined = 0
    for turn in range(1, 6):
        act(chief, "adjudicated", turn=turn)
        lines = [each for each in state(ann)["sides"]["highlands"]["report"] if each["about"].startswith("h_")]
        assert len({line["about"] for line in lines}) == len(lines)
        joined += sum("; " in line["text"] for line in lines)
    assert joined
