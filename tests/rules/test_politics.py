"""Politics: will falls by what is lost, and a side whose will is spent may collapse."""

from __future__ import annotations

import numpy as np
import pytest

from sim.world.tables import ACTIVE, DISPERSED

PLACES = {"a": {"control": "red"}, "b": {"control": "blue"}}
FORMATIONS = {
    "r": {"side": "red", "place": "a", "strength": 1000},
    "b": {"side": "blue", "place": "b", "strength": 1000, "equipment": 10, "mobile": False},
}


def at_war(tiny, politics, units=FORMATIONS, will=0.6, **more):
    sides = {"blue": {"name": "Blue", "will": will, "pay": 0.8, "serviceable": 1.0}}
    return tiny(PLACES, [("a", "b", 400)], units, {"politics": politics}, sides=sides, **more)


def test_losses_weigh_by_the_share_of_the_army(tiny):
    war = at_war(tiny, {"strength_lost": 0.5, "recovery": 0})
    blue = war.side("blue")
    blue["pending_losses"] = 250
    war.tick()
    assert blue["will"] == pytest.approx(0.6 - 0.5 * 250 / 1000)
    war.tick()
    assert blue["will"] == pytest.approx(0.6 - 0.5 * 250 / 1000)
    assert (blue["losses"], blue["pending_losses"]) == (250, 0)


def test_will_comes_back_to_what_pay_legitimacy_and_hardship_hold_up(tiny):
    politics = {"recovery": 0.5, "pay": 0.1, "legitimacy": 0.2, "hardship": 0.1}
    war = at_war(tiny, politics, will=0.4)
    blue = war.side("blue")
    blue["pay"] = 1.6
    blue["legitimacy"] += 0.25
    blue["hardship"] += 0.5
    war.tick(8)
    base = 0.4 + 0.1 + 0.2 * 0.25 - 0.1 * 0.5
    assert blue["will"] == pytest.approx(base - 0.1 * np.exp(-0.5 * 2), rel=1e-9)


def test_a_capital_that_was_lost_before_costs_no_more_will(tiny):
    sides = {"blue": {"name": "Blue", "will": 0.6, "capital": "a"}}
    war = tiny(PLACES, [("a", "b", 400)], FORMATIONS, {"politics": {"capital_lost": 0.2, "recovery": 0}}, sides=sides)
    war.tick(3)
    assert war.side("blue")["will"] == pytest.approx(0.6)


@pytest.mark.parametrize(("will", "log_hazard"), [(0.35, -1.0), (0.55, -3.0), (0.25, 0.0)])
def test_collapse_comes_by_a_hazard_that_rises_as_will_falls(tiny, will, log_hazard):
    war = at_war(tiny, {"collapse": -1, "brittleness": 10, "recovery": 0}, will=will)
    collapsed = []
    for replicate in range(1000):
        war.begin(1, replicate).tick(4)
        collapsed.append(war.side("blue")["collapsed"])
        assert (war.side("blue")["collapsed_on"] >= 0) == collapsed[-1]
    chance = 1 - np.exp(-np.exp(log_hazard))
    assert np.mean(collapsed) == pytest.approx(chance, abs=4 * np.sqrt(chance * (1 - chance) / 1000))


def test_after_a_collapse_formations_melt_away(tiny):
    many = {f"b{i}": FORMATIONS["b"] for i in range(200)} | {"r": FORMATIONS["r"]}
    war = at_war(tiny, {"disbanding": 0.5}, many)
    war.world.settings["yielding"]["takeover"] = 0
    war.side("blue")["collapsed"] = 1
    war.tick(4)
    units = war.world.units[war.world.units["side"] == war.names.sides["blue"]]
    gone = units["status"] == DISPERSED
    chance = 1 - np.exp(-0.5)
    assert gone.mean() == pytest.approx(chance, abs=4 * np.sqrt(chance * (1 - chance) / 200))
    assert np.all(units["deserted"][gone] == 1000) and np.all(units["strength"][gone] == 0)
    assert np.all(units["strength"][~gone] == 1000)
    assert war.place("b")["store_equipment"] == 10 * gone.sum()
    assert war.unit("r")["status"] == ACTIVE


@pytest.mark.parametrize(
    ("distraction", "distrust", "share", "weight"),
    [(0, 0, 0.5, 0.8), (0.25, 0, 0.5, 0.6), (0.25, 0.6, 0.5, 0.42), (0, 1, 1, 0.0), (0, 0.6, 0, 0.8)],
)
def test_what_a_sponsors_commitment_comes_to(tiny, distraction, distrust, share, weight):
    sponsors = {
        "patron": {"name": "P", "backs": {"blue": 0.8}, "distraction": distraction, "friction": {"rival": distrust}},
        "rival": {"name": "R", "backs": {"blue": 0.9}},
    }
    war = at_war(tiny, {"friction": share}, sponsors=sponsors)
    assert war.world.backings["weight"].tolist() == pytest.approx([weight, 0.9])  # before the first tick already
    war.world.backings["distraction"][1] = 0.5  # another war begins
    war.tick()
    assert war.world.backings["weight"].tolist() == pytest.approx([weight, 0.45])


def test_a_rival_that_backs_another_side_is_no_friction(tiny):
    sponsors = {
        "patron": {"name": "P", "backs": {"blue": 0.8}, "friction": {"rival": 1.0}},
        "rival": {"name": "R", "backs": {"red": 0.9}},
    }
    assert at_war(tiny, {"friction": 1}, sponsors=sponsors).world.backings["weight"].tolist() == [0.8, 0.9]


def test_sponsors_back_away_from_a_losing_side(tiny):
    sponsors = {"patron": {"name": "Patron", "backs": {"blue": 0.8}}}
    war = at_war(tiny, {"backing_loss": 0.1, "recovery": 0}, sponsors=sponsors)
    war.tick(4)
    assert war.world.backings["commitment"][0] == 0.8
    war.side("blue")["will"] = 0.29  # less than half of what it was
    war.tick(4)
    assert war.world.backings["commitment"][0] == pytest.approx(0.8 * np.exp(-0.1))
