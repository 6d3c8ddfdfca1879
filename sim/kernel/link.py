"""From decorated Python functions to machine code, by Numba's public names.

A decorated function is an ordinary Python function that names others. `linked` makes a copy of it in which those names
mean Numba's dispatchers. `digest` says what the machine code depends on: the code of all functions that a function
reaches, the constants that they name, the types of the arguments, the compiler and the processor.
"""

from __future__ import annotations

import contextlib
import dis
import functools
import hashlib
import itertools
import sys
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import llvmlite
import llvmlite.binding
import numba
import numpy as np
from numba.extending import models, register_model, typeof_impl

from sim.kernel.cache import MARK
from sim.kernel.compile import PARTS, Stage
from sim.kernel.indices import ASSUMED

OPTIONS: dict[str, Any] = {"error_model": "numpy", "nogil": True, "_nrt": False}
"""Division by zero gives infinity, threads run side by side, and no array is allocated or counted.

`_nrt` is documented at `numba.extending.register_jitable`. Without it everything works, many times slower.
"""
NO_WRAPPERS = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
"""Only compiled functions call a part of a rule."""

_dispatchers: dict[Any, Any] = {}
_lock = threading.RLock()


# --- what a function names -------------------------------------------------------------------------------------------


@functools.cache
def _named(function: Any) -> dict[str, Any]:
    """The globals that a function names, with their values. Of a module: its member, as `module.member`."""
    found: dict[str, Any] = {}
    todo = [function.__code__]
    while todo:
        code = todo.pop()
        todo += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
        for one, following in itertools.pairwise(dis.get_instructions(code)):
            if one.opname != "LOAD_GLOBAL" or one.argval not in function.__globals__:
                continue
            name, value = one.argval, function.__globals__[one.argval]
            if isinstance(value, ModuleType):
                name, value = f"{name}.{following.argval}", getattr(value, str(following.argval), None)
            found[name] = value
    return found


def linked(function: Any) -> Any:
    """A copy of a function in which the parts of rules that it names are dispatchers of Numba."""
    named = _named(function)
    namespace: dict[str, Any] = {"__name__": function.__module__}
    ours = {name.partition(".")[0] for name, value in named.items() if "." in name and _is_part(value)}
    for name, value in named.items():
        module, _, member = name.partition(".")
        if not member:
            namespace[name] = _dispatcher(value) if _is_part(value) else value
        elif module not in ours:
            namespace[module] = function.__globals__[module]
        else:
            stand_in = namespace.setdefault(module, ModuleType(module))
            setattr(stand_in, member, _dispatcher(value) if _is_part(value) else value)
    copy = FunctionType(function.__code__, namespace, function.__name__, function.__defaults__)
    copy.__qualname__ = function.__qualname__
    return copy


def _dispatcher(part: Any) -> Any:
    if part not in _dispatchers:
        _dispatchers[part] = numba.njit(**OPTIONS, **NO_WRAPPERS, **PARTS[part])(linked(part))
    return _dispatchers[part]


def _is_part(value: Any) -> bool:
    return isinstance(value, FunctionType) and value in PARTS


# --- what machine code depends on ------------------------------------------------------------------------------------


def digest(function: Any, types: tuple[Any, ...], place: Path | None) -> str:
    """A hash of all that the machine code of a function for arguments of these types depends on, and of its place."""
    found = hashlib.sha256(_platform() + repr(str(place)).encode())
    found.update(repr(types).encode())
    for part in _reached(function):
        _add_function(found, part)
    return found.hexdigest()[:20]


def size(function: Any) -> int:
    """Bytes of Python code that a function reaches: about how long it takes to compile."""
    return sum(len(part.__code__.co_code) for part in _reached(function))


def _reached(function: Any) -> list[Any]:
    """A function and all parts of rules that it calls, also by way of others, each once."""
    found = {function: None}
    todo = [function]
    while todo:
        for _, value in sorted(_named(todo.pop()).items()):
            if _is_part(value) and value not in found:
                found[value] = None
                todo.append(value)
    return list(found)


def _platform() -> bytes:
    cpu = llvmlite.binding.get_host_cpu_name(), llvmlite.binding.get_host_cpu_features().flatten()
    versions = numba.__version__, llvmlite.__version__, sys.version, sys.byteorder
    return repr((versions, cpu, OPTIONS, NO_WRAPPERS, ASSUMED)).encode()


