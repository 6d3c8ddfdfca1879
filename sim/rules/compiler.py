"""How rules become machine code: `rule` marks a rule, `entry_point` the few functions that are compiled and cached.

Numba's own cache serves old code when only an imported module changed. So the cache lives in a folder named after
a hash of all sources that are compiled, and the folders of older sources are pruned.
NUMBA_DISABLE_JIT=1 runs the same rules as plain Python, with the same numbers.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import zlib
from pathlib import Path

import numba

PACKAGE = Path(__file__).resolve().parent.parent
ENTRY_POINTS = [PACKAGE / "ensemble" / "engine.py", PACKAGE / "ensemble" / "recorder.py"]
KEPT_CACHES = 3
"""Caches of this many source versions stay on disk."""


def _sources_hash() -> str:
    digest = hashlib.sha256(f"numba {numba.__version__}".encode())
    for source in sorted([*PACKAGE.glob("rules/*.py"), *PACKAGE.glob("world/*.py"), *ENTRY_POINTS]):
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

rule = numba.njit(error_model="numpy", nogil=True, _nrt=False)
"""A phase of play, or a formula that several phases use: compiled once, and called. Nothing in it may allocate."""

step = numba.njit(error_model="numpy", nogil=True, _nrt=False, inline="always")
"""A part of one rule, written apart for the reader: it becomes a part of the rule that takes it."""

entry_point = numba.njit(error_model="numpy", nogil=True, _nrt=False, cache=True)
"""A function that Python calls; its machine code is kept between runs."""


def _short_symbol(kind: numba.types.Type) -> tuple[str, tuple[()]]:
    return f"{type(kind).__name__}_{zlib.crc32(kind.name.encode()):08x}", ()


# Numba writes a type's whole name into each symbol: thirty thousand letters for a world of rows, in every call, which
# made compiling three times slower. A checksum says the same.
numba.types.Record.mangling_args = property(_short_symbol)
numba.types.NamedTuple.mangling_args = property(_short_symbol)
