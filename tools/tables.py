"""`python -m tools.tables`: writes the generated parts of all pages in `docs/` from the declarations of the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from sim.outcomes.catalogue import DERIVED, FORMS
from sim.rules import purposes
from sim.rules.rulebook import RULEBOOK
from sim.world import derived, tables
from sim.world.columns import Table
from tools import reference
from tools.pages import DOCS, MODEL, by_hand, pages, parts, put, table

SIM = Path(purposes.__file__).parents[1]


def state(rows: Table) -> str:
    """The columns of one table of the world."""
    head = ["column", "unit", "meaning", "scenario field"]
    filled = rows.name in WITH_SETTINGS
    columns = ((f"`{c.name}`", c.unit or "", c.meaning, f"`{c.setting}`" if c.setting else "") for c in rows.columns)
    return table(head if filled else head[:-1], (row if filled else row[:-1] for row in columns))


def parameters(rule: str) -> str:
    """What a rule declares: its numbers with their bounds, and what they rest on."""
    declared = RULEBOOK[rule].declared().values()
    head = ("parameter", "default", "from", "to", "unit", "meaning", "basis")
    return table(head, ((f"`{d.name}`", d.default, d.low, d.high, d.unit, d.meaning, d.basis) for d in declared))


def outcomes() -> str:
    """The forms that an outcome's name can take."""
    head = ("outcome", "kind", "unit", "meaning", "with @day")
    forms = (*FORMS, DERIVED)
    return table(head, ((f"`{f.pattern}`", f.kind, f.unit, f.meaning, "yes" if f.dated else "") for f in forms))


def generic(section: str) -> str:
    """The kinds, terrains or road classes that every scenario has."""
    said = yaml.safe_load((SIM / "scenario" / "defaults.yaml").read_text("utf-8"))[section]
    fields = [name for name in next(iter(said.values())) if name != "basis"]
    rows = (
        (f"`{name}`", *(_with_range(entry[field]) for field in fields), _bases(entry)) for name, entry in said.items()
    )
    return table(("", *fields, "basis"), rows)


def _with_range(value: Any) -> object:
    if isinstance(value, dict):
        low, high = value.get("range", (None, None))
        return value["value"] if low is None else f"{value['value']:g} ({low:g} to {high:g})"
    return value


def _bases(entry: dict[str, Any]) -> str:
    """What an entry rests on: one text for all of it, or that of each value."""
    return entry.get("basis") or "; ".join(f"{name}: {value['basis']}" for name, value in entry.items())


def drawn_for() -> str:
    """What random numbers are drawn for, and by which rule."""
    rows = ((number, f"`{name}`", _drawn_by(name)) for name, number in _purposes().items())
    return table(("number", "purpose", "drawn by"), rows)


def _drawn_by(purpose: str) -> str:
    """What draws for a purpose: rules, and the engine's own opponent."""
    found = []
    for path in sorted([*(SIM / "rules").glob("*.py"), *(SIM / "engine").glob("*.py")]):
        for function in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(function, ast.FunctionDef) and re.search(rf"\bpurposes\.{purpose}\b", ast.unparse(function)):
                first_line = (ast.get_docstring(function) or "").splitlines()[0]
                found.append(f"`{path.stem}.{function.name}`: {first_line}")
    return "<br>".join(found) or "no longer drawn"


def _purposes() -> dict[str, int]:
    return {name: number for name, number in vars(purposes).items() if name.isupper()}


WITH_SETTINGS = {t.name for t in tables.ALL if any(c.setting for c in t.columns)}
DERIVED_TABLES = (derived.SIDE_VIEW, derived.FORCES, derived.BREAK_TERMS, derived.ROAD_COMBAT, derived.BATTLE_SCRATCH)
TABLES: dict[str, Callable[[], str]] = {
    **{f"state.{rows.name}": partial(state, rows) for rows in tables.ALL},
    **{f"derived.{rows.name}": partial(state, rows) for rows in DERIVED_TABLES},
    **{f"parameters.{rule}": partial(parameters, rule) for rule in RULEBOOK},
    **{section: partial(generic, section) for section in ("kinds", "terrains", "road_classes")},
    "outcomes": outcomes,
    "purposes": drawn_for,
    "commands": reference.commands,
    "parameters": reference.parameters,
    "python": reference.python_names,
    "scenario": reference.scenario_keys,
}
"""What writes each generated part, by the name between the markers."""


def rewritten(text: str) -> str:
    """The page with its generated parts as the declarations have them now; parts that are not ours stay."""
    return put(text, {name: TABLES[name]() for name in parts(text) if name in TABLES})


def lacking() -> str:
    """What people still have to write about the rules in the model's description; empty if nothing is missing."""
    text = MODEL.read_text("utf-8")
    described = {
        name: by_hand(section)
        for section in text.split("\n### ")
        for name in re.findall(r"<!-- begin parameters\.(\w+) ", section)
    }
    everywhere = by_hand(text)
    found = []
    for rule, declared in RULEBOOK.items():
        unnamed = [
            name
            for name in declared.declared()
            if not re.search(rf"\b{name}\b", described.get(rule, ""))
            and not re.search(rf"\b{rule}\.{name}\b", everywhere)
        ]
        where = f"{MODEL.parent.name}/{MODEL.name}"
        if rule not in described:
            found.append(NO_SECTION.format(where=where, rule=rule, names=", ".join(unnamed)))
        elif unnamed:
            found.append(f"{where}: the section on `{rule}` does not name its parameters {', '.join(unnamed)}.\n")
    return "\n".join(found)


NO_SECTION = """\
{where} has no section for the rule `{rule}`. Write one, with its equations; they must name {names}.
Then put these lines there, and `make docs` fills them:

    <!-- begin parameters.{rule} (make docs) -->
    <!-- end parameters.{rule} -->
"""


def stale() -> list[str]:
    """The generated parts that `make docs` would change, each with its page."""
    found = []
    for path in pages():
        old = parts(path.read_text("utf-8"))
        new = parts(rewritten(path.read_text("utf-8")))
        found += [f"{path.relative_to(DOCS.parent)}: {name}" for name in old if old[name] != new[name]]
    return found


def main() -> None:
    for path in pages():
        before = path.read_text("utf-8")
        after = rewritten(before)
        if after != before:
            changed = [name for name, body in parts(after).items() if body != parts(before)[name]]
            path.write_text(after, "utf-8")
            print(f"{path.relative_to(DOCS.parent)}: {', '.join(changed)} changed")
    if lacking():
        print(f"\n{lacking()}", end="")


if __name__ == "__main__":
    main()
