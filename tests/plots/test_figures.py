"""Each plot says what the results say, overlaps nothing, changes nothing, on any network."""

import copy
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from sim.plots import Plot, save_all, theme
from sim.plots.control_map import control_map, wedges
from sim.plots.fall_times import fall_curve, fall_times, percent
from sim.plots.map_layout import choose_window, grid, lay_out, overview
from sim.plots.placement import leader
from sim.plots.strength_and_will import strength_and_will
from sim.plots.window import Window, around, densest, unwrapped
from sim.statistics.intervals import wilson
from tests.plots.plot_fakes import (
    dense,
    one_place,
    overlapping,
    rendered,
    results_of,
    scenario_of,
    six_places,
    words,
)

NETWORKS = {"six": six_places, "one": one_place, "dense": dense}


def layout_of(results):
    lonlat = np.array([(place.lon, place.lat) for place in results.scenario.places.values()])
    window = choose_window(results, lonlat, None).widened(0.07).with_aspect(1, 1)
    return lay_out(results, lonlat, window, 280, 280, True)


def area(outline):
    x, y = outline.T
    return 0.5 * abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("days", [None, 2])
def test_no_two_names_on_the_map_overlap(network, days):
    figure = control_map(NETWORKS[network](), days)
    panels = [boxes for boxes in rendered(figure, "place") if boxes]
    assert len(panels) == (4 if days is None else 1)
    for boxes in panels:
        assert overlapping(boxes) == []
    if network == "dense":
        assert len(panels[0]) >= 12


def test_every_place_of_a_sparse_network_is_named():
    assert {"Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir"} <= set(words(control_map(six_places(), 1)))


def test_a_pie_shows_the_shares():
    shares = np.array([0.5, 0.0, 0.2, 0.3])
    slices = wedges(shares, np.array([5.0, 5.0]), 2.0)
    assert [side for side, _ in slices] == [0, 2, 3]
    areas = np.array([area(outline) for _, outline in slices])
    assert areas / (np.pi * 4) == pytest.approx([0.5, 0.2, 0.3], abs=0.01)
    assert slices[0][1][:, 0].min() == pytest.approx(5.0)  # the first half lies right of the middle


def test_the_map_paints_each_side_in_its_colour_and_share():
    results = six_places()
    figure = control_map(results, 2)
    pies = next(c for c in figure.axes[0].collections if len(c.get_facecolors()) and len(c.get_paths()) == 7)
    painted = {}
    for path, colour in zip(pies.get_paths(), pies.get_facecolors(), strict=True):
        middle = tuple(np.round(path.vertices.mean(axis=0) / 20))
        painted.setdefault(tuple(np.round(colour[:3] * 255).astype(int)), []).append((middle, area(path.vertices)))
    (south,) = painted[0xD5, 0x5E, 0x00]  # half of birch, and nothing else on day 2
    assert any(abs(area_ - south[1]) < 1e-6 * area_ for _, area_ in painted[0x00, 0x72, 0xB2])


def test_the_map_shows_the_days_asked_for():
    assert {"Day 0", "Day 1", "Day 2", "Day 4", "1 May 2031", "5 May 2031"} <= set(words(control_map(six_places())))
    assert {"Day 1.5", "2 May 2031 12:00"} <= set(words(control_map(six_places(), [1.5])))
    assert sum(word.startswith("Day") for word in words(control_map(six_places(), (2, 2)))) == 1
    assert "100 replicates, seed 7" in " ".join(words(control_map(six_places())))


@pytest.mark.parametrize("days", [-1, 4.5, float("nan"), []])
def test_a_day_outside_the_campaign_is_refused(days):
    with pytest.raises(ValueError, match=r"day"):
        control_map(six_places(), days)


def test_a_region_zooms_and_a_wrong_one_is_refused():
    shown = set(words(control_map(six_places(), 1, region=(-0.1, -0.1, 0.35, 0.3))))
    assert {"Alder", "Birch"} <= shown
    assert not {"Elm", "Fir"} & shown
    with pytest.raises(ValueError, match="west, south, east, north"):
        control_map(six_places(), 1, region=(1, 0, 0, 1))
    with pytest.raises(ValueError, match="no region is called 'nowhere'"):
        control_map(six_places(), 1, region="nowhere")


