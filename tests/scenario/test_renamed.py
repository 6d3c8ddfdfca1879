"""Keys that have another name now: a file that uses the old one gets one message, which names the new one."""

from __future__ import annotations

import pytest

from sim.engine.load import load
from sim.outcomes.catalogue import FORMS
from sim.rules.rulebook import RULEBOOK
from sim.scenario import schema
from sim.scenario.errors import ScenarioError
from sim.scenario.names import RENAMED, former_path

CROSSROADS = "scenarios/crossroads.yaml"
OLD = {
    "formations.h_1.heavy": "formations.h_1.equipment",
    "places.tarnmouth.depot.heavy": "places.tarnmouth.depot.equipment",
    "places.arnfell.rally": "places.arnfell.rear_base",
    "kinds.light.heavy_weight": "kinds.light.equipment_weight",
    "kinds.light.steadiness": "kinds.light.cohesion",
    "rules.ways.detour": "routes",
    "rules.forces.ring": "investing_roads",
    "rules.control.ring_days": "invested_days",
    "rules.combat.heavy_rate": "equipment_rate",
    "rules.morale.evasion": "daily_desertion",
    "rules.morale.together": "common_cause_share",
    "rules.politics.bleeding": "strength_lost",
    "rules.politics.melting": "disbanding",
}


@pytest.mark.parametrize(("old", "new"), OLD.items())
def test_an_old_name_is_answered_by_the_new_one(old: str, new: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load(CROSSROADS, set={old: 1})
    (problem,) = caught.value.problems
    assert problem.hint == new
    assert old.split(".")[-1] in str(problem) or old.split(".")[1] in str(problem)


@pytest.mark.parametrize(
    ("new", "old"), [("strength: 1600, equipment: 10", "strength: 1600, heavy: 10"), ("rear_base: true", "rally: true")]
)
def test_so_is_an_old_key_in_a_file(tmp_path, new, old):
    with open(CROSSROADS, encoding="utf-8") as file:
        text = file.read().replace(new, old, 1)
    (tmp_path / "war.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load(tmp_path / "war.yaml")
    (problem,) = caught.value.problems
    assert (problem.message, problem.hint) == ("unknown key", new.split(":")[-2].split(", ")[-1])
    assert problem.line > 0


def test_so_is_an_old_outcome() -> None:
    import sim

    with pytest.raises(ScenarioError) as caught:
        sim.run(CROSSROADS, 1, results=None, outcomes=["ottersby.encircled"], progress=False)
    assert [problem.hint for problem in caught.value.problems] == ["ottersby.invested_when_fell"]


def test_new_names_exist_and_old_ones_do_not() -> None:
    known = set(RULEBOOK) | {name for rule in RULEBOOK.values() for name in rule.declared()}
    known |= {part for form in FORMS for part in form.pattern.split(".")}
    for section in (schema.Formation, schema.Reinforcement, schema.Place, schema.Depot, schema.Kind):
        known |= section.model_fields.keys()
    assert set(RENAMED.values()) <= known
    assert not RENAMED.keys() & known
    assert len(set(RENAMED.values())) == len(RENAMED)


def test_a_value_that_is_renamed_keeps_its_draws() -> None:
    """The stream of an uncertain value goes by its path as it was first called."""
    assert former_path("formations.h_1.equipment") == "formations.h_1.heavy"
    assert former_path("kinds.light.equipment_weight") == "kinds.light.heavy_weight"
    assert former_path("rules.routes.detour") == "rules.ways.detour"
    assert former_path("formations.equipment.morale") == "formations.equipment.morale"
    assert former_path("rules.morale.daily_desertion") == "rules.morale.evasion"
