"""How the rules are compiled in half the time: what Numba does otherwise while it compiles them.

Each change leaves out work whose outcome is known or that nobody uses, or has it done elsewhere at the same time; what
the rules come to stays the same. All but the last lines hold only while rules are compiled. They go by Numba's own
names, so that its version is pinned.
"""

from __future__ import annotations

import contextlib
import gc
import itertools
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import llvmlite.binding as llvm
import numba
import numba.core.ir
from numba.core.bytecode import FunctionIdentity
from numba.core.codegen import CPUCodeLibrary
from numba.core.compiler_lock import global_compiler_lock
from numba.core.cpu import CPUContext
from numba.core.postproc import PostProcessor, VariableLifetime
from numba.core.transforms import canonicalize_cfg
from numba.core.typed_passes import NopythonRewrites
from numba.core.types import BaseFunction
from numba.np import arrayobj

from sim.kernel.machine_code import Code, Commission, Request, make


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

    Those of rules never do (tests/engine/test_engine_in_processes.py).
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
    """How long each variable is needed is reckoned after a dozen passes, to let go what is counted: here nothing is."""
    code = processor.func_ir
    code.blocks = canonicalize_cfg(code.blocks)
    code.variable_lifetime = VariableLifetime(code.blocks)
    code.generator_info = None


class Workshop:
    """What becomes of the libraries of code that Numba fills, one for each rule, stage and entry point.

    A rule is a part of stages and of nothing else, so only these are made fast and turned into machine code: of the
    stages in processes of their own, all at the same time.
    """

    def __init__(self, entry: str, stages: Iterable[str]) -> None:
        self.entry, self.stages = entry, set(stages)
        self.commissions: dict[str, tuple[Any, Commission]] = {}
        self.unfinished: dict[str, tuple[Any, Callable[[], None]]] = {}
        """Stages without machine code, and how each is put into the cache once there is."""
        self.load, self.link = CPUCodeLibrary._finalize_final_module, CPUCodeLibrary.add_linking_library
        self.executable = CPUContext.get_executable

    def prepare(self, stage: Any, signature: tuple[Any, ...]) -> None:
        """A stage comes from the cache, or is begun."""
        save = stage._cache.save_overload

        def save_later(signature: Any, result: Any) -> None:
            self.unfinished[stage.__qualname__] = (stage, lambda: save(signature, result))

        # Numba numbers functions as it meets them and writes the number into the symbol by which they are called. That
        # of a stage, whom it meets first, is always the same: entry points in the cache call stages of other runs.
        numbers = itertools.chain([0], FunctionIdentity._unique_ids)
        with (
            _stand_ins(FunctionIdentity, _unique_ids=numbers),
            _stand_ins(stage._cache, save_overload=save_later),
        ):
            stage.compile(signature)

    def add_module(self, library: Any, module: Any) -> None:
        """What is added to a library is not made fast for itself."""
        module.data_layout = library._codegen._data_layout
        library._final_module.link_in(module)

    def add_library(self, library: Any, other: Any) -> None:
        """A stage is called where it lies; what else a library needs becomes a part of it."""
        if other.name not in self.stages:
            self.link(library, other)

    def finish(self, library: Any) -> None:
        """A library is complete: its code is made, or comes from the cache."""
        library._finalized = True
        cached = library._object_caching_enabled and library._compiled_object
        if library.name in self.stages and not cached:
            self.commissions[library.name] = (library, Commission(_request(library)))
        elif library.name == self.entry:
            # It calls the stages, which are loaded first. While others still make them there is time to sweep.
            code = None if cached else make(_request(library))
            if code:
                gc.collect()
            self.finish_stages()
            if code:
                self.take(library, code)
        if cached:
            self.load(library)

    def finish_stages(self) -> None:
        for name, (library, commission) in self.commissions.items():
            self.take(library, commission.code())
            _, save = self.unfinished.pop(name)
            save()
        self.commissions.clear()

    def take(self, library: Any, code: Code) -> None:
        """A library gets its machine code as if it came from the cache, and keeps it for the cache."""
        library._final_module = llvm.parse_bitcode(code.bitcode)
        library._compiled_object = code.binary
        self.load(library)
        library._compiled_object, library._compiled = code.binary, True

    def executable_of_what_python_calls(self, context: Any, library: Any, described: Any, environment: Any) -> Any:
        if library.name in self.stages:
            library._ensure_finalized()
        if library.name != self.entry:
            try:
                library.get_function(described.llvm_cpython_wrapper_name)
            except NameError:
                # Nobody calls a rule, but Numba tells functions apart by what would be called.
                return [].append
            library._ensure_finalized()
            self.load(library)
        return self.executable(context, library, described, environment)

    def close(self) -> None:
        """What was broken off is stopped, and begun anew the next time."""
        for _, commission in self.commissions.values():
            commission.close()
        for stage, _ in self.unfinished.values():
            stage.overloads.clear()


def _request(library: Any) -> Request:
    """What Numba would have LLVM do with a library."""
    config = numba.config
    processor = {"opt": int(config.OPT)}
    library._codegen._customize_tm_options(processor)
    tuning = {
        "speed_level": int(config.OPT),
        "loop_vectorization": bool(config.LOOP_VECTORIZE),
        "slp_vectorization": bool(config.SLP_VECTORIZE),
    }
    return Request(library._final_module.as_bitcode(), llvm.get_process_triple(), processor, tuning)


@contextlib.contextmanager
def quicker(entry: str, stages: Iterable[str]) -> Iterator[Workshop]:
    """Rules are compiled without what they do not need, and stages at the same time.

    The compiler leaves little garbage, but looks for it for a tenth of its time.
    """
    workshop = Workshop(entry, stages)
    with (
        global_compiler_lock,
        _stand_ins(arrayobj, fix_integer_index=_row_number),
        _stand_ins(BaseFunction, get_call_type=_answers_once()),
        _stand_ins(PostProcessor, run=_tidy_up),
        # Expressions of whole arrays are looked for.
        _stand_ins(NopythonRewrites, run_pass=lambda rewrites, state: True),
        # Written out at each pass.
        _stand_ins(numba.types.Record, __repr__=lambda record: record.name),
        _stand_ins(
            CPUCodeLibrary,
            add_llvm_module=lambda library, module: workshop.add_module(library, module),
            add_linking_library=lambda library, other: workshop.add_library(library, other),
            _optimize_final_module=lambda library: None,
            _finalize_final_module=lambda library: workshop.finish(library),
        ),
        _stand_ins(
            CPUContext,
            get_executable=lambda *of_what: workshop.executable_of_what_python_calls(*of_what),
        ),
        contextlib.closing(workshop),
    ):
        collecting = gc.isenabled()
        gc.disable()
        try:
            yield workshop
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
