"""What a scenario may say but hardly means is told as a warning, with its place, and does not stop a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.engine.load import load as load_file
from sim.rules.rulebook import RULEBOOK
from sim.world.deploy import deploy
from tests.scenario.small_scenario import SMALL, Load

SOUND = SMALL.replace("km: 40", "km: 50").replace("control: red}", "control: red, rear_base: true}")
SOUND = SOUND.replace("name: Red", 'name: Red\n    posture: passive\n    colour: "#D55E00"').replace(
    "km: 10\n", "km: 10\n    mobile: false\n"
)
STRANGE = [
    ("{day: 3, hazard: 0.1,", "{day: 16,", "47:5: events.talks.when: can never happen: day 16 lies after the end"),
    ("{day: 3, hazard: 0.1,", "{date: 2025-01-01,", "events.talks.when: can never happen: day 35 lies after the end"),
    (
        "{day: 3, hazard: 0.1,",
        "{date: 2024-11-30, until: 2,",
        "can never happen: not before day 3, and not after",
    ),
    ("{day: 3, hazard: 0.1,", "{day: 3, hazard: 0,", "events.talks.when.hazard: can never happen: its hazard is 0"),
    ("km: 50,", "km: 40,", "25:29: roads.west-east.km: is 40 km, but the straight line is 46 km"),
    ("rear_base: true}", "rear_base: false}", "8:3: sides.red: holds no place with `rear_base: true`"),
]


@pytest.mark.parametrize(("stands", "instead", "message"), STRANGE)
def test_what_is_possible_but_strange_is_told(stands: str, instead: str, message: str, load: Load) -> None:
    assert load(SOUND).warnings == ()
    (warning,) = load(SOUND.replace(stands, instead, 1)).warnings
    assert message in str(warning)


def test_exchanged_coordinates_are_told(load: Load) -> None:
    def told(lat: float, lon: float) -> list[str]:
        more = f"  far: {{name: Far, lat: {lat}, lon: {lon}, control: red}}\n"
        more += "  south: {name: South, lat: 50.2, lon: 8.4, control: red}\nroads:\n"
        more += "  - {between: [west, south], km: 9000}\n  - {between: [south, far], km: 20000}\n"
        text = SOUND.replace("roads:\n", more).replace("lat: 35, lon: 36.5", "lat: 50, lon: 8.5")
        loaded = load(text.replace("lat: 35.0\n    lon: 36\n", "lat: 50\n    lon: 8\n"))
        return [warning.path for warning in loaded.warnings if "lat and lon" in warning.message]

    assert told(8.4, 50.1) == ["places.far.lat"]
    assert told(50.1, 8.4) == []
    assert told(-30, 100) == []  # far away either way


def test_an_event_behind_one_that_comes_too_late_cannot_happen(load: Load) -> None:
    late = "  b: {title: B, when: {after: talks, delay: 14}, effects: [{ceasefire: 1}]}\nuncertainty:"
    (warning,) = load(SOUND.replace("uncertainty:", late)).warnings
    assert warning.path == "events.b.when"
    assert "day 17 (after 'talks') lies after the end of the campaign, day 16" in warning.message


@pytest.mark.parametrize(
    ("condition", "never"),
    [
        ("sides.lowlands.will, below: 0", True),
        ("sides.lowlands.will, above: 1", True),
        ("sides.lowlands.will, is: 2", True),
        ("sides.lowlands.will, below: 0.01", False),
        ("formations.h_1.strength, above: 1e9", False),
        ("places.arnfell.control, is: highlands", False),
        ("places.arnfell.fell, above: 3", False),
    ],
)
def test_a_condition_that_no_value_can_meet_is_told(condition, never, crossroads_file, tmp_path) -> None:
    text = crossroads_file.read_text("utf-8").replace(
        "{day: 2, hazard: 0.3}", f"{{day: 2, if: [{{path: {condition}}}]}}"
    )
    (tmp_path / "s.yaml").write_text(text, "utf-8")
    warnings = [w for w in deploy(load_file(tmp_path / "s.yaml"), RULEBOOK).warnings if w.path.startswith("events")]
    assert ["can never be true" in warning.message for warning in warnings] == [True] * never


HILL = "h_1: {name: 1st Hill Brigade, side: highlands, kind: light, place: arnfell, strength: 1600, equipment: 10"
POSTS = "place: merrow_cross, toward: arnfell, km: 8, strength: 700"
SCANDAL = "{day: 2, hazard: 0.3}"
FIRST_ROAD = "{between: [arnfell, stonegate], km: 38, class: primary}"
UNCERTAIN = '"formations[side=highlands].strength": {triangular: [0.8, 1.0, 1.2], applies: factor}'
CONVOY = (
    "\nreinforcements: {c: {name: C, side: lowlands, kind: light, date: 2031-05-06, origin: tarnmouth, "
    "place: merrow_cross, draws_from: [l_2], strength: 500}}\nsponsors: {s: {name: S, backs: {lowlands: 0.5}}}\n"
)
POSSIBLE = [
    # what stands in the tutorial scenario, what stands there instead, the path, what is told
    ("start: 2031", "start: 0031", "start", "is in the year 31"),
    ("days: 8, decision_hours: 12", "days: 2, decision_hours: 72", "clock.decision_hours", "longer than the campaign"),
    (SCANDAL, "{day: 9}", "events.scandal.when", "can never happen: day 9 lies after the end"),
    (SCANDAL, "{day: 2, until: 1.5}".replace("day: 2", "date: 2031-05-07"), "events.scandal.when", "and not after"),
    (SCANDAL, "{day: 2, hazard: 0}", "events.scandal.when.hazard", "its hazard is 0"),
    (SCANDAL, "{date: 2031-05-01}", "events.scandal.when.date", "lies before the start of the campaign"),
    (SCANDAL, "{day: 2}, probability: 0", "events.scandal.probability", "it is 0, and no variant changes it"),
    ("date: 2031-05-06", "date: 2031-06-06", "reinforcements.c.date", "lies after the end of the campaign"),
    ("date: 2031-05-06", "date: 2031-05-02T06:00", "reinforcements.c.date", "lies 2 days before the start"),
    ("strength: 500}", "strength: 500, probability: 0}", "reinforcements.c.probability", "no variant changes it"),
    ("strength: 500}", "strength: 1500}", "reinforcements.c.strength", "but those it draws from have 900"),
    ("origin: tarnmouth", "origin: arnfell", "reinforcements.c.origin", "is held by highlands, an enemy"),
    ("origin: tarnmouth", "origin: merrow_cross", "reinforcements.c.place", "is where it sets out"),
    ("backs: {lowlands: 0.5}", "backs: {lowlands: 0}", "sponsors.s.backs", "it backs nobody"),
    (FIRST_ROAD, FIRST_ROAD.replace("38", "20"), "roads.arnfell-stonegate.km", "is 20 km, but the straight line is 31"),
    (FIRST_ROAD, FIRST_ROAD.replace("38", "380"), "roads.arnfell-stonegate.km", "is 380 km, but the straight line is"),
    ("lat: 47.45, lon: 9.55", "lat: 47.60, lon: 9.20", "places.stonegate.lat", "has the coordinates of arnfell"),
    ("population: 25000", "population: 2.5", "places.stonegate.population", "it counts people, not thousands"),
    ("population: 25000", "population: 2.5e8", "places.stonegate.population", "more than any city has"),
    ("population: 25000", "population: 25000, prison: 30000", "places.stonegate.prison", "more inmates than the place"),
    ("depot: {stock: 0.8, equipment: 20}", "depot: {stock: 0}", "places.quarry.depot", "is empty"),
    ("name: Stonegate", "name: Arnfell", "places.stonegate.name", "'Arnfell' is the name of arnfell too"),
    ("name: 2nd Hill Brigade", "name: 1st Hill Brigade", "formations.h_2.name", "is the name of h_1 too"),
    ('"#D55E00"', '"#009e73"', "sides.lowlands.colour", "is the colour of highlands too"),
    ("capital: tarnmouth", "capital: stonegate", "sides.lowlands.capital", "is held by highlands, an enemy"),
    ("will: 0.7", "will: 0", "sides.highlands.will", "has given up before the campaign begins"),
    ("will: 0.7", "will: 0.7, regions: [north]", "sides.highlands.regions.0", "no place lies in a region 'north'"),
    (HILL, HILL.replace("1600", "0"), "formations.h_1.strength", "is 0, so it has nobody"),
    (HILL, HILL.replace("1600, equipment: 10", "1.6"), "formations.h_1.strength", "it counts people, not thousands"),
    (HILL, HILL.replace("1600", "160000"), "formations.h_1.strength", "moves and fights as one body"),
    (
        HILL,
        HILL.replace("equipment: 10", "equipment: 1000"),
        "formations.h_1.equipment",
        "too much to crew: 1000 pieces",
    ),
    (HILL, HILL + ", manning: 0", "formations.h_1.manning", "is 0, so nobody is present"),
    (HILL, HILL + ", quality: 0", "formations.h_1.quality", "is 0, so it has no combat power"),
    (
        HILL,
        HILL.replace("place: arnfell", "place: tarnmouth"),
        "formations.h_1.place",
        "an enemy: it fights there from",
    ),
    (HILL, HILL + ", posture: dormant", "formations.h_1.posture", "is dormant, and no event activates it"),
    (POSTS, POSTS.replace("km: 8", "km: 42"), "formations.l_posts.km", "at the other end of the road, in arnfell"),
    ("readiness: 0.4, mobile: false}", "readiness: 0.4}", "formations.l_posts.mobile", "may send it elsewhere"),
    ("base: quarry, aircraft", "base: arnfell, aircraft", "air.l_wing.base", "arnfell is held by highlands, an enemy"),
    ("base: quarry, aircraft", "base: tarnmouth, aircraft", "air.l_wing.base", "tarnmouth is no airfield"),
    ("sorties: 1.5", "sorties: 0", "air.l_wing.sorties", "is 0, so the wing does nothing"),
    ("sorties: 1.5", "sorties: 15", "air.l_wing.sorties", "is 15 a day for each aircraft"),
    ("range: [0.4, 0.8]", "range: [0.6, 0.6]", "formations.l_posts.manning", "its range has no width: 0.6 to 0.6"),
    (UNCERTAIN, UNCERTAIN.replace("[0.8, 1.0, 1.2]", "[1, 1, 1]"), "uncertainty", "has no width: 1 to 1"),
    (UNCERTAIN, UNCERTAIN.replace("[0.8, 1.0, 1.2]", "[800, 1600, 2000]"), "uncertainty", "is a factor around 1600"),
    (UNCERTAIN, UNCERTAIN.replace(", applies: factor", ""), "uncertainty", "is around 1, but the value in the file is"),
    (UNCERTAIN, '"formations.*.morale": {uniform: [2, 3]}', "uncertainty", "lies outside of what the value may be"),
    ("{air.l_wing.aircraft: 0}", "{air.l_wing.aircraft: 8}", "variants.no_wing", "changes nothing"),
    ("deaths.total@day8]", "deaths.total@day8, lowlands.collapsed]", "outcomes.6", "is listed twice"),
]


@pytest.mark.parametrize(("stands", "instead", "path", "message"), POSSIBLE)
def test_each_strange_value_is_told_once(stands, instead, path, message, crossroads_file, tmp_path) -> None:
    text = crossroads_file.read_text("utf-8") + CONVOY
    assert stands in text
    (tmp_path / "s.yaml").write_text(text.replace(stands, instead, 1), "utf-8")
    warnings = load_file(tmp_path / "s.yaml").warnings
    told = [warning for warning in warnings if warning.path.startswith(path) and message in warning.message]
    assert len(told) == 1, [str(warning) for warning in warnings]
    assert told[0].line > 0 and told[0].column > 0


def test_there_are_more_than_40_of_them_and_none_without_them(crossroads_file, tmp_path) -> None:
    assert len(POSSIBLE) > 40
    (tmp_path / "s.yaml").write_text(crossroads_file.read_text("utf-8") + CONVOY, "utf-8")
    assert load_file(tmp_path / "s.yaml").warnings == ()


def test_a_variant_that_is_run_is_not_told_to_change_nothing(crossroads_file) -> None:
    assert load_file(crossroads_file, variant="no_wing").warnings == ()
    assert load_file(crossroads_file, set={"air.l_wing.aircraft": 0}).warnings == ()


def test_an_active_side_that_cannot_attack_is_told(crossroads_file) -> None:
    (warning,) = load_file(crossroads_file, set={"formations[side=highlands].mobile": False}).warnings
    assert warning.path == "sides.highlands.posture" and "so it never attacks" in warning.message


@pytest.mark.parametrize("file", sorted((Path(__file__).parents[2] / "scenarios").glob("*.yaml")), ids=lambda f: f.stem)
def test_no_shipped_scenario_has_a_warning_that_it_does_not_explain(file: Path) -> None:
    assert deploy(load_file(file), RULEBOOK).warnings == ()


def test_a_warning_that_is_explained_is_not_told_and_strict_asks_for_the_others(crossroads_file, tmp_path) -> None:
    from typer.testing import CliRunner

    from sim.cli.main import app

    file = tmp_path / "s.yaml"
    strange = crossroads_file.read_text("utf-8").replace("sorties: 1.5", "sorties: 15")
    for more, code in (("", 1), ("accepted: {air.l_wing.sorties: drones fly often}\n", 0)):
        file.write_text(strange + more, "utf-8")
        done = CliRunner().invoke(app, ["validate", "--strict", str(file)])
        assert (done.exit_code, done.stderr.count("warning: ")) == (code, code)
        assert CliRunner().invoke(app, ["validate", str(file)]).exit_code == 0
