"""Results: what the campaigns of an ensemble came to, in memory or read from a folder."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.ensemble import store
from sim.ensemble.aggregates import Aggregates
from sim.ensemble.discovery import Discovery, discover
from sim.ensemble.drivers import Drivers, drivers_of
from sim.ensemble.folder import FIGURES, RUN, add_figures, check, require_kind
from sim.ensemble.given import Given, given
from sim.ensemble.inputs import inputs_table
from sim.ensemble.summary import SUMMARY_COLUMNS, clustered, components_of, summarise
from sim.rules.rulebook import RULEBOOK
from sim.scenario.file_paths import absolute
from sim.scenario.messages import describe, escaped, printable
from sim.scenario.names import nearest
from sim.scenario.read import LoadedScenario, read
from sim.scenario.schema import Scenario
from sim.world.deploy import deploy

if TYPE_CHECKING:
    from sim.ensemble.parting import Turning
    from sim.plots import Plot
    from sim.session.stories import Stories
    from sim.web.replay.page import Replay
    from sim.web.report.page import Report


class Results:
    """An ensemble of campaigns: a row per replicate, and sums over all of them.

    Days count from the start of the campaign; `days[i]` is the day of recorded tick i.
    """

    def __init__(
        self,
        scenario: Scenario,
        manifest: Mapping[str, Any],
        control_counts: NDArray[np.int64],
        falls: NDArray[np.int64],
        series: pd.DataFrame,
        path: Path | None = None,
        rows: NDArray[np.float64] | None = None,
        loaded: LoadedScenario | None = None,
    ) -> None:
        self.scenario = scenario
        self.loaded = loaded
        """The scenario with its basis and ranges; None in results that were put together by hand."""
        self.manifest = dict(manifest)
        self.control_counts = control_counts
        self.falls = falls
        self.series = series
        self.path = path
        self._rows = rows
        self.found = False
        """Whether the run had been made before, and was found instead of repeated."""

    @classmethod
    def of(
        cls,
        loaded: LoadedScenario,
        manifest: Mapping[str, Any],
        aggregates: Aggregates,
        path: Path | None,
        rows: NDArray[np.float64] | None,
    ) -> Self:
        """Results of campaigns that have just run."""
        counts, falls = aggregates.control_counts, aggregates.fall_counts
        return cls(loaded.scenario, manifest, counts, falls, aggregates.series(), path, rows, loaded)

    @classmethod
    def open(cls, folder: str | Path) -> Results:
        """The results that a folder holds."""
        folder = absolute(folder)
        while True:
            manifest = store.read_manifest(folder)
            try:
                return cls._read(folder, manifest)
            except store.Damaged:
                if store.read_manifest(folder) == manifest:  # else another run was filed while this one was read
                    raise

    @classmethod
    def _read(cls, folder: Path, manifest: Mapping[str, Any]) -> Results:
        """The results of a folder whose manifest has been read."""
        require_kind(folder, manifest, RUN)
        tables = {name: check(folder, name, manifest) for name in (store.CONTROL, store.FALLS, store.SERIES)}
        said = check(folder, store.SCENARIO, manifest)
        with store.reading(folder):
            loaded = read(said, RULEBOOK)
            control, falls, series = (pd.read_parquet(path) for path in tables.values())
            places, sides = len(loaded.scenario.places), len(loaded.scenario.sides)
            counts = control["count"].to_numpy().reshape(-1, places, sides)
            fallen = falls["count"].to_numpy().reshape(places, -1)
            return cls(loaded.scenario, manifest, counts, fallen, series, folder, loaded=loaded)

    @property
    def replicates(self) -> int:
        return int(self.manifest["replicates"])

    @property
    def seed(self) -> int:
        return int(self.manifest["seed"])

    @property
    def situations(self) -> int | None:
        """How many draws of the uncertain inputs the campaigns shared: replicate k had draw k modulo so many."""
        return self.manifest.get("situations")

    @property
    def complete(self) -> bool:
        """Whether all replicates asked for have been run."""
        return bool(self.manifest["complete"])

    @property
    def place_ids(self) -> list[str]:
        return list(self.scenario.places)

    @property
    def side_ids(self) -> list[str]:
        return list(self.scenario.sides)

    @property
    def outcome_names(self) -> list[str]:
        return [outcome["name"] for outcome in self.manifest["outcomes"]]

    @property
    def days(self) -> NDArray[np.float64]:
        return np.arange(len(self.control_counts), dtype=np.float64) * (self.scenario.clock.tick_hours / 24)

    @property
    def control(self) -> NDArray[np.float64]:
        """[ticks, places, sides]: share of the replicates in which the side holds the place."""
        return self.control_counts / max(1, self.replicates)

    @functools.cached_property
    def runs(self) -> pd.DataFrame:
        """A row per replicate: what each outcome came to; a time that did not come within the horizon is NaN."""
        if self._rows is None:
            with store.reading(self._rows_file):
                return pd.read_parquet(self._rows_file)
        columns = {"replicate": np.arange(len(self._rows))}
        for outcome, values in zip(self.manifest["outcomes"], self._rows.T, strict=True):
            columns[outcome["name"]] = store.as_filed(values, outcome["kind"])
        return pd.DataFrame(columns)

    @functools.cached_property
    def inputs(self) -> pd.DataFrame:
        """The same rows as `runs`: what was drawn for each uncertain input (` *`: a factor, ` +`: an offset)."""
        if self.path is not None and (self.path / store.INPUTS).is_file():  # else they are drawn again, to the bit
            with store.reading(self.path / store.INPUTS):
                return pd.read_parquet(check(self.path, store.INPUTS, self.manifest))
        if self.manifest.get("posterior"):
            raise store.ResultsError(f"{self.path} lacks {store.INPUTS}, which a posterior filled: run it again")
        if self.loaded is None or self.manifest["engine_hash"] != store.engine_hash():
            raise store.ResultsError(f"{self.path or 'these results'} were made by another version: run them again")
        return inputs_table(deploy(self.loaded, RULEBOOK), self.seed, self.replicates, self.situations)

    def drivers(self, outcome: str) -> Drivers:
        """Which of the uncertain inputs an outcome followed: regression and rank correlation, and what they miss."""
        kind, inputs = self.kind_of(outcome), self.inputs.drop(columns="replicate")
        return drivers_of(outcome, kind, self.values(outcome), inputs, float(self.days[-1]))

    def discover(self, condition: str) -> Discovery:
        """In which box of the uncertain inputs a condition like "hill.fall_day > 10" is met most often."""
        self.require_own_draws()
        values = {name: self.values(name) for name in self.outcome_names}
        kinds = {name: self.kind_of(name) for name in values}
        return discover(condition, values, kinds, self.inputs.drop(columns="replicate"), seed=self.seed)

    def require_own_draws(self) -> None:
        """ValueError if campaigns share draws of the inputs."""
        if self.situations:
            raise ValueError("discovery needs a run in which each campaign has its own draw: run it without situations")

    def kind_of(self, outcome: str) -> str:
        """time, probability or quantity; ValueError with the nearest name if the outcome is not reported."""
        kinds = {row["name"]: row["kind"] for row in self.manifest["outcomes"]}
        if outcome not in kinds:
            near = nearest(outcome, kinds)
            hint = f"; did you mean {near}?" if near else f"; they report {', '.join(kinds)}"
            raise ValueError(f"these results do not report '{outcome}'{hint}")
        return str(kinds[outcome])

    def turning_points(self, outcome: str) -> Turning:
        """What went before an outcome that happens or not: earlier events after which it was more, or less, frequent;
        and states that set the campaigns apart, with the day from which they tell. Campaigns are played again for it.
        """
        from sim.ensemble.parting import turning

        return turning(self, outcome)

    def stories(self, outcome: str, campaigns: int = 100) -> Stories:
        """The commonest ways in which an outcome came about: chains of causes of the first `campaigns` campaigns.

        They are played again with the ledger on, some 0.03 to 0.5 s each.
        """
        from sim.session.stories import stories

        return stories(self, outcome, campaigns)

    def given(self, conditions: str | Iterable[str]) -> Given:
        """The campaigns that agree with what is known: `given("hill.fall_day in 2..5 and not north.collapsed")`.

        Several conditions must all be met. ValueError if fewer than 30 campaigns agree.
        """
        return given(self, conditions)

    def fall_times(self) -> pd.DataFrame:
        """When places left their first holder: place, day, campaigns, share of all campaigns, share up to that day."""
        places, ticks = np.nonzero(self.falls)
        share = self.falls / max(1, self.replicates)
        table = {
            "place": np.array(self.place_ids)[places],
            "day": self.days[ticks],
            "campaigns": self.falls[places, ticks],
            "share": share[places, ticks],
            "share_so_far": share.cumsum(axis=1)[places, ticks],
        }
        return pd.DataFrame(table)

    def values(self, name: str) -> NDArray[np.float64]:
        """What one outcome came to in each campaign: a column of `runs`, as numbers, without reading the others."""
        if self._rows is not None:
            return self._rows[:, self.outcome_names.index(name)]
        with store.reading(self._rows_file):
            return pd.read_parquet(self._rows_file, columns=[name])[name].to_numpy(float)

    @functools.cached_property
    def _rows_file(self) -> Path:
        """The table of campaigns; its checksum is compared once."""
        assert self.path is not None
        return check(self.path, store.RUNS, self.manifest)

    @functools.cached_property
    def outcomes(self) -> list[dict[str, Any]]:
        """Each outcome summed up over the replicates, with 95 % intervals."""
        summaries = []
        for row in self.manifest["outcomes"]:
            values = self.values(row["name"])
            summary = summarise(row["name"], row["kind"], row["unit"], values)
            summaries.append(summary | (clustered(row["kind"], values, self.situations) if self.situations else {}))
        return summaries

    def summary(self) -> pd.DataFrame:
        """A row per outcome: probabilities, means and quantiles, with 95 % intervals."""
        rows = pd.DataFrame(self.outcomes, columns=["name", *SUMMARY_COLUMNS])
        return rows.set_index("name").rename_axis("outcome").dropna(axis="columns", how="all")

    def variance_components(self) -> pd.DataFrame:
        """A row per outcome: which share of its variance comes from the uncertain inputs (`between` their draws, with
        a 95 % interval), and which from chance (`within` a draw); and both as standard deviations.

        For a probability or a time, the variance is that of whether it happens. It needs a run with `situations`.
        """
        if not self.situations:
            raise ValueError("each campaign had its own draw of the uncertain inputs: run(..., situations=50) can tell")
        rows = [
            {"outcome": row["name"], **components_of(row["kind"], self.values(row["name"]), self.situations)}
            for row in self.manifest["outcomes"]
        ]
        return pd.DataFrame(rows).set_index("outcome").astype(float)

    def to_json(self) -> dict[str, Any]:
        """The results as one plain object, as `sim run --json` prints it."""
        speed = ("seconds", "campaigns_per_second", "ns_per_unit_tick")
        plain = {
            name: self.manifest[name]
            for name in ("scenario", "run_id", "replicates", "failed", "failed_replicates", "seed", *speed)
        }
        plain |= {"results_dir": None if self.path is None else str(self.path), "outcomes": self.outcomes}
        if self.manifest.get("until"):
            plain["until"] = self.manifest["until"]
        if self.manifest.get("posterior"):
            plain["posterior"] = self.manifest["posterior"]
        if self.situations:
            table = self.variance_components().astype(object)
            components = table.where(table.notna(), None).reset_index().to_dict("records")
            plain |= {"situations": self.situations, "variance_components": components}
        return plain

    @property
    def plot(self) -> Plot:
        """The figures of these results: `results.plot.control_map(day=8)`."""
        from sim.plots import Plot

        return Plot(self)

    def replay(self, k: int | None = None, beside: int | None = None) -> Replay:
        """A page that plays campaign k on a map, forwards and backwards (None: the most ordinary campaign).

        `beside`: another campaign on a map of its own, and where the two part. The page shows itself in a notebook;
        `.save(path)` writes the file, as an animation if the path ends in `.gif` or `.mp4`.
        """
        from sim.web.replay.course import replay_film
        from sim.web.replay.page import Replay, replay_page

        return Replay(replay_page(self, k, beside), lambda: replay_film(self, k))

    def report(self, other: Results | None = None) -> Report:
        """The report as a page: what the run says, how sure it is, what it rests on. `other`: what differs from it.

        It shows itself in a notebook; `.save(path)` writes the file, as Markdown if the path ends in `.md`.
        """
        from sim.web.report.page import Report

        if not isinstance(other, Results | None):
            raise TypeError(f"other should be the results of a run, but is {describe(other)}")
        return Report(self, other)

    def draw_figures(self) -> None:
        """Complete the figures of the results folder: those that are there, as they were drawn, are left alone."""
        from sim.plots import plot_names, save_all

        assert self.path is not None
        names = [f"{FIGURES}/{name}.png" for name in plot_names(self)]
        try:
            for name in names:
                check(self.path, name, self.manifest)
        except store.Damaged:
            with store.writing(self.path / FIGURES):
                for left in (self.path / FIGURES).glob("unfinished-*"):
                    left.unlink(missing_ok=True)
                save_all(self, self.path)
                self.manifest = add_figures(self.path, names)

    def __repr__(self) -> str:
        where = "in memory" if self.path is None else f"in {self.path}"
        of = f"<Results of {self.manifest['scenario']}: {self.replicates} replicates, seed {self.seed}, {where}>"
        return printable(of)

    def _repr_html_(self) -> str:
        head = f"<b>{escaped(self.scenario.title)}</b>: {self.replicates:,} replicates, seed {self.seed}"
        return f"<p>{head}</p>{self.summary().to_html(na_rep='', float_format='{:.4g}'.format)}"
