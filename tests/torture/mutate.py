"""Scenario files with mistakes in them, and strange ones without: case `number` of a seed is always the same text.

Most cases change the data of a scenario by what the schema and the rules declare: a field gets a value at or beyond its
bounds, an event changes anything that can change, something is uncertain. Some damage the text itself.
"""

from __future__ import annotations

import contextlib
import copy
import json
import pathlib
import random
from collections.abc import Callable
from typing import Any, NamedTuple

import yaml

from sim.scenario.leaves import bounds_at
from sim.scenario.paths import shapes_along
from sim.scenario.schema import Scenario
from sim.scenario.yaml_reader import Path
from tests.torture.values import (
    NUMBERS,
    PARAMETERS,
    TEXTS,
    condition,
    distribution,
    effect,
    fitting,
    get,
    ids,
    inner,
    junk,
    misspelt,
    near_bounds,
    of_type,
    paths_of,
    put,
)

ROOT = pathlib.Path(__file__).parents[2]
STARTS = (
    ROOT / "scenarios/crossroads.yaml",
    pathlib.Path(__file__).with_name("everything.yaml"),
    pathlib.Path(__file__).with_name("duel.yaml"),
)
"""The scenarios from which cases are made."""
DAMAGE = (
    *(
        "!!python/object/apply:os.system [id]",
        "&a [*a]",
        "<<: {a: 1}",
        "--- \n",
        "...\n",
        "%YAML 1.1\n",
        "? [a]\n: b\n",
    ),
    *("[" * 100, "{a: " * 60, "- " * 200, "0o777777777777777777777777", "1" * 5000, "1e" + "9" * 100, "0x" + "f" * 900),
    *('"\\x00\\x00"', '"\\ud800"', '"\\ud83d\\ude00"', "&a ", "*a ", "!!int ", "? ", "#ff0000"),
)
SIGNS = "{}[]:,#&*!|>'\"%@`\t\n -?~\x00\x1b\x85\u2028\ufeffé😀"


class Case(NamedTuple):
    """One text, which scenario it was made from, and what was done to it."""

    text: str
    start: str
    done: str


class Start(NamedTuple):
    """A scenario to start from: its text and its data."""

    name: str
    text: str
    data: dict[str, Any]


def read_starts() -> list[Start]:
    """The scenarios to start from. Dates are text in our files, and in no other reader's."""
    starts = []
    for path in STARTS:
        text = path.read_text("utf-8")
        data = yaml.load(text, Loader=_TextDates)
        starts.append(Start(path.stem, text, data))
    return starts


class _TextDates(yaml.SafeLoader):
    pass


_TextDates.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def make(seed: int, number: int, starts: list[Start]) -> Case:
    """Case `number` of a seed."""
    rng = random.Random(seed * 10**9 + number)
    start = starts[number % len(starts)]
    if rng.random() < 0.15:
        return Case(damaged(rng, start.text), start.name, "text")
    said, done = copy.deepcopy(start.data), []
    for _ in range(rng.choice((1, 1, 1, 2, 3, 4))):
        change = rng.choice(CHANGES)
        try:
            change(rng, said)
        except (KeyError, TypeError, IndexError, AttributeError, ValueError, OverflowError, StopIteration):
            continue  # an earlier change took away what this one needs
        done.append(change.__name__)
    try:
        text = yaml.dump(said, Dumper=_Dumper, allow_unicode=True, sort_keys=False)
    except RecursionError:
        text = start.text
    return Case(text, start.name, "+".join(done))


def delete(rng: random.Random, data: Any) -> None:
    path = rng.choice(inner(data))
    del get(data, path[:-1])[path[-1]]


def rename(rng: random.Random, data: Any) -> None:
    path = rng.choice([path for path in inner(data) if isinstance(get(data, path[:-1]), dict)])
    holder = get(data, path[:-1])
    new = (misspelt(rng, str(path[-1])), rng.choice(TEXTS), rng.choice(ids(data)), str(rng.choice(inner(data))[-1]))
    holder[rng.choice(new)] = holder.pop(path[-1])


def replace(rng: random.Random, data: Any) -> None:
    put(data, rng.choice(inner(data)), junk(rng, data))


def renumber(rng: random.Random, data: Any) -> None:
    path = rng.choice(of_type(data, int, float))
    value = get(data, path)
    scaled = value * 10 ** rng.uniform(-8, 8)
    put(data, path, rng.choice((rng.choice(NUMBERS), scaled, rng.random(), -value, str(value), value + rng.random())))


