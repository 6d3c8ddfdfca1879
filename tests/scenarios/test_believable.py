"""Single campaigns of hama-2024, and of it with commands, as a historian would read them: who moves, when, how far.

The targets look at the ensemble only, and can be met by a story that contradicts the article. Each expectation here was
written down before the model was changed for it, and is marked as failing (strictly) as long as it fails.
"""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import pytest

from sim.engine.load import load
from tests.scenarios.single_campaigns import Watched, watch

SCENARIOS = Path(__file__).parents[2] / "scenarios"
CAMPAIGNS = 200
DAMASCUS = ("damascus", "nabk", "dumayr", "sanamayn", "quneitra")
HAMA_BELT = (
    "hama", "qomhana", "suran", "taybat_imam", "morek", "mhardeh", "suqaylabiyah", "qalaat_madiq", "salamiyah",
    "rastan",
)  # fmt: skip
"""The government's Hama front of RF04: the city, its belt, and the road to Homs as far as Rastan."""
SOUTH_OF_KHAN_SHAYKHUN = (*HAMA_BELT, "masyaf", "talbiseh", "homs", "qusayr")


def with_commands(mended: bool, reason: str) -> pytest.MarkDecorator:
    """The expectation of hama-2024, where it fails, and of hama-2024 with commands, where it may hold."""
    fails = pytest.mark.xfail(strict=True, reason=reason)
    later = [] if mended else [fails]
    cases = [
        pytest.param("hama-2024.yaml", marks=fails, id="one command"),
        pytest.param("hama-2024-commands.yaml", marks=later, id="commands"),
    ]
    return pytest.mark.parametrize("file", cases)


@functools.cache
def watched(file: str) -> Watched:
    return watch(load(SCENARIOS / file), CAMPAIGNS, 9)


def undisturbed(file: str) -> Watched:
    """The opposition and the Syrian National Army only hold their ground."""
    quiet: dict[str, object] = {"sides.opposition.posture": "passive", "sides.sna.posture": "passive"}
    quiet |= {"reinforcements.e_1202_suleiman.probability": 0}  # it was sent to attack
    return watch(load(SCENARIOS / file, set=quiet), 60, 10)


@with_commands(True, "neighbours of four years count as news at the start")
def test_nobody_moves_if_nobody_attacks(file: str) -> None:
    seen = undisturbed(file)
    rows = list(seen.deployment.names.units[name] for name in seen.deployment.scenario.formations)
    began = seen.is_active()[:, 0][:, rows]
    moved = seen.has_moved(10)[:, rows]
    left = ~seen.is_present()[:, seen.tick(10)][:, rows]
    assert (moved | left)[began].mean() <= 0.05


@with_commands(True, "one commander sends the whole country's reserve at once")
def test_nobody_comes_from_beyond_150_km_on_the_first_day(file: str) -> None:
    seen = watched(file)
    assert seen.comes_from_afar(150, 1.5, "regime").mean() <= 0.05


@with_commands(True, "one commander sends the whole country's reserve at once")
def test_the_guard_of_the_capital_stays_there(file: str) -> None:
    """SF43, SF50: Damascus was strongly held, and the reserve that there was came late and in parts."""
    seen = watched(file)
    (guard,) = seen.rows("r_rg_main")
    assert seen.stands(guard, 1, seen.places("damascus")).mean() >= 0.95
    places = seen.places(*DAMASCUS)
    there = [row for row in seen.of("regime", mobile=True) if seen.here()[0, 0, row] in places]
    share = seen.people_in(places, there, 8.5) / seen.people_in(places, there, 0)
    assert (share >= 0.5).mean() >= 0.8


@with_commands(False, "those who should form the convoys have left before, or been spent")
def test_the_convoys_find_the_people_that_they_are_formed_of(file: str) -> None:
    """SF21, SF22: on 3 and 4 December large convoys reached Hama."""
    seen = watched(file)
    rows = seen.rows("e_1203_hama", "e_1204_convoy")
    formed = seen.units["strength"][:, :, rows].max(axis=1)
    asked = seen.units["roll"][:, 0, rows]
    assert (formed >= 0.8 * asked).mean() >= 0.9


@with_commands(False, "the reserve of the centre has been spent farther north")
def test_the_front_of_hama_is_manned_as_estimated(file: str) -> None:
    """RF04: 5,000 to 20,000 on 1 to 5 December."""
    seen = watched(file)
    regime = [row for name, row in seen.deployment.names.units.items() if name.startswith(("r_", "e_"))]
    assert 5000 <= np.median(seen.people_in(seen.places(*HAMA_BELT), regime, 7)) <= 20000


@with_commands(True, "aims weigh what a place is worth, not whose war it is")
def test_the_syrian_national_army_fights_its_own_war(file: str) -> None:
    """RC13, RC16, RC18, RP87: north and east of Aleppo. Only a part of it, sent later, is reported south (RP75)."""
    seen = watched(file)
    until = seen.tick(8.5) + 1
    rows = seen.of("sna")
    south = np.isin(seen.here()[:, :until], seen.places(*SOUTH_OF_KHAN_SHAYKHUN)) & seen.is_active()[:, :until]
    assert south[:, :, rows].any(axis=(1, 2)).mean() <= 0.05
