"""The measure of an exercise gives only orders that a side can give."""

from __future__ import annotations

from benchmarks.exercise import _orders


def test_a_side_without_formations_is_asked_for_no_order():
    nobody = {"view": {"formations": []}, "orderable": ["red"]}  # its staff alone
    assert _orders(nobody, 3) == []
    two = {"view": {"formations": [{"id": "a"}, {"id": "b"}, {"id": "gone"}]}, "orderable": ["red", "a", "b"]}
    assert [_orders(two, number)[0]["who"] for number in (0, 1, 2)] == ["a", "b", "a"]
