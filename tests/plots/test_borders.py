"""Borders of maps: layers are decoded, chosen by window and size of the map, and clipped by the tool."""

import json

import numpy as np
import pytest

from sim.plots import borders
from sim.plots.borders import FOLDER, Layer, layer_for, layers
from tools import clip_borders as clip

BOX = (0.0, 0.0, 10.0, 10.0)


def on_land(layer, lon, lat):
    return borders.on_land(layer, np.array([[lon, lat]])).item()


def test_layers_are_small_and_name_nobody():
    for path in FOLDER.glob("*.json"):
        assert path.stat().st_size < 100_000
        assert json.loads(path.read_text()).keys() == {"origin", "window", "least_extent", "units", "land", "borders"}


def test_the_finest_layer_that_covers_the_window_is_taken():
    *_, world = layers()
    fine = layer_for(33, 30, 44, 39)
    assert fine is not None and fine.window == (30, 28, 47, 41)
    assert layer_for(-10, 20, 44, 55) is world
    assert layer_for(170, -20, 200, 10) is world  # across the date line


def test_a_small_window_elsewhere_has_no_layer():
    """The layer of the world is too coarse for it."""
    assert layer_for(8, 46, 12, 49) is None
    assert layer_for(29, 27, 44, 39) is None  # sticks out of the fine layer


def test_land_and_sea_lie_where_they_do():
    for layer in (layer_for(33, 30, 44, 39), layers()[-1]):
        assert on_land(layer, 38.0, 34.5)  # desert
        assert not on_land(layer, 32.5, 34.2)  # open sea
    assert on_land(layers()[-1], 10.0, 50.0)
    assert not on_land(layers()[-1], -30.0, 30.0)
    assert on_land(layers()[-1], 370.0, 50.0)
    assert not on_land(layers()[-1], 51.0, 40.5)  # an inland sea is a hole in the land


def test_coordinates_stay_on_earth():
    for layer in layers():
        everything = np.vstack(layer.land + layer.borders)
        assert np.abs(everything[:, 0]).max() <= 180
        assert np.abs(everything[:, 1]).max() <= 90


def test_clipping_a_ring_and_a_line():
    square = [(-5.0, -5.0), (5.0, -5.0), (5.0, 5.0), (-5.0, 5.0)]
    assert set(clip.clip_ring(square, BOX)) == {(0, 0), (5, 0), (5, 5), (0, 5)}
    assert clip.clip_ring([(20.0, 20.0), (30.0, 20.0), (30.0, 30.0)], BOX) == []
    line = [(-9.0, 5.0), (-8.0, 5.0), (5.0, 5.0), (20.0, 5.0), (30.0, 5.0)]
    assert list(clip.clip_line(line, BOX)) == [[(-8.0, 5.0), (5.0, 5.0), (20.0, 5.0)]]


def test_rings_across_the_date_line_and_around_a_pole_do_not_streak_across_the_world():
    assert clip.closed([(179.0, 0.0), (-179.0, 0.0), (-179.0, 1.0)]) == [(179, 0), (181, 0), (181, 1)]
    ring = clip.closed([(-120.0, -70.0), (0.0, -70.0), (120.0, -70.0)])
    assert ring == [(-120, -70), (0, -70), (120, -70), (240, -70), (240, -90), (-120, -90)]
    world = layers()[-1]
    longest = max(np.abs(np.diff(line[:, 0])).max() for line in world.land if line[:, 1].min() > -60)
    assert longest < 20
    assert on_land(world, 100.0, -85.0)


def test_simplifying_keeps_corners_only():
    assert clip.simplify([(0, 0), (1, 0.001), (2, 0), (2, 2)], 0.01) == [(0, 0), (2, 0), (2, 2)]
    assert clip.simplify([(0, 0), (1, 1), (0, 0)], 0.01) == [(0, 0), (1, 1), (0, 0)]


