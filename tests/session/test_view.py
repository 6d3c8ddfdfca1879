"""The view of a side: what it knows, and nothing that the fog hides."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.session.orders import OrderError
from sim.session.session import Session
from sim.world.deploy import Deployment
from tests.properties.random_worlds import Said, read_world, worlds
from tests.properties.test_invariants import profile

OF_OTHERS = ("stream", "initial_strength", "will_base", "will", "pay", "pay_base", "legitimacy", "hardship", "losses",
             "drive", "commander", "shock", "pending_losses", "met", "wings", "shaken", "career")  # fmt: skip
OF_PLACES = ("stability", "stores", "displaced", "sheltered", "civilian_dead", "store_equipment", "prison",
             "casualties", "struck", "stores_full", "garrison_left", "garrison_deserted", "repulses")  # fmt: skip
"""Hidden where another side holds the place."""
INNER = ("breakpoint", "strain", "alarm", "hazard", "stream", "meets")
"""Of formations: nobody knows them, not even their own side."""


def garble(session: Session, side: int, rng: np.random.Generator) -> None:
    """Change all that a side cannot know: by name, table by table."""
    world = session.world

    def noise(rows: Any, columns: tuple[str, ...], which: np.ndarray) -> None:
        for column in columns:
            rows[column][which] = rng.integers(0, 5, int(which.sum()))

    foreign = world.units["side"] != side
    noise(world.units, tuple(name for name in world.units.dtype.names if name != "side"), foreign)
    noise(world.units, INNER, ~foreign)
    noise(world.wings, tuple(name for name in world.wings.dtype.names if name != "side"), world.wings["side"] != side)
    noise(world.sides, OF_OTHERS, np.arange(len(world.sides)) != side)
    noise(world.places, OF_PLACES, world.places["control"] != side)
    noise(world.backings, ("commitment", "distraction", "weight"), world.backings["side"] != side)
    other = np.arange(len(world.sides)) != side
    for column in world.side_view.dtype.names:
        noise(world.side_view, (column,), np.broadcast_to(other[:, None], world.side_view.shape))
    everywhere = np.ones(len(world.places), dtype=bool)
    noise(world.side_view[side], ("belief", "panic_point", "hit_gate", "closed"), everywhere)
    for table in (world.forces, world.presence, world.objectives, world.break_terms, world.place_terms):
        for column in table.dtype.names:
            table[column] = rng.integers(0, 5, table.shape)
    for array in (world.threat, world.news, world.news_coming, world.example, world.example_coming, world.worth):
        array[:] = rng.random(array.shape)
    noise(world.doctrines, world.doctrines.dtype.names, other)
    noise(world.events, ("fired_on", "probability", "hazard"), np.ones(len(world.events), dtype=bool))
    for column in ("seed", "replicate", "input_draw"):
        world.campaign[column] = rng.integers(0, 99)
    for rule in world.settings.dtype.names:
        for name in world.settings[rule].dtype.names:
            if (rule, name) != ("command", "ready_to_march"):
                world.settings[rule][name] = rng.random()


@profile(12)
@given(said=worlds(ticks=24), seed=st.integers(0, 99))
def test_nothing_in_the_view_follows_what_the_side_cannot_know(said: Said, seed: int) -> None:
    compare_views(said, seed)


@pytest.mark.verify
@profile(1000)
@given(said=worlds(ticks=24), seed=st.integers(0, 99))
def test_nothing_in_the_view_follows_it_in_many_worlds(said: Said, seed: int) -> None:
    compare_views(said, seed)


def compare_views(said: Said, seed: int) -> None:
    """Each side's view, before and after all that it cannot know has changed."""
    session = Session(read_world(said), seed)
    rng = np.random.default_rng(seed)
    for _ in range(4):
        session.step(int(rng.integers(0, 9)))
        for side, row in session.deployment.names.sides.items():
            view = session.view(side)
            twin = session.copy()
            garble(twin, row, rng)
            other = twin.view(side)
            assert json.dumps(view.to_json()) == json.dumps(other.to_json())
            assert view._cells.tobytes() == other._cells.tobytes()
            assert view.orderable == other.orderable
            for who in view.orderable[:5]:
                assert view.options(who) == other.options(who)


