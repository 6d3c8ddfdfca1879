"""Formulas: outcomes worked out from other outcomes, campaign by campaign: `share = deaths.civilian / deaths.total`.

A formula knows numbers, names of outcomes, + - * / and parentheses, min, max, abs and `before`, and nothing else:
before(hill.fall_day, 10) is 1 in the campaigns in which that time has come by day 10, otherwise 0.
"""

from __future__ import annotations

import ast
import functools
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LONGEST = 500
NAMED = re.compile(r"\s*([a-z][a-z0-9_]*)\s*=(.*)", re.DOTALL)
OPERAND = re.compile(
    r"(?<![\w.])(?>[A-Za-z_]\w*(?:\.\w+)*(?:@(?:\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?)?|\w*(?:\.\d+)?))?)(?!\s*\()"
)
"""A name of an outcome, with its day if it has one; not the name of a function."""
OPERATORS: Mapping[type[ast.AST], Callable[..., Array]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda over, under: np.where(under == 0, np.nan, np.divide(over, under)),
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
FUNCTIONS: Mapping[str, Callable[..., Array]] = {
    "min": lambda *values: functools.reduce(np.minimum, values),
    "max": lambda *values: functools.reduce(np.maximum, values),
    "abs": np.abs,
    "before": lambda time, day: np.where(np.isnan(time), 0.0, time <= day).astype(float),
}
ARGUMENTS = {"abs": 1, "before": 2}
"""Functions that take so many values; the others take one or more."""


class FormulaError(ValueError):
    """Text that is no formula; says what is wrong with it."""


@dataclass(frozen=True)
class Formula:
    """An expression over outcomes, by name in the order in which they stand."""

    text: str
    operands: tuple[str, ...]
    _tree: ast.expr

    def values(self, known: Mapping[str, Array]) -> Array:
        """What it comes to in each campaign; NaN where it is not defined: a time that never came, 0 / 0, 1 / 0."""
        with np.errstate(all="ignore"):
            found = np.asarray(self._value(self._tree, known), dtype=float)
        return np.where(np.isfinite(found), found, np.nan)

    def _value(self, node: ast.expr, known: Mapping[str, Array]) -> Array:
        match node:
            case ast.Constant():
                return np.float64(node.value)  # type: ignore[arg-type, return-value]
            case ast.Name():
                return known[self.operands[int(node.id.strip("_"))]]
            case ast.BinOp():
                return OPERATORS[type(node.op)](self._value(node.left, known), self._value(node.right, known))
            case ast.UnaryOp():
                return OPERATORS[type(node.op)](self._value(node.operand, known))
            case ast.Call(func=ast.Name(id=name)):
                return FUNCTIONS[name](*(self._value(argument, known) for argument in node.args))
        raise AssertionError(node)


def parse_formula(text: str) -> Formula:
    """Reads an expression; FormulaError says what is not understood in it."""
    text = text.strip()
    if len(text) > LONGEST:
        raise FormulaError(f"a formula has at most {LONGEST} characters, but this one has {len(text)}")
    operands: dict[str, int] = {}
    # Names hold dots and days, so numbers stand for them while Python reads the rest.
    plain = OPERAND.sub(lambda found: f"__{operands.setdefault(found[0], len(operands))}__", text)
    try:
        tree = ast.parse(plain, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise FormulaError(f"'{text}' is not a formula like (a - b) / max(c, 1)") from None
    names = tuple(operands)
    for node in ast.walk(tree):
        _check(node, names)
    if not names:
        raise FormulaError(f"'{text}' speaks of no outcome")
    return Formula(text, names, tree)


def _check(node: ast.AST, names: tuple[str, ...]) -> None:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool) and abs(value) < 1e300:
            return
        case ast.Call(func=ast.Name(id=name), keywords=[]) if name in FUNCTIONS:
            count = len(node.args)
            wanted = ARGUMENTS.get(name, count)
            if count == 0 or count != wanted or any(isinstance(a, ast.Starred) for a in node.args):
                said = {1: "one value", 2: "a time and a day"}.get(ARGUMENTS.get(name, 0), "one or more values")
                raise FormulaError(f"{name}() takes {said}")
            return
        case ast.Name(id=name) if name in FUNCTIONS or re.fullmatch(r"__\d+__", name):
            return
        case ast.BinOp(op=op) | ast.UnaryOp(op=op) if type(op) in OPERATORS:
            return
        case ast.Load():
            return
        case _ if type(node) in OPERATORS:
            return
    said = ast.unparse(node) if isinstance(node, ast.expr) else type(node).__name__
    said = re.sub(r"__(\d+)__", lambda found: names[int(found[1])], said)
    allowed = "numbers, outcomes, + - * / and parentheses, min, max, abs and before(time, day)"
    raise FormulaError(f"'{said}' has no place in a formula, which has {allowed}")
