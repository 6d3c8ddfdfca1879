"""Bases beyond the map: air wings fly from them, and nobody else comes there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim.engine.load import load
from sim.scenario.errors import ScenarioError

CARRIER = """\
  carrier: {name: Carrier, lat: 46.5, lon: 8.5, control: highlands, airfield: true, off_map: true, population: 5000}
"""
WING = "air: {h_wing: {name: Carrier Wing, side: highlands, base: carrier, aircraft: 20, sorties: 2}, l_wing:"


@pytest.fixture
def file(crossroads_file: Path, tmp_path: Path) -> Path:
    text = crossroads_file.read_text("utf-8").replace("roads:\n", CARRIER + "\nroads:\n").replace("air: {l_wing:", WING)
    path = tmp_path / "s.yaml"
    path.write_text(text.replace("outcomes: [", "outcomes: [carrier.fall_day, "), "utf-8")
    return path


def test_a_base_beyond_the_map_counts_in_the_air_alone(file: Path) -> None:
    assert load(file).warnings == ()
    options: dict[str, Any] = {"replicates": 60, "results": None, "progress": False, "figures": False}
    found = sim.run(file, **options)
    assert found.runs["carrier.fall_day"].isna().all()
    grounded = sim.run(file, set={"air.h_wing.aircraft": 0}, **options)
    taken = [
        np.nanmean(np.nan_to_num(r.runs["merrow_cross.fall_day"].to_numpy(float), nan=8)) for r in (found, grounded)
    ]
    assert taken[0] < taken[1]


def test_no_formation_marches_there(file: Path) -> None:
    campaign = sim.Campaign(file, seed=3)
    campaign.run_model()
    assert campaign.places["carrier"].control == "highlands"
    assert "carrier" not in {unit.place for unit in campaign.formations.values()}


@pytest.mark.parametrize(
    ("stands", "instead", "message"),
    [
        (
            "between: [quarry, tarnmouth]",
            "between: [quarry, carrier]",
            "carrier is off the map, so no road leads there",
        ),
        (
            "capital: arnfell",
            "capital: carrier",
            "sides.highlands.capital: carrier is off the map, where only air wings",
        ),
        (
            "place: tarnmouth, strength: 1200",
            "place: carrier, strength: 1200",
            "formations.l_reserve.place: carrier is",
        ),
        ("airfield: true, off_map: true", "airfield: true", "no road joins carrier to the rest"),
        ("off_map: true", "off_map: yes", "should be true or false, but is the text 'yes'; did you mean true?"),
    ],
)
def test_what_cannot_be_beyond_the_map_is_told(stands: str, instead: str, message: str, file: Path) -> None:
    text = file.read_text("utf-8")
    assert stands in text
    file.write_text(text.replace(stands, instead, 1), "utf-8")
    with pytest.raises(ScenarioError) as caught:
        load(file)
    assert message in str(caught.value)