def test_a_topology_is_cut_into_land_and_shared_borders():
    # Two unit squares side by side: arc 0 is their common side, arcs 1 and 2 are coast.
    topology = {
        "transform": {"scale": [1, 1], "translate": [0, 0]},
        "arcs": [[[1, 0], [0, 1]], [[1, 1], [-1, 0], [0, -1], [1, 0]], [[1, 0], [1, 0], [0, 1], [-1, 0]]],
        "objects": {
            "countries": {"type": "GeometryCollection", "geometries": [
                {"type": "Polygon", "arcs": [[0, 1]]}, {"type": "Polygon", "arcs": [[2, -1]]}]},
            "land": {"type": "GeometryCollection", "geometries": [{"type": "MultiPolygon", "arcs": [[[1, 2]]]}]},
        },
    }  # fmt: skip
    layer = clip.cut(topology, (-9, -9, 9, 9), clip.Fineness("", 0.01, 0.1, 10, 0.0))
    assert layer["borders"] == [[10, 0, 0, 10]]
    (ring,) = (borders._decode(line, 10) for line in layer["land"])
    assert {tuple(point) for point in ring.tolist()} == {(1, 1), (0, 1), (0, 0), (1, 0), (2, 0), (2, 1)}


def test_places_beyond_the_date_line_are_on_the_land_of_their_layer():
    island = np.array([(179.0, -1.0), (181.0, -1.0), (181.0, 1.0), (179.0, 1.0)])
    layer = Layer((170.0, -10.0, 190.0, 10.0), 0.0, [island], [])
    assert on_land(layer, -179.5, 0.0)
    assert not on_land(layer, -175.0, 0.0)


def test_the_window_of_a_scenario_has_room_for_any_map_of_it(crossroads_file):
    west, south, east, north = clip.with_room(clip.network_of(crossroads_file))
    assert (west, south, east, north) == (8, 46, 11, 48)
    assert clip.name_of((west, south, east, north)) == "N46E008-N48E011"
    assert clip.name_of((177.0, -20.0, 182.0, -15.0)) == "S20E177-S15E182"


def test_the_layer_of_the_world_does_not_stand_in_for_a_country():
    country = (100.0, 10.0, 114.0, 20.0)
    assert layer_for(*clip.with_room(country)) is not None  # wide enough for the coarse layer
    assert not clip.is_covered(country, clip.with_room(country))
    assert clip.is_covered((0.0, 10.0, 60.0, 50.0), (-30.0, 0.0, 90.0, 60.0))


@pytest.mark.parametrize(
    ("window", "file"), [((0, 0, 5, 5), "10m"), ((0, 0, 40, 30), "10m"), ((0, 0, 80, 30), "50m")]
)  # fmt: skip
def test_the_source_suits_the_window(window, file):
    fineness = clip.Fineness.of(window)
    assert fineness.file == f"countries-{file}.json"
    assert 3000 < max(window) / fineness.tolerance <= 5500


def test_a_layer_of_a_scenario_is_written_and_read(tmp_path, monkeypatch, crossroads_file, capsys):
    topology = {
        "transform": {"scale": [1, 1], "translate": [0, 0]},
        "arcs": [[[0, 40], [20, 0], [0, 20], [-20, 0], [0, -20]]],
        "objects": {
            "countries": {"type": "GeometryCollection", "geometries": [{"type": "Polygon", "arcs": [[0]]}]},
            "land": {"type": "GeometryCollection", "geometries": [{"type": "MultiPolygon", "arcs": [[[0]]]}]},
        },
    }
    monkeypatch.setattr(clip, "read_atlas", lambda path, file: topology)
    clip.main([str(crossroads_file), "--into", str(tmp_path)])
    monkeypatch.setattr(borders, "FOLDER", tmp_path)
    borders.layers.cache_clear()
    try:
        layer = layer_for(8.5, 46.5, 10.5, 47.5)
        assert layer is not None and on_land(layer, 9.0, 47.0)
        assert layer_for(7.5, 46.5, 10.5, 47.5) is None
    finally:
        borders.layers.cache_clear()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["scenarios/none.yaml"], "there is no such file"),
        (["--world", "--atlas", "none.tgz"], "none.tgz: No such file or directory"),
        (["--world", "--atlas", __file__], "this is no archive of world-atlas"),
    ],
)
def test_what_the_tool_cannot_use_is_one_message(arguments, says):
    with pytest.raises(SystemExit) as refused:
        clip.main(arguments)
    assert says in str(refused.value) and "\n" not in str(refused.value)