def test_a_region_by_name_and_one_without_any_place():
    places = {name: (lat, 0.1 * lat, 100) for name, lat in (("a", 0.0), ("b", 0.3), ("c", 5.0))}
    scenario = scenario_of(places)
    placed = {
        name: place.model_copy(update={"region": "r" if name != "c" else "far"})
        for name, place in scenario.places.items()
    }
    results = results_of(scenario.model_copy(update={"places": placed}), {})
    shown = set(words(control_map(results, 0, region="r")))
    assert {"A", "B"} <= shown
    assert "C" not in shown
    assert "C" not in set(words(control_map(results, 0, region=(50, 50, 51, 51))))
    with pytest.raises(ValueError, match="did you mean far"):
        control_map(results, 0, region="fra")


def test_a_crowded_map_is_cropped_to_where_control_changes():
    places = {f"p{i}": (0.5 * i, 0.0, 100 * i) for i in range(20)}
    scenario = scenario_of(places)
    results = results_of(scenario, {"p3": {2: 60}, "p5": {4: 90}, "p19": {4: 1}})
    shown = set(words(control_map(results, 4)))
    assert {"P3", "P4", "P5"} <= shown
    assert not {"P12", "P19"} & shown


def test_a_place_the_scenario_reports_is_shown_wherever_it_lies():
    places = {f"p{i}": (0.5 * i, 0.0, 100 * i) for i in range(20)}
    results = results_of(
        scenario_of(places, outcomes=["p6.held_by.north@day2", "p19.fall_day"]), {"p3": {2: 60}, "p5": {4: 90}}
    )
    shown = set(words(control_map(results, 4)))
    assert {"P3", "P5", "P6", "P19 ↑", "P19"} <= shown  # at the edge of the map, and on the overview
    assert not {"P12", "P18"} & shown
    assert not {"P19 ↑", "P19"} & set(words(control_map(results, 4, region=(-1, 1, 1, 3))))


def test_the_overview_holds_the_whole_network_and_the_frame_of_what_the_panels_show():
    network = np.array([(43.0, 36.3), (44.4, 33.3)])
    panels = Window(41.0, 34.0, 44.0, 37.0)
    whole = overview(network, panels)
    assert whole.holds(np.vstack([network, np.reshape(panels, (2, 2))])).all()


def assert_clear(layout):
    for k, box in layout.labels.items():
        assert box.gaps(layout.centres, layout.radii).min() >= 0
        assert not any(box.overlaps(other) for j, other in layout.labels.items() if j != k)
        line = leader(layout.centres[k], layout.radii[k], box)
        assert not any(other.contains(line).any() for other in layout.labels.values())


def test_small_places_make_room_for_the_name_of_one_that_the_scenario_reports():
    around = {f"p{i}": (0.06 * np.sin(i), 0.06 * np.cos(i), 1000) for i in range(9)}
    places = {"metropolis": (0.0, 0.0, 1e6), **around, "far": (1.0, 1.0, 10), "off": (-1.0, -1.0, 10)}
    layout = layout_of(results_of(scenario_of(places, outcomes=["metropolis.fall_day"]), {}))
    assert layout.names[0] == "Metropolis"
    assert layout.labels[0].gaps(layout.centres[[0]], layout.radii[[0]])[0] < 3
    assert_clear(layout)


def test_what_the_scenario_reports_has_its_name_in_any_crowd():
    results = dense()
    reported = results.place_ids[:4]  # in the midst of the cluster, two on the same spot
    outcomes = [f"{name}.fall_day" for name in reported]
    results.scenario = results.scenario.model_copy(update={"outcomes": outcomes})
    layout = layout_of(results)
    assert {results.place_ids[i] for i in layout.shown[:4]} == set(reported)
    assert {0, 1, 2, 3} <= layout.labels.keys()
    assert_clear(layout)


@pytest.mark.parametrize(("panels", "columns"), [(1, 1), (2, 2), (3, 3), (4, 2), (6, 3), (9, 3), (500, 21)])
def test_panels_fill_the_sheet(panels, columns):
    got, width, height = grid(panels, 1.0, 0.0)
    assert got == columns
    assert 1.4 < width <= 6
    assert 1.4 < height <= 6


def test_the_crop_is_the_smallest_square_that_holds_enough():
    lonlat = np.array([[0.0, 0.0], [1.0, 0.5], [1.2, 1.0], [9.0, 9.0], [9.1, 9.1]])
    assert densest(lonlat, np.array([3.0, 3.0, 2.0, 1.0, 1.0]), 0.8).tolist() == [True, True, True, False, False]
    assert densest(lonlat, np.array([1.0, 0.0, 0.0, 4.0, 4.0]), 0.8).tolist() == [False, False, False, True, True]
    assert densest(lonlat, np.ones(5), 1.0).all()


