"""The scenario as plain data: paths into it, rule parameters, one draw of the uncertain inputs, and chances."""

from __future__ import annotations

import copy
import math
import re
from types import SimpleNamespace
from typing import Any

import numpy as np

from sim.rules.rulebook import RULEBOOK
from sim.scenario.read import LoadedScenario
from sim.scenario.schema import Distribution

PART = re.compile(r"([\w-]+|\*)(?:\[([^\]]*)\])?")
SHARES = {"manning", "morale", "readiness", "will", "legitimacy", "hardship", "serviceable", "distraction", "officers"}
SHARES |= {"career", "symbol", "commerce", "fortification", "probability"}
"""Values that lie between 0 and 1."""
PEOPLE = {"strength", "wounded", "prison"}
"""Values that are counted, not measured."""


def entities(root: Any, path: str) -> list[Any]:
    """What a path leads to: by name, by `*`, or by `[key=value,...]`, through objects and dicts alike."""
    found = [root]
    for name, wanted in PART.findall(path):
        if name == "*":
            found = [child for holder in found for child in holder.values()]
        else:
            found = [get(holder, name) for holder in found]
        if wanted:
            tests = [test.split("=") for test in wanted.split(",")]
            found = [
                child
                for holder in found
                for child in holder.values()
                if all(is_same(get(child, key), text) for key, text in tests)
            ]
    return found


def spelled_out(document: dict[str, Any], path: str) -> list[str]:
    """A path for each entity of the scenario that `*` or `[key=value,...]` selects, by what the scenario says of it."""
    section, wanted, rest = re.fullmatch(r"(\w+)(\.\*|\[[^\]]*\])?(.*)", path).groups()  # type: ignore[union-attr]
    if wanted is None:
        return [path]
    chosen = entities(document, f"{section}{wanted}")
    return [f"{section}.{name}{rest}" for name, spec in document[section].items() if any(spec is one for one in chosen)]


def get(holder: Any, key: str) -> Any:
    """A value of an object or a dict."""
    return holder[key] if isinstance(holder, dict) else getattr(holder, key)


def put(holder: Any, key: str, value: Any) -> None:
    """Sets a value of an object or a dict."""
    if isinstance(holder, dict):
        holder[key] = value
    else:
        setattr(holder, key, value)


def bounds(path: str) -> tuple[float, float]:
    """Between which numbers the value at a path has to lie."""
    *above, key = path.split(".")
    if above[0] == "rules":
        declared = RULEBOOK[above[1]].declared()[key]
        return declared.low, declared.high
    if above[-1] == "doctrine":
        declared = RULEBOOK["doctrine"].declared()[key]
        return declared.low, declared.high
    if key in SHARES or above[-1] in ("backs", "friction"):
        return 0.0, 1.0
    if above[-1] == "communities":
        return -1.0, 1.0
    return (-math.inf if key == "cohesion" else 0.0), math.inf


def within(path: str, value: float) -> float:
    """The nearest number that the value at a path may take."""
    low, high = bounds(path)
    return min(high, max(low, value))


def is_same(value: Any, wanted: Any) -> bool:
    """Whether a value is the wanted one; sides and places go by their id."""
    return bool(getattr(value, "id", value) == wanted)


def rounded(people: float) -> int:
    """People are whole."""
    return math.floor(people + 0.5)


def chance_within(expected: float) -> float:
    """Chance that something that is expected so often happens at least once."""
    return 1 - math.exp(-expected)


def happens_within(days: float, hazard: float) -> float:
    """Chance that something with a hazard per day happens within so many days."""
    return chance_within(hazard * days)


def rule_parameters(document: dict[str, Any]) -> SimpleNamespace:
    """The parameters of all rules, read as `p.morale.contagion`."""
    return SimpleNamespace(**{rule: SimpleNamespace(**values) for rule, values in document["rules"].items()})


def draw_situation(loaded: LoadedScenario, rng: np.random.Generator) -> dict[str, Any]:
    """The scenario as plain data, parameters filled in, in which everything uncertain has been drawn."""
    document = copy.deepcopy(loaded.document)
    document["roads"] = {"-".join(road["between"]): road for road in document["roads"]}
    for rule, parameters in RULEBOOK.items():
        spec = document["doctrine"] if rule == "doctrine" else document["rules"].setdefault(rule, {})
        for name, declared in parameters.declared().items():
            spec.setdefault(name, declared.default)
    for path, (low, high) in loaded.ranges.items():
        parent, _, key = path.rpartition(".")
        for holder in entities(document, parent):
            if low < high:
                holder[key] = within(path, float(rng.triangular(low, holder[key], high)))
    for path, law in loaded.scenario.uncertainty.items():
        common = draw(law, rng)
        for one in spelled_out(document, path):
            if one in law.except_:
                continue
            parent, _, key = one.rpartition(".")
            (holder,) = entities(document, parent)
            drawn = common if law.common else draw(law, rng)
            if law.applies == "factor":
                drawn *= holder[key]
            elif law.applies == "offset":
                drawn += holder[key]
            holder[key] = within(path, drawn)
    return document


def draw(law: Distribution, rng: np.random.Generator) -> float:
    """One number from a distribution."""
    if law.uniform:
        return float(rng.uniform(*law.uniform))
    if law.triangular:
        return float(rng.triangular(*law.triangular))
    if law.normal:
        return float(rng.normal(*law.normal))
    assert law.lognormal is not None
    median, spread = law.lognormal
    return float(median * rng.lognormal(0.0, spread))
