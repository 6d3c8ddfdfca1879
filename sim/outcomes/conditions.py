"""Conditions on the outcomes of a campaign: `hill.fall_day > 10`, `north.collapsed and town.fall_day in 2..5`.

A condition knows names of outcomes, numbers, < <= > >= ==, `in A..B` (both ends included), and, or, not, parentheses.
A name alone holds where it happened. A time that did not come is later than any day; where a quantity is not defined,
neither is a comparison with it.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.outcomes.catalogue import TIME
from sim.outcomes.formulas import LONGEST, OPERAND
from sim.outcomes.values import happened
from sim.scenario.messages import describe

Array = NDArray[np.float64]
NUMBER = r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
WITHIN = re.compile(rf"\bin\s+({NUMBER})\s*\.\.\s*({NUMBER})")
WORDS = ("and", "or", "not", "in")
COMPARED: Mapping[type[ast.AST], Callable[..., NDArray[np.bool_]]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
}
MEANT = "something like 'hill.fall_day > 10 and not north.collapsed'"


class ConditionError(ValueError):
    """Text that is no condition; says what is wrong with it."""


@dataclass(frozen=True)
class Condition:
    """A condition over outcomes, by name in the order in which they stand."""

    text: str
    operands: tuple[str, ...]
    _tree: ast.expr

    def met(self, values: Mapping[str, Array], kinds: Mapping[str, str]) -> Array:
        """In each campaign 1 where the condition is met, 0 where not, NaN where it is not defined."""
        return self._truth(self._tree, values, kinds)

    def _truth(self, node: ast.expr, values: Mapping[str, Array], kinds: Mapping[str, str]) -> Array:
        match node:
            case ast.Name():
                name = self._name(node)
                known = np.isfinite(values[name]) | (kinds[name] == TIME)
                return np.where(known, happened(kinds[name], values[name]), np.nan)
            case ast.UnaryOp(operand=operand):
                return 1.0 - self._truth(operand, values, kinds)
            case ast.BoolOp(op=op, values=parts):
                # What is false, or true, whatever the undefined part would be is decided.
                truths = np.array([self._truth(part, values, kinds) for part in parts])
                decided = 0.0 if isinstance(op, ast.And) else 1.0
                undefined = np.isnan(truths).any(axis=0)
                return np.where((truths == decided).any(axis=0), decided, np.where(undefined, np.nan, 1.0 - decided))
            case ast.Compare(left=left, ops=ops, comparators=others):
                sides = [self._number(side, values, kinds) for side in (left, *others)]
                found = np.all([COMPARED[type(op)](sides[i], sides[i + 1]) for i, op in enumerate(ops)], axis=0)
                return np.where(np.any([np.isnan(side) for side in np.broadcast_arrays(*sides)], axis=0), np.nan, found)
        raise AssertionError(node)

    def _number(self, node: ast.expr, values: Mapping[str, Array], kinds: Mapping[str, str]) -> Array:
        if isinstance(node, ast.Name):
            name = self._name(node)
            sample = np.asarray(values[name], dtype=float)
            return np.where(np.isnan(sample), np.inf, sample) if kinds[name] == TIME else sample
        return np.asarray(ast.literal_eval(node), dtype=float)

    def _name(self, node: ast.Name) -> str:
        return self.operands[int(node.id.strip("_"))]


def parse_condition(text: str) -> Condition:
    """Reads a condition; ConditionError says what is not understood in it."""
    if not isinstance(text, str):
        raise ConditionError(f"a condition is a text, {MEANT}, but is {describe(text)}")
    text = text.strip()
    if len(text) > LONGEST:
        raise ConditionError(f"a condition has at most {LONGEST} characters, but this one has {len(text)}")
    operands: dict[str, int] = {}

    def stand_in(found: re.Match[str]) -> str:
        return found[0] if found[0] in WORDS else f"__{operands.setdefault(found[0], len(operands))}__"

    for low, high in WITHIN.findall(text):
        if float(low) > float(high):
            raise ConditionError(f"'in {low}..{high}' holds no number; did you mean in {high}..{low}?")
    # `in 2..5` becomes two comparisons of what stands before it; names hold dots, so numbers stand for them.
    plain = re.sub(rf"([^\s()]+)\s+{WITHIN.pattern}", r"(\2 <= \1 <= \3)", text)
    try:
        tree = ast.parse(OPERAND.sub(stand_in, plain), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ConditionError(f"'{text}' is no condition; it should be {MEANT}") from None
    if not operands:
        raise ConditionError(f"'{text}' speaks of no outcome; it should be {MEANT}")
    _check(tree, text)
    return Condition(text, tuple(operands), tree)


def _check(node: ast.expr, text: str) -> None:
    match node:
        case ast.Name():
            return
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _check(operand, text)
        case ast.BoolOp(values=parts):
            for part in parts:
                _check(part, text)
            return
        case ast.Compare(left=left, ops=ops, comparators=others) if all(type(op) in COMPARED for op in ops):
            if all(isinstance(side, ast.Name) or _is_number(side) for side in (left, *others)):
                return
    raise ConditionError(f"'{text}' is no condition on outcomes; it should be {MEANT}")


def _is_number(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        node = node.operand
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)
