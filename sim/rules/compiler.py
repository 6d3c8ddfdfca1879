"""How rules become machine code: `rule` and `formula` mark them, `entry_point` the few that are compiled and cached.

Numba's own cache serves old code when only an imported module changed. So the cache lives in a folder named after
a hash of all sources that are compiled, and the folders of older sources are pruned.
NUMBA_DISABLE_JIT=1 runs the same rules as plain Python, with the same numbers.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import os
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numba
import numba.core.ir
from numba.core.codegen import CPUCodeLibrary
from numba.core.compiler_lock import global_compiler_lock
from numba.core.cpu import CPUContext
from numba.np import arrayobj

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

_COMPILED = {"error_model": "numpy", "nogil": True, "_nrt": False}
"""Division by zero gives infinity, threads run side by side, and nothing may allocate."""

formula = numba.njit(**_COMPILED, no_cfunc_wrapper=True, forceinline=True)
"""A formula on numbers or single rows: for rules, and for Python."""

step = numba.njit(**_COMPILED, inline="always", no_cfunc_wrapper=True)
"""A part of one rule, written apart for the reader: it becomes a part of the rule that takes it."""


def rule(function: Any) -> Any:
    """A phase of play, or what several phases use: only other rules call it.

    Its machine code becomes a part of theirs: to hand over a world of two dozen tables takes as long as a short rule.
    The bridge by which Python would call it takes as long to compile as the rule itself, so there is none.
    """
    if numba.config.DISABLE_JIT:
        return function
    compiled = numba.njit(**_COMPILED, no_cpython_wrapper=True, no_cfunc_wrapper=True, forceinline=True)(function)

    def note(result: Any) -> None:
        compiled.overloads[tuple(result.signature.args)] = result

    def refuse(*arguments: Any, **named: Any) -> None:
        raise TypeError(f"{function.__name__} is a rule: only other rules call it; `sim.Campaign` plays them all")

    compiled.add_overload, compiled._compile_for_args = note, refuse
    return compiled


def _row_number(context: Any, builder: Any, kind: Any, number: Any, size: Any) -> Any:
    return context.cast(builder, number, kind, numba.types.intp if kind.signed else numba.types.uintp)


@contextlib.contextmanager
def _stand_ins(owner: Any, **functions: Any) -> Iterator[None]:
    """Functions of a class or module are others for a while."""
    as_usual = {name: getattr(owner, name) for name in functions}
    try:
        for name, function in functions.items():
            setattr(owner, name, function)
        yield
    finally:
        for name, function in as_usual.items():
            setattr(owner, name, function)


@contextlib.contextmanager
def _quicker(entry: str) -> Iterator[None]:
    """Rules are compiled without what they do not need.

    An index may count from the end in Numba, and each is looked at whether it does; those of rules never do
    (tests/ensemble/test_engine_in_processes.py). A rule is a part of the entry point and of nothing else, so only the
    whole is made fast and turned into machine code, and that once: the pass before it looks for counted references.
    And the compiler leaves little garbage, but looks for it for a tenth of its time.
    """
    finish, executable = CPUCodeLibrary._finalize_final_module, CPUContext.get_executable

    def optimise_the_whole(library: Any) -> None:
        if library.name == entry:
            passes, builder = library._codegen._module_pass_manager()
            passes.run(library._final_module, builder)

    def finish_the_whole(library: Any) -> None:
        if library.name == entry:
            finish(library)
        library._finalized = True

    def executable_of_what_python_calls(context: Any, library: Any, described: Any, environment: Any) -> Any:
        if library.name != entry:
            try:
                library.get_function(described.llvm_cpython_wrapper_name)
            except NameError:
                # Nobody calls a rule, but Numba tells functions apart by what would be called.
                return [].append
            library._ensure_finalized()
            finish(library)
        return executable(context, library, described, environment)

    with (
        global_compiler_lock,
        _stand_ins(arrayobj, fix_integer_index=_row_number),
        _stand_ins(
            CPUCodeLibrary, _optimize_final_module=optimise_the_whole, _finalize_final_module=finish_the_whole
        ),
        _stand_ins(CPUContext, get_executable=executable_of_what_python_calls),
    ):
        collecting = gc.isenabled()
        gc.disable()
        try:
            yield
        finally:
            if collecting:
                gc.enable()


def entry_point(function: Any) -> Any:
    """A function that Python calls; its machine code is kept between runs."""
    if numba.config.DISABLE_JIT:
        return function
    compiled = numba.njit(**_COMPILED, cache=True)(function)
    as_usual = compiled.compile

    def compile_quicker(signature: Any) -> Any:
        with _quicker(function.__qualname__):
            return as_usual(signature)

    compiled.compile = compile_quicker
    return compiled


def _short_symbol(kind: numba.types.Type) -> tuple[str, tuple[()]]:
    return f"{type(kind).__name__}_{zlib.crc32(kind.name.encode()):08x}", ()


# Numba writes a type's whole name into each symbol: thirty thousand letters for a world of rows, in every call, which
# made compiling three times slower. A checksum says the same.
numba.types.Record.mangling_args = property(_short_symbol)
numba.types.NamedTuple.mangling_args = property(_short_symbol)

# When Numba takes a step into a rule it copies the step's code, and with every line all names of the step, which it
# then throws away: a quarter of the compile time. Names are not changed in the copy, so one set serves all.
numba.core.ir.Scope.__deepcopy__ = lambda scope, memo: scope