def _add_function(found: Any, function: Any) -> None:
    """The code of one function, and the values that it names. Parts of rules are named only: each adds its own code."""
    named = function.__module__, function.__qualname__, PARTS.get(function), function.__defaults__
    found.update(repr(named).encode())
    _add_code(found, function.__code__)
    for name, value in sorted(_named(function).items()):
        found.update(name.encode())
        if _is_part(value):
            found.update(f"{value.__module__}.{value.__qualname__}".encode())
        elif isinstance(value, np.ndarray):
            found.update(f"{value.dtype.descr} {value.shape}".encode() + value.tobytes())
        else:
            found.update(repr(value).encode())


def _add_code(found: Any, code: CodeType) -> None:
    constants = [constant for constant in code.co_consts if not isinstance(constant, CodeType)]
    found.update(code.co_code + code.co_exceptiontable)
    found.update(repr((constants, code.co_names, code.co_varnames, code.co_freevars)).encode())
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            _add_code(found, constant)


# --- machine code ----------------------------------------------------------------------------------------------------


class StageType(numba.types.ExternalFunctionPointer):
    """The type of a stage: a pointer to machine code that takes these arguments.

    Numba hashes it in each call from Python: a text is hashed once, the types of a whole world each time.
    """

    def __init__(self, *types: Any) -> None:
        super().__init__(numba.void(*types), get_pointer=address)
        self.text = repr(types)

    @property
    def key(self) -> str:
        return self.text

    @property
    def mangling_args(self) -> tuple[str, tuple[()]]:
        """In symbols it stands for all types of a world, which would be thirty thousand letters."""
        return f"StageType_{zlib.crc32(self.text.encode()):08x}", ()


register_model(StageType)(models.ExternalFuncPointerModel)


def address(stage: Stage) -> int:
    """Where the machine code of a stage begins."""
    return stage.code.address


@typeof_impl.register(Stage)
def _type_of_stage(stage: Stage, context: Any) -> Any:
    return stage.type


def type_stage(stage: Stage, parameters: dict[str, Any]) -> tuple[Any, ...]:
    """The types of a stage's arguments, by those of the entry point's parameters."""
    code = stage.function.__code__
    types = tuple(parameters[name] for name in code.co_varnames[: code.co_argcount])
    stage.type = StageType(*types)
    return types


def type_stages(stages: Any) -> Any:
    """The type of the NamedTuple of all stages. To work it out in each call takes longer than a tick."""
    known = numba.types.NamedTuple([stage.type for stage in stages], type(stages))
    typeof_impl.register(type(stages), lambda value, context: known)
    return known


def compile_stage(source: Any, types: tuple[Any, ...], cache: Path | None) -> Any:
    """The machine code of a stage, kept in a folder or only in this process."""
    with _numba_cache(cache):
        return numba.cfunc(numba.void(*types), cache=cache is not None, **OPTIONS)(_placed(source, cache))


def compile_entry(source: Any, types: tuple[Any, ...], cache: Path | None) -> Any:
    """The machine code of an entry point, kept in a folder or only in this process."""
    with _numba_cache(cache):
        code = numba.njit(cache=cache is not None, **OPTIONS)(_placed(source, cache))
        code.compile(types)
    code.disable_compile()
    return code


def _placed(source: Any, folder: Path | None) -> Any:
    """The function that Numba is given.

    Numba finds machine code again by the path, the time and the line of its source. The name of our entry says all that
    the code depends on: another checkout, an edited comment or a file that was only touched has the same code.
    """
    if folder is None:
        return source
    code = source.__code__.replace(co_filename=str(folder.parent / MARK), co_firstlineno=1)
    placed = FunctionType(code, source.__globals__, source.__name__, source.__defaults__)
    placed.__qualname__ = source.__qualname__
    return placed


@contextlib.contextmanager
def _numba_cache(folder: Path | None) -> Iterator[None]:
    """Numba reads its setting for the cache when a function is decorated: it is ours for that moment only."""
    if folder is None:
        yield
        return
    with _lock:
        usual = numba.config.CACHE_DIR
        numba.config.CACHE_DIR = str(folder)
        try:
            yield
        finally:
            numba.config.CACHE_DIR = usual
