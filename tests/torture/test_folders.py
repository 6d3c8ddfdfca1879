"""A short form of `make torture` for results folders: nothing silently wrong, nothing raw, no crash."""

from __future__ import annotations

import os

import pytest

from tests.torture.folders import main


@pytest.mark.skipif(not hasattr(os, "fork"), reason="experiments are forked")
def test_results_folders_outlast_kills_damage_and_crowds() -> None:
    few = {"kills": 8, "flips": 22, "cuts": 11, "crowds": 2, "campaigns": 200}
    assert main([*(f"--{name}={count}" for name, count in few.items()), "--no-writes"]) == 0
