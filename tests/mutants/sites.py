"""Where the code could be wrong in a small way, and how: found in its syntax trees, applied as text."""

from __future__ import annotations

import ast
import pathlib
from collections.abc import Iterator
from typing import NamedTuple

BOUNDARY: dict[type[ast.cmpop], str] = {ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">"}
NEGATED: dict[type[ast.cmpop], str] = {
    **{ast.Lt: ">=", ast.LtE: ">", ast.Gt: "<=", ast.GtE: "<", ast.Eq: "!=", ast.NotEq: "=="},
    **{ast.In: "not in", ast.NotIn: "in", ast.Is: "is not", ast.IsNot: "is"},
}
SWAPPED: dict[type[ast.operator], tuple[str, str]] = {
    **{ast.Add: ("+", "-"), ast.Sub: ("-", "+"), ast.Mult: ("*", "/"), ast.Div: ("/", "*"), ast.FloorDiv: ("//", "*")},
    **{ast.Mod: ("%", "*"), ast.BitAnd: ("&", "|"), ast.BitOr: ("|", "&"), ast.LShift: ("<<", ">>")},
    **{ast.RShift: (">>", "<<"), ast.BitXor: ("^", "&")},
}
SIGNS: dict[type[ast.cmpop], str] = {
    **{ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="},
    **{ast.In: "in", ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not"},
}
OTHER = {"min": "max", "max": "min", "np.minimum": "np.maximum", "np.maximum": "np.minimum"}
DATA = {"Parameters", "NamedTuple", "Section"}
"""Bases of classes that declare data: to change them is another scenario, not another program."""


class Site(NamedTuple):
    """One small change: what it does, and which bytes of a file it replaces by what."""

    file: str
    operator: str
    line: int
    start: int
    end: int
    old: str
    new: str

    def apply(self, root: pathlib.Path) -> None:
        path = root / self.file
        raw = path.read_bytes()
        assert raw[self.start : self.end].decode() == self.old, self
        path.write_bytes(raw[: self.start] + self.new.encode() + raw[self.end :])

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.operator}: {self.old[:50]!r} -> {self.new[:50]!r}"


def sites(root: pathlib.Path, file: str) -> list[Site]:
    """All changes of a file, whether or not they make a program of it."""
    raw = (root / file).read_bytes()
    finder = _Finder(raw, file)
    finder.visit(ast.parse(raw))
    return list(dict.fromkeys(finder.found))


def is_another_program(root: pathlib.Path, site: Site) -> bool:
    """Whether a change leaves a file Python, and makes it another program."""
    raw = (root / site.file).read_bytes()
    try:
        new = ast.parse(raw[: site.start] + site.new.encode() + raw[site.end :])
    except SyntaxError:
        return False
    return ast.dump(new) != ast.dump(ast.parse(raw))


class _Finder(ast.NodeVisitor):
    """Collects the changes of one file."""

    def __init__(self, raw: bytes, file: str) -> None:
        self.raw, self.file = raw, file
        self.found: list[Site] = []
        self.depth = 0
        self.starts = [0]
        for line in raw.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None and node.end_col_offset is not None
        return self.starts[node.lineno - 1] + node.col_offset, self.starts[node.end_lineno - 1] + node.end_col_offset

    def text(self, node: ast.expr) -> str:
        start, end = self.span(node)
        return self.raw[start:end].decode()

    def note(self, operator: str, node: ast.expr | ast.stmt, new: str, span: tuple[int, int] | None = None) -> None:
        start, end = span or self.span(node)
        old = self.raw[start:end].decode()
        if old != new:
            self.found.append(Site(self.file, operator, node.lineno, start, end, old, new))

    def between(self, left: ast.expr, right: ast.expr, signs: tuple[str, str], node: ast.AST, operator: str) -> None:
        """Another sign between two operands."""
        span = self.span(left)[1], self.span(right)[0]
        gap = self.raw[span[0] : span[1]].decode()
        if gap.count(signs[0]) == 1:
            self.note(operator, left, gap.replace(*signs), span)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        if not DATA.intersection(map(ast.unparse, node.bases)):
            self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None and self.depth:
            self.visit(node.value)

    def visit_Compare(self, node: ast.Compare) -> None:
        left = node.left
        for sign, right in zip(node.ops, node.comparators, strict=True):
            old = SIGNS[type(sign)]
            if type(sign) in BOUNDARY:
                self.between(left, right, (old, BOUNDARY[type(sign)]), node, "boundary")
            self.between(left, right, (old, NEGATED[type(sign)]), node, "negation")
            left = right
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        words = any(isinstance(side, ast.Constant) and isinstance(side.value, str) for side in (node.left, node.right))
        if type(node.op) in SWAPPED and not words and self.depth:
            self.between(node.left, node.right, SWAPPED[type(node.op)], node, "arithmetic")
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if type(node.op) in SWAPPED:
            old, new = SWAPPED[type(node.op)]
            self.between(node.target, node.value, (f"{old}=", f"{new}="), node, "arithmetic")
        self.note("drop", node, "pass")
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, bool):
            self.note("constant", node, str(not value))
        elif isinstance(value, int):
            for new in (value + 1, value - 1):
                self.note("constant", node, str(new) if new >= 0 else f"({new})")
        elif isinstance(value, float) and len(self.text(node)) <= 12:  # longer ones are coefficients of series
            for changed in (value + 1.0, value * 1.5):
                self.note("constant", node, repr(changed))

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        signs = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            self.between(left, right, signs, node, "and/or")
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, (ast.USub, ast.Not)):
            self.note("sign" if isinstance(node.op, ast.USub) else "negation", node, self.text(node.operand))
        self.generic_visit(node)

    def visit_If(self, node: ast.If) -> None:
        self._negate(node.test)
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._negate(node.test)
        self.generic_visit(node)

    def _negate(self, test: ast.expr) -> None:
        if not isinstance(test, (ast.Compare, ast.UnaryOp)):
            self.note("negation", test, f"not ({self.text(test)})")

    def visit_Assign(self, node: ast.Assign) -> None:
        if self.depth:
            self.note("drop", node, "pass")
            if isinstance(node.value, ast.BinOp):
                self.note("sign", node.value, f"-({self.text(node.value)})")
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Call) and self.depth:
            self.note("drop", node, "pass")
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_Continue(self, node: ast.Continue) -> None:
        self.note("drop", node, "pass")

    def visit_Break(self, node: ast.Break) -> None:
        self.note("drop", node, "pass")

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.depth += 1
        answers = (ast.Return, ast.Yield, ast.YieldFrom)
        if not any(isinstance(part, answers) for part in ast.walk(node)):
            for statement in node.body[1:]:
                start = self.span(statement)[0]
                self.note("return early", statement, f"return\n{' ' * statement.col_offset}", (start, start))
        for statement in node.body:
            self.visit(statement)
        self.depth -= 1

    def visit_Return(self, node: ast.Return) -> None:
        value = node.value
        if value is None:
            self.note("drop", node, "pass")
            return
        if isinstance(value, ast.BinOp):
            self.note("sign", value, f"-({self.text(value)})")
        if isinstance(value, (ast.Compare, ast.BoolOp)):
            self.note("negation", value, f"not ({self.text(value)})")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = ast.unparse(node.func)
        if name in OTHER:
            self.note("min/max", node.func, OTHER[name])
        if name == "range":
            first, last = (None, node.args[0]) if len(node.args) == 1 else (node.args[0], node.args[1])
            self.note("index", last, f"{self.text(last)} - 1")
            self.note("index", first or last, f"{self.text(first)} + 1" if first else f"1, {self.text(last)}")
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if isinstance(node.slice, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load) and self.depth:
            for sign in "+-":
                self.note("index", node.slice, f"{self.text(node.slice)} {sign} 1")
        self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> None:
        return  # annotations

    def visit_Import(self, node: ast.Import) -> None:
        return

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        return


def files_of(root: pathlib.Path, package: str) -> Iterator[str]:
    """The modules of a package, by their paths."""
    for path in sorted((root / "sim" / package).glob("*.py")):
        if path.name != "__init__.py":
            yield str(path.relative_to(root))
