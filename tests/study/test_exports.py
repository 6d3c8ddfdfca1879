"""What leaves a study: xarray, the format of the EMA Workbench, discovery of boxes, and its figures."""

from __future__ import annotations

import numpy as np
import pytest

from sim.ensemble.run import run
from sim.study.sweep import sweep
from tests.plots.plot_fakes import overlapping

WILL, STRENGTH = "sides.lowlands.will", "formations[side=highlands].strength *"
OUTCOMES = ("ottersby.fall_day", "highlands.strength@day8")


@pytest.fixture(scope="module")
def grid(crossroads):
    return sweep(crossroads, {WILL: (0.2, 0.8), STRENGTH: (0.5, 1.5)}, points=(3, 4), replicates=6, results=None)


@pytest.fixture(scope="module")
def cloud(crossroads):
    vary = {WILL: (0.2, 0.8), STRENGTH: (0.5, 1.5), "rules.morale.contagion": (0, 1)}
    return sweep(crossroads, vary, "lhs", 200, 4, results=None)


def test_a_grid_becomes_a_cube(grid):
    pytest.importorskip("xarray")
    cube = grid.to_xarray()
    assert dict(cube.sizes) == {WILL: 3, STRENGTH: 4, "replicate": 6}
    for point in grid.points.to_dict("records"):
        for name in OUTCOMES:
            here = cube[name].sel({WILL: point[WILL], STRENGTH: point[STRENGTH]}, method="nearest")
            assert np.array_equal(here.to_numpy(), grid.values(name)[int(point["point"])], equal_nan=True)
    means = cube["highlands.strength@day8"].mean("replicate")
    assert float(means.max()) == pytest.approx(grid.points["highlands.strength@day8"].max())


def test_points_become_coordinates(cloud):
    pytest.importorskip("xarray")
    data = cloud.to_xarray()
    assert dict(data.sizes) == {"point": 200, "replicate": 4}
    assert np.array_equal(data[STRENGTH], cloud.points[STRENGTH])
    assert np.array_equal(data[OUTCOMES[0]], cloud.values(OUTCOMES[0]), equal_nan=True)


def test_experiments_and_outcomes_of_the_ema_workbench(grid):
    """Its analyses take a DataFrame of experiments, and a mapping of arrays whose first axis is the experiment."""
    experiments, outcomes = grid.to_ema()
    assert list(experiments.columns) == [WILL, STRENGTH, "scenario", "policy", "model"]
    assert len(experiments) == 12 and (experiments["model"] == "crossroads").all()
    assert set(outcomes) == set(grid.outcome_names)
    assert all(values.shape == (12, 6) for values in outcomes.values())
    assert np.array_equal(experiments[[WILL, STRENGTH]].to_numpy(), grid.numbers)


def test_a_box_in_a_study(cloud):
    threshold = float(np.median(cloud.values("highlands.strength@day8")))
    found = cloud.discover(f"highlands.strength@day8 > {threshold:.6g}")
    assert STRENGTH in found.box.index, "who begins with more has more left"
    assert found.box.loc[STRENGTH, "low"] > 0.6 and np.isinf(found.box.loc[STRENGTH, "high"])
    assert found.box.loc[STRENGTH, "p"] < 0.05
    assert found.density_low > found.base == pytest.approx(0.5, abs=0.1)
    assert found.counted == 100 * 4
    words = " ".join(found.in_words())
    assert f"{found.density:.0%}" in words and f"{STRENGTH} is at least" in words
    assert found.to_json()["box"][0]["high"] is None


def test_no_box_in_chance_and_what_cannot_be_asked(crossroads):
    results = run(crossroads, 300, results=None, outcomes=["ottersby.fall_day"])
    for text, said in (
        ("ottersby.fall_dya > 3", "did you mean ottersby.fall_day"),
        ("ottersby.fall_day > 0", "it must be met in at least"),
        ("ottersby.fall_day >", "is no condition"),
    ):
        with pytest.raises(ValueError, match=said):
            results.discover(text)
    found = results.discover("ottersby.fall_day > 5")
    assert found.box.empty == (found.density_low <= found.base)
    if found.box.empty:
        assert "No box" in " ".join(found.in_words())


def test_figures_of_a_study(grid, cloud):
    figure = grid.plot.heat_map("ottersby.fall_day")
    picture = figure.axes[0].images[0].get_array()
    shares = grid.points.pivot_table("ottersby.fall_day", STRENGTH, WILL).to_numpy()
    assert np.array_equal(np.asarray(picture), shares)
    written = [text.get_text() for text in figure.axes[0].texts]
    assert written == [f"{share:.0%}" for share in shares.ravel()]
    assert np.array_equal(
        np.asarray(grid.plot.heat_map("ottersby.fall_day", x=STRENGTH).axes[0].images[0].get_array()), shares.T
    )
    with pytest.raises(ValueError, match="needs the points of a grid"):
        cloud.plot.heat_map("ottersby.fall_day")
    with pytest.raises(ValueError, match="did you mean"):
        grid.plot.heat_map("ottersby.fall_day", x=WILL + "s")
    told = cloud.sensitivity("highlands.strength@day8")
    tornado = told.plot.tornado()
    widths = [bar.get_width() for bar in tornado.axes[0].patches]
    assert widths == pytest.approx(told.table["coefficient"].tolist())
    assert [label.get_text() for label in tornado.axes[0].get_yticklabels()] == list(told.table.index)
    for each in (figure, tornado):
        boxes = [text.get_window_extent() for text in each.texts]
        assert not overlapping(boxes), "titles and notes stand apart"
