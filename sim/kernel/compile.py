"""Which functions are compiled: the decorators `formula`, `step`, `rule`, `stage` and `entry_point`.

A decorator only notes what a function is. Numba is imported, and the functions compiled (sim/kernel/link.py), when an
entry point is first called or made ready. Until then, and wherever Python calls a formula, it is a plain Python
function. With NUMBA_DISABLE_JIT=1 everything runs as plain Python, with the same numbers.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

INTERPRETED = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")
"""Whether rules run as plain Python."""

INLINED_BY_LLVM: dict[str, Any] = {"forceinline": True}
INLINED_BY_NUMBA: dict[str, Any] = {"inline": "always"}

PARTS: dict[Callable[..., Any], dict[str, Any]] = {}
"""Functions that compiled functions call, and the options of Numba with which each is compiled."""


def formula(function: Callable[..., Any]) -> Callable[..., Any]:
    """A formula on numbers or single rows."""
    PARTS[function] = INLINED_BY_LLVM
    return function


def rule(function: Callable[..., Any]) -> Callable[..., Any]:
    """A phase of play, or a part of one.

    LLVM inlines it: passing a world of two dozen tables takes as long as a short rule.
    """
    PARTS[function] = INLINED_BY_LLVM
    return function


def step(function: Callable[..., Any]) -> Callable[..., Any]:
    """A part of a rule that returns a slice of a table, which Numba allows in what it inlines itself.

    It takes longer to compile than a rule.
    """
    PARTS[function] = INLINED_BY_NUMBA
    return function


class Compiled:
    """A function that is compiled apart from all others and kept in the cache."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.__name__, self.__qualname__ = function.__name__, function.__qualname__
        self.__module__, self.__doc__ = function.__module__, function.__doc__

    def __reduce__(self) -> str:
        """Pickled by name, as functions are."""
        return self.__qualname__


class Stage(Compiled):
    """Phases of play that are compiled together. Its parameters are some of those of the entry point, by name."""

    type: Any = None
    """Numba's type of the stage: a pointer to a function of such arguments. Known once an entry point is prepared."""
    code: Any = None
    """The compiled function, once there is one."""


class EntryPoint(Compiled):
    """A function that Python calls. The stages that it runs are among its arguments, as a NamedTuple `stages`.

    It calls them by their addresses, so that an edit of one stage leaves the other machine code as it is.
    """

    code: Any = None

    def __call__(self, *arguments: Any) -> Any:
        if self.code is None:
            self.prepare(*arguments)
        return self.code(*arguments)

    def prepare(self, *arguments: Any) -> None:
        """Compile the entry point and its stages for arguments of these types, or load them from the cache."""
        if self.code is None:
            from sim.kernel.build import build

            build(self, arguments)

    @property
    def signatures(self) -> list[Any]:
        """The types of arguments for which it is compiled: one list of types at most."""
        return self.code.signatures if self.code else []


def stage(function: Callable[..., Any]) -> Any:
    """Phases of play that are compiled together, apart from other stages and at the same time."""
    return function if INTERPRETED else Stage(function)


def entry_point(function: Callable[..., Any]) -> Any:
    """A function that Python calls. It is compiled on its first call."""
    if INTERPRETED:
        function.prepare = lambda *arguments: None  # type: ignore[attr-defined]
        return function
    return EntryPoint(function)
