"""Paths to cells: which value of the world a dotted path of the scenario names.

`formations.r_1.morale`, `formations[side=north,place=hill].morale`, `formations.*.quality`, `places.hill.control`,
`sides.north.will`, `sides.north.doctrine.mass`, `doctrine.mass` (of all sides), `sponsors.x.backs.north`,
`air.w.aircraft`, `rules.morale.contagion`, `events.e.probability`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from sim.scenario.leaves import bounds_at
from sim.scenario.names import nearest
from sim.scenario.parameters import Rulebook
from sim.scenario.paths import shape_at
from sim.scenario.schema import Scenario
from sim.scenario.select import as_filter_text
from sim.scenario.yaml_reader import Path
from sim.world import tables
from sim.world.columns import Column
from sim.world.layout import Layout
from sim.world.names import Names

PATH = re.compile(
    r"^(?P<section>[a-z_]+)(?:\[(?P<filter>[^\]]*)\]|\.(?P<id>\*|[A-Za-z0-9_:-]+))(?:\.(?P<attribute>.+))?$"
)
SECTIONS = {
    "formations": tables.UNITS,
    "reinforcements": tables.UNITS,
    "places": tables.PLACES,
    "sides": tables.SIDES,
    "commands": tables.COMMANDS,
    "air": tables.WINGS,
    "events": tables.EVENTS,
    "roads": tables.ROADS,
}
SHARED = {
    "kinds": ("formations", "kind", {}),
    "terrains": ("places", "terrain", {"defence": "terrain"}),
}
"""Sections whose values many rows share: section of the rows, field that names the entry, columns with other names."""
START, EVENT, TEST = range(3)
"""What a path is for: to set a value before initialisation, to change it in the campaign, or to look at it."""
START_ONLY: dict[str, str | None] = {
    "roll": "strength",
    "manning": "strength",
    "equipment_listed": "equipment",
    "serviceable": "equipment",
    "population": None,
    "km": "cut",
}
"""Columns that are read at initialisation only, so that to change them later would change nothing or contradict what
was worked out from them: what may be meant instead."""
FIXED = frozenset({"stream", "side", "place", "region"})
"""Columns that fields of the scenario fill and that nothing else may change."""
BESIDE: dict[str, dict[str, str]] = {"places": {"stores": "depot.stock", "stability": "symbol"}}
"""Columns without a field of their own that an event may change: the field with the same bounds."""


class UnknownPath(ValueError):
    """A path that names no value of the world; `hint` is what may have been meant."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Target:
    """One value of the world: its cell, how it is read, where it may lie, and its full path."""

    path: str
    cell: int
    is_real: bool
    low: float
    high: float
    codes: tuple[str, ...] = ()
    """Names that the numbers stand for, where the value is a code."""
    is_people: bool = False
    unit: int = tables.NONE
    """The formation whose people or pieces the value counts."""


