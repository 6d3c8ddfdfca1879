"""A game: one campaign that teams play in turns, as a list of events.

All that happens to a game is an event: plain data that is checked, written down, and then applied. The state of a game
follows from its events alone, so that a server which was killed reads them again and goes on.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sim.session.orders import Order, OrderError, did_you_mean, orders_of
from sim.session.session import Session
from sim.world.deploy import Deployment

LOBBY, ORDERS, ENDED = "lobby", "orders", "ended"
COMMANDER, STAFF, FACILITATOR, PROJECTOR = "commander", "staff", "facilitator", "projector"
PLAYERS = (COMMANDER, STAFF)
MOST_SEATS, MOST_ORDERS, LONGEST_NAME, LONGEST_TEXT = 200, 400, 40, 500
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
        """Whether its holder may change the draft of a side."""
        return self.role in PLAYERS and self.side in (None, side)


@dataclass
class Turn:
    """One turn: the campaign at its beginning, and what is ordered in it."""

    session: Session
    drafts: dict[str, list[Order]] = field(default_factory=dict)
    ready: set[str] = field(default_factory=set)
    overrides: list[tuple[Order, str]] = field(default_factory=list)
    """Orders of the facilitator on behalf of others, with his reasons."""
    ended_by: str = ""


@dataclass
class Message:
    """A text of the facilitator to one side (None: to all)."""

    turn: int
    to: str | None
    text: str


class Game:
    """The state of a game. `check` refuses an event that cannot happen; `apply` lets it happen."""

    def __init__(
        self, deployment: Deployment, sides: Iterable[str], seed: int, replicate: int, turn_hours: int
    ) -> None:
        self.deployment, self.sides = deployment, list(sides)
        known = deployment.names.sides
        for side in self.sides:
            if side not in known:
                raise Refused(f"there is no side '{side}'{did_you_mean(side, known)}")
        tick_hours = deployment.scenario.clock.tick_hours
        if turn_hours <= 0 or turn_hours % tick_hours:
            raise Refused(f"a turn takes whole ticks of {tick_hours:g} hours, not {turn_hours:g} hours")
        self.turn_hours, self.turn_ticks = turn_hours, int(turn_hours // tick_hours)
        self.seats: list[Seat] = []
        self.turns = [Turn(Session(deployment, seed, replicate))]
        self.phase, self.is_paused = LOBBY, False
        self.limit: float | None = None
        """Seconds for a turn; None: no limit."""
        self.messages: list[Message] = []
        self.rewinds: list[tuple[int, int]] = []
        """From which turn to which the facilitator went back."""

    # --- what there is -----------------------------------------------------------------------------------------------

    @property
    def turn(self) -> Turn:
        """The turn that is played now."""
        return self.turns[-1]

    @property
    def number(self) -> int:
        """Number of the turn that is played now, from 1."""
        return len(self.turns)

    @property
    def session(self) -> Session:
        """The campaign at the beginning of this turn."""
        return self.turn.session

    def seat(self, number: int) -> Seat:
        """A seat by its number."""
        if not 0 <= number < len(self.seats) or self.seats[number].is_free:
            raise Refused("this seat is no longer yours; join again")
        return self.seats[number]

    def seat_of(self, key: str) -> Seat | None:
        """The seat whose browser holds this key. All are compared, so that time tells nothing."""
        found = [seat for seat in self.seats if hmac.compare_digest(seat.key, key) and not seat.is_free]
        return found[0] if found else None

    def players(self, side: str) -> list[Seat]:
        """The seats of a side's team."""
        return [seat for seat in self.seats if seat.drafts(side) and not seat.is_free]

    @property
    def played(self) -> list[str]:
        """The sides for which somebody speaks; the doctrine plays the others."""
        return [side for side in self.sides if any(seat.commands(side) for seat in self.seats if not seat.is_free)]

    @property
    def waiting_for(self) -> list[str]:
        """The sides that have not committed their orders."""
        return [side for side in self.played if side not in self.turn.ready] if self.phase == ORDERS else []

    # --- events ------------------------------------------------------------------------------------------------------

    def check(self, event: Mapping[str, Any]) -> None:
        """Refused or OrderError if an event cannot happen now. Changes nothing."""
        getattr(self, f"_check_{event['what']}")(event)

    def apply(self, event: Mapping[str, Any]) -> None:
        """Let an event happen that was checked."""
        getattr(self, f"_apply_{event['what']}")(event)

    def _facilitates(self, event: Mapping[str, Any]) -> None:
        if event["seat"] != NOBODY and self.seat(event["seat"]).role != FACILITATOR:
            raise Refused("only the facilitator may do that")

    # Seats.

    def _check_joined(self, event: Mapping[str, Any]) -> None:
        name = event["name"]
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise Refused(f"a name has 1 to {LONGEST_NAME} letters")
        if len(self.seats) >= MOST_SEATS:
            raise Refused(f"all {MOST_SEATS} seats are taken")
        if any(seat.name.casefold() == name.casefold() and not seat.is_free for seat in self.seats):
            raise Refused(f"'{name}' is taken; choose another name, or ask the facilitator to free that seat")
        if event["role"] in PLAYERS:
            self._check_side(event["side"], may_be_all=True)

    def _apply_joined(self, event: Mapping[str, Any]) -> None:
        role, side = event["role"], event["side"]
        if role in PLAYERS and side is not None:
            # The first of a team commands it; others draft with him.
            role = STAFF if any(seat.commands(side) for seat in self.players(side)) else COMMANDER
        self.seats.append(Seat(len(self.seats), event["name"], role, side, event["key"]))

    def _check_moved(self, event: Mapping[str, Any]) -> None:
        self._facilitates(event)
        self.seat(event["who"])
        if event["role"] not in PLAYERS:
            raise Refused(f"a seat's role is {' or '.join(PLAYERS)}")
        self._check_side(event["side"])

    def _apply_moved(self, event: Mapping[str, Any]) -> None:
        seat = self.seats[event["who"]]
        seat.side, seat.role = event["side"], event["role"]

    def _check_freed(self, event: Mapping[str, Any]) -> None:
        self._facilitates(event)
        if self.seat(event["who"]).role == FACILITATOR:
            raise Refused("the facilitator's own seat cannot be freed")

    def _apply_freed(self, event: Mapping[str, Any]) -> None:
        self.seats[event["who"]].is_free = True

    def _check_rekeyed(self, event: Mapping[str, Any]) -> None:
        self.seat(event["who"])

    def _apply_rekeyed(self, event: Mapping[str, Any]) -> None:
        self.seats[event["who"]].key = event["key"]

    def _check_side(self, side: Any, may_be_all: bool = False) -> None:
        if side is None and may_be_all:
            return
        if side not in self.sides:
            raise Refused(f"'{side}' is not played here; choose one of {', '.join(self.sides)}")

    # Turns.

    def _check_started(self, event: Mapping[str, Any]) -> None:
        self._facilitates(event)
        if self.phase != LOBBY:
            raise Refused("the game has started already")

    def _apply_started(self, event: Mapping[str, Any]) -> None:
        self.phase = ORDERS

    def _check_open(self) -> None:
        if self.phase == LOBBY:
            raise Refused("the game has not started yet")
        if self.phase == ENDED:
            raise Refused("the game is over")
        if self.is_paused:
            raise Refused("the facilitator has paused the game")

    def _check_turn(self, event: Mapping[str, Any]) -> None:
        if event["turn"] != self.number:
            raise Refused(f"turn {event['turn']} is over; this is turn {self.number}")

    def _check_drafted(self, event: Mapping[str, Any]) -> None:
        self._check_side(event["side"])
        if not self.seat(event["seat"]).drafts(event["side"]):
            raise Refused("you do not belong to that team")
        self._check_open()
        self._check_turn(event)
        if event["side"] in self.turn.ready:
            raise Refused("your team has committed its orders; take them back first")
        self.try_orders(event["side"], event["orders"])

    def try_orders(self, side: str, orders: Iterable[Any]) -> list[Order]:
        """The orders of a side, if all of them can be given now. OrderError says what is wrong with the first."""
        checked = orders_of(orders)
        if len(checked) > MOST_ORDERS:
            raise OrderError(f"at most {MOST_ORDERS} orders a turn")
        self.session.copy().give(checked, by=side)
        return checked

    def _apply_drafted(self, event: Mapping[str, Any]) -> None:
        self.turn.drafts[event["side"]] = orders_of(event["orders"])

    def _check_committed(self, event: Mapping[str, Any]) -> None:
        self._check_side(event["side"])
        if not self.seat(event["seat"]).commands(event["side"]):
            raise Refused("only the commander of a team commits its orders")
        self._check_open()
        self._check_turn(event)

    def _apply_committed(self, event: Mapping[str, Any]) -> None:
        (self.turn.ready.add if event["ready"] else self.turn.ready.discard)(event["side"])

    def _check_overridden(self, event: Mapping[str, Any]) -> None:
        self._facilitates(event)
        self._check_open()
        if not event["reason"].strip() or len(event["reason"]) > LONGEST_TEXT:
            raise Refused(f"say the reason, in at most {LONGEST_TEXT} letters: it is kept for the review")
        self.session.copy().give([event["order"]])

    def _apply_overridden(self, event: Mapping[str, Any]) -> None:
        self.turn.overrides.append((orders_of([event["order"]])[0], event["reason"]))

    def _check_adjudicated(self, event: Mapping[str, Any]) -> None:
        self._facilitates(event)
        if self.phase != ORDERS:
            self._check_open()
        self._check_turn(event)

    def _apply_adjudicated(self, event: Mapping[str, Any]) -> None:
        session = self.session.copy()
        for side, orders in self.turn.drafts.items():
            session.give(orders, by=side)
        for order, _ in self.turn.overrides:
            session.give([order])
        session.step(min(self.turn_ticks, self.deployment.ticks - session.tick))
        self.turn.ended_by = event["why"]
        self.turns.append(Turn(session))
        if session.ended:
            self.phase = ENDED

    def _check_rewound(self, event: Mapping[str, Any]) -> None:
        self._facilitates(event)
        if not 1 <= event["to"] < self.number:
            raise Refused(f"this is turn {self.number}: one can go back to an earlier turn, from 1 on")

    def _apply_rewound(self, event: Mapping[str, Any]) -> None:
        self.rewinds.append((self.number, event["to"]))
        self.turns = self.turns[: event["to"] - 1] + [Turn(self.turns[event["to"] - 1].session)]
        self.phase = ORDERS

    def _check_paused(self, event: Mapping[str, Any]) -> None:
        self._facilitates(event)

    def _apply_paused(self, event: Mapping[str, Any]) -> None:
        self.is_paused = event["on"]

    def _check_limited(self, event: Mapping[str, Any]) -> None:
        self._facilitates(event)
        seconds = event["seconds"]
        if seconds is not None and not 10 <= seconds <= 86_400:
            raise Refused("a turn's time limit lies between 10 seconds and a day; leave it empty for none")

    def _apply_limited(self, event: Mapping[str, Any]) -> None:
        self.limit = event["seconds"]

    def _check_messaged(self, event: Mapping[str, Any]) -> None:
        self._facilitates(event)
        if not event["text"].strip() or len(event["text"]) > LONGEST_TEXT:
            raise Refused(f"a message has 1 to {LONGEST_TEXT} letters")
        self._check_side(event["to"], may_be_all=True)

    def _apply_messaged(self, event: Mapping[str, Any]) -> None:
        self.messages.append(Message(self.number, event["to"], event["text"]))
