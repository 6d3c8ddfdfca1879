"""Study files: a sweep written down as YAML, with the words of the command line."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.ensemble.spec import loaded_scenario
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.files import FileTrouble, read_text
from sim.scenario.names import nearest
from sim.scenario.yaml_reader import Tree, parse
from sim.study.design import LEVELS, read_vary
from sim.study.sweep import StudySpec, specify_sweep

KEYS = ("scenario", "vary", "design", "points", "replicates", "seed", "outcomes", "variant", "set", "title")


@dataclasses.dataclass(frozen=True)
class StudyArguments:
    """What a sweep is asked for, by the command line or by a study file."""

    scenario: Path
    vary: Mapping[str, Any]
    design: str
    points: int | Sequence[int] | None
    replicates: int
    seed: int
    outcomes: Sequence[str]
    variant: str | None
    set: Mapping[str, Any]

    def spec(self) -> StudySpec:
        """The study; ScenarioError says what cannot be."""
        loaded = loaded_scenario(self.scenario, self.variant, self.set)
        return specify_sweep(loaded, self.vary, self.design, self.points, self.replicates, self.seed, self.outcomes)


def read_study(
    file: Path,
    vary: Iterable[str],
    design: str,
    points: int | None,
    replicates: int,
    seed: int,
    outcomes: Sequence[str],
    variant: str | None,
    settings: Mapping[str, Any],
) -> StudyArguments:
    """The arguments of `sim sweep FILE ...`: FILE is a scenario, or a study file, which says all but `--set`."""
    tree = _tree(file)
    varied, counts = read_vary(vary)
    if tree is None:
        levels = [count or points or LEVELS for count in counts] if design == "grid" else points
        return StudyArguments(file, varied, design, levels, replicates, seed, outcomes, variant, settings)
    if varied:
        raise ScenarioError([Problem("vary", 0, 0, "", f"the study file {file} says what is varied")])
    return _arguments(file, tree, settings)


def _tree(file: Path) -> Tree | None:
    """The content of a study file; None if the file is a scenario, or cannot be read, which its reader will tell."""
    try:
        tree = parse(read_text(file), str(file), [])
    except (FileTrouble, ScenarioError):
        return None
    return tree if isinstance(tree.data, dict) and "scenario" in tree.data and "places" not in tree.data else None


def _arguments(file: Path, tree: Tree, settings: Mapping[str, Any]) -> StudyArguments:
    data: dict[str, Any] = tree.data
    problems = [
        Problem(*tree.where((key,)), key, "unknown key of a study", nearest(key, KEYS))
        for key in data
        if key not in KEYS
    ]
    vary: dict[str, Any] = {}
    for path, value in (data.get("vary") or {}).items() if isinstance(data.get("vary"), dict) else ():
        if isinstance(value, dict) and isinstance(value.get("levels"), list):
            vary[path] = value["levels"]
        elif isinstance(value, list) and len(value) == 2:
            vary[path] = tuple(value)
        else:
            message = "should be a range [low, high], or {levels: [a, b, c]}"
            problems.append(Problem(*tree.where(("vary", path)), f"vary.{path}", message))
    kinds = {
        "scenario": str,
        "design": str,
        "replicates": int,
        "seed": int,
        "outcomes": list,
        "variant": str,
        "set": dict,
    }
    for key, kind in kinds.items():
        if key in data and not isinstance(data[key], kind):
            problems.append(Problem(*tree.where((key,)), key, f"should be {_WORDS[kind]}"))
    if problems:
        raise ScenarioError(problems)
    design = data.get("design", "grid")
    points = data.get("points")
    return StudyArguments(
        scenario=file.parent / data["scenario"],
        vary=vary,
        design=str(file.parent / design) if design.endswith(".csv") else design,
        points=points,
        replicates=data.get("replicates", 100),
        seed=data.get("seed", 1),
        outcomes=data.get("outcomes", []),
        variant=data.get("variant"),
        set={**data.get("set", {}), **settings},
    )


_WORDS = {str: "text", int: "a whole number", list: "a list", dict: "a mapping"}
