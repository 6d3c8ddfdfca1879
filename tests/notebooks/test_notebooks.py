"""Every notebook runs from top to bottom in a kernel of its own, as a reader would run it."""

from __future__ import annotations

import shutil
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient

from tools.pages import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.py"))
SECONDS = 300
"""A cell that takes longer hangs; a whole notebook takes less than a minute on an idle machine."""

MEANT = (" campaigns/s", "the commander of lowlands, broken, raised UnknownId: there is no place 'nowhere'")
"""What a notebook may say beside its results: progress, and a mistake that it shows on purpose."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what notebooks read, so that nothing is written into the project."""
    copy = tmp_path_factory.mktemp("project")
    for folder in ("scenarios", "seeds", "notebooks"):
        shutil.copytree(ROOT / folder, copy / folder)
    return copy


def test_there_are_notebooks() -> None:
    assert len(NOTEBOOKS) >= 7


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(notebook: Path, project: Path) -> None:
    read = jupytext.read(notebook)
    cells = [cell for cell in read.cells if cell.cell_type == "code"]
    assert read.cells[0].cell_type == "markdown" and read.cells[0].source.startswith("# ")
    where = {"metadata": {"path": str(project / "notebooks")}}
    NotebookClient(read, timeout=SECONDS, kernel_name="python3", resources=where).execute()
    said = [output for cell in cells for output in cell.outputs]
    warned = [output.text for output in said if output.get("name") == "stderr"]
    assert [text for text in warned if text.strip() and not any(part in text for part in MEANT)] == []
    shown = [output.data for output in said if output.output_type in ("display_data", "execute_result")]
    assert len(shown) >= 2, "a notebook shows tables and plots"
    # What has no form of its own for a page would be shown as <object at 0x...>.
    assert not [data for data in shown if set(data) == {"text/plain"} and " at 0x" in data["text/plain"]]
    nbformat.validate(read)
