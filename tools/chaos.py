"""`python -m tools.chaos`: whether more of the attacker is always better, and what an ensemble makes of it.

A side's strength is raised in fine steps under common random numbers. Models of combat in which commanders decide on
reinforcements need not be monotone (Dewar, Gillogly and Juncosa 1991): a little more force may lose what less had won.
The same campaigns are played by the commanders and, for contrast, under orders given once and for all.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from matplotlib.colors import ListedColormap
from numpy.typing import NDArray
from tqdm import tqdm

import sim
from sim.engine.record import RecordSpec
from sim.ensemble.blocks import run_blocks
from sim.kernel.cores import all_cores
from sim.outcomes.catalogue import QUANTITY, TIME, outcomes_of
from sim.plots import theme
from sim.plots.fall_times import percent
from sim.rules.rulebook import RULEBOOK
from sim.scenario.names import nearest
from sim.statistics.intervals import wilson
from sim.statistics.paired import of_shares
from sim.world.deploy import Deployment, deploy
from sim.world.tables import MARCH

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROOT = Path(__file__).parents[1]
ERRORS = 4.0
"""Standard errors of the paired difference from which a fall of the share is a reversal."""
SHOWN = 60
"""Campaigns in the plot of single ones."""
BY_HAND = 1
PALE = "#eceef1"

Won = NDArray[np.bool_]
"""[replicate, strength]: whether the attacker had what he wanted."""
Factors = NDArray[np.float64]


class Reversal(NamedTuple):
    """Where a larger force (column `more`) did worse than a smaller one: the change, its paired error."""

    less: int
    more: int
    change: float
    error: float

    @property
    def errors(self) -> float:
        """How many standard errors the share has fallen."""
        return -self.change / self.error if self.error > 0.0 else 0.0


def changes(won: Won) -> list[Reversal]:
    """From each strength to the next: the change of the share, with its error within pairs."""
    return [_change(won, j - 1, j) for j in range(1, won.shape[1])]


def shortfalls(won: Won) -> list[Reversal]:
    """Each strength against the smaller one that did best: what creeps down over many steps shows here."""
    shares = won.mean(axis=0)
    return [_change(won, int(shares[:j].argmax()), j) for j in range(1, won.shape[1])]


def _change(won: Won, less: int, more: int) -> Reversal:
    _, _, change, _, _, error, *_ = of_shares(won[:, less], won[:, more])
    return Reversal(less, more, change, error)


def reversals_of_each(won: Won) -> NDArray[np.int64]:
    """In each replicate, how often one step more of the attacker lost what the step before had won."""
    return (won[:, :-1] & ~won[:, 1:]).sum(axis=1)


def deployed(path: Path, side: str, place: str, factor: float, by_commanders: bool) -> Deployment:
    """The scenario with so many times a side's people; without commanders all of it marches on the place at once."""
    scale = {f"uncertainty.formations[side={side}].strength": {"uniform": [factor, factor], "applies": "factor"}}
    deployment = deploy(sim.load(path, set=scale), RULEBOOK)
    if by_commanders:
        return deployment
    cells, world = deployment.new_world()
    world.sides["commander"] = BY_HAND
    sent = (world.units["side"] == deployment.names.sides[side]) & (world.units["mobile"] == 1)
    sent &= world.units["passive"] == 0
    world.units["task"][sent], world.units["assault"][sent] = MARCH, 1
    world.units["target"][sent] = deployment.names.places[place]
    return dataclasses.replace(deployment, block=cells)


def scan(path: Path, side: str, outcome: str, factors: Factors, replicates: int, seed: int, by_commanders: bool) -> Won:
    """Whether the outcome came about, in each replicate and at each strength of the side."""
    columns = []
    for factor in tqdm(factors, desc="commanders" if by_commanders else "fixed orders", leave=False):
        deployment = deployed(path, side, outcome.split(".")[0], float(factor), by_commanders)
        asked = next(known for known in outcomes_of(deployment.loaded, [outcome]) if known.name == outcome)
        plan = RecordSpec(deployment, [asked])
        blocks = run_blocks(deployment, plan, seed, 0, replicates, 250, all_cores())
        columns.append(np.concatenate([plan.values(block.record, block.campaigns)[:, 0] for block in blocks]))
    values = np.array(columns).T
    return np.isfinite(values) if asked.kind == TIME else values > 0.0


