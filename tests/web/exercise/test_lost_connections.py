"""A browser that is closed, a clock that is set back, a file of an earlier version: no acknowledged order is lost."""

from __future__ import annotations

import time

import pytest

from tests.web.exercise.conftest import act, commit, draft, state


def test_a_browser_that_is_closed_in_mid_turn_finds_its_draft_again(school):
    ann = school.join("Ann", "highlands")
    act(school.facilitator(), "started")
    order = {"who": "h_1", "task": "hold"}
    assert draft(ann, "highlands", order).status_code == 200
    ann.close()
    again = school.browser("Ann")
    assert [each["who"] for each in state(again)["sides"]["highlands"]["draft"]] == ["h_1"]
    assert commit(again, "highlands").status_code == 200


def test_the_time_limit_does_not_follow_the_wall_clock(school, monkeypatch):
    """Set back a year or forward, it changes nothing: what is left is measured from the beginning of the turn."""
    school.join("Ann", "highlands")
    school.facilitator()
    chief = school.browser("Facilitator")  # whose cookie does not know when it ends
    act(chief, "started")
    act(chief, "limited", seconds=600)
    now = time.monotonic()
    wall = time.time()
    for changed in (-365 * 86_400, 365 * 86_400):
        with monkeypatch.context() as patch:
            patch.setattr(time, "time", lambda changed=changed: wall + changed)
            act(chief, "messaged", to=None, text=f"{changed}")  # it is written down with that time
            assert 590 < school.room.seconds_left <= 600
            patch.setattr(time, "monotonic", lambda: now + 610)
            assert school.room.seconds_left == 0
    # A game whose events were written with such times plays again as it was.
    school.start()
    assert [message["text"] for message in state(school.browser("Facilitator"))["messages"]] == [
        "-31536000", "31536000"
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["half \ud800 a letter", "turned \u202earound\u202c"])
def test_a_game_with_half_a_letter_opens_with_a_note(school, text):
    """An earlier version kept what cannot be sent: then every page of the game answered 500."""
    school.join("Ann", "highlands")
    chief = school.facilitator()
    act(chief, "started")
    number = state(chief)["you"]["number"]
    school.room.log.append({"what": "messaged", "seat": number, "to": None, "text": text})
    school.start()
    again = [school.browser(name) for name in ("Ann", "Facilitator")]
    shown = ascii(text)[1:-1]
    assert [state(each)["messages"][-1]["text"] for each in again] == [shown, shown]
    said = state(again[1])["note"]
    assert ("half a letter" in said) if "half" in text else (said is None)
    assert "note" not in state(again[0])
    for page in ("/review", "/record", "/orders.csv"):
        assert again[1].get(page).status_code == 200, page
