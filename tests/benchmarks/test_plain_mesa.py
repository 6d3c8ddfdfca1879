"""The plain-Mesa comparison model: a whole campaign, in which people are conserved and the seed decides everything."""

from __future__ import annotations

import pathlib

import numpy as np
import pytest

import sim
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


def test_it_comes_to_the_same_as_the_engine(crossroads: LoadedScenario) -> None:
    """Two programs, written apart, with random numbers of their own: they differ no more than chance does."""
    fought = 400
    places = list(crossroads.scenario.places)
    sums = [f"{what}@day8" for what in ("highlands.will", "lowlands.will", "deaths.total", "displaced.total")]
    falls = [f"{place}.fall_day" for place in places]
    engine = sim.run(crossroads, fought, seed=3, results=None, outcomes=[*sums, *falls], progress=False).runs
    plain = [PlainCampaign(crossroads, seed).run() for seed in range(fought)]
    found = {
        "highlands.will@day8": [campaign["will"]["highlands"] for campaign in plain],
        "lowlands.will@day8": [campaign["will"]["lowlands"] for campaign in plain],
        "deaths.total@day8": [campaign["deaths"]["total"] for campaign in plain],
        "displaced.total@day8": [campaign["displaced"] for campaign in plain],
    }
    for name, values in found.items():
        assert_alike(name, np.array(values), engine[name].to_numpy())
    for place in places:
        fell = np.array([campaign["fall_day"][place] is not None for campaign in plain])
        assert_alike(place, fell, engine[f"{place}.fall_day"].notna().to_numpy())


def assert_alike(name: str, ours: np.ndarray, theirs: np.ndarray) -> None:
    """The means of two samples differ by less than four standard errors."""
    error = np.hypot(ours.std(), theirs.std()) / np.sqrt(len(ours))
    assert abs(ours.mean() - theirs.mean()) < 4 * error + 1 / len(ours), name
