"""Finds the name that was probably meant, for every message that says "did you mean"."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Iterable

import numpy as np

CLOSE = 0.6
"""Similarity from which on a name is suggested: 1 is the same text, 0 shares no letter."""
FEW = 20
"""So many candidates are compared in full; of more, those that share most pairs of letters."""
LONGEST = 200
"""A longer name is nobody's misspelling."""
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
    """The candidate that `name` was renamed to, else the one most like it; None when none is like it.

    A call is quick among thousands of candidates as long as the calls before had the same ones.
    """
    return _Names.of(tuple(candidates)).nearest(str(name))


def former_path(path: str) -> str:
    """A dotted path by the names that its parts had at first: what is drawn for a value depends on that path."""
    section, *parts = path.split(".")
    entity = [] if section == "rules" else parts[:1]
    return ".".join([section, *entity, *(_FORMER.get(part, part) for part in parts[len(entity) :])])


class _Names:
    """Names, and which of them hold which pairs of letters."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.known: dict[str, str] = {}
        for name in names:
            self.known.setdefault(str(name).lower(), str(name))
        self.plain = list(self.known)

    @staticmethod
    @functools.lru_cache(maxsize=16)
    def of(names: tuple[str, ...]) -> _Names:
        """What is known of these names, found out once."""
        return _Names(names)

    def nearest(self, name: str) -> str | None:
        plain = name.lower()
        for wanted in (plain, ".".join(RENAMED.get(part, part) for part in plain.split("."))):
            same = self.known.get(wanted)
            if same is not None and same != name:
                return same
        if len(plain) > LONGEST:
            return None
        compared = self.plain if len(self.plain) <= FEW else self.most_alike(plain)
        others = [other for other in compared if self.known[other] != name and len(other) <= LONGEST]
        one_off = [other for other in others if is_one_typo(plain, other)]
        if one_off:
            return self.known[min(one_off, key=lambda other: _unlikeness(plain, other))]
        found = difflib.get_close_matches(plain, others, n=1, cutoff=CLOSE)
        return self.known[found[0]] if found else None

    @functools.cached_property
    def holders(self) -> dict[str, np.ndarray]:
        """By pair of letters: the numbers of the names that hold it."""
        found: dict[str, list[int]] = {}
        for number, name in enumerate(self.plain):
            for pair in _pairs(name):
                found.setdefault(pair, []).append(number)
        return {pair: np.array(numbers) for pair, numbers in found.items()}

    @functools.cached_property
    def sizes(self) -> np.ndarray:
        """How many different pairs of letters each name has."""
        return np.array([len(_pairs(name)) for name in self.plain])

    def most_alike(self, name: str) -> list[str]:
        """The names that share most pairs of letters with `name`, by the Dice coefficient."""
        pairs = _pairs(name)
        found = [self.holders[pair] for pair in sorted(pairs & self.holders.keys())]
        if not found:
            return []
        shared = np.bincount(np.concatenate(found), minlength=len(self.plain))
        alike = 2 * shared / (self.sizes + len(pairs))
        best = np.argsort(-alike, kind="stable")[:FEW]
        return [self.plain[number] for number in best if shared[number]]


def is_one_typo(word: str, other: str) -> bool:
    """Whether one letter lost, put in or changed, or two neighbours exchanged, makes one word of the other."""
    if abs(len(word) - len(other)) > 1 or min(len(word), len(other)) < 2:
        return False
    start = next((at for at, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), None)
    if start is None:
        return len(word) != len(other)
    one, two = word[start:], other[start:]
    exchanged = len(one) > 1 and one[1::-1] + one[2:] == two
    return exchanged or one[1:] == two[1:] or one == two[1:] or one[1:] == two


def _unlikeness(word: str, other: str) -> tuple[bool, bool, int]:
    """Of several words that are one typo away, which is the least likely: people keep letters, and the first one."""
    return sorted(word) != sorted(other), word[0] != other[0], -len(other)


def _pairs(name: str) -> set[str]:
    """The pairs of neighbouring letters, one at each end, and the letters at the ends: few typos change all."""
    framed = f"^{name}$"
    ends = {"".join(sorted(name[:3])), "".join(sorted(name[-3:]))}
    return ends | {framed[at : at + 2] for at in range(len(framed) - 1)}
