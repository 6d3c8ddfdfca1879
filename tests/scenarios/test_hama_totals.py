"""The order of battle of hama-2024 keeps the totals by front of the evidence that it was copied from."""

from __future__ import annotations

import pathlib
from typing import Any, NamedTuple

import pytest
import yaml

FOLDER = pathlib.Path(__file__).parents[2] / "scenarios" / "hama-2024"


class Front(NamedTuple):
    """What the evidence says of one side's forces on one front, and the places that the front is made of."""

    side: str
    name: str
    places: str
    formations: int
    on_roll: int
    lows: int
    highs: int
    present: int


FRONTS = (
    Front("regime", "aleppo", "aleppo nayrab_airport nubl safira khanasir deir_hafir", 15, 15550, 7300, 31900, 6910),
    Front("regime", "idlib", "saraqib abu_duhur maarat_numan kafr_nabl khan_shaykhun", 8, 6550, 3150, 12800, 2740),
    Front(
        "regime",
        "hama",
        "hama qomhana morek suran taybat_imam mhardeh suqaylabiyah qalaat_madiq masyaf salamiyah ithriya",
        17,
        12200,
        5850,
        25700,
        5730,
    ),
    Front("regime", "homs", "homs rastan qusayr", 6, 15700, 7250, 27500, 6440),
    Front("regime", "coast", "latakia jableh tartus hmeimim", 4, 15000, 7500, 26500, 7180),
    Front("regime", "damascus", "damascus nabk dumayr", 8, 55000, 29300, 92500, 24750),
    Front("regime", "south", "daraa sanamayn quneitra suwayda", 4, 16000, 7300, 25500, 5380),
    Front("regime", "desert_east", "t4 palmyra sukhnah deir_ez_zor abu_kamal", 7, 17600, 8700, 33000, 8900),
    Front("regime", "north_east", "manbij qamishli", 2, 2400, 1100, 5000, 1040),
    Front("opposition", "north_west", "idlib atarib ariha jisr_shughur", 22, 32500, 16450, 57700, 25240),
    Front("opposition", "homs", "talbiseh", 1, 600, 150, 2000, 180),
    Front("sna", "north_aleppo", "azaz al_bab afrin", 6, 39500, 19000, 70000, 17280),
    Front("sdf", "north_east", "manbij tell_rifaat aleppo tabqa raqqa hasakah", 6, 57700, 34300, 93500, 40390),
    Front("south", "south", "daraa suwayda", 3, 5800, 2700, 13500, 2880),
    Front("sfa", "tanf", "al_tanf", 1, 2500, 800, 3000, 2000),
)


def section(file: str, name: str) -> Any:
    return yaml.safe_load((FOLDER / file).read_text(encoding="utf-8"))[name]


def value(leaf: Any) -> Any:
    return leaf["value"] if isinstance(leaf, dict) else leaf


@pytest.fixture(scope="module")
def formations() -> dict[str, dict[str, Any]]:
    return section("order-of-battle-regime.yaml", "formations") | section("order-of-battle-others.yaml", "formations")


@pytest.mark.parametrize("front", FRONTS, ids=lambda front: f"{front.side}-{front.name}")
def test_totals_by_front_are_those_of_the_evidence(front: Front, formations: dict[str, dict[str, Any]]) -> None:
    there = [f for f in formations.values() if f["side"] == front.side and f["place"] in front.places.split()]
    strengths = [f["strength"] for f in there]
    assert len(there) == front.formations
    assert sum(s["value"] for s in strengths) == front.on_roll
    assert sum(s["range"][0] for s in strengths) == front.lows
    assert sum(s["range"][1] for s in strengths) == front.highs
    assert sum(value(f["strength"]) * value(f["manning"]) for f in there) == pytest.approx(front.present, abs=10)


def test_every_formation_belongs_to_one_front(formations: dict[str, dict[str, Any]]) -> None:
    assert len(formations) == sum(front.formations for front in FRONTS) == 110


def test_front_posts_stand_between_their_place_and_the_next_one(formations: dict[str, dict[str, Any]]) -> None:
    roads = section("geography.yaml", "roads")
    length = {frozenset(road["between"]): road["km"] for road in roads}
    posts = [f for f in formations.values() if "toward" in f]
    assert len(posts) == 14
    for post in posts:
        assert 0 < post["km"] < length[frozenset((post["place"], post["toward"]))], post["name"]


def test_the_network_and_the_air_forces_are_complete() -> None:
    places = section("geography.yaml", "places")
    wings = section("air.yaml", "air")
    assert len(places) == 58
    assert len(section("geography.yaml", "roads")) == 107
    assert len(wings) == 12
    assert all(places[wing["base"]].get("airfield") for wing in wings.values())
    assert sum(value(place.get("prison", 0)) for place in places.values()) == 18300


def test_only_the_iraqi_columns_bring_new_people(formations: dict[str, dict[str, Any]]) -> None:
    columns = section("reinforcements.yaml", "reinforcements")
    assert {id_ for id_, column in columns.items() if not column.get("draws_from")} == {"e_1202_iraq", "e_1203_iraq2"}
    for id_, column in columns.items():
        for giver in column.get("draws_from", []):
            assert formations[giver]["side"] == column["side"], id_
