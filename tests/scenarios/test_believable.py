"""Single campaigns of hama-2024 as a historian would read them: who moves where, when, and from how far.

The targets look at the ensemble only, and can be met by a story that contradicts the article. Each expectation here was
written down before the model was changed for it, and is marked as failing (strictly) as long as it fails.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.engine.load import load
from tests.scenarios.single_campaigns import Watched, watch

SCENARIO = Path(__file__).parents[2] / "scenarios" / "hama-2024.yaml"
CAMPAIGNS = 200
DAMASCUS = ("damascus", "nabk", "dumayr", "sanamayn", "quneitra")
HAMA_BELT = (
    "hama", "qomhana", "suran", "taybat_imam", "morek", "mhardeh", "suqaylabiyah", "qalaat_madiq", "salamiyah",
    "rastan",
)  # fmt: skip
"""The government's Hama front of RF04: the city, its belt, and the road to Homs as far as Rastan."""
SOUTH_OF_KHAN_SHAYKHUN = (*HAMA_BELT, "masyaf", "talbiseh", "homs", "qusayr")


@pytest.fixture(scope="module")
def watched() -> Watched:
    return watch(load(SCENARIO), CAMPAIGNS, 9)


@pytest.fixture(scope="module")
def undisturbed() -> Watched:
    """The opposition and the Syrian National Army only hold their ground."""
    quiet = {"sides.opposition.posture": "passive", "sides.sna.posture": "passive"}
    return watch(load(SCENARIO, set=quiet), 60, 10)


@pytest.mark.xfail(strict=True, reason="neighbours of four years count as news at the start")
def test_nobody_moves_if_nobody_attacks(undisturbed: Watched) -> None:
    rows = list(undisturbed.deployment.names.units[name] for name in undisturbed.deployment.scenario.formations)
    began = undisturbed.is_active()[:, 0][:, rows]
    moved = undisturbed.has_moved(10)[:, rows]
    left = ~undisturbed.is_present()[:, undisturbed.tick(10)][:, rows]
    assert (moved | left)[began].mean() <= 0.05


@pytest.mark.xfail(strict=True, reason="one commander sends the whole country's reserve at once")
def test_nobody_comes_from_beyond_150_km_on_the_first_day(watched: Watched) -> None:
    assert watched.comes_from_afar(150, 1.5, "regime").mean() <= 0.05


@pytest.mark.xfail(strict=True, reason="one commander sends the whole country's reserve at once")
def test_the_guard_of_the_capital_stays_there(watched: Watched) -> None:
    """SF43, SF50: Damascus was strongly held, and the reserve that there was came late and in parts."""
    (guard,) = watched.rows("r_rg_main")
    assert watched.stands(guard, 1, watched.places("damascus")).mean() >= 0.95
    places = watched.places(*DAMASCUS)
    there = [row for row in watched.of("regime", mobile=True) if watched.here()[0, 0, row] in places]
    share = watched.people_in(places, there, 8.5) / watched.people_in(places, there, 0)
    assert (share >= 0.5).mean() >= 0.8


@pytest.mark.xfail(strict=True, reason="those who should form the convoys have left before")
def test_the_convoys_find_the_people_that_they_are_formed_of(watched: Watched) -> None:
    """SF21, SF22: on 3 and 4 December large convoys reached Hama."""
    rows = watched.rows("e_1203_hama", "e_1204_convoy")
    formed = watched.units["strength"][:, :, rows].max(axis=1)
    asked = watched.units["roll"][:, 0, rows]
    assert (formed >= 0.8 * asked).mean() >= 0.9


@pytest.mark.xfail(strict=True, reason="the reserve of the centre has been spent farther north")
def test_the_front_of_hama_is_manned_as_estimated(watched: Watched) -> None:
    """RF04: 5,000 to 20,000 on 1 to 5 December."""
    regime = [row for name, row in watched.deployment.names.units.items() if name.startswith(("r_", "e_"))]
    assert 5000 <= np.median(watched.people_in(watched.places(*HAMA_BELT), regime, 7)) <= 20000


@pytest.mark.xfail(strict=True, reason="aims weigh what a place is worth, not whose war it is")
def test_the_syrian_national_army_fights_its_own_war(watched: Watched) -> None:
    """RC13, RC16, RC18, RP87: north and east of Aleppo. Only a part of it, sent later, is reported south (RP75)."""
    until = watched.tick(8.5) + 1
    rows = watched.of("sna")
    south = np.isin(watched.here()[:, :until], watched.places(*SOUTH_OF_KHAN_SHAYKHUN)) & watched.is_active()[:, :until]
    assert south[:, :, rows].any(axis=(1, 2)).mean() <= 0.05
