"""`python -m tests.torture.typos`: one letter lost, swapped or put in, in every key, name and path of our scenarios.

Each typo must be told at its place, and nearly each with the right word as the suggestion.
"""

from __future__ import annotations

import argparse
import pathlib
import random
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, get_args

import sim
from sim.rules.rulebook import RULEBOOK
from sim.scenario.errors import Mark, Problem, ScenarioError
from sim.scenario.paths import shapes_along, value_at
from sim.scenario.references import REFERENCES
from sim.scenario.view import select
from sim.scenario.yaml_reader import Path, leaves
from sim.study.check import checked

ROOT = pathlib.Path(__file__).parents[2]
SCENARIOS = {
    "crossroads": ROOT / "scenarios/crossroads.yaml",
    "everything": pathlib.Path(__file__).with_name("everything.yaml"),
    "hama": ROOT / "scenarios/hama-2024.yaml",
}
QUICK = ("crossroads", "everything")
"""Small enough to be deployed for each typo, so that names in events and outcomes are looked up too."""
IN_PATHS = ("set", "add", "scale", "activate", "withdraw", "path")
"""Keys of events whose values are paths."""
LETTERS = "abcdefghijklmnopqrstuvwxyz_"


class Site(NamedTuple):
    """A word that can be misspelt: of which kind it is, and where it stands."""

    kind: str
    scenario: str
    file: pathlib.Path
    line: int
    column: int
    word: str
    name: str
    """What words of this kind are told apart by: each is tried once."""


class Outcome(NamedTuple):
    """What became of a typo."""

    site: Site
    typo: str
    told: bool
    right: bool
    said: str


def copies(folder: pathlib.Path) -> dict[str, pathlib.Path]:
    """The scenarios in a folder where they can be damaged."""
    shutil.copytree(ROOT / "scenarios", folder / "scenarios")
    shutil.copytree(ROOT / "seeds", folder / "seeds")
    found = {}
    for name, path in SCENARIOS.items():
        found[name] = folder / "scenarios" / path.name
        if not found[name].exists():
            shutil.copy(path, found[name])
    return found


def sites(files: dict[str, pathlib.Path]) -> list[Site]:
    """Every word that is a name: once for each kind of place where it stands."""
    found: dict[tuple[str, str], Site] = {}
    for scenario, file in files.items():
        tree = sim.load(file).locator.tree
        texts: dict[str, list[str]] = {}
        for kind, name, path, word, is_key in (*_keys(tree.marks), *_values(tree.data)):
            mark = tree.where(path)
            if not mark.file.startswith(str(file.parent)) or (kind, name) in found:
                continue
            lines = texts.setdefault(mark.file, pathlib.Path(mark.file).read_text("utf-8").splitlines())
            at = _column(lines, mark, str(path[-1]), word, is_key)
            if at is not None and (scenario in QUICK or kind not in ("path in an event", "outcome")):
                found[kind, name] = Site(kind, scenario, pathlib.Path(mark.file), mark.line, at, word, name)
    return list(found.values())


Word = tuple[str, str, Path, str, bool]


def _keys(marks: dict[Path, Mark]) -> Iterator[Word]:
    """Keys of the schema, of rules and doctrine, of mappings of names, and paths as keys."""
    for path in marks:
        if not path or not isinstance(path[-1], str):
            continue
        key, shapes = path[-1], shapes_along(path[:-1])
        parent = ".".join("*" if i == 1 or isinstance(part, int) else str(part) for i, part in enumerate(path[:-1]))
        fields = shapes[-1].fields if len(shapes) == len(path) else None
        if (path[0] == "uncertainty" and len(path) == 2) or (
            path[0] == "variants" and path[2:3] == ("set",) and len(path) == 4
        ):
            yield "path as key", key, path, key, True
        elif path[0] == "rules" or "doctrine" in path[:-1]:
            yield "parameter", f"{parent}.{key}", path, key, True
        elif path[0] != "variants" and fields and key in fields:
            yield "key", f"{parent}.{key}", path, key, True


def _values(data: Any) -> Iterator[Word]:
    """Values that are names: of entities, of a choice, of an outcome, or paths."""
    for pattern, section in REFERENCES:
        for path, word in select(data, pattern.split(".")):
            if len(word) > 2:
                yield "reference", f"{section}.{word}", path, word, path[-1] == word
    for path, value in leaves(data):
        if path[0] == "events" and path[-1] in IN_PATHS and isinstance(value, str):
            yield "path in an event", value, path, value, False
        shapes = shapes_along(path)
        around = shapes[-2].section if len(shapes) > len(path) >= 2 else None
        info = around.model_fields.get(str(path[-1])) if around else None
        if info is not None and isinstance(value, str) and value in get_args(info.annotation):
            yield "choice", f"{path[-1]}.{value}", path, value, False
    for number, text in enumerate(data.get("outcomes", [])):
        if re.fullmatch(r"[\w.]+(@day\d+)?", text):
            yield "outcome", text, ("outcomes", number), text, False


def _column(lines: list[str], mark: Mark, key: str, word: str, is_key: bool) -> int | None:
    """Where a word stands in its line, counted from 0: a key at its mark, a value behind its key."""
    line = lines[mark.line - 1] if mark.line <= len(lines) else ""
    start = mark.column - 1
    if not is_key and line[start:].lstrip("'\"").startswith(key):
        start += line[start:].index(key) + len(key)
    found = re.compile(rf"(?<![\w.]){re.escape(word)}(?![\w])").search(line, start)
    return found.start() if found and found.start() - start < 40 else None


