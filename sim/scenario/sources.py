"""What values rest on: the rows of evidence that a scenario cites by id, and what the text of a basis says.

A source may name a file of rows. They are read with the scenario, so that a citation that leads nowhere stops at the
door, and a scenario as it was run keeps the words of the facts that it rests on.
"""

from __future__ import annotations

import dataclasses
import functools
import os
import pathlib
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Literal

from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.files import FileTrouble, inside, read_text
from sim.scenario.names import nearest
from sim.scenario.yaml_reader import Path, Tree, parse

Kind = Literal["sourced", "literature", "assumed", "definition", "default", "chosen"]
SEEDS = "seeds"
"""The folder beside the scenario's own in which rows of evidence may stand."""
OPENINGS: tuple[tuple[str, Kind], ...] = (
    (r"assumed\b", "assumed"),
    (r"literature: \S", "literature"),
    (r"(by )?definition\b", "definition"),
    (r"press: \S|public \w", "sourced"),
    (r"default$", "default"),
    (r"variant \S|set by the user$", "chosen"),
)
"""How a basis begins that cites no row first."""
CITES = re.compile(r"(?:article |reported )?([A-Za-z]\w*)")
ROW_ID = re.compile(r"\b[A-Z]{2}\d{1,4}\b")
FAMILY = re.compile(r"([A-Za-z_]+?)(\d+)")
SAYS = ("statement", "says", "what", "target", "note", "actor", "name")
"""The fields of a row that may say in words what it is about; the first that is there does."""


@dataclasses.dataclass(frozen=True)
class Fact:
    """One row of evidence: what it says, who says so, and how far that can be trusted."""

    id: str
    says: str
    source: str = ""
    date: str = ""
    reliability: str = ""
    contested: bool = False
    slant: str = ""
    bears_on: tuple[str, ...] = ()
    model: str = ""
    """Where the model answers to it."""


@dataclasses.dataclass(frozen=True)
class Basis:
    """What a value rests on: in kind, and the ids of rows and sources that its text cites."""

    kind: Kind
    cites: tuple[str, ...]


def parse_basis(text: str, sources: Collection[str]) -> Basis | None:
    """Reads a basis: its first words say what kind it is; None when they say nothing that is known."""
    families = "|".join(re.escape(key) for key in sources)
    pattern = rf"\b(?:{families})\d+\b|{ROW_ID.pattern}" if families else ROW_ID.pattern
    cites = list(dict.fromkeys(re.findall(pattern, text)))
    for opening, kind in OPENINGS:
        if re.match(opening, text):
            return Basis(kind, tuple(cites))
    first = CITES.match(text)
    if first is None:
        return None
    if first[1] in sources:
        return Basis("sourced", tuple(dict.fromkeys((first[1], *cites))))
    return Basis("sourced", tuple(cites)) if first[1] in cites else None


def read_sources(tree: Tree, root: pathlib.Path, problems: list[Problem]) -> dict[str, Fact]:
    """All rows of the scenario's sources by id; those that stand in files are put beside their source."""
    sources = tree.data.get("sources")
    facts: dict[str, Fact] = {}
    filled = {}
    for key, source in sources.items() if isinstance(sources, dict) else ():
        filled[key] = source
        if not isinstance(source, dict):
            continue
        file, rows = source.get("file"), source.get("rows")
        if isinstance(rows, dict):
            facts |= {name: Fact(name, says) for name, says in rows.items() if isinstance(says, str)}
        elif isinstance(file, str):
            try:
                found = _rows_of(key, _locate(tree, key, file, root))
            except FileTrouble as trouble:
                mark = tree.where(("sources", key, "file"))
                problems.append(Problem(*mark, f"sources.{key}.file", trouble.message, trouble.hint))
                continue
            facts |= found
            filled[key] = {**source, "rows": {name: fact.says for name, fact in found.items()}}
    if filled:
        tree.data = {**tree.data, "sources": filled}
    return facts


def _locate(tree: Tree, key: str, name: str, root: pathlib.Path) -> pathlib.Path:
    """The file of rows that a source names, relative to the file that names it."""
    folder = pathlib.Path(tree.where(("sources", key, "file")).file).parent
    try:
        return inside(root, folder, name)
    except FileTrouble:
        if "\0" in name:
            raise
        target = pathlib.Path(os.path.realpath(folder / name))
        if pathlib.PurePath(name).is_absolute() or not target.is_relative_to(root.parent / SEEDS):
            message = f"'{name}' lies neither in the scenario's folder nor in a folder `{SEEDS}` beside it"
            raise FileTrouble(message) from None
        return target


