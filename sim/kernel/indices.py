"""The one internal name of Numba that is used, in processes that only compile. Without it everything works, slower.

In Numba, as in Python, an index may count from the end of an array, so that the sign of each index is checked. Indices
of rules never count from the end (tests/engine/test_engine_in_processes.py). The check takes an eighth of their time.
"""

from __future__ import annotations

from typing import Any

import numba

ASSUMED = "no index counts from the end"
"""Part of what machine code in the cache depends on."""


def leave_out_sign_checks() -> None:
    """From now on this process compiles without the check. Call it in a process that does nothing but compile."""
    try:
        from numba.np import arrayobj

        arrayobj.fix_integer_index  # noqa: B018 (a version of Numba without it checks signs)
    except (ImportError, AttributeError):
        return
    arrayobj.fix_integer_index = _as_it_is


def _as_it_is(context: Any, builder: Any, kind: Any, index: Any, size: Any) -> Any:
    """An index as wide as a pointer, and otherwise as it is."""
    return context.cast(builder, index, kind, numba.types.intp if kind.signed else numba.types.uintp)
