"""Replays of small and of large campaigns, as files."""

from __future__ import annotations

from pathlib import Path

import pytest

import sim

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def small(crossroads):
    """Forty campaigns of the invented war."""
    return sim.run(crossroads, 40, seed=1, results=None, progress=False)


@pytest.fixture(scope="session")
def small_page(small, tmp_path_factory):
    """The replay of campaign 3 of these."""
    return small.replay(3).save(tmp_path_factory.mktemp("replay") / "small.html")


@pytest.fixture(scope="session")
def large_page(tmp_path_factory):
    """The replay of an ensemble of the largest scenario."""
    results = sim.run(ROOT / "scenarios/hama-2024.yaml", 30, seed=1, results=None, progress=False)
    return results.replay().save(tmp_path_factory.mktemp("replay") / "replay.html")
