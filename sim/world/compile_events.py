"""Events, from the words of a scenario to rows of cells, tests and effects."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.names import nearest
from sim.scenario.parameters import Rulebook
from sim.scenario.read import LoadedScenario
from sim.scenario.schema import Condition, Effect
from sim.scenario.strange import not_accepted
from sim.world import tables
from sim.world.address import EVENT, TEST, Addresses, Target, UnknownPath
from sim.world.columns import Table
from sim.world.layout import Layout, World
from sim.world.names import Names, arrival_id, stream_id
from sim.world.rows import day_of, fill

NEVER = 1e9


def table_of(table: Table, rows: list[dict[str, Any]]) -> np.ndarray:
    """Rows of a table."""
    array = np.zeros(len(rows), dtype=table.dtype)
    for i, row in enumerate(rows):
        for column, value in row.items():
            array[column][i] = value
    return array


EQUAL, DIFFERENT, ABOVE, BELOW = range(4)
"""Tests of a condition."""


def is_never(test: int, value: float, target: Target) -> bool:
    """Whether no value that can be meets a test."""
    if test == EQUAL:
        return not target.low <= value <= target.high
    return (test == ABOVE and value >= target.high) or (test == BELOW and value <= target.low)


class EventCompiler:
    """Turns events into rows, noting every problem with its place in the scenario."""

    def __init__(self, loaded: LoadedScenario, names: Names, layout: Layout, rulebook: Rulebook) -> None:
        self.loaded, self.names, self.layout = loaded, names, layout
        self.addresses = Addresses(loaded.scenario, names, layout, rulebook)
        self.conditions: list[dict[str, Any]] = []
        self.effects: list[dict[str, Any]] = []
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []

    def problem(self, path: tuple[Any, ...], message: str, hint: str | None = None) -> None:
        mark = self.loaded.where(path)
        self.problems.append(Problem(mark.file, mark.line, mark.column, ".".join(map(str, path)), message, hint))

    def warn(self, path: tuple[Any, ...], message: str) -> None:
        mark = self.loaded.where(path)
        self.warnings.append(Problem(mark.file, mark.line, mark.column, ".".join(map(str, path)), message))

    def targets(self, where: tuple[Any, ...], path: str, use: int) -> list[Target]:
        """The cells that a path names; none, and a problem noted, if it names nothing."""
        try:
            return self.addresses.find(path, use)
        except UnknownPath as error:
            self.problem(where, str(error), error.hint)
            return []

    def value(self, where: tuple[Any, ...], target: Target, said: Any) -> float:
        """A value as the number that its cell holds."""
        if isinstance(said, str):
            if said in target.codes:
                return float(target.codes.index(said))
            if target.codes:
                self.problem(where, f"'{said}' is not one of its values", nearest(said, target.codes))
            else:
                self.problem(where, f"should be a number, but is the text '{said}'")
            return 0.0
        return float(said)

    def condition(self, where: tuple[Any, ...], said: Condition, either: bool) -> None:
        tests = [(EQUAL, said.is_), (DIFFERENT, said.is_not), (ABOVE, said.above), (BELOW, said.below)]
        for target in self.targets((*where, "path"), said.path, TEST):
            for code, value in tests:
                if value is not None:
                    number = self.value(where, target, value)
                    if is_never(code, number, target):
                        bounds = f"{target.path} lies between {target.low:g} and {target.high:g}"
                        self.warn(where, f"can never be true: {bounds}")
                    row = {"cell": target.cell, "test": code, "value": number, "is_real": target.is_real}
                    self.conditions.append(row | {"either": either})

    def effect(self, where: tuple[Any, ...], said: Effect) -> None:
        for act, path, value in (
            (tables.SET, said.set, said.to),
            (tables.ADD, said.add, said.by),
            (tables.SCALE, said.scale, said.by),
        ):
            if path is None:
                continue
            for target in self.targets(where, path, EVENT):
                if not target.is_real and act != tables.SET:
                    self.problem(where, f"'{path}' is a code or a count: it can only be set")
                    continue
                number = self.value(where, target, value)
                if act == tables.SET and not target.low <= number <= target.high:
                    bound = f"at least {target.low:g}" if number < target.low else f"at most {target.high:g}"
                    self.problem(where, f"'{path}' must be {bound}, but is set to {number:g}")
                row = {"act": act, "cell": target.cell, "value": number, "is_real": target.is_real}
                row |= {"is_people": target.is_people, "unit": target.unit, "low": target.low, "high": target.high}
                self.effects.append(row)
        for act, selector in ((tables.ACTIVATE, said.activate), (tables.WITHDRAW_UNIT, said.withdraw)):
            if selector is None:
                continue
            try:
                chosen = self.addresses.select(selector)
            except UnknownPath as error:
                self.problem(where, str(error), error.hint)
                continue
            if not selector.startswith("formations"):
                self.problem(where, f"only formations can do this, not '{selector}'")
                continue
            self.effects += [{"act": act, "cell": self.names.units[name], "value": 1.0} for name in chosen]
        if said.stance is not None:
            first, second = (self.names.sides[side] for side in said.stance)
            code = tables.STANCE_NAMES.index(str(said.to))
            for pair in ((first, second), (second, first)):
                cell, _ = self.layout.array_cell("stance", *pair)
                self.effects.append({"act": tables.SET, "cell": cell, "value": code, "is_real": 0})
        if said.ceasefire is not None:
            self.effects.append({"act": tables.CEASEFIRE, "value": said.ceasefire, "is_real": 1})
        if said.collapse is not None:
            self.effects.append({"act": tables.COLLAPSE_SIDE, "cell": self.names.sides[said.collapse]})


def compile_events(
    world: World, loaded: LoadedScenario, names: Names, layout: Layout, rulebook: Rulebook
) -> tuple[np.ndarray, np.ndarray, list[Problem]]:
    """Fill the event rows of a world; returns the tables of conditions and effects, and what is strange."""
    scenario = loaded.scenario
    compiler = EventCompiler(loaded, names, layout, rulebook)
    for name, event in scenario.events.items():
        first_condition, first_effect = len(compiler.conditions), len(compiler.effects)
        for i, condition in enumerate(event.when.conditions):
            compiler.condition(("events", name, "when", "if", i), condition, either=False)
        for i, condition in enumerate(event.when.either):
            compiler.condition(("events", name, "when", "any", i), condition, either=True)
        for i, effect in enumerate(event.effects):
            compiler.effect(("events", name, "effects", i), effect)
        when = event.when
        day = day_of(scenario, when.date) if when.date else when.day or 0.0
        row = {
            "stream": stream_id(f"events.{name}"),
            "day": day,
            "until": NEVER if when.until is None else when.until,
            "hazard": -1.0 if when.hazard is None else when.hazard,
            "probability": event.probability,
            "after": names.events[when.after] if when.after else tables.NONE,
            "delay": when.delay,
            "first_condition": first_condition,
            "last_condition": len(compiler.conditions),
            "first_effect": first_effect,
            "last_effect": len(compiler.effects),
            "fired_on": -1,
        }
        fill(world.events, names.events[name], row)
    for name, convoy in scenario.reinforcements.items():
        first_effect = len(compiler.effects)
        unit = names.units[name]
        for giver in convoy.draws_from:
            share = 1.0 / len(convoy.draws_from)
            giving = {"act": tables.TRANSFER_FROM, "cell": unit, "value": names.units[giver], "share": share}
            compiler.effects.append(giving)
        compiler.effects.append({"act": tables.ACTIVATE, "cell": unit})
        row = {
            "stream": stream_id(f"reinforcements.{name}"),
            "day": day_of(scenario, convoy.date),
            "until": NEVER,
            "hazard": -1.0,
            "probability": convoy.probability,
            "after": tables.NONE,
            "first_condition": len(compiler.conditions),
            "last_condition": len(compiler.conditions),
            "first_effect": first_effect,
            "last_effect": len(compiler.effects),
            "fired_on": -1,
        }
        fill(world.events, names.events[arrival_id(name)], row)
    if compiler.problems:
        raise ScenarioError(compiler.problems)
    rows = table_of(tables.CONDITIONS, compiler.conditions), table_of(tables.EFFECTS, compiler.effects)
    return *rows, not_accepted(compiler.warnings, scenario)
