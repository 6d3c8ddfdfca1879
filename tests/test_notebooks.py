"""The notebooks run from top to bottom. They are text, which Jupyter opens with jupytext, and run as scripts."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.py"))


@pytest.mark.verify
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs(notebook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    runpy.run_path(str(notebook))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_says_what_it_is_about(notebook: Path) -> None:
    cells = notebook.read_text("utf-8").split("\n# %%")
    assert cells[0].startswith("# ---\n# jupyter:") and cells[1].startswith(" [markdown]\n# # ")
