"""Whole campaigns: people and equipment are conserved, nobody teleports, shares stay shares."""

from __future__ import annotations

import numpy as np
import pytest

from sim.engine.load import load
from sim.world import tables
from sim.world.tables import STATUS_NAMES

PIECES = ("equipment", "equipment_lost", "equipment_left", "equipment_taken")
FATES = ("strength", "scattered", "wounded", "killed", "missing", "deserted", "captured")
LOST = ("killed", "missing", "deserted", "captured")
SEEDS = range(1, 9)


def totals(units):
    return {fate: units[fate].copy() for fate in (*FATES, "joined", *PIECES)}


@pytest.fixture(scope="module")
def campaign(crossroads_file):
    """A campaign of the tutorial, with a convoy drawn from others and one of new people, by its own commanders."""
    convoy = {"side": "lowlands", "kind": "light", "date": "2031-05-06T06:00", "origin": "tarnmouth"}
    convoys = {
        "drawn": convoy | {"name": "Drawn", "place": "quarry", "draws_from": ["l_reserve", "l_guard"], "strength": 801},
        "fresh": convoy | {"name": "Fresh", "place": "merrow_cross", "strength": 500, "equipment": 10},
    }
    more = {"reinforcements": convoys, "places.merrow_cross.prison": 3000}
    return load(crossroads_file, set=more)


@pytest.mark.parametrize("seed", SEEDS)
def test_people_and_equipment_are_conserved(campaign, fight, seed):
    war = fight(campaign, seed)
    units, places = war.world.units, war.world.places
    initial = units["strength"].copy()
    listed, stored = units["equipment"].copy(), places["store_equipment"].sum()
    for _ in range(war.deployment.ticks):
        war.tick()
        now = totals(units)
        assert np.array_equal(sum(now[fate] for fate in FATES), initial + now["joined"])
        for row, side in enumerate(war.world.sides):
            lost = sum(now[fate][units["side"] == row].sum() for fate in LOST)
            assert side["losses"] + side["pending_losses"] == lost
        for fate in (*FATES, "joined"):
            assert np.array_equal(now[fate], np.floor(now[fate])), fate
        assert min(now[fate].min() for fate in (*FATES, *PIECES)) >= 0
        held = now["equipment"].sum() + now["equipment_lost"].sum() + now["equipment_left"].sum()
        assert held == pytest.approx(listed.sum() + now["equipment_taken"].sum(), rel=1e-12)
        left = places["store_equipment"].sum()
        assert left == pytest.approx(stored + now["equipment_left"].sum() - now["equipment_taken"].sum(), rel=1e-12)
    gone = [STATUS_NAMES.index(name) for name in ("surrendered", "dispersed")]
    assert np.all(units["strength"][np.isin(units["status"], gone)] == 0)
    assert units["killed"].sum() > 0 and units["joined"].max() > 0


def test_a_convoy_takes_its_people_and_equipment_from_its_givers(campaign, fight):
    war = fight(campaign, 1)
    war.world.settings["combat"]["rate"] = 0
    givers = [war.unit(name) for name in ("l_reserve", "l_guard")]
    war.tick(8)
    before = [(float(giver["strength"]), float(giver["equipment"])) for giver in givers]
    war.tick()
    drawn = war.unit("drawn")
    assert drawn["joined"] == 800  # half of 801 from each of two: whole people
    assert [giver["joined"] for giver in givers] == [-400, -400]
    assert drawn["equipment"] == pytest.approx(sum(heavy * 400 / strength for strength, heavy in before))


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_teleports(campaign, fight, seed):
    war = fight(campaign, seed)
    units, roads, km = war.world.units, war.world.roads, war.deployment.atlas.km
    p = war.world.settings
    days = float(p["clock"]["tick_days"][0])
    reach = units["speed"] * p["movement"]["march_hours"][0] * days + p["morale"]["repulse_km"][0] + 1e-6

    def ends(unit):
        """Places that a formation can come to, and how far they are."""
        if unit["road"] < 0:
            return [(unit["place"], 0.0)]
        road = roads[unit["road"]]
        assert unit["place"] in (road["a"], road["b"]) and unit["heading"] in (road["a"], road["b"])
        assert unit["place"] != unit["heading"] or unit["km_left"] >= 0
        assert -1e-9 <= unit["km_left"] <= road["km"] + 1e-9
        other = road["a"] if unit["heading"] == road["b"] else road["b"]
        return [(unit["heading"], float(unit["km_left"])), (other, float(road["km"] - unit["km_left"]))]

    moved = 0.0
    for _ in range(war.deployment.ticks):
        before = [(int(unit["road"]), float(unit["km_left"]), int(unit["heading"]), ends(unit)) for unit in units]
        war.tick()
        for i, unit in enumerate(units):
            road, left, heading, old = before[i]
            if unit["road"] == road and road >= 0:
                length = roads["km"][road]
                distance = abs((unit["km_left"] if unit["heading"] == heading else length - unit["km_left"]) - left)
            else:
                distance = min(a + km[p, q] + b for p, a in old for q, b in ends(unit))
            assert distance <= reach[i], war.deployment.names.units
            moved = max(moved, distance)
    assert moved > 10


@pytest.mark.parametrize("seed", SEEDS)
def test_shares_stay_shares(campaign, fight, seed):
    war = fight(campaign, seed)
    for _ in range(war.deployment.ticks):
        war.tick()
        for table in tables.ALL:
            rows = getattr(war.world, table.name)
            for column in table.columns:
                values = rows[column.name]
                if column.unit in ("0-1", "share", "0/1") and column.name != "loss_recent":
                    assert np.all((values >= 0) & (values <= 1)), (table.name, column.name)
                if column.is_real:
                    assert np.all(np.isfinite(values)), (table.name, column.name)
        assert np.all(war.world.units["loss_recent"] >= 0)
        assert np.all(war.world.side_view["closed"] <= 1) and np.all(war.world.side_view["closed"] >= 0)
        assert np.all(war.world.places["displaced"] <= war.world.places["population"])
