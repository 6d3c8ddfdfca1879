"""The `exercise:` of a scenario: read, filled in and checked like all else, and no part of what a run is called."""

from __future__ import annotations

import pytest

from sim.ensemble.store import scenario_hash
from sim.scenario.errors import ScenarioError
from sim.scenario.read import change
from tests.scenario.small_scenario import RULEBOOK, SMALL, Load

LESSON = """\
exercise:
  title: Two towns in an hour
  goals: [tell one from the other]
  turn_hours: 12
  turns: 5
  sides: {blue: {task: Take East., decides: vote}}
  injects:
    rain: {text: It rains., to: blue, turn: 2}
    fallen: {text: East has fallen., falls: east}
    halt: {text: a halt, order: {who: north_1, task: hold}}
    talk: {text: they meet, order: {who: events.talks, task: happen}}
"""


def test_a_lesson_is_read_and_filled_in(load: Load) -> None:
    lesson = load(SMALL + LESSON).scenario.exercise
    assert lesson is not None and (lesson.turn_hours, lesson.turns, lesson.turn_minutes) == (12, 5, None)
    assert lesson.sides["blue"].decides == "vote" and lesson.sides["blue"].roles == ["staff", "air", "logistics"]
    order = lesson.injects["talk"].order
    assert order is not None and order.who == "events.talks"


def test_how_a_class_plays_it_changes_no_run(load: Load) -> None:
    plain, taught = load(SMALL), load(SMALL + LESSON)
    assert scenario_hash(plain) == scenario_hash(taught)
    assert change(taught, RULEBOOK, set={"exercise": None}).scenario == plain.scenario


def test_a_what_if_takes_away_the_injects_that_name_what_it_takes_away(load: Load) -> None:
    taught = load(SMALL + LESSON)
    left = change(taught, RULEBOOK, set={"events.talks": None}).scenario.exercise
    assert left is not None and list(left.injects) == ["rain", "fallen", "halt"]
    with pytest.raises(ScenarioError, match="there is no side 'blau'"):
        change(taught, RULEBOOK, set={"exercise.injects.rain.to": "blau"})


@pytest.mark.parametrize(
    ("stands", "instead", "message"),
    [
        ("turn_hours: 12", "turn_hours: 10", "exercise.turn_hours: a turn takes whole ticks of 6 hours"),
        ("{blue: {task", "{blu: {task", "exercise.sides.blu: there is no side 'blu'; did you mean blue?"),
        ("to: blue", "to: blau", "exercise.injects.rain.to: there is no side 'blau'"),
        ("turn: 2", "turn: 6", "exercise.injects.rain.turn: the exercise has 5 turns, but waits for turn 6"),
        ("turn: 2", "turn: 2, falls: east", "exercise.injects.rain: waits for `turn` and for `falls`"),
        ("falls: east", "falls: esat", "exercise.injects.fallen.falls: there is no place 'esat'; did you mean east?"),
        ("who: north_1", "who: north", "there is no formation, air wing, side or event 'north'; did you mean north_1?"),
        ("task: hold", "task: hodl", "'hodl' is no order for 'north_1'; orders are march, attack"),
        ("task: hold", "task: march", "exercise.injects.halt.order: 'march' needs a place (`target`)"),
        ("task: hold", "task: hold, target: east", "exercise.injects.halt.order.target: 'hold' names no place"),
        ("task: happen", "task: hold", "'hold' is no order for 'events.talks'; orders are happen, postpone, cancel"),
        ("decides: vote", "decides: votes", "should be commander or vote"),
        ("goals", "gaols", "exercise.gaols: unknown key; did you mean goals?"),
    ],
)
def test_a_mistake_in_a_lesson_gives_one_clear_message(stands: str, instead: str, message: str, load: Load) -> None:
    assert stands in LESSON
    with pytest.raises(ScenarioError) as caught:
        load(SMALL + LESSON.replace(stands, instead, 1))
    assert len(caught.value.problems) == 1 and message in str(caught.value)