def test_borders_are_drawn_for_a_war_on_land_only():
    at_sea = control_map(six_places(), 1)
    inland = {"a": (35.0, 38.0, 1), "b": (36.0, 39.0, 1)}
    on_land = control_map(results_of(scenario_of(inland, sources={"A": "an atlas"}), {}), 1)
    invented = control_map(results_of(scenario_of(inland), {}), 1)
    elsewhere = {"a": (47.0, 9.0, 1), "b": (48.0, 10.0, 1)}
    no_layer = control_map(results_of(scenario_of(elsewhere, sources={"A": "an atlas"}), {}), 1)
    assert not any("Natural Earth" in word for word in words(at_sea))
    assert any("Natural Earth" in word for word in words(on_land))
    assert len(on_land.axes[0].patches) == 1
    assert len(at_sea.axes[0].patches) == len(invented.axes[0].patches) == len(no_layer.axes[0].patches) == 0
    assert not any("Natural Earth" in word for word in words(no_layer))


def test_geonames_is_named_where_the_scenario_rests_on_it():
    scenario = scenario_of({"a": (0.0, 0.0, 1)}, sources={"G": "GeoNames, CC BY 4.0"})
    assert any("Places: GeoNames CC BY 4.0" in word for word in words(control_map(results_of(scenario, {}))))
    assert not any("GeoNames" in word for word in words(control_map(one_place())))


def test_a_network_across_the_date_line_keeps_together():
    crossing = unwrapped(np.array([[179.0, 0.0], [-179.0, 1.0]]))
    assert around(crossing).west == 179
    assert around(crossing).east == 181
    results = results_of(scenario_of({"a": (0.0, 179.0, 10), "b": (1.0, -179.0, 10)}), {})
    assert {"A", "B"} <= set(words(control_map(results, 0)))


def test_fall_curves_are_counted_by_hand():
    share, low, high = fall_curve(six_places(), "birch")
    assert share.tolist() == [0, 0, 0.3, 0.3, 0.5, 0.5, 0.5, 0.5, 0.5]
    assert (low[4], high[4]) == tuple(float(bound) for bound in wilson(50, 100))
    line = next(line for line in fall_times(six_places(), "birch").axes[0].lines if line.get_gid() == "birch")
    assert line.get_xydata().tolist()[2] == [1.0, 0.3]
    assert line.get_drawstyle() == "steps-post"


def test_fall_times_shows_what_the_scenario_reports_or_what_falls_most():
    def drawn(figure):
        return [line.get_gid() for line in figure.axes[0].lines if line.get_drawstyle() == "steps-post"]

    reported = six_places()
    assert drawn(fall_times(reported)) == ["birch", "elm"]
    assert drawn(fall_times(reported, "fir", "elm")) == ["elm", "fir"]
    unreported = dense()
    falls = dict(zip(unreported.place_ids, unreported.falls.sum(axis=1), strict=True))
    assert set(drawn(fall_times(unreported))) == set(sorted(falls, key=falls.__getitem__)[-6:])
    assert drawn(fall_times(one_place())) == ["only"]


def test_fall_times_refuses_an_unknown_place():
    with pytest.raises(ValueError, match="no place is called 'brich'; did you mean birch"):
        fall_times(six_places(), "brich")


def test_labels_at_line_ends_do_not_overlap():
    crowded = dense(12)
    crowded.falls[:] = 0
    crowded.falls[:, 3] = crowded.replicates  # all fall at once and end level
    labels = [box for boxes in rendered(fall_times(crowded, *crowded.place_ids), "end") for box in boxes]
    assert len(labels) == 12
    assert overlapping(labels) == []


def test_per_cent_claims_neither_never_nor_always_wrongly():
    assert [percent(share) for share in (0, 0.001, 0.5, 0.996, 1)] == ["0 %", "<1 %", "50 %", ">99 %", "100 %"]


