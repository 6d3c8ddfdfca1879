"""What a replay holds: the film against the campaign itself, the log, and where a campaign lies among all."""

from __future__ import annotations

import base64
import json
import re
import zlib

import numpy as np
import pytest

from sim.session.replayed import campaign_of
from sim.session.session import Session
from sim.session.trace import log_of
from sim.web.replay.film import Film, changes
from sim.web.replay.page import session_page
from sim.web.replay.situation import situation_page
from sim.web.shared.geography import frames_of
from sim.web.shared.ordinary import compared, standing
from sim.web.shared.single_page import bundle, single_page
from sim.web.shared.symbols import FRAMES, ICONS, icon_of, outlines
from sim.web.shared.wording import frequency, outcome_in_words


def data_of(page: str) -> dict:
    packed = re.search(r'id="data">([\w+/=]+)<', page)
    assert packed is not None
    return json.loads(zlib.decompress(base64.b64decode(packed[1])))


def unpacked(column: list[int], rows: int) -> np.ndarray:
    return np.cumsum(np.reshape(column, (-1, rows)), axis=1).T


def test_a_film_is_the_campaign(deployed):
    session, film = Session(deployed, seed=3, replicate=5), Film()
    session.step(deployed.ticks)
    log_of(session, film.note)
    said, rows = film.to_json(), deployed.ticks + 1
    again = Session(deployed, seed=3, replicate=5)
    for tick in range(rows):
        world = again.world
        assert (unpacked(said["places"]["control"], rows)[tick] == world.places["control"]).all()
        in_field = np.isin(world.units["status"], (1, 2, 3))
        strength = np.where(in_field, np.round(world.units["strength"]), 0)
        assert (unpacked(said["units"]["strength"], rows)[tick] == strength).all()
        at = unpacked(said["units"]["at"], rows)[tick]
        inside = world.units["road"] < 0
        assert (at[inside] == world.units["place"][inside]).all()
        assert (((at - len(world.places)) // 2)[~inside] == world.units["road"][~inside]).all()
        again.step()


def test_a_war_without_roads(tiny):
    loaded = tiny.load(
        {"x": {"control": "red"}},
        [],
        {
            "f": {"side": "red", "place": "x", "strength": 500},
            "g": {"side": "blue", "place": "x", "strength": 400},
        },
    )
    session = Session(loaded)
    session.step(8)
    data = data_of(session_page(session))
    assert data["map"]["roads"] == [] and set(data["campaigns"][0]["film"]["units"]["along"]) <= {-1, 0}
    assert len(data_of(situation_page(loaded))["units"]) == 2


def test_columns_are_changes_of_each_entity():
    assert changes(np.array([[5, 1], [5, 2], [3, 2]])) == [5, 0, -2, 1, 1, 0]


def test_a_replay_shows_the_campaign_asked_for_and_three_others(small):
    data = data_of(small.replay(7).page)
    assert data["campaigns"][0]["k"] == 7 and 2 <= len(data["campaigns"]) <= 4
    log = log_of(campaign_of(small, 7))
    assert [event[5] for event in data["campaigns"][0]["events"]] == [event.text for event in log]
    counts = unpacked(data["ensemble"]["control"], len(small.control_counts))
    assert (counts.reshape(small.control_counts.shape) == small.control_counts).all()


def test_ranks_by_hand(small):
    found = standing(small)
    assert found is not None and found.side is not None
    runs = small.runs
    for i, name in enumerate(found.columns):
        values = runs[name].astype(float).fillna(np.inf).to_numpy()
        less, equal = (values < values[3]).sum(), (values == values[3]).sum() - 1
        assert found.ranks[3, i] == pytest.approx((less + equal / 2) / 39)
    order = np.argsort(np.abs(found.ranks - 0.5).mean(axis=1))
    assert found.more_ordinary(int(order[0])) == 0 and found.ordinary == order[0]
    assert found.better(found.best) == 0 and found.better(found.worst) > 0.8
    assert len(compared(small, found, 3)) == len(found.columns)


def test_frames_follow_stances(crossroads):
    frames = frames_of(crossroads.scenario)
    assert set(frames.values()) == {"friend", "hostile"}


@pytest.mark.parametrize("icon", ICONS)
@pytest.mark.parametrize("frame", FRAMES)
def test_icons_stay_in_their_frames(icon, frame):
    for path in outlines(icon, frame):
        assert all(abs(float(number)) <= 32 for number in re.findall(r"-?[\d.]+", path))


def test_icons_by_name():
    assert icon_of("mechanised") == "mechanised" and icon_of("light") == "motorised" and icon_of("camels") == "infantry"


def test_outcomes_in_words(crossroads):
    scenario = crossroads.scenario
    place, side = next(iter(scenario.places)), next(iter(scenario.sides))
    name, whose = scenario.places[place].name, scenario.sides[side].name
    assert outcome_in_words(scenario, f"{place}.fall_day") == f"{name} falls"
    assert outcome_in_words(scenario, f"{place}.held_by.{side}@day3") == f"{name} is held by {whose} on day 3"
    assert outcome_in_words(scenario, "deaths.total@day8") == "people killed by day 8"
    assert outcome_in_words(scenario, "by_day10") == "by day10"


def test_frequencies_never_say_none_of_what_happened():
    assert frequency(0) == "0 of 100 campaigns" and frequency(0.001) == "fewer than 1 of 100 campaigns"
    assert frequency(0.999) == "more than 99 of 100 campaigns" and frequency(0.73) == "73 of 100 campaigns"


def test_scripts_stand_after_what_they_import(tmp_path):
    a, b = tmp_path / "a.js", tmp_path / "b.js"
    a.write_text("export const one = 1;\n")
    b.write_text('import { one } from "./a.js";\nexport function two() { return 2 * one; }\n')
    assert bundle([a, b]) == "const one = 1;\n\nfunction two() { return 2 * one; }\n"
    with pytest.raises(ValueError, match=r"b\.js imports a\.js"):
        bundle([b, a])


def test_a_page_allows_only_what_is_in_it():
    page = single_page("a <title>", "<p>x</p>", "p{}", "let a;", {"text": "</script><script>alert(1)</script>"})
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None and "unsafe" not in policy[1] and policy[1].startswith("default-src 'none'")
    assert "alert" not in page and "&lt;title&gt;" in page
