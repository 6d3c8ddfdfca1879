"""Reads scenario text through a file."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest

from sim.scenario.read import LoadedScenario, read
from tests.scenario.small_scenario import RULEBOOK, SMALL, Load


@pytest.fixture
def load(tmp_path: pathlib.Path) -> Load:
    """Reads scenario text, with further files beside it, as `s.yaml` in a folder of its own."""

    def load(text: str = SMALL, files: dict[str, str] | None = None, **options: Any) -> LoadedScenario:
        for name, content in {"s.yaml": text, **(files or {})}.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(content, encoding="utf-8")
        return read(tmp_path / "s.yaml", RULEBOOK, **options)

    return load
