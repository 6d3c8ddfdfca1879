"""Discs do not hide each other, labels do not overlap, and nothing moves without need."""

import numpy as np
import pytest

from sim.plots.placement import Box, leader, part_discs, place_labels, spread

PANEL = Box(0, 0, 200, 150)


@pytest.mark.parametrize("seed", range(5))
def test_discs_give_way_until_none_hides_another(seed):
    rng = np.random.default_rng(seed)
    anchors = rng.normal((100, 75), 12, (40, 2))
    anchors[1] = anchors[0]
    centres, radii = part_discs(anchors, rng.uniform(2, 8, 40), PANEL)
    apart = np.hypot(*(centres[:, None] - centres).transpose(2, 0, 1)) + 1e9 * np.eye(40)
    assert np.all(apart >= radii[:, None] + radii)
    assert np.all(centres - radii[:, None] >= -1e-9)
    assert np.all(centres + radii[:, None] <= np.array(PANEL[2:]) + 1e-9)


def test_discs_with_room_stay_and_of_a_crowded_pair_the_small_one_moves():
    anchors = np.array([[30.0, 30.0], [100.0, 100.0], [105.0, 100.0]])
    centres, radii = part_discs(anchors, np.array([5.0, 10.0, 3.0]), PANEL)
    assert np.allclose(radii, [5, 10, 3])
    moved = np.hypot(*(centres - anchors).T)
    assert moved[0] < 0.01
    assert moved[2] > 5 * moved[1]


def test_too_many_discs_shrink_rather_than_overlap():
    rng = np.random.default_rng(0)
    small = Box(0, 0, 40, 40)
    centres, radii = part_discs(rng.uniform(0, 40, (30, 2)), np.full(30, 9.0), small)
    apart = np.hypot(*(centres[:, None] - centres).transpose(2, 0, 1)) + 1e9 * np.eye(30)
    assert np.all(apart >= radii[:, None] + radii)
    assert radii.max() < 9


@pytest.mark.parametrize("seed", range(5))
def test_discs_leave_walls_and_go_round_those_that_stay(seed):
    rng = np.random.default_rng(seed)
    anchors, radii = rng.normal((100, 75), 15, (30, 2)), rng.uniform(2, 4, 30)
    fixed = np.arange(30) == 0
    wall = Box(anchors[0, 0] + 6, anchors[0, 1] - 6, anchors[0, 0] + 50, anchors[0, 1] + 6)
    centres, shrunk = part_discs(anchors, radii, PANEL, fixed=fixed, walls=[wall])
    apart = np.hypot(*(centres[:, None] - centres).transpose(2, 0, 1)) + 1e9 * np.eye(30)
    assert np.allclose(centres[0], anchors[0], atol=0.01)
    assert np.allclose(shrunk, radii)
    assert np.all(apart >= radii[:, None] + radii)
    assert wall.gaps(centres, radii).min() > 0


def test_a_wall_that_leaves_no_room_is_given_up_in_the_end():
    centres, radii = part_discs(np.array([[20.0, 20.0]]), np.array([9.0]), Box(0, 0, 40, 40), walls=[Box(1, 1, 39, 39)])
    assert np.allclose(centres, 20, atol=0.01)
    assert 5 < radii[0] < 9


def test_a_name_that_another_disc_could_claim_is_left_out():
    centres, radii = np.array([[100.0, 75.0], [146.0, 75.0]]), np.array([4.0, 4.0])
    room = Box(90, 60, 160, 90)
    assert set(place_labels(centres, radii, [(36.0, 9.0)] * 2, [0], Box(95, 66, 160, 84), np.zeros((0, 2)))) == set()
    assert set(place_labels(centres, radii, [(20.0, 9.0)] * 2, [0], room, np.zeros((0, 2)))) == {0}


@pytest.mark.parametrize("seed", range(5))
def test_labels_touch_no_label_no_disc_and_no_edge(seed):
    rng = np.random.default_rng(seed)
    centres, radii = part_discs(rng.uniform(10, 140, (30, 2)), rng.uniform(2, 7, 30), PANEL)
    sizes = [(float(width), 9.0) for width in rng.uniform(15, 60, 30)]
    placed = place_labels(centres, radii, sizes, range(30), PANEL, np.zeros((0, 2)), important=6)
    boxes = list(placed.values())
    assert 3 < len(boxes) < 30
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert all(box.gaps(centres, radii).min() >= 0 for box in boxes)
    assert all(box.inside(PANEL) for box in boxes)
    for i, box in placed.items():
        line = leader(centres[i], radii[i], box)
        assert not any(other.contains(line).any() for other in boxes)


def test_the_first_in_order_gets_the_only_room():
    centres, radii = np.array([[10.0, 10.0], [10.0, 17.0]]), np.array([3.0, 3.0])
    narrow, sizes = Box(6, 5, 40, 22), [(20.0, 8.0), (20.0, 8.0)]
    assert set(place_labels(centres, radii, sizes, [0, 1], narrow, np.zeros((0, 2)))) == {0}
    assert set(place_labels(centres, radii, sizes, [1, 0], narrow, np.zeros((0, 2)))) == {1}


def test_a_label_avoids_the_road():
    centre, radius, size = np.array([[100.0, 75.0]]), np.array([4.0]), [(30.0, 9.0)]
    road = np.stack([np.linspace(100, 200, 50), np.full(50, 75.0)], axis=1)
    free = place_labels(centre, radius, size, [0], PANEL, np.zeros((0, 2)))[0]
    beside = place_labels(centre, radius, size, [0], PANEL, road)[0]
    assert free.left > 100
    assert beside.right < 100


def test_an_important_label_hemmed_in_stands_further_off():
    angles = np.linspace(0, 2 * np.pi, 6, endpoint=False)
    ring = 14 * np.stack([np.cos(angles), np.sin(angles)], axis=1) + (100, 75)
    centres, radii = np.vstack([[100.0, 75.0], ring]), np.full(7, 4.0)
    sizes = [(30.0, 9.0)] * 7
    assert place_labels(centres, radii, sizes, [0], PANEL, np.zeros((0, 2))) == {}
    box = place_labels(centres, radii, sizes, [0], PANEL, np.zeros((0, 2)), important=1)[0]
    assert len(leader(centres[0], radii[0], box)) > 0


def test_spread_keeps_what_has_room_and_parts_what_has_not():
    assert np.allclose(spread(np.array([0.1, 0.5, 0.9]), 0.1, 0, 1), [0.1, 0.5, 0.9])
    assert np.allclose(spread(np.array([0.5, 0.5]), 0.1, 0, 1), [0.45, 0.55])
    assert np.allclose(spread(np.array([1.0, 1.0, 0.2, 1.0]), 0.1, 0, 1), [0.8, 0.9, 0.2, 1.0])
    assert np.allclose(spread(np.array([0.0, 0.0]), 0.1, 0, 1), [0.0, 0.1])
    assert spread(np.array([]), 0.1, 0, 1).size == 0
