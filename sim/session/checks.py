"""What can be ordered: which tasks a formation, an air wing or a side's staff may be given now, where to, and why not.

Only what the side itself knows decides: its own formations, who holds which place, which roads are cut.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from sim.engine import possible
from sim.scenario.tasks import EVENT, FORMATION, MUST_NAME, NO_PLACE, SECTIONS, SIDE, TASKS, WING, tasks_of
from sim.session.actions import TO_UNIT
from sim.session.by_id import ById, no_such
from sim.session.orders import Order, OrderError, listed
from sim.session.orders import did_you_mean as hint
from sim.session.show import html_table
from sim.world.deploy import Deployment
from sim.world.layout import ROUTE_SLOTS, World, plain_row, readable
from sim.world.tables import (
    DISPERSED,
    DORMANT,
    MARCH,
    NEVER,
    NONE,
    POSTURES,
    SHATTERED,
    SURRENDERED,
    WITHDRAWING,
)


@dataclass(frozen=True)
class Options:
    """What one formation, wing or staff may be ordered to do now."""

    who: str
    kind: str
    places: dict[str, tuple[str, ...]]
    """By task that is possible: the places that it may name (none for a task without a place)."""
    refused: dict[str, str]
    """By task that is not possible: why."""
    rear_base: str | None = None
    """Where a formation in reserve goes that is told no place."""

    def __iter__(self) -> Any:
        """All orders that are possible."""
        for task, places in self.places.items():
            if TASKS[task].place == NO_PLACE or (task == "reserve" and self.rear_base):
                yield Order(self.who, task)
            for place in places:
                yield Order(self.who, task, place)

    def _rows(self) -> list[tuple[str, str]]:
        possible = [(task, listed(places, 60) or TASKS[task].meaning) for task, places in self.places.items()]
        return possible + [(f"({task})", why) for task, why in self.refused.items()]

    def __str__(self) -> str:
        width = max(len(task) for task, _ in self._rows())
        return "\n".join([self.who, *(f"  {task:{width}}  {text}" for task, text in self._rows())])

    def _repr_html_(self) -> str:
        return html_table(self.who, ("", ""), self._rows())


class Checker:
    """Checks orders against one world, until it is played on: who holds what, and what can be reached, is kept."""

    def __init__(self, deployment: Deployment, world: World) -> None:
        self.deployment, self.world, self.names = deployment, world, deployment.names
        self.place_ids, self.side_ids = list(self.names.places), list(self.names.sides)
        self.rows = {
            FORMATION: self.names.units, WING: self.names.wings, SIDE: self.names.sides, EVENT: self.names.events,
        }  # fmt: skip
        self._held: dict[int, tuple[list[bool], list[bool]]] = {}
        self._reached: dict[tuple[int, int], list[bool]] = {}

    def check_side(self, by: str | None) -> None:
        """OrderError if there is no such side; None speaks for no side."""
        if by is not None and by not in self.names.sides:
            raise OrderError(no_such("side", by, self.side_ids))

    def find(self, who: str, by: str | None) -> tuple[str, int]:
        """Kind and row of whom an order addresses. `by`: the side that gives it, which sees its own only."""
        self.check_side(by)
        section, _, id = str(who).rpartition(".")
        for kind, rows in self.rows.items():
            if section in ("", SECTIONS[kind]) and id in rows and (by is None or self.side_of(kind, rows[id]) == by):
                return kind, rows[id]
        known = [
            id for kind, rows in self.rows.items() for id, row in rows.items() if by in (None, self.side_of(kind, row))
        ]
        whose = f"no formation, air wing or staff '{who}'" if by else f"no formation, air wing, staff or event '{who}'"
        named = next((other for other in known if self._name(other) == who), None)
        near = f"; did you mean {named}?" if named else hint(id, known)
        raise OrderError((f"{by} has {whose}" if by else f"there is {whose}") + near)

    def _name(self, id: str) -> str:
        """What the scenario calls somebody: players read names, and orders take ids."""
        scenario = self.deployment.scenario
        for section in (scenario.formations, scenario.reinforcements, scenario.air, scenario.sides):
            if id in section:
                return str(section[id].name)
        return ""

    def side_of(self, kind: str, row: int) -> str | None:
        """The side to which a row of a kind belongs; an event belongs to none."""
        if kind == SIDE:
            return self.side_ids[row]
        if kind == EVENT:
            return None
        rows = self.world.units if kind == FORMATION else self.world.wings
        return self.side_ids[rows["side"][row]]

    def can_order(self, who: str, by: str | None = None) -> bool:
        """Whether anything is possible now."""
        kind, row = self.find(who, by)
        return any(self._refusal(task, kind, row) is None for task in tasks_of(kind))

    def options(self, who: str, by: str | None = None) -> Options:
        """What is possible now."""
        kind, row = self.find(who, by)
        return self._options(who, kind, row)

    def _options(self, who: str, kind: str, row: int) -> Options:
        why = {task: self._refusal(task, kind, row) for task in tasks_of(kind)}
        places: dict[str, tuple[str, ...]] = {}
        reach = self._reach(row) if kind == FORMATION and not why["hold"] else None
        for task in [task for task, reason in why.items() if reason is None]:
            need = TASKS[task].place
            allowed = () if need == NO_PLACE else self._places(task, kind, row, reach)
            if need == MUST_NAME and not allowed:
                why[task] = "no place can be named: " + self._no_place(task)
            elif task == "reserve" and self.rear_base(row) == NONE and not allowed:
                why[task] = "no friendly place can be reached"
            else:
                places[task] = allowed
        base = self.rear_base(row) if kind == FORMATION else NONE
        refused = {task: reason for task, reason in why.items() if reason}
        possible, impossible = ById(places, f"order for {_a(kind)}", refused), ById(refused, "order that is refused")
        return Options(who, kind, possible, impossible, None if base == NONE else self.place_ids[base])

    def check(self, order: Order, by: str | None = None) -> tuple[str, int]:
        """Kind and row of whom an order addresses; OrderError if it cannot be carried out."""
        kind, row = self.find(order.who, by)
        tasks = tasks_of(kind)
        if order.task not in tasks:
            raise OrderError(
                f"{order.who}: '{order.task}' is no order for {_a(kind)}{hint(order.task, tasks)};"
                f" orders are {', '.join(tasks)}"
            )
        if self._is_possible(order, kind, row):
            return kind, row
        # What is possible instead takes longer to find out, and is needed for the message only.
        options = self._options(order.who, kind, row)
        if order.task in options.refused:
            also = listed(options.places) or "nothing"
            reason = options.refused[order.task]
            raise OrderError(f"{order.who}: '{order.task}' is not possible: {reason}; possible now: {also}")
        self._check_place(order, kind, row, options)
        return kind, row

    def _is_possible(self, order: Order, kind: str, row: int) -> bool:
        """Whether an order can be carried out, for all but those that leave the place to the staff."""
        if self._refusal(order.task, kind, row) is not None:
            return False
        if TASKS[order.task].place == NO_PLACE or order.target is None:
            return TASKS[order.task].place == NO_PLACE and order.target is None
        place = self.names.places.get(order.target)
        if place is None:
            return False
        return self._refusals(order.task, kind, row, None)[place] == possible.POSSIBLE

    def _check_place(self, order: Order, kind: str, row: int, options: Options) -> None:
        allowed, need, said = options.places[order.task], TASKS[order.task].place, order.target
        possible = f"possible: {listed(allowed)}" if allowed else "there is none that can be named"
        if need == NO_PLACE:
            if said is not None:
                raise OrderError(f"{order.who}: '{order.task}' takes no place, but '{said}' is named")
        elif said is None:
            if need == MUST_NAME:
                raise OrderError(f"{order.who}: '{order.task}' needs a place to go to; {possible}")
            if options.rear_base is None:
                raise OrderError(
                    f"{order.who}: no rear base can be reached, so '{order.task}' needs a place; {possible}"
                )
        elif said not in self.names.places:
            raise OrderError(f"{order.who}: there is no place '{said}'{hint(said, self.place_ids)}; {possible}")
        elif said not in allowed:
            reason = self._why_not_there(order.task, kind, row, self.names.places[said])
            raise OrderError(f"{order.who}: '{order.task}' to {said} is not possible: {reason}; {possible}")

    # --- why a task is refused ---------------------------------------------------------------------------------------

    @functools.cached_property
    def _rows(self) -> World:
        """The world as the engine's functions read it in Python."""
        plain: Any = {name: [plain_row(row) for row in getattr(self.world, name)] for name in ("campaign", "sides")}
        return readable(self.world, "roads", "settings", "side_view")._replace(**plain)

    def _refusal(self, task: str, kind: str, row: int) -> str | None:
        """Why a task is refused, in words."""
        if kind == EVENT:
            return self._event_refusal(task, row)
        sides = self._rows.sides
        if kind == SIDE:
            refusal = possible.refusal_of_side(sides[row])
        elif kind == WING:
            wing = plain_row(self.world.wings[row])
            refusal = possible.refusal_of_wing(sides[wing.side], wing)
        else:
            refusal = possible.refusal_of_unit(self._rows, plain_row(self.world.units[row]), TO_UNIT[task])
        return None if refusal == possible.POSSIBLE else self._in_words(refusal, kind, row)

    def _event_refusal(self, task: str, row: int) -> str | None:
        fired = int(self.world.events["fired_on"][row])
        if fired >= 0:
            return f"it has happened on day {(fired + 1) * self.deployment.scenario.clock.tick_hours / 24:g}"
        if task != "happen" and fired == NEVER:
            return "it will not happen"
        return None

    def _in_words(self, refusal: int, kind: str, row: int, place: int = NONE) -> str:
        """Why the engine refuses an order to somebody, or to send him to a place."""
        world = self.world
        who = {FORMATION: world.units, WING: world.wings, SIDE: world.sides}[kind][row]
        side = world.sides[row if kind == SIDE else who["side"]]
        if refusal == possible.SIDE_INACTIVE:
            return f"its side is {POSTURES[side['posture']]}"
        if refusal == possible.NOT_ACTIVE:
            return STATES[int(who["status"])].format(days=float(who["rest"]))
        if refusal == possible.BOUND:
            goes_to = self.place_ids[who["target"]] if who["task"] == MARCH else "its rear base"
            return f"its orders stand until it has arrived ({goes_to})"
        return REASONS[refusal].format(
            unit=who,
            needed=float(world.settings["command"]["ready_to_march"][0]),
            war=world.campaign[0],
            holder=None if place == NONE else self.side_ids[world.places["control"][place]],
            most=ROUTE_SLOTS,
        )

    # --- places ------------------------------------------------------------------------------------------------------

    def _holders(self, side: int) -> tuple[list[bool], list[bool]]:
        """By place: whether a friend of the side holds it, and whether an enemy does."""
        if side not in self._held:
            masks = [int(self.world.relations[mask][side]) for mask in ("friend_mask", "hostile_mask")]
            held = self._held[side] = [False] * len(self.place_ids), [False] * len(self.place_ids)
            possible.note_holders(self.world.places["control"].tolist(), *masks, *held)
        return self._held[side]

    @functools.cached_property
    def _ways(self) -> list[list[int]]:
        """The columns of the roads that the engine looks through."""
        places, neighbours = self.world.places, self.deployment.atlas.neighbours
        ends = places["first_neighbour"], places["last_neighbour"], neighbours["place"], neighbours["road"]
        return [column.tolist() for column in (*ends, self.world.roads["cut"])]

    def _reach_from(self, side: int, start: int) -> list[bool]:
        """By place: whether a side's formation can get there from a place."""
        if (side, start) not in self._reached:
            reached = self._reached[side, start] = [False] * len(self.place_ids)
            possible.find_ways(*self._ways, *self._holders(side), start, reached, [0] * len(reached))
        return self._reached[side, start]

    def _reach(self, row: int) -> list[bool]:
        """By place: whether a formation can get there."""
        unit = self.world.units[row]
        side, reach = int(unit["side"]), self._reach_from(int(unit["side"]), int(unit["place"]))
        if unit["road"] < 0:
            return reach
        return [a or b for a, b in zip(reach, self._reach_from(side, int(unit["heading"])), strict=True)]

    def _places(self, task: str, kind: str, row: int, reach: list[bool] | None) -> tuple[str, ...]:
        refusals = self._refusals(task, kind, row, reach)
        return tuple(id for id, refusal in zip(self.place_ids, refusals, strict=True) if refusal == possible.POSSIBLE)

    def _refusals(self, task: str, kind: str, row: int, reach: list[bool] | None) -> list[int]:
        """By place: why a task cannot name it, in the engine's codes."""
        if kind == WING:
            side = int(self.world.wings["side"][row])
            reports = self.world.side_view["report"][side].tolist()
            return [possible.refusal_to_strike(*at) for at in zip(self._holders(side)[1], reports, strict=True)]
        units, unit = self.world.units, self.world.units[row]
        side, passive = int(unit["side"]), bool(unit["passive"])
        here = int(unit["place"]) if unit["road"] < 0 else NONE
        columns = [units[name].tolist() for name in ("bound", "task", "target")]
        formations = int(self.world.sides["first_unit"][side]), int(self.world.sides["last_unit"][side])
        has_route = [False] * len(self.place_ids)
        possible.note_routes(*columns, *formations, row, has_route)
        by_place = zip(*self._holders(side), self._reach(row) if reach is None else reach, has_route, strict=True)
        return [possible.refusal_of_place(TO_UNIT[task], passive, p == here, *at) for p, at in enumerate(by_place)]

    def rear_base(self, row: int) -> int:
        unit = self.world.units[row]
        view = self.world.side_view[unit["side"]]
        if unit["road"] < 0:
            return int(view["rear_base"][unit["place"]])
        ends = [int(view["rear_base"][place]) for place in (unit["place"], unit["heading"])]
        return ends[0] if ends[0] >= 0 else ends[1]

    def _no_place(self, task: str) -> str:
        return {"attack": "no hostile place can be reached", "strike": "no place is held by an enemy"}.get(
            task, "no other place can be reached"
        )

    def _why_not_there(self, task: str, kind: str, row: int, place: int) -> str:
        return self._in_words(self._refusals(task, kind, row, None)[place], kind, row, place)