def rescale(rng: random.Random, data: Any) -> None:
    path = rng.choice(of_type(data, int, float))
    value = get(data, path)
    factors = (10 ** rng.uniform(-3, 3), rng.uniform(0.5, 2))
    put(data, path, rng.choice((0, 0.0, 1, rng.random(), *(value * factor for factor in factors))))


def bound(rng: random.Random, data: Any) -> None:
    """A number goes to one of its bounds."""
    path = rng.choice([path for path in of_type(data, int, float) if bounds_at(path) is not None])
    put(data, path, near_bounds(rng, *(bounds_at(path) or (0, 1))))


def swap(rng: random.Random, data: Any) -> None:
    a, b = rng.sample(inner(data), 2)
    if a[: len(b)] != b and b[: len(a)] != a:
        first, second = get(data, a), get(data, b)
        put(data, a, second)
        put(data, b, first)


def swap_alike(rng: random.Random, data: Any) -> None:
    a = rng.choice(inner(data))
    b = rng.choice([path for path in inner(data) if path[-1] == a[-1] and path != a])
    first, second = get(data, a), get(data, b)
    put(data, a, second)
    put(data, b, first)


def multiply(rng: random.Random, data: Any) -> None:
    """An entity stands there several times under other ids."""
    known = ("sides", "places", "formations", "air", "events", "reinforcements")
    section = rng.choice([name for name in known if data.get(name)])
    key = rng.choice(list(data[section]))
    for copies in range(rng.choice((1, 1, 2, 20))):
        data[section][f"{key}_{copies}"] = copy.deepcopy(data[section][key])


def refer(rng: random.Random, data: Any) -> None:
    """A name of one entity stands where another's stood."""
    known = [list(section) for section in data.values() if isinstance(section, dict)]
    path = rng.choice([path for path in of_type(data, str) if any(get(data, path) in names for names in known)])
    put(data, path, rng.choice(next(names for names in known if get(data, path) in names)))


def field(rng: random.Random, data: Any) -> None:
    """An entity gets one more field, as the schema wants it or nearly so."""
    section = rng.choice([name for name, value in data.items() if isinstance(value, dict) and value])
    key = rng.choice(list(data[section]))
    path: Path = (section, key)
    shape = shapes_along(path)[-1]
    if shape.fields is None:
        path, shape = (section,), shapes_along((section,))[-1]
    name = rng.choice(list(shape.fields or ("x",)))
    get(data, path)[name] = fitting(rng, data, (shape.fields or {}).get(name, str), (*path, name))


def section(rng: random.Random, data: Any) -> None:
    """A section of the scenario gets another entry, as the schema wants it or nearly so."""
    name, info = rng.choice([(f.alias or name, f) for name, f in Scenario.model_fields.items()])
    value = fitting(rng, data, info.annotation, (name,))
    if isinstance(value, dict) and isinstance(data.get(name), dict):
        data[name] |= value
    elif isinstance(value, list) and isinstance(data.get(name), list):
        data[name] += value
    else:
        data[name] = value


def happen(rng: random.Random, data: Any) -> None:
    """One more event."""
    when: dict[str, Any] = {}
    if rng.random() < 0.7:
        when["day"] = rng.choice((0, 0.1, 1, 3, 8, 100, 1e300))
    if rng.random() < 0.3:
        when["hazard"] = rng.choice((0, 0.3, 1e3, 1e300, 1e-300))
    for key in ("if", "any"):
        if rng.random() < 0.25:
            when[key] = [condition(rng, data) for _ in range(rng.choice((1, 2)))]
    if rng.random() < 0.2:
        when["until"] = rng.choice((0, 4, 1e4))
    if rng.random() < 0.2:
        when |= {"after": rng.choice([*data.get("events", ()), "x"]), "delay": rng.choice((0, 1, 1e4))}
    effects = [effect(rng, data) for _ in range(rng.choice((1, 1, 2, 5)))]
    new = {"title": "x", "when": when, "effects": effects, "probability": rng.choice((1, 1, 0.5, 0))}
    data.setdefault("events", {})[f"e_{rng.randrange(99)}"] = new


def doubt(rng: random.Random, data: Any) -> None:
    """Something is uncertain."""
    data.setdefault("uncertainty", {})[rng.choice(paths_of(data))] = distribution(rng)


def vary(rng: random.Random, data: Any) -> None:
    """A number gets a range."""
    others = ("uncertainty", "variants", "targets")
    path = rng.choice([path for path in of_type(data, int, float) if path[0] not in others])
    value = float(get(data, path))
    low, high = value - abs(value) * rng.choice((0, 0.1, 1, 2)), value + abs(value) * rng.choice((0, 0.1, 1, 100))
    put(data, path, {"value": value, "range": [rng.choice((low, 0)), high]})


