"""How the rules are compiled in half the time: what Numba does otherwise while it compiles them.

Each change leaves out work whose outcome is known or that nobody uses; the machine code stays the same. They hold
while rules are compiled and go by Numba's own names, so that its version is pinned.
"""

from __future__ import annotations

import contextlib
import gc
import zlib
from collections.abc import Iterator
from typing import Any

import numba
import numba.core.ir
from numba.core.codegen import CPUCodeLibrary
from numba.core.compiler_lock import global_compiler_lock
from numba.core.cpu import CPUContext
from numba.core.postproc import PostProcessor, VariableLifetime
from numba.core.transforms import canonicalize_cfg
from numba.core.types import BaseFunction
from numba.np import arrayobj


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


def _row_number(context: Any, builder: Any, kind: Any, number: Any, size: Any) -> Any:
    """An index may count from the end in Numba, and each is looked at whether it does.

    Those of rules never do (tests/ensemble/test_engine_in_processes.py).
    """
    return context.cast(builder, number, kind, numba.types.intp if kind.signed else numba.types.uintp)


def _answers_once() -> Any:
    """`a + b` of two numbers is asked about thousands of times, and each time dozens of meanings are tried in turn."""
    known: dict[Any, Any] = {}
    find_out = BaseFunction.get_call_type

    def what_comes_of(operation: Any, context: Any, args: Any, kws: Any) -> Any:
        asked = (operation, tuple(args), tuple(kws.items()))
        if asked not in known:
            known[asked] = find_out(operation, context, args, kws)
        return known[asked]

    return what_comes_of


def _tidy_up(processor: Any, emit_dels: bool = False, extend_lifetimes: bool = False) -> None:
    """How long each variable is needed is asked when it is to be deleted: once, not after each of a dozen passes."""
    code = processor.func_ir
    code.blocks = canonicalize_cfg(code.blocks)
    code.variable_lifetime = VariableLifetime(code.blocks)
    code.generator_info = None
    if emit_dels:
        processor._insert_var_dels(extend_lifetimes=extend_lifetimes)


@contextlib.contextmanager
def quicker(entry: str) -> Iterator[None]:
    """Rules are compiled without what they do not need.

    A rule is a part of the entry point and of nothing else, so only the whole is made fast and turned into machine
    code, and that once: the pass before it looks for counted references. And the compiler leaves little garbage, but
    looks for it for a tenth of its time.
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
        _stand_ins(BaseFunction, get_call_type=_answers_once()),
        _stand_ins(PostProcessor, run=_tidy_up),
        _stand_ins(CPUCodeLibrary, _optimize_final_module=optimise_the_whole, _finalize_final_module=finish_the_whole),
        _stand_ins(CPUContext, get_executable=executable_of_what_python_calls),
    ):
        collecting = gc.isenabled()
        gc.disable()
        try:
            yield
        finally:
            if collecting:
                gc.enable()


def _short_symbol(kind: numba.types.Type) -> tuple[str, tuple[()]]:
    return f"{type(kind).__name__}_{zlib.crc32(kind.name.encode()):08x}", ()


# Numba writes a type's whole name into each symbol: thirty thousand letters for a world of rows, in every call, which
# made compiling three times slower. A checksum says the same.
numba.types.Record.mangling_args = property(_short_symbol)
numba.types.NamedTuple.mangling_args = property(_short_symbol)

# When Numba takes a step into a rule it copies the step's code, and with every line all names of the step and the
# line's number, which do not change in the copy: one set serves all.
numba.core.ir.Scope.__deepcopy__ = lambda scope, memo: scope
numba.core.ir.Loc.__deepcopy__ = lambda line, memo: line
