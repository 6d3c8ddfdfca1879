"""Machine code of one stage of play, made in a process of its own while this one goes on with the next stage.

LLVM takes as long for it as Numba takes for what comes before. The process is handed a module and hands back its
machine code; where there is no such process, or it fails, the same is done here.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
import tempfile
from typing import Any, NamedTuple

import llvmlite.binding as llvm


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
        self.process: subprocess.Popen[bytes] | None = None
        try:
            self.given, self.made = tempfile.TemporaryFile(), tempfile.TemporaryFile()
            pickle.dump(tuple(request), self.given)
            self.given.seek(0)
            self.process = subprocess.Popen(
                [sys.executable, "-P", __file__],
                stdin=self.given,
                stdout=self.made,
                stderr=subprocess.DEVNULL,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError:
            pass

    def code(self) -> Code:
        """Wait for the code; if the process came to nothing it is made here."""
        if self.process is None or self.process.wait() != 0:
            return make(self.request)
        self.made.seek(0)
        return Code(*pickle.load(self.made))

    def cancel(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()


if __name__ == "__main__":
    pickle.dump(tuple(make(Request(*pickle.load(sys.stdin.buffer)))), sys.stdout.buffer)