def rule(rng: random.Random, data: Any) -> None:
    """Numbers of the rules go to their bounds, or anywhere between."""
    for _ in range(rng.choice((1, 1, 5, 20, 200))):
        name, parameter, declared = rng.choice(PARAMETERS)
        value = near_bounds(rng, declared.low, declared.high)
        if rng.random() < 0.95:
            value = min(declared.high, max(declared.low, value))
        if name == "doctrine":
            data.setdefault("doctrine", {})[parameter] = value
        else:
            data.setdefault("rules", {}).setdefault(name, {})[parameter] = value


def clock(rng: random.Random, data: Any) -> None:
    data["clock"] = {
        "tick_hours": rng.choice((1, 2, 3, 4, 6, 8, 12, 5, 6.0)),
        "days": rng.choice((0.25, 1, 8, 121, 0, 0.001, 30, 7.5, 1e300)),
        "decision_hours": rng.choice((1, 6, 12, 24, 96, 0, 7)),
    }
    if rng.random() < 0.5:
        data["outcomes"] = [text for text in data.get("outcomes", []) if "@" not in str(text)]
    if rng.random() < 0.3:
        data["start"] = rng.choice(("0001-01-01", "9999-12-25", "2031-03-01T00:00:30", "1582-10-10"))


def variant(rng: random.Random, data: Any) -> None:
    paths = [rng.choice(paths_of(data)) + rng.choice(("", "", " *", " +")) for _ in range(rng.choice((1, 3)))]
    values = {path: rng.choice((0, 1, 0.5, None, "x", junk(rng, data))) for path in paths}
    data.setdefault("variants", {})[f"v_{rng.randrange(9)}"] = {"title": "x", "set": values}


def outcome(rng: random.Random, data: Any) -> None:
    of_one = rng.choice(("strength", "fall_day", "will@day1", "morale", "equipment", "repulses"))
    texts = (
        *("x = 1 / 0 + deaths.total", "y = deaths.total@day1 / deaths.civilian", "z = min()", "deaths.total@day-1"),
        *("deaths.total@9999-12-31", "w = " + "(" * 240 + "deaths.total" + ")" * 240, "v = __import__('os')"),
        *("u = deaths.total ** 9", "t = " + "-" * 400 + "deaths.total", "s = 1e308*1e308*deaths.total"),
        *("deaths.total@dayNaN", "deaths.total@day1e400", "replicate = deaths.total", "deaths.total"),
        *("displaced.total", "places.held", f"{rng.choice(ids(data))}.{of_one}"),
    )
    data.setdefault("outcomes", []).append(rng.choice(texts))


CHANGES: tuple[Callable[[random.Random, Any], None], ...] = (
    *(delete, rename, replace, renumber, rescale, rescale, bound, bound, bound, swap, swap_alike, swap_alike),
    *(multiply, refer, refer, field, field, field, section, happen, happen, happen, doubt, doubt, vary, rule, rule),
    *(clock, variant, outcome),
)


def damaged(rng: random.Random, text: str) -> str:
    """A text with letters lost, doubled or put in, and signs that mean something to YAML."""
    for _ in range(rng.choice((1, 1, 2, 5))):
        at = rng.randrange(len(text) + 1)
        far = min(len(text), at + rng.randrange(300))
        lines = text.splitlines(True) or [""]
        row = rng.randrange(len(lines))
        word, other = rng.choice(("side", "name", "8", "0.", ":", "a")), rng.choice(("", "x", "&a ", "1e999"))
        texts = (
            text[:at] + text[at + 1 :],
            text[:at] + rng.choice(SIGNS) + text[at:],
            text[:at] + text[at:far] * rng.choice((2, 3, 50)) + text[far:],
            text[:at] + text[far:],
            "".join(lines[: row + 1] + lines[row:]),
            text.replace(word, other, 1),
            text[:at] + rng.choice(DAMAGE) + text[at:],
            text[:at],
            as_json(text) if rng.random() < 0.3 else text + "\x00",
        )
        text = rng.choice(texts) or " "
    return text


def as_json(text: str) -> str:
    """The same scenario as another program would write it, if it can still be read."""
    with contextlib.suppress(yaml.YAMLError, TypeError, ValueError, RecursionError):
        return json.dumps(yaml.load(text, Loader=_TextDates))
    return text
