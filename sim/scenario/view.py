"""A composed scenario as the checks read it: plain data with places, where anything may have the wrong type.

What has the wrong type is passed over, because the schema reports it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim.scenario.errors import Problem
from sim.scenario.paths import Locator
from sim.scenario.yaml_reader import Path

TROOPS = ("formations", "reinforcements", "air")


class View:
    """The data of a scenario, and the problems that are found in it."""

    def __init__(self, locator: Locator, problems: list[Problem]) -> None:
        self.data: dict[str, Any] = locator.tree.data
        self.locator = locator
        self.problems = problems

    def problem(self, path: Path, message: str, hint: str | None = None) -> None:
        """Notes a problem with the value at a path."""
        self.problems.append(self.locator.problem(path, message, hint))

    def section(self, name: str) -> dict[str, Any]:
        """A section of the scenario by its name; empty where it is missing or no mapping."""
        value = self.data.get(name)
        return value if isinstance(value, dict) else {}

    def entities(self, *sections: str) -> Iterator[tuple[Path, dict[str, Any]]]:
        """The entities of sections, with their paths."""
        for section in sections:
            for key, entity in self.section(section).items():
                if isinstance(entity, dict):
                    yield (section, key), entity

    def exactly_one(self, path: Path, node: dict[str, Any], names: tuple[str, ...], what: str) -> str | None:
        """The one key of several that stands in a mapping; a problem if there are none or more."""
        given = [name for name in names if node.get(name) is not None]
        if len(given) == 1:
            return given[0]
        listed = f"{', '.join(names[:-1])} or {names[-1]}"
        self.problem(path, f"needs exactly one {what} ({listed}), but has {' and '.join(given) or 'none'}")
        return None


def text_of(entity: Any, key: str) -> str:
    """A text of an entity; empty where it is missing or something else."""
    value = entity.get(key) if isinstance(entity, dict) else None
    return value if isinstance(value, str) else ""


def listed(value: Any) -> list[Any]:
    """A list, or an empty one where something else stands."""
    return value if isinstance(value, list) else []


def select(node: Any, pattern: list[str], path: Path = ()) -> Iterator[tuple[Path, str]]:
    """The names at the paths that a pattern stands for: `*` is any key or element, KEY each name of a mapping."""
    if not pattern:
        if isinstance(node, str):
            yield path, node
        return
    head, rest = pattern[0], pattern[1:]
    if head == "KEY":
        yield from (((*path, key), key) for key in (node if isinstance(node, dict) else ()))
        return
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        if head in ("*", key):
            yield from select(child, rest, (*path, key))
