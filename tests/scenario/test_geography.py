"""Roads without a length get the straight line times a stated factor, with that as their basis."""

from __future__ import annotations

import math

import pytest

from sim.scenario.errors import ScenarioError
from sim.scenario.geography import EARTH_KM, straight_km
from tests.scenario.small_scenario import SMALL, Load

NO_KM = SMALL.replace(", km: 40", "")


def test_great_circles_of_known_length() -> None:
    quarter = math.pi / 2 * EARTH_KM
    assert straight_km(0, 0, 0, 90) == pytest.approx(quarter)
    assert straight_km(90, 12, 0, 77) == pytest.approx(quarter)
    assert straight_km(10, 179.5, 10, -179.5) == pytest.approx(straight_km(10, 0, 10, 1))
    assert straight_km(52.5, 13.4, 48.86, 2.35) == pytest.approx(877, abs=2)  # Berlin to Paris


def test_a_road_without_km_is_the_straight_line_times_a_factor(load: Load) -> None:
    loaded = load(NO_KM)
    assert loaded.scenario.roads[0].km == pytest.approx(1.2 * straight_km(35, 36.5, 35, 36), abs=0.05)
    assert loaded.basis["roads.west-east.km"] == "assumed: straight line of 45.5 km x 1.2"
    assert "{value: 54.7, basis: 'assumed: straight line of 45.5 km x 1.2'}" in loaded.as_yaml()
    assert loaded.warnings == load(SMALL.replace("km: 40", "km: 54.7")).warnings


def test_it_can_be_scaled_as_if_it_stood_in_the_file(load: Load) -> None:
    assert load(NO_KM, set={"roads.west-east.km*": 2}).scenario.roads[0].km == pytest.approx(109.4)


@pytest.mark.parametrize(
    ("stands", "instead", "message"),
    [
        ("[west, east]", "[west, eats]", "there is no place 'eats'; did you mean east?"),
        ("lon: 36\n", "lon: abc\n", "should be a number"),
        ("lon: 36\n", "lon: 360\n", "must be at most 180"),
        ("    lon: 36\n", "", "places.west.lon: is missing"),
    ],
)
def test_what_keeps_a_length_from_being_known_is_told_alone(stands, instead, message, load: Load) -> None:
    with pytest.raises(ScenarioError, match=message.replace("?", "[?]")) as caught:
        load(NO_KM.replace(stands, instead))
    assert len(caught.value.problems) == 1
