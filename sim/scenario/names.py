"""Finds the name that was probably meant, for every message that says "did you mean"."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate most like `name`, or None when none is like it."""
    known = [str(candidate) for candidate in candidates if candidate != name]
    plain = str(name).lower()
    for candidate in known:
        if candidate.lower() == plain:
            return candidate
    found = difflib.get_close_matches(plain, known, n=1, cutoff=0.6)
    return found[0] if found else None
