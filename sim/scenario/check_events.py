"""Checks what happens and what is not known: events with their effects, distributions, targets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from sim.scenario.basis import is_number
from sim.scenario.messages import describe, number
from sim.scenario.names import nearest
from sim.scenario.parameters import Rulebook
from sim.scenario.paths import PathError
from sim.scenario.references import check_declared_paths
from sim.scenario.schema import Stance
from sim.scenario.select import select as select_paths
from sim.scenario.sources import Fact, missing_row
from sim.scenario.view import View, listed
from sim.scenario.yaml_reader import Path

TESTS = ("is", "not", "above", "below")
ACTIONS = ("set", "add", "scale", "activate", "withdraw", "stance", "ceasefire", "collapse")
OPERANDS = {"set": "to", "stance": "to", "add": "by", "scale": "by"}
CRITERIA = ("at_least", "median_within", "p05_to_p95_within", "probability_at_least", "difference_within")
DISTRIBUTIONS = ("uniform", "triangular", "normal", "lognormal")
STANCES = get_args(Stance)


def effects(view: View) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The effects of all events, with their paths."""
    for path, event in view.entities("events"):
        for place, effect in enumerate(listed(event.get("effects"))):
            if isinstance(effect, dict):
                yield (*path, "effects", place), effect


def check_events(view: View) -> None:
    """Finds events whose trigger or effects contradict themselves, and events that wait for each other."""
    for path, event in view.entities("events"):
        when = event.get("when")
        if isinstance(when, dict):
            _check_when(view, (*path, "when"), when)
    _check_waiting(view)
    for path, effect in effects(view):
        action = view.exactly_one(path, effect, ACTIONS, "action")
        if action is None:
            continue
        operand = OPERANDS.get(action)
        for key in ("to", "by"):
            if key == operand and effect.get(key) is None:
                view.problem(path, f"`{action}` needs `{key}`")
            if key != operand and effect.get(key) is not None:
                view.problem((*path, key), f"has no meaning beside `{action}`", operand)
        to = effect.get("to")
        if action == "stance" and to is not None and to not in STANCES:
            message = f"should be hostile, neutral or allied, but is {describe(to)}"
            view.problem((*path, "to"), message, nearest(str(to), STANCES))
        pair = effect.get("stance")
        if isinstance(pair, list) and len(pair) == 2 and pair[0] == pair[1]:
            view.problem((*path, "stance"), "a side has no stance towards itself")


def _check_when(view: View, path: Path, when: Mapping[str, Any]) -> None:
    if when.get("date") is not None and when.get("day") is not None:
        view.problem(path, "has both `date` and `day`; give one")
    day, until = when.get("day"), when.get("until")
    if is_number(day) and is_number(until) and until < day:
        view.problem((*path, "until"), f"ends on day {number(until)}, before it starts on day {number(day)}")
    if is_number(when.get("delay")) and when["delay"] > 0 and when.get("after") is None:
        view.problem((*path, "delay"), "has no meaning without `after`: days count from another event")
    for key in ("if", "any"):
        for place, condition in enumerate(listed(when.get(key))):
            if isinstance(condition, dict):
                view.exactly_one((*path, key, place), condition, TESTS, "test")


def _check_waiting(view: View) -> None:
    """Finds events that wait for themselves, by way of others or not."""
    before: dict[str, str] = {}
    for path, event in view.entities("events"):
        when = event.get("when")
        after = when.get("after") if isinstance(when, dict) else None
        if isinstance(after, str):
            before[str(path[1])] = after
    done: set[str] = set()
    for start in before:
        trail: dict[str, None] = {}
        name = start
        while name in before and name not in done and name not in trail:
            trail[name] = None
            name = before[name]
        if name in trail:
            ring = list(trail)[list(trail).index(name) :]
            others = ", which waits for ".join(f"'{other}'" for other in (*ring[1:], name))
            message = f"'{name}' waits for {others}, so none of them can happen"
            view.problem(("events", name, "when", "after"), message if ring[1:] else "an event cannot wait for itself")
        done |= trail.keys()


def check_uncertainty(view: View, rulebook: Rulebook) -> None:
    """Finds entries of `uncertainty` that lead nowhere, have not exactly one distribution, or numbers in no order."""
    for path, entry in view.entities("uncertainty"):
        try:
            covered = select_paths(str(path[1]), view.data)
            check_declared_paths(view, covered, rulebook, path)
        except PathError as error:
            view.problem(path, error.message, error.hint)
        name = view.exactly_one(path, entry, DISTRIBUTIONS, "distribution")
        numbers = entry.get(name) if name else None
        if not (name and isinstance(numbers, list) and all(map(is_number, numbers))):
            continue
        if name in ("uniform", "triangular") and numbers != sorted(numbers):
            order = "low, high" if name == "uniform" else "low, most likely, high"
            view.problem((*path, name), f"should rise from low to high ({order}), but is {numbers}")
        if name == "lognormal" and numbers and numbers[0] <= 0:
            view.problem((*path, name), f"the median of a lognormal is more than 0, but is {numbers[0]}")


def check_targets(view: View, facts: Mapping[str, Fact]) -> None:
    """Finds targets without exactly one criterion, without what it needs, or that rest on rows that do not exist."""
    for path, target in view.entities("targets"):
        criterion = view.exactly_one(path, target, CRITERIA, "criterion")
        counts, compares = target.get("share_within") is not None, target.get("variant") is not None
        if criterion == "at_least" and not counts:
            view.problem(path, "`at_least` needs `share_within`, the range in which campaigns are counted")
        if counts and criterion not in (None, "at_least", "difference_within"):
            view.problem((*path, "share_within"), f"has no meaning beside `{criterion}`", "at_least")
        if criterion is not None and compares != (criterion == "difference_within"):
            view.problem(path, "a comparison needs both `variant` and `difference_within`")
        for key in ("share_within", "median_within", "p05_to_p95_within", "difference_within"):
            bounds = target.get(key)
            if isinstance(bounds, list) and all(map(is_number, bounds)) and bounds != sorted(bounds):
                view.problem((*path, key), f"should rise from low to high, but is {bounds}")
        for position, name in enumerate(listed(target.get("facts"))):
            trouble = missing_row(name, view.section("sources"), facts) if isinstance(name, str) else None
            if trouble is not None:
                view.problem((*path, "facts", position), *trouble)
