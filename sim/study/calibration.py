"""What a calibration found: what was ruled out, what was learnt, and what the evidence cannot tell."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.ensemble.posterior import WEIGHT
from sim.scenario.file_paths import absolute
from sim.scenario.messages import escaped
from sim.statistics.implausibility import implausibility
from sim.statistics.particles import worth
from sim.study.calibration_file import file_calibration, read_calibration, records
from sim.study.history_matching import Estimates, Match
from sim.study.learnt import CERTAIN, DUMMIES, LEAST_MOVE, learnt, least_move, ties
from sim.study.observations import Observation, to_json
from sim.study.wide import WideSpace

if TYPE_CHECKING:
    from sim.plots.study import CalibrationPlot

Array = NDArray[np.float64]
FEW_DRAWS = 100
CONFIRMED = 0.8
"""Share of the draws that must meet all targets when they are run, or the headline says that they do not."""


@dataclasses.dataclass(frozen=True)
class Calibration:
    """What of the inputs' ranges agrees with a scenario's targets.

    - `left`: the share of the space that is left; `headline`: what was found, as sentences
    - `targets`: a row per statistic that a target asks for: the range `low` to `high` in which it should lie, the
      standard deviation `sd` of its stated errors, `first` and `last` (5 % and 95 % quantile of the statistic over the
      space), `chance` (standard deviation of it at one point), `explained` (share of its variance that the emulator
      explains in points left out) and `ruled_out` (share of the space that it alone rules out), both in the first wave,
      and `met`: the share of points drawn from what is left at which it was met when they were run
    - `waves`: a row per wave: points, campaigns, `kept` (share of what was left before), `left`, and `predicted`: the
      share of its results that lay in the 95 % intervals of the emulators before it
    - `inputs`: a row per input or group of inputs, the most that was learnt first; see `sim.study.learnt.learnt`
    - `ties`: pairs of inputs that the evidence ties together, with their rank correlation
    - `posterior`: weighted draws of the inputs from what is left; `worth`: so many equally weighted ones
    """

    scenario: str
    seed: int
    replicates: int
    left: float
    headline: tuple[str, ...]
    targets: pd.DataFrame
    waves: pd.DataFrame
    inputs: pd.DataFrame
    ties: pd.DataFrame
    posterior: pd.DataFrame
    worth: float
    notes: tuple[str, ...]
    cutoff: float
    path: Path | None
    survey: pd.DataFrame = dataclasses.field(repr=False)
    """A uniform sample of the space: places in the ranges, and whether they are `left`."""
    draws: pd.DataFrame = dataclasses.field(repr=False)
    """The posterior as places in the ranges, with their weights."""

    @property
    def plot(self) -> CalibrationPlot:
        """The figure of this calibration: `calibration.plot.ruled_out()`."""
        from sim.plots.study import CalibrationPlot

        return CalibrationPlot(self)

    def to_json(self) -> dict[str, Any]:
        """The calibration as one plain object."""
        named = ("scenario", "seed", "replicates", "left", "worth", "cutoff")
        tables = {name: records(getattr(self, name).reset_index()) for name in ("targets", "inputs")}
        rows = {name: records(getattr(self, name)) for name in ("waves", "ties")}
        where = None if self.path is None else str(self.path)
        said = {"headline": list(self.headline), "notes": list(self.notes), "results_dir": where}
        return {name: getattr(self, name) for name in named} | said | tables | rows

    @classmethod
    def open(cls, folder: str | Path) -> Calibration:
        """The calibration that a folder holds."""
        return cls(**read_calibration(absolute(folder)))

    def save(self, folder: Path, manifest: Mapping[str, Any]) -> Calibration:
        """File the posterior, the summary and the samples; returns the calibration with its folder.

        `manifest`: what the folder says of how it was made, besides the scenario, the seed and the campaigns.
        """
        filed = dataclasses.replace(self, path=folder)
        points = int(self.waves["points"].sum())
        said = {"scenario": self.scenario, "seed": self.seed, "replicates": self.replicates, "points": points}
        file_calibration(folder, filed.to_json(), vars(self), {**said, **manifest})
        return filed

    def __repr__(self) -> str:
        shown = self.inputs.head(12).to_string(float_format="{:.3g}".format)
        return "\n".join([*self.headline, shown, *self.notes])

    def _repr_html_(self) -> str:
        heads = "".join(f"<p><b>{escaped(line)}</b></p>" for line in self.headline)
        notes = "".join(f"<li>{escaped(note)}</li>" for note in self.notes)
        return f"{heads}{self.inputs.head(20).to_html(float_format='{:.3g}'.format)}<ul>{notes}</ul>"


def calibration_of(
    scenario: str,
    seed: int,
    replicates: int,
    space: WideSpace,
    observations: Sequence[Observation],
    match: Match,
    check: Estimates | None,
    notes: Sequence[str],
) -> Calibration:
    """All that can be said of a match, whose last DUMMIES inputs have no effect.

    check: the statistics at points drawn from what is left.
    """
    names = space.names
    real = len(names)
    match = dataclasses.replace(match, survey=match.survey[:, :real])
    sample, dummies = match.sample[:, :real], match.sample[:, real:]
    least = least_move(dummies, match.weights) if len(sample) else np.nan
    ends = space.shown(np.array([np.zeros(len(names)), np.ones(len(names))]))
    some = len(sample) > 0
    if some:
        inputs = learnt(names, sample, match.weights, space.shown(sample), ends, least)
        tied = ties(names, sample, match.weights)
        posterior = pd.DataFrame(space.numbers(sample), columns=list(space.inputs))
    else:
        inputs = pd.DataFrame(
            {"low": ends.min(axis=0), "high": ends.max(axis=0)}, index=pd.Index(names, name="input")
        ).assign(p05=np.nan, median=np.nan, p95=np.nan, moved=np.nan, learnt=False)
        tied = pd.DataFrame(columns=["input", "other", "correlation"])
        posterior = pd.DataFrame(columns=list(space.inputs))
    targets, met = _targets(observations, match, check)
    effective = worth(match.weights) if some else 0.0
    return Calibration(
        scenario=scenario,
        seed=seed,
        replicates=replicates,
        left=match.left,
        headline=(*_headline(match, inputs, tied, observations), *_unconfirmed(met)),
        targets=targets,
        waves=_waves(match, replicates),
        inputs=inputs,
        ties=tied,
        posterior=posterior.assign(**{WEIGHT: match.weights}),
        worth=effective,
        notes=(*_notes(space, match, targets, met, effective, least), *notes),
        cutoff=match.cutoff,
        path=None,
        survey=pd.DataFrame(match.survey, columns=names).assign(left=match.surveyed),
        draws=pd.DataFrame(sample, columns=names).assign(**{WEIGHT: match.weights}),
    )


def _targets(
    observations: Sequence[Observation], match: Match, check: Estimates | None
) -> tuple[pd.DataFrame, tuple[int, int] | None]:
    """The table of targets, and at how many of the points of the check all of them were met."""
    first = match.waves[0]
    rows = []
    all_met: NDArray[np.bool_] | None = None
    for i, one in enumerate(observations):
        output, noise = first.estimates[i]
        known = output[np.isfinite(output)]
        emulator = first.emulators[i]
        share = np.nan
        if check is not None:
            found, chance = check[i]
            met = implausibility(np.nan_to_num(found), chance + one.sd**2, one.low, one.high)
            fits = (met <= match.cutoff) & np.isfinite(found)
            if np.isfinite(found).any():
                share = float(fits[np.isfinite(found)].mean())
                fits |= np.isnan(found)
                all_met = fits if all_met is None else all_met & fits
        rows.append(
            {
                **to_json(one),
                "first": np.quantile(known, 0.05) if len(known) else np.nan,
                "last": np.quantile(known, 0.95) if len(known) else np.nan,
                "chance": np.sqrt(noise),
                "explained": np.nan if emulator is None else emulator.explained,
                "ruled_out": first.alone[i],
                "nearest": match.nearest[i],
                "met": share,
            }
        )
    count = None if all_met is None else (int(all_met.sum()), len(all_met))
    return pd.DataFrame(rows).set_index("name"), count


def _waves(match: Match, replicates: int) -> pd.DataFrame:
    kept = np.array([wave.kept for wave in match.waves])
    points = np.array([len(wave.points) for wave in match.waves])
    return pd.DataFrame(
        {
            "wave": np.arange(1, len(kept) + 1), "points": points, "campaigns": points * replicates,
            "kept": kept, "left": np.cumprod(kept), "predicted": [wave.predicted for wave in match.waves],
        }
    )  # fmt: skip


def _headline(match: Match, inputs: pd.DataFrame, tied: pd.DataFrame, observations: Sequence[Observation]) -> list[str]:
    """What was ruled out and what was learnt, in this order, without a word more than that."""
    of = f"{len(inputs)} inputs" if len(inputs) != 1 else "the input"
    if match.left == 0.0:
        far = [one.name for one, least in zip(observations, match.nearest, strict=True) if least > match.cutoff]
        said = f"Everything was ruled out: no point of the space of {of} agrees with all targets."
        if far:
            return [said, f"Nowhere near what was observed: {', '.join(far)}."]
        return [said, "Each target alone can be met somewhere, but not all of them at the same point."]
    if match.left == 1.0:
        said = f"Nothing was ruled out: all of the space of {of} agrees with all targets."
    else:
        said = f"{_share(1.0 - match.left)} of the space of {of} was ruled out; {_share(match.left)} is left."
    known = [str(name) for name in inputs.index[inputs["learnt"]]]
    if not known and len(tied):
        pairs = "one pair is" if len(tied) == 1 else f"{len(tied)} pairs are"
        return [said, f"Nothing was learnt about any input by itself, but {pairs} tied to each other."]
    if not known:
        return [said, "Nothing was learnt about any input: what is left is spread over their ranges as before."]
    return [said, f"Something was learnt about {'' if len(inputs) == 1 else f'{len(known)} of '}{of}."]


def _unconfirmed(met: tuple[int, int] | None) -> list[str]:
    """That what is left does not do what the emulators say, if so: they have searched, but nothing is calibrated."""
    if met is None or met[0] >= CONFIRMED * met[1]:
        return []
    return [
        f"Not confirmed: only {met[0]} of {met[1]} points drawn from what is left met all targets when they were run."
        " More points or campaigns at each may help."
    ]


def _share(share: float) -> str:
    digits = 1 if share < 0.01 or share > 0.99 else 0
    return f"{100 * share:.{digits}f} %" if share >= 0.0005 else "less than 0.1 %"


def _notes(
    space: WideSpace,
    match: Match,
    targets: pd.DataFrame,
    met: tuple[int, int] | None,
    effective: float,
    least: float,
) -> list[str]:
    notes = []
    if least > LEAST_MOVE and match.left < 1.0:
        notes.append(
            f"An input counts as learnt if it moved by more than {least:.2f}: {DUMMIES} inputs without any effect, put"
            f" beside the others, moved by up to {least / CERTAIN:.2f}."
        )
    if met is not None:
        notes.append(
            f"Checked by simulation: {met[0]} of {met[1]} points drawn from what is left met all targets, within the"
            " stated errors and chance."
        )
    if len(space.groups) < len(space.inputs):
        notes.append(
            f"{len(space.inputs)} inputs were moved in {len(space.groups)} groups, all of a group to the same place"
            " of their ranges, from 0 to 1. The scenario draws each by itself, which hardly moves what they have in"
            " common."
        )
    weak = [str(name) for name, explained in targets["explained"].items() if explained < 0.5]
    if weak:
        notes.append(
            f"The emulators of {', '.join(weak)} explain less than half of what varies there: they rule out little."
            " More `points`, or more `replicates` at each, may help."
        )
    unused = [all(wave.emulators[i] is None for wave in match.waves) for i in range(len(targets))]
    undefined = [str(name) for name in targets.index[unused]]
    if undefined:
        notes.append(f"Not used, because hardly ever defined: {', '.join(undefined)}.")
    if 0.0 < effective < FEW_DRAWS:
        notes.append(f"The weighted draws are worth {effective:.0f} equal ones: what they say is coarse.")
    return notes
