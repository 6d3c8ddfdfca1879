"""Paths to cells: which value of the world a dotted path of the scenario names.

`formations.r_1.morale`, `formations[side=north,place=hill].morale`, `formations.*.quality`, `places.hill.control`,
`sides.north.will`, `sides.north.doctrine.mass`, `doctrine.mass` (of all sides), `sponsors.x.backs.north`,
`air.w.aircraft`, `rules.morale.contagion`, `events.e.probability`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sim.scenario.names import nearest
from sim.scenario.parameters import Rulebook
from sim.scenario.schema import Scenario
from sim.scenario.select import as_filter_text
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
    "air": tables.WINGS,
    "events": tables.EVENTS,
    "roads": tables.ROADS,
}
SHARED = {
    "kinds": ("formations", "kind", {}),
    "terrains": ("places", "terrain", {"defence": "terrain"}),
}
"""Sections whose values many rows share: section of the rows, field that names the entry, columns with other names."""
START_ONLY = ("roll", "manning", "equipment_listed", "draws_people")
"""Columns that are read at initialisation only: to set them later would change nothing."""
SIGNED = ("cohesion",)
FIXED = ("stream", "side", "first_holder", "first_condition", "last_condition", "first_effect", "last_effect")


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


class Addresses:
    """Finds the cells that a path names."""

    def __init__(self, scenario: Scenario, names: Names, layout: Layout, rulebook: Rulebook) -> None:
        self.scenario, self.names, self.layout, self.rulebook = scenario, names, layout, rulebook

    def find(self, path: str, at_start: bool) -> list[Target]:
        """The values a path names. `at_start`: as the scenario sets them before initialisation; else as they change."""
        match = PATH.match(path)
        if not match:
            raise UnknownPath(f"is not a path like formations.NAME.morale: '{path}'")
        section, attribute = match["section"], match["attribute"]
        if section == "rules":
            return [self._parameter(path, match["id"] or "", attribute or "")]
        if section == "doctrine":
            weight = match["id"] or ""
            own = {name for name, side in self.scenario.sides.items() if at_start and weight in side.doctrine}
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
        return [self._column(section, name, attribute, at_start) for name in chosen]

    def select(self, path: str) -> list[str]:
        """Ids of the entities that a path or selector names."""
        match = PATH.match(path)
        if not match or match["section"] not in SECTIONS:
            raise UnknownPath(f"is not a selector like formations[side=NAME]: '{path}'")
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
            fields = type(next(iter(entities.values()))).model_fields if entities else {}
            if not equals or key not in fields:
                raise UnknownPath(f"selects by '{term.strip()}', not by FIELD=VALUE", nearest(key, fields))
            chosen = [name for name in chosen if as_filter_text(getattr(entities[name], key)) == wanted]
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
            "air": self.names.wings,
            "events": self.names.events,
            "roads": self.names.roads,
        }
        return numbers[section][name]

    def _column(self, section: str, name: str, attribute: str, at_start: bool) -> Target:
        table = SECTIONS[section]
        by_name = {c.name: c for c in table.columns}
        by_setting = by_name | {c.setting: c for c in table.columns if c.setting}
        column = (by_setting if at_start else by_name).get(attribute)
        if column is None or column.name in FIXED:
            usable = [n for n in (by_setting if at_start else by_name) if n not in FIXED]
            raise UnknownPath(f"{table.section} have no '{attribute}' that can change", nearest(attribute, usable))
        if column.name in START_ONLY and not at_start:
            raise UnknownPath(f"'{attribute}' counts only before the first tick", "strength")
        cell, is_real = self.layout.cell(table.name, self.row(section, name), column.name)
        share = column.unit in ("0-1", "share")
        codes = self._codes(column)
        high = len(codes) - 1.0 if codes else 1.0 if share or column.unit == "0/1" else 1e12
        low = -high if column.name in SIGNED else 0.0
        return Target(f"{section}.{name}.{attribute}", cell, is_real, low, high, codes, column.unit == "people")

    def _shared(self, section: str, entry: str, attribute: str) -> list[Target]:
        """All rows that take a value from one entry of kinds or terrains."""
        rows, field, renamed = SHARED[section]
        entries = getattr(self.scenario, section)
        if entry not in entries:
            raise UnknownPath(f"{section} has no '{entry}'", nearest(entry, entries))
        if attribute not in type(entries[entry]).model_fields or attribute == "basis":
            raise UnknownPath(f"{section} have no '{attribute}'", nearest(attribute, type(entries[entry]).model_fields))
        column = renamed.get(attribute, attribute)
        members = getattr(self.scenario, rows)
        if rows == "formations":
            members = members | self.scenario.reinforcements
        users = [name for name, row in members.items() if getattr(row, field) == entry]
        return [self._column(rows, name, column, at_start=True) for name in users]

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
