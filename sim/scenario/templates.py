"""Entities that are alike say so once: `template: NAME` takes all that the entity leaves out from `templates`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim.scenario.errors import Problem
from sim.scenario.messages import describe
from sim.scenario.names import nearest
from sim.scenario.yaml_reader import Path, Tree

TEMPLATES, TEMPLATE = "templates", "template"
SECTIONS = ("sides", "sponsors", "places", "roads", "formations", "reinforcements", "air")
"""Parts of a scenario whose entities may have a template."""


def apply_templates(tree: Tree, problems: list[Problem]) -> None:
    """Fill entities from their templates, with the places, ranges and bases of the values; `templates` itself goes."""
    if not isinstance(tree.data, dict):
        return
    data = dict(tree.data)
    templates = data.pop(TEMPLATES, {})
    if not isinstance(templates, dict):
        _tell(tree, problems, (TEMPLATES,), f"should be a mapping, but is {describe(templates)}")
        templates = {}
    users = list(_users(data))
    tables: tuple[dict[Path, Any], ...] = (tree.marks, tree.basis, tree.ranges)
    below: dict[str, list[Path]] = {name: [] for name in templates}
    for path in {path for table in tables for path in table} if users else ():
        if len(path) > 1 and path[0] == TEMPLATES and path[1] in below:
            below[str(path[1])].append(path)
    for section in dict.fromkeys(path[0] for path in users):
        data[str(section)] = data[str(section)].copy()
    for path in users:
        section, key = data[str(path[0])], path[1]
        entity = {name: value for name, value in section[key].items() if name != TEMPLATE}
        for name in _chain(tree, problems, path, templates):
            template = {field: value for field, value in templates[name].items() if field != TEMPLATE}
            for inner in below[name]:
                if len(inner) > 2 and inner[2] != TEMPLATE and not _says(entity, inner[2:]):
                    for table in tables:
                        if inner in table:
                            table.setdefault((*path, *inner[2:]), table[inner])
            entity = _under(template, entity)
        section[key] = entity
    tree.data = data
    for table in tables:
        for path in [path for path in table if path and path[0] == TEMPLATES]:
            del table[path]


def _users(data: dict[str, Any]) -> Iterator[Path]:
    """The entities that name a template."""
    for section in SECTIONS:
        entities = data.get(section)
        pairs: Any = entities.items() if isinstance(entities, dict) else ()
        if isinstance(entities, list):
            pairs = enumerate(entities)
        for key, entity in pairs:
            if isinstance(entity, dict) and TEMPLATE in entity:
                yield section, key


def _chain(tree: Tree, problems: list[Problem], path: Path, templates: dict[str, Any]) -> list[str]:
    """The template of an entity, the template of that one, and so on."""
    node: Any = tree.data[path[0]][path[1]]
    at: Path = path
    found: list[str] = []
    while isinstance(node, dict) and TEMPLATE in node:
        name = node[TEMPLATE]
        if not isinstance(name, str) or not isinstance(templates.get(name), dict):
            said = f"there is no template '{name}'" if isinstance(name, str) else "should be the name of a template"
            _tell(tree, problems, (*at, TEMPLATE), said, nearest(str(name), templates))
            break
        if name in found:
            _tell(tree, problems, (*at, TEMPLATE), f"the templates lead back to each other: {', '.join(found)}")
            break
        found.append(name)
        node, at = templates[name], (TEMPLATES, name)
    return found


def _under(template: Any, entity: Any) -> Any:
    """A template with what an entity says itself on top: mappings merge, other values replace."""
    if not (isinstance(template, dict) and isinstance(entity, dict)):
        return entity
    return {**template, **{key: _under(template.get(key), value) for key, value in entity.items()}}


def _says(entity: Any, path: Path) -> bool:
    """Whether an entity itself says what stands at a path, or that nothing does."""
    for key in path:
        if not isinstance(entity, dict):
            return True
        if key not in entity:
            return False
        entity = entity[key]
    return not isinstance(entity, dict)


def _tell(tree: Tree, problems: list[Problem], path: Path, message: str, hint: str | None = None) -> None:
    problems.append(Problem(*tree.where(path), ".".join(map(str, path)), message, hint))
