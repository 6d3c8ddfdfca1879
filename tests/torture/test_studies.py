"""A short form of `tests.torture.studies`: a study, and a worker of a real Dask cluster, killed in the middle."""

from __future__ import annotations

import os

import pytest

from tests.torture.studies import main


@pytest.mark.skipif(not hasattr(os, "fork"), reason="experiments are forked")
def test_a_study_outlasts_its_own_death_and_that_of_a_worker() -> None:
    pytest.importorskip("dask.distributed")
    assert main(["--kills=4", "--workers=1"]) == 0
