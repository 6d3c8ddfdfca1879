"""What users look up by id: a mapping that says what was probably meant, where an ordinary one only repeats the key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn, TypeVar

from sim.scenario.messages import describe
from sim.scenario.names import nearest

V = TypeVar("V")
FEW = 8
"""So many known ids are listed where none looks like the one that was asked for."""


class UnknownId(KeyError):
    """An id that a mapping does not hold; the message names what was probably meant."""

    def __str__(self) -> str:
        """The message as it is: a KeyError would show it in quotes."""
        return str(self.args[0])


def no_such(what: str, id: Any, known: Iterable[str]) -> str:
    """That there is no such thing, and what there is: the nearest id, or all if these are few."""
    ids = list(known)
    if not isinstance(id, str):
        return f"a {what} is looked up by its id" + (f", like '{ids[0]}'" if ids else "") + f", not by {describe(id)}"
    near = nearest(id, ids)
    hint = f"; did you mean {near}?" if near else f"; there are {', '.join(ids)}" if 0 < len(ids) <= FEW else ""
    return f"there is no {what} '{id}'{hint}"


class ById(dict[str, V]):
    """A dictionary whose errors say what there is. `reasons`: why some ids are not in it."""

    def __init__(
        self, items: Mapping[str, V] | Iterable[tuple[str, V]] = (), what: str = "entry", reasons: Any = None
    ) -> None:
        super().__init__(items)
        self.what, self.reasons = what, dict(reasons or {})

    def __missing__(self, id: Any) -> NoReturn:
        reason = self.reasons.get(id) if isinstance(id, str) else None
        raise UnknownId(f"'{id}' is not possible: {reason}" if reason else no_such(self.what, id, self))
