"""Saved campaigns: played again to the same bits; damaged files and other engines are refused with the reason."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from sim.engine.load import load as read_scenario
from sim.session import save
from sim.session.orders import Order
from sim.session.session import Session
from sim.world.deploy import Deployment

HAMA = Path(__file__).parents[2] / "scenarios/hama-2024.yaml"


def played(deployment: Deployment) -> Session:
    """Two days of a campaign with orders of both sides."""
    session = Session(deployment, seed=5, replicate=2)
    session.give([Order("h_1", "attack", "merrow_cross"), Order("highlands", "offensive")], by="highlands")
    session.step(3)
    session.give([Order("l_reserve", "march", "quarry"), Order("l_wing", "stand_down")], by="lowlands")
    session.step(5)
    session.order(Order("h_1", "hold"))
    return session


def test_a_saved_campaign_is_played_again_to_the_same_bits(deployed: Deployment, tmp_path: Path) -> None:
    session = played(deployed)
    save.save(session, tmp_path / "turn.orontes")
    again = save.load(tmp_path / "turn.orontes")
    assert again.cells.tobytes() == session.cells.tobytes()
    assert again.given == session.given and (again.day, again.seed, again.replicate) == (2.0, 5, 2)
    for other in (session, again):
        other.step(20)
    assert again.cells.tobytes() == session.cells.tobytes()


def test_a_large_scenario_reads_back_from_its_own_text(tmp_path: Path) -> None:
    session = Session(read_scenario(HAMA), seed=1)
    session.step(4)
    save.save(session, tmp_path / "hama.orontes")
    assert save.load(tmp_path / "hama.orontes").cells.tobytes() == session.cells.tobytes()


@pytest.mark.parametrize("copied", [Session.copy, copy.deepcopy, lambda s: pickle.loads(pickle.dumps(s))])
def test_a_copy_goes_on_as_the_original_and_shares_nothing(deployed: Deployment, copied: Any) -> None:
    session = played(deployed)
    before = session.cells.tobytes()
    twin = copied(session)
    twin.order(Order("h_2", "hold"))
    twin.step(4)
    assert session.cells.tobytes() == before and len(twin.given) == len(session.given) + 1
    other = copied(session)
    for each in (session, other):
        each.step(4)
    assert other.cells.tobytes() == session.cells.tobytes()


def test_a_campaign_is_taken_back_to_an_earlier_day(deployed: Deployment) -> None:
    session = played(deployed)
    early = save.rewound(session, 0.75)
    assert (early.day, len(early.given), len(session.given)) == (0.75, 2, 5)
    early.give([given.order for given in session.given[2:4]], by="lowlands")
    early.step(5)
    early.order(Order("h_1", "hold"))
    assert early.cells.tobytes() == session.cells.tobytes()
    with pytest.raises(ValueError, match=r"day 3 does not lie between the start and now \(day 2\)"):
        save.rewound(session, 3)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"engine": "0123456789abcdef"}, "was played by another version of the engine (Orontes 0.1.0, engine 01234567"),
        ({"orders": [{"tick": 0, "by": None, "who": "h_1"}]}, "is damaged: order: 'task' is missing"),
        ({"orders": [{"tick": 0, "by": None, "who": "nobody", "task": "hold"}]}, "is damaged: there is no formation"),
        ({"orders": []}, "played again, the campaign comes out differently"),
        ({"seed": "one"}, "is damaged: 'seed' is missing or is not what it should be"),
        (None, "is no saved campaign"),
    ],
)
def test_what_cannot_be_played_again_is_refused(deployed: Deployment, tmp_path: Path, change: Any, said: str) -> None:
    path = tmp_path / "turn.orontes"
    save.save(played(deployed), path)
    data = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(data | change if change else ["turn"]), "utf-8")
    with pytest.raises(save.SaveError) as error:
        save.load(path)
    assert said in str(error.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(save.SaveError, match=r"cannot read .*none\.orontes: No such file"):
        save.load(tmp_path / "none.orontes")