@profile(12)
@given(said=worlds(ticks=24), seed=st.integers(0, 99))
def test_what_the_view_offers_is_what_the_campaign_accepts(said: Said, seed: int) -> None:
    session = Session(read_world(said), seed)
    for _ in range(3):
        session.step(7)
        for side in session.deployment.names.sides:
            view = session.view(side)
            for who in (*view.formations, *view.air, side):
                assert view.options(who) == session.options(who, side)


def test_far_enemies_do_not_show_and_near_ones_do(tiny) -> None:
    """Red at a; blue at d, three roads away: whatever it is, red's view is the same. At b, next to red, it is not."""

    def told(place: str, strength: float) -> list[Any]:
        places = {name: {"control": "red" if name == "a" else "blue", "rear_base": name in "ad"} for name in "abcd"}
        formations = {
            "own": {"side": "red", "place": "a", "strength": 1000},
            "foe": {"side": "blue", "place": place, "strength": strength, "morale": strength / 9000},
        }
        roads = [("a", "b", 30), ("b", "c", 30), ("c", "d", 30)]
        session = Session(tiny.load(places, roads, formations))
        session.world.sides["commander"] = 1
        seen = []
        for _ in range(8):
            session.step()
            seen.append(session.view("red").to_json())
        return seen

    assert told("d", 500) == told("d", 4000)
    near = told("b", 500)
    assert near != told("b", 4000)
    report = near[-1]["places"][1]["report"]
    # Without error the report is the power: 500 people, all factors of power 1.
    assert (report["power"], report["low"], report["high"], report["age_days"]) == (500, 500, 500, 0.25)
    assert near[-1]["places"][3]["report"] is None


def test_a_report_has_an_age_and_an_interval(deployed: Deployment) -> None:
    session = Session(deployed, seed=3)
    names, view = deployed.names, session.world.side_view[deployed.names.sides["highlands"]]
    session.run_until(3)
    view["report"][names.places["tarnmouth"]] = 1000.0
    view["reported_on"][names.places["tarnmouth"]] = 4
    report = session.view("highlands").places["tarnmouth"].report
    assert report is not None and report.power == 1000 and report.age_days == 2.0
    # 90 % of a lognormal error of 0.35: exp(1.645 * 0.35) = 1.778
    assert report.low == pytest.approx(1000 / 1.778, rel=1e-3) and report.high == pytest.approx(1778, rel=1e-3)


def test_a_view_is_of_one_side_and_does_not_change(deployed: Deployment) -> None:
    session = Session(deployed, seed=3)
    view = session.view("lowlands")
    before = json.dumps(view.to_json())
    assert {unit.id for unit in view.formations.values()} == {"l_posts", "l_1", "l_2", "l_reserve", "l_guard"}
    assert (view.day, view.days_left, view.stances["highlands"], view.stances["lowlands"]) == (0, 8, "hostile", "own")
    with pytest.raises(OrderError, match="lowlands has no formation, air wing or staff 'h_1'"):
        view.options("h_1")
    session.run_until(8)
    assert json.dumps(view.to_json()) == before
    with pytest.raises(ValueError, match="there is no side 'lowland'; did you mean lowlands"):
        session.view("lowland")


def test_the_view_is_shown_as_a_map_and_tables(deployed: Deployment) -> None:
    session = Session(deployed, seed=3)
    session.run_until(3)
    view = session.view("highlands")
    text, page = str(view), view._repr_html_()
    assert text.startswith("Highlands, day 3 (07 May 2031, 06:00), 5 days left")
    report = view.places["ottersby"].report
    assert report is not None and f"{report.power:,.0f} (" in text and "never seen" in text
    assert "h_raiders" in text and "l_2" not in text and "l_reserve" not in page
    assert page.count("<circle") >= 6 and "Merrow Cross" in page
    assert "a ring: an enemy is reported there" in page and "</span> Lowlands" in page
    marks = text.split("places: ")[0]
    assert all(mark in marks for mark in ("#1", "#2", "!5", "!6"))
