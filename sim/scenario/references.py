"""Checks every name that a scenario uses: it leads to something that exists, and means one thing only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sim.scenario.basis import DESCRIPTIVE, WRAPPER_KEYS, is_number
from sim.scenario.messages import describe, number
from sim.scenario.names import nearest
from sim.scenario.parameters import Parameter, Rulebook
from sim.scenario.paths import shape_at
from sim.scenario.view import View, select
from sim.scenario.yaml_reader import Path

SINGULAR = {
    "sides": "side", "sponsors": "sponsor", "places": "place", "road_classes": "road class", "terrains": "terrain",
    "kinds": "kind of formation", "formations": "formation", "commands": "command", "events": "event",
    "variants": "variant",
}  # fmt: skip
REFERENCES = (
    ("sides.*.stances.KEY", "sides"),
    ("sides.*.capital", "places"),
    ("sides.*.aims.KEY", "places"),
    ("sponsors.*.backs.KEY", "sides"),
    ("sponsors.*.friction.KEY", "sponsors"),
    ("places.*.terrain", "terrains"),
    ("places.*.control", "sides"),
    ("roads.*.between.*", "places"),
    ("roads.*.class", "road_classes"),
    ("formations.*.side", "sides"),
    ("formations.*.kind", "kinds"),
    ("formations.*.place", "places"),
    ("formations.*.toward", "places"),
    ("formations.*.sponsor", "sponsors"),
    ("formations.*.home", "places"),
    ("reinforcements.*.side", "sides"),
    ("reinforcements.*.kind", "kinds"),
    ("reinforcements.*.origin", "places"),
    ("reinforcements.*.place", "places"),
    ("reinforcements.*.draws_from.*", "formations"),
    ("reinforcements.*.sponsor", "sponsors"),
    ("commands.*.side", "sides"),
    ("commands.*.area.*", "places"),
    ("commands.*.aims.KEY", "places"),
    ("air.*.side", "sides"),
    ("air.*.base", "places"),
    ("air.*.sponsor", "sponsors"),
    ("events.*.effects.*.stance.*", "sides"),
    ("targets.*.variant", "variants"),
    ("events.*.effects.*.collapse", "sides"),
    ("events.*.when.after", "events"),
    ("exercise.sides.KEY", "sides"),
    ("exercise.injects.*.to", "sides"),
    ("exercise.injects.*.falls", "places"),
    ("exercise.injects.*.order.target", "places"),
)
"""Where a scenario names one of its own entities; KEY stands for the names of a mapping."""
OF_SOLDIERS = ("formations.*.community", "reinforcements.*.community")
"""Where a scenario says of soldiers from which community they come: one that lives in a place, or any other label."""
MOST_LISTED = 20
"""Of at most so many entities all are listed, where a name is like none of them."""
NAMED = (*SINGULAR, "reinforcements", "air", "targets")
REQUIRED = ("sides", "places", "formations")
TAKEN = frozenset({*WRAPPER_KEYS, *DESCRIPTIVE})
"""Keys that describe the mapping in which they stand: an entity of that name could not be told from a description."""
FREE_NAMES = ("sides.*.communities.KEY", "places.*.communities.KEY")
"""Names beside those of entities that users choose."""


def check_references(view: View, within: Mapping[str, Any]) -> None:
    """Finds names that lead nowhere, in `within`: the whole data, or a part of it with the same sections."""
    for pattern, section in REFERENCES:
        known = view.section(section)
        if not isinstance(view.data.get(section, None if section in REQUIRED else {}), dict):
            continue
        for path, name in select(within, pattern.split(".")):
            if name not in known:
                near = nearest(name, known)
                listing = "" if near or not known or len(known) > MOST_LISTED else f"; there are {', '.join(known)}"
                view.problem(path, f"there is no {SINGULAR[section]} '{name}'{listing}", near)
    named = {
        path: name
        for pattern in ("sides.*.communities.KEY", *OF_SOLDIERS)
        for path, name in select(within, pattern.split("."))
    }
    living = {name for _, name in select(view.data, ["places", "*", "communities", "KEY"])} if named else set()
    for path, name in named.items():
        near = nearest(name, sorted(living)) if name not in living else None
        if near or (name not in living and path[0] == "sides"):
            view.problem(path, f"no place has a community '{name}'", near)


def check_ids(view: View) -> None:
    """Finds ids that could be taken for something else: for a key of the file, for each other, for a kind of basis."""
    for section in NAMED:
        seen: dict[str, str] = {}
        for name in view.section(section):
            if name in TAKEN:
                view.problem((section, name), f"'{name}' cannot be an id, because it is a key of every entity")
            first = seen.setdefault(name.lower(), name)
            if first != name:
                twin = f"'{first}' ({view.locator.where((section, first))})"
                view.problem((section, name), f"'{name}' and {twin} are the same up to capital letters")
    for pattern in FREE_NAMES:
        for path, name in select(view.data, pattern.split(".")):
            if name in TAKEN:
                view.problem(path, f"'{name}' cannot be the name of a community, because it is a key of every entity")
    for name in view.section("reinforcements"):
        if name in view.section("formations"):
            where = view.locator.where(("formations", name))
            message = f"'{name}' is the id of a formation too ({where}); reinforcements and formations share their ids"
            view.problem(("reinforcements", name), message)


def check_basis_fields(view: View) -> None:
    """Finds a basis that is given for a field that its entity does not have."""
    of_entities = select(view.data, ["*", "*", "basis", "KEY"])
    of_depots = select(view.data, ["places", "*", "depot", "basis", "KEY"])
    for path, field in (*of_entities, *of_depots):
        shape = shape_at(path[:-2])
        if shape is not None and shape.fields is not None and field not in shape.fields:
            view.problem(path, f"there is no field '{field}' here", nearest(field, shape.fields))


def check_parameters(view: View, rulebook: Rulebook, within: Mapping[str, Any]) -> None:
    """Finds rule parameters and doctrine weights that no rule declares, or that lie outside their bounds."""
    rules = {name: declared for name, declared in rulebook.items() if name != "doctrine"}
    given = within.get("rules")
    for rule, values in given.items() if isinstance(given, dict) else ():
        path = ("rules", rule)
        if rule in rules:
            _check_declared(view, path, values, rules[rule].declared(), f"parameter of the rule {rule}")
        elif rule == "doctrine":
            view.problem(path, "doctrine weights stand under `doctrine:` at the top, or in a side")
        else:
            view.problem(path, f"there is no rule '{rule}'", nearest(rule, rules))
    if "doctrine" in rulebook:
        weights = rulebook["doctrine"].declared()
        _check_declared(view, ("doctrine",), within.get("doctrine"), weights, "doctrine weight")
        sides = within.get("sides")
        for name, side in sides.items() if isinstance(sides, dict) else ():
            own = side.get("doctrine") if isinstance(side, dict) else None
            _check_declared(view, ("sides", name, "doctrine"), own, weights, "doctrine weight")


def check_declared_paths(view: View, paths: Iterable[Path], rulebook: Rulebook, at: Path) -> None:
    """Finds paths to rules, parameters and weights that no rule declares; they are told at another path."""
    for path in paths:
        if path[0] == "rules" and len(path) > 1 and (path[1] not in rulebook or path[1] == "doctrine"):
            near = nearest(str(path[1]), [rule for rule in rulebook if rule != "doctrine"])
            hint = near and ".".join(map(str, ("rules", near, *path[2:])))
            view.problem(at, f"there is no rule '{path[1]}'", hint)
            continue
        rule = str(path[1]) if path[0] == "rules" and len(path) == 3 else "doctrine" if "doctrine" in path[:-1] else ""
        if rule in rulebook and path[-1] not in (known := rulebook[rule].declared()):
            what = "doctrine weight" if rule == "doctrine" else f"parameter of the rule {rule}"
            near = nearest(str(path[-1]), known)
            hint = near and ".".join(map(str, (*path[:-1], near)))
            view.problem(at, f"there is no {what} '{path[-1]}'", hint)


def _check_declared(view: View, path: Path, values: Any, known: Mapping[str, Parameter], what: str) -> None:
    for name, value in values.items() if isinstance(values, dict) else ():
        if name not in known:
            view.problem((*path, name), f"there is no {what} '{name}'", nearest(name, known))
        elif is_number(value) and not known[name].low <= value <= known[name].high:
            low, high, unit = number(known[name].low), number(known[name].high), known[name].unit
            view.problem((*path, name), f"must be from {low} to {high} ({unit}), but is {describe(value)}")
