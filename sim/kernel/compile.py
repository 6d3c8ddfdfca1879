"""How rules become machine code: `formula`, `step` and `rule` mark them, `stage` and `entry_point` what is cached.

Numba's own cache serves old code when only an imported module changed. So the cache lives in a folder named after
a hash of all sources that are compiled, and the folders of older sources are pruned.
NUMBA_DISABLE_JIT=1 runs the same rules as plain Python, with the same numbers.
"""

from __future__ import annotations

import hashlib
import inspect
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numba

from sim.kernel.quicker import quicker

PACKAGE = Path(__file__).resolve().parent.parent
COMPILED = ("kernel", "world", "bookkeeping", "rules", "engine")
"""Packages whose functions are compiled."""
KEPT_CACHES = 3
"""Caches of this many source versions stay on disk."""


def _sources_hash() -> str:
    digest = hashlib.sha256(f"numba {numba.__version__}".encode())
    for source in sorted(path for folder in COMPILED for path in PACKAGE.glob(f"{folder}/*.py")):
        digest.update(source.name.encode() + source.read_bytes())
    return digest.hexdigest()[:16]


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _cache_folder() -> Path:
    """Where compiled rules are kept: $ORONTES_CACHE, the user's cache folder, or a temporary one."""
    wanted = os.environ.get("ORONTES_CACHE")
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    root = Path(wanted) if wanted else Path(home) / "orontes"
    if not _writable(root):
        root = Path(tempfile.gettempdir()) / f"orontes-{os.getuid() if hasattr(os, 'getuid') else 'user'}"
    folder = root / _sources_hash()
    if _writable(folder):
        os.utime(folder)
        old = sorted((f for f in root.iterdir() if f.is_dir() and f != folder), key=lambda f: f.stat().st_mtime)
        for stale in old[: max(0, len(old) - (KEPT_CACHES - 1))]:
            shutil.rmtree(stale, ignore_errors=True)
    return folder


CACHE_FOLDER = _cache_folder()
numba.config.CACHE_DIR = str(CACHE_FOLDER)

_COMPILED = {"error_model": "numpy", "nogil": True, "_nrt": False}
"""Division by zero gives infinity, threads run side by side, and nothing may allocate."""

step = numba.njit(**_COMPILED, inline="always", no_cfunc_wrapper=True)
"""A part of one rule, written apart for the reader: it becomes a part of the rule that takes it."""


def _part(function: Any, called_by_python: Any, **options: Any) -> Any:
    """A function that compiled functions call; Python's calls go elsewhere.

    The bridge by which Python would call it takes as long to compile as the function itself, so there is none.
    """
    compiled = numba.njit(**_COMPILED, no_cpython_wrapper=True, no_cfunc_wrapper=True, **options)(function)

    def note(result: Any) -> None:
        compiled.overloads[tuple(result.signature.args)] = result

    compiled.add_overload, compiled._compile_for_args = note, called_by_python
    return compiled


def formula(function: Any) -> Any:
    """A formula on numbers or single rows: for rules, and for Python, which has it compiled when it first asks."""
    if numba.config.DISABLE_JIT:
        return function
    return _part(function, numba.njit(**_COMPILED)(function)._compile_for_args, forceinline=True)


def _refuse(function: Any) -> Any:
    def refuse(*arguments: Any, **named: Any) -> None:
        raise TypeError(f"{function.__name__} is a rule: only other rules call it; `sim.Campaign` plays them all")

    return refuse


def rule(function: Any) -> Any:
    """A phase of play, or what several phases use: only other rules call it.

    It is inlined: to hand over a world of two dozen tables takes as long as a short rule.
    """
    if numba.config.DISABLE_JIT:
        return function
    return _part(function, _refuse(function), forceinline=True)


STAGES: list[Any] = []


def stage(function: Any) -> Any:
    """A stage of play: phases that are compiled together, and apart from those of other stages, at the same time.

    Its parameters are some of those of the entry point, by name.
    """
    if numba.config.DISABLE_JIT:
        return function
    STAGES.append(_part(function, _refuse(function), cache=True))
    return STAGES[-1]


def entry_point(function: Any) -> Any:
    """A function that Python calls; its machine code is kept between runs, and so is that of the stages of play."""
    if numba.config.DISABLE_JIT:
        return function
    compiled = numba.njit(**_COMPILED, cache=True)(function)
    as_usual = compiled.compile

    def compile_quicker(signature: Any) -> Any:
        types = dict(zip(inspect.signature(function).parameters, signature, strict=True))
        with quicker(function.__qualname__, [part.__qualname__ for part in STAGES]) as workshop:
            for part in STAGES:
                workshop.prepare(part, tuple(types[name] for name in inspect.signature(part).parameters))
            return as_usual(signature)

    compiled.compile = compile_quicker
    return compiled
