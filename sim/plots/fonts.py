"""Which fonts write a text: ours first, so that plots look the same everywhere, then those of the user's machine.

Matplotlib joins the letters of Arabic and puts words of right-to-left scripts into their order.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterable

from matplotlib import rcParams
from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font

from sim.scenario.messages import printable

FONT = "DejaVu Sans"
"""Comes with matplotlib. It has Latin, Greek, Cyrillic and Arabic letters."""
FOR_OTHER_SCRIPTS = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Source Han Sans SC", "PingFang SC", "Hiragino Sans", "Microsoft YaHei",
    "Yu Gothic", "Malgun Gothic", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei", "Noto Sans Devanagari",
    "Noto Sans Bengali", "Noto Sans Thai", "Noto Sans Ethiopic", "Nirmala UI", "Arial Unicode MS",
)  # fmt: skip
"""Asked after the user's own families, where they are installed."""


EAST_ASIAN = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO")
ISOLATE, END, LEFT_TO_RIGHT = "\u2068", "\u2069", "\u200e"
"""Marks that no font draws: a part of a line with an order of its own, its end, and that a line runs left to right."""


def isolated(name: str) -> str:
    """A name as part of a line. What does not print stands as an escape, and no letter of the name can turn the order
    of what stands around it."""
    name = printable(" ".join(name.split()))
    return f"{ISOLATE}{name}{END}" if _runs_left(name) else name


def in_order(line: str) -> str:
    """A line as it is given to matplotlib: it runs left to right, whatever script it begins with."""
    line = "".join(letter if letter in (ISOLATE, END) else printable(letter) for letter in line)
    return LEFT_TO_RIGHT + line if _runs_left(line) else line


def _runs_left(text: str) -> bool:
    return not text.isascii() and any(unicodedata.bidirectional(letter) in ("R", "AL", "AN") for letter in text)


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
    if all(ord(letter) in _letters(FONT) or _is_unseen(letter) for letter in text):
        return [FONT], weight
    return families(), "normal"


def can_write(text: str) -> bool:
    """Whether an installed font has each letter of a text."""
    return not _unknown(text)


def _unknown(text: str) -> list[str]:
    """The letters of a text that no installed font has."""
    known = [_letters(family) for family in families()]
    return [
        letter
        for letter in dict.fromkeys(printable(text))
        if not _is_unseen(letter) and not any(ord(letter) in letters for letters in known)
    ]


def _is_unseen(letter: str) -> bool:
    return letter.isspace() or unicodedata.category(letter) == "Cf"


def readable(name: str, id: str) -> str:
    """A name, or the id of what it names if no installed font has its letters."""
    return isolated(name) if can_write(name) else id


def boxed(text: str) -> str:
    """A text in which a box stands for each letter that no installed font has."""
    unknown = _unknown(text)
    return "".join("□" if letter in unknown else letter for letter in text) if unknown else text


def lacking(texts: Iterable[str]) -> str:
    """Which scripts of these texts no installed font has, and which font has them, in a sentence; empty if none."""
    letters = _unknown("".join(texts))
    scripts = [unicodedata.name(one, "").split(" ")[0] for one in letters if unicodedata.category(one)[0] in "LM"]
    scripts = list(dict.fromkeys("CJK" if script in EAST_ASIAN else script.title() for script in scripts))
    if not letters:
        return ""
    if not scripts:
        return "Ids and □ stand for signs that no installed font has"
    fonts = " and ".join(f"Noto Sans {script}" for script in scripts[:2])
    return f"Ids and □ stand for {' and '.join(scripts[:2])} letters: no installed font has them. Install {fonts}"
