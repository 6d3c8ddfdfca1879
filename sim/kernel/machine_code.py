"""Machine code of one stage of play, made in a process of its own while this one goes on with the next stage.

LLVM takes as long for it as Numba takes for what comes before. The process is handed a module and hands back its
machine code; where there is no such process, or it fails, the same is done here.
"""

from __future__ import annotations

import contextlib
import pickle
import subprocess
import sys
import tempfile
from typing import Any, NamedTuple

import llvmlite.binding as llvm

PATIENCE = 300.0
"""Seconds for which another process is waited for."""


class Request(NamedTuple):
    """A module of LLVM, and the processor that it is for."""

    bitcode: bytes
    triple: str
    processor: dict[str, Any]  # arguments of llvmlite's create_target_machine
    tuning: dict[str, Any]  # attributes of its PipelineTuningOptions


class Code(NamedTuple):
    """The module when it has been made fast, and as machine code."""

    bitcode: bytes
    binary: bytes


def make(request: Request) -> Code:
    """Make a module fast and turn it into machine code."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_triple(request.triple).create_target_machine(**request.processor)
    tuning = llvm.create_pipeline_tuning_options()
    for name, value in request.tuning.items():
        setattr(tuning, name, value)
    builder = llvm.create_pass_builder(machine, tuning)
    module = llvm.parse_bitcode(request.bitcode)
    for function in module.functions:
        builder.getFunctionPassManager().run(function, builder)
    builder.getModulePassManager().run(module, builder)
    return Code(module.as_bitcode(), machine.emit_object(module))


class Commission:
    """Code that another process makes, if it can."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.files = contextlib.ExitStack()
        self.process: subprocess.Popen[bytes] | None = None
        with contextlib.suppress(OSError):
            given, self.made = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115 (open until `close`)
            self.files.callback(given.close)
            self.files.callback(self.made.close)
            pickle.dump(tuple(request), given)
            given.seek(0)
            self.process = subprocess.Popen(
                [sys.executable or "", "-P", __file__],
                stdin=given,
                stdout=self.made,
                stderr=subprocess.DEVNULL,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )

    def code(self) -> Code:
        """Wait for the code; if the process comes to nothing it is made here."""
        try:
            if self.process is not None and self.process.wait(PATIENCE) == 0:
                self.made.seek(0)
                return Code(*pickle.load(self.made))
        except subprocess.TimeoutExpired:
            pass
        finally:
            self.close()
        return make(self.request)

    def close(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.files.close()


if __name__ == "__main__":
    pickle.dump(tuple(make(Request(*pickle.load(sys.stdin.buffer)))), sys.stdout.buffer)
