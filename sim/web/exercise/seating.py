"""Who sits where in a game: seats, roles, and how each team decides."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from typing import Any

from sim.scenario.exercise import Exercise, Team
from sim.session.orders import Order, OrderError, did_you_mean
from sim.web.exercise.parts import (
    AT_DEADLINE,
    AT_ONCE,
    COMMANDER,
    DECIDES,
    FACILITATOR,
    LONGEST_NAME,
    MOST_SEATS,
    NOBODY,
    PLAYERS,
    STAFF_COMMITS,
    VOTE,
    Refused,
    Seat,
    Turn,
)
from sim.world.deploy import Deployment

NO_LONGER_ORDERED = ("release", "balanced")
"""The orders by which a formation, a wing or a staff is left to the doctrine again."""


class Seating:
    """The seats of a game, and the events that change them; part of `Game`."""

    turn: Turn

    def __init__(self, deployment: Deployment, sides: Iterable[str]) -> None:
        self.deployment, self.sides = deployment, list(sides)
        known = deployment.names.sides
        for side in self.sides:
            if side not in known:
                raise Refused(f"there is no side '{side}'{did_you_mean(side, known)}")
        self.exercise: Exercise | None = deployment.scenario.exercise
        self.seats: list[Seat] = []
        self.decides = {side: self.team(side).decides for side in self.sides}
        """By side: whether its commander commits, or the team votes."""
        self.staffed: dict[str, str] = {}
        """The sides that their staff plays by the doctrine, and when it commits."""

    def team(self, side: str) -> Team:
        """What the scenario says of a side's team."""
        return (self.exercise.sides.get(side) if self.exercise else None) or Team()

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

    def votes(self, side: str) -> bool:
        """Whether a team decides by vote."""
        return self.decides[side] == VOTE

    def speaks(self, seat: Seat, side: str) -> bool:
        """Whether a seat may commit the orders of a side, or vote for them."""
        return seat.drafts(side) if self.votes(side) else seat.commands(side)

    @property
    def played(self) -> list[str]:
        """The sides for which somebody speaks; the doctrine plays the others."""
        return [side for side in self.sides if any(self.speaks(seat, side) for seat in self.seats if not seat.is_free)]

    @property
    def undecided(self) -> list[str]:
        """The sides whose orders are not committed yet. Nobody waits for a side without people and without staff."""
        decides = [side for side in self.sides if side in self.played or self.staffed.get(side) == AT_DEADLINE]
        return [side for side in decides if not self.is_ready(side)]

    def is_ready(self, side: str) -> bool:
        """Whether the orders of a side are committed: by its commander, more than half of the team, or its staff."""
        if side in self.staffed:
            return self.staffed[side] == AT_ONCE
        if not self.votes(side):
            return side in self.turn.ready
        return 2 * len(self.in_favour(side)) > len(self.players(side))

    def in_favour(self, side: str) -> list[Seat]:
        """The members of a team that agree to its draft."""
        return [seat for seat in self.players(side) if seat.number in self.turn.votes.get(side, ())]

    # --- events ------------------------------------------------------------------------------------------------------

    def _facilitates(self, event: Mapping[str, Any]) -> None:
        if event["seat"] != NOBODY and self.seat(event["seat"]).role != FACILITATOR:
            raise Refused("only the facilitator may do that")

    def _check_joined(self, event: Mapping[str, Any]) -> None:
        name, side, role = event["name"], event["side"], event["role"]
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise Refused(f"a name has 1 to {LONGEST_NAME} letters")
        if len(self.seats) >= MOST_SEATS:
            raise Refused(f"all {MOST_SEATS} seats are taken")
        if any(seat.name.casefold() == name.casefold() and not seat.is_free for seat in self.seats):
            raise Refused(f"'{name}' is taken; choose another name, or ask the facilitator to free that seat")
        if role in PLAYERS:
            self._check_side(side, may_be_all=True)
            self._check_role(side, role)

    def _check_role(self, side: str | None, role: str) -> None:
        roles = [COMMANDER, *(self.team(side).roles if side is not None else ())]
        if role not in roles:
            raise Refused(f"here one can be {' or '.join(roles)}, not '{role}'")

    def _apply_joined(self, event: Mapping[str, Any]) -> None:
        role, side = event["role"], event["side"]
        if role in PLAYERS and side is not None:
            # The first of a team commands it, whatever he wanted to be: a team that cannot commit would be stuck.
            others = self.team(side).roles or ["staff"]
            if not self.votes(side) and not any(seat.commands(side) for seat in self.players(side)):
                role = COMMANDER
            elif role == COMMANDER:
                role = others[0]
        self.seats.append(Seat(len(self.seats), event["name"], role, side, event["key"]))

    def _check_moved(self, event: Mapping[str, Any]) -> None:
        self._facilitates(event)
        if self.seat(event["who"]).role not in PLAYERS:
            raise Refused("only players have a team and a role")
        self._check_side(event["side"])
        self._check_role(event["side"], event["role"])

    def _apply_moved(self, event: Mapping[str, Any]) -> None:
        seat = self.seats[event["who"]]
        seat.side, seat.role = event["side"], event["role"]

    def _check_organised(self, event: Mapping[str, Any]) -> None:
        self._facilitates(event)
        self._check_side(event["side"])
        if event["decides"] not in DECIDES:
            raise Refused(f"a team decides by {' or '.join(DECIDES)}, not by '{event['decides']}'")

    def _apply_organised(self, event: Mapping[str, Any]) -> None:
        side = event["side"]
        self.decides[side] = event["decides"]
        self.turn.ready.discard(side)
        self.turn.votes.pop(side, None)

    def _check_staffed(self, event: Mapping[str, Any]) -> None:
        self._facilitates(event)
        self._check_side(event["side"])
        if event["commits"] not in (None, *STAFF_COMMITS):
            raise Refused(f"a staff commits {' or '.join(STAFF_COMMITS)}, not '{event['commits']}'")

    def _apply_staffed(self, event: Mapping[str, Any]) -> None:
        """The staff takes over a side, or people get it back. `commits`: when the staff does; None: people play."""
        side, turn = event["side"], self.turn
        turn.ready.discard(side)
        turn.votes.pop(side, None)
        if event["commits"] is None:
            if self.staffed.pop(side, None):
                turn.drafts[side] = turn.set_aside.pop(side, [])
        elif side in self.staffed:
            self.staffed[side] = event["commits"]
        else:
            self.staffed[side] = event["commits"]
            turn.set_aside[side] = turn.drafts.pop(side, [])
            self._draft_of_staffs()

    def _draft_of_staffs(self) -> None:
        """Sides that their staff plays take back what the team ordered in earlier turns; the doctrine does the rest.

        It is a draft like any other, so that it stands in the record. Orders of the facilitator are left alone.
        """
        for side in self.staffed:
            last = {given.order.who: given for given in self.turn.session.given}
            taken_back = []
            for who, given in last.items():
                if given.by == side and given.order.task not in NO_LONGER_ORDERED:
                    taken_back += [Order(who, task) for task in NO_LONGER_ORDERED if self._may(who, task, side)]
            self.turn.drafts[side] = taken_back

    def _may(self, who: str, task: str, side: str) -> bool:
        """Whether a side may order this now: who is gone is ordered nothing."""
        try:
            return task in self.turn.session.options(who, side).places
        except OrderError:
            return False

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
