"""Events that cannot be: each mistake is named with its place in the file and what was probably meant."""

from __future__ import annotations

import json

import pytest

from sim.scenario.errors import ScenarioError

PLACES = {"hill": {"control": "red"}, "dale": {"control": "blue"}}
FORMATIONS = {
    "first": {"side": "red", "place": "hill", "strength": 100},
    "second": {"side": "blue", "place": "dale", "strength": 100},
}


def events(tiny, effects, conditions=(), key="if"):
    said = {"it": {"title": "It", "when": {"day": 1, key: list(conditions)}, "effects": effects}}
    return tiny(PLACES, [("hill", "dale", 40)], FORMATIONS, events=said)


EFFECTS = [
    ({"set": "formations.frist.morale", "to": 0.5}, "formations has no 'frist'; did you mean first?"),
    ({"set": "formations.first.moral", "to": 0.5}, "have no 'moral' that can change; did you mean morale?"),
    ({"set": "formation.first.morale", "to": 0.5}, "did you mean formations?"),
    ({"set": "formations.first", "to": 0.5}, "names no attribute"),
    ({"set": "places.hill.control", "to": "bleu"}, "'bleu' is not one of its values; did you mean blue?"),
    ({"set": "formations.first.morale", "to": "high"}, "should be a number, but is the text 'high'"),
    ({"set": "formations.first.morale", "to": 1.5}, "must be at most 1, but is set to 1.5"),
    ({"set": "formations.first.supply", "to": -1}, "must be at least 0, but is set to -1"),
    ({"set": "rules.morale.losses", "to": 99}, "must be at most 10, but is set to 99"),
    ({"add": "places.hill.control", "by": 1}, "is a code or a count: it can only be set"),
    ({"set": "formations.first.roll", "to": 50}, "counts only before the first tick; did you mean strength?"),
    ({"scale": "formations[side=green].morale", "by": 0.5}, "selects nothing"),
    ({"scale": "formations[sdie=red].morale", "by": 0.5}, "did you mean side?"),
    ({"activate": "formations.secnd"}, "formations has no 'secnd'; did you mean second?"),
    ({"withdraw": "places.hill"}, "only formations can do this, not 'places.hill'"),
    ({"set": "roads.hill-dale.ctu", "to": 1}, "have no 'ctu' that can change; did you mean cut?"),
    ({"set": "roads.dale-hill.cut", "to": 1}, "roads has no 'dale-hill'"),
    ({"add": "roads.hill-dale.cut", "by": 1}, "is a code or a count: it can only be set"),
    ({"set": "roads.hill-dale.cut", "to": 2}, "must be at most 1, but is set to 2"),
    ({"set": "sponsors.nobody.distraction", "to": 0.5}, "there is no sponsor 'nobody'"),
]


@pytest.mark.parametrize(("effect", "message"), EFFECTS, ids=[json.dumps(effect) for effect, _ in EFFECTS])
def test_a_wrong_effect_is_named(tiny, effect, message):
    with pytest.raises(ScenarioError) as caught:
        events(tiny, [{"ceasefire": 1}, effect])
    (problem,) = caught.value.problems
    assert message in str(problem)
    assert problem.path.startswith("events.it.effects.1")
    assert problem.file.endswith("tiny.yaml") and problem.line > 0 and problem.column > 0


@pytest.mark.parametrize("key", ["if", "any"])
@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ({"path": "sides.rde.will", "below": 0.3}, "sides has no 'rde'; did you mean red?"),
        ({"path": "sides.red.wil", "below": 0.3}, "did you mean will?"),
        ({"path": "places.hill.control", "is": "rd"}, "'rd' is not one of its values; did you mean red?"),
    ],
)
def test_a_wrong_condition_is_named(tiny, condition, message, key):
    with pytest.raises(ScenarioError) as caught:
        events(tiny, [{"ceasefire": 1}], [{"path": "sides.red.will", "below": 1}, condition], key)
    (problem,) = caught.value.problems
    assert message in str(problem)
    assert problem.path.startswith(f"events.it.when.{key}.1")
    assert problem.line > 0 and problem.column > 0


def test_all_mistakes_are_named_at_once(tiny):
    wrong = [{"set": f"formations.first.{name}", "to": 0.5} for name in ("moral", "suply", "qualty")]
    with pytest.raises(ScenarioError) as caught:
        events(tiny, wrong)
    assert [problem.hint for problem in caught.value.problems] == ["morale", "supply", "quality"]
