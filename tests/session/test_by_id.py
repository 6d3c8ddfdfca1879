"""What users look up: a wrong id is one message that says what was meant, and stays a KeyError or IndexError."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sim.adapters.mesa import Campaign
from sim.session.by_id import ById, UnknownId


@pytest.fixture(scope="module")
def campaign(deployed) -> Campaign:
    campaign = Campaign(deployed, seed=1)
    campaign.run_until(1)
    return campaign


@pytest.mark.parametrize(
    ("look", "said"),
    [
        (lambda c: c.formations["h_9"], "there is no formation 'h_9'; did you mean h_1?"),
        (lambda c: c.places["merow_cross"], "there is no place 'merow_cross'; did you mean merrow_cross?"),
        (lambda c: c.sides["x"], "there is no side 'x'; there are highlands, lowlands"),
        (lambda c: c.air_wings["l_win"], "there is no air wing 'l_win'; did you mean l_wing?"),
        (lambda c: c.formations[0], "a formation is looked up by its id, like 'h_1', not by 0"),
        (lambda c: c.view("lowlands").formations["h_1"], "there is no formation of lowlands 'h_1'; did you mean l_1?"),
        (lambda c: c.view("lowlands").air["wing"], "there is no air wing of lowlands 'wing'; did you mean l_wing?"),
        (lambda c: c.view("lowlands").places["quary"], "there is no place 'quary'; did you mean quarry?"),
        (lambda c: c.view("lowlands").stances["highland"], "there is no side 'highland'; did you mean highlands?"),
        (lambda c: c.view("lowlands").state["wil"], "there is no quantity 'wil'; did you mean will?"),
        (lambda c: c.options("h_1").places["marc"], "there is no order for a formation 'marc'; did you mean march?"),
        (lambda c: c.options("h_guard").places["march"], "'march' is not possible: it may not be sent elsewhere"),
    ],
)
def test_an_unknown_id_is_named_with_what_was_meant(campaign: Campaign, look: Callable[[Any], Any], said: str) -> None:
    with pytest.raises(KeyError) as error:
        look(campaign)
    assert str(error.value) == said


def test_the_log_is_indexed_by_number_name_and_slice(campaign: Campaign) -> None:
    log = campaign.log
    assert log[0] is log.events[0] is log[log[0].name] is log[np.int64(0)] and log[-2:] == log.events[-2:]
    assert str(campaign.why(0)) == str(campaign.why(log[0].name)) == str(campaign.why(log[0]))
    for number in (9999, -9999):
        with pytest.raises(IndexError, match=f"there is no event {number}: the log holds 0 to {len(log) - 1}"):
            log[number]
    with pytest.raises(IndexError, match="there is no event 9999"):
        campaign.why(9999)
    with pytest.raises(TypeError, match=r"an event should be a whole number, or a name like crossing.fell, but is 1.5"):
        log[1.5]  # type: ignore[call-overload]
    with pytest.raises(IndexError, match="nothing has happened yet"):
        Campaign(campaign.deployment, seed=1).log[0]


def test_a_mapping_by_id_is_a_dictionary_that_is_copied_and_pickled() -> None:
    one = ById({"a": 1}, "letter")
    for twin in (copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
        assert twin == {"a": 1} and twin.get("b") is None and "b" not in twin
        with pytest.raises(UnknownId, match="there is no letter 'b'; there are a"):
            twin["b"]
