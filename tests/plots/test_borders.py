"""Borders of the world: decoded, in their windows, chosen by fineness, small."""

import json
from pathlib import Path

import numpy as np

from sim.plots import borders
from sim.plots.borders import layer_for, layers
from tools import clip_borders as clip

BOX = (0.0, 0.0, 10.0, 10.0)


def on_land(layer, lon, lat):
    return borders.on_land(layer, np.array([[lon, lat]])).item()


def test_the_file_is_small_and_names_nobody():
    path = Path(borders.__file__).with_name("borders.json")
    assert path.stat().st_size < 100_000
    layers = json.loads(path.read_text())["layers"]
    assert all(layer.keys() == {"window", "units", "land", "borders"} for layer in layers)


def test_the_finest_layer_that_covers_the_window_is_taken():
    assert layer_for(33, 30, 44, 39) is layers()[0]
    assert layer_for(-10, 30, 44, 39) is layers()[-1]
    assert layer_for(170, -20, 200, 10) is layers()[-1]


def test_land_and_sea_lie_where_they_do():
    for layer in layers():
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
    layer = clip.cut(topology, (-9, -9, 9, 9), 0.01, 10, 0.1)
    assert layer["borders"] == [[10, 0, 0, 10]]
    (ring,) = (borders._decode(line, 10) for line in layer["land"])
    assert {tuple(point) for point in ring.tolist()} == {(1, 1), (0, 1), (0, 0), (1, 0), (2, 0), (2, 1)}
