"""Finds what the schema cannot see: names that lead nowhere, and parts of the scenario that contradict each other.

It reads the composed data as it is, so that it finds its problems beside those of the schema; what has the wrong type
is passed over here, because the schema reports it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from sim.scenario.basis import is_number
from sim.scenario.errors import Problem
from sim.scenario.messages import describe, number
from sim.scenario.names import nearest
from sim.scenario.network import all_roads_join_places, check_network, neighbours
from sim.scenario.parameters import Parameter, Rulebook
from sim.scenario.paths import Locator, shape_at
from sim.scenario.schema import Clock, Stance
from sim.scenario.sources import Fact, check_bases, missing_row
from sim.scenario.yaml_reader import Path

SINGULAR = {
    "sides": "side", "sponsors": "sponsor", "places": "place", "road_classes": "road class", "terrains": "terrain",
    "kinds": "kind of formation", "formations": "formation", "events": "event", "variants": "variant",
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
    ("air.*.side", "sides"),
    ("air.*.base", "places"),
    ("air.*.sponsor", "sponsors"),
    ("events.*.effects.*.stance.*", "sides"),
    ("targets.*.variant", "variants"),
    ("events.*.effects.*.collapse", "sides"),
    ("events.*.when.after", "events"),
)
"""Where a scenario names one of its own entities; KEY stands for the names of a mapping."""

REQUIRED = ("sides", "places", "formations")
TROOPS = ("formations", "reinforcements", "air")
TESTS = ("is", "not", "above", "below")
ACTIONS = ("set", "add", "scale", "activate", "withdraw", "stance", "ceasefire", "collapse")
OPERANDS = {"set": "to", "stance": "to", "add": "by", "scale": "by"}
CRITERIA = ("at_least", "median_within", "p05_to_p95_within", "probability_at_least", "difference_within")
DISTRIBUTIONS = ("uniform", "triangular", "normal", "lognormal")
STANCES = get_args(Stance)
TICKS = get_args(Clock.model_fields["tick_hours"].annotation)


def check(locator: Locator, rulebook: Rulebook, facts: Mapping[str, Fact], problems: list[Problem]) -> None:
    """Adds every contradiction in the scenario to the problems."""
    checker = _Checker(locator, rulebook, problems)
    checker.references()
    checker.twins()
    checker.basis_fields()
    checker.clock()
    checker.sides()
    checker.troops()
    checker.events()
    checker.uncertainty()
    checker.parameters()
    checker.targets(facts)
    check_bases(locator.tree, facts, problems)
    check_network(locator, problems)


def _text(entity: Any, key: str) -> str:
    """A text of an entity; empty where it is missing or something else."""
    value = entity.get(key) if isinstance(entity, dict) else None
    return value if isinstance(value, str) else ""


class _Checker:
    def __init__(self, locator: Locator, rulebook: Rulebook, problems: list[Problem]) -> None:
        self.data: dict[str, Any] = locator.tree.data
        self.locator = locator
        self.rulebook = rulebook
        self.problems = problems

    def problem(self, path: Path, message: str, hint: str | None = None) -> None:
        self.problems.append(self.locator.problem(path, message, hint))

    def section(self, name: str) -> dict[str, Any]:
        value = self.data.get(name)
        return value if isinstance(value, dict) else {}

    def entities(self, *sections: str) -> Iterator[tuple[Path, dict[str, Any]]]:
        """The entities of sections, with their paths."""
        for section in sections:
            for key, entity in self.section(section).items():
                if isinstance(entity, dict):
                    yield (section, key), entity

    def select(self, node: Any, pattern: list[str], path: Path = ()) -> Iterator[tuple[Path, str]]:
        """The names at the paths that a pattern of REFERENCES stands for."""
        if not pattern:
            if isinstance(node, str):
                yield path, node
            return
        head, rest = pattern[0], pattern[1:]
        if head == "KEY":
            yield from (((*path, key), key) for key in (node if isinstance(node, dict) else ()))
            return
        children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for key, child in children:
            if head in ("*", key):
                yield from self.select(child, rest, (*path, key))

    def references(self) -> None:
        for pattern, section in REFERENCES:
            known = self.section(section)
            if not isinstance(self.data.get(section, None if section in REQUIRED else {}), dict):
                continue
            for path, name in self.select(self.data, pattern.split(".")):
                if name not in known:
                    self.problem(path, f"there is no {SINGULAR[section]} '{name}'", nearest(name, known))

    def twins(self) -> None:
        """Ids that differ only in small and capital letters."""
        for section in (*SINGULAR, "reinforcements", "air", "targets"):
            seen: dict[str, str] = {}
            for name in self.section(section):
                first = seen.setdefault(name.lower(), name)
                if first != name:
                    twin = f"'{first}' ({self.locator.where((section, first))})"
                    self.problem((section, name), f"'{name}' and {twin} are the same up to capital letters")

    def basis_fields(self) -> None:
        """A basis given field by field names fields of its entity."""
        of_entities = self.select(self.data, ["*", "*", "basis", "KEY"])
        of_depots = self.select(self.data, ["places", "*", "depot", "basis", "KEY"])
        for path, field in (*of_entities, *of_depots):
            shape = shape_at(path[:-2])
            if shape is not None and shape.fields is not None and field not in shape.fields:
                self.problem(path, f"there is no field '{field}' here", nearest(field, shape.fields))

    def clock(self) -> None:
        clock = self.section("clock")
        tick, days, decision = clock.get("tick_hours", 6), clock.get("days", 16), clock.get("decision_hours", 12)
        if isinstance(tick, bool):
            self.problem(("clock", "tick_hours"), f"should be a number, but is {describe(tick)}")
        if tick not in TICKS:
            return
        if is_number(days) and not _whole(days * 24 / tick):
            message = f"{number(days)} days do not come to a whole number of ticks of {tick} hours"
            self.problem(("clock", "days"), message)
        if is_number(decision) and not (_whole(decision / tick) and decision >= tick):
            message = f"commanders decide at the start of a tick, so {number(decision)} must be a multiple of {tick}"
            self.problem(("clock", "decision_hours"), f"{message} (tick_hours)")

    def sides(self) -> None:
        sides = self.section("sides")
        manned = {_text(entity, "side") for _, entity in self.entities(*TROOPS)}
        for name in sides if manned <= sides.keys() else ():
            if name not in manned:
                self.problem(("sides", name), "the side has no formation, no reinforcement and no air wing")
        said: dict[frozenset[str], tuple[Path, str]] = {}
        for path, side in self.entities("sides"):
            stances = side.get("stances")
            for other, stance in stances.items() if isinstance(stances, dict) else ():
                here = (*path, "stances", other)
                if other == path[1]:
                    self.problem(here, "a side has no stance towards itself")
                    continue
                before, first = said.setdefault(frozenset((str(path[1]), other)), (here, stance))
                if first != stance:
                    where = f"{self.locator.dotted(before)} ({self.locator.where(before)})"
                    self.problem(here, f"is {stance}, but {where} says {first}; a stance counts both ways")
        hostile = any(stance == "hostile" for _, stance in said.values())
        later = any(effect.get("to") == "hostile" for _, effect in self.effects())
        doubtful = any(stance not in STANCES for _, stance in said.values())
        if len(sides) > 1 and not (hostile or later or doubtful):
            self.problem(("sides",), "no two sides are hostile to each other, so nobody would fight; give one a stance")

    def troops(self) -> None:
        near = neighbours(self.data)
        formations, places = self.section("formations"), self.section("places")
        for path, unit in self.entities(*TROOPS):
            side, sponsor = _text(unit, "side"), self.section("sponsors").get(_text(unit, "sponsor"))
            if isinstance(sponsor, dict) and side in self.section("sides"):
                backs = sponsor.get("backs")
                if isinstance(backs, dict) and side not in backs:
                    listed = ", ".join(backs) or "nobody"
                    self.problem((*path, "sponsor"), f"{unit['sponsor']} does not back {side}; it backs {listed}")
            givers = unit.get("draws_from")
            for position, name in enumerate(givers if isinstance(givers, list) else []):
                owner = _text(formations.get(name) if isinstance(name, str) else None, "side")
                if owner and owner != side:
                    self.problem((*path, "draws_from", position), f"'{name}' belongs to {owner}, not to {side}")
            if path[0] != "formations":
                continue
            place, toward, km = _text(unit, "place"), _text(unit, "toward"), unit.get("km", 0)
            if not toward:
                if is_number(km) and km > 0:
                    self.problem((*path, "km"), "says how far out on a road, but no `toward` says which road")
            elif place in places and toward in places and all_roads_join_places(self.data):
                roads = near.get(place, {})
                if toward not in roads:
                    joined = f"{place} is joined to {', '.join(roads) or 'no place'}"
                    self.problem((*path, "toward"), f"no road joins {place} and {toward}; {joined}")
                elif is_number(km) and km > roads[toward]:
                    length = f"the road to {toward} is {number(roads[toward])} km long"
                    self.problem((*path, "km"), f"{length}, but km is {number(km)}")

    def effects(self) -> Iterator[tuple[Path, dict[str, Any]]]:
        for path, event in self.entities("events"):
            effects = event.get("effects")
            for place, effect in enumerate(effects if isinstance(effects, list) else []):
                if isinstance(effect, dict):
                    yield (*path, "effects", place), effect

    def events(self) -> None:
        for path, event in self.entities("events"):
            when = event.get("when")
            if isinstance(when, dict):
                self.when((*path, "when"), when)
        for path, effect in self.effects():
            action = self.exactly_one(path, effect, ACTIONS, "action")
            if action is None:
                continue
            operand = OPERANDS.get(action)
            for key in ("to", "by"):
                if key == operand and effect.get(key) is None:
                    self.problem(path, f"`{action}` needs `{key}`")
                if key != operand and effect.get(key) is not None:
                    self.problem((*path, key), f"has no meaning beside `{action}`", operand)
            to = effect.get("to")
            if action == "stance" and to is not None and to not in STANCES:
                message = f"should be hostile, neutral or allied, but is {describe(to)}"
                self.problem((*path, "to"), message, nearest(str(to), STANCES))

    def when(self, path: Path, when: dict[str, Any]) -> None:
        if when.get("date") is not None and when.get("day") is not None:
            self.problem(path, "has both `date` and `day`; give one")
        day, until = when.get("day"), when.get("until")
        if is_number(day) and is_number(until) and until < day:
            self.problem((*path, "until"), f"ends on day {number(until)}, before it starts on day {number(day)}")
        if is_number(when.get("delay")) and when["delay"] > 0 and when.get("after") is None:
            self.problem((*path, "delay"), "has no meaning without `after`: days count from another event")
        if when.get("after") == path[1]:
            self.problem((*path, "after"), "an event cannot wait for itself")
        for key in ("if", "any"):
            conditions = when.get(key)
            for place, condition in enumerate(conditions if isinstance(conditions, list) else []):
                if isinstance(condition, dict):
                    self.exactly_one((*path, key, place), condition, TESTS, "test")

    def exactly_one(self, path: Path, node: dict[str, Any], names: tuple[str, ...], what: str) -> str | None:
        """The one key of several that stands in a mapping; a problem if there are none or more."""
        given = [name for name in names if node.get(name) is not None]
        if len(given) == 1:
            return given[0]
        listed = f"{', '.join(names[:-1])} or {names[-1]}"
        self.problem(path, f"needs exactly one {what} ({listed}), but has {' and '.join(given) or 'none'}")
        return None

    def uncertainty(self) -> None:
        for path, entry in self.entities("uncertainty"):
            name = self.exactly_one(path, entry, DISTRIBUTIONS, "distribution")
            numbers = entry.get(name) if name else None
            if not (name and isinstance(numbers, list) and all(map(is_number, numbers))):
                continue
            if name in ("uniform", "triangular") and numbers != sorted(numbers):
                order = "low, high" if name == "uniform" else "low, most likely, high"
                self.problem((*path, name), f"should rise from low to high ({order}), but is {numbers}")
            if name == "lognormal" and numbers and numbers[0] <= 0:
                self.problem((*path, name), f"the median of a lognormal is more than 0, but is {numbers[0]}")

    def parameters(self) -> None:
        """Rule parameters and doctrine weights are declared by the rules, with bounds."""
        rules = {name: declared for name, declared in self.rulebook.items() if name != "doctrine"}
        for path, values in self.entities("rules"):
            rule = str(path[1])
            if rule in rules:
                self.declared(path, values, rules[rule].declared(), f"parameter of the rule {rule}")
            elif rule == "doctrine":
                self.problem(path, "doctrine weights stand under `doctrine:` at the top, or in a side")
            else:
                self.problem(path, f"there is no rule '{rule}'", nearest(rule, rules))
        if "doctrine" in self.rulebook:
            weights = self.rulebook["doctrine"].declared()
            self.declared(("doctrine",), self.section("doctrine"), weights, "doctrine weight")
            for path, side in self.entities("sides"):
                own = side.get("doctrine")
                self.declared((*path, "doctrine"), own if isinstance(own, dict) else {}, weights, "doctrine weight")

    def targets(self, facts: Mapping[str, Fact]) -> None:
        """A target has one criterion, with all that it needs, and rests on rows that exist."""
        for path, target in self.entities("targets"):
            criterion = self.exactly_one(path, target, CRITERIA, "criterion")
            counts, compares = target.get("share_within") is not None, target.get("variant") is not None
            if criterion == "at_least" and not counts:
                self.problem(path, "`at_least` needs `share_within`, the range in which campaigns are counted")
            if counts and criterion not in (None, "at_least", "difference_within"):
                self.problem((*path, "share_within"), f"has no meaning beside `{criterion}`", "at_least")
            if criterion is not None and compares != (criterion == "difference_within"):
                self.problem(path, "a comparison needs both `variant` and `difference_within`")
            for key in ("share_within", "median_within", "p05_to_p95_within", "difference_within"):
                bounds = target.get(key)
                if isinstance(bounds, list) and all(map(is_number, bounds)) and bounds != sorted(bounds):
                    self.problem((*path, key), f"should rise from low to high, but is {bounds}")
            cited = target.get("facts")
            for position, name in enumerate(cited if isinstance(cited, list) else []):
                trouble = missing_row(name, self.section("sources"), facts) if isinstance(name, str) else None
                if trouble is not None:
                    self.problem((*path, "facts", position), *trouble)

    def declared(self, path: Path, values: dict[str, Any], known: dict[str, Parameter], what: str) -> None:
        for name, value in values.items():
            if name not in known:
                self.problem((*path, name), f"there is no {what} '{name}'", nearest(name, known))
            elif is_number(value) and not known[name].low <= value <= known[name].high:
                low, high, unit = number(known[name].low), number(known[name].high), known[name].unit
                self.problem((*path, name), f"must be from {low} to {high} ({unit}), but is {describe(value)}")


def _whole(value: float) -> bool:
    return abs(value - round(value)) < 1e-9