class Addresses:
    """Finds the cells that a path names."""

    def __init__(self, scenario: Scenario, names: Names, layout: Layout, rulebook: Rulebook) -> None:
        self.scenario, self.names, self.layout, self.rulebook = scenario, names, layout, rulebook
        self._known: dict[tuple[str, int], dict[str, Column]] = {}

    def find(self, path: str, use: int) -> list[Target]:
        """The values that a path names, for one of the uses START, EVENT and TEST.

        Before the campaign `formations.r_1.morale` is what the scenario says; later it is the morale of the moment.
        """
        match = PATH.match(path)
        if not match:
            raise UnknownPath(f"is not a path like formations.NAME.morale: '{path}'")
        section, attribute = match["section"], match["attribute"]
        if section == "rules":
            return [self._parameter(path, match["id"] or "", attribute or "")]
        if section == "doctrine":
            weight = match["id"] or ""
            own = {name for name, side in self.scenario.sides.items() if use == START and weight in side.doctrine}
            return [self._weight(f"sides.{side}.{path}", side, weight) for side in self.names.sides if side not in own]
        if section == "sponsors":
            return [
                self._backing(path, match["id"] or "", attribute or "", pair) for pair in self._backings(path, match)
            ]
        if section in SHARED:
            return self._shared(section, match["id"] or "", attribute or "")
        if section not in SECTIONS:
            known = [*SECTIONS, *SHARED, "rules", "doctrine", "sponsors"]
            raise UnknownPath(f"'{section}' is no part of the world", nearest(section, known))
        chosen = self.select(path)
        if not attribute:
            raise UnknownPath("names no attribute", f"{path}.{'morale' if section == 'formations' else 'control'}")
        if section == "sides" and attribute.startswith("doctrine."):
            return [self._weight(f"sides.{side}.{attribute}", side, attribute.split(".", 1)[1]) for side in chosen]
        return [self._column(section, name, attribute, use) for name in chosen]

    def select(self, path: str) -> list[str]:
        """Ids of the entities that a path or selector names."""
        match = PATH.match(path)
        if not match or match["section"] not in SECTIONS:
            near = nearest(match["section"], SECTIONS) if match else None
            hint = path.replace(match["section"], near, 1) if match and near else None
            raise UnknownPath(f"is not a selector like formations[side=NAME]: '{path}'", hint)
        section = match["section"]
        entities: dict[str, Any] = (
            {road.id: road for road in self.scenario.roads}
            if section == "roads"
            else dict(getattr(self.scenario, section))
        )
        if section == "formations" and match["id"] in self.scenario.reinforcements:
            entities |= self.scenario.reinforcements
        if match["id"] == "*":
            return list(entities)
        if match["id"]:
            if match["id"] not in entities:
                raise UnknownPath(f"{section} has no '{match['id']}'", nearest(match["id"], entities))
            return [match["id"]]
        chosen = list(entities)
        for term in (match["filter"] or "").split(","):
            key, equals, wanted = (part.strip() for part in term.partition("="))
            said = type(next(iter(entities.values()))).model_fields if entities else {}
            fields = {field.alias or name: name for name, field in said.items()}
            if not equals or key not in fields:
                raise UnknownPath(f"selects by '{term.strip()}', not by FIELD=VALUE", nearest(key, fields))
            values = {name: as_filter_text(getattr(entities[name], fields[key])) for name in chosen}
            chosen = [name for name in chosen if values[name] == wanted]
            if not chosen:
                near = nearest(wanted, sorted(set(values.values()) - {""}))
                raise UnknownPath(f"selects nothing by '{term.strip()}'", near and f"{key}={near}")
        if not chosen:
            raise UnknownPath("selects nothing")
        return chosen

    def row(self, section: str, name: str) -> int:
        """Row of an entity."""
        numbers = {
            "formations": self.names.units,
            "reinforcements": self.names.units,
            "places": self.names.places,
            "sides": self.names.sides,
            "commands": self.names.commands,
            "air": self.names.wings,
            "events": self.names.events,
            "roads": self.names.roads,
        }
        return numbers[section][name]

    def _column(self, section: str, name: str, attribute: str, use: int) -> Target:
        table = SECTIONS[section]
        column = self._usable(section, use).get(attribute)
        if column is None:
            if use == EVENT and attribute in START_ONLY and attribute in table.names:
                raise UnknownPath(f"'{attribute}' counts only before the first tick", START_ONLY[attribute])
            known = self._usable(section, use)
            raise UnknownPath(f"{table.section} have no '{attribute}' that can change", nearest(attribute, known))
        row = self.row(section, name)
        cell, is_real = self.layout.cell(table.name, row, column.name)
        codes = self._codes(column)
        low, high = 0.0, max(1.0, len(codes) - 1.0)
        if is_real and use != TEST:
            low, high = self._bounds(section, name, column)
        elif not codes and column.unit not in ("0-1", "share", "0/1"):
            low, high = -math.inf, math.inf
        unit = row if table is tables.UNITS and column.unit in ("people", "pieces") else tables.NONE
        return Target(f"{section}.{name}.{attribute}", cell, is_real, low, high, codes, column.unit == "people", unit)

    def _usable(self, section: str, use: int) -> dict[str, Column]:
        """The columns of a section that may be used, by the names that paths use."""
        if (section, use) not in self._known:
            self._known[section, use] = self._find_usable(section, use)
        return self._known[section, use]

    def _find_usable(self, section: str, use: int) -> dict[str, Column]:
        columns = SECTIONS[section].columns
        if use == TEST:
            return {column.name: column for column in columns}
        named = {column.name: column for column in columns}
        if use == START:
            named |= {column.setting: column for column in columns if column.setting}
        found = {}
        for name, column in named.items():
            shape = shape_at(self._field(section, name))
            is_number = column.is_real and bounds_at(self._field(section, name)) is not None
            is_choice = not column.is_real and (column.unit == "0/1" or bool(self._codes(column)))
            beside = use == EVENT and name in BESIDE.get(section, {})
            is_kept = use == EVENT and (column.name in START_ONLY or column.name in FIXED)
            if beside or (shape is not None and (is_number or is_choice) and not is_kept):
                found[name] = column
        return found

    def _field(self, section: str, name: str) -> Path:
        """The path in the scenario of a field of the entities in a section."""
        return (section, 0 if section == "roads" else "*", *name.split("."))

    def _bounds(self, section: str, name: str, column: Column) -> tuple[float, float]:
        """Between which numbers a value may lie: as in the scenario, and no more in a depot than it holds."""
        beside = BESIDE.get(section, {}).get(column.name)
        if beside == "depot.stock":
            depot = self.scenario.places[name].depot
            return 0.0, depot.stock if depot else 0.0
        bounds = bounds_at(self._field(section, beside or column.setting or column.name))
        assert bounds is not None, (section, column.name)
        return bounds

    def _shared(self, section: str, entry: str, attribute: str) -> list[Target]:
        """All rows that take a value from one entry of kinds or terrains."""
        rows, field, renamed = SHARED[section]
        entries = getattr(self.scenario, section)
        if entry not in entries:
            raise UnknownPath(f"{section} has no '{entry}'", nearest(entry, entries))
        bounds = bounds_at((section, entry, *attribute.split(".")))
        if bounds is None:
            known = [name for name in type(entries[entry]).model_fields if name != "basis"]
            raise UnknownPath(f"{section} have no '{attribute}'", nearest(attribute, known))
        members = getattr(self.scenario, rows)
        if rows == "formations":
            members = members | self.scenario.reinforcements
        table, column = SECTIONS[rows], renamed.get(attribute, attribute)
        cells = {
            name: self.layout.cell(table.name, self.row(rows, name), column)
            for name, row in members.items()
            if getattr(row, field) == entry
        }
        return [Target(f"{rows}.{name}.{column}", cell, is_real, *bounds) for name, (cell, is_real) in cells.items()]

    def _codes(self, column: Column) -> tuple[str, ...]:
        if column.unit == "side":
            return tuple(self.names.sides)
        if column.unit == "place":
            return tuple(self.names.places)
        return {"status": tables.STATUS_NAMES, "task": tables.TASK_NAMES, "posture": tables.POSTURES}.get(
            column.name, ()
        )

    def _parameter(self, path: str, rule: str, name: str) -> Target:
        rules = [rule for rule in self.rulebook if rule != "doctrine"]
        if rule not in rules:
            raise UnknownPath(f"there is no rule '{rule}'", nearest(rule, rules))
        declared = self.rulebook[rule].declared()
        if name not in declared:
            raise UnknownPath(f"the rule '{rule}' has no parameter '{name}'", nearest(name, declared))
        cell, is_real = self.layout.cell("settings", 0, f"{rule}.{name}")
        return Target(path, cell, is_real, declared[name].low, declared[name].high)

    def _weight(self, path: str, side: str, weight: str) -> Target:
        declared = self.rulebook["doctrine"].declared()
        if weight not in declared:
            raise UnknownPath(f"doctrine has no weight '{weight}'", nearest(weight, declared))
        cell, is_real = self.layout.cell("doctrines", self.names.sides[side], weight)
        return Target(path, cell, is_real, declared[weight].low, declared[weight].high)

    def _backings(self, path: str, match: re.Match[str]) -> list[tuple[str, str]]:
        sponsor, attribute = match["id"] or "", match["attribute"] or ""
        pairs = [pair for pair in self.names.backings if pair[0] == sponsor]
        if not pairs:
            raise UnknownPath(f"there is no sponsor '{sponsor}'", nearest(sponsor, self.names.sponsors))
        if attribute.startswith("backs."):
            side = attribute.removeprefix("backs.")
            if (sponsor, side) not in self.names.backings:
                raise UnknownPath(f"'{sponsor}' does not back '{side}'", nearest(side, [p[1] for p in pairs]))
            return [(sponsor, side)]
        return pairs

    def _backing(self, path: str, sponsor: str, attribute: str, pair: tuple[str, str]) -> Target:
        column = "commitment" if attribute.startswith("backs.") else attribute
        if column not in ("commitment", "distraction"):
            near = nearest(attribute, ["backs", "distraction"])
            raise UnknownPath(f"a sponsor has no '{attribute}' that can change", near)
        cell, is_real = self.layout.cell("backings", self.names.backings[pair], column)
        return Target(path, cell, is_real, 0.0, 1.0)