def show(title: str, factors: Factors, won: Won) -> None:
    """The table: the share at each tenth strength, and every step and every shortfall that is a reversal."""
    shares, each = won.mean(axis=0), reversals_of_each(won)
    print(f"\n{title}")
    print("  strength  share of campaigns")
    for j in range(0, len(factors), max(1, len(factors) // 10)):
        print(f"  {factors[j]:7.1%}   {shares[j]:.3f}")
    print(f"  replicates with a reversal: {np.mean(each > 0):.1%}; reversals in a replicate: {each.mean():.2f} (mean)")
    for what, found in (("steps", changes(won)), ("strengths against the best smaller one", shortfalls(won))):
        beyond = [reversal for reversal in found if reversal.errors > ERRORS]
        print(f"  {what}: {len(beyond)} of {len(found)} reversed by more than {ERRORS:g} standard errors")
        for less, more, change, error in sorted(beyond, key=lambda reversal: reversal.change)[:5]:
            print(f"    {factors[less]:.1%} -> {factors[more]:.1%}: {change:+.3f} +- {error:.3f}")


def draw(factors: Factors, commanded: Won, fixed: Won, side: str, outcome: str, foot: str) -> theme.PlotFigure:
    """Single campaigns above, by strength, side by side with and without commanders; the ensembles' shares below."""
    percents = 100 * factors
    figure = theme.new_figure(8.2, 7.5)
    theme.write(figure, 0.18, 7.17, "More is not always better", theme.TITLE, weight="bold")
    meaning = f"Each row is one campaign's chance, played at every strength of {side}; coloured: {outcome}"
    theme.write(figure, 0.18, 6.96, meaning, theme.LABEL, color=theme.MUTED)
    shares = theme.chart(figure, 0.65, 0.75, 7.35, 2.3)
    for k, (name, won) in enumerate((("Commanders decide", commanded), ("Orders given once", fixed))):
        left, colour = 0.65 + 3.85 * k, theme.PALETTE[k]
        theme.write(figure, left, 6.67, name, theme.HEADING, weight="bold", color=colour)
        turned = percent(float(np.mean(reversals_of_each(won) > 0)))
        says = f"in {turned} of {len(won):,} campaigns one step more somewhere loses it"
        theme.write(figure, left, 6.5, says, theme.NOTE, color=theme.MUTED)
        _draw_campaigns(theme.chart(figure, left, 3.85, 3.5, 2.55), percents, won, colour)
        _draw_shares(shares, percents, won, colour)
    theme.write(figure, 0.65, 3.34, "The ensemble", theme.HEADING, weight="bold")
    down = sum(step.errors > ERRORS for won in (commanded, fixed) for step in changes(won))
    says = (
        f"share of campaigns, with 95 % intervals; steps down by more than {ERRORS:g} standard errors (black): {down}"
    )
    theme.write(figure, 0.65, 3.17, says, theme.NOTE, color=theme.MUTED)
    shares.set(xlim=(percents[0], percents[-1]), ylim=(0, 1))
    shares.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    label = f"people of {side}, % of what the scenario says"
    shares.set_xlabel(label, fontsize=theme.LABEL, color=theme.MUTED, family=theme.FONT)
    theme.write(figure, 0.18, 0.16, foot, theme.NOTE, color=theme.MUTED)
    return figure


def _draw_campaigns(axes: Axes, percents: NDArray[np.float64], won: Won, colour: str) -> None:
    rows = won[:SHOWN]
    rows = rows[np.argsort(rows.sum(axis=1), kind="stable")]
    edges = (percents[0], percents[-1], 0, len(rows))
    axes.imshow(rows, aspect="auto", interpolation="nearest", extent=edges, cmap=ListedColormap([PALE, colour]))
    axes.grid(False)
    axes.set_yticks([])


def _draw_shares(axes: Axes, percents: NDArray[np.float64], won: Won, colour: str) -> None:
    mean, bounds = won.mean(axis=0), wilson(won.sum(axis=0), len(won))
    axes.fill_between(percents, *bounds, color=colour, alpha=0.2, linewidth=0)
    axes.plot(percents, mean, color=colour, linewidth=1.5)
    for step in changes(won):
        if step.errors > ERRORS:
            at = [step.less, step.more]
            axes.plot(percents[at], mean[at], color=theme.INK, linewidth=2.6, marker="o", markersize=4)


def main(arguments: Sequence[str] | None = None) -> None:
    """Scans, prints the tables and draws the plot."""
    parser = argparse.ArgumentParser(prog="python -m tools.chaos", description=__doc__)
    parser.add_argument("--scenario", type=Path, default=ROOT / "scenarios" / "crossroads.yaml")
    parser.add_argument("--side", default="highlands", help="the attacker (default %(default)s)")
    outcome = "merrow_cross.held_by.highlands@day8"
    parser.add_argument("--outcome", default=outcome, help="what he wants of a place (default %(default)s)")
    parser.add_argument("--low", type=float, default=0.1, help="least strength, as a factor (default %(default)s)")
    parser.add_argument("--high", type=float, default=1.5, help="greatest strength (default %(default)s)")
    parser.add_argument("--points", type=int, default=141, help="strengths (default %(default)s)")
    parser.add_argument("-n", type=int, default=2000, help="campaigns at each (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the draws (default %(default)s)")
    parser.add_argument("--plot", type=Path, help="where it goes, such as docs/images/chaos.png (default: none)")
    said = parser.parse_args(arguments)
    if said.n < 2 or said.points < 2 or not 0 < said.low < said.high:
        parser.error("-n and --points should be 2 or more, and 0 < --low < --high")
    loaded = sim.load(said.scenario)
    wanted = next(known for known in outcomes_of(loaded, [said.outcome]) if known.name == said.outcome)
    if wanted.kind == QUANTITY:
        parser.error(f"{said.outcome} is an amount; --outcome should be something that happens or not")
    place = said.outcome.split(".")[0]
    for name, known, what in ((said.side, loaded.scenario.sides, "side"), (place, loaded.scenario.places, "place")):
        if name not in known:
            hint = nearest(name, known)
            parser.error(f"{said.scenario} has no {what} '{name}'" + (f"; did you mean {hint}?" if hint else ""))
    factors = np.linspace(said.low, said.high, said.points)
    commanded, fixed = (
        scan(said.scenario, said.side, said.outcome, factors, said.n, said.seed, by) for by in (True, False)
    )
    side, title = loaded.scenario.sides[said.side].name, loaded.scenario.title
    print(f"{title}: {said.outcome}, by the strength of {side}")
    print(f"{said.n:,} campaigns at each strength, seed {said.seed}, common random numbers")
    show("Commanders decide", factors, commanded)
    show("Orders given once: all march on the place, the defenders hold", factors, fixed)
    if said.plot:
        foot = f"{title}.  {said.n:,} replicates at each of {said.points} strengths, seed {said.seed}"
        print(f"\nwritten: {theme.save(draw(factors, commanded, fixed, side, said.outcome, foot), said.plot)}")


if __name__ == "__main__":
    try:
        main()
    except sim.ScenarioError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
