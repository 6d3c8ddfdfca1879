"""What a game consists of: seats, turns, messages, and the refusal of what cannot be done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast, get_args

from sim.scenario.exercise import Fog
from sim.scenario.tasks import FORMATION, SIDE, TASKS, WING
from sim.session.orders import Order
from sim.session.session import Session
from sim.session.view import View

T = TypeVar("T")

LOBBY, ORDERS, ENDED = "lobby", "orders", "ended"
COMMANDER, STAFF, FACILITATOR, PROJECTOR = "commander", "staff", "facilitator", "projector"
AIR, LOGISTICS = "air", "logistics"
ALL_TASKS = frozenset(TASKS)
DUTIES: dict[str, dict[str, frozenset[str]]] = {
    COMMANDER: {FORMATION: ALL_TASKS, WING: ALL_TASKS, SIDE: ALL_TASKS},
    STAFF: {FORMATION: ALL_TASKS, WING: ALL_TASKS, SIDE: ALL_TASKS},
    AIR: {WING: ALL_TASKS},
    LOGISTICS: {FORMATION: frozenset({"reserve", "withdraw", "release"})},
}
"""By role: what its holder may order, and to whom. The commander alone commits, where the team has no vote."""
PLAYERS = tuple(DUTIES)
BY_COMMANDER, VOTE = "commander", "vote"
DECIDES = (BY_COMMANDER, VOTE)
"""How a team commits its orders."""
AT_ONCE, AT_DEADLINE = "at once", "at the deadline"
STAFF_COMMITS = (AT_ONCE, AT_DEADLINE)
"""When the staff that plays a side has committed: at the beginning of each turn, or not before the turn is ended."""
FULL_FOG, NO_FOG = FOGS = get_args(Fog)
MOST_SEATS, MOST_ORDERS, MOST_INJECTS, LONGEST_NAME = 200, 400, 200, 40
MOST_OPEN = 12
"""Games that one server keeps open."""
NOBODY = -1
"""The seat of what the server does by itself."""


class Refused(ValueError):
    """What cannot be done now; the message says why, and what is possible."""


@dataclass
class Seat:
    """One participant. `key` is a hash of what his browser holds."""

    number: int
    name: str
    role: str
    side: str | None
    key: str
    is_free: bool = False
    """Nobody may use it any more."""

    def commands(self, side: str) -> bool:
        """Whether its holder speaks for a side. A seat without a side speaks for all: hot seat."""
        return self.role == COMMANDER and self.side in (None, side)

    def drafts(self, side: str) -> bool:
        """Whether its holder belongs to the team of a side, and so may order something in its draft."""
        return self.role in PLAYERS and self.side in (None, side)

    def may_order(self, kind: str, task: str) -> bool:
        """Whether an order of this kind is his to give."""
        return task in DUTIES.get(self.role, {}).get(kind, ())


@dataclass(frozen=True)
class Level:
    """How much a game tells its teams: what they see of others, and whether they may ask for odds."""

    fog: str = FULL_FOG
    odds: bool = True

    def __post_init__(self) -> None:
        if self.fog not in FOGS:
            raise Refused(f"fog is {' or '.join(FOGS)}, not '{self.fog}'")


@dataclass
class Turn:
    """One turn: the campaign at its beginning, and what is ordered in it."""

    session: Session
    drafts: dict[str, list[Order]] = field(default_factory=dict)
    ready: set[str] = field(default_factory=set)
    """Sides whose orders are committed."""
    votes: dict[str, set[int]] = field(default_factory=dict)
    """By side that votes: the seats that agree to its draft."""
    overrides: list[tuple[Order, str]] = field(default_factory=list)
    """Orders of the facilitator on behalf of others, with his reasons."""
    fired: dict[int, str | None] = field(default_factory=dict)
    """Injects that were fired in it, by number; with a text, the order could not be given, which says why."""
    failed: list[tuple[Order, str]] = field(default_factory=list)
    """Orders of the facilitator that what the team ordered after them made impossible."""
    ended_by: str = ""
    staffed: frozenset[str] = frozenset()
    """Sides that their staff played in it, instead of people."""
    level: Level | None = None
    """What its teams were told when it was ended."""
    set_aside: dict[str, list[Order]] = field(default_factory=dict)
    """Drafts of teams whose staff took over in this turn; who gets the side back has the draft again."""
    _known: dict[Any, Any] = field(default_factory=dict)

    def once(self, what: Any, work_out: Callable[[], T]) -> T:
        """What follows from the campaign at the beginning of the turn, which does not change: worked out once."""
        if what not in self._known:
            self._known[what] = work_out()
        return cast("T", self._known[what])

    def view(self, side: str) -> View:
        """What a side knows at the beginning of the turn."""
        return self.once(("view", side), lambda: self.session.view(side))

    def forget(self) -> None:
        """Give up what can be worked out again."""
        self._known.clear()


@dataclass
class Message:
    """A text of the facilitator to one side (None: to all)."""

    turn: int
    to: str | None
    text: str
    why: str = ""
    """Of an inject: what fired it."""
