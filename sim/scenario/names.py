"""Finds the name that was probably meant, for every message that says "did you mean"."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

RENAMED = {
    "heavy": "equipment",
    "heavy_weight": "equipment_weight",
    "heavy_rate": "equipment_rate",
    "rally": "rear_base",
    "steadiness": "cohesion",
    "ways": "routes",
    "ring": "investing_roads",
    "ring_days": "invested_days",
    "evasion": "daily_desertion",
    "together": "common_cause_share",
    "bleeding": "strength_lost",
    "melting": "disbanding",
    "encircled": "invested_when_fell",
}
"""Keys, rules, parameters and outcomes that used to have another name. Whoever writes the old one is told the new."""
_FORMER = {new: old for old, new in RENAMED.items()}


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that `name` was renamed to, else the one most like it; None when none is like it."""
    known: dict[str, str] = {}
    for candidate in candidates:
        if candidate != name:
            known.setdefault(str(candidate).lower(), str(candidate))
    plain = str(name).lower()
    for wanted in (plain, ".".join(RENAMED.get(part, part) for part in plain.split("."))):
        if wanted in known:
            return known[wanted]
    found = difflib.get_close_matches(plain, known, n=1, cutoff=0.6)
    return known[found[0]] if found else None


def former_path(path: str) -> str:
    """A dotted path by the names that its parts had at first: what is drawn for a value depends on that path."""
    section, *parts = path.split(".")
    entity = [] if section == "rules" else parts[:1]
    return ".".join([section, *entity, *(_FORMER.get(part, part) for part in parts[len(entity) :])])
