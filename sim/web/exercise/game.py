"""A game: one campaign that teams play in turns, as a list of events.

All that happens to a game is an event: plain data that is checked, written down, and then applied. The state of a game
follows from its events alone, so that a server which was killed reads them again and goes on.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from typing import Any

from sim.session.orders import Order, OrderError, did_you_mean, orders_of
from sim.session.session import Session
from sim.web.exercise.injects import Inject
from sim.web.exercise.parts import (
    COMMANDER,
    ENDED,
    FACILITATOR,
    LOBBY,
    LONGEST_NAME,
    LONGEST_TEXT,
    MOST_INJECTS,
    MOST_ORDERS,
    MOST_SEATS,
    NOBODY,
    ORDERS,
    PLAYERS,
    STAFF,
    Message,
    Refused,
    Seat,
    Turn,
)
from sim.world.deploy import Deployment


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
        self.injects: dict[int, Inject] = {}
        self._prepared = 0
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
    def last_number(self) -> int:
        """Number of the last turn of the campaign."""
        return -(-self.deployment.ticks // self.turn_ticks)

    @property
    def waiting_injects(self) -> list[Inject]:
        """Injects that were not fired in any turn that counts: going back to an earlier turn makes them wait again."""
        fired = {number for turn in self.turns for number in turn.fired}
        return [inject for inject in self.injects.values() if inject.number not in fired]

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
        self._fire_due()

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
        self._ordered()[0].give([event["order"]])

    def _apply_overridden(self, event: Mapping[str, Any]) -> None:
        self.turn.overrides.append((orders_of([event["order"]])[0], event["reason"]))

    def _ordered(self) -> tuple[Session, list[tuple[Order, str]]]:
        """The campaign with all that is ordered in this turn; and the orders that have become impossible, and why."""
        session = self.session.copy()
        for side, orders in self.turn.drafts.items():
            session.give(orders, by=side)
        failed = []
        for order, _ in self.turn.overrides:
            try:
                session.give([order])
            except OrderError as error:
                failed.append((order, str(error)))
        return session, failed

    def _check_adjudicated(self, event: Mapping[str, Any]) -> None:
        self._facilitates(event)
        if self.phase != ORDERS:
            self._check_open()
        self._check_turn(event)

    def _apply_adjudicated(self, event: Mapping[str, Any]) -> None:
        session, self.turn.failed = self._ordered()
        session.step(min(self.turn_ticks, self.deployment.ticks - session.tick))
        self.turn.ended_by = event["why"]
        self.turns.append(Turn(session))
        if session.ended:
            self.phase = ENDED
        self._fire_due()

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

    # Injects.

    def _check_prepared(self, event: Mapping[str, Any]) -> None:
        self._facilitates(event)
        turn, falls, places = event["turn"], event["falls"], self.deployment.names.places
        if not event["text"].strip() or len(event["text"]) > LONGEST_TEXT:
            raise Refused(f"an inject has a message, or the reason for its order, of 1 to {LONGEST_TEXT} letters")
        if len(self.injects) >= MOST_INJECTS:
            raise Refused(f"at most {MOST_INJECTS} injects can be prepared")
        self._check_side(event["to"], may_be_all=True)
        if turn is not None and falls is not None:
            raise Refused("an inject waits for a turn or for a place, not for both")
        first = 1 if self.phase == LOBBY else self.number + 1
        if turn is not None and not first <= turn <= self.last_number:
            raise Refused(f"an inject can wait for turns {first} to {self.last_number}, not for turn {turn}")
        if falls is not None and falls not in places:
            raise Refused(f"there is no place '{falls}'{did_you_mean(falls, places)}")
        if event["order"] is not None:
            self._check_order_to_come(orders_of([event["order"]])[0])

    def _check_order_to_come(self, order: Order) -> None:
        """Refused or OrderError if an order can never be given; whether it can be when it is fired, nobody knows."""
        options, places = self.session.options(order.who), self.deployment.names.places
        tasks = [*options.places, *options.refused]
        if order.task not in tasks:
            raise Refused(f"{order.who} can be ordered to {', '.join(tasks)}, not to '{order.task}'")
        if order.target is not None and order.target not in places:
            raise Refused(f"there is no place '{order.target}'{did_you_mean(order.target, places)}")

    def _apply_prepared(self, event: Mapping[str, Any]) -> None:
        self._prepared += 1
        order = None if event["order"] is None else orders_of([event["order"]])[0]
        inject = Inject(self._prepared, event["text"], event["to"], order, event["turn"], event["falls"])
        self.injects[inject.number] = inject

    def _check_waits(self, number: int) -> Inject:
        for inject in self.waiting_injects:
            if inject.number == number:
                return inject
        raise Refused(f"there is no inject {number} that waits")

    def _check_fired(self, event: Mapping[str, Any]) -> None:
        self._facilitates(event)
        order = self._check_waits(event["inject"]).order
        if order is not None:
            self._check_open()
            self._ordered()[0].give([order])

    def _apply_fired(self, event: Mapping[str, Any]) -> None:
        self._fire(self.injects[event["inject"]], "by hand")

    def _check_discarded(self, event: Mapping[str, Any]) -> None:
        self._facilitates(event)
        self._check_waits(event["inject"])

    def _apply_discarded(self, event: Mapping[str, Any]) -> None:
        del self.injects[event["inject"]]

    def _fire_due(self) -> None:
        """Fire the injects whose trigger has come. It follows from the events, so it is no event of its own."""
        before = self.turns[-2].session if self.number > 1 else None
        for inject in self.waiting_injects:
            why = inject.why_due(self.number, before, self.session)
            if why is not None:
                self._fire(inject, why)

    def _fire(self, inject: Inject, why: str) -> None:
        problem = None
        if inject.order is None:
            self.messages.append(Message(self.number, inject.to, inject.text, why))
        elif self.phase == ENDED:
            problem = "the game is over"
        else:
            try:
                self._ordered()[0].give([inject.order])
                self.turn.overrides.append((inject.order, f"{inject.text} (inject: {why})"))
            except OrderError as error:
                problem = str(error)
        self.turn.fired[inject.number] = problem
