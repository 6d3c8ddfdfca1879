"""Finds the name that was probably meant, for every message that says "did you mean"."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate most like `name`, or None when none is like it."""
    known: dict[str, str] = {}
    for candidate in candidates:
        if candidate != name:
            known.setdefault(str(candidate).lower(), str(candidate))
    plain = str(name).lower()
    if plain in known:
        return known[plain]
    found = difflib.get_close_matches(plain, known, n=1, cutoff=0.6)
    return known[found[0]] if found else None
