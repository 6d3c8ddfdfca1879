"""Runs with inputs drawn from a file of weighted points, as `sim calibrate` writes it, not from the scenario's ranges.

Replicate k has a row of the file, drawn with the row's weight, as a function of the seed and k alone.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.ensemble.inputs import InputSpace, input_rows, inputs_table
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.file_paths import expanded
from sim.scenario.names import nearest
from sim.scenario.settings import split_setting
from sim.world.deploy import Deployment

Array = NDArray[np.float64]
WEIGHT = "weight"


@dataclasses.dataclass(frozen=True)
class Posterior:
    """`numbers` [row, input] of the inputs `names`, and the weights of the rows, which sum to 1."""

    file: str
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

    def rows(self, seed: int, replicates: int) -> NDArray[np.intp]:
        """Which row each replicate has; the first k of them are those of a run of k."""
        drawn = np.random.default_rng([seed, len(self.weights)]).random(replicates)
        return np.minimum(np.searchsorted(np.cumsum(self.weights), drawn, side="right"), len(self.weights) - 1)

    def to_json(self) -> dict[str, Any]:
        """What a run says of it."""
        return {"file": self.file, "digest": self.digest, "rows": len(self.weights), "worth": self.worth}


def read_posterior(path: str | Path, deployment: Deployment) -> Posterior:
    """The weighted points of a file (.parquet or .csv); ScenarioError if they do not fit the scenario."""
    where = f"--posterior {path}"

    def wrong(message: str, hint: str | None = None) -> ScenarioError:
        return ScenarioError([Problem(where, 0, 0, "", message, hint)])

    file = expanded(path)
    try:
        # The system's own reason, where there is no such file or it is a folder.
        with file.open("rb") as opened:
            table = pd.read_csv(opened) if file.suffix.lower() == ".csv" else pd.read_parquet(opened)
    except OSError as error:
        raise wrong(f"cannot be read: {error.strerror or error}") from None
    except Exception as error:  # readers of formats raise errors of every kind
        raise wrong(f"cannot be read as a table: {str(error).splitlines()[0]}") from None
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
    found = Posterior(str(path), names, numbers, weights / weights.sum())
    try:
        PosteriorPoints(deployment, found, 0).deployment(0)
    except ScenarioError as error:
        known = [*input_rows(deployment)]
        bad = next((p for p in error.problems if p.file.startswith("--set ")), error.problems[0])
        name, _ = split_setting(bad.file.removeprefix("--set ")) or (bad.file, "")
        near = nearest(name, known) or bad.hint
        raise wrong(
            f"'{name}' is no uncertain input of this scenario, and cannot be set: {bad.message}", near
        ) from None
    return found


class PosteriorPoints:
    """The deployment of each replicate: its row of the posterior, set or fixed."""

    def __init__(self, deployment: Deployment, posterior: Posterior, seed: int) -> None:
        known = input_rows(deployment)
        self.posterior, self.seed = posterior, seed
        self._set = [i for i, name in enumerate(posterior.names) if name not in known]
        self._fixed = [i for i, name in enumerate(posterior.names) if name in known]
        self._setter = deployment.setter([posterior.names[i] for i in self._set])
        self._base = self._start(0) if self._set else deployment
        self._space = InputSpace(self._base, [posterior.names[i] for i in self._fixed])
        self._rows = posterior.rows(seed, 1)

    def _start(self, row: int) -> Deployment:
        return self._setter.deployment(self.posterior.numbers[row, self._set].tolist())

    def deployment(self, replicate: int) -> Deployment:
        """The deployment of one replicate."""
        if replicate >= len(self._rows):
            self._rows = self.posterior.rows(self.seed, max(2 * replicate, 1024))
        row = int(self._rows[replicate])
        return self._space.fixed(
            self._start(row) if self._set else self._base, self.posterior.numbers[row, self._fixed]
        )


def with_inputs(deployment: Deployment, inputs: Mapping[str, float]) -> Deployment:
    """A deployment in which the inputs stand at the values that one replicate had."""
    known = input_rows(deployment)
    fixed, free = [name for name in inputs if name in known], [name for name in inputs if name not in known]
    base = deployment.setter(free).deployment([inputs[name] for name in free]) if free else deployment
    return InputSpace(base, fixed).fixed(base, np.array([inputs[name] for name in fixed]))


def posterior_inputs(deployment: Deployment, posterior: Posterior, seed: int, replicates: int) -> pd.DataFrame:
    """A row per replicate: what its inputs were; those that the file does not hold were drawn as in any run."""
    table = inputs_table(deployment, seed, replicates)
    numbers = posterior.numbers[posterior.rows(seed, replicates)]
    columns: Mapping[str, Any] = dict(zip(posterior.names, numbers.T, strict=True))
    others = {name: table[name] for name in table.columns if name not in columns}
    return pd.DataFrame({**others, **columns})
