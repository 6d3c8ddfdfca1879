"""What can be ordered: which tasks a formation, an air wing or a side's staff may be given now, where to, and why not.

Only what the side itself knows decides: its own formations, who holds which place, which roads are cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.scenario.tasks import EVENT, FORMATION, MUST_NAME, NO_PLACE, SECTIONS, SIDE, TASKS, WING, tasks_of
from sim.session.by_id import ById, no_such
from sim.session.orders import Order, OrderError, listed
from sim.session.orders import did_you_mean as hint
from sim.session.show import html_table
from sim.world.deploy import Deployment
from sim.world.layout import ROUTE_SLOTS, World
from sim.world.tables import (
    ACTIVE,
    ACTIVE_POSTURE,
    DISPERSED,
    DORMANT,
    MARCH,
    NEVER,
    NONE,
    ORDERED,
    POSTURES,
    SHATTERED,
    SURRENDERED,
    UNTIL_ARRIVAL,
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
    """Checks orders against one world."""

    def __init__(self, deployment: Deployment, world: World) -> None:
        self.deployment, self.world, self.names = deployment, world, deployment.names
        self.place_ids, self.side_ids = list(self.names.places), list(self.names.sides)
        self.rows = {
            FORMATION: self.names.units, WING: self.names.wings, SIDE: self.names.sides, EVENT: self.names.events,
        }  # fmt: skip

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
        reach = self._reach(row) if kind == FORMATION else None
        return bool(self._allowed(order.task, kind, row, reach)[place])

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

    def _refusal(self, task: str, kind: str, row: int) -> str | None:
        world = self.world
        if kind == EVENT:
            return self._event_refusal(task, row)
        side = world.sides[row if kind == SIDE else (world.units if kind == FORMATION else world.wings)["side"][row]]
        if side["collapsed"]:
            return "its side has collapsed"
        if side["posture"] != ACTIVE_POSTURE:
            return f"its side is {POSTURES[side['posture']]}"
        if kind == WING:
            return "it has no aircraft left" if world.wings["aircraft"][row] <= 0 else None
        return None if kind == SIDE else self._unit_refusal(task, row)

    def _event_refusal(self, task: str, row: int) -> str | None:
        fired = int(self.world.events["fired_on"][row])
        if fired >= 0:
            return f"it has happened on day {(fired + 1) * self.deployment.scenario.clock.tick_hours / 24:g}"
        if task != "happen" and fired == NEVER:
            return "it will not happen"
        return None

    def _unit_refusal(self, task: str, row: int) -> str | None:
        world, unit = self.world, self.world.units[row]
        if unit["status"] != ACTIVE:
            return STATES[int(unit["status"])].format(days=float(unit["rest"]))
        if unit["bound"] == UNTIL_ARRIVAL:
            return f"its orders stand until it has arrived ({self._goes_to(unit)})"
        if task == "withdraw":
            return self._no_way_back(unit)
        if task in ("march", "attack", "reserve"):
            if not unit["mobile"]:
                return "it may not be sent elsewhere"
            needed = float(world.settings["command"]["ready_to_march"][0])
            if unit["readiness"] < needed:
                return f"it is not ready to march: its readiness is {unit['readiness']:.2f}, needed is {needed:.2f}"
        if task == "attack":
            if unit["passive"]:
                return "it defends itself only"
            if world.campaign["ceasefire"][0] > 0:
                return f"a ceasefire holds for {world.campaign['ceasefire'][0]:.2g} more days"
            if unit["pause"] > 0:
                return f"it was thrown back and rests for {unit['pause']:.2g} more days"
        return None

    def _goes_to(self, unit: Any) -> str:
        """Where a formation with fixed orders goes."""
        return self.place_ids[unit["target"]] if unit["task"] == MARCH else "its rear base"

    def _no_way_back(self, unit: Any) -> str | None:
        view = self.world.side_view[unit["side"]]
        if unit["road"] < 0:
            back = int(view["way_home"][unit["place"]])
            if back == unit["place"]:
                return "it is at a rear base"
            return "it is cut off: no line of communication is open" if back < 0 else None
        road = self.world.roads[unit["road"]]
        open_end = view["way_home"][road["a"]] >= 0 or view["way_home"][road["b"]] >= 0
        return None if open_end else "it is cut off: no line of communication is open"

    # --- places ------------------------------------------------------------------------------------------------------

    def _side_number(self, kind: str, row: int) -> int:
        return int((self.world.units if kind == FORMATION else self.world.wings)["side"][row])

    def _masks(self, side: int) -> tuple[np.ndarray, np.ndarray]:
        """By place: whether a friend of the side holds it, and whether an enemy does."""
        held = np.left_shift(1, self.world.places["control"])
        row = self.world.relations[side]
        return held & row["friend_mask"] != 0, held & row["hostile_mask"] != 0

    def _reach(self, row: int) -> np.ndarray:
        """By place: whether a formation can get there by roads that are not cut, round neutral ground."""
        unit, world, atlas = self.world.units[row], self.world, self.deployment.atlas
        friendly, hostile = self._masks(int(unit["side"]))
        passable = (friendly | hostile).tolist()
        cut = world.roads["cut"].tolist()
        reached = [False] * len(passable)
        waiting = [int(unit["place"])] if unit["road"] < 0 else [int(unit["place"]), int(unit["heading"])]
        for start in waiting:
            reached[start] = True
        first, last = world.places["first_neighbour"].tolist(), world.places["last_neighbour"].tolist()
        there, roads = atlas.neighbours["place"].tolist(), atlas.neighbours["road"].tolist()
        while waiting:
            here = waiting.pop()
            for way in range(first[here], last[here]):
                place = there[way]
                if not reached[place] and not cut[roads[way]] and passable[place]:
                    reached[place] = True
                    waiting.append(place)
        return np.array(reached) & (friendly | hostile)

    def _places(self, task: str, kind: str, row: int, reach: np.ndarray | None) -> tuple[str, ...]:
        return tuple(self.place_ids[place] for place in np.flatnonzero(self._allowed(task, kind, row, reach)))

    def _allowed(self, task: str, kind: str, row: int, reach: np.ndarray | None) -> np.ndarray:
        """By place: whether a task may name it."""
        side = self._side_number(kind, row)
        friendly, hostile = self._masks(side)
        if task == "strike":
            allowed = hostile | (self.world.side_view["report"][side] >= 1)
        else:
            assert reach is not None
            unit = self.world.units[row]
            allowed = reach.copy()
            if task == "attack":
                allowed &= hostile
            elif task == "reserve" or unit["passive"]:
                allowed &= friendly
            if task == "march" and unit["road"] < 0:
                allowed[unit["place"]] = False
            allowed &= self._has_slot(row, side)
        return np.asarray(allowed)

    def _has_slot(self, row: int, side: int) -> Any:
        """By place: whether the staff has routes to it left, besides the other formations under orders."""
        units = self.world.units
        others = (units["side"] == side) & (units["bound"] == ORDERED) & (units["task"] == MARCH)
        others[row] = False
        targets = np.unique(units["target"][others])
        if len(targets) < ROUTE_SLOTS:
            return True
        allowed = np.zeros(len(self.place_ids), dtype=bool)
        allowed[targets] = True
        return allowed

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
        friendly, hostile = self._masks(self._side_number(kind, row))
        holder = self.side_ids[self.world.places["control"][place]]
        if task == "strike":
            return f"{holder} holds it, and no enemy is reported there"
        unit = self.world.units[row]
        if not friendly[place] and not hostile[place]:
            return f"{holder} holds it, and is neutral"
        if not self._reach(row)[place]:
            return "no road leads there that is neither cut nor closed by neutral ground"
        if task == "attack" and not hostile[place]:
            return f"{holder} holds it, and is no enemy"
        if task == "reserve" and not friendly[place]:
            return f"{holder} holds it, and is no friend"
        if unit["passive"] and hostile[place]:
            return "the formation defends itself only"
        if task == "march" and unit["road"] < 0 and unit["place"] == place:
            return "it is there"
        return (
            f"its side's formations already march to {ROUTE_SLOTS} other places, the most that can be planned at once"
        )


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
