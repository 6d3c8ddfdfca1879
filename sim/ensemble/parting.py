"""What sets the campaigns that went one way apart from the others: earlier events, and states with the day from which
they tell.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.engine.record import OF_A_SIDE
from sim.ensemble.again import again
from sim.ensemble.turning import TurningPoint, turning_points
from sim.outcomes.catalogue import QUANTITY, TIME
from sim.outcomes.values import defined, happened
from sim.scenario.messages import escaped
from sim.scenario.names import nearest
from sim.statistics.multiple import bonferroni_level
from sim.statistics.separation import separation

if TYPE_CHECKING:
    from sim.ensemble.results import Results

MOST = 2000
"""Campaigns that are played again for their states."""
MOST_DAYS = 32
FEWEST = 15
"""Campaigns of either kind that must be left on a day for the states of that day to count."""
TELLS = 0.65
"""The chance with which a state must be larger (or, below 1 - TELLS, smaller) where the outcome happens."""
SHOWN = 12
OF_SIDES = tuple(name for name in OF_A_SIDE if name != "deaths")


@dataclass(frozen=True)
class Turning:
    """What went before an outcome.

    `events`: reported events after which it was more, or less, frequent, the most telling first. `states`: a row for
    each quantity of a side, and each place by its first holder, that told. Columns: `from_day`, the first day from
    which on it told on every later day that counts; `chance` with `low` and `high`, on that day, that it is larger in a
    campaign in which the outcome still comes than in one in which it does not (of a place: 1 is held, 0 is lost);
    `mean_if` and `mean_else`, its means in both; and `last_chance`, on the last day that counts.
    """

    outcome: str
    share: float
    events: tuple[TurningPoint, ...]
    states: pd.DataFrame
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The same as plain data."""
        states = self.states.reset_index().to_dict("records")
        events = [asdict(point) for point in self.events]
        return {"outcome": self.outcome, "share": self.share, "events": events, "states": states, "notes": self.notes}

    def lines(self) -> list[str]:
        """In words."""
        said = [f"{self.outcome} happened in {self.share:.0%} of the campaigns.", "", "Events that went before it"]
        said += [
            f"  {point.event} by day {point.day:g}: {point.share_if:.0%} where it had come, {point.share_else:.0%}"
            f" where not ({100 * point.difference:+.0f} points, {100 * point.low:+.0f} to {100 * point.high:+.0f})"
            for point in self.events[:SHOWN]
        ] or ["  none of those that are reported"]
        said += ["", "States that set the campaigns apart, from the day on which they tell"]
        said += [
            f"  day {row['from_day']:<5g} {name:28} {row['mean_if']:>10.4g} where it came,"
            f" {row['mean_else']:>10.4g} where not; tells {100 * max(row['chance'], 1 - row['chance']):.0f} % of pairs"
            for name, row in self.states.head(SHOWN).iterrows()
        ] or ["  none"]
        more = len(self.states) - SHOWN
        return [*said, *([f"  ... ({more} more)"] if more > 0 else []), "", *self.notes]

    def __repr__(self) -> str:
        return "\n".join(self.lines())

    def _repr_html_(self) -> str:
        events = pd.DataFrame([asdict(point) for point in self.events]).head(SHOWN).to_html(index=False)
        states = self.states.head(SHOWN).to_html(float_format="{:.3g}".format)
        notes = "".join(f"<li>{escaped(note)}</li>" for note in self.notes)
        return f"<p><b>{escaped(self.outcome)}</b>: {self.share:.0%}</p>{events}{states}<ul>{notes}</ul>"


