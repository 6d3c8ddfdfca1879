"""A study: many points of one scenario, what was estimated at each, and every campaign behind it."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.ensemble import store
from sim.ensemble.discovery import Discovery, discover
from sim.ensemble.folder import STUDY, check, read_manifest, require_kind
from sim.outcomes.values import as_numbers
from sim.scenario.file_paths import absolute
from sim.scenario.messages import escaped
from sim.scenario.names import nearest
from sim.study.estimates import estimates_of, points_table
from sim.study.slots import MemorySlots
from sim.study.space import SpaceDesign

if TYPE_CHECKING:
    from sim.plots.study import StudyPlot
    from sim.study.indices import Sensitivity
    from sim.study.sweep import StudySpec

Array = NDArray[np.float64]
POINTS = "points.parquet"
BASE = "base.parquet"
"""The base points of a sensitivity study, and what is moved."""


class Study:
    """The results of a sweep, or of the campaigns of a sensitivity analysis.

    `points`: a row a point, with what is varied and what is estimated, and intervals. Where all uncertain inputs are
    varied, it says which `row` of the design a point belongs to and what was `moved`; `inputs` has the numbers.
    """

    def __init__(
        self,
        manifest: Mapping[str, Any],
        points: pd.DataFrame,
        path: Path | None,
        values: Mapping[str, Array] | None,
        space: SpaceDesign | None = None,
    ) -> None:
        self.manifest, self.points, self.path = dict(manifest), points, path
        self._values, self._space = values, space
        self.found = False
        """Whether the study had been made before, and was found."""

    @classmethod
    def open(cls, folder: str | Path) -> Study:
        """The study that a folder holds."""
        folder = absolute(folder)
        manifest = read_manifest(folder)
        require_kind(folder, manifest, STUDY)
        return cls(manifest, pd.read_parquet(check(folder, POINTS, manifest)), folder, None)

    @property
    def paths(self) -> list[str]:
        """What is varied."""
        return list(self.manifest["paths"])

    @property
    def outcome_names(self) -> list[str]:
        return [row["name"] for row in self.manifest["outcomes"]]

    @functools.cached_property
    def space(self) -> SpaceDesign | None:
        """The design of a sensitivity study; None for a sweep."""
        if self._space is not None or "groups" not in self.manifest:
            return self._space
        assert self.path is not None
        with store.reading(self.path / BASE):
            return SpaceDesign.read(self.manifest, pd.read_parquet(check(self.path, BASE, self.manifest)))

    @property
    def numbers(self) -> Array:
        """[point, path]: what is varied, as numbers."""
        if self.space is not None:
            return np.array([self.space.numbers(point) for point in range(len(self.space))])
        return self.points[self.paths].to_numpy(float)

    @property
    def inputs(self) -> pd.DataFrame:
        """A row per point: the number of each path or uncertain input that is varied."""
        return pd.DataFrame(self.numbers, columns=self.paths)

    def sensitivity(self, outcome: str, method: str | None = None) -> Sensitivity:
        """Which of the inputs that are varied an outcome depends on.

        method: `regression` or `pawn` for any study with a range of points; `sobol` and `morris` for the studies that
        `sim.sensitivity` makes for them. None: what the study was made for, else regression.
        """
        from sim.study.indices import sensitivity_of

        return sensitivity_of(self, outcome, method)

    def discover(self, condition: str) -> Discovery:
        """In which box of the inputs a condition like "hill.fall_day > 10" is met most often."""
        inputs = np.repeat(self.numbers, self.manifest["replicates"], axis=0)
        values = {name: self.values(name).reshape(-1) for name in self.outcome_names}
        kinds = {row["name"]: row["kind"] for row in self.manifest["outcomes"]}
        table = pd.DataFrame(inputs, columns=self.paths)
        return discover(condition, values, kinds, table, self.manifest["replicates"], self.manifest["seed"])

    @property
    def plot(self) -> StudyPlot:
        """The figures of the study: `study.plot.heat_map("hill.fall_day")`."""
        from sim.plots.study import StudyPlot

        return StudyPlot(self)

    @functools.cached_property
    def runs(self) -> pd.DataFrame:
        """A row per campaign: point, replicate, and what each outcome came to; NaN: not within the horizon."""
        if self.path is not None:
            with store.reading(self.path / store.RUNS):
                runs = pd.read_parquet(check(self.path, store.RUNS, self.manifest))
            return runs.sort_values(["point", "replicate"], ignore_index=True, kind="stable")
        assert self._values is not None
        points, replicates = self.manifest["points"], self.manifest["replicates"]
        index = {"point": np.repeat(np.arange(points), replicates), "replicate": np.tile(np.arange(replicates), points)}
        return pd.DataFrame(index | {name: values.reshape(-1) for name, values in self._values.items()})

    def values(self, outcome: str) -> Array:
        """[point, replicate]: what an outcome came to in each campaign; NaN: not within the horizon, or undefined."""
        self.require(outcome)
        if self._values is not None:
            return self._values[outcome]
        assert self.path is not None
        with store.reading(self.path / store.RUNS):
            table = pd.read_parquet(self.path / store.RUNS, columns=["point", "replicate", outcome])
        found = np.empty((self.manifest["points"], self.manifest["replicates"]))
        found[table["point"], table["replicate"]] = table[outcome].to_numpy(float)
        return found

    def numbers_of(self, outcome: str) -> Array:
        """[point, replicate]: a quantity; a probability as 0 or 1; a time with the last day where it did not come."""
        values, kind = self.values(outcome), self.require(outcome)["kind"]
        if kind == "time":
            return np.where(np.isfinite(values), values, self.manifest["days"])
        return as_numbers(kind, values)

    def require(self, outcome: str) -> dict[str, Any]:
        """What the study says of an outcome; ValueError with the nearest name if it does not have it."""
        known = {row["name"]: row for row in self.manifest["outcomes"]}
        if outcome not in known:
            near = nearest(outcome, known)
            hint = f"; did you mean {near}?" if near else f"; it reports {', '.join(known)}"
            raise ValueError(f"the study does not report '{outcome}'{hint}")
        found: dict[str, Any] = known[outcome]
        return found

    def to_json(self) -> dict[str, Any]:
        """The study as one plain object, as `sim sweep --json` prints it."""
        names = ("scenario", "study_id", "design", "paths", "replicates", "seed")
        plain = {name: self.manifest[name] for name in names}
        table = self.points.astype(object).where(self.points.notna(), None)
        where = None if self.path is None else str(self.path)
        return plain | {"results_dir": where, "points": table.to_dict("records")}

    def to_xarray(self) -> Any:
        """An xarray.Dataset over point and replicate, with what is varied as coordinates of the points.

        A grid has a dimension for each path instead of the points. It needs the package xarray.
        """
        try:
            import xarray
        except ImportError:
            raise ImportError("to_xarray() needs the package xarray: pip install xarray") from None
        inputs = self.inputs
        values = {name: (("point", "replicate"), self.values(name)) for name in self.outcome_names}
        if self.manifest["design"] != "grid":
            return xarray.Dataset(values, {path: ("point", inputs[path].to_numpy()) for path in self.paths})
        levels = {path: np.unique(inputs[path]) for path in self.paths}
        order = np.lexsort([inputs[path] for path in reversed(self.paths)])
        shape = (*map(len, levels.values()), self.manifest["replicates"])
        cubes = {name: ((*self.paths, "replicate"), table[order].reshape(shape)) for name, (_, table) in values.items()}
        return xarray.Dataset(cubes, levels)

    def to_ema(self) -> tuple[pd.DataFrame, dict[str, Array]]:
        """Experiments and outcomes as the EMA Workbench takes them: a row a point; outcomes [experiment, replicate]."""
        experiments = self.inputs
        experiments["scenario"], experiments["policy"] = np.arange(len(experiments)), "none"
        experiments["model"] = self.manifest["scenario"]
        return experiments, {name: self.values(name) for name in self.outcome_names}

    def __repr__(self) -> str:
        where = "in memory" if self.path is None else f"in {self.path}"
        points, replicates = self.manifest["points"], self.manifest["replicates"]
        return f"<Study of {self.manifest['scenario']}: {points:,} points, {replicates:,} replicates each, {where}>"

    def _repr_html_(self) -> str:
        shown = self.points.head(20).to_html(index=False, float_format="{:.4g}".format)
        return f"<p>{escaped(repr(self))}</p>{shown}"


def study_of(
    spec: StudySpec,
    slots: MemorySlots,
    manifest: Mapping[str, Any],
    path: Path | None = None,
    only_manifest: bool = False,
) -> Study:
    """The study of rows that have been computed; one outcome at a time is in memory if it has a folder."""
    estimates: dict[str, Array] = {}
    kept: dict[str, Array] = {}
    for column, outcome in enumerate(spec.outcomes if not only_manifest else []):
        values = np.empty((len(spec.points), spec.replicates))
        for number, shard in enumerate(slots.shards):
            size = (shard.last_point - shard.first_point, shard.last - shard.first)
            here = slots.rows(number)[:, column].reshape(size)
            values[shard.first_point : shard.last_point, shard.first : shard.last] = here
        estimates |= estimates_of(outcome, values)
        if path is None:
            kept[outcome.name] = values
    table = points_table(spec.columns(), len(spec.points), estimates)
    return Study(manifest, table, path, kept if path is None else None, spec.space)
