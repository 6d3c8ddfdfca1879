"""Uncertainty, variants and outcomes that hardly say what their author means."""

from __future__ import annotations

from collections.abc import Iterator

from sim.scenario.leaves import leaf_at
from sim.scenario.messages import number
from sim.scenario.operate import SET, Operation
from sim.scenario.paths import PathError, value_at
from sim.scenario.schema import Distribution, Scenario
from sim.scenario.select import select
from sim.scenario.yaml_reader import Path, Tree

Told = tuple[Path, str]
FAR = 20.0
"""A factor, or a value against the one that stands in the file, that differs so many times is told."""


def strange_inputs(scenario: Scenario, tree: Tree, written: Tree) -> Iterator[Told]:
    """Warnings about uncertainty, variants and outcomes. A variant is held against the files as they are `written`."""
    for path, (low, high) in tree.ranges.items():
        if low == high:
            yield path, f"its range has no width: {number(low)} to {number(high)}"
    for text, said in scenario.uncertainty.items():
        yield from _distribution(text, said, tree)
    for name, variant in scenario.variants.items():
        if all(_changes_nothing(text, value, written) for text, value in variant.set.items()):
            yield ("variants", name), "changes nothing: the scenario has these values already"
    for at, outcome in enumerate(scenario.outcomes):
        if outcome in scenario.outcomes[:at]:
            yield ("outcomes", at), "is listed twice"


def _distribution(text: str, said: Distribution, tree: Tree) -> Iterator[Told]:
    law, numbers = next((law, n) for law in LAWS if (n := getattr(said, law)) is not None)
    path: Path = ("uncertainty", text, law)
    low, middle, high = _spread(law, numbers)
    if law in ("uniform", "triangular") and low == high:
        yield path, f"has no width: {number(low)} to {number(high)}"
    elif said.applies == "factor":
        if not 1 / FAR < middle < FAR:
            yield path, f"is a factor around {number(middle)}: is `applies: value` meant?"
        return
    try:
        leaves = [leaf for at in select(text, tree.data) if (leaf := leaf_at(at, tree.data, {})) is not None]
    except PathError:
        return  # reported where the entry is checked
    values = [leaf.value for leaf in leaves if leaf.value]
    if said.applies == "value" and values and middle > 0:
        nearest = min(values, key=lambda value: max(value / middle, middle / value))
        if not 1 / FAR < middle / nearest < FAR:
            message = f"is around {number(middle)}, but the value in the file is {number(nearest)}"
            yield path, f"{message}: is `applies: factor` meant?"
    if said.applies == "value" and leaves and all(high < leaf.low or low > leaf.high for leaf in leaves):
        bounds = f"from {number(leaves[0].low)} to {number(leaves[0].high)}"
        yield path, f"lies outside of what the value may be, {bounds}, so every draw is held at a bound"


LAWS = ("uniform", "triangular", "normal", "lognormal")
STANDARD = 3.0
"""Standard deviations within which nearly all draws lie."""


def _spread(law: str, numbers: tuple[float, ...]) -> tuple[float, float, float]:
    """Where nearly all draws of a distribution lie: low, middle, high."""
    if law == "uniform":
        return numbers[0], (numbers[0] + numbers[1]) / 2, numbers[1]
    if law == "triangular":
        return numbers[0], numbers[1], numbers[2]
    if law == "normal":
        return numbers[0] - STANDARD * numbers[1], numbers[0], numbers[0] + STANDARD * numbers[1]
    return 0.0, numbers[0], float("inf")


def _changes_nothing(text: str, value: object, tree: Tree) -> bool:
    """Whether all values at a path are what a variant sets them to, as the file says them."""
    operation = Operation.of(text)
    if operation.what != SET:
        return value == (1 if operation.what == "*" else 0)
    try:
        paths = select(operation.path, tree.data)
    except PathError:
        return False  # reported where the variant is checked
    uncertain = any(path in tree.ranges for path in paths)
    drawn = any(key.rpartition(".")[2] == str(paths[0][-1]) for key in tree.data.get("uncertainty") or {})
    return not uncertain and not drawn and all(value_at(path, tree.data) == value for path in paths)
