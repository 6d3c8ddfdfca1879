"""What stands in a scenario, and values that a fuzzer may put there: by what the schema and the rules declare."""

from __future__ import annotations

import copy
import math
import random
import types
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from sim.rules.rulebook import RULEBOOK
from sim.scenario.leaves import bounds_at
from sim.scenario.paths import shapes_along
from sim.scenario.schema_base import Section
from sim.scenario.yaml_reader import Path
from sim.world.address import SECTIONS, SHARED

PARAMETERS = [(rule, name, p) for rule, rules in RULEBOOK.items() for name, p in rules.declared().items()]

NUMBERS = (
    *(0, -1, 1, 2, -0.0, 0.5, 1e308, -1e308, 1e-308, 5e-324, 1e18, 2**31, 2**32, 2**53, 2**63, 2**64, 10**30, 10**400),
    *(math.inf, -math.inf, math.nan, 1e9, 1e12, 1e15, 1e100, 1e200, 0.1 + 0.2, 1 - 1e-16, 1e-9, 1e-300),
)
TEXTS = (
    *("", " ", "null", "~", "true", "NO", "12:30", "1e3", "0x10", "é", "日本", "\u202eabc", "a" * 61, "x" * 100_000),
    *("\x00", "\x1b[31m", "\ufeff", "😀", "a.b", "a-b", "[side=x]", "*", "sides.*.will", "__class__", "{}", "[]"),
    *("!!python/object:os.system", "2031-05-04", "9999-12-31", "0001-01-01", "day8", "@", "=", "a=b", "-", ".", ".."),
    *("/", "../x", "$\\frac{", "%s", "{0}", "<b>", "0,5", "value", "basis", "note", "civilian", "total", "replicate"),
)


def nodes(data: Any, path: Path = ()) -> Iterator[Path]:
    """The path of every value."""
    yield path
    children = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, child in children:
        yield from nodes(child, (*path, key))


def get(data: Any, path: Path) -> Any:
    for key in path:
        data = data[key]
    return data


def put(data: Any, path: Path, value: Any) -> None:
    get(data, path[:-1])[path[-1]] = value


def inner(data: Any) -> list[Path]:
    return [path for path in nodes(data) if path]


def of_type(data: Any, *kinds: type) -> list[Path]:
    return [p for p in inner(data) if isinstance(get(data, p), kinds) and not isinstance(get(data, p), bool)]


def deep(levels: int) -> Any:
    value: Any = 1
    for level in range(levels):
        value = {"a": value} if level % 2 else [value]
    return value


def junk(rng: random.Random, data: Any) -> Any:
    """Anything that a file may hold."""
    makers: tuple[Callable[[], Any], ...] = (
        lambda: rng.choice(NUMBERS),
        lambda: rng.choice(NUMBERS),
        lambda: rng.choice(TEXTS),
        lambda: rng.choice(TEXTS),
        lambda: rng.choice((None, True, False, [], {}, [[]])),
        lambda: rng.choice(({"value": 1, "range": [0, 2]}, {"value": 0.5}, {"range": [0.1, 0.2]})),
        lambda: deep(rng.choice((3, 10, 45, 60, 300))),
        lambda: [1] * rng.choice((1, 2, 3, 1000)),
        lambda: copy.deepcopy(get(data, rng.choice(inner(data)))),
        lambda: {rng.choice(TEXTS): rng.choice(NUMBERS)},
        lambda: rng.choice((-1, 1)) * 10 ** rng.uniform(-12, 12),
    )
    return rng.choice(makers)()


def misspelt(rng: random.Random, word: str) -> str:
    at = rng.randrange(len(word) or 1)
    other = rng.choice("abcxyz_0")
    return rng.choice((word[:at] + word[at + 1 :], word[:at] + other + word[at:], word[:at] + other + word[at + 1 :]))


def near_bounds(rng: random.Random, low: float, high: float) -> float:
    """A number at a bound, a little beyond it, or anywhere between."""
    low, high = max(low, -1e13), min(high, 1e13)
    inside = (low, high, rng.uniform(low, high), low + (high - low) * 10 ** rng.uniform(-9, 0))
    return rng.choice((*inside, *inside, low - 1e-9, high * (1 + 1e-9) + 1e-9))


