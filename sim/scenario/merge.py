"""Tables and GeoJSON files as one part of a scenario, in YAML."""

from __future__ import annotations

import pathlib
from typing import Any

from sim.scenario.basis import unwrap, wrap
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.files import FileTrouble, read_text
from sim.scenario.geojson import SUFFIX, parse_geojson
from sim.scenario.paths import Locator
from sim.scenario.rows import section_of
from sim.scenario.table_files import SUFFIXES, parse_table
from sim.scenario.validate import validate_part
from sim.scenario.yaml_reader import Tree, dump

SPREADSHEETS = (".xlsx", ".xls", ".ods", ".numbers")


def read_part(path: pathlib.Path, problems: list[Problem], section: str = "") -> Tree:
    """The part of a scenario in a table or GeoJSON file; without `section` the file's name says which one it is."""
    try:
        if path.suffix.lower() not in (*SUFFIXES, SUFFIX):
            advice = "; save the sheet as CSV (UTF-8)" if path.suffix.lower() in SPREADSHEETS else ""
            raise FileTrouble(f"should be a table ({', '.join(SUFFIXES)}) or {SUFFIX}{advice}")
        read = parse_geojson if path.suffix.lower() == SUFFIX else parse_table
        tree = read(read_text(path), str(path), section or section_of(path), problems)
    except FileTrouble as trouble:
        raise ScenarioError([Problem(str(path), 0, 0, "", trouble.message, trouble.hint)]) from None
    unwrap(tree, problems, is_file=True)
    return tree


def as_yaml(paths: list[pathlib.Path]) -> str:
    """What tables say, as YAML; ScenarioError with all that is wrong with their form and with single values."""
    problems: list[Problem] = []
    whole: dict[str, Any] = {}
    for path in paths:
        try:
            tree = read_part(path, problems)
        except ScenarioError as error:
            problems += error.problems
            continue
        for section in tree.data:
            if section in whole:
                problems.append(Problem(str(path), 0, 0, section, "another file holds this section; join the two"))
            if section != "roads":
                validate_part(Locator(tree), (section,), problems)
            whole[section] = wrap(tree, ())[section]
    if problems:
        raise ScenarioError(problems)
    return dump(whole)
