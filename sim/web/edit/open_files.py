"""The files of a scenario that is being edited: drafts are checked as if they were the files, and saved as written."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from sim.engine.load import load
from sim.rules.rulebook import RULEBOOK
from sim.scenario.compose import Composer
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.files import drafts
from sim.web.edit.grids import grid
from sim.web.replay.situation import situation_page
from sim.world.deploy import deploy

MISTAKE, WARNING = "mistake", "warning"
MOST = 200
"""Mistakes and warnings that are told at once."""


class Refused(ValueError):
    """What cannot be done, in one sentence."""


class OpenFiles:
    """The files of one scenario. Their texts are kept as they were when they were read or saved last."""

    def __init__(self, scenario: Path) -> None:
        self.scenario = scenario.resolve()
        composer = Composer([])
        composer.compose(self.scenario)
        if not composer.files:
            load(self.scenario)  # says why it cannot be read
        self.paths = {path.resolve().relative_to(self.scenario.parent).as_posix(): path for path in composer.files}
        self.known = {name: _text(path) for name, path in self.paths.items()}
        self._ends = {name: "\r\n" if b"\r\n" in path.read_bytes() else "\n" for name, path in self.paths.items()}

    def check(self, texts: Mapping[str, str]) -> dict[str, Any]:
        """What is wrong or strange in these drafts, and the map where nothing is wrong."""
        with self._drafted(texts):
            try:
                loaded = load(self.scenario)
                told = self._told(deploy(loaded, RULEBOOK).warnings, WARNING)
                return {"told": told, "map": situation_page(loaded)}
            except ScenarioError as error:
                return {"told": self._told(error.problems, MISTAKE), "map": None}

    def grid(self, texts: Mapping[str, str], section: str) -> dict[str, Any]:
        """The rows of a section in these drafts; NoEdit if one of them cannot be read."""
        texts = {name: texts[self._named(name)] for name in texts}
        with self._drafted(texts):
            try:
                scenario = load(self.scenario).scenario
            except ScenarioError:
                scenario = None
        return grid(texts, section, scenario)

    def _drafted(self, texts: Mapping[str, str]) -> AbstractContextManager[None]:
        """These texts stand for the files."""
        return drafts({self._path(name).resolve(): text for name, text in texts.items()})

    def save(self, texts: Mapping[str, str]) -> list[str]:
        """Write the drafts that differ from their files; Refused, and nothing written, if a file has changed since."""
        changed = {name: text for name, text in texts.items() if text != self.known[self._named(name)]}
        for name in changed:
            if _text(self._path(name)) != self.known[name]:
                raise Refused(f"{name} was changed by another program since it was opened; open it again first")
        for name, text in changed.items():
            with self._path(name).open("w", encoding="utf-8", newline=self._ends[name]) as stream:
                stream.write(text)
            self.known[name] = text
        return sorted(changed)

    def _named(self, name: str) -> str:
        if name not in self.paths:
            raise Refused(f"'{name}' is no file of this scenario")
        return name

    def _path(self, name: str) -> Path:
        return self.paths[self._named(name)]

    def _told(self, problems: Iterable[Problem], kind: str) -> list[dict[str, Any]]:
        """Problems as plain data, with the files by the names that the page has for them."""
        names = {str(path): name for name, path in self.paths.items()}
        return [
            {**dataclasses.asdict(problem), "file": names.get(problem.file, problem.file), "kind": kind}
            for problem in list(problems)[:MOST]
        ]


def _text(path: Path) -> str:
    """The text of a file; lines end as in a browser's text area."""
    return path.read_text("utf-8")
