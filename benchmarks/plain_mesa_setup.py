"""Before a plain-Mesa campaign: rule parameters are read, and what is uncertain takes one of its possible values."""

from __future__ import annotations

import copy
import re
from types import SimpleNamespace
from typing import Any

import numpy as np

from sim.rules.rulebook import RULEBOOK
from sim.scenario.read import LoadedScenario
from sim.scenario.schema import Distribution

PART = re.compile(r"([\w-]+|\*)(?:\[([^\]]*)\])?")
SHARES = {"manning", "morale", "readiness", "will", "legitimacy", "hardship", "serviceable", "distraction", "officers"}
"""Values that lie between 0 and 1."""
SIGNED = {"steadiness"}
PEOPLE = {"strength", "wounded"}
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


def get(holder: Any, key: str) -> Any:
    """A value of an object or a dict."""
    return holder[key] if isinstance(holder, dict) else getattr(holder, key)


def put(holder: Any, key: str, value: Any) -> None:
    """Sets a value of an object or a dict; numbers stay within what they can mean."""
    if isinstance(value, float):
        value = within_limits(key, value)
        if key in PEOPLE and not isinstance(holder, dict):
            value = round(value)
    if isinstance(holder, dict):
        holder[key] = value
    else:
        setattr(holder, key, value)


def within_limits(key: str, value: float) -> float:
    """The nearest number that the value may take."""
    if key not in SIGNED:
        value = max(0.0, value)
    return min(1.0, value) if key in SHARES else value


def is_same(value: Any, wanted: Any) -> bool:
    """Whether a value is the wanted one; sides and places go by their id."""
    return bool(getattr(value, "id", value) == wanted)


def rule_parameters(document: dict[str, Any]) -> SimpleNamespace:
    """The parameters of all rules, read as `p.morale.contagion`."""
    return SimpleNamespace(**{rule: RULEBOOK[rule](**values) for rule, values in document["rules"].items()})


def draw_situation(loaded: LoadedScenario, rng: np.random.Generator) -> dict[str, Any]:
    """The scenario as plain data, parameters filled in, in which everything uncertain has been drawn."""
    document = copy.deepcopy(loaded.document)
    document["roads"] = {"-".join(road["between"]): road for road in document["roads"]}
    for rule, parameters in RULEBOOK.items():
        said = document["doctrine"] if rule == "doctrine" else document["rules"].setdefault(rule, {})
        for name, declared in parameters.declared().items():
            said.setdefault(name, declared.default)
    for path, (low, high) in loaded.ranges.items():
        parent, _, key = path.rpartition(".")
        for holder in entities(document, parent):
            if low < high:
                holder[key] = float(rng.triangular(low, holder[key], high))
    for path, law in loaded.scenario.uncertainty.items():
        parent, _, key = path.rpartition(".")
        common = draw(law, rng)
        for holder in entities(document, parent):
            drawn = common if law.common else draw(law, rng)
            if law.applies == "factor":
                drawn *= holder[key]
            elif law.applies == "offset":
                drawn += holder[key]
            put(holder, key, drawn)
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
