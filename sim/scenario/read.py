"""Reads a scenario file into a scenario that can be run, or says everything that is wrong with it."""

from __future__ import annotations

import dataclasses
import functools
import os
import pathlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sim.scenario.basis import complete, unwrap, wrap
from sim.scenario.check import check
from sim.scenario.check_exercise import drop_injects
from sim.scenario.compose import Composer, patch
from sim.scenario.errors import Mark, Problem, ScenarioError
from sim.scenario.export import as_files
from sim.scenario.geography import fill_lengths
from sim.scenario.operate import Change
from sim.scenario.parameters import Rulebook
from sim.scenario.paths import Locator
from sim.scenario.schema import Scenario
from sim.scenario.schema_base import Section
from sim.scenario.settings import apply_settings, given_settings, plain
from sim.scenario.sources import Fact, read_sources
from sim.scenario.strange import strange_values
from sim.scenario.templates import apply_templates
from sim.scenario.validate import validate
from sim.scenario.variants import apply_variant, check_variants
from sim.scenario.yaml_reader import Path, Tree, dump, parse

DEFAULTS = pathlib.Path(__file__).with_name("defaults.yaml")


@dataclasses.dataclass(frozen=True)
class Origin:
    """What the files of a scenario say, before a variant or a setting changes it."""

    name: str
    files: tuple[pathlib.Path, ...]
    tree: Tree
    facts: dict[str, Fact]
    ambiguous: bool
    """A key stands twice, so that what is meant is unclear."""


@dataclasses.dataclass(frozen=True)
class LoadedScenario:
    """A scenario as it will be run, with what each of its values rests on and where it stands."""

    scenario: Scenario
    name: str
    files: tuple[pathlib.Path, ...]
    variant: str | None
    overrides: dict[str, Any]
    changes: tuple[Change, ...]
    """What became of each override."""
    facts: dict[str, Fact] = dataclasses.field(repr=False, compare=False)
    """The rows of its sources by id."""
    document: dict[str, Any] = dataclasses.field(repr=False)
    """All that the scenario says, defaults filled in, as plain data."""
    basis: dict[str, str] = dataclasses.field(repr=False)
    """By dotted path: what a value rests on; `default` where the file is silent, `assumed` where it gives no basis."""
    ranges: dict[str, tuple[float, float]] = dataclasses.field(repr=False)
    locator: Locator = dataclasses.field(repr=False, compare=False)
    origin: Origin = dataclasses.field(repr=False, compare=False)
    _run: Tree = dataclasses.field(repr=False, compare=False)
    _filled: frozenset[Path] = dataclasses.field(repr=False, compare=False)

    @functools.cached_property
    def warnings(self) -> tuple[Problem, ...]:
        """What is possible, but hardly meant."""
        return tuple(strange_values(self.scenario, self.locator, self.origin.tree))

    def where(self, path: Path | str) -> Mark:
        """File, line and column of a value, by its path."""
        return self.locator.where(path)

    def as_yaml(self) -> str:
        """The scenario as it is run, in one file, which reads back to an equal scenario."""
        return dump(wrap(self._run, self._filled))

    def as_files(self) -> dict[str, str]:
        """The scenario as a short YAML file and tables, by name, which read back to an equal scenario."""
        return as_files(self.name, self._run, self._filled, defaults())


def read(
    path: str | pathlib.Path,
    rulebook: Rulebook,
    variant: str | None = None,
    set: Mapping[str, Any] | None = None,
) -> LoadedScenario:
    """The scenario of a file, with a variant and single values set by dotted path; ScenarioError with all problems."""
    path, overrides, problems = pathlib.Path(path), given_settings(set), list[Problem]()
    composer = Composer(problems)
    tree = composer.compose(path)
    if composer.broken:
        raise ScenarioError(problems)
    base = patch(defaults(), tree)
    apply_templates(base, problems)
    fill_lengths(base)
    if not composer.ambiguous:
        check_variants(base, rulebook, problems)
    facts = read_sources(base, pathlib.Path(os.path.realpath(path.parent)), problems)
    origin = Origin(path.stem, tuple(composer.files), base, facts, composer.ambiguous)
    return _finish(origin, rulebook, variant, overrides, problems, composer.blanks)


