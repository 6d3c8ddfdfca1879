"""Which fonts write a text: ours first, so that plots look the same everywhere, then those of the user's machine."""

from __future__ import annotations

import functools

from matplotlib import rcParams
from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font

FONT = "DejaVu Sans"
"""Comes with matplotlib. It has Latin, Greek, Cyrillic and Arabic letters."""
FOR_OTHER_SCRIPTS = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Source Han Sans SC", "PingFang SC", "Hiragino Sans", "Microsoft YaHei",
    "Yu Gothic", "Malgun Gothic", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei", "Noto Sans Devanagari",
    "Noto Sans Bengali", "Noto Sans Thai", "Noto Sans Ethiopic", "Nirmala UI", "Arial Unicode MS",
)  # fmt: skip
"""Asked after the user's own families, where they are installed."""


def families() -> list[str]:
    """The installed families that are asked for a letter, in this order: ours, those set in matplotlib, others."""
    return list(_installed(tuple(rcParams["font.family"]), tuple(rcParams["font.sans-serif"])))


@functools.lru_cache
def _installed(set_by_user: tuple[str, ...], sans_serif: tuple[str, ...]) -> tuple[str, ...]:
    installed = set(fontManager.get_font_names())
    wanted = dict.fromkeys((FONT, *set_by_user, *sans_serif, *FOR_OTHER_SCRIPTS))
    return tuple(family for family in wanted if family == FONT or family in installed)


@functools.lru_cache
def _letters(family: str) -> frozenset[int]:
    return frozenset(get_font(findfont(FontProperties(family=family))).get_charmap())


def faces(text: str, weight: str = "normal") -> tuple[list[str], str]:
    """Families and weight for a text: ours alone if it has all letters; in others only the normal weight is sure."""
    if all(ord(letter) in _letters(FONT) or letter.isspace() for letter in text):
        return [FONT], weight
    return families(), "normal"


def can_write(text: str) -> bool:
    """Whether an installed font has each letter of a text."""
    known = [_letters(family) for family in families()]
    return all(letter.isspace() or any(ord(letter) in letters for letters in known) for letter in set(text))


def readable(name: str, id: str) -> str:
    """A name, or the id of what it names if no installed font has its letters."""
    return name if can_write(name) else id