def test_strength_and_will_draws_the_median_and_greys_who_stands_aside():
    figure = strength_and_will(six_places())
    lines = {line.get_gid(): line for axes in figure.axes for line in axes.lines if line.get_gid()}
    assert set(lines) == {"north.strength", "south.strength", "north.will", "south.will"}
    assert lines["south.strength"].get_ydata()[[0, -1]].tolist() == [8000, 4000]
    assert lines["south.will"].get_ydata()[-1] == pytest.approx(0.3)
    assert lines["north.strength"].get_color() == theme.FAINT
    assert lines["south.strength"].get_color() == "#D55E00"
    assert [overlapping(boxes) for boxes in rendered(figure, "end")] == [[], []]


def test_bands_of_strength_span_half_and_nine_tenths_of_the_replicates():
    figure = strength_and_will(six_places())
    last = [band.get_paths()[0].vertices for band in figure.axes[0].collections]
    spans = sorted((float(v[v[:, 0] == 4][:, 1].min()), float(v[v[:, 0] == 4][:, 1].max())) for v in last)
    assert spans == [pytest.approx((1600, 6400)), pytest.approx((2800, 5200))]


def test_a_missing_series_is_named():
    results = six_places()
    results.series = results.series[results.series["quantity"] != "south.will"]
    with pytest.raises(ValueError, match=r"no series south\.will"):
        strength_and_will(results)


def test_sides_without_a_colour_of_their_own_get_different_ones():
    sides = {name: {"name": name} for name in ("a", "b")} | {"c": {"name": "c", "colour": theme.PALETTE[0]}}
    colours = theme.side_colours(scenario_of({"x": (0.0, 0.0, 1)}, sides=sides))
    assert colours["c"] == theme.PALETTE[0]
    assert len({*colours.values()} - {theme.UNSET_COLOUR}) == 3


def test_names_are_taken_at_their_letters():
    scenario = scenario_of({"x": (0.0, 0.0, 1)})
    odd = {"x": scenario.places["x"].model_copy(update={"name": r"A$B_$\frac"})}
    figure = control_map(results_of(scenario.model_copy(update={"places": odd, "title": "x" * 400}), {}), 0)
    assert overlapping(rendered(figure, "place")[0]) == []
    assert r"A$B_$\frac" in words(figure)
    last, largest = figure.texts[-1], max(figure.texts, key=lambda text: text.get_fontsize())
    title = last if len(last.get_text()) > 100 else largest
    renderer = FigureCanvasAgg(figure).get_renderer()
    assert title.get_window_extent(renderer).x1 <= figure.bbox.x1


@pytest.mark.parametrize("network", NETWORKS)
def test_plots_change_nothing_and_are_saved_the_same_each_time(network, tmp_path):
    results = NETWORKS[network]()
    before = copy.deepcopy(results)
    first = [path.read_bytes() for path in save_all(results, tmp_path / "a")]
    for name in ("days", "control", "falls"):
        assert np.array_equal(getattr(results, name), getattr(before, name))
    assert results.series.equals(before.series)
    assert results.scenario == before.scenario
    paths = save_all(results, tmp_path / "b")
    assert [path.stem for path in paths] == ["control_map", "fall_times", "strength_and_will"][network == "one" :]
    assert all(path.parent == tmp_path / "b" / "figures" for path in paths)
    assert [path.read_bytes() for path in paths] == first
    assert all(data.startswith(b"\x89PNG") for data in first)


def test_threads_may_draw_at_once(tmp_path):
    results = six_places()
    alone = [path.read_bytes() for path in save_all(results, tmp_path / "alone")]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda i: save_all(results, tmp_path / str(i)), range(4)))
    assert all([path.read_bytes() for path in paths] == alone for paths in together)


def test_the_plot_accessor_draws_each_plot(tmp_path):
    plot = Plot(six_places())
    assert "Day 1" in words(plot.control_map(day=1))
    assert {"Day 0", "Day 3"} <= set(words(plot.control_map(days=(0, 3))))
    assert "When places fall" in words(plot.fall_times("birch"))
    assert plot.strength_and_will()._repr_png_().startswith(b"\x89PNG")
    assert theme.save(plot.fall_times(), tmp_path / "deep" / "x.svg").read_text().startswith("<?xml")


def test_matplotlib_is_imported_when_a_plot_is_drawn_and_pyplot_never():
    here = Path(__file__).parent
    code = (
        f"import sys; sys.path.insert(0, {str(here)!r}); import sim.plots; assert 'matplotlib' not in sys.modules;"
        "from plot_fakes import one_place; sim.plots.Plot(one_place()).control_map();"
        "assert 'matplotlib' in sys.modules and 'matplotlib.pyplot' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=here.parents[1], check=False).returncode == 0