def turning(results: Results, outcome: str, most: int = MOST, chosen: NDArray[np.int64] | None = None) -> Turning:
    """What went before an outcome that happens or not. ValueError if it is none, or too rare to tell.

    `chosen`: the numbers of the campaigns that count; all if nothing is said.
    """
    kinds = {row["name"]: row["kind"] for row in results.manifest["outcomes"]}
    if kinds.get(outcome, QUANTITY) == QUANTITY:
        known = [name for name, kind in kinds.items() if kind != QUANTITY]
        near = nearest(outcome, known)
        hint = f"; did you mean {near}?" if near else f"; there are {', '.join(known)}"
        raise ValueError(f"these results do not report whether '{outcome}' happens{hint}")
    kind, values = kinds[outcome], results.values(outcome)
    values = values if chosen is None else values[chosen]
    came = happened(kind, values)[defined(kind, values)]
    if min(came.sum(), (~came).sum()) < FEWEST:
        raise ValueError(
            f"{outcome} happens in {came.sum():,} of {len(came):,} campaigns: to tell what sets them apart, it must"
            f" happen in at least {FEWEST} and not in at least {FEWEST}"
        )
    states, days, counted = _states(results, outcome, kind, most, chosen)
    told = f"States are those of {counted:,} campaigns on {len(days)} days, from day {days[0]:g} to day {days[-1]:g}"
    notes = (
        f"{told}; on each day only campaigns count in which it has not happened yet." if kind == TIME else f"{told}.",
        f"A state tells from the day on which the chance is at least {TELLS:g} that it is larger (or smaller) where the"
        " outcome comes, with an interval corrected for the number of states and days that leaves out 0.5.",
        "What tells need not be the cause: both may have come from something else.",
    )
    return Turning(outcome, float(came.mean()), tuple(turning_points(results, outcome, chosen)), states, notes)


def _states(
    results: Results, outcome: str, kind: str, most: int, chosen: NDArray[np.int64] | None
) -> tuple[pd.DataFrame, list[float], int]:
    """The states that tell, the days that count, and the number of campaigns."""
    last = float(results.days[-1])
    step = max(1.0, np.ceil(last / MOST_DAYS))
    days = [float(day) for day in np.arange(step, last + 1e-9, step)]
    scenario = results.scenario
    states = [f"{side}.{name}" for side in scenario.sides for name in OF_SIDES]
    states += [f"{place}.held_by.{said.control}" for place, said in scenario.places.items()]
    rerun = again(results, [outcome, *(f"{state}@day{day:g}" for day in days for state in states)], most, chosen)
    known = defined(kind, rerun.values(outcome))
    values = rerun.values(outcome)[known]
    came = happened(kind, values)
    table = np.array([[rerun.values(f"{state}@day{day:g}")[known] for state in states] for day in days])
    open_on = [(~came) | (values > day) if kind == TIME else np.ones(len(values), bool) for day in days]
    counts = [day for day, left in enumerate(open_on) if min((came & left).sum(), (~came & left).sum()) >= FEWEST]
    found = [_of_day(table[day][:, open_on[day]].T, came[open_on[day]], len(states) * len(counts)) for day in counts]
    rows = []
    for i, state in enumerate(states):
        tells = [bool(day["tells"][i]) for day in found]
        if tells and tells[-1]:
            first = max((j + 1 for j, so in enumerate(tells) if not so), default=0)
            at = found[first]
            columns = ("chance", "low", "high", "mean_if", "mean_else")
            row = {name: float(at[name][i]) for name in columns}
            rows.append({"state": state, "from_day": days[counts[first]], **row, "last_chance": found[-1]["chance"][i]})
    shown = pd.DataFrame(rows, columns=["state", "from_day", *columns_of(rows)]).set_index("state")
    if len(shown):
        shown["_clear"] = -(shown["last_chance"] - 0.5).abs()
        shown = shown.sort_values(["from_day", "_clear"], kind="stable").drop(columns="_clear")
    return shown, [days[day] for day in counts], int(known.sum())


def columns_of(rows: list[dict[str, Any]]) -> list[str]:
    """The columns after the first two."""
    return list(rows[0])[2:] if rows else ["chance", "low", "high", "mean_if", "mean_else", "last_chance"]


def _of_day(values: NDArray[np.float64], came: NDArray[np.bool_], tests: int) -> dict[str, NDArray[Any]]:
    """How the states of one day [campaign, state] tell."""
    chance, low, high = separation(values, came, bonferroni_level(tests))
    tells = np.where(chance > 0.5, (chance >= TELLS) & (low > 0.5), (chance <= 1 - TELLS) & (high < 0.5))
    means = values[came].mean(axis=0), values[~came].mean(axis=0)
    return {"chance": chance, "low": low, "high": high, "mean_if": means[0], "mean_else": means[1], "tells": tells}