def change(
    loaded: LoadedScenario,
    rulebook: Rulebook,
    variant: str | None = None,
    set: Mapping[str, Any] | None = None,
) -> LoadedScenario:
    """A loaded scenario with another variant (None: the same) and more values set. Its files are not read again."""
    overrides = {**loaded.overrides, **given_settings(set)}
    return _finish(loaded.origin, rulebook, variant or loaded.variant, overrides, [])


def _finish(
    origin: Origin,
    rulebook: Rulebook,
    variant: str | None,
    overrides: dict[str, Any],
    problems: list[Problem],
    blanks: Sequence[Problem] = (),
) -> LoadedScenario:
    """The scenario of files that have been read, with a variant and settings, checked.

    `blanks` are told where nothing else is said of the same place.
    """
    tree = origin.tree.copy()
    if variant is not None:
        apply_variant(tree, variant, rulebook, problems)
    changes = apply_settings(tree, overrides, rulebook, problems)
    drop_injects(tree, origin.tree)
    locator = Locator(tree)
    scenario = validate(locator, problems)
    if not origin.ambiguous:
        check(locator, rulebook, origin.facts, problems)
    told = {(problem.file, problem.line, problem.column) for problem in problems}
    problems += [blank for blank in blanks if (blank.file, blank.line, blank.column) not in told]
    if problems or scenario is None:
        raise ScenarioError(_first_of_each_place(problems))
    given = {path: plain(value) for path, value in overrides.items()}
    return _loaded(scenario, locator, origin, variant, given, changes)


@functools.cache
def defaults() -> Tree:
    """The generic road classes, terrains and kinds that every scenario starts from."""
    problems: list[Problem] = []
    tree = parse(DEFAULTS.read_text("utf-8"), str(DEFAULTS), problems)
    unwrap(tree, problems)
    if problems:
        raise ScenarioError(problems)
    return tree


def _first_of_each_place(problems: list[Problem]) -> list[Problem]:
    """One problem for each value: the first that says what was meant, else the first."""
    first: dict[tuple[str, int, int, str], Problem] = {}
    for problem in problems:
        place = (problem.file, problem.line, problem.column, problem.path)
        if place not in first or (problem.hint and not first[place].hint):
            first[place] = problem
    return list(first.values())


def _loaded(
    scenario: Scenario,
    locator: Locator,
    origin: Origin,
    variant: str | None,
    overrides: dict[str, Any],
    changes: tuple[Change, ...],
) -> LoadedScenario:
    filled: set[Path] = set()
    document = _fill(scenario, (), False, filled)
    given = locator.tree
    tree = Tree(document, {}, complete(document, given.basis, filled), given.ranges)
    return LoadedScenario(
        scenario=scenario,
        name=origin.name,
        files=origin.files,
        variant=variant,
        overrides=overrides,
        changes=changes,
        facts=origin.facts,
        document=document,
        basis={locator.dotted(path): text for path, text in tree.basis.items()},
        ranges={locator.dotted(path): bounds for path, bounds in tree.ranges.items()},
        locator=locator,
        origin=origin,
        _run=tree,
        _filled=frozenset(filled),
    )


def _fill(value: Any, path: Path, is_default: bool, filled: set[Path]) -> Any:
    """A value of the scenario as plain data, with the defaults in it; notes the paths of what only defaults give."""
    if is_default:
        filled.add(path)
    if isinstance(value, Section):
        data = {}
        for name, field in type(value).model_fields.items():
            child, key = getattr(value, name), field.alias or name
            silent = is_default or name not in value.model_fields_set
            if child is not None and not (silent and key == "basis"):
                data[key] = _fill(child, (*path, key), silent, filled)
        return data
    if isinstance(value, dict):
        return {key: _fill(child, (*path, key), is_default, filled) for key, child in value.items()}
    if isinstance(value, (list, tuple)):
        return [_fill(child, (*path, number), is_default, filled) for number, child in enumerate(value)]
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds" if value.second else "minutes")
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value
