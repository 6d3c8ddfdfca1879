"""What a scenario may say but hardly means is told as a warning, with its place, and does not stop a run."""

from __future__ import annotations

import pytest

from sim.engine.load import load as load_file
from sim.rules.rulebook import RULEBOOK
from sim.world.deploy import deploy
from tests.scenario.small_scenario import SMALL, Load

SOUND = SMALL.replace("km: 40", "km: 50").replace("control: red}", "control: red, rear_base: true}")
STRANGE = [
    ("{day: 3, hazard: 0.1,", "{day: 16,", "44:5: events.talks.when: can never happen: day 16 lies after the end"),
    ("{day: 3, hazard: 0.1,", "{date: 2025-01-01,", "events.talks.when: can never happen: day 35 lies after the end"),
    (
        "{day: 3, hazard: 0.1,",
        "{date: 2024-11-30, until: 2,",
        "can never happen: not before day 3, and not after",
    ),
    ("{day: 3, hazard: 0.1,", "{day: 3, hazard: 0,", "events.talks.when.hazard: can never happen: its hazard is 0"),
    ("km: 50,", "km: 40,", "23:29: roads.west-east.km: is 40 km, but the straight line is 46 km"),
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
