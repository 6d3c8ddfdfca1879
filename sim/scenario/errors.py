"""What is wrong with a scenario: every problem with its place in the files, all of them in one exception."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import NamedTuple

from sim.scenario.messages import printable


class Mark(NamedTuple):
    """A place in a file; line 0 stands for the file as a whole, or for a setting of the command line."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclasses.dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong: where, at which path of the scenario, what, and the name that was probably meant."""

    file: str
    line: int
    column: int
    path: str
    message: str
    hint: str | None = dataclasses.field(default=None, compare=False)

    def __str__(self) -> str:
        where = f"{Mark(self.file, self.line, self.column)}: "
        path = f"{self.path}: " if self.path else ""
        said = f"{where}{path}{self.message}" + (f"; did you mean {self.hint}?" if self.hint else "")
        return printable(said).replace("\n", "\\n").replace("\t", "\\t")


class ScenarioError(Exception):
    """A scenario that cannot be run; carries all problems found, in the order of the files."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)
