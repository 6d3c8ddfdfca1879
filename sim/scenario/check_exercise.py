"""Checks the `exercise:` of a scenario: turns of whole ticks, and orders that can be given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.scenario.basis import is_number
from sim.scenario.messages import number
from sim.scenario.names import nearest
from sim.scenario.operate import assign
from sim.scenario.paths import Locator
from sim.scenario.tasks import ARRIVAL, EVENT, FORMATION, MUST_NAME, NO_PLACE, SECTIONS, SIDE, TASKS, WING, tasks_of
from sim.scenario.view import View, text_of
from sim.scenario.yaml_reader import Path, Tree

HOLDS = {
    FORMATION: ("formations", "reinforcements"),
    WING: ("air",),
    SIDE: ("sides",),
    EVENT: ("events",),
}
"""The sections that hold those to whom an order may be given, by kind."""


def check_exercise(view: View) -> None:
    """Finds turns that do not fit the clock, and injects that contradict themselves."""
    said, clock = view.section("exercise"), view.section("clock")
    if not said:
        return
    tick, hours, turns = clock.get("tick_hours", 6), said.get("turn_hours", 24), said.get("turns")
    if is_number(hours) and is_number(tick) and tick > 0 and hours % tick:
        message = f"a turn takes whole ticks of {number(tick)} hours (clock.tick_hours), not {number(hours)} hours"
        view.problem(("exercise", "turn_hours"), message)
    for name, inject in _injects(view.data).items():
        if isinstance(inject, dict):
            _check_inject(view, ("exercise", "injects", name), inject, turns)


def drop_injects(tree: Tree, before: Tree) -> None:
    """A what-if that takes away what an inject names takes away the inject too: a war can be run without its lesson."""
    known, wrong = _injects(before.data), _injects_in_doubt(before.data)
    for name, inject in _injects_in_doubt(tree.data).items():
        if inject == known.get(name) and name not in wrong:
            assign(tree, ("exercise", "injects", name), Tree(None))


def _injects(data: dict[str, Any]) -> dict[str, Any]:
    exercise = data.get("exercise")
    injects = exercise.get("injects") if isinstance(exercise, dict) else None
    return injects if isinstance(injects, dict) else {}


def _injects_in_doubt(data: dict[str, Any]) -> dict[str, Any]:
    """The injects that name something which the scenario does not have."""
    view, found = View(Locator(Tree(data)), []), {}
    for name, inject in _injects(data).items():
        order = inject.get("order") if isinstance(inject, dict) else None
        who, places = text_of(order, "who"), (text_of(order, "target"), text_of(inject, "falls"))
        side = text_of(inject, "to")
        lacks_place = any(place and place not in view.section("places") for place in places)
        if lacks_place or (who and not _kinds_of(view, who)) or (side and side not in view.section("sides")):
            found[name] = inject
    return found


def _check_inject(view: View, path: Path, inject: Mapping[str, Any], turns: Any) -> None:
    turn = inject.get("turn")
    if turn is not None and inject.get("falls") is not None:
        view.problem(path, "waits for `turn` and for `falls`; give one, or neither to fire it by hand")
    if is_number(turn) and is_number(turns) and turn > turns:
        view.problem((*path, "turn"), f"the exercise has {number(turns)} turns, but waits for turn {number(turn)}")
    order = inject.get("order")
    if not isinstance(order, dict):
        return
    if inject.get("to") is not None:
        view.problem((*path, "to"), "has no meaning beside `order`: an order reaches whom it addresses")
    who, task = order.get("who"), order.get("task")
    if not isinstance(who, str) or not isinstance(task, str):
        return
    kinds = _kinds_of(view, who)
    if not kinds:
        known = [name for held in HOLDS.values() for section in held for name in view.section(section)]
        view.problem(
            (*path, "order", "who"), f"there is no formation, air wing, side or event '{who}'", nearest(who, known)
        )
        return
    tasks = [task for kind in kinds for task in tasks_of(kind)]
    if task not in tasks:
        message = f"'{task}' is no order for '{who}'; orders are {', '.join(tasks)}"
        view.problem((*path, "order", "task"), message, nearest(task, tasks))
    elif TASKS[task].place == MUST_NAME and order.get("target") is None:
        view.problem((*path, "order"), f"'{task}' needs a place (`target`)")
    elif TASKS[task].place == NO_PLACE and order.get("target") is not None:
        view.problem((*path, "order", "target"), f"'{task}' names no place")


def _kinds_of(view: View, who: str) -> list[str]:
    """As what a name can be ordered: several kinds may share an id, which a section before it tells apart."""
    section, _, id = who.rpartition(".")
    return [
        kind
        for kind, held in HOLDS.items()
        if section in ("", SECTIONS[kind]) and any(_is_in(view, name, id) for name in held)
    ][:1]


def _is_in(view: View, section: str, id: str) -> bool:
    """Whether a section has an id; the events are joined by those that a reinforcement sets out."""
    if section == "events" and id.startswith(ARRIVAL):
        return id.removeprefix(ARRIVAL) in view.section("reinforcements")
    return id in view.section(section)