def fitting(rng: random.Random, data: Any, annotation: Any, path: Path) -> Any:
    """A value that the schema may want at a path."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return fitting(rng, data, arguments[0], path)
    if origin in (Union, types.UnionType):
        return fitting(rng, data, rng.choice(arguments), path)
    if origin is Literal:
        return rng.choice(arguments)
    if origin is dict:
        keys = rng.sample(ids(data), min(len(ids(data)), rng.choice((0, 1, 2))))
        return {key: fitting(rng, data, arguments[1], (*path, key)) for key in keys}
    if origin is list:
        return [fitting(rng, data, arguments[0], (*path, 0)) for _ in range(rng.choice((0, 1, 3)))]
    if origin is tuple:
        return [fitting(rng, data, part, (*path, at)) for at, part in enumerate(arguments)]
    if isinstance(annotation, type) and issubclass(annotation, Section):
        fields = annotation.model_fields.items()
        wanted = [(f.alias or name, f) for name, f in fields if f.is_required() or rng.random() < 0.2]
        return {name: fitting(rng, data, field.annotation, (*path, name)) for name, field in wanted}
    if annotation is float:
        return near_bounds(rng, *(bounds_at(path) or (-1e6, 1e6)))
    if annotation is bool:
        return rng.random() < 0.5
    if annotation is str:
        return rng.choice((*ids(data), rng.choice(TEXTS), "2031-03-02", rng.choice(paths_of(data))))
    return junk(rng, data)


def ids(data: Any) -> list[str]:
    """Every id of the scenario."""
    return [str(key) for section in data.values() if isinstance(section, dict) for key in section] or ["x"]


def paths_of(data: Any) -> list[str]:
    """Dotted paths and selectors to whatever may be a value of the world."""
    found = [f"rules.{rule}.{name}" if rule != "doctrine" else f"doctrine.{name}" for rule, name, _ in PARAMETERS]
    for section, table in SECTIONS.items():
        entities = data.get(section)
        if section == "roads" and isinstance(entities, list):
            entities = {"-".join(map(str, road["between"])): road for road in entities if "between" in road}
        names = [*entities, "*"] if isinstance(entities, dict) else ["*"]
        columns = [column.setting or column.name for column in table.columns]
        columns += [name for name in shapes_along((section, 0 if section == "roads" else "x"))[-1].fields or ()]
        found += [f"{section}.{name}.{column}" for name in names for column in columns]
    for section in SHARED:
        entries = data.get(section)
        names = [*entries] if isinstance(entries, dict) else ["light", "town"]
        found += [f"{section}.{name}.{field}" for name in names for field in ("speed", "equipment_weight", "defence")]
    of_formations = ("strength", "morale", "equipment", "quality", "supply")
    for side in data.get("sides", ()):
        found += [f"formations[side={side}].{field}" for field in of_formations]
        found += [f"sides.{side}.doctrine.mass", f"sponsors.x.backs.{side}"]
    return found


def effect(rng: random.Random, data: Any) -> dict[str, Any]:
    """One effect of an event."""
    kind = rng.choice((*("set", "add", "scale") * 2, "activate", "withdraw", "stance", "ceasefire", "collapse"))
    sides = [*data.get("sides", ()), "x"]
    if kind in ("activate", "withdraw"):
        return {kind: rng.choice(("formations.*", "*", *(f"formations.{name}" for name in data.get("formations", ()))))}
    if kind == "stance":
        return {kind: rng.sample(sides, 2), "to": rng.choice(("hostile", "neutral", "allied"))}
    if kind in ("ceasefire", "collapse"):
        return {kind: rng.choice((0, 1, 1e4, 0.3)) if kind == "ceasefire" else rng.choice(sides)}
    path = rng.choice(paths_of(data))
    if kind == "set":
        numbers = (0, 1, 0.5, -1, 1e-300, 1e9, True, False, rng.random(), 10 ** rng.uniform(-6, 10))
        return {kind: path, "to": rng.choice((*numbers, *ids(data), "hostile", "active"))}
    return {kind: path, "by": rng.choice((0, -1, 1, 1e9, -1e12, 0.5, 1e-300, 1e300, rng.uniform(-2, 2)))}


def condition(rng: random.Random, data: Any) -> dict[str, Any]:
    """One condition of an event."""
    test = rng.choice(("is", "not", "above", "below"))
    value = rng.choice((0, 1, 0.5, 1e300, -1, True, rng.choice(ids(data)), rng.random()))
    return {"path": rng.choice(paths_of(data)), test: value}


def distribution(rng: random.Random) -> dict[str, Any]:
    low = rng.choice((-1e12, -1, 0, 0.5, 1, rng.random()))
    high = rng.choice((1, 2, 1e9, 1e12, 1e300, rng.uniform(1, 3)))
    law: dict[str, Any] = rng.choice(
        (
            {"uniform": [low, high]},
            {"triangular": [low, rng.uniform(min(low, 3), 3), max(3.0, high)]},
            {"normal": [low, rng.choice((1, 1e-300, 1e12, 0.1))]},
            {"lognormal": [rng.choice((1, 1e-300, 1e12, 2)), rng.choice((0.1, 1, 10, 1e3))]},
        )
    )
    return law | {"applies": rng.choice(("value", "factor", "offset")), "common": rng.random() < 0.5}
