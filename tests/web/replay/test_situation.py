"""The situation before anything runs: its page, its picture, and its command."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim.cli.main import app
from sim.engine.load import load
from sim.plots.placement import Box
from sim.plots.situation import badges, situation
from sim.web.replay.situation import situation_page

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def large():
    return load(ROOT / "scenarios/hama-2024.yaml")


def test_badges_count_formations_and_aircraft(crossroads):
    scenario = crossroads.scenario
    said = {(badge.place, badge.side): badge.words for badge in badges(scenario)}
    place, side = next(iter(scenario.formations.values())).place, next(iter(scenario.formations.values())).side
    there = [unit for unit in scenario.formations.values() if (unit.place, unit.side) == (place, side)]
    people = sum(unit.strength * unit.manning for unit in there)
    words = said[list(scenario.places).index(place), side]
    assert words.startswith(f"{len(there)}: ") and words.endswith(f"{people / 1000:.1f}k")


def test_nothing_overlaps_in_the_picture(large):
    figure = situation(large.scenario)
    figure.canvas.draw()
    axes = figure.axes[0]
    boxes = [Box(*text.get_window_extent().extents) for text in axes.texts if text.get_gid() in ("place", "badge")]
    assert len(boxes) > 60
    shrunk = [Box(box.left + 2, box.bottom + 3, box.right - 2, box.top - 3) for box in boxes]
    assert not any(a.overlaps(b) for i, a in enumerate(shrunk) for b in shrunk[i + 1 :])


def test_the_page_has_the_scenarios_own_numbers(window, crossroads, tmp_path):
    path = tmp_path / "map.html"
    path.write_text(situation_page(crossroads), encoding="utf-8")
    seen = window()
    seen.page.goto(path.as_uri())
    seen.page.wait_for_selector("#replay:not([hidden])")
    side, first = next(iter(crossroads.scenario.sides.items()))
    own = [unit for unit in crossroads.scenario.formations.values() if unit.side == side]
    people = sum(int(unit.strength * unit.manning + 0.5) for unit in own)
    row = seen.page.inner_text(f"#panel tr:has-text('{first.name}')")
    assert f"{people:,}" in row and not seen.page.is_visible("#timeline") and seen.asked == [path.as_uri()]
    seen.page.click("#tabs button:has-text('Warnings')")
    assert "warning" in seen.page.inner_text("#panel")


def test_the_command(crossroads_file, tmp_path):
    for name in ("a.png", "a.html"):
        done = CliRunner().invoke(app, ["map", str(crossroads_file), "-o", str(tmp_path / name)])
        assert done.exit_code == 0 and (tmp_path / name).stat().st_size > 10_000
    done = CliRunner().invoke(app, ["map", str(crossroads_file), "-o", str(tmp_path / "a.doc")])
    assert done.exit_code == 2 and "should end in .png or .svg" in done.output