REASONS = {
    possible.SIDE_COLLAPSED: "its side has collapsed",
    possible.NO_AIRCRAFT: "it has no aircraft left",
    possible.AT_REAR_BASE: "it is at a rear base",
    possible.CUT_OFF: "it is cut off: no line of communication is open",
    possible.IMMOBILE: "it may not be sent elsewhere",
    possible.NOT_READY: "it is not ready to march: its readiness is {unit[readiness]:.2f}, needed is {needed:.2f}",
    possible.PASSIVE: "it defends itself only",
    possible.CEASEFIRE: "a ceasefire holds for {war[ceasefire]:.2g} more days",
    possible.THROWN_BACK: "it was thrown back and rests for {unit[pause]:.2g} more days",
    possible.NOT_REPORTED: "{holder} holds it, and no enemy is reported there",
    possible.NEUTRAL: "{holder} holds it, and is neutral",
    possible.NO_ROAD: "no road leads there that is neither cut nor closed by neutral ground",
    possible.NO_ENEMY: "{holder} holds it, and is no enemy",
    possible.NO_FRIEND: "{holder} holds it, and is no friend",
    possible.PASSIVE_THERE: "the formation defends itself only",
    possible.IS_THERE: "it is there",
    possible.NO_ROUTE: (
        "its side's formations already march to {most} other places, the most that can be planned at once"
    ),
}
"""Why the engine refuses an order; three reasons have words of their own for each state."""

STATES = {
    DORMANT: "it is not in the field yet",
    WITHDRAWING: "it broke and goes home",
    SHATTERED: "it broke, and is fit for orders in {days:.2g} days at the earliest",
    SURRENDERED: "it laid down its arms",
    DISPERSED: "it no longer exists",
}
"""Why a formation that does not fight takes no orders."""


def _a(kind: str) -> str:
    return {FORMATION: "a formation", WING: "an air wing", SIDE: "the staff of a side", EVENT: "an event"}[kind]
