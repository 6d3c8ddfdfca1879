"""Compiling an entry point and its stages side by side, and loading what an earlier run has compiled.

Other processes, one for each core, compile the functions into the cache, and this process loads them from there. Where
there is no cache, or a process fails, the same functions are compiled here.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import queue
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numba
import numpy as np

from sim.kernel import cache
from sim.kernel.compile import EntryPoint, Stage
from sim.kernel.cores import all_cores
from sim.kernel.indices import leave_out_sign_checks
from sim.kernel.link import compile_entry, compile_stage, digest, linked, size, type_stage, type_stages

PATIENCE = 300.0
"""Seconds after which a process that compiles is given up."""
CHILD = "import sys; sys.path[:] = {path!r}; from sim.kernel.build import compile_for_parent; compile_for_parent()"
_lock = threading.RLock()


@dataclass(frozen=True)
class Task:
    """One function, the types of its arguments, and the name of its entry in the cache."""

    function: Stage | EntryPoint
    types: tuple[Any, ...]
    name: str

    def compile(self, folder: Path | None) -> Any:
        """The machine code, made here. With a folder Numba keeps it there."""
        return self._give_to_numba(linked(self.function.function), folder)

    def load(self, folder: Path) -> Any:
        """The machine code that a folder holds. Numba looks at the source only, so nothing that it names is linked."""
        return self._give_to_numba(self.function.function, folder)

    def _give_to_numba(self, source: Any, folder: Path | None) -> Any:
        compiler: Any = compile_stage if isinstance(self.function, Stage) else compile_entry
        return compiler(source, self.types, folder)


def tasks(entry: EntryPoint, arguments: tuple[Any, ...], place: Path | None) -> list[Task]:
    """What is compiled for an entry point that is called with such arguments: its stages, and itself.

    Numba finds machine code by its path, so the names of entries that were moved to another place are unknown there.
    """
    code = entry.function.__code__
    values = dict(zip(code.co_varnames[: code.co_argcount], arguments, strict=True))
    stages = values["stages"]
    types = {name: numba.typeof(value) for name, value in values.items() if value is not stages}
    typed: list[tuple[Any, tuple[Any, ...]]] = [(stage, type_stage(stage, types)) for stage in stages]
    types["stages"] = type_stages(stages)
    typed.append((entry, tuple(types[name] for name in values)))
    return [Task(part, of, f"{part.__name__}-{digest(part.function, of, place)}") for part, of in typed]


def build(entry: EntryPoint, arguments: tuple[Any, ...]) -> None:
    """Give an entry point and its stages their machine code."""
    with _lock:
        if entry.code is not None:
            return
        root, wrong = cache.folder()
        with contextlib.ExitStack() as stack:
            place = root or cache.private_folder(stack)
            todo = tasks(entry, arguments, place)
            missing = [task for task in todo if root is None or not _is_kept(root / task.name)]
            if missing:
                progress = stack.enter_context(Progress(len(missing), len(todo)))
                if place is not None:
                    _compile_apart(entry, arguments, missing, place, progress)
            loaded = {task: _load(task, place, known=task not in missing) for task in todo}
        if missing:
            _tell_where(missing, root, wrong)
        # The entry point comes last: whoever sees its code may call it.
        for task, code in loaded.items():
            task.function.code = code


def _tell_where(missing: list[Task], root: Path | None, wrong: str) -> None:
    """Say so if compiled rules are not kept, or not where the user expects them."""
    if root is None or not all(cache.is_sound(root / task.name) for task in missing):
        say(f"the compiled rules serve this process only: {wrong or f'{root} cannot be written'}")
        return
    if wrong:
        say(f"the compiled rules are kept in {root}: {wrong}")
    cache.prune(root)


def _is_kept(entry: Path) -> bool:
    """Whether an entry is there and sound; one that is damaged is removed, and said."""
    if cache.is_sound(entry):
        cache.note_used(entry)
        return True
    if entry.exists():
        say(f"the compiled rules in {entry} are damaged: they are compiled anew")
        cache.discard(entry)
    return False


def _load(task: Task, root: Path | None, known: bool) -> Any:
    """Machine code from the cache, or made here. `known`: the entry has just been found sound."""
    if root is not None and (known or cache.is_sound(root / task.name)):
        # Numba compiles what it does not find, and fails, as nothing is linked.
        with contextlib.suppress(OSError, numba.errors.NumbaError):
            return task.load(root / task.name)
    return task.compile(None)


# --- processes -------------------------------------------------------------------------------------------------------


def _compile_apart(
    entry: EntryPoint, arguments: tuple[Any, ...], missing: list[Task], root: Path, progress: Progress
) -> None:
    """Compile functions in processes of their own. None of them outlives this call.

    A process compiles what its functions share once: fewer processes than functions take less time in all.
    """
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    # The longest come first, so that no process ends long before the others.
    for task in sorted(missing, key=lambda task: size(task.function.function), reverse=True):
        waiting.put(task.name)
    done: list[str] = []
    processes: list[subprocess.Popen[bytes]] = []
    hands: list[threading.Thread] = []
    try:
        job = pickle.dumps((entry, _examples(arguments), root))
        for _ in range(min(len(missing), all_cores())):
            processes.append(_begin_process())
            hands.append(threading.Thread(target=_hand_out, args=(processes[-1], job, waiting, done), daemon=True))
            hands[-1].start()
        began = time.monotonic()
        while any(hand.is_alive() for hand in hands) and time.monotonic() - began < PATIENCE:
            progress.show(len(done))
            time.sleep(0.05)
    except (OSError, pickle.PicklingError):
        pass
    finally:
        for process in processes:
            process.kill()
        for hand in hands:
            hand.join()
        for process in processes:
            with contextlib.suppress(OSError), process:
                pass


def _begin_process() -> subprocess.Popen[bytes]:
    path = [folder for folder in sys.path if isinstance(folder, str)]
    return subprocess.Popen(
        [sys.executable or "python", "-P", "-c", CHILD.format(path=path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        # Ctrl-C is for this process, which ends the others.
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def _hand_out(process: subprocess.Popen[bytes], job: bytes, waiting: queue.SimpleQueue[str], done: list[str]) -> None:
    """Give a process one function after another, until none waits or the process ends."""
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(OSError, queue.Empty):
        process.stdin.write(b"%d\n" % len(job) + job)
        while True:
            name = waiting.get_nowait()
            process.stdin.write(name.encode() + b"\n")
            process.stdin.flush()
            if not process.stdout.readline():
                return
            done.append(name)


def _examples(value: Any) -> Any:
    """Small arguments of the same types."""
    if isinstance(value, tuple):
        parts = [_examples(part) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    return np.zeros((1,) * value.ndim, value.dtype) if isinstance(value, np.ndarray) else value


def compile_for_parent() -> None:
    """What such a process does: compile the functions that its parent names, one after another, into the cache."""
    entry, arguments, root = pickle.loads(sys.stdin.buffer.read(int(sys.stdin.buffer.readline())))
    names: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(names,), daemon=True).start()
    # Little garbage is left, but it is looked for a tenth of the time.
    gc.disable()
    leave_out_sign_checks()
    todo = {task.name: task for task in tasks(entry, arguments, root)}
    while True:
        # Where types or sources are not those of the parent, no task has the name, and the parent compiles it.
        task = todo[names.get()]
        made = cache.begin_entry(root)
        try:
            task.compile(made)
            cache.finish_entry(made, root / task.name)
        finally:
            shutil.rmtree(made, ignore_errors=True)
        print(task.name, flush=True)


def _listen(names: queue.SimpleQueue[str]) -> None:
    """Note what the parent names. It never closes the pipe: at its end there is no parent any more."""
    for line in sys.stdin:
        names.put(line.strip())
    os._exit(1)


# --- what the user is told -------------------------------------------------------------------------------------------


def say(message: str) -> None:
    """One line on standard error, where there is one."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            print(message, file=sys.stderr, flush=True)


class Progress:
    """How far compiling has come: a line that is kept up to date on a terminal, else one at the start and the end."""

    def __init__(self, missing: int, parts: int) -> None:
        self.missing, self.began = missing, time.monotonic()
        self.what = "compiling the rules, first run only"
        if missing < parts:
            self.what = "compiling rules that are not in the cache"
        self.live = sys.stderr is not None and sys.stderr.isatty()

    def __enter__(self) -> Progress:
        if not self.live:
            say(f"{self.what} ...")
        return self

    def show(self, done: int) -> None:
        if self.live:
            seconds = time.monotonic() - self.began
            print(
                f"\r{self.what}: {done} of {self.missing} parts, {seconds:.0f} s", end="", file=sys.stderr, flush=True
            )

    def __exit__(self, *error: Any) -> None:
        end = f"{self.what}: done in {time.monotonic() - self.began:.0f} s" if error[0] is None else ""
        if self.live:
            say(f"\r{end}\033[K" if end else "")
        elif end:
            say(end)
