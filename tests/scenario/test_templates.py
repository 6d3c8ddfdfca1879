"""Templates: many alike entities say once what they have in common."""

from __future__ import annotations

import pytest

from sim.rules.rulebook import RULEBOOK as ALL_RULES
from sim.scenario.errors import ScenarioError
from sim.scenario.json_schema import json_schema
from tests.scenario.small_scenario import SMALL, Load

PROVINCES = """\
templates:
  town: {population: {value: 30000, range: [20000, 40000]}, terrain: hill, control: red,
         depot: {stock: 1, equipment: 5}, basis: SF4}
  city: {template: town, population: {value: 90000, basis: SF5}, symbol: 0.4}
  police: {kind: garrison, strength: 200, quality: 0.5, mobile: false, side: red}
"""
OWN = """\
  p_1: {template: town, name: One, lat: 35.1, lon: 36.4}
  p_2: {template: city, name: Two, lat: 35.2, lon: 36.4, depot: {stock: 2}, terrain: urban}
roads:
  - {between: [p_1, p_2]}
  - {between: [p_2, east]}
"""
POLICE = """\
  police_1: {template: police, name: Police, place: p_1}
  police_2: {template: police, name: P, place: p_2, strength: 500}
"""
FULL = (PROVINCES + SMALL).replace("roads:\n", OWN).replace("events:\n", POLICE + "events:\n")


def test_an_entity_has_what_its_template_gives_and_what_is_its_own(load: Load) -> None:
    loaded = load(FULL)
    one, two = (loaded.scenario.places[name] for name in ("p_1", "p_2"))
    assert (one.population, one.terrain, one.control, one.depot and one.depot.stock) == (30_000, "hill", "red", 1)
    assert (two.population, two.terrain, two.symbol) == (90_000, "urban", 0.4)
    assert two.depot is not None and (two.depot.stock, two.depot.equipment) == (2, 5)
    assert [loaded.scenario.formations[f"police_{n}"].strength for n in (1, 2)] == [200, 500]


def test_places_ranges_and_bases_of_values_come_along(load: Load) -> None:
    loaded = load(FULL)
    assert loaded.ranges["places.p_1.population"] == (20_000, 40_000)
    assert "places.p_2.population" not in loaded.ranges
    assert loaded.basis["places.p_1.terrain"] == "SF4" and loaded.basis["places.p_2.population"] == "SF5"
    assert loaded.basis["places.p_2.terrain"] == "assumed" and loaded.basis["places.p_1.lat"] == "assumed"
    assert loaded.where("places.p_1.terrain").line == 2 and loaded.where("places.p_1.lat").line > 20
    assert load(loaded.as_yaml()).scenario == loaded.scenario
    assert not any(path.startswith("templates") for path in loaded.basis)


def test_a_file_that_extends_changes_the_template(load: Load) -> None:
    loaded = load("extends: base.yaml\ntemplates: {police: {strength: 300}}\n", {"base.yaml": FULL})
    assert [loaded.scenario.formations[f"police_{n}"].strength for n in (1, 2)] == [300, 500]


def test_a_table_may_name_templates(load: Load) -> None:
    table = "id,name,template,place,strength\npolice_1,Police,police,p_1,\npolice_2,P,police,p_2,500\n"
    text = FULL.replace(POLICE, "").replace("title: Two", "include: [formations.csv]\ntitle: Two")
    assert load(text, {"formations.csv": table}).scenario == load(FULL).scenario
    with pytest.raises(ScenarioError, match=r"formations\.csv:2:3: .*there is no template 'polise'; did you mean poli"):
        load(text, {"formations.csv": table.replace("Police,police", "Police,polise")})


@pytest.mark.parametrize(
    ("stands", "instead", "message"),
    [
        ("{template: town, name: One", "{template: twon, name: One", "there is no template 'twon'; did you mean town?"),
        ("{template: town, name: One", "{template: [town], name: One", "should be the name of a template"),
        ("town: {population", "town: {template: city, population", "the templates lead back to each other: town, city"),
        ("terrain: hill", "terrain: hlil", "places.p_1.terrain: there is no terrain 'hlil'; did you mean hill?"),
        ("terrain: hill", "terain: hill", "places.p_1.terain: unknown key; did you mean terrain?"),
        (PROVINCES, "templates: 3\n", "templates: should be a mapping, but is 3"),
        ("    kind: light", "    template: x\n    kind: light", "there is no template 'x'"),
    ],
)
def test_what_is_wrong_with_a_template_is_told(stands: str, instead: str, message: str, load: Load) -> None:
    assert stands in FULL
    with pytest.raises(ScenarioError) as caught:
        load(FULL.replace(stands, instead, 1))
    assert message in str(caught.value)


def test_the_schema_knows_templates() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    from sim.scenario.yaml_reader import parse

    validator = jsonschema.Draft202012Validator(json_schema(ALL_RULES))

    def told(text: str) -> bool:
        return any(validator.iter_errors(parse(text, "s.yaml", []).data))

    text = FULL.replace("  guard:\n", "  guard_0:\n")
    assert not told(text)
    assert told(text.replace("{template: town, name: One, lat: 35.1, lon: 36.4}", "{name: One, lat: 35.1, lon: 36.4}"))
    assert told(text.replace("terrain: hill", "terain: hill"))
