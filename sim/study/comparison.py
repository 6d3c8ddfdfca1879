"""What-ifs side by side: what each changes against the scenario as it is, how sure that is, and which change most."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.scenario.messages import escaped, printable
from sim.scenario.names import nearest
from sim.statistics.effects import Ranked, more_for, rank_effects
from sim.statistics.multiple import bonferroni_level, holm
from sim.study.pairs import Ensemble, Pair, pairs_of

if TYPE_CHECKING:
    from sim.plots.forest import ForestPlot

Array = NDArray[np.float64]
Key = tuple[str, str]
COLUMNS = (
    "variant", "outcome", "measure", "unit", "base", "value", "difference", "low", "high", "p", "certain", "defined",
    "more",
)  # fmt: skip


class Comparison:
    """Variants against the scenario as it is, under the same random numbers.

    `table`: a row per variant, outcome and measure. `low` and `high` bound the `difference`: all intervals of the table
    together hold at `level` (Bonferroni). `p` is corrected for the size of the table (Holm), `certain` says that it is
    at most 1 - level. `defined`: the share of campaigns that count. `more`: further campaigns after which the interval
    would exclude 0, if the difference is as estimated; 0 where it does, infinite where there is no difference.
    """

    def __init__(
        self,
        base: Ensemble,
        variants: Mapping[str, Ensemble],
        level: float = 0.95,
        only: Collection[str] | None = None,
    ) -> None:
        """`only`: the outcomes that are compared; all that the runs report if nothing is said."""
        self.level, self.names = level, list(variants)
        self.manifest = dict(base.manifest)
        pairs = {
            name: {(p.outcome, p.measure): p for p in pairs_of(base, other) if only is None or p.outcome in only}
            for name, other in variants.items()
        }
        self.table = _table(pairs, level)
        self._effects: dict[Key, Array] = {}
        for key in dict.fromkeys(key for found in pairs.values() for key in found):
            columns = [found[key].b - found[key].a if key in found else None for found in pairs.values()]
            empty = np.full(int(base.manifest["replicates"]), np.nan)
            self._effects[key] = np.column_stack([empty if column is None else column for column in columns])

    @property
    def replicates(self) -> int:
        return int(self.manifest["replicates"])

    @property
    def measures(self) -> list[Key]:
        """Outcomes with their measures."""
        return list(self._effects)

    def of(self, outcome: str, measure: str | None = None) -> pd.DataFrame:
        """The rows of one outcome, a row per variant; without `measure`, the first that the outcome has."""
        key = self._key(outcome, measure)
        rows = self.table[(self.table["outcome"] == key[0]) & (self.table["measure"] == key[1])]
        return rows.set_index("variant")

    def ranking(self, outcome: str, measure: str | None = None) -> Ranked:
        """Which variants change an outcome most, by their number in `names`."""
        certain = self.of(outcome, measure)["certain"].reindex(self.names, fill_value=False)
        return rank_effects(self._effects[self._key(outcome, measure)], certain.tolist(), self.level)

    def _key(self, outcome: str, measure: str | None) -> Key:
        known = {name: [m for other, m in self._effects if other == name] for name, _ in self._effects}
        if outcome not in known:
            near = nearest(outcome, known)
            hint = f"; did you mean {near}?" if near else f"; it has {', '.join(known)}"
            raise ValueError(f"the comparison has no outcome '{outcome}'{hint}")
        if measure is not None and measure not in known[outcome]:
            raise ValueError(f"the measures of {outcome} are {', '.join(known[outcome])}, not '{measure}'")
        return outcome, measure or known[outcome][0]

    @property
    def plot(self) -> ForestPlot:
        """The plot of this comparison: `comparison.plot.forest("hill.fall_day")`."""
        from sim.plots.forest import ForestPlot

        return ForestPlot(self)

    def to_json(self) -> dict[str, Any]:
        """The comparison as one plain object, as `sim compare --json` prints it."""
        table = self.table.replace([math.inf, -math.inf], np.nan).astype(object)
        rows = table.where(table.notna(), None).to_dict("records")
        rankings = []
        for outcome, measure in self.measures:
            found = self.ranking(outcome, measure)
            more = math.ceil(found.more) if math.isfinite(found.more) else None
            rankings.append(
                {
                    "outcome": outcome,
                    "measure": measure,
                    "tiers": [[self.names[i] for i in tier] for tier in found.tiers],
                    "no_effect_shown": [self.names[i] for i in found.none],
                    "more": more,
                    "in_words": found.in_words(self.names),
                }
            )
        said = {name: self.manifest[name] for name in ("scenario", "replicates", "seed")}
        return said | {"level": self.level, "variants": self.names, "differences": rows, "rankings": rankings}

    def __repr__(self) -> str:
        head = f"{len(self.names)} variants of {self.manifest['scenario']}, {self.replicates:,} campaigns each"
        words = [f"{o} ({m}): {self.ranking(o, m).in_words(self.names)}" for o, m in self.measures]
        return printable("\n".join([head, self.table.to_string(index=False, float_format="{:.4g}".format), *words]))

    def _repr_html_(self) -> str:
        words = "".join(
            f"<li><b>{escaped(o)}</b> ({m}): {escaped(self.ranking(o, m).in_words(self.names))}</li>"
            for o, m in self.measures
        )
        return f"{self.table.to_html(index=False, float_format='{:.4g}'.format)}<ul>{words}</ul>"


def _table(pairs: Mapping[str, Mapping[Key, Pair]], level: float) -> pd.DataFrame:
    """All differences, with intervals that hold together."""
    listed = [(name, pair) for name, found in pairs.items() for pair in found.values()]
    adjusted = holm([pair.p_value() for _, pair in listed])
    each = bonferroni_level(len(listed), level)
    rows = []
    for (name, pair), p in zip(listed, adjusted.tolist(), strict=True):
        base, value, difference, low, high, *_ = pair.difference(each)
        count = int(pair.defined.sum())
        shown = low > 0.0 or high < 0.0
        more = 0.0 if shown else more_for(count, (high - low) / 2, difference)
        share = count / max(1, len(pair.a))
        # Where few campaigns are defined, more of all are needed to see more of those.
        more = more / share if share > 0.0 else math.inf
        rows.append(
            (name, pair.outcome, pair.measure, pair.unit, base, value, difference, low, high, p, p <= 1.0 - level)
            + (share, math.ceil(more) if math.isfinite(more) else more)
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))
