"""What is said while campaigns run: a progress bar, and messages beside the results."""

from __future__ import annotations

import sys
from typing import Any

from sim.scenario.messages import printable


def progress_bar(total: int | None, done: int, shown: bool | None) -> Any:
    """A bar that counts campaigns; `shown` None: where a person can see it, and only if it takes a while."""
    from tqdm import tqdm

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


def tell(message: str) -> None:
    """A message beside the results: on stderr, if there is one."""
    if sys.stderr is not None:
        print(printable(message), file=sys.stderr, flush=True)
