"""In which futures a condition on the outcomes is met: a box of the inputs, found by PRIM, and told in words."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.ensemble.inputs import input_rows
from sim.outcomes.conditions import parse_condition
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.messages import escaped
from sim.scenario.names import nearest
from sim.statistics.intervals import wilson
from sim.statistics.prim import find_box
from sim.world.deploy import Deployment

Array = NDArray[np.float64]
FEWEST = 20
"""Campaigns in which a condition must be met, and in which it must not be, before a box is looked for."""
NOTHING_UNCERTAIN = "the scenario calls nothing uncertain: there are no inputs that could set its futures apart"


@dataclasses.dataclass(frozen=True)
class Discovery:
    """A box of the inputs in which a condition is met more often; all shares are of campaigns set aside to count them.

    `box`: a row per limited input, with `low` and `high` (infinite: no limit on that side), the least and the greatest
    number drawn, and the quasi-p-value `p`. `density`: the share of the box in which the condition is met; `base`: its
    share everywhere; `coverage`: the share of all cases that lie in the box; `mass`: the share of the campaigns in it.
    """

    condition: str
    box: pd.DataFrame
    density: float
    density_low: float
    density_high: float
    coverage: float
    mass: float
    base: float
    counted: int
    notes: tuple[str, ...]

    def in_words(self) -> list[str]:
        """What was found, as sentences."""
        said = [f"{self.condition}: in {self.base:.0%} of all campaigns."]
        if self.box.empty:
            return [*said, "No box of the inputs was found in which that is clearly more frequent.", *self.notes]
        interval = f"95 % interval {self.density_low:.0%} to {self.density_high:.0%}"
        said += [
            f"In {self.density:.0%} ({interval}) where {' and '.join(self.limits())}.",
            f"That box holds {self.mass:.0%} of the campaigns, and {self.coverage:.0%} of those that meet the"
            " condition.",
        ]
        return [*said, *self.notes]

    def limits(self) -> list[str]:
        """Each limit of the box as words."""
        said = []
        for name, row in self.box.iterrows():
            if np.isinf(row["low"]):
                said.append(f"{name} is at most {row['high']:.4g}")
            elif np.isinf(row["high"]):
                said.append(f"{name} is at least {row['low']:.4g}")
            else:
                said.append(f"{name} lies from {row['low']:.4g} to {row['high']:.4g}")
        return said

    def to_json(self) -> dict[str, Any]:
        """The box as one plain object; null where there is no limit."""
        rows = self.box.reset_index().astype(object)
        rows = rows.where(np.isfinite(self.box.reset_index(drop=True).reindex(columns=rows.columns).fillna(0.0)), None)
        shares = ("density", "density_low", "density_high", "coverage", "mass", "base", "counted")
        plain = {name: getattr(self, name) for name in shares}
        return {"condition": self.condition, "box": rows.to_dict("records"), **plain, "notes": list(self.notes)}

    def __repr__(self) -> str:
        table = [] if self.box.empty else [self.box.to_string(float_format="{:.4g}".format)]
        return "\n".join([*self.in_words(), *table])

    def _repr_html_(self) -> str:
        table = "" if self.box.empty else self.box.to_html(float_format="{:.4g}".format)
        return "".join(f"<p>{escaped(line)}</p>" for line in self.in_words()) + table


def require_possible(deployment: Deployment, campaigns: int) -> None:
    """ScenarioError if so many campaigns could say nothing, whatever they come to."""
    if campaigns < 2 * FEWEST:
        message = f"needs at least {2 * FEWEST}: {FEWEST} that meet the condition, and {FEWEST} that do not"
        raise ScenarioError([Problem(f"-n {campaigns}", 0, 0, "", message)])
    if not input_rows(deployment):
        raise ScenarioError([Problem("CONDITION", 0, 0, "", NOTHING_UNCERTAIN)])


def discover(
    condition: str,
    values: Mapping[str, Array],
    kinds: Mapping[str, str],
    inputs: pd.DataFrame,
    replicates: int = 1,
    seed: int = 1,
) -> Discovery:
    """The box of `inputs` (a row per campaign) in which a condition on the outcomes is met most often.

    values, kinds: the outcomes by name; `replicates`: campaigns in a row that share their inputs. ValueError if the
    condition is none, names an outcome that there is not, or is met in too few campaigns or too many.
    """
    if not len(inputs.columns):
        raise ValueError(NOTHING_UNCERTAIN)
    parsed = parse_condition(condition)
    for name in parsed.operands:
        if name not in values:
            near = nearest(name, values)
            hint = f"; did you mean {near}?" if near else f"; there are {', '.join(values)}"
            raise ValueError(f"the outcome '{name}' is not reported{hint}")
    met = parsed.met(values, kinds).reshape(-1, replicates)
    known = np.isfinite(met)
    cases = int((met == 1.0).sum())
    if min(cases, int(known.sum()) - cases) < FEWEST:
        raise ValueError(
            f"'{parsed.text}' is met in {cases:,} of {known.sum():,} campaigns; to look for what sets them apart,"
            f" it must be met in at least {FEWEST} and missed in at least {FEWEST}"
        )
    x = inputs.to_numpy(float)[::replicates]
    used = known.any(axis=1)
    box = find_box(x[used], np.where(known, met, 0.0).sum(axis=1)[used], known.sum(axis=1)[used].astype(float), seed)
    low, high = wilson(box.cases, box.inside)
    columns = box.limited if low > box.base else []
    table = pd.DataFrame(
        {
            "low": box.low[columns], "high": box.high[columns],
            "least": x[:, columns].min(axis=0), "greatest": x[:, columns].max(axis=0), "p": box.p[columns],
        },
        index=pd.Index(inputs.columns[columns], name="input"),
    ).sort_values("p", kind="stable")  # fmt: skip
    notes = [f"Counted in {box.trials:,} campaigns that the search did not see."]
    if known.size > known.sum():
        notes.append(f"The condition is defined in {known.mean():.0%} of the campaigns; the others are left out.")
    unsure = [str(name) for name, p in table["p"].items() if not p <= 0.05]
    if unsure:
        notes.append(f"In those campaigns the limit on {', '.join(unsure)} is not significant: it may be chance.")
    density = (box.density, float(low), float(high))
    return Discovery(parsed.text, table, *density, box.coverage, box.mass, box.base, box.trials, tuple(notes))
