"""Calls Sphinx."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

from tools.pages import DOCS, ROOT


def build(folder: Path) -> None:
    """Build the site into a folder. RuntimeError with what Sphinx said, if it is missing or warned."""
    if importlib.util.find_spec("sphinx") is None:
        raise RuntimeError("Sphinx is not installed: `make site` installs it, or `pip install orontes[docs]`")
    command = [sys.executable, "-m", "sphinx", "-q", "-E", "-W", "--keep-going", "-c", str(Path(__file__).parent)]
    doctrees = ["-d", str(folder.with_name(folder.name + ".doctrees"))]
    done = subprocess.run([*command, *doctrees, str(DOCS), str(folder)], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr.strip() or done.stdout.strip())
