"""The supported versions of Numba are declared once, and only its public names are used."""

from __future__ import annotations

import ast
import tomllib
from importlib.metadata import version
from pathlib import Path

from numba.np import arrayobj
from packaging.requirements import Requirement

from sim.kernel.indices import leave_out_sign_checks
from tools.numba_versions import requirements, supported

ROOT = Path(__file__).parents[2]
PUBLIC = {"numba", "numba.extending", "llvmlite", "llvmlite.binding"}
"""Modules whose names are documented."""


def test_a_numba_without_the_excepted_name_is_left_as_it_is(monkeypatch):
    monkeypatch.delattr(arrayobj, "fix_integer_index")
    leave_out_sign_checks()
    assert not hasattr(arrayobj, "fix_integer_index")


def test_two_minor_versions_are_supported_and_the_newest_is_installed():
    pins = [pin["numba"] for pin in supported()]
    minors = [tuple(int(part) for part in pin.split(".")[:2]) for pin in pins]
    assert len(set(minors)) >= 2 and minors == sorted(minors)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    allowed = next(Requirement(text) for text in project["dependencies"] if Requirement(text).name == "numba").specifier
    assert all(pin in allowed for pin in pins)
    (_, first), (_, last) = minors[0], minors[-1]
    assert f"0.{first - 1}.9" not in allowed and f"0.{last + 1}.0" not in allowed
    assert version("numba") in pins
    pinned = (ROOT / ".ci" / "requirements.txt").read_text("utf-8").splitlines()
    assert {f"{name}=={pin}" for name, pin in supported()[-1].items()} <= set(pinned)


def test_another_version_replaces_the_pinned_one_and_nothing_else():
    old = requirements(supported()[0])
    new = requirements(supported()[-1])
    assert set(old) - set(new) == {f"{name}=={pin}" for name, pin in supported()[0].items()}
    assert len(old) == len(new)
    # What the suite needs comes by way of other files too: the site, the notebooks.
    assert {"numpy", "pytest", "sphinx", "jupytext"} <= {line.partition("==")[0].lower() for line in old}


def test_only_public_names_of_numba_are_used():
    """Names come from public modules, and none but the version begins with an underscore.

    One module is excepted, which only processes that compile call; without its name everything works, slower.
    """
    excepted = ROOT / "sim" / "kernel" / "indices.py"
    for path in set((ROOT / "sim").rglob("*.py")) - {excepted}:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            modules = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                modules = [str(node.module)]
            for module in modules:
                assert module.partition(".")[0] not in ("numba", "llvmlite") or module in PUBLIC, (path, module)
            if isinstance(node, ast.Attribute) and (name := ast.unparse(node)).startswith("numba."):
                assert name == "numba.__version__" or "._" not in name, (path, name)
                assert not name.startswith("numba.core"), (path, name)
