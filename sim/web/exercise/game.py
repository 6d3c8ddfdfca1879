"""A game: one campaign that teams play in turns, as a list of events.

All that happens to a game is an event: plain data that is checked, written down, and then applied. The state of a game
follows from its events alone, so that a server which was killed reads them again and goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sim.scenario.exercise import LONGEST_TEXT
from sim.session.checks import Checker
from sim.session.orders import Order, OrderError, did_you_mean, orders_of
from sim.session.session import Session
from sim.web.exercise.injects import Inject
from sim.web.exercise.parts import (
    ENDED,
    LOBBY,
    MOST_INJECTS,
    MOST_ORDERS,
    ORDERS,
    Level,
    Message,
    Refused,
    Seat,
    Turn,
)
from sim.web.exercise.seating import Seating
from sim.world.deploy import Deployment


class Game(Seating):
    """The state of a game. `check` refuses an event that cannot happen; `apply` lets it happen."""

    def __init__(
        self,
        deployment: Deployment,
        sides: Iterable[str],
        seed: int,
        replicate: int,
        turn_hours: int,
        turns: int | None = None,
    ) -> None:
        """`turns`: after which the game ends; None: at the end of the scenario."""
        super().__init__(deployment, sides)
        tick_hours = deployment.scenario.clock.tick_hours
        if turn_hours <= 0 or turn_hours % tick_hours:
            raise Refused(f"a turn takes whole ticks of {tick_hours:g} hours, not {turn_hours:g} hours")
        self.turn_hours, self.turn_ticks = turn_hours, int(turn_hours // tick_hours)
        self.last_number = -(-deployment.ticks // self.turn_ticks)
        """Number of the last turn that is played."""
        if turns is not None:
            self.last_number = min(turns, self.last_number)
        self.turns = [Turn(Session(deployment, seed, replicate))]
        self.phase, self.is_paused = LOBBY, False
        self.limit: float | None = None
        """Seconds for a turn; None: no limit."""
        self.level = Level()
        self.messages: list[Message] = []
        self.injects: dict[int, Inject] = {}
        self._prepared = 0
        self.drawn_map: dict[str, Any] | None = None
        """The map as pages get it, once somebody has asked for it."""
        self.rewinds: list[tuple[int, int]] = []
        """From which turn to which the facilitator went back."""
        self._prepare_exercise()

    def _prepare_exercise(self) -> None:
        """The injects of the scenario's exercise, for those who play here. Refused names one that cannot be."""
        for name, inject in (self.exercise.injects if self.exercise else {}).items():
            said = inject.model_dump()
            order = said["order"] and {key: value for key, value in said["order"].items() if value is not None}
            reaches = inject.to in (None, *self.sides) and (inject.turn or 1) <= self.last_number
            if reaches:
                try:
                    self._check_inject({**said, "order": order})
                except (Refused, OrderError) as error:
                    raise Refused(f"exercise.injects.{name}: {error}") from None
                self._apply_prepared({**said, "order": order})

    # --- what there is -----------------------------------------------------------------------------------------------

    @property
    def turn(self) -> Turn:  # type: ignore[override]
        """The turn that is played now."""
        return self.turns[-1]

    @property
    def number(self) -> int:
        """Number of the turn that is played now, from 1."""
        return len(self.turns)

    @property
    def last_day(self) -> float:
        """The day on which the game ends."""
        clock = self.deployment.scenario.clock
        return min(clock.days, self.last_number * self.turn_hours / 24)

    @property
    def waiting_injects(self) -> list[Inject]:
        """Injects that were not fired in any turn that counts: going back to an earlier turn makes them wait again."""
        fired = {number for turn in self.turns for number in turn.fired}
        return [inject for inject in self.injects.values() if inject.number not in fired]

    @property
    def session(self) -> Session:
        """The campaign at the beginning of this turn."""
        return self.turn.session

    @property
    def waiting_for(self) -> list[str]:
        """The sides that have not committed their orders."""
        return self.undecided if self.phase == ORDERS else []

    @property
    def is_decided(self) -> bool:
        """Whether the turn ends by itself: nobody is waited for, and at least one team of people has committed."""
        people = [side for side in self.played if side not in self.staffed]
        return self.phase == ORDERS and not self.is_paused and bool(people) and not self.undecided

    # --- events ------------------------------------------------------------------------------------------------------

    def check(self, event: Mapping[str, Any]) -> None:
        """Refused or OrderError if an event cannot happen now. Changes nothing."""
        getattr(self, f"_check_{event['what']}")(event)

    def apply(self, event: Mapping[str, Any]) -> None:
        """Let an event happen that was checked."""
        getattr(self, f"_apply_{event['what']}")(event)

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
        side = event["side"]
        self._check_side(side)
        seat = self.seat(event["seat"])
        if not seat.drafts(side):
            raise Refused("you do not belong to that team")
        self._check_people(side)
        self._check_open()
        self._check_turn(event)
        if self.is_ready(side):
            raise Refused("your team has committed its orders; take them back first")
        self._check_duties(seat, side, self.try_orders(side, event["orders"]))

    def _check_people(self, side: str) -> None:
        if side in self.staffed:
            raise Refused("the staff plays this side now; the facilitator can give it back to you")

    def _check_duties(self, seat: Seat, side: str, orders: list[Order]) -> None:
        """Refused if a seat gives, changes or takes back an order that is not for its role."""
        checker = Checker(self.deployment, self.session.world)
        for order in set(orders) ^ set(self.turn.drafts.get(side, ())):
            kind, _ = checker.find(order.who, side)
            if not seat.may_order(kind, order.task):
                raise Refused(f"your role is {seat.role}: '{order}' is for others of your team")

    def try_orders(self, side: str, orders: Iterable[Any]) -> list[Order]:
        """The orders of a side, if all of them can be given now. OrderError says what is wrong with the first."""
        checked = orders_of(orders)
        if len(checked) > MOST_ORDERS:
            raise OrderError(f"at most {MOST_ORDERS} orders a turn")
        self.session.copy().give(checked, by=side)
        return checked

    def _apply_drafted(self, event: Mapping[str, Any]) -> None:
        self.turn.drafts[event["side"]] = orders_of(event["orders"])
        self.turn.votes.pop(event["side"], None)  # for another draft

    def _check_committed(self, event: Mapping[str, Any]) -> None:
        self._check_side(event["side"])
        if not self.speaks(self.seat(event["seat"]), event["side"]):
            raise Refused("only the commander of a team commits its orders")
        self._check_people(event["side"])
        self._check_open()
        self._check_turn(event)

    def _apply_committed(self, event: Mapping[str, Any]) -> None:
        if self.votes(event["side"]):
            votes = self.turn.votes.setdefault(event["side"], set())
            (votes.add if event["ready"] else votes.discard)(event["seat"])
        else:
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
        self.turn.ended_by, self.turn.staffed, self.turn.level = event["why"], frozenset(self.staffed), self.level
        self.turns.append(Turn(session))
        self._draft_of_staffs()
        for turn in self.turns[:-2]:
            turn.forget()
        if session.ended or self.number > self.last_number:
            self.phase = ENDED
        self._fire_due()

    def _check_rewound(self, event: Mapping[str, Any]) -> None:
        self._facilitates(event)
        if not 1 <= event["to"] < self.number:
            raise Refused(f"this is turn {self.number}: one can go back to an earlier turn, from 1 on")

    def _apply_rewound(self, event: Mapping[str, Any]) -> None:
        self.rewinds.append((self.number, event["to"]))
        self.turns = self.turns[: event["to"] - 1] + [Turn(self.turns[event["to"] - 1].session)]
        self._draft_of_staffs()
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

    def _check_adjusted(self, event: Mapping[str, Any]) -> None:
        self._facilitates(event)
        Level(event["fog"], event["odds"])

    def _apply_adjusted(self, event: Mapping[str, Any]) -> None:
        self.level = Level(event["fog"], event["odds"])

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
        self._check_inject(event)

    def _check_inject(self, event: Mapping[str, Any]) -> None:
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
