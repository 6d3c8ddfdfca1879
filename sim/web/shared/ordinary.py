"""How ordinary one campaign is among all of its ensemble, and how well it went for the side that has most to lose."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.outcomes.catalogue import PROBABILITY, TIME
from sim.web.shared.wording import frequency, outcome_in_words

if TYPE_CHECKING:
    from sim.ensemble.results import Results

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Standing:
    """All campaigns of an ensemble, by how they compare."""

    columns: list[str]
    """The reported outcomes that are compared."""
    values: Array
    """[campaign, outcome]; a time that did not come is infinite."""
    ranks: Array
    """[campaign, outcome]: share of campaigns with a lower value, equal ones counted half."""
    side: str | None
    """The side that first held most of the places whose fall is reported."""
    favour: Array
    """[campaign]: how late places of that side fell, as a mean rank; 0.5 is the middle."""

    @property
    def distance(self) -> Array:
        """[campaign]: how far its outcomes lie from the middle of all, as a mean over outcomes, 0 to 0.5."""
        return np.asarray(np.abs(self.ranks - 0.5).mean(axis=1))

    def more_ordinary(self, k: int) -> float:
        """Share of the other campaigns that lie closer to the middle than campaign k."""
        return float((self.distance < self.distance[k]).sum() / max(1, len(self.distance) - 1))

    def better(self, k: int) -> float:
        """Share of the other campaigns that went better for the side than campaign k."""
        return float((self.favour > self.favour[k]).sum() / max(1, len(self.favour) - 1))

    @property
    def ordinary(self) -> int:
        """The campaign closest to the middle."""
        return int(self.distance.argmin())

    @property
    def best(self) -> int:
        return int(self.favour.argmax())

    @property
    def worst(self) -> int:
        return int(self.favour.argmin())


def standing(results: Results) -> Standing | None:
    """How the campaigns of an ensemble compare; None if it reports nothing in which two of them differ."""
    runs = results.runs.drop(columns="replicate").astype(float)
    kinds = {row["name"]: row["kind"] for row in results.manifest["outcomes"]}
    runs = runs.dropna(axis="columns", how="all")
    for name in runs.columns:
        runs[name] = runs[name].fillna(np.inf if kinds[name] == TIME else runs[name].mean())
    runs = runs.loc[:, runs.nunique() > 1]
    if len(runs) < 2 or runs.shape[1] == 0:
        return None
    ranks = np.column_stack([_ranks(runs[name]) for name in runs.columns])
    side, favour = _favour(results, runs, ranks)
    return Standing(list(runs.columns), runs.to_numpy(), ranks, side, favour)


def _ranks(values: pd.Series) -> Array:
    """Share of the others that are lower, equal ones counted half."""
    place = values.rank(method="average").to_numpy(dtype=float)
    return np.asarray((place - 1) / (len(place) - 1))


def _favour(results: Results, runs: pd.DataFrame, ranks: Array) -> tuple[str | None, Array]:
    """The side whose places are reported most, and how late they fall."""
    places = results.scenario.places
    falls = {
        i: places[place].control
        for i, name in enumerate(runs.columns)
        if name.endswith(".fall_day") and (place := name.removesuffix(".fall_day")) in places
    }
    if not falls:
        return None, np.full(len(runs), 0.5)
    side = Counter(falls.values()).most_common(1)[0][0]
    own = [i for i, holder in falls.items() if holder == side]
    return side, np.asarray(ranks[:, own].mean(axis=1))


def compared(results: Results, standing: Standing, k: int) -> list[list[str]]:
    """A row for each outcome in words: what it is, what it came to in campaign k, the middle of all, and how k lies."""
    kinds = {row["name"]: row["kind"] for row in results.manifest["outcomes"]}
    rows = []
    for i, name in enumerate(standing.columns):
        kind, value, every = kinds[name], standing.values[k, i], standing.values[:, i]
        middle = float(np.quantile(every, 0.5, method="inverted_cdf"))
        said = outcome_in_words(results.scenario, name)
        rows.append([said, _value(kind, value), _value(kind, middle), _among(kind, value, every)])
    return rows


def _value(kind: str, value: float) -> str:
    if kind == PROBABILITY:
        return "yes" if value >= 0.5 else "no"
    if np.isinf(value):
        return "never"
    return f"day {value:.2f}".rstrip("0").rstrip(".") if kind == TIME else f"{float(f'{value:.3g}'):,g}"


def _among(kind: str, value: float, every: Array) -> str:
    """How a value lies among those of all campaigns."""
    less, more = float((every < value).mean()), float((every > value).mean())
    if kind == PROBABILITY or np.isinf(value):
        return f"as in {frequency(1 - less - more, '')}".strip()
    low, high = ("earlier", "later") if kind == TIME else ("less", "more")
    return (
        f"{high} than in {frequency(less, '')}".strip()
        if less >= more
        else f"{low} than in {frequency(more, '')}".strip()
    )
