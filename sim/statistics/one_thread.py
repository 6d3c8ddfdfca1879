"""Linear algebra on one thread.

For matrices of some hundred rows several threads are slower, and the last digits depend on how many there are.
"""

from __future__ import annotations

import functools
from contextlib import AbstractContextManager
from typing import Any


def one_thread() -> AbstractContextManager[Any]:
    """Within this, linear algebra runs on one thread."""
    limits: AbstractContextManager[Any] = _controller().limit(limits=1, user_api="blas")
    return limits


@functools.cache
def _controller() -> Any:
    """What controls the libraries that are loaded; to look for them takes some milliseconds."""
    import scipy.linalg  # noqa: F401 (its library must be loaded to be found)
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
