"""The plain-Mesa comparison model: a whole campaign, in which people are conserved and the seed decides everything."""

from __future__ import annotations

import pathlib

import pytest

from benchmarks.plain_mesa import PlainCampaign
from sim.rules.rulebook import RULEBOOK
from sim.scenario.read import LoadedScenario, read

SCENARIOS = pathlib.Path(__file__).parents[2] / "scenarios"


@pytest.fixture(scope="module")
def crossroads() -> LoadedScenario:
    return read(SCENARIOS / "crossroads.yaml", RULEBOOK)


def assert_people_conserved(campaign: PlainCampaign) -> None:
    for unit in campaign.formations.values():
        assert min(unit.strength, unit.killed, unit.wounded, unit.missing, unit.deserted, unit.captured) >= 0
        assert unit.strength + unit.wounded + unit.losses == unit.mustered + unit.joined, unit.id


def test_crossroads_is_fought_to_its_end(crossroads: LoadedScenario) -> None:
    campaign = PlainCampaign(crossroads, seed=1)
    outcomes = campaign.run()
    record = campaign.datacollector.get_model_vars_dataframe()
    assert len(record) == campaign.tick == 32
    assert any(day is not None for day in outcomes["fall_day"].values())
    assert 0 < outcomes["deaths"]["civilian"] < outcomes["deaths"]["total"]
    assert 0 < outcomes["displaced"] < sum(place.population for place in campaign.places.values())
    assert record["highlands.strength"].iloc[-1] == outcomes["strength"]["highlands"]
    assert all(0 <= will <= 1 for will in outcomes["will"].values())
    assert_people_conserved(campaign)


def test_the_seed_decides(crossroads: LoadedScenario) -> None:
    runs = [PlainCampaign(crossroads, seed).run() for seed in (1, 1, 2)]
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_the_large_campaign_moves_on_all_fronts() -> None:
    campaign = PlainCampaign(read(SCENARIOS / "hama-2024.yaml", RULEBOOK), seed=0)
    arrivals = [unit for unit in campaign.formations.values() if unit.mustered == 0]
    campaign.run()
    assert any(unit.joined > 0 for unit in arrivals)
    assert any(event.is_over for event in campaign.events)
    assert any(place.fell is not None for place in campaign.places.values())
    assert_people_conserved(campaign)