def _rows_of(key: str, path: pathlib.Path) -> dict[str, Fact]:
    """The rows of one source: those of the file whose id is its key and a number."""
    try:
        stamp = path.stat().st_mtime_ns
    except OSError:
        stamp = 0
    own = re.compile(rf"{re.escape(key)}\d+")
    found = {name: fact for name, fact in _read_rows(path, stamp).items() if own.fullmatch(name)}
    if not found:
        raise FileTrouble(f"{path} has no row whose id is {key} and a number, like {key}1")
    return found


@functools.lru_cache(maxsize=32)
def _read_rows(path: pathlib.Path, _stamp: int) -> dict[str, Fact]:
    """All rows with an id in the lists of a file."""
    problems: list[Problem] = []
    try:
        data = parse(read_text(path), str(path), problems).data
    except ScenarioError as error:
        problems = error.problems
    except FileTrouble as trouble:
        raise FileTrouble(f"{path}: {trouble.message}", trouble.hint) from None
    if problems:
        raise FileTrouble(f"cannot be read: {problems[0]}")
    lists = [part for part in (data.values() if isinstance(data, dict) else [data]) if isinstance(part, list)]
    rows = [row for part in lists for row in part if isinstance(row, dict) and isinstance(row.get("id"), str)]
    facts: dict[str, Fact] = {}
    for row in rows:
        if row["id"] in facts:
            raise FileTrouble(f"{path}: the id {row['id']} stands twice")
        facts[row["id"]] = _fact(row)
    return facts


def _fact(row: Mapping[str, Any]) -> Fact:
    words = next((str(row[key]) for key in SAYS if row.get(key)), "")
    bears_on = row.get("bears_on", [])
    return Fact(
        id=row["id"],
        says=words or ", ".join(f"{key} {value}" for key, value in row.items() if key not in ("id", "source")),
        source=str(row.get("source", row.get("origin", ""))),
        date=str(row.get("date", row.get("as_of", ""))),
        reliability=str(row.get("reliability", row.get("confidence", ""))),
        contested=row.get("contested") is True,
        slant=str(row.get("slant", "")),
        bears_on=tuple(bears_on) if isinstance(bears_on, list) else (str(bears_on),),
        model=str(row.get("model", "")),
    )


def check_bases(tree: Tree, facts: Mapping[str, Fact], problems: list[Problem]) -> None:
    """Adds every basis that rests on nothing known, and every citation that leads nowhere, to the problems."""
    sources = tree.data.get("sources")
    sources = sources if isinstance(sources, dict) else {}
    for path, text in _bases(tree):
        trouble = _trouble(text, sources, facts)
        if trouble is not None:
            dotted = ".".join(map(str, path))
            problems.append(Problem(*tree.where(path), dotted, *trouble))


def missing_row(name: str, sources: Mapping[str, Any], facts: Mapping[str, Fact]) -> tuple[str, str | None] | None:
    """What is wrong with the id of a row; None when the row is there, or its source does not list its rows."""
    if name in facts or name in sources:
        return None
    split = FAMILY.fullmatch(name)
    source = sources.get(split[1]) if split else None
    if source is None:
        known = f"the sources are {', '.join(sources)}" if sources else "the scenario has no `sources`"
        return f"no source has a row '{name}'; {known}", nearest(name, [*facts, *sources])
    lists_rows = isinstance(source, dict) and "rows" in source
    return (f"there is no row '{name}'", nearest(name, facts)) if lists_rows else None


def _trouble(text: str, sources: Mapping[str, Any], facts: Mapping[str, Fact]) -> tuple[str, str | None] | None:
    basis = parse_basis(text, sources)
    if basis is None:
        rule = "a basis starts with an id or a key of `sources`, `literature: ...`, `press: ...` or `assumed`"
        head = re.match(r"\S*", text.rstrip(":;,"))
        near = nearest(head[0] if head else "", ["assumed", "literature:", "press:", *sources, *facts])
        return f"'{text if len(text) <= 60 else text[:57] + '...'}' says nothing known; {rule}", near
    return next((trouble for name in basis.cites if (trouble := missing_row(name, sources, facts))), None)


def _bases(tree: Tree) -> Iterator[tuple[Path, str]]:
    """Every basis that the files and settings give, once, where it is written."""
    seen = set()
    for path, text in _of_entities(tree.data):
        seen.add(text)
        yield path, text
    inherited = set(seen)
    for path, text in tree.basis.items():
        own = (*path, "basis")
        if own in tree.marks or text not in inherited:
            yield own if own in tree.marks else path, text


def _of_entities(node: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    if isinstance(node, list):
        for number, item in enumerate(node):
            yield from _of_entities(item, (*path, number))
    elif isinstance(node, dict):
        for key, child in node.items():
            here = (*path, key)
            if key == "basis":
                texts = child.items() if isinstance(child, dict) else [(None, child)]
                yield from ((here if f is None else (*here, f), text) for f, text in texts if isinstance(text, str))
            elif here != ("sources",):
                yield from _of_entities(child, here)
