"""The plain-Mesa twin by itself: a whole campaign, in which people are conserved and the seed decides everything.

That it comes to the same as the engine is held by tests/verification/test_twin.py and test_twin_ticks.py.
"""

from __future__ import annotations

import pathlib

import pytest

from sim.rules.rulebook import RULEBOOK
from sim.scenario.read import LoadedScenario, read
from tests.verification.twin.campaign import PlainCampaign
from tests.verification.twin.scenario import bounds, spelled_out, within

SCENARIOS = pathlib.Path(__file__).parents[2] / "scenarios"


@pytest.fixture(scope="module")
def crossroads() -> LoadedScenario:
    return read(SCENARIOS / "crossroads.yaml", RULEBOOK)


def assert_people_conserved(campaign: PlainCampaign) -> None:
    for unit in campaign.formations.values():
        assert (
            min(unit.strength, unit.scattered, unit.killed, unit.wounded, unit.missing, unit.deserted, unit.captured)
            >= 0
        )
        assert unit.strength + unit.scattered + unit.wounded + unit.losses == unit.initial_strength + unit.joined, (
            unit.id
        )


def test_crossroads_is_fought_to_its_end(crossroads: LoadedScenario) -> None:
    campaign = PlainCampaign(crossroads, seed=1)
    outcomes = campaign.run()
    record = campaign.datacollector.get_model_vars_dataframe()
    assert len(record) == campaign.tick == 32
    assert any(outcomes[f"{place}.fall_day"] is not None for place in campaign.places)
    assert 0 < outcomes["deaths.civilian"] < outcomes["deaths.total"]
    assert 0 < outcomes["displaced.total"] < sum(place.population for place in campaign.places.values())
    assert record["highlands.strength"].iloc[-1] == outcomes["highlands.strength"]
    assert all(0 <= outcomes[f"{side}.will"] <= 1 for side in campaign.sides)
    assert_people_conserved(campaign)


def test_the_seed_decides(crossroads: LoadedScenario) -> None:
    runs = [PlainCampaign(crossroads, seed).run() for seed in (1, 1, 2)]
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_the_large_campaign_moves_on_all_fronts() -> None:
    campaign = PlainCampaign(read(SCENARIOS / "hama-2024.yaml", RULEBOOK), seed=0)
    arrivals = [unit for unit in campaign.formations.values() if unit.initial_strength == 0]
    campaign.run()
    assert any(unit.joined > 0 for unit in arrivals)
    assert any(event.is_over for event in campaign.events.values())
    assert any(place.fell is not None for place in campaign.places.values())
    assert_people_conserved(campaign)


def test_what_is_drawn_or_changed_stays_within_what_it_can_mean() -> None:
    assert within("sides.a.will", 1.2) == 1
    assert within("formations.a.strength", -3) == 0
    assert within("rules.combat.siege", 2) == RULEBOOK["combat"].declared()["siege"].high
    assert bounds("sides.a.doctrine.mass") == (0.05, 1)


def test_selections_go_by_what_the_scenario_says(crossroads: LoadedScenario) -> None:
    document = crossroads.document
    assert spelled_out(document, "formations[side=highlands,kind=light].morale") == [
        "formations.h_1.morale",
        "formations.h_2.morale",
    ]
    assert len(spelled_out(document, "places.*.symbol")) == 6
    assert spelled_out(document, "sides.lowlands.will") == ["sides.lowlands.will"]
