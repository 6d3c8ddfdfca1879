"""Runs with inputs drawn from a file of weighted points, as `sim calibrate` writes it, not from the scenario's ranges.

Replicate k has a row of the file, drawn with the row's weight, as a function of the seed and k alone; of the seed and
its situation, if campaigns share situations.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.engine.arguments import MOST_REPLICATES
from sim.ensemble.inputs import InputSpace, input_rows, inputs_table
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.file_paths import expanded
from sim.scenario.messages import describe
from sim.scenario.names import nearest
from sim.scenario.settings import path_set
from sim.world.deploy import Deployment

Array = NDArray[np.float64]
WEIGHT = "weight"


@dataclasses.dataclass(frozen=True)
class Posterior:
    """`numbers` [row, input] of the inputs `names`, and the weights of the rows, which sum to 1."""

    file: str | None
    """None: a table that is in memory."""
    names: tuple[str, ...]
    numbers: Array
    weights: Array

    @property
    def worth(self) -> float:
        """How many equally weighted rows tell a mean as well."""
        return 1.0 / float((self.weights**2).sum())

    @property
    def digest(self) -> str:
        """A short name of what the file holds."""
        content = hashlib.sha256(repr(self.names).encode())
        for part in (self.numbers, self.weights):
            content.update(np.ascontiguousarray(part).tobytes())
        return content.hexdigest()[:16]

    def rows(self, seed: int, draws: int) -> NDArray[np.intp]:
        """So many rows, drawn with their weights; the first k of them are those of k draws."""
        drawn = np.random.default_rng([seed, len(self.weights)]).random(draws)
        return np.minimum(np.searchsorted(np.cumsum(self.weights), drawn, side="right"), len(self.weights) - 1)

    def table(self) -> Array:
        """The rows as one array, the weights last; `of_table` takes it."""
        return np.column_stack([self.numbers, self.weights])

    @classmethod
    def of_table(cls, file: str | None, names: Sequence[str], table: Array) -> Posterior:
        """The posterior whose `table` this was, to the bit."""
        return cls(file, tuple(names), table[:, :-1].copy(), table[:, -1].copy())

    def to_json(self) -> dict[str, Any]:
        """What a run says of it."""
        plain = {"file": self.file, "digest": self.digest, "rows": len(self.weights), "worth": self.worth}
        return plain | {"inputs": list(self.names)}


Source = str | Path | pd.DataFrame | Posterior
"""Where weighted points come from."""


def read_posterior(said: Source, deployment: Deployment) -> Posterior:
    """The weighted points of a file (.parquet or .csv) or DataFrame; ScenarioError if they do not fit the scenario."""
    if isinstance(said, Posterior):
        return said
    if not isinstance(said, pd.DataFrame | str | Path):
        raise TypeError(f"posterior should be a file or a DataFrame of weighted points, but is {describe(said)}")
    file = None if isinstance(said, pd.DataFrame) else str(said)

    def wrong(message: str, hint: str | None = None) -> ScenarioError:
        where = "posterior" if file is None else f"posterior {file}"
        return ScenarioError([Problem(where, 0, 0, "", message, hint)])

    table = said.rename(columns=str) if isinstance(said, pd.DataFrame) else _read(expanded(said), wrong)
    if WEIGHT not in table.columns or len(table.columns) < 2 or not len(table):
        raise wrong("should have a column `weight` and a column for each input, as `sim calibrate` writes it")
    names = tuple(str(name) for name in table.columns if name != WEIGHT)
    try:
        weights = table[WEIGHT].to_numpy(float)
        numbers = table[list(names)].to_numpy(float)
    except (TypeError, ValueError):
        raise wrong("holds something that is not a number") from None
    if not np.isfinite(numbers).all() or not np.isfinite(weights).all():
        raise wrong("has an empty cell")
    if weights.min() < 0.0 or weights.sum() <= 0.0:
        raise wrong("has weights that are negative, or all 0")
    found = Posterior(file, names, numbers, weights / weights.sum())
    try:
        points = RowPoints(deployment, names, numbers)
        for column in points.set:  # a run does not stop in the middle
            for row in (numbers[:, column].argmin(), numbers[:, column].argmax()):
                points.deployment(int(row))
    except ScenarioError as error:
        known = [*input_rows(deployment)]
        bad = next((problem for problem in error.problems if path_set(problem)), error.problems[0])
        name = path_set(bad) or bad.file
        near = nearest(name, known) or bad.hint
        raise wrong(
            f"'{name}' is no uncertain input of this scenario, and cannot be set: {bad.message}", near
        ) from None
    return found


def _read(file: Path, wrong: Callable[[str], ScenarioError]) -> pd.DataFrame:
    """The table that a file holds."""
    try:
        # The system's own reason, where there is no such file or it is a folder.
        with file.open("rb") as opened:
            return pd.read_csv(opened) if file.suffix.lower() == ".csv" else pd.read_parquet(opened)
    except OSError as error:
        raise wrong(f"cannot be read: {error.strerror or error}") from None
    except Exception as error:  # readers of formats raise errors of every kind
        raise wrong(f"cannot be read as a table: {str(error).splitlines()[0]}") from None


class RowPoints:
    """Rows of numbers for some inputs, each as a deployment: uncertain inputs are fixed, any other path is set."""

    def __init__(self, deployment: Deployment, names: Sequence[str], numbers: Array) -> None:
        known = input_rows(deployment)
        self.numbers = numbers
        self.set = [i for i, name in enumerate(names) if name not in known]
        self._fixed = [i for i, name in enumerate(names) if name in known]
        self._setter = deployment.setter([names[i] for i in self.set])
        self._base = self._start(0) if self.set else deployment
        self._space = InputSpace(self._base, [names[i] for i in self._fixed])

    def __len__(self) -> int:
        return len(self.numbers)

    def _start(self, row: int) -> Deployment:
        return self._setter.deployment(self.numbers[row, self.set].tolist())

    def deployment(self, index: int) -> Deployment:
        """The deployment of one row."""
        return self._space.fixed(self._start(index) if self.set else self._base, self.numbers[index, self._fixed])


class PosteriorPoints:
    """A point for each replicate: its row of the posterior. Replicates of a situation have one row."""

    def __init__(self, deployment: Deployment, posterior: Posterior, seed: int, situations: int | None = None) -> None:
        self._points = RowPoints(deployment, posterior.names, posterior.numbers)
        self.posterior, self.seed, self.situations = posterior, seed, situations
        self._rows = posterior.rows(seed, situations or 1)

    def __len__(self) -> int:
        return MOST_REPLICATES

    def deployment(self, index: int) -> Deployment:
        """The deployment of one replicate."""
        draw = index % self.situations if self.situations else index
        if draw >= len(self._rows):
            self._rows = self.posterior.rows(self.seed, max(2 * draw, 1024))
        return self._points.deployment(int(self._rows[draw]))


def posterior_inputs(
    deployment: Deployment, posterior: Posterior, seed: int, replicates: int, situations: int | None = None
) -> pd.DataFrame:
    """A row per replicate: what its inputs were; those that the file does not hold were drawn as in any run."""
    table = inputs_table(deployment, seed, replicates, situations)
    draws = situations or replicates
    numbers = posterior.numbers[posterior.rows(seed, draws)[np.arange(replicates) % draws]]
    columns: Mapping[str, Any] = dict(zip(posterior.names, numbers.T, strict=True))
    others = {name: table[name] for name in table.columns if name not in columns}
    return pd.DataFrame({**others, **columns})
