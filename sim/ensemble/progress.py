"""The progress bar of whatever runs many campaigns."""

from __future__ import annotations

import sys
from typing import Any


def progress_bar(total: int | None, done: int, shown: bool | None) -> Any:
    """A bar that counts campaigns; `shown` None: where a person can see it, and only if it takes a while."""
    from tqdm.auto import tqdm

    return tqdm(
        total=total,
        initial=done,
        unit=" campaigns",
        disable=not (_is_watched() if shown is None else shown),
        delay=0.0 if shown else 0.5,
    )


def _is_watched() -> bool:
    """Whether a person looks on: at a terminal or in a notebook."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return sys.stderr.isatty() or (shell is not None and "IPKernelApp" in shell.config)