def misspellings(rng: random.Random, word: str) -> Iterator[str]:
    """The word with one letter lost, two swapped, one put in."""
    letters = [at for at, letter in enumerate(word) if letter.isalpha()]
    at = rng.choice(letters)
    yield word[:at] + word[at + 1 :]
    pairs = [at for at in letters if at + 1 in letters and word[at] != word[at + 1]]
    if pairs:
        at = rng.choice(pairs)
        yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    at = rng.choice(letters)
    yield word[:at] + rng.choice(LETTERS) + word[at:]


def tried(site: Site, typo: str, top: pathlib.Path) -> Outcome:
    """Puts a typo into the file, reads the scenario, and takes the typo out again."""
    text = site.file.read_text("utf-8")
    lines = text.splitlines(True)
    line = lines[site.line - 1]
    lines[site.line - 1] = line[: site.column] + typo + line[site.column + len(site.word) :]
    site.file.write_text("".join(lines), "utf-8")
    read: Callable[[pathlib.Path], Any] = checked if site.scenario in QUICK else sim.load
    try:
        read(top)
        return Outcome(site, typo, False, False, "accepted")
    except ScenarioError as error:
        return judged(site, typo, error.problems)
    finally:
        site.file.write_text(text, "utf-8")


def judged(site: Site, typo: str, problems: list[Problem]) -> Outcome:
    """Whether a typo is told at its place, and with which suggestion."""
    here = [problem for problem in problems if problem.line == site.line and problem.file == str(site.file)]
    hints = [problem.hint or "" for problem in problems]
    whole = re.compile(rf"(?<![\w]){re.escape(site.word)}(?![\w])")
    right = any(whole.search(hint) or _same_path(hint, site.word) for hint in hints)
    return Outcome(site, typo, bool(here or right), right, "; ".join(map(str, problems[:2])))


def _same_path(hint: str, path: str) -> bool:
    """Whether the suggestion is the part of a path that was misspelt: `morale` for `formations.a.morale`."""
    if len(hint) < 2 or not re.search(r"[.\[@]", path):
        return False
    return re.search(rf"(?<![\w]){re.escape(hint)}(?![\w])", path) is not None


def settings(rng: random.Random, scenario: pathlib.Path, count: int) -> Iterator[Outcome]:
    """Typos in paths of `--set`, of every shape."""
    loaded = sim.load(scenario)
    paths = [
        path for path, value in leaves(loaded.document) if isinstance(value, (int, float)) and path[0] != "sources"
    ]
    paths = [path for path in paths if path[0] not in ("uncertainty", "variants", "targets", "outcomes")]
    for path in rng.sample(paths, min(count, len(paths))):
        text = loaded.locator.dotted(path)
        for typo in misspellings(rng, text):
            site = Site("--set", scenario.stem, scenario, 0, 0, text, text)
            try:
                sim.load(scenario, set={typo: value_at(path, loaded.document)})
                yield Outcome(site, typo, False, False, "accepted")
            except ScenarioError as error:
                hints = [problem.hint or "" for problem in error.problems]
                yield Outcome(site, typo, True, text in hints, str(error)[:200])


def outcomes(seed: int, most: int | None = None) -> Iterator[Outcome]:
    """Tries three typos of every word, or of so many words of each kind."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="typos-") as folder:
        files = copies(pathlib.Path(folder))
        by_kind: dict[str, list[Site]] = {}
        for site in sites(files):
            by_kind.setdefault(site.kind, []).append(site)
        for kind in sorted(by_kind):
            chosen = by_kind[kind] if most is None else rng.sample(by_kind[kind], min(most, len(by_kind[kind])))
            for site in chosen:
                for typo in misspellings(rng, site.word):
                    yield tried(site, typo, files[site.scenario])
        yield from settings(rng, files["everything"], most or 200)


def known_words() -> set[str]:
    """Parameters of rules: a typo that makes one out of another is none."""
    return {name for rules in RULEBOOK.values() for name in rules.declared()}


def main() -> int:
    """Tries all typos and prints a table by kind, and every one that was not told or told wrongly."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture.typos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--words", type=int, help="so many words of each kind (default: all)")
    asked = parser.parse_args()
    tried_, told, right = Counter[str](), Counter[str](), Counter[str]()
    for outcome in outcomes(asked.seed, asked.words):
        kind = outcome.site.kind
        tried_[kind] += 1
        told[kind] += outcome.told
        right[kind] += outcome.right
        if not outcome.right:
            print(f"{kind}: {outcome.site.word} -> {outcome.typo}: {outcome.said}", flush=True)
    print(f"\n{'kind':<20}{'typos':>8}{'told':>8}{'right':>8}")
    for kind in (*sorted(tried_), "all"):
        counts = [sum(c.values()) if kind == "all" else c[kind] for c in (tried_, told, right)]
        print(f"{kind:<20}{counts[0]:>8}{counts[1] / counts[0]:>8.1%}{counts[2] / counts[0]:>8.1%}")
    every = sum(tried_.values())
    return 0 if sum(told.values()) == every and sum(right.values()) >= 0.95 * every else 1


if __name__ == "__main__":
    sys.exit(main())
