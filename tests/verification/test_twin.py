"""The engine against its independent twin: two programs of one document, with random numbers of their own.

The twin, in the folder of that name, was written from docs/model.md. Both fight the same small wars, and everything
that `sim run` can tell of them is compared by two tests: Kolmogorov and Smirnov's of the distribution, and a
permutation test of the mean (by its normal law, with as many campaigns on both sides, so that rare events do not
mislead it). Holm's procedure keeps the chance that any of them rejects, where both agree, below 1 %.
"""

from __future__ import annotations

import pathlib
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import sim
from sim.scenario.read import LoadedScenario
from tests.verification.twin.campaign import PlainCampaign

HERE = pathlib.Path(__file__).parent
WARS = {
    "crossroads": HERE.parents[1] / "scenarios" / "crossroads.yaml",
    "siege": HERE / "siege.yaml",
    "line": HERE / "line.yaml",
    "fronts": HERE / "fronts.yaml",
    "hama-2024": HERE.parents[1] / "scenarios" / "hama-2024.yaml",
}
SMALL = ("crossroads", "siege", "line", "fronts")
LEVEL = 0.01
"""Of a scenario's whole family of tests."""
FEW, MANY, LARGE = 250, 2000, 300
"""Campaigns of the twin, and as many of the engine: in the default suite, in `make verify`, and there of hama-2024."""


def outcomes_of(loaded: LoadedScenario) -> list[str]:
    """All that the engine can tell, at the end of the campaign."""
    said = loaded.scenario
    whole = ["deaths.total", "deaths.civilian", "deaths.combatant", "displaced.total", "ceasefire.day"]
    fates = [f"garrison_{fate}" for fate in ("left", "deserted", "surrendered", "died")]
    of_place = ["fall_day", "invested_when_fell", "repulses", *fates, *(f"held_by.{side}" for side in said.sides)]
    of_side = ["collapsed", "collapse_day", "strength", "will", "morale", "places", "regained"]
    of_side += ["equipment", "equipment_taken", "captured", "deserted"]
    regions = dict.fromkeys(place.region for place in said.places.values() if place.region)
    return [
        *whole,
        *(f"displaced.{region}" for region in regions),
        *(f"deaths.{side}" for side in said.sides),
        *(f"{place}.{what}" for place in said.places for what in of_place),
        *(f"{side}.{what}" for side in said.sides for what in of_side),
    ]


def by_engine(loaded: LoadedScenario, campaigns: int, seed: int = 11) -> pd.DataFrame:
    names = outcomes_of(loaded)
    return sim.run(loaded, campaigns, seed=seed, results=None, outcomes=names, progress=False).runs[names]


def by_twin(loaded: LoadedScenario, campaigns: int) -> pd.DataFrame:
    return pd.DataFrame([PlainCampaign(loaded, seed).run() for seed in range(campaigns)])[outcomes_of(loaded)]


def compare(ours: pd.DataFrame, theirs: pd.DataFrame, days: float) -> pd.Series:
    """The p-values of both tests of every outcome that is not always the same; what never came counts as the end."""
    found = {}
    for name in ours:
        # The two add up in different order: what they can differ by then is no difference.
        a, b = (sample[name].astype(float).fillna(days).round(6).to_numpy() for sample in (ours, theirs))
        both = np.concatenate([a, b])
        if both.std() > 0:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # where the exact p-value gives way to the asymptotic one
                found[f"{name}, distribution"] = stats.ks_2samp(a, b).pvalue
            error = both.std(ddof=1) * np.sqrt(1 / len(a) + 1 / len(b))
            found[f"{name}, mean"] = 2 * stats.norm.sf(abs(a.mean() - b.mean()) / error)
    return pd.Series(found).sort_values()


def rejected(p_values: pd.Series) -> dict[str, float]:
    """What Holm's step-down procedure rejects at the level of the family."""
    bounds = LEVEL / np.arange(len(p_values), 0, -1)
    passed = (p_values.to_numpy() > bounds).argmax() if (p_values.to_numpy() > bounds).any() else len(p_values)
    return dict(p_values.iloc[:passed])


