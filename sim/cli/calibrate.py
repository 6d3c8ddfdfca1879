"""`sim calibrate`: which inputs agree with a scenario's targets, and what the evidence cannot tell."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.console import WIDTH, number, percent, wrapped
from sim.cli.cost import FEWER_POINTS, cost_of_calibration, ends_with_cost
from sim.cli.messages import clear_messages, results_errors, show, show_json
from sim.cli.options import (
    AsJson,
    Cluster,
    DryRun,
    Each,
    Folder,
    Jobs,
    Quiet,
    Resume,
    ScenarioFile,
    Seed,
    Settings,
    Variant,
    VaryInputs,
    Yes,
    campaigns_of,
    plotted,
    points_of,
    whole_number,
)
from sim.cli.pictures import draw

if TYPE_CHECKING:
    from sim.study.calibration import Calibration

SHOWN = 12
"""Inputs of which something was learnt, and ties, that the terminal shows."""


def calibrate(
    scenario: ScenarioFile,
    waves: Annotated[
        int, typer.Option(parser=whole_number(1, 20), metavar="N", help="At most so many waves.", show_default="3")
    ] = 3,
    points: Annotated[int | None, points_of("Points of each wave.", "about 10 for each input, 64 to 512")] = None,
    replicates: Annotated[int, campaigns_of("Campaigns at each point.", "32")] = 32,
    vary: VaryInputs = None,
    each: Each = None,
    variants: Annotated[
        bool,
        typer.Option("--variants/--no-variants", help="Targets that compare with variants too, which are run besides."),
    ] = True,
    picture: Annotated[Path | None, plotted("what is left")] = None,
    seed: Seed = 1,
    jobs: Jobs = None,
    settings: Settings = None,
    variant: Variant = None,
    folder: Folder = Path("results"),
    cluster: Cluster = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    dry_run: DryRun = False,
    resume: Resume = True,
    yes: Yes = False,
) -> None:
    """Which inputs agree with the scenario's targets: waves rule out what does not; what is left can be run."""
    with clear_messages(), results_errors():
        from sim.engine.arguments import thread_count
        from sim.ensemble.pools import pool_of
        from sim.ensemble.spec import loaded_scenario
        from sim.scenario.settings import parse_settings
        from sim.study.calibrate import run_calibration, specify_calibration
        from sim.study.sensitivity import read_vary_inputs

        loaded = loaded_scenario(scenario, variant, parse_settings(settings or ()))
        varied = read_vary_inputs(vary) if vary else None
        spec = specify_calibration(loaded, points, replicates, waves, varied, each, seed, variants)
        if ends_with_cost(spec.campaigns, lambda: cost_of_calibration(spec, jobs), dry_run, yes, FEWER_POINTS):
            return
        where = pool_of(cluster)
        found = run_calibration(spec, thread_count(jobs), folder, False if quiet else None, resume, where)
        if as_json:
            show_json(found.to_json())
        else:
            show(answer(found, loaded.scenario.title, str(scenario)))
        draw(lambda: found.plot.ruled_out(), picture)


def answer(found: Calibration, title: str, scenario: str) -> Iterator[str]:
    """What was found, first in a sentence, then in tables."""
    yield " ".join(title.split())
    count = len(found.waves)
    campaigns = f"{int(found.waves['campaigns'].sum()):,} campaigns in {count} wave{'s' if count != 1 else ''}"
    yield f"{campaigns}, seed {found.seed}"
    yield ""
    for line in found.headline:
        yield from wrapped(line)
    yield ""
    yield f"{'Wave':<6}{'points':>8}{'campaigns':>11}{'kept':>9}{'left':>9}{'predicted':>11}"
    for row in found.waves.to_dict("records"):
        predicted = "" if math.isnan(row["predicted"]) else percent(row["predicted"])
        cells = f"{row['points']:>8,}{row['campaigns']:>11,}{percent(row['kept']):>9}{percent(row['left']):>9}"
        yield f"{row['wave']:<6}{cells}{predicted:>11}".rstrip()
    yield ""
    yield from _targets(found)
    yield ""
    yield from _learnt(found)
    yield from _ties(found)
    for note in found.notes:
        yield from wrapped(note, "  ")
    yield ""
    if found.path is not None:
        yield f"Results: {found.path}"
        if len(found.posterior):
            rows = f"{len(found.posterior):,} weighted draws, worth {found.worth:,.0f}"
            yield f"What is left can be run ({rows}):"
            yield f"sim run {scenario} --posterior {found.path / 'posterior.parquet'}"


def _targets(found: Calibration) -> Iterator[str]:
    """Each target: what it asks, what the space of the inputs gives, and what it rules out alone."""
    yield f"{'Target':<16}{'wanted':>20}{'over the space':>20}{'explained':>11}{'rules out':>11}"
    for name, row in found.targets.iterrows():
        shares = row["unit"] == "share"
        wanted = _range(row["low"], row["high"], shares)
        given = _range(row["first"], row["last"], shares)
        explained = "-" if math.isnan(row["explained"]) else percent(row["explained"])
        yield f"{str(name)[:15]:<16}{wanted:>20}{given:>20}{explained:>11}{percent(row['ruled_out']):>11}"


def _range(low: float, high: float, shares: bool) -> str:
    if math.isnan(low):
        return "-"
    if shares:
        return f"{percent(low).removesuffix(' %')} - {percent(high)}"
    return f"{number(low)} - {number(high)}"


def _learnt(found: Calibration) -> Iterator[str]:
    """The inputs of which something was learnt, and the names of the others."""
    known = found.inputs[found.inputs["learnt"]]
    if len(known):
        yield f"{'What was learnt':<32}{'range':>16}{'5 %':>8}{'median':>8}{'95 %':>8}{'moved':>8}"
        for name, row in known.head(SHOWN).iterrows():
            shown = str(name)
            if len(shown) >= 32:
                yield shown
                shown = ""
            cells = "".join(f"{number(row[column]):>8}" for column in ("p05", "median", "p95", "moved"))
            yield f"{shown:<32}{_range(row['low'], row['high'], False):>16}{cells}"
        if len(known) > SHOWN:
            yield f"... ({len(known) - SHOWN} more in calibration.json)"
        yield ""
    others = [str(name) for name in found.inputs.index[~found.inputs["learnt"]]]
    if others and found.left > 0.0:
        named = ", ".join(others[:6]) + (f" and {len(others) - 6} more" if len(others) > 6 else "")
        yield from wrapped(f"Nothing was learnt about {named}.", "  ")
        yield ""


def _ties(found: Calibration) -> Iterator[str]:
    if found.ties.empty:
        return
    yield "What the evidence cannot tell apart (rank correlation)"
    for row in found.ties.head(SHOWN).to_dict("records"):
        how = "both higher or both lower" if row["correlation"] > 0 else "one higher if the other is lower"
        line = f"{row['correlation']:+.2f}  {row['input']} and {row['other']}: {how}"
        yield from ([line] if len(line) <= WIDTH else wrapped(line, " " * 7))
    yield ""