def assert_agreement(war: str, campaigns: int) -> None:
    loaded = sim.load(WARS[war])
    p_values = compare(by_twin(loaded, campaigns), by_engine(loaded, campaigns), loaded.scenario.clock.days)
    print(f"\n{war}: {campaigns} campaigns, {len(p_values)} tests, first bound {LEVEL / len(p_values):.1e}")
    print(p_values.head(8).to_string(float_format="{:.1e}".format))
    assert len({name.split(", ")[0] for name in p_values.index}) >= 40
    assert not rejected(p_values)


@pytest.mark.parametrize("war", SMALL)
def test_the_twin_comes_to_the_same(war: str) -> None:
    assert_agreement(war, FEW)


@pytest.mark.verify
@pytest.mark.parametrize("war", SMALL)
def test_the_twin_comes_to_the_same_in_many_campaigns(war: str) -> None:
    assert_agreement(war, MANY)


@pytest.mark.verify
def test_the_twin_comes_to_the_same_in_a_large_campaign() -> None:
    assert_agreement("hama-2024", LARGE)


@pytest.fixture(scope="module")
def samples() -> dict[str, pd.DataFrame]:
    """The engine's campaigns under the rules as they are."""
    return {war: by_engine(sim.load(WARS[war]), MANY) for war in SMALL}


@pytest.mark.parametrize("war", SMALL)
def test_the_comparison_accepts_the_same_rules_under_another_seed(samples: dict[str, pd.DataFrame], war: str) -> None:
    loaded = sim.load(WARS[war])
    again = by_engine(loaded, MANY, seed=12)
    assert not rejected(compare(samples[war], again, loaded.scenario.clock.days))


SLIPS = [
    ("siege", "rules.combat.attack_cost", 2),
    ("line", "rules.combat.siege", 1),
    ("line", "rules.combat.killed_share", 0.28),
    ("line", "rules.combat.suppression", 0.1),
    ("siege", "rules.morale.rest_days", 1),
    ("siege", "rules.morale.neighbours", 1.8),
    ("line", "rules.morale.attacker", -0.5),
    ("line", "rules.morale.common_cause_share", 0.6),
    ("line", "rules.morale.daily_desertion", 0.008),
    ("siege", "rules.movement.advance_share", 0.35),
    ("siege", "rules.routes.detour", 1),
    ("siege", "rules.supply.fighting", 2),
    ("line", "rules.supply.delivery", 0.3),
    ("crossroads", "rules.perception.freshness", 1),
    ("line", "rules.perception.error", 0.7),
    ("siege", "doctrine.leave_exit", 0),
    ("line", "sides.south.doctrine.withdraw_ratio", 10),
    ("line", "rules.command.hearsay", 0.3),
    ("line", "rules.control.garrison", 0),
    ("line", "rules.control.recruits", 0),
    ("line", "rules.politics.uprising", 4),
    ("line", "rules.politics.friction", 1),
    ("siege", "rules.politics.recovery", 0.05),
    ("line", "rules.air.worst_weather", 0.8),
    ("line", "rules.civilians.flight_near", 0.01),
    ("fronts", "rules.perception.habit", 0),
    ("fronts", "rules.perception.habit_days", 0.5),
    ("fronts", "rules.perception.notice", 3),
    ("fronts", "rules.command.ease_km", 0),
    ("fronts", "rules.command.at_hand_km", 200),
    ("fronts", "commands.capital.spare", 1),
    ("fronts", "kinds.mechanised.assembly", 2),
    ("fronts", "sides.south.doctrine.redeployment", 0),
]


@pytest.mark.parametrize(("war", "path", "value"), SLIPS)
def test_the_comparison_finds_a_rule_that_is_different(
    samples: dict[str, pd.DataFrame], war: str, path: str, value: float
) -> None:
    """What it is worth: each of these in one of the two programs only is found at the numbers of the long part."""
    wrong = sim.load(WARS[war], set={path: value})
    p_values = compare(samples[war], by_engine(wrong, MANY, seed=12), wrong.scenario.clock.days)
    print(f"{p_values.index[0]}: {p_values.iloc[0]:.0e}")
    assert rejected(p_values)
